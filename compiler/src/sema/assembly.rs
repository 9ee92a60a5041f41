//! Resolves inline assembly: variables, functions, builtins, parts of Solidity variables.

use super::body::Body;
use super::scope::Decl;
use crate::ast::Ident;
use crate::ast::yul::{
    Assembly as AstAssembly, YulBlock, YulExpr as AstExpr, YulExprKind as AstExprKind, YulLiteral,
    YulLiteralKind, YulPath, YulStmt as AstStmt, YulStmtKind as Ast,
};
use crate::diag::{Diagnostic, Finding, codes};
use crate::evm_version::EvmVersion;
use crate::hir::yul::*;
use crate::hir::{Loc, Mutability, Ty, VarId, VarKind};
use crate::source::Span;
use alloy_primitives::U256;
use fusor_vm::opcode::{self, Effect};
use std::collections::{BTreeMap, BTreeSet};

/// Describes a builtin: operands, results and what it does to state.
struct Yul {
    args: usize,
    returns: usize,
    effect: Mutability,
}

/// Lists the EVM's builtins: names, operands, results, effect (p pure, v view, w write).
const EVM: &[(&str, usize, usize, char)] = &[
    ("stop", 0, 0, 'p'),
    ("add", 2, 1, 'p'),
    ("sub", 2, 1, 'p'),
    ("mul", 2, 1, 'p'),
    ("div", 2, 1, 'p'),
    ("sdiv", 2, 1, 'p'),
    ("mod", 2, 1, 'p'),
    ("smod", 2, 1, 'p'),
    ("exp", 2, 1, 'p'),
    ("not", 1, 1, 'p'),
    ("lt", 2, 1, 'p'),
    ("gt", 2, 1, 'p'),
    ("slt", 2, 1, 'p'),
    ("sgt", 2, 1, 'p'),
    ("eq", 2, 1, 'p'),
    ("iszero", 1, 1, 'p'),
    ("and", 2, 1, 'p'),
    ("or", 2, 1, 'p'),
    ("xor", 2, 1, 'p'),
    ("byte", 2, 1, 'p'),
    ("shl", 2, 1, 'p'),
    ("shr", 2, 1, 'p'),
    ("sar", 2, 1, 'p'),
    ("clz", 1, 1, 'p'),
    ("addmod", 3, 1, 'p'),
    ("mulmod", 3, 1, 'p'),
    ("signextend", 2, 1, 'p'),
    ("keccak256", 2, 1, 'p'),
    ("pop", 1, 0, 'p'),
    ("mload", 1, 1, 'p'),
    ("mstore", 2, 0, 'p'),
    ("mstore8", 2, 0, 'p'),
    ("mcopy", 3, 0, 'p'),
    ("sload", 1, 1, 'v'),
    ("sstore", 2, 0, 'w'),
    ("tload", 1, 1, 'v'),
    ("tstore", 2, 0, 'w'),
    ("msize", 0, 1, 'p'),
    ("gas", 0, 1, 'v'),
    ("address", 0, 1, 'v'),
    ("balance", 1, 1, 'v'),
    ("selfbalance", 0, 1, 'v'),
    ("caller", 0, 1, 'v'),
    ("callvalue", 0, 1, 'v'),
    ("calldataload", 1, 1, 'p'),
    ("calldatasize", 0, 1, 'p'),
    ("calldatacopy", 3, 0, 'p'),
    ("codesize", 0, 1, 'p'),
    ("codecopy", 3, 0, 'p'),
    ("extcodesize", 1, 1, 'v'),
    ("extcodecopy", 4, 0, 'v'),
    ("returndatasize", 0, 1, 'p'),
    ("returndatacopy", 3, 0, 'p'),
    ("extcodehash", 1, 1, 'v'),
    ("create", 3, 1, 'w'),
    ("create2", 4, 1, 'w'),
    ("call", 7, 1, 'w'),
    ("callcode", 7, 1, 'w'),
    ("delegatecall", 6, 1, 'w'),
    ("staticcall", 6, 1, 'v'),
    ("return", 2, 0, 'p'),
    ("revert", 2, 0, 'p'),
    ("selfdestruct", 1, 0, 'w'),
    ("invalid", 0, 0, 'p'),
    ("log0", 2, 0, 'w'),
    ("log1", 3, 0, 'w'),
    ("log2", 4, 0, 'w'),
    ("log3", 5, 0, 'w'),
    ("log4", 6, 0, 'w'),
    ("chainid", 0, 1, 'v'),
    ("origin", 0, 1, 'v'),
    ("gasprice", 0, 1, 'v'),
    ("blockhash", 1, 1, 'v'),
    ("blobhash", 1, 1, 'v'),
    ("coinbase", 0, 1, 'v'),
    ("timestamp", 0, 1, 'v'),
    ("number", 0, 1, 'v'),
    ("prevrandao", 0, 1, 'v'),
    ("gaslimit", 0, 1, 'v'),
    ("basefee", 0, 1, 'v'),
    ("blobbasefee", 0, 1, 'v'),
];

