//! Reads solc's command line.

use std::path::PathBuf;
use thiserror::Error;

/// Says what is wrong with a command line.
#[derive(Debug, Error, PartialEq, Eq)]
pub(crate) enum ArgError {
    #[error("unrecognised option '{0}'")]
    Unknown(String),
    #[error("the required argument for option '{0}' is missing")]
    NoValue(String),
    #[error("option '{0}' does not take any arguments")]
    Value(String),
    #[error("option '{0}' cannot be specified more than once")]
    Twice(String),
    #[error("option '{0}' is not supported by this compiler")]
    Unsupported(String),
    #[error("the argument ('{value}') for option '{option}' is invalid; {wanted}")]
    BadValue { option: String, value: String, wanted: &'static str },
    #[error("No input files given. If you wish to use the standard input please specify \"-\" explicitly.")]
    NoInput,
    #[error(
        "Too many input files for --standard-json. Please either specify a single file name or provide its content on standard input."
    )]
    ManyInputs,
    #[error("{0} cannot be used together with --standard-json; the request says it")]
    InRequest(String),
    #[error("--include-path option requires a non-empty base path.")]
    IncludeWithoutBase,
    #[error("Invalid remapping: \"{0}\".")]
    Remapping(String),
    #[error("\"{0}\" is no library address; write file:Name=0x and 40 hex digits")]
    Library(String),
}

/// Names what the command is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Mode {
    #[default]
    Compile,
    StandardJson,
    Version,
    Help,
    License,
}

/// Is a command line.
#[derive(Debug, Default)]
pub(crate) struct Args {
    pub(crate) mode: Mode,
    pub(crate) inputs: Vec<String>,
    pub(crate) remappings: Vec<String>,
    pub(crate) base_path: Option<PathBuf>,
    pub(crate) include_paths: Vec<PathBuf>,
    pub(crate) allow_paths: Vec<PathBuf>,
    /// Output options without dashes, as given.
    pub(crate) outputs: Vec<String>,
    pub(crate) combined: Option<Vec<String>>,
    pub(crate) output_dir: Option<PathBuf>,
    pub(crate) overwrite: bool,
    pub(crate) pretty: bool,
    pub(crate) error_codes: bool,
    pub(crate) settings: Settings,
}

/// Is what the command line says of compiling.
#[derive(Debug, Default)]
pub(crate) struct Settings {
    pub(crate) optimize: bool,
    pub(crate) runs: Option<u64>,
    pub(crate) via_ir: bool,
    pub(crate) evm_version: Option<String>,
    pub(crate) metadata_hash: Option<String>,
    pub(crate) no_cbor: bool,
    pub(crate) literal: bool,
    pub(crate) revert_strings: Option<String>,
    /// File, name and address.
    pub(crate) libraries: Vec<(String, String, String)>,
    pub(crate) stop_after: Option<String>,
}

/// Options that stand for an output.
pub(crate) const OUTPUTS: [&str; 17] = [
    "abi",
    "asm",
    "ast-compact-json",
    "bin",
    "bin-runtime",
    "devdoc",
    "gas",
    "hashes",
    "ir",
    "ir-optimized",
    "metadata",
    "opcodes",
    "srcmap",
    "srcmap-runtime",
    "storage-layout",
    "transient-storage-layout",
    "userdoc",
];

/// Options of solc for work that this compiler does not do.
const UNSUPPORTED: [&str; 14] = [
    "asm-json",
    "assemble",
    "debug-info",
    "eof-version",
    "ethdebug",
    "experimental-via-ir",
    "import-asm-json",
    "import-ast",
    "ir-ast-json",
    "ir-optimized-ast-json",
    "link",
    "lsp",
    "strict-assembly",
    "yul",
];

/// Reads a command line, without the program's name.
pub(crate) fn parse(words: &[String]) -> Result<Args, ArgError> {
    let mut args = Args::default();
    let mut words = words.iter().peekable();
    while let Some(word) = words.next() {
        let Some((name, value)) = option(word) else {
            args.input(word)?;
            continue;
        };
        if args.switch(name) {
            match value {
                None => continue,
                Some(_) => return Err(ArgError::Value(format!("--{name}"))),
            }
        }
        let value = || value.map(str::to_owned).or_else(|| words.next().cloned());
        args.option(name, value)?;
    }
    args.check()?;
    Ok(args)
}

/// Splits `--name=value`; short options get their long names.
fn option(word: &str) -> Option<(&str, Option<&str>)> {
    match word {
        "-o" => return Some(("output-dir", None)),
        "-i" => return Some(("include-path", None)),
        "-h" => return Some(("help", None)),
        _ => {}
    }
    let name = word.strip_prefix("--").filter(|name| !name.is_empty())?;
    Some(name.split_once('=').map_or((name, None), |(name, value)| (name, Some(value))))
}

