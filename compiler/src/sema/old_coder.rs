//! Refuses what the first ABI coder does not know, in files that choose it by `pragma abicoder v1`: structs, and arrays
//! whose elements are of dynamic size.

use super::Checker;
use super::body::Body;
use super::scope::Decl;
use crate::diag::{Diagnostic, codes};
use crate::hir::*;
use crate::source::{FileId, Span};

impl Checker {
    /// Is true for files that choose the first coder.
    pub(super) fn is_old_coded(&self, file: FileId) -> bool {
        self.files.get(file as usize).is_some_and(|f| f.pragmas.iter().any(|p| p == "abicoder v1"))
    }

    /// Is true when the first coder knows a type; `library` calls pass storage by reference.
    pub(super) fn is_old_type(&self, ty: &Ty, library: bool) -> bool {
        match ty {
            _ if library && ty.loc() == Some(Loc::Storage) => true,
            Ty::Struct(..) => false,
            Ty::Array { elem, .. } => {
                let dynamic = matches!(**elem, Ty::Array { len: None, .. } | Ty::Bytes(_) | Ty::String(_));
                !dynamic && self.is_old_type(elem, library)
            }
            _ => true,
        }
    }

    /// Reports a type in a definition of a file that chooses the first coder; `number` is solc's.
    pub(super) fn require_old_type(&mut self, ty: &Ty, library: bool, number: u16, span: Span) {
        if self.is_old_coded(span.file) && !super::ty::is_poison(ty) && !self.is_old_type(ty, library) {
            let message = format!("the first ABI coder does not know `{}`", self.bare_name_of(ty));
            let error = Diagnostic::error(codes::OLD_CODER.solc(number), span, message);
            self.diags.push(error.help("write `pragma abicoder v2;`"));
        }
    }

    /// Reports contracts that choose the first coder and inherit functions that need the second.
    pub(super) fn check_inherited_coder(&mut self, id: ContractId) {
        let Some(contract) = self.contract(id).filter(|c| c.kind != ContractKind::Library) else { return };
        let whole = self.whole_or_default(Decl::Contract(id));
        if !self.is_old_coded(whole.file) {
            return;
        }
        let inherited = contract.interface.iter().map(|(_, entry)| self.interface_types(entry));
        let found = inherited.into_iter().find(|(place, types)| {
            !self.is_old_coded(place.file) && types.iter().any(|t| !self.is_old_type(t, false))
        });
        if let Some((place, _)) = found {
            let message = "a base has functions that the first ABI coder cannot serve";
            let error = Diagnostic::error(codes::OLD_CODER.solc(6594), whole, message);
            self.diags.push(error.at(place, "this one").help("write `pragma abicoder v2;`"));
        }
    }

    /// Returns the place of an external function and its parameters and results.
    fn interface_types(&self, entry: &InterfaceEntry) -> (Span, Vec<Ty>) {
        match entry {
            InterfaceEntry::Function(f) => {
                let types = [self.param_types(*f), self.return_types(*f)].concat();
                (self.whole_or_default(Decl::Function(*f)), types)
            }
            InterfaceEntry::Getter(v) => {
                let getter = self.hir.vars.get(v.index()).and_then(|v| self.getter_type(&v.ty));
                let types = getter.map_or(Vec::new(), |g| [g.params, g.returns].concat());
                (self.whole_or_default(Decl::Var(*v)), types)
            }
        }
    }
}

impl Body<'_> {
    /// Reports arguments and results of a call that the first coder would have to write or read.
    pub(super) fn require_old_coding(
        &mut self,
        args: &[Expr],
        params: &[Ty],
        returns: &[Ty],
        library: bool,
        span: Span,
    ) {
        if !self.c.is_old_coded(self.scope.file) {
            return;
        }
        for (arg, ty) in args.iter().zip(params) {
            self.c.require_old_type(ty, library, 2443, arg.span);
        }
        for ty in returns {
            self.c.require_old_type(ty, library, 2428, span);
        }
    }
}
