//! Finds storage and calldata pointers that may be read before they have a value. Such a pointer would silently
//! mean slot 0.

use super::Checker;
use crate::diag::{Diagnostic, codes};
use crate::hir::yul::{Assembly, YulExpr, YulExprKind, YulPlace, YulStmt, YulStmtKind};
use crate::hir::*;
use crate::source::Span;
use std::collections::BTreeSet;

/// Stands for "the modifier's placeholder has run".
const PLACEHOLDER: LocalId = LocalId(u32::MAX);

/// Holds the pointers that may lack a value; none where the code cannot be reached.
type State = Option<BTreeSet<LocalId>>;

/// Walks one body.
struct Flow<'a> {
    locals: &'a [Local],
    returns: &'a [LocalId],
    /// Functions that never return.
    stuck: &'a BTreeSet<FunctionId>,
    found: Vec<(LocalId, Span)>,
    /// What may lack a value where the body ends or returns.
    exits: BTreeSet<LocalId>,
    /// True when the body can end at all.
    ends: bool,
    /// States at the `break`s and `continue`s of the loops around.
    breaks: Vec<BTreeSet<LocalId>>,
    continues: Vec<State>,
    yul_breaks: Vec<BTreeSet<LocalId>>,
    in_yul_function: bool,
}

impl Checker {
    /// Checks every function with pointer locals.
    pub(super) fn check_flow(&mut self) {
        if !self.hir.functions.iter().any(|f| f.locals.iter().any(|l| is_pointer(&l.ty))) {
            return;
        }
        let stuck = never_returning(&self.hir);
        let modifiers: Vec<Passage> = self.hir.modifiers.iter().map(|m| passage(m, &stuck)).collect();
        let mut diags = Vec::new();
        for (function, owned) in self.hir.functions.iter().zip(&self.functions) {
            let Some(body) = &function.body else { continue };
            if function.locals.iter().any(|l| is_pointer(&l.ty)) {
                let results: Vec<Span> = owned.ast.returns.iter().map(|p| p.span).collect();
                check_function((function, &results), body, &modifiers, &stuck, &mut diags);
            }
        }
        self.diags.extend(diags);
    }
}

/// Finds the functions that revert on every path; calling one ends a path like `revert()` does.
fn never_returning(hir: &Hir) -> BTreeSet<FunctionId> {
    let mut stuck = BTreeSet::new();
    // One round more than helpers of helpers are deep; what is deeper counts as returning, as recursion does.
    for _ in 0..8 {
        let modifiers: Vec<Passage> = hir.modifiers.iter().map(|m| passage(m, &stuck)).collect();
        let known = stuck.len();
        for (i, function) in hir.functions.iter().enumerate() {
            let id = FunctionId(i as u32);
            let overridden = function.is_virtual && function.contract.is_some();
            if overridden || stuck.contains(&id) {
                continue;
            }
            let Some(body) = &function.body else { continue };
            let mut flow = Flow::new(&function.locals, &[], &stuck);
            let end = flow.block(body, Some(BTreeSet::new()));
            flow.leave(end);
            let mut applied = function.modifiers.iter().filter_map(|m| modifiers.get(m.modifier.index()));
            if !flow.ends && !applied.any(|m| m.skips) {
                stuck.insert(id);
            }
        }
        if stuck.len() == known {
            break;
        }
    }
    stuck
}

/// Says how control passes through a modifier.
#[derive(Clone, Copy, Default)]
struct Passage {
    /// It can end without running the function's body.
    skips: bool,
    /// It can end.
    ends: bool,
}

fn check_function(
    (function, results): (&Function, &[Span]),
    body: &Block,
    modifiers: &[Passage],
    stuck: &BTreeSet<FunctionId>,
    diags: &mut Vec<Diagnostic>,
) {
    let mut flow = Flow::new(&function.locals, &function.returns, stuck);
    let pointer = |id: &&LocalId| function.locals.get(id.index()).is_some_and(|l| is_pointer(&l.ty));
    let start: BTreeSet<LocalId> = function.returns.iter().filter(pointer).copied().collect();
    let mut entered = Some(start);
    for modifier in &function.modifiers {
        entered = flow.all(&modifier.args, entered);
    }
    let end = flow.block(body, entered.clone());
    flow.leave(end);
    let applied = || function.modifiers.iter().filter_map(|m| modifiers.get(m.modifier.index()));
    if applied().any(|m| m.skips) {
        flow.leave(entered);
    }
    if !flow.ends || applied().any(|m| !m.ends) {
        // A body that always reverts harms nobody.
        return;
    }
    let exits: Vec<LocalId> = flow.exits.iter().copied().collect();
    let place = |id: &LocalId| {
        let at = function.returns.iter().position(|r| r == id);
        at.and_then(|at| results.get(at)).copied()
    };
    let ends = exits.into_iter().filter_map(|id| Some((id, place(&id)?)));
    for (id, span) in flow.found.into_iter().chain(ends) {
        let Some(local) = function.locals.get(id.index()) else { continue };
        let message = format!("the pointer `{}` may have no value here", local.name);
        diags.push(
            Diagnostic::error(codes::UNASSIGNED_STORAGE_POINTER.solc(3464), span, message)
                .at(local.span, "declared here")
                .help("assign it on every path before"),
        );
    }
}

