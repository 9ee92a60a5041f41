//! Takes a checked program through lowering, optimiser and back end to artifacts.

mod limits;
mod yul;

use crate::abi::abi_json;
use crate::artifact::{Artifact, Code, ImmutableReference, LinkReference};
use crate::codegen::{self, Reference};
use crate::compilation::{Compilation, FileProvider};
use crate::diag::{Diagnostic, Diagnostics, Severity, codes};
pub use crate::evm_version::EvmVersion;
use crate::hir::{Contract, ContractId, ContractKind, Hir, InterfaceEntry};
use crate::ir::{self, Module};
use crate::layout::{storage_layout_json, transient_layout_json};
pub use crate::lower::RevertStrings;
use crate::lower::{self, LowerError, Lowered, Raised, lower_contract, module_name};
use crate::outputs::metadata::{self, Metadata, Sources};
use crate::outputs::natspec;
use crate::parallel;
pub use limits::size_warnings;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
pub use yul::{YulProgram, compile_yul};

/// Says how to compile.
#[derive(Debug, Clone)]
pub struct Options {
    /// True to run the optimiser.
    pub optimize: bool,
    /// The rules that the code is for.
    pub evm_version: EvmVersion,
    /// Only contracts with these names (`Name` or `file:Name`) are compiled; empty means all.
    pub only: Vec<String>,
    /// False to describe contracts without making their code.
    pub code: bool,
    /// True to refuse code above the limits of EIP-170 and EIP-3860.
    pub enforce_limits: bool,
    /// How many times each function is expected to run; weighs size against gas.
    pub runs: u32,
    /// What metadata says; without it there is none, and code ends without its hash.
    pub metadata: Option<Metadata>,
    /// Which texts reverts carry.
    pub revert_strings: RevertStrings,
    /// True to keep the IR's text in artifacts.
    pub keep_ir: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            optimize: true,
            evm_version: EvmVersion::default(),
            only: Vec::new(),
            code: true,
            enforce_limits: true,
            runs: 200,
            metadata: None,
            revert_strings: RevertStrings::default(),
            keep_ir: false,
        }
    }
}

impl Options {
    fn codegen(&self) -> codegen::Options {
        codegen::Options {
            optimize: self.optimize,
            enforce_limits: self.enforce_limits,
            runs: self.runs,
            clz: self.evm_version.has_clz(),
            push0: self.evm_version.has_push0(),
        }
    }

    fn lowering(&self) -> lower::Settings {
        lower::Settings { revert_strings: self.revert_strings, mcopy: self.evm_version.has_mcopy() }
    }
}

/// How much stack lowering may use; expressions nest as deep as the parser allows.
const STACK_BYTES: usize = 256 << 20;

/// Compiles every contract of a checked program.
///
/// # Errors
/// Returns each construct that is not supported yet, with its place; no artifact then.
pub fn compile_hir(hir: &Hir, options: &Options) -> Result<Vec<Artifact>, Diagnostics> {
    compile_with(hir, &Sources::default(), options)
}

/// Compiles every contract of a checked program; `sources` is what metadata says of its files.
fn compile_with(hir: &Hir, sources: &Sources, options: &Options) -> Result<Vec<Artifact>, Diagnostics> {
    let failed = |found: Vec<Diagnostic>| {
        let mut diagnostics = Diagnostics::default();
        diagnostics.extend(found);
        diagnostics.sort();
        diagnostics
    };
    if let Some(span) = hir.fixed_point.filter(|_| options.code) {
        let message = "no Solidity compiler makes code for fixed-point types yet";
        return Err(failed(vec![Diagnostic::error(codes::UNSUPPORTED.solc(1834), span, message)]));
    }
    let artifacts = on_big_stack(hir, sources, options).map_err(|errors| {
        failed(errors.into_iter().map(|e| Diagnostic::error(e.code, e.span, e.message)).collect())
    })?;
    let oversize = match options.enforce_limits {
        true => limits::findings(hir, &artifacts, Severity::Error),
        false => Vec::new(),
    };
    if oversize.is_empty() { Ok(artifacts) } else { Err(failed(oversize)) }
}

