//! Is the front end's door: files in, diagnostics and HIR out.

use crate::ast::{ImportKind, Item, SourceUnit};
use crate::desc;
use crate::diag::{Diagnostic, Diagnostics, Severity, codes};
use crate::evm_version::EvmVersion;
use crate::hir::Hir;
use crate::imports::{self, Remapping};
use crate::outputs::ast::{Options, Source, Trees, source_units};
use crate::outputs::metadata::{License, Metadata, Sources, license};
use crate::source::{FILE_SIZE_MAX, FileId, SourceMap, Span};
use crate::stack::with_big_stack;
use crate::{lexer, parse, sema, split, stray};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Gives the texts of source units. It never reaches a network.
pub trait FileProvider {
    /// Returns the source unit name that `path`, imported by `importer`, stands for.
    fn resolve(&self, importer: &str, path: &str) -> String {
        imports::resolve(importer, path, &[])
    }

    /// Reads a source unit; the error says why it cannot be read.
    fn read(&self, name: &str) -> Result<Vec<u8>, String>;
}

/// Serves files from memory.
impl FileProvider for BTreeMap<String, String> {
    fn read(&self, name: &str) -> Result<Vec<u8>, String> {
        self.get(name).map(|text| text.clone().into_bytes()).ok_or_else(|| "no such file".into())
    }
}

/// Serves embedded files first, then files below a folder.
#[derive(Clone)]
pub struct DiskProvider {
    /// Returns the text of an embedded file such as `fusor/Assets.sol`.
    pub embedded: fn(&str) -> Option<&'static str>,
    /// The folders that are searched in order.
    pub roots: Vec<PathBuf>,
    /// What replaces the beginnings of imported names.
    pub remappings: Vec<Remapping>,
}

impl FileProvider for DiskProvider {
    fn resolve(&self, importer: &str, path: &str) -> String {
        imports::resolve(importer, path, &self.remappings)
    }

    fn read(&self, name: &str) -> Result<Vec<u8>, String> {
        if let Some(text) = (self.embedded)(name) {
            return Ok(text.as_bytes().to_vec());
        }
        let mut reason = String::from("no folder to look in");
        for root in &self.roots {
            let path = root.join(name);
            match std::fs::metadata(&path) {
                Ok(meta) if meta.len() > FILE_SIZE_MAX as u64 => return Err("the file is too large".into()),
                Ok(meta) if !meta.is_file() => reason = "not a file".into(),
                Ok(_) => return std::fs::read(&path).map_err(|e| e.to_string()),
                Err(e) => reason = e.to_string(),
            }
        }
        Err(reason)
    }
}

/// Is one parsed file with its imports resolved.
#[derive(Clone)]
pub(crate) struct Unit {
    pub(crate) ast: SourceUnit,
    /// The file of each import item, in order; none where it could not be read.
    pub(crate) imports: Vec<Option<FileId>>,
}

/// Is one file as read, with its description sections.
struct Loaded {
    unit: Unit,
    sections: Vec<(lexer::Tokens, Span)>,
}

/// Checks a program: add files, then [`Compilation::check`].
pub struct Compilation<P> {
    provider: P,
    map: SourceMap,
    loaded: Vec<Loaded>,
    /// What reading and parsing found.
    found: Diagnostics,
    /// Imports that cannot be read; looked for again at each check.
    missing: Diagnostics,
    diagnostics: Diagnostics,
    hir: Option<Hir>,
    evm_version: EvmVersion,
}

impl<P: FileProvider> Compilation<P> {
    /// Starts an empty compilation.
    pub fn new(provider: P) -> Self {
        Self {
            provider,
            map: SourceMap::default(),
            loaded: Vec::new(),
            found: Diagnostics::default(),
            missing: Diagnostics::default(),
            diagnostics: Diagnostics::default(),
            hir: None,
            evm_version: EvmVersion::default(),
        }
    }

