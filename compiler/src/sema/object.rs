//! Checks standalone Yul: objects, the names that they may refer to, and their code.

use super::Checker;
use super::body::{Body, Kind};
use super::scope::Scope;
use crate::ast::yul::YulObject;
use crate::diag::{Diagnostics, codes};
use crate::evm_version::EvmVersion;
use crate::hir::yul::Object;
use crate::source::Span;
use std::collections::BTreeSet;

/// Checks an object and everything in it; the object is meaningful only without errors.
pub(crate) fn check_object(ast: &YulObject, evm_version: EvmVersion) -> (Diagnostics, Object) {
    let mut checker = Checker { evm_version, ..Checker::default() };
    let object = checker.yul_object(ast, "");
    (checker.diags, object)
}

impl Checker {
    fn yul_object(&mut self, ast: &YulObject, outer: &str) -> Object {
        let path = if outer.is_empty() { ast.name.clone() } else { format!("{outer}.{}", ast.name) };
        let names = self.object_names(ast);
        let scope = Scope { file: ast.span.file, contract: None };
        let code = Body::new(self, scope, Kind::Function).yul(&ast.code, Some(&names));
        let objects = ast.objects.iter().map(|o| self.yul_object(o, &path)).collect();
        let data = ast.data.iter().map(|d| (d.name.clone(), d.bytes.clone())).collect();
        Object { path, name: ast.name.clone(), code, objects, data, span: ast.span }
    }

    /// Collects the names that the object's code may refer to: its own, and those directly in it.
    fn object_names(&mut self, ast: &YulObject) -> BTreeSet<String> {
        let mut names = BTreeSet::from([ast.name.clone()]);
        let objects = ast.objects.iter().map(|o| (&o.name, o.name_span));
        let data = ast.data.iter().map(|d| (&d.name, d.name_span));
        let inner: Vec<(&String, Span)> = objects.chain(data).collect();
        for (name, span) in inner {
            if name.contains('.') && !name.starts_with('.') {
                self.fail::<()>(codes::ASM_DECLARED, span, "a name in an object has no dot but in front");
            }
            if !names.insert(name.clone()) {
                self.fail::<()>(codes::ASM_DECLARED, span, format!("`{name}` is named twice"));
            }
        }
        // Names that begin with a dot, such as that of the metadata, cannot be referred to.
        names.retain(|name| !name.starts_with('.'));
        names
    }
}