fn builtin(name: &str) -> Option<Yul> {
    if let Some((_, args, returns, effect)) = EVM.iter().find(|row| row.0 == name) {
        let effect = match effect {
            'v' => Mutability::View,
            'w' => Mutability::NonPayable,
            _ => Mutability::Pure,
        };
        return Some(Yul { args: *args, returns: *returns, effect });
    }
    if name.bytes().any(|b| b.is_ascii_uppercase()) {
        return None;
    }
    let op = opcode::by_name(name)?;
    let effect = if op.effect == Effect::Read { Mutability::View } else { Mutability::NonPayable };
    Some(Yul { args: op.inputs.len(), returns: op.outputs.len(), effect })
}

/// Names of object builtins that inline assembly may not declare either.
const RESERVED: [&str; 6] =
    ["datasize", "dataoffset", "datacopy", "setimmutable", "loadimmutable", "linkersymbol"];

/// Describes a builtin that only objects have.
struct ObjectBuiltin {
    /// All operands, the literal included.
    args: usize,
    returns: usize,
    /// Which operand is a literal.
    literal: Option<usize>,
    kind: LiteralKind,
}

/// Says what a builtin's literal operand is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LiteralKind {
    /// The name of an object or of data.
    Object,
    /// Any name.
    Name,
    /// A number.
    Number,
    /// Raw code.
    Code,
}

impl ObjectBuiltin {
    fn of(name: &str) -> Option<Self> {
        let (args, returns, literal, kind) = match name {
            "datasize" | "dataoffset" => (1, 1, Some(0), LiteralKind::Object),
            "datacopy" => (3, 0, None, LiteralKind::Object),
            "setimmutable" => (3, 0, Some(1), LiteralKind::Name),
            "loadimmutable" | "linkersymbol" => (1, 1, Some(0), LiteralKind::Name),
            "memoryguard" => (1, 1, Some(0), LiteralKind::Number),
            _ => {
                let (inputs, outputs) = verbatim_shape(name)?;
                (inputs + 1, outputs, Some(0), LiteralKind::Code)
            }
        };
        Some(Self { args, returns, literal, kind })
    }
}

/// Reads `verbatim_<inputs>i_<outputs>o`, each a number below 100 without leading zeros.
fn verbatim_shape(name: &str) -> Option<(usize, usize)> {
    let (inputs, outputs) = name.strip_prefix("verbatim_")?.strip_suffix('o')?.split_once("i_")?;
    let number = |text: &str| {
        let plain = text.len() <= 2 && text.bytes().all(|b| b.is_ascii_digit());
        (plain && (text == "0" || !text.starts_with('0'))).then(|| text.parse().ok()).flatten()
    };
    Some((number(inputs)?, number(outputs)?))
}

/// Is true for instructions of the machine and of Yul objects that are no builtins here; their names stay free.
fn is_instruction(name: &str) -> bool {
    let numbered = |prefix: &str, range: std::ops::RangeInclusive<u8>| {
        name.strip_prefix(prefix).and_then(|n| n.parse::<u8>().ok()).is_some_and(|n| range.contains(&n))
    };
    let known = [
        "jump",
        "jumpi",
        "jumpdest",
        "difficulty",
        "datasize",
        "dataoffset",
        "datacopy",
        "setimmutable",
        "loadimmutable",
        "linkersymbol",
        "pc",
    ];
    known.contains(&name) || numbered("push", 0..=32) || numbered("dup", 1..=16) || numbered("swap", 1..=16)
}

/// Returns solc's number for a part that a variable of type `ty` does not have.
fn wrong_part(ty: &Ty, part: Option<YulPart>) -> u16 {
    match (ty, part) {
        (Ty::Function(f), _) if f.external => 9272,
        (_, Some(YulPart::Selector | YulPart::Address)) => 8533,
        (Ty::Bytes(Loc::Calldata) | Ty::String(Loc::Calldata), _)
        | (Ty::Array { len: None, loc: Loc::Calldata, .. }, _) => 1536,
        _ if ty.loc() == Some(Loc::Storage) => 4656,
        _ => 3622,
    }
}

/// Is what a name means within the block.
#[derive(Clone, Copy)]
enum Name {
    Var(YulVar),
    Function(u32),
}

