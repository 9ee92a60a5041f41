//! Builds the graph of what may run after what in one function, its modifiers around it.

use crate::hir::yul::{Assembly, YulExpr, YulExprKind, YulStmt, YulStmtKind};
use crate::hir::*;
use crate::source::{SourceMap, Span};

/// Is a stretch of code that runs as a whole.
#[derive(Default)]
pub(super) struct Node {
    /// What stands in it.
    pub(super) span: Option<Span>,
    pub(super) next: Vec<usize>,
    /// A function that is called at its end.
    pub(super) call: Option<Callee>,
    /// True where all results get their values.
    pub(super) returns: bool,
}

pub(super) const ENTRY: usize = 0;
pub(super) const EXIT: usize = 1;
/// Where a call that fails ends.
pub(super) const REVERT: usize = 2;
/// Where assembly ends the whole call.
pub(super) const STOP: usize = 3;

/// Is one function or modifier with the span of its body.
#[derive(Clone, Copy)]
pub(super) struct Code<'a> {
    pub(super) body: &'a Block,
    pub(super) span: Option<Span>,
}

/// Builds the graph; the current node is where the next code goes.
pub(super) struct Builder<'a> {
    pub(super) nodes: Vec<Node>,
    map: &'a SourceMap,
    at: usize,
    /// Where `return` goes.
    leave: usize,
    /// Where the placeholder of the modifier goes and comes back.
    inner: (usize, usize),
    loops: Vec<(usize, usize)>,
}