    /// Names the rules that the program is checked for.
    pub fn set_evm_version(&mut self, version: EvmVersion) {
        self.evm_version = version;
    }

    /// Adds a file whose text is at hand, for example an editor's buffer.
    pub fn add_text(&mut self, name: &str, text: &str) -> FileId {
        self.add(name, text.as_bytes().to_vec())
    }

    /// Adds a file by its source unit name; an unreadable one becomes a diagnostic of [`Compilation::check`].
    pub fn add_file(&mut self, name: &str) -> Option<FileId> {
        if let Some(id) = self.map.by_name(name) {
            return Some(id);
        }
        match self.provider.read(name) {
            Ok(bytes) => Some(self.add(name, bytes)),
            Err(reason) => {
                let id = self.add(name, Vec::new());
                let message = format!("`{name}` cannot be read: {reason}");
                self.found.push(Diagnostic::error(codes::IMPORT_NOT_FOUND, Span::new(id, 0, 0), message));
                None
            }
        }
    }

    fn add(&mut self, name: &str, bytes: Vec<u8>) -> FileId {
        let mut fault = None;
        let text = if bytes.len() > FILE_SIZE_MAX {
            let message = format!("{} bytes; the limit is {FILE_SIZE_MAX}", bytes.len());
            fault = Some((codes::FILE_TOO_LARGE, message));
            String::new()
        } else {
            String::from_utf8(bytes).unwrap_or_else(|e| {
                fault =
                    Some((codes::NOT_UTF8, format!("byte {} is not UTF-8", e.utf8_error().valid_up_to())));
                String::new()
            })
        };
        let id = self.map.add(name, text);
        if let Some((code, message)) = fault {
            self.found.push(Diagnostic::error(code, Span::new(id, 0, 0), message));
        }
        self.parse(id);
        id
    }

    fn parse(&mut self, id: FileId) {
        let Some(file) = self.map.file(id) else { return };
        let (name, text) = (file.name().to_owned(), file.shared_text());
        let (tokens, lexed) = lexer::lex(id, &text);
        let (parts, cut) = split::split(id, &text, &tokens);
        let (ast, parsed) = with_big_stack(|| parse::parse(id, &text, &parts.solidity));
        let lexed = lexed.into_iter().map(|fault| stray::placed(fault, &text, &tokens));
        let licence = if parsed.is_empty() { licence_fault(id, &text, &ast) } else { None };
        self.found.extend(lexed.chain(cut).chain(parsed).chain(licence));
        if !name.ends_with(".csc") {
            self.found.extend(parts.descriptions.iter().map(|(_, span)| refuse_description(*span, &name)));
        }
        let unit = Unit { ast, imports: Vec::new() };
        self.loaded.push(Loaded { unit, sections: parts.descriptions });
    }

    /// Reads every import that is not read yet.
    fn load_imports(&mut self) {
        let mut at = 0;
        while let Some(loaded) = self.loaded.get(at) {
            let wanted = wanted_imports(&loaded.unit.ast);
            let files = self.import_all(at, wanted);
            if let Some(loaded) = self.loaded.get_mut(at) {
                loaded.unit.imports = files;
            }
            at += 1;
        }
    }

    fn import_all(&mut self, at: usize, wanted: Vec<(String, Span)>) -> Vec<Option<FileId>> {
        let importer = self.map.file(at as FileId).map_or(String::new(), |f| f.name().to_owned());
        wanted.into_iter().map(|(path, span)| self.import(&importer, &path, span)).collect()
    }

    fn import(&mut self, importer: &str, path: &str, span: Span) -> Option<FileId> {
        let name = self.provider.resolve(importer, path);
        if let Some(id) = self.map.by_name(&name) {
            return Some(id);
        }
        match self.provider.read(&name) {
            Ok(bytes) => Some(self.add(&name, bytes)),
            Err(reason) => {
                let message = format!("`{name}` cannot be read: {reason}");
                self.missing.push(
                    Diagnostic::error(codes::IMPORT_NOT_FOUND.solc(6275), span, message)
                        .help("check the path, or add a remapping or include folder"),
                );
                None
            }
        }
    }