/// Resolves one assembly block.
struct Resolver<'b, 'c> {
    b: &'b mut Body<'c>,
    scopes: Vec<BTreeMap<String, (Name, Span)>>,
    functions: Vec<YulFunction>,
    /// Parameters and results of each function.
    shapes: Vec<(usize, usize)>,
    var_count: u32,
    /// The first scope that code of the current function sees variables of.
    floor: usize,
    in_function: bool,
    /// True while a function's parameters and results are declared, which may hide outer names.
    in_header: bool,
    loops: u32,
    /// Names that object builtins may refer to; none in inline assembly, which has no such builtins.
    object: Option<&'b BTreeSet<String>>,
    /// Solc's number for a `break` where `loops` is 0: it depends on the part of a loop that is resolved.
    no_loop: u16,
}

impl<'c> Body<'c> {
    /// Resolves an assembly block.
    pub(super) fn assembly(&mut self, assembly: &AstAssembly, span: Span) -> Option<Assembly> {
        if assembly.dialect.as_ref().is_some_and(|d| d != b"evmasm") {
            return self.c.fail(
                codes::UNSUPPORTED.solc(4531),
                span,
                "the only assembly dialect is \"evmasm\"",
            );
        }
        let memory_safe = assembly.flags.iter().any(|f| f == b"memory-safe");
        if assembly.flags.iter().filter(|f| *f == b"memory-safe").count() > 1 {
            let message = "`memory-safe` is given twice";
            self.c.fail_help::<()>(codes::DUPLICATE_MODIFIER.solc(7026), span, message, "remove one");
        }
        let resolved = self.yul(&assembly.body, None);
        Some(Assembly { memory_safe, ..resolved })
    }

    /// Resolves a block of Yul: of inline assembly, or of an object that may refer to the names given.
    pub(super) fn yul(&mut self, block: &YulBlock, object: Option<&BTreeSet<String>>) -> Assembly {
        let mut resolver = Resolver {
            b: self,
            scopes: Vec::new(),
            functions: Vec::new(),
            shapes: Vec::new(),
            var_count: 0,
            floor: 0,
            in_function: false,
            in_header: false,
            loops: 0,
            object,
            no_loop: 2592,
        };
        let body = resolver.block(block);
        let (functions, var_count) = (resolver.functions, resolver.var_count);
        Assembly { body, functions, var_count, memory_safe: false }
    }
}

impl Resolver<'_, '_> {
    fn fail<X>(&mut self, finding: impl Into<Finding>, span: Span, message: impl Into<String>) -> Option<X> {
        self.b.c.fail(finding, span, message)
    }

    fn block(&mut self, block: &YulBlock) -> Vec<YulStmt> {
        self.scopes.push(BTreeMap::new());
        let stmts = self.statements(block);
        self.scopes.pop();
        stmts
    }

    /// Resolves statements in the current scope; functions are visible in their whole block.
    fn statements(&mut self, block: &YulBlock) -> Vec<YulStmt> {
        for stmt in &block.stmts {
            if let Ast::Function { name, params, returns, .. } = &stmt.kind {
                self.declare_function(name, params.len(), returns.len(), stmt.span);
            }
        }
        block.stmts.iter().filter_map(|s| self.statement(s)).collect()
    }

    fn declare_function(&mut self, name: &Ident, params: usize, returns: usize, span: Span) {
        let id = self.functions.len() as u32;
        self.functions.push(YulFunction {
            name: name.name.to_string(),
            params: Vec::new(),
            returns: Vec::new(),
            body: Vec::new(),
            span,
        });
        self.shapes.push((params, returns));
        self.declare(name, Name::Function(id), span);
    }

    /// Declares a name; `whole` is the statement that does.
    fn declare(&mut self, ident: &Ident, name: Name, whole: Span) {
        let message = format!("`{}` is kept for the language", ident.name);
        let is_function = matches!(name, Name::Function(_));
        let place = if is_function { whole } else { ident.span };
        let (taken, reserved) = match self.object {
            Some(_) => {
                (ident.name.starts_with("verbatim") || ObjectBuiltin::of(&ident.name).is_some(), false)
            }
            None => (false, RESERVED.contains(&&*ident.name) || is_instruction(&ident.name)),
        };
        if matches!(&*ident.name, "this" | "super" | "_") {
            self.fail::<()>(codes::RESERVED_WORD.solc(4113), place, message);
        } else if self.builtin(&ident.name).is_some() || taken {
            let message = format!("`{}` is a builtin", ident.name);
            self.fail::<()>(codes::ASM_DECLARED.solc(5568), ident.span, message);
        } else if reserved {
            self.fail::<()>(codes::ASM_DECLARED.solc(5017), place, message);
        }
        let known = self.scopes.iter().find_map(|s| s.get(&*ident.name)).map(|(_, span)| *span);
        if let Some(first) = known {
            let message = format!("`{}` is declared twice", ident.name);
            self.b.c.diags.push(
                Diagnostic::error(
                    codes::ASM_DECLARED.solc(if is_function { 6052 } else { 1395 }),
                    whole,
                    message,
                )
                .at(first, "first declared here"),
            );
        }
        let local = self.b.scopes.iter().any(|s| s.contains_key(&ident.name));
        let hides = local || !self.b.c.lookup(self.b.scope, &ident.name).is_empty();
        if hides && matches!(name, Name::Var(_)) && !self.in_header {
            let message = format!("`{}` hides a declaration outside the assembly block", ident.name);
            self.b.c.fail_help::<()>(
                codes::ASM_DECLARED.solc(3859),
                ident.span,
                message,
                "choose another name",
            );
        }
        if let Some(scope) = self.scopes.last_mut() {
            scope.insert(ident.name.to_string(), (name, ident.span));
        }
    }

