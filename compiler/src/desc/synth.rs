//! Writes the members that a description stands for.

use super::ast::{Description, Trigger, When};
use super::find::Finder;
use super::fold::fold_bool;
use super::fund::Bill;
use crate::ast::{Args, Base, Contract, Expr, ExprKind, FunctionKind, Ident, Member, Name, Path};
use crate::diag::{Code, Diagnostic, codes};
use crate::hir::DescriptionRecord;
use crate::source::Span;
use alloy_primitives::{U256, keccak256};
use fusor_vm::account;
use std::fmt::Write as _;

/// Is synthesised text with the expressions that stand for some of its names.
pub(super) struct Piece {
    pub text: String,
    pub holes: Vec<(String, Expr)>,
    pub span: Span,
}

/// Asks for a modifier around a function of the contract.
pub(super) struct Wrap {
    pub function: Name,
    pub modifier: Base,
}

/// Gathers what one description adds to its contract.
pub(super) struct Synth<'a> {
    pub finder: Finder<'a>,
    pub contract: &'a Contract,
    pub description: &'a Description,
    /// The text of the file that holds the description.
    pub text: &'a str,
    pub diags: Vec<Diagnostic>,
    pub pieces: Vec<Piece>,
    pub wraps: Vec<Wrap>,
    pub records: Vec<DescriptionRecord>,
    pub needs: Vec<(&'static str, &'static str)>,
    pub bill: Bill,
    /// Statements of the register function.
    pub register: String,
    /// Statements of the rebook function.
    pub rebook: String,
}

/// Names the clause that is being written.
#[derive(Clone, Copy)]
pub(super) struct Clause<'a> {
    pub trigger: &'a Trigger,
    pub number: usize,
}

impl<'a> Synth<'a> {
    pub(super) fn new(
        finder: Finder<'a>,
        contract: &'a Contract,
        description: &'a Description,
        text: &'a str,
    ) -> Self {
        Self {
            finder,
            contract,
            description,
            text,
            diags: Vec::new(),
            pieces: Vec::new(),
            wraps: Vec::new(),
            records: Vec::new(),
            needs: Vec::new(),
            bill: Bill::default(),
            register: String::new(),
            rebook: String::new(),
        }
    }

    /// Writes every member.
    pub(super) fn run(&mut self) {
        for (number, trigger) in self.description.triggers.iter().enumerate() {
            self.clause(Clause { trigger, number });
        }
        self.write_late();
        self.check_funding();
        self.write_register();
        self.write_rebook();
        self.write_constructor();
    }

    fn clause(&mut self, clause: Clause<'_>) {
        self.check_handler(&clause.trigger.call);
        if let Some(late) = &clause.trigger.options.late {
            self.check_handler(&late.call);
        }
        if clause.trigger.cond.as_ref().and_then(fold_bool) == Some(false) {
            let span = clause.trigger.cond.as_ref().map_or(clause.trigger.span, |cond| cond.span);
            self.never(span, "the condition is always false");
        }
        match &clause.trigger.when {
            When::At { time } => self.at(clause, time),
            When::Every { period, from, until } => self.every(clause, period, from.as_ref(), until.as_ref()),
            When::Cron { text, span, adjust } => self.cron(clause, text, *span, *adjust),
            When::Event { emitter, name, params, filter } => {
                self.event(clause, emitter, name, params, filter.as_ref());
            }
            When::Call { function } => self.after_call(clause, function),
            When::Nested { cond, within, poll, otherwise, .. } => {
                self.check_handler(otherwise);
                self.nested(clause, cond, within, poll.as_ref(), otherwise);
            }
        }
    }

    /// Returns the prefix of the clause's members.
    pub(super) fn prefix(&self, clause: Clause<'_>) -> String {
        format!("__fusor_{}_{}", self.description.name.name, clause.number)
    }

    /// Returns the first of the slots that the clause remembers things in.
    pub(super) fn slot(&self, clause: Clause<'_>) -> U256 {
        let name = format!("fusor.description.{}.{}", self.description.name.name, clause.number);
        U256::from_be_bytes(keccak256(name).0)
    }

    pub(super) fn error(&mut self, code: Code, span: Span, message: impl Into<String>, help: &str) {
        self.diags.push(Diagnostic::error(code, span, message).help(help));
    }

    pub(super) fn never(&mut self, span: Span, why: &str) {
        self.error(
            codes::DESC_NEVER,
            span,
            format!("this trigger can never fire: {why}"),
            "remove it or change it",
        );
    }

    pub(super) fn piece(&mut self, span: Span, text: String, holes: Vec<(&str, Expr)>) {
        let holes = holes.into_iter().map(|(name, expr)| (name.to_owned(), expr)).collect();
        self.pieces.push(Piece { text, holes, span });
    }

    /// Writes an internal view function that returns one expression of the user's.
    pub(super) fn view(&mut self, name: &str, params: &str, returns: &str, expr: &Expr) {
        let text = format!("function {name}({params}) internal view returns ({returns}) {{ return __E; }}");
        self.piece(expr.span, text, vec![("__E", expr.clone())]);
    }

    /// Writes the condition of a clause; returns its call, `true` without condition.
    pub(super) fn condition(&mut self, clause: Clause<'_>, params: &str, args: &str) -> String {
        let Some(cond) = &clause.trigger.cond else { return "true".into() };
        let name = format!("{}_if", self.prefix(clause));
        self.view(&name, params, "bool", cond);
        format!("{name}({args})")
    }