    /// Reads every import and returns what reading and parsing found, ordered by place, without checking further.
    pub fn load(&mut self) -> Diagnostics {
        self.missing = Diagnostics::default();
        self.load_imports();
        let mut found = self.found.clone();
        found.extend(self.missing.clone());
        found.sort();
        found
    }

    /// Checks everything added so far and returns what was found, ordered by place.
    pub fn check(&mut self) -> &Diagnostics {
        self.missing = Diagnostics::default();
        self.load_imports();
        let (units, outcome) = self.attach_descriptions();
        let records = outcome.records;
        let map = &self.map;
        let (diagnostics, hir) = with_big_stack(|| sema::check(&units, map, &records, self.evm_version));
        let mut diagnostics = self.speak_of_descriptions(diagnostics, &outcome.diagnostics);
        diagnostics.extend(outcome.diagnostics);
        diagnostics.extend(self.found.clone());
        diagnostics.extend(self.missing.clone());
        diagnostics.sort();
        if diagnostics.has_errors() {
            diagnostics.drop_warnings();
        }
        self.hir = (!diagnostics.has_errors()).then_some(hir);
        self.diagnostics = diagnostics;
        &self.diagnostics
    }

    /// Names what the checker finds in description sections as their reader knows it, and leaves out what the
    /// sections' own checks have said already.
    fn speak_of_descriptions(&self, found: Diagnostics, said: &[Diagnostic]) -> Diagnostics {
        let mut out = Diagnostics::default();
        for mut diagnostic in found {
            if said.iter().any(|d| d.span == diagnostic.span) {
                continue;
            }
            let sections = || self.loaded.iter().flat_map(|l| &l.sections).map(|(_, span)| span);
            let within = |s: &Span| {
                s.file == diagnostic.span.file
                    && s.start <= diagnostic.span.start
                    && diagnostic.span.end <= s.end
            };
            // The code that a section stands for is not the user's to mend.
            if diagnostic.severity == Severity::Warning && sections().any(within) {
                continue;
            }
            if diagnostic.code == codes::MUTABILITY_WRITE && sections().any(within) {
                diagnostic.code = codes::DESC_SIDE_EFFECT;
                diagnostic.message = "conditions and times of a description must not change state".into();
                diagnostic.help = Some("call a view function".into());
            }
            out.push(diagnostic);
        }
        out
    }

    /// Makes the trees that are checked: the files' own with the members that descriptions stand for.
    fn attach_descriptions(&mut self) -> (Vec<Unit>, desc::Outcome) {
        let mut units: Vec<Unit> = self.loaded.iter().map(|l| l.unit.clone()).collect();
        let outcome = {
            let mut described: Vec<desc::Unit<'_>> = units
                .iter_mut()
                .zip(&self.loaded)
                .enumerate()
                .map(|(i, (unit, loaded))| desc::Unit {
                    file: i as FileId,
                    text: self.map.file(i as FileId).map_or("", |f| f.text()),
                    imports: unit.imports.iter().copied().flatten().collect(),
                    unit: &mut unit.ast,
                    sections: &loaded.sections,
                })
                .collect();
            with_big_stack(|| desc::attach(&mut described))
        };
        if !outcome.needs.is_empty() {
            self.import_for_descriptions(&mut units);
        }
        (units, outcome)
    }

    /// Reads the files that the added members import.
    fn import_for_descriptions(&mut self, units: &mut Vec<Unit>) {
        for at in 0..units.len() {
            let Some(wanted) = units.get(at).map(|u| wanted_imports(&u.ast)) else { continue };
            let files = self.import_all(at, wanted);
            if let Some(unit) = units.get_mut(at) {
                unit.imports = files;
            }
        }
        let known = units.len();
        self.load_imports();
        units.extend(self.loaded.iter().skip(known).map(|l| l.unit.clone()));
    }

