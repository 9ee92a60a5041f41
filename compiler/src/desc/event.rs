//! Writes `on event` and `nested`.

use super::fold::fold;
use super::synth::{Clause, Synth, selector, selector_word};
use crate::ast::{BinaryOp, Event, Expr, ExprKind, Ident, Param, Path, TypeKind, UnaryOp};
use crate::diag::codes;
use alloy_primitives::{U256, keccak256};
use std::fmt::Write as _;

/// Most bounds that a filter carries; what does not fit is judged by the handler's entry alone.
const BOUNDS_MAX: usize = 4;

/// Is an event parameter as the description names it.
struct Named {
    text: String,
    name: String,
    indexed: bool,
    /// Its topic, or its word in the log's data.
    word: Option<usize>,
    /// Signed numbers compare with the sign; none for what cannot be bounded.
    signed: Option<bool>,
}

/// Is a bound that the chain itself checks: (index, comparison code, operand).
type Bound = (usize, u8, U256);

impl Synth<'_> {
    /// `on event emitter.E(params) where c do f`: the log's topics and data come as call data. Simple comparisons
    /// of parameters with constants go into the filter, so that logs that fail them cost nothing.
    pub(super) fn event(
        &mut self,
        clause: Clause<'_>,
        emitter: &Path,
        name: &Ident,
        params: &[Param],
        filter: Option<&Expr>,
    ) {
        let Some(event) = self.finder.event(self.contract, emitter, &name.name) else {
            let help = "the emitter must be a state variable of contract type (or `this`) whose contract declares the event";
            return self.error(codes::DESC_EVENT, name.span, format!("no event `{}` found", name.name), help);
        };
        let Some((signature, named)) = self.event_params(event, name, params) else { return };
        let most = clause.trigger.options.max.as_ref();
        if most.and_then(fold) == Some(U256::ZERO) {
            return self.never(most.map_or(name.span, |most| most.span), "at most 0 firings are allowed");
        }
        if filter.and_then(super::fold::fold_bool) == Some(false) {
            return self.never(filter.map_or(name.span, |filter| filter.span), "`where` is always false");
        }
        let Some(terms) = self.terms(clause) else { return };
        let Some(most) = most.map_or(Some(0), |most| self.constant(most, 64)) else { return };
        let prefix = self.prefix(clause);
        self.emitter(&prefix, emitter);
        let (topics, data) = filter.map(|filter| bounds(filter, &named)).unwrap_or_default();
        let (topic0, own) = (keccak256(&signature), selector_word(&format!("{prefix}()")));
        let mut words = vec![
            "__f_emitter".to_owned(),
            (1 + topics.len()).to_string(),
            data.len().to_string(),
            "0".into(),
            "0".into(),
            topic0.to_string(),
        ];
        for (index, comparison, operand) in topics.iter().chain(&data) {
            words.extend([index.to_string(), comparison.to_string(), operand.to_string()]);
        }
        let stores = stores("__f_at", &words);
        let booking = format!(
            "__f_tid := tevent(__f_at, {own}, {gas}, {most}, {policy})",
            gas = terms.gas,
            policy = terms.policy
        );
        let head = format!("address __f_emitter = {prefix}_emitter();");
        self.book_once(clause, &head, &format!("{stores}{booking}"));
        self.event_entry(clause, &named, filter);
        self.late(clause, &terms, "");
        self.bill.add(terms.gas, 1);
        self.record(clause, "event", terms.gas, true);
    }

    /// Checks the parameters as named against the event; returns its signature and their places.
    fn event_params(
        &mut self,
        event: &Event,
        name: &Ident,
        params: &[Param],
    ) -> Option<(String, Vec<Named>)> {
        let types: Option<Vec<String>> = event.params.iter().map(|p| self.finder.canonical(&p.ty)).collect();
        let Some(types) = types else {
            let help = "emit an event with plain parameters for the description";
            let message = format!("parameters of `{}` are not supported in a description yet", name.name);
            self.error(codes::UNSUPPORTED, name.span, message, help);
            return None;
        };
        let signature = format!("{}({})", event.name.name, types.join(","));
        let given: Vec<Option<String>> = params.iter().map(|p| self.finder.canonical(&p.ty)).collect();
        let is_equal = given.len() == types.len()
            && given.iter().zip(&types).all(|(given, ty)| given.as_ref() == Some(ty));
        if !is_equal || event.anonymous {
            let message = if event.anonymous {
                format!("`{signature}` is anonymous")
            } else {
                format!("the event is `{signature}`")
            };
            self.error(
                codes::DESC_EVENT,
                name.span,
                message,
                "repeat the parameters as the event declares them",
            );
            return None;
        }
        let (mut topic, mut word) = (1, Some(0));
        let mut named = Vec::new();
        for (i, (declared, param)) in event.params.iter().zip(params).enumerate() {
            let by_reference = self.finder.needs_location(&declared.ty);
            let is_hashed = declared.indexed && by_reference;
            let location = if by_reference { " memory" } else { "" };
            let text = if is_hashed {
                "bytes32".to_owned()
            } else {
                format!("{}{location}", self.source(param.ty.span))
            };
            let place = if declared.indexed { Some(topic) } else { word };
            topic += usize::from(declared.indexed);
            if !declared.indexed {
                let is_one_word = !matches!(declared.ty.kind, TypeKind::Array(_, Some(_)));
                word = word.filter(|_| is_one_word).map(|word| word + 1);
            }
            named.push(Named {
                text,
                name: param.name.as_ref().map_or(format!("__f_p{i}"), |n| n.name.to_string()),
                indexed: declared.indexed,
                word: place,
                signed: match declared.ty.kind {
                    TypeKind::Uint(_) => Some(false),
                    TypeKind::Int(_) => Some(true),
                    _ => None,
                },
            });
        }
        Some((signature, named))
    }

    fn emitter(&mut self, prefix: &str, emitter: &Path) {
        let Some(first) = emitter.segments.first() else { return };
        let id = crate::ast::NodeId(u32::MAX);
        let start = Expr { id, kind: ExprKind::Ident(first.name.clone()), span: first.span, height: 1 };
        let whole = emitter.segments.iter().skip(1).fold(start, |base, name| Expr {
            id,
            span: base.span.to(name.span),
            height: base.height.saturating_add(1),
            kind: ExprKind::Member { base: Box::new(base), name: name.clone() },
        });
        // The name is written as text, so that its nodes get ids of their own.
        let text = self.source(whole.span);
        let function = format!(
            "function {prefix}_emitter() internal view returns (address) {{ return address({text}); }}"
        );
        self.piece(emitter.span, function, Vec::new());
    }

    /// Writes the booking of a trigger that is registered once, at the release.
    fn book_once(&mut self, clause: Clause<'_>, head: &str, assembly: &str) {
        let prefix = self.prefix(clause);
        let refused = self.refusal();
        let text = format!(
            "function {prefix}_book(bool __f_release) internal {{
                {head}
                uint256 __f_tid;
                assembly (\"memory-safe\") {{
                    let __f_at := mload(0x40)
                    {assembly}
                }}
                bool __f_refused = __f_tid == 0;
                {refused}
                assembly (\"memory-safe\") {{ sstore({slot}, __f_tid) }}
            }}",
            slot = self.slot(clause),
        );
        self.piece(clause.trigger.span, text, Vec::new());
        let _ = writeln!(self.register, "{prefix}_book(true);");
    }

    fn event_entry(&mut self, clause: Clause<'_>, named: &[Named], filter: Option<&Expr>) {
        let prefix = self.prefix(clause);
        let topics = named.iter().filter(|n| n.indexed).count();
        let split = 4 + 32 * topics;
        let mut body = decode(named, true, &format!("msg.data[4:{split}]"));
        body.push_str(&decode(named, false, &format!("msg.data[{split}:]")));
        let params = list(named.iter(), |n| format!("{} {}", n.text, n.name));
        let args = list(named.iter(), |n| n.name.clone());
        let mut cond = self.condition(clause, &params, &args);
        if let Some(filter) = filter {
            self.view(&format!("{prefix}_where"), &params, "bool", filter);
            cond = format!("{prefix}_where({args}) && {cond}");
        }
        let _ = write!(body, "if ({cond}) {{ __C; }}");
        let call = clause.trigger.call.clone();
        self.entry(clause.trigger.span, &prefix, false, &body, vec![("__C", call)]);
    }

    /// `nested n = b.f(x) when c within d else g`: kept on the calling list until `c` holds; past the deadline
    /// `g` runs.
    pub(super) fn nested(
        &mut self,
        clause: Clause<'_>,
        cond: &Expr,
        within: &Expr,
        poll: Option<&Expr>,
        otherwise: &Expr,
    ) {
        if super::fold::fold_bool(cond) == Some(false) {
            return self.never(cond.span, "the condition is always false");
        }
        if fold(within) == Some(U256::ZERO) {
            return self.never(within.span, "it may wait for no time at all");
        }
        let Some(terms) = self.terms(clause) else { return };
        let poll = poll.or(self.description.policy.poll.as_ref());
        let Some(poll) = poll.map_or(Some(0), |poll| self.constant(poll, 32)) else { return };
        let prefix = self.prefix(clause);
        self.view(&format!("{prefix}_within"), "", "uint256", within);
        let when = format!("function {prefix}_when() external view returns (bool) {{ return __E; }}");
        self.piece(cond.span, when, vec![("__E", cond.clone())]);
        self.entry(clause.trigger.span, &prefix, true, "__C;", vec![("__C", clause.trigger.call.clone())]);
        let other = format!("{prefix}_else");
        self.entry(otherwise.span, &other, true, "__C;", vec![("__C", otherwise.clone())]);
        let [ask, run] =
            [format!("{prefix}_when()"), format!("{prefix}()")].map(|f| left_aligned(selector(&f)));
        let words = ["8", "address()", "__f_query", "4", "1", "0", &ask, &run].map(str::to_owned);
        let assembly = format!(
            "let __f_query := add(__f_at, 192)
            {stores}__f_tid := nwatch(__f_at, address(), add(__f_at, 224), 4, {gas}, or(__f_deadline, shl(64, {poll})), {other})",
            stores = stores("__f_at", &words),
            gas = terms.gas,
            other = selector_word(&format!("{other}()")),
        );
        let head = format!("uint256 __f_deadline = block.timestamp + {prefix}_within();");
        self.book_once(clause, &head, &assembly);
        self.bill.add(terms.gas, 1);
        self.record(clause, "nested", terms.gas, true);
    }
}