    fn new_var(&mut self, ident: &Ident, whole: Span) -> YulVar {
        let var = YulVar(self.var_count);
        self.var_count += 1;
        self.declare(ident, Name::Var(var), whole);
        var
    }

    fn statement(&mut self, stmt: &AstStmt) -> Option<YulStmt> {
        let kind = match &stmt.kind {
            Ast::Block(block) => YulStmtKind::Block(self.block(block)),
            Ast::Function { name, params, returns, body } => {
                self.function(name, params, returns, body, stmt.span);
                return None;
            }
            Ast::Let { names, value } => self.let_statement(names, value.as_ref(), stmt.span)?,
            Ast::Assign { targets, value } => self.assign(targets, value, stmt.span)?,
            Ast::If { cond, body } => {
                let cond = self.single(cond);
                let body = self.block(body);
                YulStmtKind::If(cond?, body)
            }
            Ast::Switch { value, cases, default } => {
                let value = self.single(value);
                let mut out: Vec<(U256, Vec<YulStmt>)> = Vec::new();
                for case in cases {
                    let word = self.literal(&case.value);
                    let body = self.block(&case.body);
                    let Some(word) = word else { continue };
                    if out.iter().any(|(w, _)| *w == word) {
                        self.fail::<()>(codes::ASM_SWITCH.solc(6792), case.span, "this case is given twice");
                    }
                    out.push((word, body));
                }
                let default = default.as_ref().map(|b| self.block(b));
                YulStmtKind::Switch(value?, out, default)
            }
            Ast::For { init, cond, post, body } => self.for_loop(init, cond, post, body)?,
            Ast::Break | Ast::Continue if self.loops == 0 => {
                let finding = codes::ASM_CONTROL.solc(self.no_loop);
                return self.fail(finding, stmt.span, "`break` and `continue` stand in a loop's body");
            }
            Ast::Break => YulStmtKind::Break,
            Ast::Continue => YulStmtKind::Continue,
            Ast::Leave if !self.in_function => {
                return self.fail(codes::ASM_CONTROL.solc(8149), stmt.span, "`leave` stands in a function");
            }
            Ast::Leave => YulStmtKind::Leave,
            Ast::Expr(e) => {
                let checked = self.expression(e, 0, (3083, e.span))?;
                YulStmtKind::Expr(checked)
            }
            Ast::Error => return None,
        };
        Some(YulStmt { kind, span: stmt.span })
    }

    fn for_loop(
        &mut self,
        init: &YulBlock,
        cond: &AstExpr,
        post: &YulBlock,
        body: &YulBlock,
    ) -> Option<YulStmtKind> {
        if let Some(f) = init.stmts.iter().find(|s| matches!(s.kind, Ast::Function { .. })) {
            let message = "a function cannot be defined where a loop begins";
            self.fail::<()>(codes::ASM_CONTROL, f.span, message);
        }
        self.scopes.push(BTreeMap::new());
        let (outer, why) = (std::mem::replace(&mut self.loops, 0), self.no_loop);
        self.no_loop = 9615;
        let init = self.statements(init);
        let cond = self.single(cond);
        self.no_loop = 2461;
        let step = self.block(post);
        self.loops = outer + 1;
        let body = self.block(body);
        (self.loops, self.no_loop) = (outer, why);
        self.scopes.pop();
        Some(YulStmtKind::For { init, cond: cond?, step, body })
    }

