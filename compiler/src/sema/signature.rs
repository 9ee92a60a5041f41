//! Resolves type names, and the types in definitions: fields, parameters, variables.

use super::{Checker, Scope, declare, scope::Decl, ty};
use crate::ast::{self, Location, TypeKind};
use crate::diag::{Diagnostic, codes};
use crate::hir::*;
use crate::source::Span;

/// Is the largest number of elementary fields of a struct, counted through the structs in it.
const STRUCT_LEAVES_MAX: u64 = 4096;

/// Says which data locations a declaration may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Parameters and results of external functions.
    External,
    /// Parameters and results of public functions: memory or calldata.
    Public,
    /// Parameters and results of other functions, and locals: any.
    Internal,
    /// Parameters and results of public and external library functions: any.
    Library,
    /// Parameters of constructors: memory.
    Constructor,
    /// Parameters of constructors that only derived contracts call.
    AbstractConstructor,
}

impl Checker {
    /// Resolves structs, enums, user types, variables, events and errors.
    pub(super) fn resolve_types(&mut self) {
        for i in 0..self.udvts.len() {
            self.resolve_udvt(i);
        }
        for i in 0..self.structs.len() {
            self.resolve_struct(i);
        }
        self.check_struct_cycles();
        self.check_struct_leaves();
        for i in 0..self.vars.len() {
            self.resolve_var(i);
        }
        for i in 0..self.events.len() {
            self.resolve_event(i);
        }
        for i in 0..self.errors.len() {
            self.resolve_error(i);
        }
    }

    fn resolve_udvt(&mut self, i: usize) {
        let Some(owned) = self.udvts.get(i).cloned() else { return };
        // The definition alone needs no code.
        let used = self.hir.fixed_point;
        let resolved = self.resolve_type(owned.scope, &owned.ast.underlying, Loc::Memory);
        self.hir.fixed_point = used;
        let Some(underlying) = resolved else { return };
        let elementary = matches!(
            underlying,
            Ty::Bool | Ty::Int { .. } | Ty::Fixed { .. } | Ty::Address { .. } | Ty::FixedBytes(_)
        );
        if !elementary {
            let span = owned.ast.underlying.span;
            self.fail::<()>(
                codes::BAD_TYPE_HERE.solc(8657),
                span,
                "a user-defined type stands for an elementary value type",
            );
            return;
        }
        if let Some(row) = self.hir.udvts.get_mut(i) {
            row.underlying = underlying;
        }
    }

    fn resolve_struct(&mut self, i: usize) {
        let Some(owned) = self.structs.get(i).cloned() else { return };
        let mut fields: Vec<(String, Ty)> = Vec::new();
        if owned.ast.fields.is_empty() {
            self.fail::<()>(codes::BAD_TYPE_HERE.solc(5306), owned.ast.span, "a struct needs a field");
        }
        for field in &owned.ast.fields {
            let name = field.name.as_ref().map_or(String::new(), |n| n.name.to_string());
            if let Some(name) = &field.name {
                self.check_reserved(name, field.span);
            }
            if fields.iter().any(|(n, _)| *n == name) {
                self.fail::<()>(
                    codes::ALREADY_DECLARED.solc(2333),
                    field.span,
                    format!("field `{name}` is declared twice"),
                );
                continue;
            }
            let ty = self.resolve_type(owned.scope, &field.ty, Loc::Storage).unwrap_or_else(ty::poison);
            fields.push((name, ty));
        }
        if let Some(row) = self.hir.structs.get_mut(i) {
            row.fields = fields;
        }
    }

    /// Reports structs that hold themselves by value; what follows must not walk through them.
    fn check_struct_cycles(&mut self) {
        let all = (0..self.structs.len() as u32).map(StructId);
        let cyclic: Vec<StructId> = all.filter(|id| self.holds_itself(*id, *id, &mut Vec::new())).collect();
        for id in cyclic {
            let span = self.whole_or_default(Decl::Struct(id));
            let Some(row) = self.hir.structs.get_mut(id.index()) else { continue };
            row.fields.iter_mut().for_each(|(_, field)| *field = ty::poison());
            let help = "use a mapping or a dynamic array";
            self.fail_help::<()>(codes::CYCLE.solc(2046), span, "this struct contains itself", help);
        }
    }