fn on_big_stack(hir: &Hir, sources: &Sources, options: &Options) -> Result<Vec<Artifact>, Vec<LowerError>> {
    std::thread::scope(|scope| {
        let work = std::thread::Builder::new()
            .stack_size(STACK_BYTES)
            .spawn_scoped(scope, || compile_here(hir, sources, options))
            .map_err(|e| vec![failure(format!("no thread for the compiler: {e}"), hir, None)])?;
        work.join()
            .unwrap_or_else(|_| Err(vec![failure("the compiler stopped unexpectedly".into(), hir, None)]))
    })
}

fn failure(message: String, hir: &Hir, contract: Option<ContractId>) -> LowerError {
    let span = contract.and_then(|id| hir.contracts.get(id.index())).map(|c| c.span).unwrap_or_default();
    LowerError { code: codes::NO_CODE, message, span }
}

fn compile_here(hir: &Hir, sources: &Sources, options: &Options) -> Result<Vec<Artifact>, Vec<LowerError>> {
    let wanted: Vec<ContractId> =
        (0..hir.contracts.len() as u32).map(ContractId).filter(|id| is_wanted(hir, *id, options)).collect();
    let mut lowered = lower_all(hir, &wanted, options.lowering())?;
    let texts = describe(hir, &wanted, &mut lowered, sources, options);
    let modules: Vec<Module> =
        lowered.values().flat_map(|l| [l.creation.clone(), l.runtime.clone()]).collect();
    // The limits are checked on the finished artifacts, which tell the functions that are large.
    let settings = codegen::Options { enforce_limits: false, ..options.codegen() };
    let mut compiler = codegen::Compiler::new(&modules, &settings);
    compiler.prepare(&modules, STACK_BYTES);
    let mut errors = Vec::new();
    let mut artifacts = Vec::new();
    for id in wanted {
        let output = match lowered.get(&id) {
            Some(l) if options.code => {
                let Some(creation) = modules.iter().find(|m| m.name == l.creation.name) else { continue };
                compiler.contract(creation).map(Some)
            }
            _ => Ok(None),
        };
        match output {
            Ok(output) => artifacts.extend(artifact(hir, id, output, lowered.get(&id), &texts, options)),
            Err(e) => errors.push(failure(e.to_string(), hir, Some(id))),
        }
    }
    if errors.is_empty() { Ok(artifacts) } else { Err(errors) }
}

fn is_wanted(hir: &Hir, id: ContractId, options: &Options) -> bool {
    let named = |c: &Contract, wanted: &str| match wanted.strip_suffix(&c.name) {
        Some(file) => file.is_empty() || file.strip_suffix(':') == Some(&c.file),
        None => false,
    };
    hir.contracts
        .get(id.index())
        .is_some_and(|c| options.only.is_empty() || options.only.iter().any(|wanted| named(c, wanted)))
}

fn is_deployable(contract: &Contract) -> bool {
    matches!(contract.kind, ContractKind::Contract | ContractKind::Library)
}