    fn function(&mut self, name: &Ident, params: &[Ident], returns: &[Ident], body: &YulBlock, whole: Span) {
        let Some((Name::Function(id), _)) = self.scopes.last().and_then(|s| s.get(&*name.name)).copied()
        else {
            return;
        };
        self.scopes.push(BTreeMap::new());
        let floor = std::mem::replace(&mut self.floor, self.scopes.len() - 1);
        let (was_in, loops, no_loop) = (self.in_function, self.loops, self.no_loop);
        (self.in_function, self.loops, self.no_loop) = (true, 0, 2592);
        self.in_header = true;
        let params: Vec<YulVar> = params.iter().map(|p| self.new_var(p, whole)).collect();
        let returns: Vec<YulVar> = returns.iter().map(|p| self.new_var(p, whole)).collect();
        self.in_header = false;
        let body = self.block(body);
        (self.in_function, self.loops, self.floor) = (was_in, loops, floor);
        self.no_loop = no_loop;
        self.scopes.pop();
        if let Some(row) = self.functions.get_mut(id as usize) {
            (row.params, row.returns, row.body) = (params, returns, body);
        }
    }

    fn let_statement(&mut self, names: &[Ident], value: Option<&AstExpr>, span: Span) -> Option<YulStmtKind> {
        let value = value.map(|v| self.expression(v, names.len(), (3812, span)));
        let vars = names.iter().map(|n| self.new_var(n, span)).collect();
        match value {
            Some(value) => Some(YulStmtKind::Let(vars, Some(value?))),
            None => Some(YulStmtKind::Let(vars, None)),
        }
    }

    fn assign(&mut self, targets: &[YulPath], value: &AstExpr, span: Span) -> Option<YulStmtKind> {
        let value = self.expression(value, targets.len(), (8678, span));
        let name = |p: &YulPath| p.segments.iter().map(|s| s.name.to_string()).collect::<Vec<_>>();
        if targets.iter().enumerate().any(|(i, t)| targets.iter().take(i).any(|u| name(u) == name(t))) {
            let message = "a variable is assigned twice at once";
            self.fail::<()>(codes::ASM_VALUES.solc(9005), span, message);
        }
        let places: Vec<Option<YulPlace>> = targets.iter().map(|t| self.target(t)).collect();
        Some(YulStmtKind::Assign(places.into_iter().collect::<Option<_>>()?, value?))
    }

    fn single(&mut self, e: &AstExpr) -> Option<YulExpr> {
        self.expression(e, 1, (3950, e.span))
    }

    /// Resolves an expression that must give `wanted` values.
    /// `fault` is solc's number and place for another count.
    fn expression(&mut self, e: &AstExpr, wanted: usize, fault: (u16, Span)) -> Option<YulExpr> {
        let (kind, given) = match &e.kind {
            AstExprKind::Literal(literal) => (YulExprKind::Literal(self.literal(literal)?), 1),
            AstExprKind::Path(path) => (self.path(path)?, 1),
            AstExprKind::Call { name, args } => self.call(name, args, e.span)?,
            AstExprKind::Error => return None,
        };
        if given != wanted {
            let message = format!("{wanted} values expected, {given} given");
            let help = if wanted == 0 {
                "use `pop(...)` to drop a value"
            } else {
                "match the number of names on the left"
            };
            return self.b.c.fail_help(codes::ASM_VALUES.solc(fault.0), fault.1, message, help);
        }
        Some(YulExpr { kind, span: e.span })
    }

    /// Finds a builtin of the rules that the program is checked for.
    fn builtin(&self, name: &str) -> Option<Yul> {
        let known = EvmVersion::since(name).is_none_or(|(version, _)| self.b.c.evm_version >= version);
        known.then(|| builtin(name)).flatten()
    }

    fn too_new<X>(&mut self, name: &Ident, version: EvmVersion, number: u16) -> Option<X> {
        let target = self.b.c.evm_version.name();
        let message = format!("`{}` exists since {}; the target is {target}", name.name, version.name());
        self.b.c.diags.push(Diagnostic::error(codes::ASM_UNDECLARED, name.span, message).solc(number));
        None
    }