impl Args {
    fn input(&mut self, word: &str) -> Result<(), ArgError> {
        if word.len() > 1 && word.starts_with('-') {
            return Err(ArgError::Unknown(word.to_owned()));
        }
        if word.contains('=') {
            let _: fusor_compiler::imports::Remapping =
                word.parse().map_err(|_| ArgError::Remapping(word.to_owned()))?;
            self.remappings.push(word.to_owned());
        } else if !self.inputs.iter().any(|input| input == word) {
            self.inputs.push(word.to_owned());
        }
        Ok(())
    }

    /// Takes an option without a value; false when it is none.
    fn switch(&mut self, name: &str) -> bool {
        match name {
            "version" => self.mode = Mode::Version,
            "help" => self.mode = Mode::Help,
            "license" => self.mode = Mode::License,
            "standard-json" => self.mode = Mode::StandardJson,
            "overwrite" => self.overwrite = true,
            "pretty-json" => self.pretty = true,
            "error-codes" => self.error_codes = true,
            "optimize" => self.settings.optimize = true,
            "via-ir" => self.settings.via_ir = true,
            "no-cbor-metadata" => self.settings.no_cbor = true,
            "metadata-literal" => self.settings.literal = true,
            // What they ask for is always so.
            "color" | "no-color" | "no-import-callback" | "ignore-missing" | "error-recovery"
            | "optimize-yul" => {}
            output if OUTPUTS.contains(&output) => self.outputs.push(output.to_owned()),
            _ => return false,
        }
        true
    }

    fn option(&mut self, name: &str, value: impl FnOnce() -> Option<String>) -> Result<(), ArgError> {
        let full = format!("--{name}");
        if UNSUPPORTED.contains(&name) || name.starts_with("model-checker-") || name.starts_with("yul-") {
            return Err(ArgError::Unsupported(full));
        }
        if !VALUED.contains(&name) {
            return Err(ArgError::Unknown(full));
        }
        let value = value().ok_or_else(|| ArgError::NoValue(full.clone()))?;
        let paths =
            |list: &str| list.split(',').filter(|p| !p.is_empty()).map(PathBuf::from).collect::<Vec<_>>();
        match name {
            "base-path" => once(&mut self.base_path, PathBuf::from(value), full)?,
            "include-path" => self.include_paths.push(PathBuf::from(value)),
            "allow-paths" => self.allow_paths.extend(paths(&value)),
            "output-dir" => once(&mut self.output_dir, PathBuf::from(value), full)?,
            "combined-json" => self.combined = Some(combined(&value)?),
            "json-indent" => self.pretty = number(&full, &value)? > 0,
            "optimize-runs" => self.settings.runs = Some(number(&full, &value)?),
            "evm-version" => once(&mut self.settings.evm_version, value, full)?,
            "metadata-hash" => {
                let value = choice(&full, value, &["ipfs", "none", "swarm"], "take ipfs, none or swarm")?;
                self.settings.metadata_hash = Some(value.replace("swarm", "bzzr1"));
            }
            "revert-strings" => {
                let known = ["default", "strip", "debug", "verboseDebug"];
                self.settings.revert_strings =
                    Some(choice(&full, value, &known, "take default, strip or debug")?);
            }
            "libraries" => self.settings.libraries.extend(libraries(&value)?),
            "stop-after" => {
                self.settings.stop_after = Some(choice(&full, value, &["parsing"], "take parsing")?);
            }
            _ => return Err(ArgError::Unknown(full)),
        }
        Ok(())
    }

    fn check(&self) -> Result<(), ArgError> {
        if !self.include_paths.is_empty() && self.base_path.as_ref().is_none_or(|p| p.as_os_str().is_empty())
        {
            return Err(ArgError::IncludeWithoutBase);
        }
        match self.mode {
            Mode::Compile if self.inputs.is_empty() => Err(ArgError::NoInput),
            Mode::StandardJson if self.inputs.len() > 1 => Err(ArgError::ManyInputs),
            Mode::StandardJson => {
                self.only_in_request().map_or(Ok(()), |what| Err(ArgError::InRequest(what)))
            }
            _ => Ok(()),
        }
    }