fn left_aligned(selector: [u8; 4]) -> String {
    format!("shl(224, 0x{})", alloy_primitives::hex::encode(selector))
}

/// Writes words side by side from `at` on.
fn stores(at: &str, words: &[String]) -> String {
    words.iter().enumerate().fold(String::new(), |mut text, (i, word)| {
        let _ = writeln!(text, "mstore(add({at}, {}), {word})", 32 * i);
        text
    })
}

fn list<'a>(named: impl Iterator<Item = &'a Named>, write: impl Fn(&Named) -> String) -> String {
    named.map(write).collect::<Vec<_>>().join(", ")
}

fn decode(named: &[Named], indexed: bool, from: &str) -> String {
    let chosen: Vec<&Named> = named.iter().filter(|n| n.indexed == indexed).collect();
    if chosen.is_empty() {
        return String::new();
    }
    let vars = list(chosen.iter().copied(), |n| format!("{} {}", n.text, n.name));
    let types = list(chosen.iter().copied(), |n| n.text.trim_end_matches(" memory").to_owned());
    match chosen.as_slice() {
        [_] => format!("{vars} = abi.decode({from}, ({types}));\n"),
        _ => format!("({vars}) = abi.decode({from}, ({types}));\n"),
    }
}

/// Picks out of a condition the comparisons that the chain can check: on topics, and on data words.
fn bounds(filter: &Expr, named: &[Named]) -> (Vec<Bound>, Vec<Bound>) {
    let (mut topics, mut data) = (Vec::new(), Vec::new());
    let mut rest = vec![filter];
    while let Some(expr) = rest.pop() {
        if let ExprKind::Binary { op: BinaryOp::And, left, right, .. } = &expr.kind {
            rest.extend([&**left, &**right]);
            continue;
        }
        let Some((param, bound)) = bound(expr, named) else { continue };
        let list = if param.indexed { &mut topics } else { &mut data };
        // Topic 0 is one of the four constraints on topics.
        let most = if param.indexed { 3 } else { BOUNDS_MAX };
        if list.len() < most {
            list.push(bound);
        }
    }
    (topics, data)
}

fn bound<'a>(expr: &Expr, named: &'a [Named]) -> Option<(&'a Named, Bound)> {
    let ExprKind::Binary { op, left, right, .. } = &expr.kind else { return None };
    let ExprKind::Ident(name) = &left.kind else { return None };
    let param = named.iter().find(|n| n.name == **name)?;
    let code = match op {
        BinaryOp::Eq => 0,
        BinaryOp::Ne => 1,
        BinaryOp::Lt => 2,
        BinaryOp::Le => 3,
        BinaryOp::Gt => 4,
        BinaryOp::Ge => 5,
        _ => return None,
    };
    let signed = if param.signed? && code > 1 { 8 } else { 0 };
    let operand = fold_signed(right)?;
    Some((param, (param.word?, code + signed, operand)))
}

/// Returns a constant, perhaps with a minus sign, as two's complement; none beyond 255 bits, where the sign would turn.
fn fold_signed(expr: &Expr) -> Option<U256> {
    let fits = |value: &U256| value.bit_len() < 256;
    match &expr.kind {
        ExprKind::Unary { op: UnaryOp::Neg, operand } => fold(operand).filter(fits).map(U256::wrapping_neg),
        _ => fold(expr).filter(fits),
    }
}