impl<'a> Builder<'a> {
    /// Builds the graph of a function body with the modifiers around it, outermost first.
    pub(super) fn build(
        map: &'a SourceMap,
        args: &[&Expr],
        modifiers: &[Code<'_>],
        body: Code<'_>,
    ) -> Vec<Node> {
        let nodes = (0..4).map(|_| Node::default()).collect();
        let mut b = Self { nodes, map, at: ENTRY, leave: EXIT, inner: (0, 0), loops: Vec::new() };
        args.iter().for_each(|e| b.expr(e));
        let start = b.label();
        let frames: Vec<(usize, usize)> = modifiers.iter().map(|_| (b.node(), b.node())).collect();
        let mut exit = EXIT;
        let mut entry = start;
        for (modifier, frame) in modifiers.iter().zip(&frames) {
            (b.at, b.leave, b.inner) = (entry, exit, *frame);
            b.code(*modifier);
            b.connect(b.at, exit);
            (entry, exit) = *frame;
        }
        (b.at, b.leave) = (entry, exit);
        b.code(body);
        b.connect(b.at, exit);
        b.nodes
    }

    fn code(&mut self, code: Code<'_>) {
        if let Some(span) = code.span {
            self.cover(span);
        }
        self.block(code.body);
    }

    fn node(&mut self) -> usize {
        self.nodes.push(Node::default());
        self.nodes.len() - 1
    }

    fn connect(&mut self, from: usize, to: usize) {
        if let Some(node) = self.nodes.get_mut(from) {
            node.next.push(to);
        }
    }

    /// Starts a new node behind the current one.
    fn label(&mut self) -> usize {
        let next = self.node();
        self.connect(self.at, next);
        self.at = next;
        next
    }

    /// Ends the current node by a jump.
    fn jump(&mut self, to: usize) {
        self.connect(self.at, to);
        self.at = self.node();
    }

    /// Notes that code stands in the current node.
    fn cover(&mut self, span: Span) {
        if let Some(node) = self.nodes.get_mut(self.at) {
            node.span = match node.span {
                Some(old) if old.file == span.file => Some(old.to(span)),
                Some(old) => Some(old),
                None => Some(span),
            };
        }
    }

    fn split(&mut self, count: usize) -> Vec<usize> {
        let from = self.at;
        (0..count)
            .map(|_| {
                let node = self.node();
                self.connect(from, node);
                node
            })
            .collect()
    }

    fn merge(&mut self, ends: &[usize]) {
        let end = self.node();
        ends.iter().for_each(|e| self.connect(*e, end));
        self.at = end;
    }

    fn block(&mut self, block: &Block) {
        block.stmts.iter().for_each(|s| self.stmt(s));
    }

    /// Runs `build` from a node and returns where it ends.
    fn from(&mut self, node: usize, build: impl FnOnce(&mut Self)) -> usize {
        self.at = node;
        build(self);
        self.at
    }

    fn stmt(&mut self, stmt: &Stmt) {
        self.cover(self.place(stmt));
        match &stmt.kind {
            StmtKind::Block(block) => self.block(block),
            StmtKind::Expr(e) => self.expr(e),
            StmtKind::Let { init, .. } => init.iter().for_each(|e| self.expr(e)),
            StmtKind::If { cond, then, otherwise } => self.branch(cond, then, otherwise.as_deref()),
            StmtKind::While { cond, body } => self.looped(None, Some(cond), None, body),
            StmtKind::DoWhile { body, cond } => self.do_while(body, cond),
            StmtKind::For { init, cond, step, body } => {
                self.looped(init.as_deref(), cond.as_ref(), step.as_ref(), body);
            }
            StmtKind::Break => self.leave_loop(|(_, after)| after),
            StmtKind::Continue => self.leave_loop(|(step, _)| step),
            StmtKind::Return(value) => {
                if let Some(value) = value {
                    self.expr(value);
                    self.nodes.get_mut(self.at).into_iter().for_each(|n| n.returns = true);
                }
                self.jump(self.leave);
            }
            StmtKind::Emit { args, .. } => args.iter().for_each(|e| self.expr(e)),
            StmtKind::RevertError { args, .. } => {
                args.iter().for_each(|e| self.expr(e));
                self.jump(REVERT);
            }
            StmtKind::Placeholder => {
                let (enter, back) = self.inner;
                self.connect(self.at, enter);
                self.at = self.node();
                self.connect(back, self.at);
            }
            StmtKind::Assembly(assembly) => self.assembly(assembly),
            StmtKind::Try { call, success, catches, .. } => {
                self.expr(call);
                let starts = self.split(1 + catches.len());
                let blocks = std::iter::once(success).chain(catches.iter().map(|c| &c.body));
                let ends: Vec<usize> =
                    starts.into_iter().zip(blocks).map(|(at, b)| self.from(at, |s| s.block(b))).collect();
                self.merge(&ends);
            }
        }
    }

    /// Returns the place of a statement without its semicolon; a bare `return` keeps it, as in solc.
    fn place(&self, stmt: &Stmt) -> Span {
        if matches!(stmt.kind, StmtKind::Return(None) | StmtKind::DoWhile { .. } | StmtKind::Block(_)) {
            return stmt.span;
        }
        let text = self.map.text(stmt.span);
        let kept = text.strip_suffix(';').unwrap_or(text).trim_end().len();
        Span { end: stmt.span.start + kept as u32, ..stmt.span }
    }

    fn leave_loop(&mut self, target: impl Fn((usize, usize)) -> usize) {
        match self.loops.last().copied() {
            Some(around) => self.jump(target(around)),
            None => self.at = self.node(),
        }
    }

    fn branch(&mut self, cond: &Expr, then: &Stmt, otherwise: Option<&Stmt>) {
        self.expr(cond);
        let [yes, no] = self.fork();
        let yes = self.from(yes, |b| b.stmt(then));
        let no = match otherwise {
            Some(other) => self.from(no, |b| b.stmt(other)),
            None => no,
        };
        self.merge(&[yes, no]);
    }

    fn fork(&mut self) -> [usize; 2] {
        let from = self.at;
        [(); 2].map(|()| {
            let node = self.node();
            self.connect(from, node);
            node
        })
    }

    fn looped(&mut self, init: Option<&Stmt>, cond: Option<&Expr>, step: Option<&Expr>, body: &Stmt) {
        init.iter().for_each(|s| self.stmt(s));
        let test = self.label();
        cond.iter().for_each(|e| self.expr(e));
        let [inside, after] = self.fork();
        let again = if step.is_some() { self.node() } else { test };
        self.loops.push((again, after));
        self.at = inside;
        self.stmt(body);
        self.loops.pop();
        self.connect(self.at, again);
        if let Some(step) = step {
            self.at = again;
            self.expr(step);
            self.connect(self.at, test);
        }
        self.at = after;
    }

    fn do_while(&mut self, body: &Stmt, cond: &Expr) {
        let start = self.label();
        let (test, after) = (self.node(), self.node());
        self.loops.push((test, after));
        self.stmt(body);
        self.loops.pop();
        self.connect(self.at, test);
        self.at = test;
        self.expr(cond);
        self.connect(self.at, start);
        self.connect(self.at, after);
        self.at = after;
    }

    /// Walks an expression as far as control flow goes.
    fn expr(&mut self, e: &Expr) {
        self.cover(e.span);
        match &e.kind {
            ExprKind::And(a, b) | ExprKind::Or(a, b) => {
                self.expr(a);
                let [evaluated, skipped] = self.fork();
                let end = self.from(evaluated, |s| s.expr(b));
                self.merge(&[end, skipped]);
            }
            ExprKind::Conditional { cond, then, otherwise } => {
                self.expr(cond);
                let [yes, no] = self.fork();
                let yes = self.from(yes, |s| s.expr(then));
                let no = self.from(no, |s| s.expr(otherwise));
                self.merge(&[yes, no]);
            }
            ExprKind::InternalCall { callee, args } => {
                args.iter().for_each(|a| self.expr(a));
                self.nodes.get_mut(self.at).into_iter().for_each(|n| n.call = Some(*callee));
                self.label();
            }
            ExprKind::Builtin { builtin, args } => {
                args.iter().for_each(|a| self.expr(a));
                self.builtin(builtin);
            }
            _ => for_each_part(e, &mut |part| self.expr(part)),
        }
    }

    fn builtin(&mut self, builtin: &Builtin) {
        match builtin {
            Builtin::Revert | Builtin::RevertMessage => self.jump(REVERT),
            Builtin::Assert | Builtin::Require | Builtin::RequireMessage | Builtin::RequireError(_) => {
                self.connect(self.at, REVERT);
                self.label();
            }
            _ => {}
        }
    }

    fn assembly(&mut self, assembly: &Assembly) {
        self.yul_block(&assembly.body);
    }

    fn yul_block(&mut self, block: &[YulStmt]) {
        block.iter().for_each(|s| self.yul_stmt(s));
    }

    fn yul_stmt(&mut self, stmt: &YulStmt) {
        self.cover(stmt.span);
        match &stmt.kind {
            YulStmtKind::Block(block) => self.yul_block(block),
            YulStmtKind::Let(_, value) => value.iter().for_each(|e| self.yul_expr(e)),
            YulStmtKind::Assign(_, value) | YulStmtKind::Expr(value) => self.yul_expr(value),
            YulStmtKind::If(cond, body) => {
                self.yul_expr(cond);
                let [yes, no] = self.fork();
                let yes = self.from(yes, |b| b.yul_block(body));
                self.merge(&[yes, no]);
            }
            YulStmtKind::Switch(value, cases, default) => {
                self.yul_expr(value);
                let starts = self.split(cases.len() + 1);
                let empty = Vec::new();
                let blocks =
                    cases.iter().map(|c| &c.1).chain(std::iter::once(default.as_ref().unwrap_or(&empty)));
                let ends: Vec<usize> =
                    starts.into_iter().zip(blocks).map(|(at, b)| self.from(at, |s| s.yul_block(b))).collect();
                self.merge(&ends);
            }
            YulStmtKind::For { init, cond, step, body } => self.yul_for(init, cond, step, body),
            YulStmtKind::Break => self.leave_loop(|(_, after)| after),
            YulStmtKind::Continue => self.leave_loop(|(step, _)| step),
            YulStmtKind::Leave => self.jump(self.leave),
        }
    }

    fn yul_for(&mut self, init: &[YulStmt], cond: &YulExpr, step: &[YulStmt], body: &[YulStmt]) {
        self.yul_block(init);
        let test = self.label();
        self.yul_expr(cond);
        let [inside, after] = self.fork();
        let again = self.node();
        self.loops.push((again, after));
        self.at = inside;
        self.yul_block(body);
        self.loops.pop();
        self.connect(self.at, again);
        self.at = again;
        self.yul_block(step);
        self.connect(self.at, test);
        self.at = after;
    }

    fn yul_expr(&mut self, e: &YulExpr) {
        self.cover(e.span);
        match &e.kind {
            YulExprKind::Builtin { name, args, .. } => {
                args.iter().rev().for_each(|a| self.yul_expr(a));
                match name.as_str() {
                    "revert" | "invalid" => self.jump(REVERT),
                    "return" | "stop" | "selfdestruct" => self.jump(STOP),
                    _ => {}
                }
            }
            YulExprKind::Call(_, args) => {
                args.iter().rev().for_each(|a| self.yul_expr(a));
            }
            _ => {}
        }
    }
}

/// Calls `visit` with the direct parts of an expression in the order of evaluation.
fn for_each_part<'e>(e: &'e Expr, visit: &mut impl FnMut(&'e Expr)) {
    use ExprKind::*;
    match &e.kind {
        Bool(_) | Number(_) | Literal(_) | Local(_) | StateVar(_) | FunctionPointer(_)
        | LibraryAddress(_) => {}
        Index { base, index } => [base, index].into_iter().for_each(|e| visit(e)),
        Slice { base, start, end } => {
            visit(base);
            start.iter().chain(end).for_each(|e| visit(e));
        }
        Field { base, .. } | ExternalFunction { base, .. } | ExternalPart { base, .. } => visit(base),
        Length(e) | Convert(e) | Delete(e) | NewArray(e) | Written { value: e, .. } => visit(e),
        Unary { expr, .. } => visit(expr),
        Binary { lhs, rhs, .. } | And(lhs, rhs) | Or(lhs, rhs) => {
            [lhs, rhs].into_iter().for_each(|e| visit(e))
        }
        Conditional { cond, then, otherwise } => [cond, then, otherwise].into_iter().for_each(|e| visit(e)),
        Assign { place, value } | AssignOp { place, value, .. } => {
            visit(value);
            visit(place);
        }
        IncDec { place, .. } => visit(place),
        Tuple(list) => list.iter().flatten().for_each(visit),
        ArrayLiteral(args) | NewStruct { args, .. } | InternalCall { args, .. } | Builtin { args, .. } => {
            args.iter().for_each(visit);
        }
        NewContract { options, args, .. } => {
            option_values(options).for_each(&mut *visit);
            args.iter().for_each(visit);
        }
        PointerCall { callee, args } => {
            visit(callee);
            args.iter().for_each(visit);
        }
        ExternalCall { callee, options, args, .. } => {
            visit(callee);
            option_values(options).for_each(&mut *visit);
            args.iter().for_each(visit);
        }
        LowLevelCall { address, data, options, .. } => {
            visit(address);
            option_values(options).for_each(&mut *visit);
            visit(data);
        }
    }
}

fn option_values(options: &CallOptions) -> impl Iterator<Item = &Expr> {
    [&options.gas, &options.value, &options.salt].into_iter().flatten().map(|e| &**e)
}
