//! Gives every definition its id and a row in the HIR tables.

use super::{Checker, ContractInfo, FileInfo, Owned, Scope, scope::Decl, scope::Names};
use crate::ast::{self, Item, Member};
use crate::compilation::Unit;
use crate::diag::codes;
use crate::hir::*;
use crate::source::{FileId, SourceMap, Span};
use alloy_primitives::U256;
use std::sync::Arc;

impl Checker {
    /// Declares the items of every file.
    pub(super) fn declare(&mut self, units: &[Unit], map: &SourceMap) {
        for (file, unit) in units.iter().enumerate() {
            let name = map.file(file as FileId).map_or(String::new(), |f| f.name().to_owned());
            self.files.push(FileInfo { name, ..FileInfo::default() });
            let mut names = Names::new();
            for item in &unit.ast.items {
                self.declare_item(file as FileId, item, &mut names, map);
            }
            if let Some(info) = self.files.last_mut() {
                info.names = names;
            }
        }
    }

    fn declare_item(&mut self, file: FileId, item: &Item, names: &mut Names, map: &SourceMap) {
        let scope = Scope { file, contract: None };
        match item {
            Item::Pragma(pragma) => self.check_pragma(pragma),
            Item::Import(_) => {}
            Item::Using(using) => {
                if let Some(info) = self.files.get_mut(file as usize) {
                    info.using_asts.push(using.clone());
                }
            }
            Item::Contract(contract) => self.declare_contract(file, contract, names, map),
            Item::Struct(x) => self.declare_struct(scope, x, names),
            Item::Enum(x) => self.declare_enum(scope, x, names),
            Item::Udvt(x) => self.declare_udvt(scope, x, names),
            Item::Event(x) => self.declare_event(scope, x, names, map),
            Item::Error(x) => self.declare_error(scope, x, names, map),
            Item::Function(x) => self.declare_function(scope, x, names, map),
            Item::Variable(x) => self.declare_var(scope, x, names, map),
        }
    }

    fn declare_contract(
        &mut self,
        file: FileId,
        ast: &Arc<ast::Contract>,
        outer: &mut Names,
        map: &SourceMap,
    ) {
        let id = ContractId(self.hir.contracts.len() as u32);
        self.add_name(outer, &ast.name, ast.span, Decl::Contract(id));
        let kind = match ast.kind {
            ast::ContractKind::Contract if ast.is_abstract => ContractKind::Abstract,
            ast::ContractKind::Contract => ContractKind::Contract,
            ast::ContractKind::Interface => ContractKind::Interface,
            ast::ContractKind::Library => ContractKind::Library,
        };
        let file_name = self.files.get(file as usize).map_or(String::new(), |f| f.name.clone());
        self.hir.contracts.push(empty_contract(ast, kind, file_name, doc_text(&ast.doc, map)));
        let info = ContractInfo {
            ast: ast.clone(),
            file,
            names: Names::new(),
            bases: Vec::new(),
            usings: Vec::new(),
        };
        self.contracts.push(info);
        let mut names = Names::new();
        let scope = Scope { file, contract: Some(id) };
        for member in &ast.members {
            self.declare_member(scope, member, &mut names, map);
        }
        if let Some(info) = self.contracts.get_mut(id.index()) {
            info.names = names;
        }
    }

    fn declare_member(&mut self, scope: Scope, member: &Member, names: &mut Names, map: &SourceMap) {
        match member {
            Member::Struct(x) => self.declare_struct(scope, x, names),
            Member::Enum(x) => self.declare_enum(scope, x, names),
            Member::Udvt(x) => self.declare_udvt(scope, x, names),
            Member::Event(x) => self.declare_event(scope, x, names, map),
            Member::Error(x) => self.declare_error(scope, x, names, map),
            Member::Function(x) => self.declare_function(scope, x, names, map),
            Member::Modifier(x) => self.declare_modifier(scope, x, names),
            Member::Variable(x) => self.declare_var(scope, x, names, map),
            Member::Using(_) => {}
        }
    }

    fn qualified(&self, scope: Scope, name: &str) -> String {
        match scope.contract.and_then(|c| self.contract(c)) {
            Some(contract) => format!("{}.{name}", contract.name),
            None => name.to_owned(),
        }
    }

    fn declare_struct(&mut self, scope: Scope, ast: &Arc<ast::Struct>, names: &mut Names) {
        let id = StructId(self.hir.structs.len() as u32);
        self.add_name(names, &ast.name, ast.span, Decl::Struct(id));
        let name = self.qualified(scope, &ast.name.name);
        self.hir.structs.push(Struct { name, fields: Vec::new(), span: ast.name.span });
        self.structs.push(Owned { ast: ast.clone(), scope });
    }

