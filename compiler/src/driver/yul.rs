//! Takes standalone Yul through the same lowering, optimiser and back end as Solidity.

use super::{Options, links};
use crate::artifact::{Artifact, Code, ImmutableReference};
use crate::codegen::Compiler;
use crate::diag::{Diagnostic, Diagnostics, codes};
use crate::hir::yul::Object;
use crate::ir;
use crate::lower::lower_object;
use crate::parse::parse_object;
use crate::sema::check_object;
use crate::source::{FILE_SIZE_MAX, FileId, SourceMap, Span};
use crate::stack::with_big_stack;
use serde_json::json;

/// Is a compiled file of standalone Yul.
#[derive(Debug)]
pub struct YulProgram {
    /// The text, for rendering diagnostics.
    pub map: SourceMap,
    /// What was found.
    pub diagnostics: Diagnostics,
    /// The object of the file: its code as creation code, the object that it deploys as runtime code. None where
    /// there is an error.
    pub artifact: Option<Artifact>,
}

/// Compiles a file of standalone Yul: one object with the objects in it, or a mere block of code.
pub fn compile_yul(name: &str, text: &str, options: &Options) -> YulProgram {
    let mut map = SourceMap::default();
    let file = map.add(name, text.to_owned());
    let mut diagnostics = Diagnostics::default();
    let artifact = if text.len() > FILE_SIZE_MAX {
        let message = format!("{} bytes; the limit is {FILE_SIZE_MAX}", text.len());
        diagnostics.push(Diagnostic::error(codes::FILE_TOO_LARGE, Span::new(file, 0, 0), message));
        None
    } else {
        let (artifact, found) = with_big_stack(|| from_text(file, name, text, options));
        diagnostics = found;
        artifact
    };
    diagnostics.sort();
    YulProgram { map, diagnostics, artifact }
}

fn from_text(file: FileId, name: &str, text: &str, options: &Options) -> (Option<Artifact>, Diagnostics) {
    let mut found = Diagnostics::default();
    let (tokens, lexed) = crate::lexer::lex(file, text);
    let (ast, parsed) = parse_object(file, text, &tokens);
    found.extend(lexed.into_iter().chain(parsed));
    let Some(ast) = ast else { return (None, found) };
    let (checked, object) = check_object(&ast, options.evm_version);
    found.extend(checked);
    if found.has_errors() {
        return (None, found);
    }
    match generate(name, &object, options) {
        Ok(artifact) => (Some(artifact), found),
        Err(errors) => {
            found.extend(errors);
            (None, found)
        }
    }
}

fn generate(file: &str, object: &Object, options: &Options) -> Result<Artifact, Vec<Diagnostic>> {
    let modules = lower_object(object, options.lowering()).map_err(|errors| {
        errors.into_iter().map(|e| Diagnostic::error(e.code, e.span, e.message)).collect::<Vec<_>>()
    })?;
    let settings = options.codegen();
    let fail = |message: String| vec![Diagnostic::error(codes::NO_CODE, object.span, message)];
    let Some(creation) = modules.first() else { return Err(fail("the object has no code".into())) };
    let output = Compiler::new(&modules, &settings).contract(creation).map_err(|e| fail(e.to_string()))?;
    let places = output.immutable_refs.iter().flat_map(|(name, places)| {
        places.iter().map(|place| ImmutableReference { name: name.clone(), offset: place.start })
    });
    Ok(Artifact {
        name: object.name.clone(),
        file: file.to_owned(),
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
            immutable_references: places.collect(),
            source_map: output.runtime_source_map,
            functions: output.runtime_functions,
        },
        abi: json!([]),
        ir: if options.keep_ir {
            modules.iter().map(ir::print).collect::<Vec<_>>().join("\n")
        } else {
            String::new()
        },
        assembly: output.asm_text,
        ..Artifact::default()
    })
}