    /// Refuses structs whose fields, spelled out, are too many: their signature and code would grow without limit.
    fn check_struct_leaves(&mut self) {
        let mut known = vec![None; self.structs.len()];
        for i in 0..self.structs.len() {
            if self.leaves(StructId(i as u32), &mut known) <= STRUCT_LEAVES_MAX {
                continue;
            }
            let span = self.hir.structs.get(i).map(|s| s.span).unwrap_or_default();
            let message =
                format!("this struct has more than {STRUCT_LEAVES_MAX} fields, counted through its structs");
            self.fail::<()>(codes::CODE_TOO_LARGE, span, message);
            if let Some(row) = self.hir.structs.get_mut(i) {
                row.fields.clear();
            }
        }
    }

    fn leaves(&self, id: StructId, known: &mut Vec<Option<u64>>) -> u64 {
        if let Some(Some(count)) = known.get(id.index()) {
            return *count;
        }
        // A struct that is met again while it is counted is recursive; that is judged elsewhere.
        if let Some(slot) = known.get_mut(id.index()) {
            *slot = Some(1);
        }
        let fields = self.hir.structs.get(id.index()).map(|s| s.fields.as_slice()).unwrap_or_default();
        let mut sum = 0u64;
        for (_, ty) in fields {
            let mut ty = ty;
            while let Ty::Array { elem: inner, .. } | Ty::Mapping { value: inner, .. } = ty {
                ty = inner;
            }
            sum = sum.saturating_add(match ty {
                Ty::Struct(inner, _) => self.leaves(*inner, known),
                _ => 1,
            });
        }
        if let Some(slot) = known.get_mut(id.index()) {
            *slot = Some(sum);
        }
        sum
    }

    fn holds_itself(&self, id: StructId, root: StructId, path: &mut Vec<StructId>) -> bool {
        if path.contains(&id) {
            return false;
        }
        path.push(id);
        let fields = self.hir.structs.get(id.index()).map(|s| s.fields.as_slice()).unwrap_or_default();
        fields.iter().any(|(_, ty)| {
            let mut ty = ty;
            while let Ty::Array { elem, len: Some(_), .. } = ty {
                ty = elem;
            }
            matches!(ty, Ty::Struct(inner, _) if *inner == root || self.holds_itself(*inner, root, path))
        })
    }

    fn resolve_var(&mut self, i: usize) {
        let Some(owned) = self.vars.get(i).cloned() else { return };
        let ast = &owned.ast;
        let kind = self.hir.vars.get(i).map_or(VarKind::Storage, |v| v.kind);
        let loc = match kind {
            VarKind::Storage => Loc::Storage,
            VarKind::Transient => Loc::Transient,
            VarKind::Constant | VarKind::Immutable => Loc::Memory,
        };
        self.check_var_rules(ast, kind, owned.scope);
        let resolved = self.resolve_type(owned.scope, &ast.ty, loc);
        if let Some(ty) = &resolved {
            self.check_var_type(ast, kind, ty);
        }
        let ty = resolved.unwrap_or_else(super::ty::poison);
        if let Some(row) = self.hir.vars.get_mut(i) {
            row.ty = ty;
        }
    }

    fn check_var_rules(&mut self, ast: &ast::Variable, kind: VarKind, scope: Scope) {
        let given = [ast.constant, ast.immutable, ast.transient].into_iter().flatten().count();
        if given > 1 {
            self.fail::<()>(
                codes::CONSTANT_USE.solc(2197),
                ast.span,
                "`constant`, `immutable` and `transient` exclude each other",
            );
        }
        if scope.contract.is_none() && kind != VarKind::Constant {
            let help = "add `constant`, or move it into a contract";
            self.fail_help::<()>(
                codes::CONSTANT_USE.solc(8342),
                ast.span,
                "a variable outside contracts is constant",
                help,
            );
            if kind == VarKind::Immutable {
                let message = "an immutable belongs to a contract";
                self.fail::<()>(codes::IMMUTABLE_USE.solc(8297), ast.span, message);
            }
        }
        if let (Some(_), false) =
            (&ast.overrides, matches!(ast.visibility, Some((ast::Visibility::Public, _))))
        {
            let message = "only a public variable overrides something";
            self.fail::<()>(codes::OVERRIDE_NOTHING.solc(8022), ast.span, message);
        }
        if kind == VarKind::Constant && ast.value.is_none() {
            self.fail::<()>(codes::CONSTANT_USE.solc(4266), ast.span, "a constant needs a value");
        }
        if kind == VarKind::Transient && !self.evm_version.has_transient() {
            let message = "transient storage exists since cancun; the target is older";
            self.diags.push(Diagnostic::error(codes::CONSTANT_USE, ast.span, message).solc(7985));
        }
        if kind == VarKind::Transient && ast.value.is_some() {
            self.fail::<()>(
                codes::CONSTANT_USE.solc(9825),
                ast.span,
                "a transient variable has no initial value",
            );
        }
    }

