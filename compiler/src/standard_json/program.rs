//! Compiles the sources of a request.

use super::Reader;
use super::contract;
use super::finding::Finding;
use super::request::{Origin, Request};
use crate::artifact::Artifact;
use crate::compilation::{Compilation, FileProvider};
use crate::diag::Diagnostics;
use crate::driver::{self, Options};
use crate::hir::{Contract, Hir};
use crate::imports::{self, Remapping};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Holds a request's sources; what else they import comes from the reader.
#[derive(Clone)]
pub(super) struct Sources<'a> {
    texts: BTreeMap<String, Vec<u8>>,
    remappings: &'a [Remapping],
    read: &'a Reader<'a>,
}

impl FileProvider for Sources<'_> {
    fn resolve(&self, importer: &str, path: &str) -> String {
        imports::resolve(importer, path, self.remappings)
    }

    fn read(&self, name: &str) -> Result<Vec<u8>, String> {
        self.texts.get(name).cloned().map_or_else(|| (self.read)(name), Ok)
    }
}

/// Is what compiling gave.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) findings: Vec<Finding>,
    pub(super) sources: Map<String, Value>,
    pub(super) contracts: Map<String, Value>,
}

impl Outcome {
    /// Writes the answer; what there is none of is left out, except sources.
    pub(super) fn into_json(self) -> Value {
        let mut answer = Map::new();
        answer.insert("sources".into(), Value::Object(self.sources));
        if !self.contracts.is_empty() {
            answer.insert("contracts".into(), Value::Object(self.contracts));
        }
        if !self.findings.is_empty() {
            answer.insert("errors".into(), self.findings.iter().map(Finding::to_json).collect());
        }
        Value::Object(answer)
    }
}

impl<'a> Sources<'a> {
    /// Gets the text of each source; one that cannot be read is a finding.
    pub(super) fn gather(request: &'a Request, read: &'a Reader<'a>) -> (Self, Vec<Finding>) {
        let mut findings = Vec::new();
        let mut texts = BTreeMap::new();
        for (name, origin) in &request.sources {
            match origin {
                Origin::Content(text) => {
                    texts.insert(name.clone(), text.clone().into_bytes());
                }
                Origin::Urls(urls) => match read_first(urls, read) {
                    Ok(bytes) => {
                        texts.insert(name.clone(), bytes);
                    }
                    Err(messages) => findings.extend(messages.iter().map(|m| Finding::general("IOError", m))),
                },
            }
        }
        (Self { texts, remappings: &request.settings.remappings, read }, findings)
    }

    /// Compiles as far as the request asks.
    pub(super) fn compile(self, request: &Request) -> Outcome {
        let (mut program, found) = self.load();
        program.set_evm_version(request.settings.options.evm_version);
        let found = if request.settings.parse_only { found } else { program.check().clone() };
        let map = program.source_map();
        let mut findings: Vec<Finding> = found.iter().map(|d| Finding::from_diagnostic(d, map)).collect();
        let mut contracts = Map::new();
        if let Some(hir) = program.hir() {
            let (artifacts, errors) = make(&program, hir, request);
            findings.extend(errors.iter().map(|d| Finding::from_diagnostic(d, map)));
            let large = driver::size_warnings(hir, &artifacts);
            findings.extend(large.iter().map(|d| Finding::from_diagnostic(d, map)));
            contracts = contract::all(artifacts, request);
        }
        let failed = findings.iter().any(Finding::is_error) && program.hir().is_none();
        let sources = if failed { Map::new() } else { source_list(&program, request) };
        Outcome { findings, sources, contracts }
    }

    /// Compiles a source in Yul.
    pub(super) fn compile_yul(self, request: &Request) -> Outcome {
        let mut texts = self.texts.into_iter();
        let (Some((name, bytes)), None) = (texts.next(), texts.next()) else {
            let message = "a request in Yul has exactly one source";
            return Outcome { findings: vec![Finding::general("JSONError", message)], ..Outcome::default() };
        };
        let Ok(text) = String::from_utf8(bytes) else {
            let message = format!("\"{name}\" is not UTF-8");
            return Outcome { findings: vec![Finding::general("IOError", &message)], ..Outcome::default() };
        };
        let program = driver::compile_yul(&name, &text, &request.settings.options);
        let map = &program.map;
        let findings = program.diagnostics.iter().map(|d| Finding::from_diagnostic(d, map)).collect();
        let mut sources = Map::new();
        sources.insert(name, json!({ "id": 0 }));
        let contracts = contract::all(program.artifact.into_iter().collect(), request);
        Outcome { findings, sources, contracts }
    }