    /// Writes an external function that only the network (and, for nested calls, the contract itself) may call.
    pub(super) fn entry(&mut self, span: Span, name: &str, own: bool, body: &str, holes: Vec<(&str, Expr)>) {
        let scheduler = address(account::SCHEDULER);
        let or_self = if own { " && msg.sender != address(this)" } else { "" };
        let text = format!(
            "function {name}() external {{
                if (msg.sender != {scheduler}{or_self}) revert(\"only the network starts a trigger\");
                {body}
                __fusor_rebook_{}();
            }}",
            self.description.name.name
        );
        self.piece(span, text, holes);
    }

    pub(super) fn check_handler(&mut self, call: &Expr) {
        let ExprKind::Call { callee, .. } = &call.kind else { return };
        let ExprKind::Ident(name) = &callee.kind else { return };
        if !self.finder.may_have_function(self.contract, name) {
            self.error(
                codes::DESC_UNKNOWN_FUNCTION,
                callee.span,
                format!("`{}` has no function `{name}`", self.contract.name.name),
                "name a function of the contract or of one of its bases",
            );
        }
    }

    /// Records a clause for the artifact.
    pub(super) fn record(&mut self, clause: Clause<'_>, kind: &str, gas: u64, fired_by_network: bool) {
        let handler = self.source(clause.trigger.call.span);
        let selector = fired_by_network.then(|| selector(&format!("{}()", self.prefix(clause))));
        self.records.push(DescriptionRecord {
            description: self.description.name.name.to_string(),
            kind: kind.into(),
            handler,
            text: self.source(clause.trigger.span),
            selector,
            gas,
            escrow: self.escrow(),
            span: clause.trigger.span,
        });
    }

    pub(super) fn source(&self, span: Span) -> String {
        let text = self.text.get(span.start as usize..span.end as usize).unwrap_or("");
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// `on call f if c do g`: a modifier around `f` that runs `g` behind it in the same frame.
    fn after_call(&mut self, clause: Clause<'_>, function: &Ident) {
        let own = self.contract.members.iter().filter(|member| is_function(member, &function.name)).count();
        if own != 1 {
            let message = match own {
                0 => format!("`{}` itself has no function `{}`", self.contract.name.name, function.name),
                _ => format!("`{}` names {own} functions", function.name),
            };
            let help = "name one function that the contract itself defines";
            return self.error(codes::DESC_UNKNOWN_FUNCTION, function.span, message, help);
        }
        let prefix = self.prefix(clause);
        let cond = self.condition(clause, "", "");
        let text = format!("modifier {prefix}_after() {{ _; if ({cond}) {{ __C; }} }}");
        self.piece(clause.trigger.span, text, vec![("__C", clause.trigger.call.clone())]);
        let name = Ident { name: format!("{prefix}_after").into(), span: function.span };
        let path = Path { segments: vec![name], span: function.span };
        let modifier = Base { path, args: None::<Args>, span: function.span };
        self.wraps.push(Wrap { function: function.name.clone(), modifier });
        self.record(clause, "call", 0, false);
    }

    /// Books every trigger at the end of construction; the release is refused when one cannot be booked.
    fn write_register(&mut self) {
        let name = &self.description.name.name;
        let escrow = self.escrow();
        let pot = address(account::TRIGGERS);
        let mut text = format!("function __fusor_register_{name}() internal {{\n");
        if !escrow.is_zero() {
            let _ = write!(
                text,
                "if (address(this).balance < {escrow}) revert(\"description {name}: the release must carry its escrow of {escrow} wei\");
                (bool __f_ok, ) = {pot}.call{{value: {escrow}}}(abi.encodeWithSignature(\"fund(address)\", address(this)));
                if (!__f_ok) revert(\"description {name}: the pot refused the escrow\");\n"
            );
        }
        text.push_str(&self.register);
        text.push_str("}\n");
        let span = self.description.span;
        self.piece(span, text, Vec::new());
    }

    fn write_rebook(&mut self) {
        let name = &self.description.name.name;
        let text = format!("function __fusor_rebook_{name}() internal {{\n{}}}\n", self.rebook);
        self.piece(self.description.span, text, Vec::new());
    }

    /// A release carries its escrow as value, so the constructor must take it.
    fn write_constructor(&mut self) {
        let constructor = self.contract.members.iter().find_map(|member| match member {
            Member::Function(f) if f.kind == FunctionKind::Constructor => Some(f),
            _ => None,
        });
        match constructor {
            None => self.piece(self.description.span, "constructor() payable {}".into(), Vec::new()),
            Some(f) if !matches!(f.mutability, Some((crate::ast::Mutability::Payable, _))) => {
                let span = f.header;
                let message = "the constructor cannot take the description's escrow";
                self.error(codes::DESC_NOT_FUNDED, span, message, "make the constructor `payable`");
            }
            Some(_) => {}
        }
    }
}

/// Writes an address as an expression that needs no checksum.
pub(super) fn address(address: alloy_primitives::Address) -> String {
    format!("address(uint160(0x00{}))", alloy_primitives::hex::encode(address))
}

/// Returns the selector of a signature.
pub(super) fn selector(signature: &str) -> [u8; 4] {
    let [a, b, c, d, ..] = keccak256(signature).0;
    [a, b, c, d]
}

/// Writes a selector as the number that opcodes take.
pub(super) fn selector_word(signature: &str) -> String {
    format!("0x{}", alloy_primitives::hex::encode(selector(signature)))
}

fn is_function(member: &Member, name: &str) -> bool {
    match member {
        Member::Function(f) => f.body.is_some() && f.name.as_ref().is_some_and(|n| &*n.name == name),
        _ => false,
    }
}