    fn check_var_type(&mut self, ast: &ast::Variable, kind: VarKind, ty: &Ty) {
        let bytes = matches!(ty, Ty::Bytes(_) | Ty::String(_));
        let value = ty.loc().is_none();
        let span = ast.ty.span;
        match kind {
            VarKind::Constant if !value && !bytes => {
                self.fail::<()>(
                    codes::UNSUPPORTED.solc(9259),
                    ast.span,
                    "a constant has a value type, or is `bytes` or `string`",
                );
            }
            VarKind::Immutable if matches!(ty, Ty::Function(f) if f.external) => {
                self.fail::<()>(
                    codes::UNSUPPORTED.solc(3366),
                    ast.span,
                    "an immutable cannot be an external function",
                );
            }
            VarKind::Immutable if !value => {
                self.fail::<()>(codes::IMMUTABLE_USE.solc(6377), ast.span, "an immutable has a value type");
            }
            VarKind::Transient if !value => {
                self.fail::<()>(codes::UNSUPPORTED.solc(1834), span, "transient variables have value types");
            }
            _ => {}
        }
    }

    fn resolve_event(&mut self, at: usize) {
        let Some(owned) = self.events.get(at).cloned() else { return };
        let mut params = Vec::new();
        for (i, p) in owned.ast.params.iter().enumerate() {
            let ty = self.resolve_type(owned.scope, &p.ty, Loc::Memory).unwrap_or_else(ty::poison);
            self.require_logged(&ty, p.span);
            self.check_second(p, owned.ast.params.iter().take(i));
            params.push((p.name.as_ref().map_or(String::new(), |n| n.name.to_string()), ty, p.indexed));
        }
        let most = if owned.ast.anonymous { 4 } else { 3 };
        if params.iter().filter(|p| p.2).count() > most {
            let message = format!("an event has at most {most} indexed parameters");
            let number = if owned.ast.anonymous { 8598 } else { 7249 };
            self.fail::<()>(codes::TOO_MANY_INDEXED.solc(number), owned.ast.span, message);
        }
        let types: Vec<Ty> = params.iter().map(|p| p.1.clone()).collect();
        let signature = self.signature(&owned.ast.name.name, &types, false);
        if let Some(row) = self.hir.events.get_mut(at) {
            (row.params, row.signature) = (params, signature);
        }
    }

    fn resolve_error(&mut self, at: usize) {
        let Some(owned) = self.errors.get(at).cloned() else { return };
        let mut params = Vec::new();
        for (i, p) in owned.ast.params.iter().enumerate() {
            let ty = self.resolve_type(owned.scope, &p.ty, Loc::Memory).unwrap_or_else(ty::poison);
            self.require_logged(&ty, p.span);
            self.check_second(p, owned.ast.params.iter().take(i));
            params.push((p.name.as_ref().map_or(String::new(), |n| n.name.to_string()), ty));
        }
        if matches!(&*owned.ast.name.name, "Error" | "Panic") {
            self.fail::<()>(
                codes::EVENT_SIGNATURE.solc(1855),
                owned.ast.span,
                "this name is the language's own",
            );
        }
        let types: Vec<Ty> = params.iter().map(|p| p.1.clone()).collect();
        let signature = self.signature(&owned.ast.name.name, &types, false);
        if matches!(ty::selector(&signature), [0, 0, 0, 0] | [0xff, 0xff, 0xff, 0xff]) {
            self.fail_help::<()>(
                codes::EVENT_SIGNATURE.solc(2855),
                owned.ast.span,
                "the error's selector is reserved",
                "rename it",
            );
        }
        if let Some(row) = self.hir.errors.get_mut(at) {
            row.selector = ty::selector(&signature);
            (row.params, row.signature) = (params, signature);
        }
    }

    pub(super) fn require_abi(&mut self, ty: &Ty, number: u16, span: Span) {
        if !self.is_abi_type(ty) && !ty::is_poison(ty) {
            let message = format!("`{}` cannot cross a contract's border", self.bare_name_of(ty));
            self.fail::<()>(codes::BAD_TYPE_HERE.solc(number), span, message);
        }
    }