fn passage(modifier: &Modifier, stuck: &BTreeSet<FunctionId>) -> Passage {
    let Some(body) = &modifier.body else { return Passage { skips: false, ends: true } };
    let mut flow = Flow::new(&modifier.locals, &[], stuck);
    let end = flow.block(body, Some(BTreeSet::from([PLACEHOLDER])));
    flow.leave(end);
    Passage { skips: flow.exits.contains(&PLACEHOLDER), ends: flow.ends }
}

fn is_pointer(ty: &Ty) -> bool {
    matches!(ty.loc(), Some(Loc::Storage | Loc::Calldata))
}

fn join(a: State, b: State) -> State {
    match (a, b) {
        (Some(mut a), Some(b)) => {
            a.extend(b);
            Some(a)
        }
        (a, b) => a.or(b),
    }
}

impl<'a> Flow<'a> {
    fn new(locals: &'a [Local], returns: &'a [LocalId], stuck: &'a BTreeSet<FunctionId>) -> Self {
        Self {
            locals,
            returns,
            stuck,
            found: Vec::new(),
            exits: BTreeSet::new(),
            ends: false,
            breaks: Vec::new(),
            continues: Vec::new(),
            yul_breaks: Vec::new(),
            in_yul_function: false,
        }
    }

    fn leave(&mut self, state: State) {
        self.ends |= state.is_some();
        self.exits
            .extend(state.into_iter().flatten().filter(|id| *id == PLACEHOLDER || self.returns.contains(id)));
    }

    fn block(&mut self, block: &Block, state: State) -> State {
        block.stmts.iter().fold(state, |state, stmt| self.stmt(stmt, state))
    }

    fn stmt(&mut self, stmt: &Stmt, mut state: State) -> State {
        match &stmt.kind {
            StmtKind::Block(block) => self.block(block, state),
            StmtKind::Expr(e) => self.expr(e, state),
            StmtKind::Let { vars, init } => {
                if let Some(init) = init {
                    return self.expr(init, state);
                }
                let pointers = vars
                    .iter()
                    .flatten()
                    .filter(|id| self.locals.get(id.index()).is_some_and(|l| is_pointer(&l.ty)));
                if let Some(set) = &mut state {
                    set.extend(pointers.copied());
                }
                state
            }
            StmtKind::If { cond, then, otherwise } => {
                let state = self.expr(cond, state);
                let taken = self.stmt(then, state.clone());
                let other = match otherwise {
                    Some(other) => self.stmt(other, state),
                    None => state,
                };
                join(taken, other)
            }
            StmtKind::While { cond, body } => self.looped(None, Some(cond), None, body, state),
            StmtKind::For { init, cond, step, body } => {
                let state = match init {
                    Some(init) => self.stmt(init, state),
                    None => state,
                };
                self.looped(None, cond.as_ref(), step.as_ref(), body, state)
            }
            StmtKind::DoWhile { body, cond } => self.looped(Some(cond), None, None, body, state),
            StmtKind::Break => {
                if let (Some(set), Some(breaks)) = (state, self.breaks.last_mut()) {
                    breaks.extend(set);
                }
                None
            }
            StmtKind::Continue => {
                if let Some(continues) = self.continues.last_mut() {
                    *continues = join(continues.take(), state);
                }
                None
            }
            StmtKind::Return(value) => {
                match value {
                    Some(value) => {
                        let after = self.expr(value, state);
                        // Returned values are assigned to the return variables.
                        let rest = after.map(|set| set.into_iter().filter(|id| *id == PLACEHOLDER).collect());
                        self.leave(rest);
                    }
                    None => self.leave(state),
                }
                None
            }
            StmtKind::Emit { args, .. } => self.all(args, state),
            StmtKind::RevertError { args, .. } => {
                self.all(args, state);
                None
            }
            StmtKind::Placeholder => state.map(|mut set| {
                set.remove(&PLACEHOLDER);
                set
            }),
            StmtKind::Assembly(assembly) => self.assembly(assembly, state),
            StmtKind::Try { call, success, catches, .. } => {
                let state = self.expr(call, state);
                let done = self.block(success, state.clone());
                catches.iter().fold(done, |done, c| {
                    let caught = self.block(&c.body, state.clone());
                    join(done, caught)
                })
            }
        }
    }