    /// Reads and parses everything, numbering the files in the order of their names, as source maps and trees have it.
    fn load(mut self) -> (Compilation<Self>, Diagnostics) {
        let mut program = Compilation::new(self.clone());
        let names: Vec<String> = self.texts.keys().cloned().collect();
        names.iter().for_each(|name| {
            program.add_file(name);
        });
        let found = program.load();
        if program.source_map().iter().map(|(_, file)| file.name()).is_sorted() {
            return (program, found);
        }
        for (_, file) in program.source_map().iter() {
            self.texts.entry(file.name().to_owned()).or_insert_with(|| file.text().as_bytes().to_vec());
        }
        let mut program = Compilation::new(self.clone());
        self.texts.keys().for_each(|name| {
            program.add_file(name);
        });
        let found = program.load();
        (program, found)
    }
}

fn read_first(urls: &[String], read: &Reader<'_>) -> Result<Vec<u8>, Vec<String>> {
    let mut messages = Vec::new();
    for url in urls {
        match read(url) {
            Ok(bytes) => return Ok(bytes),
            Err(reason) => messages.push(format!("Cannot import url (\"{url}\"): {reason}")),
        }
    }
    if messages.is_empty() {
        messages.push("a source has an empty list of urls".into());
    }
    Err(messages)
}

/// Makes artifacts: with code where code is asked for, descriptions of the others. A contract without code because of
/// an error is described all the same.
fn make<P: FileProvider>(
    program: &Compilation<P>,
    hir: &Hir,
    request: &Request,
) -> (Vec<Artifact>, Diagnostics) {
    let selection = &request.selection;
    let (coded, others): (Vec<&Contract>, Vec<&Contract>) = hir
        .contracts
        .iter()
        .filter(|c| selection.wants_any(&c.file, &c.name))
        .partition(|c| selection.wants_code(&c.file, &c.name));
    let names_ir = |c: &&Contract| {
        selection.wants(&c.file, &c.name, "ir") || selection.wants(&c.file, &c.name, "irOptimized")
    };
    let names_metadata = |c: &&Contract| selection.wants(&c.file, &c.name, "metadata");
    let keep_ir = coded.iter().any(names_ir);
    let described = |list: &[&Contract], code: bool| {
        let only: Vec<String> = list.iter().map(|c| format!("{}:{}", c.file, c.name)).collect();
        if only.is_empty() {
            return Ok(Vec::new());
        }
        let mut options = Options { only, code, keep_ir, ..request.settings.options.clone() };
        options.metadata = options.metadata.filter(|_| code || list.iter().any(names_metadata));
        driver::compile_checked(program, &options)
    };
    let mut errors = Diagnostics::default();
    let mut artifacts = described(&coded, true).unwrap_or_else(|found| {
        errors.extend(found);
        described(&coded, false).unwrap_or_default()
    });
    match described(&others, false) {
        Ok(more) => artifacts.extend(more),
        Err(found) => errors.extend(found),
    }
    errors.sort();
    (artifacts, errors)
}

/// Lists the files with their numbers, and with their trees where these are asked for.
fn source_list<P: FileProvider>(program: &Compilation<P>, request: &Request) -> Map<String, Value> {
    let wants_tree = |name: &str| request.selection.wants(name, "", "ast");
    let files: Vec<_> = program.source_map().iter().map(|(id, file)| (id, file.name())).collect();
    let mut trees = Vec::new();
    if files.iter().any(|(_, name)| wants_tree(name)) {
        let numbers: Vec<u32> = files.iter().map(|(id, _)| *id).collect();
        trees = program.json_trees(request.settings.options.evm_version.name(), &numbers).units;
    }
    let mut trees = trees.into_iter();
    let mut list = Map::new();
    for (id, name) in files {
        let mut entry = json!({ "id": id });
        if let (Some(tree), Some(fields)) = (trees.next().filter(|_| wants_tree(name)), entry.as_object_mut())
        {
            fields.insert("ast".into(), tree);
        }
        list.insert(name.to_owned(), entry);
    }
    list
}