    fn call(&mut self, name: &Ident, args: &[AstExpr], span: Span) -> Option<(YulExprKind, usize)> {
        if let Some(names) = self.object
            && let Some(builtin) = ObjectBuiltin::of(&name.name)
        {
            return self.object_call(&builtin, names, name, args, span);
        }
        let checked: Vec<Option<YulExpr>> = args.iter().map(|a| self.single(a)).collect();
        let found = self.find(&name.name);
        let (params, returns, callee) = match (found, self.builtin(&name.name)) {
            (Some(Name::Function(id)), _) => {
                let (params, returns) = self.shapes.get(id as usize).copied()?;
                (params, returns, Some(id))
            }
            (_, Some(yul)) => {
                self.b.needs(yul.effect, span);
                if &*name.name == "tstore" {
                    self.b.note_transient(name.span);
                }
                (yul.args, yul.returns, None)
            }
            (Some(Name::Var(_)), None) => {
                return self.fail(codes::ASM_UNDECLARED.solc(4202), name.span, "a variable cannot be called");
            }
            (None, None) => {
                if let Some((version, number)) = EvmVersion::since(&name.name) {
                    return self.too_new(name, version, number);
                }
                let number = if &*name.name == "pc" { 2450 } else { 4619 };
                return self.fail(
                    codes::ASM_UNDECLARED.solc(number),
                    name.span,
                    format!("`{}` is not a function here", name.name),
                );
            }
        };
        if args.len() != params {
            let message = format!("`{}` takes {params} operands, {} given", name.name, args.len());
            return self.fail(codes::ASM_ARGUMENTS.solc(7000), name.span, message);
        }
        let args: Vec<YulExpr> = checked.into_iter().collect::<Option<_>>()?;
        let kind = match callee {
            Some(id) => YulExprKind::Call(id, args),
            None => YulExprKind::Builtin { name: name.name.to_string(), literal: None, args },
        };
        Some((kind, returns))
    }

    /// Resolves a call of a builtin that only objects have; one of its operands is a literal.
    fn object_call(
        &mut self,
        builtin: &ObjectBuiltin,
        names: &BTreeSet<String>,
        name: &Ident,
        args: &[AstExpr],
        span: Span,
    ) -> Option<(YulExprKind, usize)> {
        if args.len() != builtin.args {
            let message = format!("`{}` takes {} operands, {} given", name.name, builtin.args, args.len());
            return self.fail(codes::ASM_ARGUMENTS, span, message);
        }
        let (mut literal, mut words) = (None, Vec::new());
        for (i, arg) in args.iter().enumerate() {
            if builtin.literal == Some(i) {
                literal = Some(self.object_literal(builtin, names, arg)?);
            } else {
                words.push(self.single(arg));
            }
        }
        let args = words.into_iter().collect::<Option<_>>()?;
        Some((YulExprKind::Builtin { name: name.name.to_string(), literal, args }, builtin.returns))
    }

    fn object_literal(
        &mut self,
        builtin: &ObjectBuiltin,
        names: &BTreeSet<String>,
        arg: &AstExpr,
    ) -> Option<String> {
        let AstExprKind::Literal(literal) = &arg.kind else {
            return self.fail(codes::ASM_ARGUMENTS, arg.span, "a literal is expected here");
        };
        let bytes = match (&literal.kind, builtin.kind) {
            (YulLiteralKind::Number(_) | YulLiteralKind::HexNumber(_), LiteralKind::Number) => {
                return self.literal(literal).map(|word| word.to_string());
            }
            (YulLiteralKind::Str(bytes) | YulLiteralKind::HexStr(bytes), LiteralKind::Code) => {
                return Some(alloy_primitives::hex::encode(bytes));
            }
            (YulLiteralKind::Str(bytes), LiteralKind::Name | LiteralKind::Object) => bytes.clone(),
            _ => return self.fail(codes::ASM_ARGUMENTS, arg.span, "a literal of another kind is expected"),
        };
        let Ok(text) = String::from_utf8(bytes) else {
            return self.fail(codes::ASM_ARGUMENTS, arg.span, "this is not a name");
        };
        if builtin.kind == LiteralKind::Object && !names.contains(&text) {
            let message = format!("there is no object or data `{text}` here");
            return self.fail(codes::ASM_UNDECLARED, arg.span, message);
        }
        Some(text)
    }

    /// Finds a name of the block; variables outside the current function are not seen.
    fn find(&self, name: &str) -> Option<Name> {
        self.scopes.iter().enumerate().rev().find_map(|(depth, scope)| match scope.get(name)?.0 {
            Name::Var(_) if depth < self.floor => None,
            found => Some(found),
        })
    }

    fn literal(&mut self, literal: &YulLiteral) -> Option<U256> {
        let span = literal.span;
        let word = match &literal.kind {
            YulLiteralKind::Number(text) => U256::from_str_radix(text, 10).ok(),
            YulLiteralKind::HexNumber(text) => U256::from_str_radix(text.get(2..).unwrap_or(""), 16).ok(),
            YulLiteralKind::Bool(b) => Some(U256::from(u8::from(*b))),
            YulLiteralKind::Str(bytes) | YulLiteralKind::HexStr(bytes) => {
                if bytes.len() > 32 {
                    return self.fail(
                        codes::BAD_YUL_LITERAL.solc(3069),
                        span,
                        "a string in assembly has at most 32 bytes",
                    );
                }
                let mut word = [0u8; 32];
                word.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
                Some(U256::from_be_bytes(word))
            }
        };
        match word {
            Some(word) => Some(word),
            None => self.fail(codes::BAD_YUL_LITERAL.solc(6708), span, "the number does not fit 256 bits"),
        }
    }