    /// Returns an option that only a request can give.
    fn only_in_request(&self) -> Option<String> {
        let s = &self.settings;
        let given = [
            (s.optimize, "--optimize"),
            (s.runs.is_some(), "--optimize-runs"),
            (s.via_ir, "--via-ir"),
            (s.evm_version.is_some(), "--evm-version"),
            (s.metadata_hash.is_some(), "--metadata-hash"),
            (s.no_cbor, "--no-cbor-metadata"),
            (s.literal, "--metadata-literal"),
            (s.revert_strings.is_some(), "--revert-strings"),
            (!s.libraries.is_empty(), "--libraries"),
            (s.stop_after.is_some(), "--stop-after"),
            (self.combined.is_some(), "--combined-json"),
            (self.output_dir.is_some(), "--output-dir"),
            (!self.remappings.is_empty(), "a remapping"),
        ];
        let output = self.outputs.first().map(|output| format!("--{output}"));
        given.iter().find(|(given, _)| *given).map(|(_, name)| (*name).to_owned()).or(output)
    }
}

/// Options with a value.
const VALUED: [&str; 12] = [
    "allow-paths",
    "base-path",
    "combined-json",
    "evm-version",
    "include-path",
    "json-indent",
    "libraries",
    "metadata-hash",
    "optimize-runs",
    "output-dir",
    "revert-strings",
    "stop-after",
];

fn once<T>(place: &mut Option<T>, value: T, option: String) -> Result<(), ArgError> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(ArgError::Twice(option)),
    }
}

fn number(option: &str, value: &str) -> Result<u64, ArgError> {
    let bad = |_| ArgError::BadValue { option: option.into(), value: value.into(), wanted: "write a number" };
    value.parse().map_err(bad)
}

fn choice(option: &str, value: String, known: &[&str], wanted: &'static str) -> Result<String, ArgError> {
    if known.contains(&value.as_str()) {
        return Ok(value);
    }
    Err(ArgError::BadValue { option: option.into(), value, wanted })
}

fn combined(list: &str) -> Result<Vec<String>, ArgError> {
    let known = |item: &str| super::print::COMBINED.iter().any(|(name, ..)| *name == item) || item == "ast";
    list.split(',')
        .map(|item| match known(item) {
            true => Ok(item.to_owned()),
            false => Err(ArgError::BadValue {
                option: "--combined-json".into(),
                value: item.into(),
                wanted: "it names no output",
            }),
        })
        .collect()
}

/// Reads `file:Name=address` pairs, separated by commas or spaces, or from a file of them.
fn libraries(value: &str) -> Result<Vec<(String, String, String)>, ArgError> {
    let from_file = std::path::Path::new(value).is_file();
    let text = if from_file {
        std::fs::read_to_string(value).map_err(|_| ArgError::Library(value.to_owned()))?
    } else {
        value.to_owned()
    };
    let items = text.split([',', ' ', '\n', '\t', '\r']).filter(|item| !item.is_empty());
    items.map(|item| library(item).ok_or_else(|| ArgError::Library(item.to_owned()))).collect()
}

/// Reads `file:Name=0x...`, or with `:` instead of `=`.
pub(crate) fn library(item: &str) -> Option<(String, String, String)> {
    let (name, address) = item.split_once('=').or_else(|| item.rsplit_once(':'))?;
    let (file, name) = name.rsplit_once(':')?;
    let hex = address.strip_prefix("0x")?;
    let fine = hex.len() == 40 && hex.bytes().all(|b| b.is_ascii_hexdigit()) && !name.is_empty();
    fine.then(|| (file.to_owned(), name.to_owned(), address.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Args, ArgError> {
        parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn options_come_in_all_forms() {
        let args =
            read("a.sol x=y --bin --base-path . -i inc --allow-paths=a,b -o out --optimize-runs 7").unwrap();
        assert_eq!((args.inputs.len(), args.remappings.len(), args.outputs.len()), (1, 1, 1));
        assert_eq!((args.allow_paths.len(), args.settings.runs), (2, Some(7)));
        assert_eq!(args.output_dir, Some("out".into()));
    }

    #[test]
    fn wrong_lines_are_refused() {
        for line in [
            "",
            "a.sol --fly",
            "a.sol -x",
            "a.sol --bin=1",
            "a.sol --base-path",
            "a.sol -i b",
            "a.sol =x",
            "a.sol --optimize-runs many",
            "a.sol --yul",
            "--standard-json a b",
            "--standard-json --optimize",
            "a.sol --libraries a:L=0x12",
            "a.sol --combined-json abi,fly",
            "a.sol --base-path a --base-path b",
        ] {
            assert!(read(line).is_err(), "{line}");
        }
        assert!(read("--standard-json --base-path . --allow-paths a").is_ok());
    }

    #[test]
    fn libraries_are_named_with_their_files() {
        let address = format!("0x{}", "1".repeat(40));
        let read = library(&format!("a/b.sol:L={address}")).unwrap();
        assert_eq!(read, ("a/b.sol".into(), "L".into(), address.clone()));
        assert_eq!(library(&format!("a.sol:L:{address}")).unwrap().1, "L");
        assert!(library(&format!("L={address}")).is_none());
    }
}