    /// Returns the program, once checked without an error.
    pub fn hir(&self) -> Option<&Hir> {
        self.hir.as_ref()
    }

    /// Returns what the last check found.
    pub fn diagnostics(&self) -> &Diagnostics {
        &self.diagnostics
    }

    /// Returns the texts, for rendering diagnostics.
    pub fn source_map(&self) -> &SourceMap {
        &self.map
    }

    /// Lists the files that each file imports.
    pub(crate) fn imported_files(&self) -> Vec<Vec<FileId>> {
        self.loaded.iter().map(|loaded| loaded.unit.imports.iter().copied().flatten().collect()).collect()
    }

    /// Describes every file for metadata.
    pub(crate) fn sources(&self, settings: &Metadata) -> Sources {
        let mut sources = Sources::default();
        for ((_, file), loaded) in self.map.iter().zip(&self.loaded) {
            let imports = loaded.unit.imports.iter().copied().flatten().collect();
            let license = license(file.text(), &item_spans(&loaded.unit.ast));
            sources.push((file.name(), file.text()), imports, &license, settings);
        }
        sources
    }

    /// Writes the syntax trees of all files as solc does, with types once the program is checked without an error.
    /// `index` gives each file the number that places name it by.
    pub fn json_trees(&self, evm_version: &str, index: &[u32]) -> Trees {
        let sources: Vec<Source<'_>> = self
            .loaded
            .iter()
            .zip(self.map.iter())
            .map(|(loaded, (_, file))| Source {
                name: file.name(),
                text: file.text(),
                ast: &loaded.unit.ast,
                imports: &loaded.unit.imports,
            })
            .collect();
        source_units(&sources, self.hir.as_ref(), &Options { evm_version, index: index.to_vec() })
    }

    /// Returns the syntax tree of a file.
    pub fn ast(&self, file: FileId) -> Option<&SourceUnit> {
        self.loaded.get(file as usize).map(|l| &l.unit.ast)
    }
}

fn item_spans(ast: &SourceUnit) -> Vec<Span> {
    ast.items.iter().map(Item::span).collect()
}

/// Finds licences that no tool could read: several in one file, or characters that no licence expression has.
fn licence_fault(file: FileId, text: &str, ast: &SourceUnit) -> Option<Diagnostic> {
    let (number, message, help) = match license(text, &item_spans(ast)) {
        License::None | License::One(_) => return None,
        License::Several => {
            (3716, "the file names several licences", "join them with `AND` or `OR` on one line")
        }
        License::Invalid => {
            (1114, "the file's licence is no SPDX expression", "write one such as `MIT` or `UNLICENSED`")
        }
    };
    Some(Diagnostic::error(codes::BAD_LICENCE.solc(number), Span::new(file, 0, 0), message).help(help))
}

fn wanted_imports(ast: &SourceUnit) -> Vec<(String, Span)> {
    let import = |item: &Item| match item {
        Item::Import(i) => Some((i.path.clone(), i.span)),
        _ => None,
    };
    ast.items.iter().filter_map(import).collect()
}

fn refuse_description(span: Span, name: &str) -> Diagnostic {
    let head = Span { end: span.start + "description".len() as u32, ..span };
    Diagnostic::error(codes::DESCRIPTION_OUTSIDE_CSC, head, format!("`{name}` is plain Solidity"))
        .help("name the file `.csc`")
}

/// Says which names an import brings, for tools.
pub fn imported_names(kind: &ImportKind) -> Vec<&str> {
    match kind {
        ImportKind::All => Vec::new(),
        ImportKind::Module(name) => vec![&name.name],
        ImportKind::Names(list) => list.iter().map(|(n, alias)| &*alias.as_ref().unwrap_or(n).name).collect(),
    }
}