/// Lowers the wanted contracts and those whose code they contain.
fn lower_all(
    hir: &Hir,
    wanted: &[ContractId],
    settings: lower::Settings,
) -> Result<BTreeMap<ContractId, Lowered>, Vec<LowerError>> {
    let names: BTreeMap<String, ContractId> =
        (0..hir.contracts.len() as u32).map(ContractId).map(|id| (module_name(hir, id), id)).collect();
    let mut open: Vec<ContractId> = wanted.to_vec();
    let mut seen: BTreeSet<ContractId> = BTreeSet::new();
    let mut lowered = BTreeMap::new();
    let mut errors = Vec::new();
    loop {
        open.retain(|id| hir.contracts.get(id.index()).is_some_and(is_deployable) && seen.insert(*id));
        if open.is_empty() {
            break;
        }
        let results = parallel::map(&open, STACK_BYTES, |id| lower_contract(hir, *id, settings));
        for (id, result) in std::mem::take(&mut open).into_iter().zip(results) {
            match result {
                Ok(l) => {
                    let contained = l.objects.iter().map(|name| name.trim_end_matches(".runtime"));
                    open.extend(contained.filter_map(|name| names.get(name)));
                    lowered.insert(id, l);
                }
                Err(list) => errors.extend(list),
            }
        }
    }
    errors.sort_by(|a: &LowerError, b| (a.span, &a.message).cmp(&(b.span, &b.message)));
    errors.dedup();
    if errors.is_empty() { Ok(lowered) } else { Err(errors) }
}

/// Returns what the code of a contract raises; for abstract contracts as far as they are implemented.
fn raised(hir: &Hir, id: ContractId, lowered: Option<&Lowered>) -> Raised {
    match lowered {
        Some(l) => l.raised.clone(),
        None if hir.contracts.get(id.index()).is_some_and(|c| c.kind == ContractKind::Abstract) => {
            lower_contract(hir, id, lower::Settings { mcopy: true, ..lower::Settings::default() })
                .map_or_else(|_| Raised::default(), |l| l.raised)
        }
        None => Raised::default(),
    }
}

/// Is what is said of a contract beside its code.
#[derive(Debug, Default)]
struct Texts {
    abi: Value,
    userdoc: Value,
    devdoc: Value,
    metadata: String,
}

/// Describes contracts, those included whose code others contain, and lets code end with the hash of its metadata.
fn describe(
    hir: &Hir,
    wanted: &[ContractId],
    lowered: &mut BTreeMap<ContractId, Lowered>,
    sources: &Sources,
    options: &Options,
) -> BTreeMap<ContractId, Texts> {
    let all: BTreeSet<ContractId> = wanted.iter().copied().chain(lowered.keys().copied()).collect();
    let mut texts = BTreeMap::new();
    for id in all {
        let raised = raised(hir, id, lowered.get(&id));
        let mut text = Texts {
            abi: abi_json(hir, id, &raised),
            userdoc: natspec::userdoc(hir, id, &raised),
            devdoc: natspec::devdoc(hir, id, &raised),
            metadata: String::new(),
        };
        if let Some(settings) = &options.metadata {
            let output = json!({ "abi": text.abi, "devdoc": text.devdoc, "userdoc": text.userdoc });
            let contract = hir.contracts.get(id.index());
            text.metadata = contract
                .map_or_else(String::new, |c| metadata::metadata(c, output, sources, options, settings));
            if let Some(lowered) = lowered.get_mut(&id) {
                lowered.runtime.trailer = metadata::tail(&text.metadata, settings);
            }
        }
        texts.insert(id, text);
    }
    texts
}

fn artifact(
    hir: &Hir,
    id: ContractId,
    output: Option<codegen::Output>,
    lowered: Option<&Lowered>,
    texts: &BTreeMap<ContractId, Texts>,
    options: &Options,
) -> Option<Artifact> {
    let contract = hir.contracts.get(id.index())?;
    let output = output.unwrap_or_default();
    let ir = lowered.filter(|_| options.keep_ir);
    let texts = texts.get(&id)?;
    Some(Artifact {
        name: contract.name.clone(),
        file: contract.file.clone(),
        kind: contract.kind,
        creation: Code {
            bytes: output.creation,
            link_references: links(&output.creation_link_refs),
            immutable_references: Vec::new(),
            source_map: output.creation_source_map,
            functions: output.creation_functions,
        },
        runtime: Code {
            bytes: output.runtime,
            link_references: links(&output.runtime_link_refs),
            immutable_references: immutables(hir, &output.immutable_refs),
            source_map: output.runtime_source_map,
            functions: output.runtime_functions,
        },
        abi: texts.abi.clone(),
        userdoc: texts.userdoc.clone(),
        devdoc: texts.devdoc.clone(),
        metadata: texts.metadata.clone(),
        storage_layout: storage_layout_json(hir, id),
        transient_storage_layout: transient_layout_json(hir, id),
        method_identifiers: methods(hir, contract),
        descriptions: contract.descriptions.clone(),
        ir: ir.map_or_else(String::new, |l| format!("{}\n{}", ir::print(&l.creation), ir::print(&l.runtime))),
        assembly: output.asm_text,
    })
}

