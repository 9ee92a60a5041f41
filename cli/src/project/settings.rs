//! Takes the settings that the compiler knows from a project file.

use super::remappings;
use super::toml::{Document, Located, Value};
use crate::error::{CliError, Outcome};
use fusor_compiler::{
    driver::{EvmVersion, Options},
    imports::Remapping,
    outputs::metadata::{BytecodeHash, Metadata},
};
use std::path::Path;

/// Holds what project files say; what an earlier file says counts more.
#[derive(Debug, Default)]
pub(super) struct Settings {
    pub(super) src: Option<String>,
    pub(super) out: Option<String>,
    pub(super) libs: Option<Vec<String>>,
    pub(super) remappings: Vec<Remapping>,
    pub(super) options: Options,
    /// The keys that a file has set.
    set: Vec<&'static str>,
}

/// Names the keys that are read, within their table.
const KEYS: [&str; 9] = [
    "src",
    "out",
    "libs",
    "remappings",
    "evm_version",
    "optimizer",
    "optimizer_runs",
    "bytecode_hash",
    "cbor_metadata",
];

/// Makes the error for a line of a file.
pub(super) fn wrong(path: &Path, line: usize, message: impl Into<String>) -> CliError {
    CliError::Project { path: path.to_path_buf(), line, message: message.into() }
}

impl Settings {
    /// Adds what a file says. `[profile.default]` counts, and in `fusor.toml` the top level too.
    pub(super) fn add(&mut self, path: &Path, document: &Document) -> Outcome {
        let top = path.ends_with("fusor.toml");
        for key in KEYS {
            let inner = document.get(&["profile", "default", key].map(str::to_owned)[..]);
            let outer = document.get(&[key.to_owned()][..]).filter(|_| top);
            let Some(found) = inner.or(outer) else { continue };
            let fresh = !self.set.contains(&key);
            // Remappings of both files count; of other keys the first.
            if fresh || key == "remappings" {
                self.set(key, found, path)?;
                self.set.push(key);
            }
        }
        Ok(())
    }

    fn set(&mut self, key: &'static str, found: &Located, path: &Path) -> Outcome {
        let at = At { key, found, path };
        match key {
            "src" => self.src = Some(at.folder()?),
            "out" => self.out = Some(at.folder()?),
            "libs" => self.libs = Some(at.texts()?.into_iter().map(|(_, text)| text).collect()),
            "remappings" => {
                for (line, text) in at.texts()? {
                    remappings::add_text(&mut self.remappings, path, line, &text)?;
                }
            }
            "evm_version" => {
                let version = EvmVersion::parse(&at.text()?.to_lowercase());
                self.options.evm_version = version.map_err(|error| at.wrong(error.to_string()))?;
            }
            "optimizer" => self.options.optimize = at.flag()?,
            "optimizer_runs" => self.options.runs = at.number()?,
            "bytecode_hash" => self.metadata().bytecode_hash = at.hash()?,
            _ => self.metadata().append_cbor = at.flag()?,
        }
        Ok(())
    }

    fn metadata(&mut self) -> &mut Metadata {
        self.options.metadata.get_or_insert_default()
    }
}

/// Is a value with its key and file, for what can be wrong with it.
struct At<'a> {
    key: &'static str,
    found: &'a Located,
    path: &'a Path,
}

impl At<'_> {
    fn wrong(&self, message: impl AsRef<str>) -> CliError {
        wrong(self.path, self.found.line, format!("`{}`: {}", self.key, message.as_ref()))
    }

    fn text(&self) -> Outcome<String> {
        match &self.found.value {
            Value::Text(text) => Ok(text.clone()),
            _ => Err(self.wrong("write a string")),
        }
    }

    fn folder(&self) -> Outcome<String> {
        let text = self.text()?;
        if text.is_empty() { Err(self.wrong("name a folder")) } else { Ok(text) }
    }

    fn flag(&self) -> Outcome<bool> {
        match self.found.value {
            Value::Flag(flag) => Ok(flag),
            _ => Err(self.wrong("write true or false")),
        }
    }

    fn number(&self) -> Outcome<u32> {
        match self.found.value {
            Value::Number(number) => u32::try_from(number).ok(),
            _ => None,
        }
        .ok_or_else(|| self.wrong(format!("write a number from 0 to {}", u32::MAX)))
    }

    fn hash(&self) -> Outcome<BytecodeHash> {
        match self.text()?.as_str() {
            "ipfs" => Ok(BytecodeHash::Ipfs),
            "bzzr1" => Ok(BytecodeHash::Bzzr1),
            "none" => Ok(BytecodeHash::None),
            _ => Err(self.wrong("write \"ipfs\", \"bzzr1\" or \"none\"")),
        }
    }

    fn texts(&self) -> Outcome<Vec<(usize, String)>> {
        let Value::List(items) = &self.found.value else { return Err(self.wrong("write a list of strings")) };
        let text = |item: &Located| match &item.value {
            Value::Text(text) => Ok((item.line, text.clone())),
            _ => Err(wrong(self.path, item.line, format!("`{}`: write a list of strings", self.key))),
        };
        items.iter().map(text).collect()
    }
}