    /// Walks a loop once: assignments only take pointers out of the set, so a second turn shows nothing new.
    fn looped(
        &mut self,
        after_body: Option<&Expr>,
        cond: Option<&Expr>,
        step: Option<&Expr>,
        body: &Stmt,
        state: State,
    ) -> State {
        self.breaks.push(BTreeSet::new());
        self.continues.push(None);
        let entered = match cond {
            Some(cond) => self.expr(cond, state),
            None => state,
        };
        let reachable = entered.is_some();
        // A loop without a condition counts as one that may end, as in solc.
        let done = self.stmt(body, entered.clone());
        let mut done = join(done, self.continues.pop().flatten());
        if let Some(step) = step {
            done = self.expr(step, done);
        }
        let end = match after_body {
            Some(cond) => self.expr(cond, done),
            None => entered,
        };
        let breaks = self.breaks.pop().unwrap_or_default();
        if reachable && (end.is_none() || !breaks.is_empty()) {
            return join(end, Some(breaks));
        }
        end
    }

    fn all(&mut self, list: &[Expr], state: State) -> State {
        list.iter().fold(state, |state, e| self.expr(e, state))
    }

    fn read(&mut self, id: LocalId, span: Span, state: &State) {
        if state.as_ref().is_some_and(|set| set.contains(&id)) && !self.found.contains(&(id, span)) {
            self.found.push((id, span));
        }
    }

    /// Walks an expression in the order of evaluation.
    fn expr(&mut self, e: &Expr, state: State) -> State {
        use ExprKind::*;
        match &e.kind {
            Local(id) => {
                self.read(*id, e.span, &state);
                state
            }
            Bool(_) | Number(_) | Literal(_) | StateVar(_) | FunctionPointer(_) | LibraryAddress(_) => state,
            Index { base, index } => {
                let state = self.expr(base, state);
                self.expr(index, state)
            }
            Slice { base, start, end } => {
                let state = self.expr(base, state);
                start.iter().chain(end).fold(state, |s, e| self.expr(e, s))
            }
            Field { base, .. } | ExternalFunction { base, .. } | ExternalPart { base, .. } => {
                self.expr(base, state)
            }
            Length(e) | Convert(e) | Delete(e) | NewArray(e) | Written { value: e, .. } => {
                self.expr(e, state)
            }
            Unary { expr, .. } => self.expr(expr, state),
            Binary { lhs, rhs, .. } => {
                let state = self.expr(lhs, state);
                self.expr(rhs, state)
            }
            And(a, b) | Or(a, b) => {
                let state = self.expr(a, state);
                let taken = self.expr(b, state.clone());
                join(state, taken)
            }
            Conditional { cond, then, otherwise } => {
                let state = self.expr(cond, state);
                let a = self.expr(then, state.clone());
                let b = self.expr(otherwise, state);
                join(a, b)
            }
            Assign { place, value } => {
                if let (Local(a), Local(b)) = (&place.kind, &value.kind)
                    && a == b
                {
                    return self.assign(place, state);
                }
                let state = self.expr(value, state);
                self.assign(place, state)
            }
            AssignOp { place, value, .. } => {
                let state = self.expr(value, state);
                self.expr(place, state)
            }
            IncDec { place, .. } => self.expr(place, state),
            Tuple(list) => list.iter().flatten().fold(state, |s, e| self.expr(e, s)),
            ArrayLiteral(list) => self.all(list, state),
            NewStruct { args, .. } => self.all(args, state),
            InternalCall { callee, args } => {
                let state = self.all(args, state);
                let target = match callee {
                    Callee::Exact(f) | Callee::Virtual(f) => Some(f),
                    Callee::Super { .. } => None,
                };
                if target.is_some_and(|f| self.stuck.contains(f)) { None } else { state }
            }
            NewContract { options, args, .. } => {
                let state = self.options(options, state);
                self.all(args, state)
            }
            PointerCall { callee, args } => {
                let state = self.expr(callee, state);
                self.all(args, state)
            }
            ExternalCall { callee, options, args, .. } => {
                let state = self.expr(callee, state);
                let state = self.options(options, state);
                self.all(args, state)
            }
            LowLevelCall { address, data, options, .. } => {
                let state = self.expr(address, state);
                let state = self.options(options, state);
                self.expr(data, state)
            }
            Builtin { builtin, args } => {
                let state = self.all(args, state);
                let ends = matches!(
                    builtin,
                    crate::hir::Builtin::Revert
                        | crate::hir::Builtin::RevertMessage
                        | crate::hir::Builtin::SelfDestruct
                );
                if ends { None } else { state }
            }
        }
    }