fn links(refs: &BTreeMap<String, Vec<Reference>>) -> Vec<LinkReference> {
    let split = |name: &str| match name.rsplit_once(':') {
        Some((file, library)) => (file.to_owned(), library.to_owned()),
        None => (String::new(), name.to_owned()),
    };
    refs.iter()
        .flat_map(|(name, places)| {
            let (file, library) = split(name);
            places.iter().map(move |place| LinkReference {
                file: file.clone(),
                library: library.clone(),
                offset: place.start,
            })
        })
        .collect()
}

/// Names immutables by contract and variable; the IR's name starts with the variable's number.
fn immutables(hir: &Hir, refs: &BTreeMap<String, Vec<Reference>>) -> Vec<ImmutableReference> {
    let readable = |name: &str| {
        let number = name.split('.').next().and_then(|n| n.parse::<usize>().ok());
        let var = number.and_then(|n| hir.vars.get(n));
        let owner = var.and_then(|v| v.contract).and_then(|c| hir.contracts.get(c.index()));
        match (owner, var) {
            (Some(owner), Some(var)) => format!("{}.{}", owner.name, var.name),
            _ => name.to_owned(),
        }
    };
    refs.iter()
        .flat_map(|(name, places)| {
            let name = readable(name);
            places.iter().map(move |place| ImmutableReference { name: name.clone(), offset: place.start })
        })
        .collect()
}

fn methods(hir: &Hir, contract: &Contract) -> BTreeMap<String, String> {
    contract
        .interface
        .iter()
        .filter_map(|(selector, entry)| {
            let signature = match entry {
                InterfaceEntry::Function(id) => hir.functions.get(id.index())?.signature.clone(),
                InterfaceEntry::Getter(id) => crate::abi::getter_signature(hir, *id)?,
            };
            Some((signature, alloy_primitives::hex::encode(selector)))
        })
        .collect()
}

/// Checks and compiles a program.
///
/// # Errors
/// Returns everything that was found when one of it is an error; no artifact then.
pub fn compile<P: FileProvider>(
    program: &mut Compilation<P>,
    options: &Options,
) -> Result<Vec<Artifact>, Diagnostics> {
    program.set_evm_version(options.evm_version);
    program.check();
    compile_checked(program, options)
}

/// Compiles a program as its last check left it.
///
/// # Errors
/// Returns everything that was found when one of it is an error; no artifact then.
pub fn compile_checked<P: FileProvider>(
    program: &Compilation<P>,
    options: &Options,
) -> Result<Vec<Artifact>, Diagnostics> {
    let sources = options.metadata.as_ref().map(|settings| program.sources(settings)).unwrap_or_default();
    match program.hir() {
        Some(hir) => compile_with(hir, &sources, options),
        None => Err(program.diagnostics().clone()),
    }
}

/// Compiles one text that imports nothing; for tests and tools.
///
/// # Errors
/// Returns the diagnostics as text.
pub fn compile_source(name: &str, source: &str, options: &Options) -> Result<Vec<Artifact>, String> {
    let mut program = Compilation::new(BTreeMap::from([(name.to_owned(), source.to_owned())]));
    program.add_text(name, source);
    compile(&mut program, options).map_err(|d| d.render(program.source_map(), false))
}
