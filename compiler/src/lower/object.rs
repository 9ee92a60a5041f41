//! Lowers objects of standalone Yul: one module each.

use super::cx::{Cx, Phase, Pointers, Res, broken};
use super::fx::{Fx, Val, Vals};
use super::{LowerError, Settings, contract};
use crate::hir::yul::{Assembly, Object, YulExpr, YulExprKind, YulStmt, YulStmtKind};
use crate::hir::{ContractId, Hir};
use crate::ir::{Frames, Module, Op, Symbol, Terminator};
use crate::source::Span;
use alloy_primitives::U256;

/// Lowers an object and all objects in it; its own module comes first.
pub(crate) fn lower_object(object: &Object, settings: Settings) -> Result<Vec<Module>, Vec<LowerError>> {
    let (mut modules, mut errors, mut open) = (Vec::new(), Vec::new(), vec![object]);
    // There is no Solidity around a Yul object.
    let hir = Hir::default();
    while let Some(object) = open.pop() {
        let mut cx =
            Cx::new(&hir, ContractId(0), Phase::Runtime, object.path.clone(), Pointers::default(), settings);
        declare_symbols(&mut cx.module, object);
        cx.guard = guard(&object.code);
        cx.module.frames = cx.guard.map_or(Frames::Nowhere, Frames::From);
        cx.module.runtime = object.deployed().map(|inner| inner.path.clone());
        errors.extend(contract::build(&mut cx, |fx| fx.build_object(&object.code)));
        modules.push(cx.module);
        open.extend(object.objects.iter().rev());
    }
    if errors.is_empty() { Ok(modules) } else { Err(errors) }
}

fn declare_symbols(module: &mut Module, object: &Object) {
    for inner in &object.objects {
        module.object(inner.path.clone());
    }
    for (name, bytes) in &object.data {
        module.data(name.clone(), bytes.clone());
    }
}

impl<'h> Fx<'_, 'h, '_> {
    /// Builds the entry: the code, which stops where it ends.
    fn build_object(&mut self, code: &'h Assembly) -> Res<()> {
        self.assembly(code)?;
        self.b.terminate(Terminator::Stop);
        Ok(())
    }

    /// Lowers a builtin that only objects have.
    pub(crate) fn object_builtin(
        &mut self,
        name: &str,
        literal: &str,
        args: &[Val],
        span: Span,
    ) -> Res<Vals> {
        match name {
            "datasize" | "dataoffset" => {
                let symbol = self.symbol(literal);
                let size = name == "datasize";
                Ok(vec![if size { self.b.data_size(symbol) } else { self.b.data_offset(symbol) }])
            }
            "setimmutable" => {
                let id = self.cx.module.immutable(literal);
                let (base, value) = (self.at(args, 0), self.at(args, 1));
                self.b.set_immutable(id, base, value);
                Ok(Vec::new())
            }
            "loadimmutable" => {
                let id = self.cx.module.immutable(literal);
                Ok(vec![self.b.load_immutable(id)])
            }
            "linkersymbol" => {
                let id = self.cx.module.library(literal);
                Ok(vec![self.b.linker_symbol(id)])
            }
            "memoryguard" => match self.cx.guard {
                Some(_) => Ok(vec![self.b.mem_start()]),
                None => {
                    let word = literal.parse::<U256>().map_err(|_| broken("number of a memory guard"))?;
                    Ok(vec![self.big(word)])
                }
            },
            _ if name.starts_with("verbatim_") => self.verbatim(name, literal, args),
            _ => Err(LowerError::unsupported(format!("the assembly builtin `{name}`"), span)),
        }
    }

    /// Finds what a name stands for: a part of the object, or the object itself.
    fn symbol(&mut self, name: &str) -> crate::ir::SymbolId {
        let module = &mut self.cx.module;
        let own = module.name.rsplit('.').next() == Some(name);
        let inner = format!("{}.{name}", module.name);
        let known = module.symbols.enumerated().find(|(_, symbol)| match symbol {
            Symbol::Data { name: data, .. } => data == name,
            Symbol::Object(path) => *path == inner,
            Symbol::Myself => own,
        });
        match known.map(|(id, _)| id) {
            Some(id) => id,
            None => module.symbol(Symbol::Myself),
        }
    }

    fn verbatim(&mut self, name: &str, code: &str, args: &[Val]) -> Res<Vals> {
        let code = alloy_primitives::hex::decode(code).map_err(|_| broken("code of verbatim"))?;
        let results = name.rsplit('_').next().and_then(|o| o.strip_suffix('o')).and_then(|o| o.parse().ok());
        let results = results.ok_or_else(|| broken("results of verbatim"))?;
        let id = self.cx.module.verbatim(&code);
        Ok(self.b.inst(Op::Verbatim(id), args, results).to_vec())
    }
}

/// Returns the start of the memory that the code sets aside, if all its `memoryguard`s agree.
fn guard(code: &Assembly) -> Option<u64> {
    let mut found = Guards::default();
    found.stmts(&code.body);
    code.functions.iter().for_each(|f| found.stmts(&f.body));
    match found.all.as_slice() {
        [first, rest @ ..] if rest.iter().all(|g| g == first) => first.parse().ok().filter(|n| *n < 1 << 32),
        _ => None,
    }
}

/// Collects the operands of `memoryguard`.
#[derive(Default)]
struct Guards {
    all: Vec<String>,
}

impl Guards {
    fn stmts(&mut self, list: &[YulStmt]) {
        list.iter().for_each(|stmt| self.stmt(stmt));
    }

    fn stmt(&mut self, stmt: &YulStmt) {
        match &stmt.kind {
            YulStmtKind::Block(body) => self.stmts(body),
            YulStmtKind::Let(_, Some(e)) | YulStmtKind::Assign(_, e) | YulStmtKind::Expr(e) => self.expr(e),
            YulStmtKind::If(cond, body) => {
                self.expr(cond);
                self.stmts(body);
            }
            YulStmtKind::Switch(value, cases, default) => {
                self.expr(value);
                cases.iter().for_each(|(_, body)| self.stmts(body));
                default.iter().for_each(|body| self.stmts(body));
            }
            YulStmtKind::For { init, cond, step, body } => {
                self.expr(cond);
                [init, step, body].into_iter().for_each(|part| self.stmts(part));
            }
            YulStmtKind::Let(_, None) | YulStmtKind::Break | YulStmtKind::Continue | YulStmtKind::Leave => {}
        }
    }

    fn expr(&mut self, e: &YulExpr) {
        match &e.kind {
            YulExprKind::Builtin { name, literal, args } => {
                if name == "memoryguard" {
                    self.all.extend(literal.clone());
                }
                args.iter().for_each(|arg| self.expr(arg));
            }
            YulExprKind::Call(_, args) => args.iter().for_each(|arg| self.expr(arg)),
            _ => {}
        }
    }
}