    fn declare_enum(&mut self, scope: Scope, ast: &Arc<ast::Enum>, names: &mut Names) {
        let id = EnumId(self.hir.enums.len() as u32);
        self.add_name(names, &ast.name, ast.span, Decl::Enum(id));
        if ast.values.is_empty() || ast.values.len() > 256 {
            let (number, place) = match ast.values.is_empty() {
                true => (3147, Span { start: ast.span.end.saturating_sub(1), ..ast.span }),
                false => (1611, ast.span),
            };
            self.fail::<()>(codes::BAD_TYPE_HERE.solc(number), place, "an enum has 1 to 256 members");
        }
        for (i, value) in ast.values.iter().enumerate() {
            self.check_reserved(value, value.span);
            if ast.values.iter().take(i).any(|v| v.name == value.name) {
                let message = format!("`{}` is declared twice", value.name);
                self.fail::<()>(codes::ALREADY_DECLARED.solc(2333), value.span, message);
            }
        }
        let name = self.qualified(scope, &ast.name.name);
        let members = ast.values.iter().map(|v| v.name.to_string()).collect();
        self.hir.enums.push(Enum { name, members, span: ast.name.span });
        self.enums.push(Owned { ast: ast.clone(), scope });
    }

    fn declare_udvt(&mut self, scope: Scope, ast: &Arc<ast::Udvt>, names: &mut Names) {
        let id = UdvtId(self.hir.udvts.len() as u32);
        self.add_name(names, &ast.name, ast.span, Decl::Udvt(id));
        let name = self.qualified(scope, &ast.name.name);
        self.hir.udvts.push(Udvt { name, underlying: Ty::UINT, span: ast.name.span });
        self.udvts.push(Owned { ast: ast.clone(), scope });
    }

    fn declare_event(&mut self, scope: Scope, ast: &Arc<ast::Event>, names: &mut Names, map: &SourceMap) {
        let id = EventId(self.hir.events.len() as u32);
        self.add_name(names, &ast.name, ast.span, Decl::Event(id));
        self.hir.events.push(Event {
            name: ast.name.name.to_string(),
            signature: String::new(),
            params: Vec::new(),
            anonymous: ast.anonymous,
            doc: doc_text(&ast.doc, map),
            span: ast.name.span,
        });
        self.events.push(Owned { ast: ast.clone(), scope });
    }

    fn declare_error(&mut self, scope: Scope, ast: &Arc<ast::ErrorDef>, names: &mut Names, map: &SourceMap) {
        let id = ErrorId(self.hir.errors.len() as u32);
        self.add_name(names, &ast.name, ast.span, Decl::Error(id));
        self.hir.errors.push(ErrorDef {
            name: ast.name.name.to_string(),
            signature: String::new(),
            selector: [0; 4],
            params: Vec::new(),
            doc: doc_text(&ast.doc, map),
            span: ast.name.span,
        });
        self.errors.push(Owned { ast: ast.clone(), scope });
    }

    fn declare_function(
        &mut self,
        scope: Scope,
        ast: &Arc<ast::Function>,
        names: &mut Names,
        map: &SourceMap,
    ) {
        let id = self.new_function(scope, ast, doc_text(&ast.doc, map));
        if let Some(name) = &ast.name {
            self.add_name(names, name, ast.span, Decl::Function(id));
        }
    }

    /// Gives a function its id and hangs it into its contract.
    pub(crate) fn new_function(&mut self, scope: Scope, ast: &Arc<ast::Function>, doc: String) -> FunctionId {
        let id = FunctionId(self.hir.functions.len() as u32);
        let kind = match ast.kind {
            ast::FunctionKind::Function if scope.contract.is_none() => FunctionKind::Free,
            ast::FunctionKind::Function => FunctionKind::Function,
            ast::FunctionKind::Constructor => FunctionKind::Constructor,
            ast::FunctionKind::Receive => FunctionKind::Receive,
            ast::FunctionKind::Fallback => FunctionKind::Fallback,
        };
        self.hir.functions.push(empty_function(ast, kind, scope.contract, doc));
        self.functions.push(Owned { ast: ast.clone(), scope });
        let Some(contract) = scope.contract else { return id };
        let Some(row) = self.hir.contracts.get_mut(contract.index()) else { return id };
        if kind != FunctionKind::Constructor {
            row.functions.push(id);
            return id;
        }
        if row.constructor.replace(id).is_some() {
            self.fail::<()>(codes::SPECIAL_FUNCTION.solc(7997), ast.span, "a contract has one constructor");
        }
        id
    }

    fn declare_modifier(&mut self, scope: Scope, ast: &Arc<ast::Modifier>, names: &mut Names) {
        let Some(contract) = scope.contract else { return };
        let id = ModifierId(self.hir.modifiers.len() as u32);
        if let Some(body) = ast.body.as_ref().filter(|b| !has_placeholder(b)) {
            let help = "write `_;` where the function's body runs";
            self.fail_help::<()>(
                codes::PLACEHOLDER.solc(2883),
                body.span,
                "this modifier never runs the function",
                help,
            );
        }
        self.add_name(names, &ast.name, ast.span, Decl::Modifier(id));
        self.hir.modifiers.push(Modifier {
            name: ast.name.name.to_string(),
            contract,
            is_virtual: ast.is_virtual.is_some(),
            params: Vec::new(),
            locals: Vec::new(),
            body: None,
            overrides: Vec::new(),
            span: ast.name.span,
        });
        self.modifiers.push(Owned { ast: ast.clone(), scope });
        if let Some(row) = self.hir.contracts.get_mut(contract.index()) {
            row.modifiers.push(id);
        }
    }