    fn path(&mut self, path: &YulPath) -> Option<YulExprKind> {
        let first = path.segments.first()?;
        if path.segments.len() == 1 {
            match self.find(&first.name) {
                Some(Name::Var(var)) => return Some(YulExprKind::Place(YulPlace::Var(var))),
                Some(Name::Function(_)) => {
                    return self.fail(
                        codes::ASM_ACCESS.solc(6041),
                        path.span,
                        "a function is called with `(...)`",
                    );
                }
                None => {}
            }
        }
        if let Some(id) = self.b.scopes.iter().rev().find_map(|s| s.get(&first.name)).copied() {
            return self.local(id, path);
        }
        self.outside(path)
    }

    fn part(&mut self, path: &YulPath) -> Option<Option<YulPart>> {
        let Some(word) = path.segments.get(1) else { return Some(None) };
        let part = match &*word.name {
            "slot" => YulPart::Slot,
            "offset" => YulPart::Offset,
            "length" => YulPart::Length,
            "selector" => YulPart::Selector,
            "address" => YulPart::Address,
            _ => {
                return self.fail(
                    codes::ASM_UNDECLARED.solc(8198),
                    path.span,
                    format!("no part `{}`", word.name),
                );
            }
        };
        Some(Some(part))
    }

    fn local(&mut self, id: crate::hir::LocalId, path: &YulPath) -> Option<YulExprKind> {
        if self.in_function {
            let message = "a function in assembly sees no variables outside it";
            return self.b.c.fail_help(
                codes::ASM_ACCESS.solc(6578),
                path.span,
                message,
                "pass the value as an argument",
            );
        }
        let ty = self.b.locals.get(id.index())?.ty.clone();
        let part = self.part(path)?;
        let place = |p| Some(YulExprKind::Place(p));
        match (&ty, part) {
            (_, Some(YulPart::Slot)) if ty.loc() == Some(Loc::Storage) => {
                place(YulPlace::LocalPart(id, YulPart::Slot))
            }
            (_, Some(YulPart::Offset)) if ty.loc() == Some(Loc::Storage) => {
                Some(YulExprKind::Literal(U256::ZERO))
            }
            (
                Ty::Bytes(Loc::Calldata)
                | Ty::String(Loc::Calldata)
                | Ty::Array { len: None, loc: Loc::Calldata, .. },
                Some(p @ (YulPart::Offset | YulPart::Length)),
            ) => place(YulPlace::LocalPart(id, p)),
            (Ty::Function(f), Some(p @ (YulPart::Selector | YulPart::Address))) if f.external => {
                place(YulPlace::LocalPart(id, p))
            }
            (Ty::Function(f), None) if f.external => {
                self.fail(codes::ASM_ACCESS.solc(9857), path.span, "write `.selector` or `.address`")
            }
            (_, None) if ty.loc() == Some(Loc::Storage) => {
                self.fail(codes::ASM_ACCESS.solc(9068), path.span, "write `.slot` for a storage pointer")
            }
            (
                Ty::Bytes(Loc::Calldata)
                | Ty::String(Loc::Calldata)
                | Ty::Array { len: None, loc: Loc::Calldata, .. },
                None,
            ) => self.fail(
                codes::ASM_ACCESS.solc(1397),
                path.span,
                "write `.offset` or `.length` for calldata",
            ),
            (_, None) => place(YulPlace::Local(id)),
            (_, part) => {
                let number = wrong_part(&ty, part);
                self.fail(codes::ASM_ACCESS.solc(number), path.span, "this variable has no such part")
            }
        }
    }

    fn outside(&mut self, path: &YulPath) -> Option<YulExprKind> {
        let first = path.segments.first()?;
        let found = self.b.c.lookup(self.b.scope, &first.name);
        match found.first() {
            Some(Decl::Var(id)) => self.state_variable(*id, path),
            Some(decl) => {
                let number = match decl {
                    Decl::Function(_) if path.segments.len() > 1 => 7944,
                    Decl::Function(_) if found.len() > 1 => 4718,
                    Decl::Function(_) => 2025,
                    Decl::Contract(_) => 4977,
                    _ => 8198,
                };
                self.fail(codes::ASM_ACCESS.solc(number), path.span, "this cannot be used in assembly")
            }
            None => self.unknown(path),
        }
    }