    /// Requires that events and errors can carry a type.
    fn require_logged(&mut self, ty: &Ty, span: Span) {
        let number = if self.contains_mapping(ty) { 3448 } else { 3417 };
        self.require_abi(ty, number, span);
        self.require_old_type(ty, false, 3061, span);
    }

    /// Reports a parameter with the name of an earlier one.
    fn check_second<'a>(&mut self, p: &ast::Param, mut earlier: impl Iterator<Item = &'a ast::Param>) {
        let Some(name) = &p.name else { return };
        self.check_reserved(name, p.span);
        let twin = earlier.find(|e| e.name.as_ref().is_some_and(|n| n.name == name.name));
        if let Some(first) = twin {
            let message = format!("`{}` is declared twice", name.name);
            self.diags.push(
                Diagnostic::error(codes::ALREADY_DECLARED.solc(2333), p.span, message)
                    .at(first.span, "first declared here"),
            );
        }
    }

    /// Resolves a type name; reference types get `loc`. Reports and returns none on an error.
    pub(crate) fn resolve_type(&mut self, scope: Scope, ty: &ast::Type, loc: Loc) -> Option<Ty> {
        Some(match &ty.kind {
            TypeKind::Bool => Ty::Bool,
            TypeKind::Address { payable } => Ty::Address { payable: *payable },
            TypeKind::String => Ty::String(loc),
            TypeKind::Bytes => Ty::Bytes(loc),
            TypeKind::Uint(bits) => Ty::Int { signed: false, bits: *bits },
            TypeKind::Int(bits) => Ty::Int { signed: true, bits: *bits },
            TypeKind::FixedBytes(n) => Ty::FixedBytes(*n),
            TypeKind::Fixed { signed, bits, decimals } => {
                self.hir.fixed_point.get_or_insert(ty.span);
                Ty::Fixed { signed: *signed, bits: *bits, decimals: *decimals }
            }
            TypeKind::Path(path) => {
                let decls = self.resolve_path(scope, path)?;
                return self.type_of_decl(decls.first().copied(), path.span, loc);
            }
            TypeKind::Array(elem, len) => {
                let elem = Box::new(self.resolve_type(scope, elem, loc)?);
                let len = match len {
                    Some(len) => Some(self.array_length(scope, len)?),
                    None => None,
                };
                Ty::Array { elem, len, loc }
            }
            TypeKind::Mapping { key, value, .. } => {
                self.refuse_repeated_keys(ty);
                self.resolve_mapping(scope, key, value, ty.span, loc)?
            }
            TypeKind::Function(f) => Ty::Function(Box::new(self.resolve_function_type(scope, f, ty.span)?)),
            TypeKind::Error => return None,
        })
    }

    pub(super) fn type_of_decl(&mut self, decl: Option<Decl>, span: Span, loc: Loc) -> Option<Ty> {
        Some(match decl {
            Some(Decl::Struct(id)) => Ty::Struct(id, loc),
            Some(Decl::Enum(id)) => Ty::Enum(id),
            Some(Decl::Udvt(id)) => {
                if self.hir.udvts.get(id.index()).is_some_and(|u| matches!(u.underlying, Ty::Fixed { .. })) {
                    self.hir.fixed_point.get_or_insert(span);
                }
                Ty::Udvt(id)
            }
            Some(Decl::Contract(id)) if self.is_library(id) => {
                return self.fail(codes::NOT_A_TYPE.solc(1130), span, "a library is not a type of values");
            }
            Some(Decl::Contract(id)) => Ty::Contract(id),
            _ => return self.fail(codes::NOT_A_TYPE.solc(5172), span, "this is not a type"),
        })
    }

    /// Reports a name of a mapping that stands for another part of it as well.
    fn refuse_repeated_keys(&mut self, ty: &ast::Type) {
        let mut names: Vec<&ast::Ident> = Vec::new();
        let mut at = ty;
        let mut own = 0;
        while let TypeKind::Mapping { key_name, value, value_name, .. } = &at.kind {
            names.extend(key_name.iter().chain(value_name));
            own = if own == 0 { names.len() } else { own };
            at = value;
        }
        let twin = names
            .iter()
            .enumerate()
            .find(|(i, n)| names.iter().take(own.min(*i)).any(|earlier| earlier.name == n.name));
        if let Some((_, name)) = twin {
            let message = format!("`{}` names two parts of the mapping", name.name);
            self.fail::<()>(codes::ALREADY_DECLARED.solc(1809), ty.span, message);
        }
    }

    fn resolve_mapping(
        &mut self,
        scope: Scope,
        key: &ast::Type,
        value: &ast::Type,
        span: Span,
        loc: Loc,
    ) -> Option<Ty> {
        let key_ty = self.resolve_type(scope, key, Loc::Memory)?;
        let ok = !matches!(key_ty, Ty::Array { .. } | Ty::Struct(..) | Ty::Mapping { .. } | Ty::Function(_));
        if !ok {
            return self.fail(
                codes::BAD_TYPE_HERE.solc(7804),
                key.span,
                "a mapping's key is a value type, `bytes` or `string`",
            );
        }
        if loc == Loc::Transient {
            return self.unsupported(span, "transient mappings");
        }
        let value = self.resolve_type(scope, value, Loc::Storage)?;
        Some(Ty::Mapping { key: Box::new(key_ty), value: Box::new(value) })
    }

    fn resolve_function_type(&mut self, scope: Scope, f: &ast::FunctionType, span: Span) -> Option<FnTy> {
        let external = matches!(f.visibility, Some((ast::Visibility::External, _)));
        let place = if external { Place::Public } else { Place::Internal };
        let list = |this: &mut Self, params: &[ast::Param]| -> Option<Vec<Ty>> {
            params
                .iter()
                .map(|p| {
                    if external {
                        let ty = this.declared_type(scope, p, place)?.with_loc(Loc::Memory);
                        return if this.contains_internal(&ty) {
                            this.fail(
                                codes::BAD_TYPE_HERE.solc(2582),
                                p.span,
                                "this type cannot cross a contract's border",
                            )
                        } else {
                            Some(ty)
                        };
                    }
                    this.declared_type(scope, p, place)
                })
                .collect()
        };
        if let Some(named) = f.returns.iter().find(|p| p.name.is_some()) {
            return self.fail(
                codes::BAD_TYPE_HERE.solc(7304),
                named.span,
                "a function type's results have no names",
            );
        }
        let params = list(self, &f.params)?;
        let returns = list(self, &f.returns)?;
        let mutability = f.mutability.map_or(Mutability::NonPayable, |(m, _)| declare::mutability(m));
        if !external && mutability == Mutability::Payable {
            return self.fail(
                codes::BAD_FUNCTION_MODIFIER.solc(7415),
                span,
                "only external function types are payable",
            );
        }
        Some(FnTy { params, returns, mutability, external })
    }

    fn array_length(&mut self, scope: Scope, len: &ast::Expr) -> Option<alloy_primitives::U256> {
        use num_traits::Signed;
        let outer = self.constant_root.replace(len.span);
        let value = self.constant(scope, len);
        self.constant_root = outer;
        let value = value?;
        match value.integer() {
            Some(n) if n.is_positive() && super::rational::fits(&n, false, 256) => {
                Some(super::rational::to_word(&n))
            }
            found => {
                let number = match found {
                    None => 3208,
                    Some(n) if n.is_negative() => 3658,
                    Some(n) if n.is_positive() => 1847,
                    Some(_) => 1406,
                };
                let message = "an array's length is a whole number above 0";
                self.fail(codes::BAD_ARRAY_LENGTH.solc(number), len.span, message)
            }
        }
    }

    /// Resolves the type of a parameter or local with its data location checked.
    pub(crate) fn declared_type(&mut self, scope: Scope, p: &ast::Param, place: Place) -> Option<Ty> {
        let written = p.location.map(|(l, _)| match l {
            Location::Storage => Loc::Storage,
            Location::Memory => Loc::Memory,
            Location::Calldata => Loc::Calldata,
        });
        let ty = self.resolve_type(scope, &p.ty, written.unwrap_or(Loc::Memory))?;
        if let Ty::Mapping { .. } = ty
            && written != Some(Loc::Storage)
        {
            let open = matches!(place, Place::External | Place::Public | Place::Constructor);
            let number = match written {
                None => 6651,
                Some(_) if place == Place::Constructor => 3644,
                Some(_) if open => 4103,
                Some(_) => 4061,
            };
            return self.fail_help(
                codes::DATA_LOCATION.solc(number),
                p.span,
                "a mapping lives in storage",
                "write `storage`",
            );
        }
        let needs = ty.loc().is_some();
        let span = p.span;
        let code = codes::DATA_LOCATION.solc(6651);
        let allowed: &[Loc] = match place {
            Place::External | Place::Public => &[Loc::Memory, Loc::Calldata],
            Place::Internal | Place::Library => &[Loc::Memory, Loc::Calldata, Loc::Storage],
            Place::Constructor => &[Loc::Memory],
            Place::AbstractConstructor => &[Loc::Memory, Loc::Storage],
        };
        match written {
            None if needs => {
                let names: Vec<_> = allowed.iter().map(|l| loc_name(*l)).collect();
                let help = format!("write {} behind the type", names.join(" or "));
                self.fail_help(code, span, "the data location is missing", help)
            }
            Some(_) if !needs => {
                self.fail_help(code, span, "a value type has no data location", "remove the data location")
            }
            Some(loc) if !allowed.contains(&loc) => {
                let names: Vec<_> = allowed.iter().map(|l| loc_name(*l)).collect();
                let code = if place == Place::Constructor && loc == Loc::Storage {
                    codes::DATA_LOCATION.solc(3644)
                } else {
                    code
                };
                let message = format!("{} is not allowed here", loc_name(loc));
                self.fail_help(code, span, message, format!("write {}", names.join(" or ")))
            }
            Some(Loc::Memory) if self.contains_mapping(&ty) => {
                let open = matches!(place, Place::External | Place::Public);
                let number = if open { 4103 } else { 4061 };
                let message = "a type with a mapping lives in storage only";
                self.fail(codes::BAD_TYPE_HERE.solc(number), span, message)
            }
            Some(Loc::Memory | Loc::Calldata) => {
                self.check_memory_size(&ty, p.span);
                Some(ty)
            }
            _ => Some(ty),
        }
    }

    /// Resolves parameters, results and attributes of every function and modifier.
    pub(super) fn resolve_signatures(&mut self) {
        for i in 0..self.functions.len() {
            self.resolve_signature(FunctionId(i as u32));
        }
        for i in 0..self.modifiers.len() {
            self.resolve_modifier(i);
        }
        for i in 0..self.vars.len() {
            self.resolve_getter(i);
        }
    }

    /// Resolves one function's header.
    pub(crate) fn resolve_signature(&mut self, id: FunctionId) {
        let Some(owned) = self.functions.get(id.index()).cloned() else { return };
        let ast = &owned.ast;
        let visibility = self.function_visibility(ast, owned.scope);
        let library = owned.scope.contract.is_some_and(|c| self.is_library(c));
        let public = matches!(visibility, Visibility::Public | Visibility::External);
        let special = ast.kind == ast::FunctionKind::Constructor;
        let place = match visibility {
            _ if special => self.constructor_place(owned.scope),
            Visibility::External if !library => Place::External,
            Visibility::Public if !library => Place::Public,
            Visibility::External | Visibility::Public => Place::Library,
            _ => Place::Internal,
        };
        let mut locals = Vec::new();
        self.refuse_hidden_types(ast);
        let params = self.declare_params(owned.scope, &ast.params, place, &mut locals);
        let returns = self.declare_params(owned.scope, &ast.returns, place, &mut locals);
        let types = super::local_types(&locals, &params);
        if public && (!special || place == Place::Constructor) {
            self.require_public_types(ast, &locals, &params, &returns, library);
        }
        let name = ast.name.as_ref().map_or(String::new(), |n| n.name.to_string());
        let signature = self.signature(&name, &types, library);
        let interface = owned
            .scope
            .contract
            .and_then(|c| self.contract(c))
            .is_some_and(|c| c.kind == ContractKind::Interface);
        let named = ast.kind == ast::FunctionKind::Function && owned.scope.contract.is_some();
        let Some(row) = self.hir.functions.get_mut(id.index()) else { return };
        row.visibility = visibility;
        row.mutability = ast.mutability.map_or(Mutability::NonPayable, |(m, _)| declare::mutability(m));
        row.is_virtual = ast.is_virtual.is_some() || interface;
        row.selector = (public && named).then(|| ty::selector(&signature));
        (row.params, row.returns, row.locals, row.signature) = (params, returns, locals, signature);
    }

    /// Reports types of parameters and results that are named as one of these is: there the name means the value.
    fn refuse_hidden_types(&mut self, ast: &ast::Function) {
        let all = || ast.params.iter().chain(&ast.returns);
        let names: Vec<&ast::Name> = all().filter_map(|p| p.name.as_ref()).map(|n| &n.name).collect();
        for p in all() {
            let mut ty = &p.ty;
            while let TypeKind::Array(elem, _) = &ty.kind {
                ty = elem;
            }
            let TypeKind::Path(path) = &ty.kind else { continue };
            if path.segments.first().is_some_and(|s| names.contains(&&s.name)) {
                let message = "the name means a parameter or result here";
                self.fail::<()>(codes::NOT_A_TYPE.solc(5172), path.span, message);
            }
        }
    }

    fn constructor_place(&self, scope: Scope) -> Place {
        let is_abstract =
            scope.contract.and_then(|c| self.contract(c)).is_some_and(|c| c.kind == ContractKind::Abstract);
        if is_abstract { Place::AbstractConstructor } else { Place::Constructor }
    }

    fn require_public_types(
        &mut self,
        ast: &ast::Function,
        locals: &[Local],
        params: &[LocalId],
        returns: &[LocalId],
        library: bool,
    ) {
        for (id, p) in params.iter().chain(returns).zip(ast.params.iter().chain(&ast.returns)) {
            let Some(local) = locals.get(id.index()) else { continue };
            if library
                && (local.ty.loc() == Some(Loc::Storage) || matches!(local.ty, Ty::Mapping { .. }))
                && !self.holds_internal_function(&local.ty)
            {
                continue;
            }
            self.require_abi(&local.ty, 4103, p.span);
            self.require_old_type(&local.ty, library, 4957, p.span);
        }
    }

    fn function_visibility(&mut self, ast: &ast::Function, scope: Scope) -> Visibility {
        match (ast.kind, ast.visibility) {
            (ast::FunctionKind::Constructor, given) => {
                let is_abstract = self.constructor_place(scope) == Place::AbstractConstructor;
                let wrong = given.filter(|(v, _)| match v {
                    ast::Visibility::Public => is_abstract,
                    ast::Visibility::Internal => !is_abstract,
                    _ => true,
                });
                if let Some((v, _)) = wrong {
                    let number = match v {
                        ast::Visibility::Internal => 1845,
                        ast::Visibility::Public => 8295,
                        _ => 9239,
                    };
                    self.fail_help::<()>(
                        codes::SPECIAL_FUNCTION.solc(number),
                        ast.span,
                        "a constructor has no visibility",
                        "remove it",
                    );
                }
                Visibility::Public
            }
            (ast::FunctionKind::Receive | ast::FunctionKind::Fallback, given) => {
                if !matches!(given, Some((ast::Visibility::External, _))) {
                    let number = match given {
                        None => 4937,
                        Some(_) if ast.kind == ast::FunctionKind::Receive => 4095,
                        Some(_) => 1159,
                    };
                    self.fail_help::<()>(
                        codes::SPECIAL_FUNCTION.solc(number),
                        ast.span,
                        "this function is external",
                        "write `external`",
                    );
                }
                Visibility::External
            }
            (_, Some(_)) if scope.contract.is_none() => {
                let span = ast.span;
                self.fail::<()>(
                    codes::BAD_FUNCTION_MODIFIER.solc(4126),
                    span,
                    "a free function has no visibility",
                );
                Visibility::Internal
            }
            (_, Some((v, _))) => declare::visibility(v),
            (_, None) if scope.contract.is_none() => Visibility::Internal,
            (_, None) => {
                let help = "write `external`, `public`, `internal` or `private`";
                self.fail_help::<()>(
                    codes::MISSING_VISIBILITY.solc(4937),
                    ast.span,
                    "the visibility is missing",
                    help,
                );
                Visibility::Public
            }
        }
    }

    pub(super) fn declare_params(
        &mut self,
        scope: Scope,
        params: &[ast::Param],
        place: Place,
        locals: &mut Vec<Local>,
    ) -> Vec<LocalId> {
        let mut ids = Vec::new();
        for p in params {
            let ty = self.declared_type(scope, p, place).unwrap_or_else(ty::poison);
            if let Some(name) = &p.name {
                self.check_reserved(name, p.span);
            }
            let name = p.name.as_ref().map_or(String::new(), |n| n.name.to_string());
            if !name.is_empty() && locals.iter().any(|l| l.name == name) {
                let first = locals.iter().find(|l| l.name == name).map(|l| l.span).unwrap_or_default();
                self.diags.push(
                    Diagnostic::error(
                        codes::ALREADY_DECLARED.solc(2333),
                        p.span,
                        format!("`{name}` is declared twice"),
                    )
                    .at(first, "first declared here"),
                );
            }
            ids.push(LocalId(locals.len() as u32));
            let span = p.name.as_ref().map_or(p.span, |n| n.span);
            locals.push(Local { name, ty, span });
        }
        ids
    }

    fn resolve_modifier(&mut self, i: usize) {
        let Some(owned) = self.modifiers.get(i).cloned() else { return };
        let mut locals = Vec::new();
        let params = self.declare_params(owned.scope, &owned.ast.params, Place::Internal, &mut locals);
        if let Some(row) = self.hir.modifiers.get_mut(i) {
            (row.params, row.locals) = (params, locals);
        }
    }

    fn resolve_getter(&mut self, i: usize) {
        let Some(var) = self.hir.vars.get(i) else { return };
        if var.visibility != Visibility::Public || var.contract.is_none() {
            return;
        }
        let (name, ty) = (var.name.clone(), var.ty.clone());
        let span = self.whole_or_default(Decl::Var(VarId(i as u32)));
        if ty::is_poison(&ty) {
            return;
        }
        let Some(getter) = self.getter_type(&ty) else {
            let recursive = self.any_part(&ty, &mut Vec::new(), &|t| self.is_recursive(t));
            let number = if self.omits_all(&ty) && !recursive { 5359 } else { 6744 };
            self.fail_help::<()>(
                codes::BAD_TYPE_HERE.solc(number),
                span,
                "no getter can return this type",
                "make it internal and write a function",
            );
            return;
        };
        for ty in getter.params.iter().chain(&getter.returns) {
            self.require_old_type(ty, false, 2763, span);
        }
        let signature = self.signature(&name, &getter.params, false);
        if let Some(var) = self.hir.vars.get_mut(i) {
            var.selector = Some(ty::selector(&signature));
        }
    }

    /// Is true for a struct that holds itself, through arrays and mappings too.
    fn is_recursive(&self, ty: &Ty) -> bool {
        let Ty::Struct(id, _) = ty else { return false };
        let fields = self.hir.structs.get(id.index()).map(|s| s.fields.as_slice()).unwrap_or_default();
        let itself = |t: &Ty| matches!(t, Ty::Struct(inner, _) if inner == id);
        fields.iter().any(|(_, field)| self.any_part(field, &mut Vec::new(), &itself))
    }

    /// Is true for a struct, in mappings and arrays or not, of which a getter would return no field.
    fn omits_all(&self, ty: &Ty) -> bool {
        let mut at = ty;
        while let Ty::Mapping { value: inner, .. } | Ty::Array { elem: inner, .. } = at {
            at = inner;
        }
        let Ty::Struct(id, _) = at else { return false };
        let fields = self.hir.structs.get(id.index()).map(|s| s.fields.as_slice()).unwrap_or_default();
        fields.iter().all(|(_, t)| matches!(t, Ty::Mapping { .. } | Ty::Array { .. }))
    }

    /// Returns the external type of a public variable's getter.
    pub(crate) fn getter_type(&self, ty: &Ty) -> Option<FnTy> {
        let mut params = Vec::new();
        let mut at = ty;
        loop {
            match at {
                Ty::Mapping { key, value } => {
                    params.push(key.with_loc(Loc::Memory));
                    at = value;
                }
                Ty::Array { elem, .. } => {
                    params.push(Ty::UINT);
                    at = elem;
                }
                _ => break,
            }
        }
        let returns = match at {
            Ty::Struct(id, _) => {
                let fields = &self.hir.structs.get(id.index())?.fields;
                let kept = fields.iter().filter(|(_, t)| !matches!(t, Ty::Mapping { .. } | Ty::Array { .. }));
                kept.map(|(_, t)| t.with_loc(Loc::Memory)).collect()
            }
            other => vec![other.with_loc(Loc::Memory)],
        };
        let ok = !returns.is_empty() && returns.iter().all(|t| self.is_abi_type(t));
        ok.then_some(FnTy { params, returns, mutability: Mutability::View, external: true })
    }
}

pub(super) fn loc_name(loc: Loc) -> &'static str {
    match loc {
        Loc::Storage => "`storage`",
        Loc::Transient => "`transient`",
        Loc::Memory => "`memory`",
        Loc::Calldata => "`calldata`",
    }
}
