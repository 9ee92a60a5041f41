//! Is the tree of a description section: what it says, nothing resolved.
#![allow(missing_docs)]

use crate::ast::{Expr, Ident, Param, Path};
use crate::source::Span;

/// Is `description Name { ... }`; the name is that of its contract.
#[derive(Debug, Clone)]
pub struct Description {
    pub name: Ident,
    pub triggers: Vec<Trigger>,
    pub policy: Policy,
    pub span: Span,
}

/// Is one `on ...` or `nested ...` clause.
#[derive(Debug, Clone)]
pub struct Trigger {
    pub when: When,
    /// The condition after `if`.
    pub cond: Option<Expr>,
    /// The call after `do`, or the nested call.
    pub call: Expr,
    pub options: Options,
    pub span: Span,
}

/// Says when a trigger fires.
#[derive(Debug, Clone)]
pub enum When {
    /// `at time`
    At { time: Expr },
    /// `every period [from time] [until time]`
    Every { period: Expr, from: Option<Expr>, until: Option<Expr> },
    /// `cron "m h d M w" [utc] [adjust convention]`
    Cron { text: String, span: Span, adjust: Option<Adjust> },
    /// `event emitter.Name(params) [where condition]`
    Event { emitter: Path, name: Ident, params: Vec<Param>, filter: Option<Expr> },
    /// `call function`
    Call { function: Ident },
    /// `nested name = call when condition within duration [poll duration] else call`
    Nested { name: Ident, cond: Expr, within: Expr, poll: Option<Expr>, otherwise: Expr },
}

/// Names a business day convention of `cron ... adjust`, Monday to Friday.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Adjust {
    Following,
    ModifiedFollowing,
    Preceding,
    ModifiedPreceding,
}

/// Holds what a clause says of missed, failed and late occurrences and of gas.
#[derive(Debug, Clone, Default)]
pub struct Options {
    pub missed: Option<Missed>,
    pub failure: Option<Failure>,
    pub late: Option<Late>,
    /// `max n`: most firings of an event trigger.
    pub max: Option<Expr>,
    /// `gas n`, instead of the policy's.
    pub gas: Option<Expr>,
}

/// Says what happens to occurrences that were missed.
#[derive(Debug, Clone)]
pub enum Missed {
    Skip,
    Once,
    All(Option<Expr>),
}

/// Says what happens when a handler fails.
#[derive(Debug, Clone)]
#[allow(clippy::large_enum_variant, reason = "a description holds a handful of them")]
pub enum Failure {
    Drop,
    Retry { times: Expr, every: Option<Expr> },
    Pause,
}

/// Is `late duration then call`.
#[derive(Debug, Clone)]
pub struct Late {
    pub bound: Expr,
    pub call: Expr,
}

/// Is the `policy { ... }` block.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    pub gas: Option<Expr>,
    pub escrow: Option<Expr>,
    pub late: Option<Late>,
    /// `price n`: most wei per gas at booking.
    pub price: Option<Expr>,
    /// `poll duration`: time between polls of conditions.
    pub poll: Option<Expr>,
    pub span: Option<Span>,
}