    fn declare_var(&mut self, scope: Scope, ast: &Arc<ast::Variable>, names: &mut Names, map: &SourceMap) {
        let id = VarId(self.hir.vars.len() as u32);
        self.add_name(names, &ast.name, ast.span, Decl::Var(id));
        let kind = if ast.constant.is_some() {
            VarKind::Constant
        } else if ast.immutable.is_some() {
            VarKind::Immutable
        } else if ast.transient.is_some() {
            VarKind::Transient
        } else {
            VarKind::Storage
        };
        self.hir.vars.push(Var {
            name: ast.name.name.to_string(),
            contract: scope.contract,
            ty: Ty::UINT,
            kind,
            visibility: ast.visibility.map_or(Visibility::Internal, |(v, _)| visibility(v)),
            init: None,
            key_names: key_names(&ast.ty),
            selector: None,
            overrides: Vec::new(),
            doc: doc_text(&ast.doc, map),
            inherits_doc: None,
            span: ast.name.span,
        });
        self.vars.push(Owned { ast: ast.clone(), scope });
        if let Some(row) = scope.contract.and_then(|c| self.hir.contracts.get_mut(c.index())) {
            row.vars.push(id);
        }
    }
}

fn has_placeholder(block: &ast::Block) -> bool {
    block.stmts.iter().any(stmt_has_placeholder)
}

fn stmt_has_placeholder(stmt: &ast::Stmt) -> bool {
    use ast::StmtKind::*;
    match &stmt.kind {
        Placeholder | Error => true,
        Block(b) | Unchecked(b) => has_placeholder(b),
        If { then, otherwise, .. } => {
            stmt_has_placeholder(then) || otherwise.as_ref().is_some_and(|s| stmt_has_placeholder(s))
        }
        While { body, .. } | DoWhile { body, .. } | For { body, .. } => stmt_has_placeholder(body),
        Try(t) => has_placeholder(&t.body) || t.catches.iter().any(|c| has_placeholder(&c.body)),
        _ => false,
    }
}

/// Translates a visibility.
pub(super) fn visibility(v: ast::Visibility) -> Visibility {
    match v {
        ast::Visibility::External => Visibility::External,
        ast::Visibility::Public => Visibility::Public,
        ast::Visibility::Internal => Visibility::Internal,
        ast::Visibility::Private => Visibility::Private,
    }
}

/// Translates a mutability.
pub(super) fn mutability(m: ast::Mutability) -> Mutability {
    match m {
        ast::Mutability::Pure => Mutability::Pure,
        ast::Mutability::View => Mutability::View,
        ast::Mutability::NonPayable => Mutability::NonPayable,
        ast::Mutability::Payable => Mutability::Payable,
    }
}

fn doc_text(doc: &Option<ast::Doc>, map: &SourceMap) -> String {
    let comment = doc.as_ref().and_then(|doc| crate::outputs::natspec::comment(doc, map));
    comment.map_or_else(String::new, |(text, _)| text)
}

fn empty_contract(ast: &ast::Contract, kind: ContractKind, file: String, doc: String) -> Contract {
    Contract {
        name: ast.name.name.to_string(),
        file,
        span: ast.name.span,
        kind,
        linearisation: Vec::new(),
        constructor: None,
        base_args: Vec::new(),
        functions: Vec::new(),
        modifiers: Vec::new(),
        vars: Vec::new(),
        events: Vec::new(),
        errors: Vec::new(),
        interface: Vec::new(),
        receive: None,
        fallback: None,
        layout_base: U256::ZERO,
        post_construction: Vec::new(),
        descriptions: Vec::new(),
        creates: Vec::new(),
        doc,
    }
}

fn empty_function(
    ast: &ast::Function,
    kind: FunctionKind,
    contract: Option<ContractId>,
    doc: String,
) -> Function {
    Function {
        name: ast.name.as_ref().map_or(String::new(), |n| n.name.to_string()),
        contract,
        kind,
        visibility: Visibility::Internal,
        mutability: Mutability::NonPayable,
        is_virtual: false,
        params: Vec::new(),
        returns: Vec::new(),
        locals: Vec::new(),
        modifiers: Vec::new(),
        body: None,
        selector: None,
        signature: String::new(),
        overrides: Vec::new(),
        doc,
        inherits_doc: None,
        span: ast.name.as_ref().map_or(ast.header, |n| n.span),
    }
}

/// Returns the names given to keys of nested mappings and to the innermost value.
fn key_names(mut ty: &ast::Type) -> Vec<String> {
    let mut names = Vec::new();
    let mut last = String::new();
    let name = |ident: &Option<ast::Ident>| ident.as_ref().map_or(String::new(), |n| n.name.to_string());
    while let ast::TypeKind::Mapping { key_name, value, value_name, .. } = &ty.kind {
        names.push(name(key_name));
        last = name(value_name);
        ty = value;
    }
    if !names.is_empty() {
        names.push(last);
    }
    names
}