    fn unknown<X>(&mut self, path: &YulPath) -> Option<X> {
        let name = path.segments.iter().map(|s| s.name.to_string()).collect::<Vec<_>>().join(".");
        if path.segments.len() == 1 && self.builtin(&name).is_some() {
            let message = format!("`{name}` is a builtin function");
            let help = format!("call it: `{name}(...)`");
            return self.b.c.fail_help(codes::ASM_ACCESS.solc(7104), path.span, message, help);
        }
        let message = format!("`{name}` is not declared");
        if name.ends_with("_slot") || name.ends_with("_offset") {
            let help = "write `.slot` or `.offset` with a dot";
            return self.b.c.fail_help(codes::ASM_UNDECLARED.solc(9467), path.span, message, help);
        }
        self.fail(codes::ASM_UNDECLARED.solc(8198), path.span, message)
    }

    fn state_variable(&mut self, id: VarId, path: &YulPath) -> Option<YulExprKind> {
        let var = self.b.c.hir.vars.get(id.index())?;
        let kind = var.kind;
        let value = var.ty.is_value();
        let part = self.part(path)?;
        match (kind, part) {
            (VarKind::Constant, _) if self.b.c.is_circular_constant(id) => {
                self.fail(codes::CYCLE.solc(3558), path.span, "this constant is defined through itself")
            }
            (VarKind::Constant, None) if value && self.b.c.is_direct_constant(id) => {
                Some(YulExprKind::Constant(id))
            }
            (VarKind::Constant, None) if value => {
                let message = "only constants that are a literal, or such a constant, can be read here";
                let help = "copy it to a local variable first";
                self.b.c.fail_help(codes::ASM_ACCESS.solc(7615), path.span, message, help)
            }
            (VarKind::Constant, part) => {
                let number = if part.is_some() { 6617 } else { 7615 };
                self.fail(
                    codes::ASM_ACCESS.solc(number),
                    path.span,
                    "only constants of value type can be read here",
                )
            }
            (VarKind::Immutable, _) => {
                let help = "copy it to a local variable first";
                self.b.c.fail_help(
                    codes::ASM_ACCESS.solc(3773),
                    path.span,
                    "an immutable cannot be read in assembly",
                    help,
                )
            }
            (_, Some(part @ (YulPart::Slot | YulPart::Offset))) => Some(YulExprKind::StatePart(id, part)),
            (_, part) => self.b.c.fail_help(
                codes::ASM_ACCESS.solc(if part.is_some() { 4656 } else { 1408 }),
                path.span,
                "a state variable is reached by its slot",
                "write `.slot` or `.offset`",
            ),
        }
    }

    fn target(&mut self, path: &YulPath) -> Option<YulPlace> {
        if let Some(first) = path.segments.first()
            && path.segments.len() == 1
            && self.builtin(&first.name).is_some()
        {
            return self.fail(codes::ASM_ACCESS.solc(6272), path.span, "a builtin cannot be assigned to");
        }
        if let Some(number) = self.bad_target(path) {
            let message = "this cannot be assigned to in assembly";
            return self.fail(codes::ASM_ACCESS.solc(number), path.span, message);
        }
        match self.path(path)? {
            YulExprKind::Place(YulPlace::Local(id))
                if self.b.locals.get(id.index())?.ty.loc() == Some(Loc::Calldata) =>
            {
                Some(YulPlace::Local(id))
            }
            YulExprKind::Place(place) => Some(place),
            _ => self.fail(codes::ASM_ACCESS.solc(9739), path.span, "this cannot be assigned to in assembly"),
        }
    }

    /// Returns solc's number for a target that can be told wrong by what it names.
    fn bad_target(&self, path: &YulPath) -> Option<u16> {
        let first = path.segments.first()?;
        match self.find(&first.name) {
            Some(Name::Function(_)) => return Some(2657),
            Some(Name::Var(_)) => return None,
            None => {}
        }
        if self.b.scopes.iter().any(|s| s.contains_key(&first.name)) {
            return None;
        }
        match self.b.c.lookup(self.b.scope, &first.name).first() {
            Some(Decl::Var(id)) => match self.b.c.hir.vars.get(id.index())?.kind {
                VarKind::Constant => Some(6252),
                VarKind::Immutable => None,
                _ => path.segments.get(1).filter(|p| matches!(&*p.name, "slot" | "offset")).map(|_| 4713),
            },
            Some(Decl::Function(_)) => Some(1990),
            Some(_) => None,
            None => Some(4634),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_extension_opcode_is_a_builtin() {
        for op in opcode::TABLE {
            let yul = builtin(&op.name.to_lowercase()).unwrap();
            assert_eq!((yul.args, yul.returns), (op.inputs.len(), op.outputs.len()));
            assert!(builtin(op.name).is_none());
        }
    }
}