    fn options(&mut self, options: &CallOptions, state: State) -> State {
        let list = [&options.gas, &options.value, &options.salt];
        list.into_iter().flatten().fold(state, |s, e| self.expr(e, s))
    }

    fn assign(&mut self, place: &Expr, state: State) -> State {
        match &place.kind {
            ExprKind::Local(id) => state.map(|mut set| {
                set.remove(id);
                set
            }),
            ExprKind::Tuple(list) => list.iter().flatten().fold(state, |s, p| self.assign(p, s)),
            _ => self.expr(place, state),
        }
    }

    fn assembly(&mut self, assembly: &Assembly, state: State) -> State {
        for function in &assembly.functions {
            let outer = std::mem::replace(&mut self.in_yul_function, true);
            self.yul_block(&function.body, state.clone());
            self.in_yul_function = outer;
        }
        self.yul_block(&assembly.body, state)
    }

    fn yul_block(&mut self, block: &[YulStmt], state: State) -> State {
        block.iter().fold(state, |s, stmt| self.yul_stmt(stmt, s))
    }

    fn yul_stmt(&mut self, stmt: &YulStmt, state: State) -> State {
        match &stmt.kind {
            YulStmtKind::Block(block) => self.yul_block(block, state),
            YulStmtKind::Let(_, value) => match value {
                Some(value) => self.yul_expr(value, state),
                None => state,
            },
            YulStmtKind::Assign(places, value) => {
                let state = self.yul_expr(value, state);
                state.map(|mut set| {
                    for place in places {
                        if let YulPlace::LocalPart(id, _) | YulPlace::Local(id) = place {
                            set.remove(id);
                        }
                    }
                    set
                })
            }
            YulStmtKind::Expr(e) => self.yul_expr(e, state),
            YulStmtKind::If(cond, body) => {
                let state = self.yul_expr(cond, state);
                let taken = self.yul_block(body, state.clone());
                join(taken, state)
            }
            YulStmtKind::Switch(value, cases, default) => {
                let state = self.yul_expr(value, state);
                let mut end = match default {
                    Some(body) => self.yul_block(body, state.clone()),
                    None => state.clone(),
                };
                for (_, body) in cases {
                    let taken = self.yul_block(body, state.clone());
                    end = join(end, taken);
                }
                end
            }
            YulStmtKind::For { init, cond, step, body } => {
                let state = self.yul_block(init, state);
                let state = self.yul_expr(cond, state);
                self.yul_breaks.push(BTreeSet::new());
                let done = self.yul_block(body, state.clone());
                self.yul_block(step, done.or_else(|| state.clone()));
                let breaks = self.yul_breaks.pop().unwrap_or_default();
                state.map(|mut set| {
                    set.extend(breaks);
                    set
                })
            }
            YulStmtKind::Break => {
                if let (Some(set), Some(breaks)) = (state, self.yul_breaks.last_mut()) {
                    breaks.extend(set);
                }
                None
            }
            YulStmtKind::Continue | YulStmtKind::Leave => None,
        }
    }

    fn yul_expr(&mut self, e: &YulExpr, state: State) -> State {
        match &e.kind {
            YulExprKind::Literal(_) | YulExprKind::StatePart(..) | YulExprKind::Constant(_) => state,
            YulExprKind::Place(place) => {
                if let YulPlace::LocalPart(id, _) | YulPlace::Local(id) = place {
                    self.read(*id, e.span, &state);
                }
                state
            }
            YulExprKind::Builtin { name, args, .. } => {
                let state = args.iter().rev().fold(state, |s, a| self.yul_expr(a, s));
                let ends = matches!(name.as_str(), "revert" | "return" | "stop" | "invalid" | "selfdestruct");
                if ends { None } else { state }
            }
            YulExprKind::Call(_, args) => args.iter().rev().fold(state, |s, a| self.yul_expr(a, s)),
        }
    }
}
