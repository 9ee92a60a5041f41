//! Parses description sections: one function per production, each named after it.

use super::ast::*;
use crate::ast::{Expr, Ident, Param, Path};
use crate::diag::{Diagnostic, codes};
use crate::lexer::{Kw, T};
use crate::parse::{P, Parser, Reported};
use crate::source::Span;

impl Parser<'_> {
    /// description: "description" ident "{" { clause } "}"
    pub(super) fn description(&mut self) -> P<Description> {
        self.short_units = true;
        let start = self.span();
        self.bump();
        let name = self.ident()?;
        self.expect(T::LBrace, "`{`")?;
        let mut out =
            Description { name, triggers: Vec::new(), policy: Policy::default(), span: self.since(start) };
        while !matches!(self.peek(), T::RBrace | T::Eof) {
            if self.clause(&mut out).is_err() {
                self.skip_statement();
            }
        }
        self.expect(T::RBrace, "`}`")?;
        out.span = self.since(start);
        Ok(out)
    }

    /// clause: source | "on" trigger | "nested" nested | "policy" policy
    fn clause(&mut self, out: &mut Description) -> P<()> {
        match (self.peek(), self.word_at(0)) {
            (T::Ident, "source") => self.source(),
            (T::Ident, "on") => self.on().map(|trigger| out.triggers.push(trigger)),
            (T::Ident, "nested") => self.nested().map(|trigger| out.triggers.push(trigger)),
            (T::Ident, "policy") => self.policy(&mut out.policy),
            _ => Err(self.not_in_description("`on`, `nested`, `policy` or `source`")),
        }
    }

    fn not_in_description(&mut self, what: &str) -> Reported {
        let found = self.word_at(0).chars().take(40).collect::<String>();
        let diagnostic =
            Diagnostic::error(codes::DESC_SYNTAX, self.span(), format!("expected {what}, found `{found}`"));
        self.diags.push(diagnostic);
        Reported
    }

    /// source: "source" ident ":" type "{" ... "}", which needs the network's agreement on off-chain data.
    fn source(&mut self) -> P<()> {
        let start = self.span();
        self.skip_statement();
        self.needs_data(self.since(start));
        Ok(())
    }

    fn needs_data(&mut self, span: Span) -> Reported {
        self.diags.push(
            Diagnostic::error(codes::DESC_NEEDS_DATA, span, "off-chain data is not available yet")
                .help("let a transaction deliver the value, or use `on event` of a contract that holds it"),
        );
        Reported
    }

    /// trigger: "on" when [ "if" expression ] "do" call { option } ";"
    fn on(&mut self) -> P<Trigger> {
        let start = self.span();
        self.bump();
        let when = self.when()?;
        let cond = if self.eat_kw(Kw::If) { Some(self.expression()?) } else { None };
        self.expect_kw(Kw::Do)?;
        let call = self.handler_call()?;
        let mut options = Options::default();
        while !self.at(T::Semi) {
            self.option(&mut options)?;
        }
        self.semicolon()?;
        Ok(Trigger { when, cond, call, options, span: self.since(start) })
    }

    /// when: at | every | cron | event | "call" ident
    fn when(&mut self) -> P<When> {
        match self.word_at(0) {
            "at" => self.at_clause(),
            "every" => self.every(),
            "cron" => self.cron(),
            "event" => self.event_clause(),
            "call" => {
                self.bump();
                Ok(When::Call { function: self.ident()? })
            }
            _ if matches!(self.word_at(1), "below" | "above" | "changes") => {
                let span = self.span();
                Err(self.needs_data(span))
            }
            _ => Err(self.not_in_description("`at`, `every`, `cron`, `event` or `call`")),
        }
    }

    /// at: "at" expression
    fn at_clause(&mut self) -> P<When> {
        self.bump();
        Ok(When::At { time: self.expression()? })
    }

    /// every: "every" expression [ "from" expression ] [ "until" expression ]
    fn every(&mut self) -> P<When> {
        self.bump();
        let period = self.expression()?;
        let from = if self.eat_word("from") { Some(self.expression()?) } else { None };
        let until = if self.eat_word("until") { Some(self.expression()?) } else { None };
        Ok(When::Every { period, from, until })
    }

    /// cron: "cron" string [ "utc" ] [ "adjust" convention ]
    fn cron(&mut self) -> P<When> {
        self.bump();
        let span = self.span();
        if !self.at(T::Str) {
            return Err(self.not_in_description("a calendar such as \"0 0 1 * *\""));
        }
        let token = self.bump();
        let text = String::from_utf8_lossy(&self.unescape(token, false)).into_owned();
        self.eat_word("utc");
        let adjust = if self.eat_word("adjust") { Some(self.convention()?) } else { None };
        Ok(When::Cron { text, span, adjust })
    }

    /// convention: [ "modified" ] ( "following" | "preceding" )
    fn convention(&mut self) -> P<Adjust> {
        let modified = self.eat_word("modified");
        if self.eat_word("following") {
            return Ok(if modified { Adjust::ModifiedFollowing } else { Adjust::Following });
        }
        if self.eat_word("preceding") {
            return Ok(if modified { Adjust::ModifiedPreceding } else { Adjust::Preceding });
        }
        Err(self.not_in_description("`following` or `preceding`, `modified` before it if need be"))
    }

    /// event: "event" path "(" params ")" [ "where" expression ]
    fn event_clause(&mut self) -> P<When> {
        self.bump();
        let start = self.span();
        let mut path = self.path()?;
        let Some(name) = path.segments.pop().filter(|_| !path.segments.is_empty()) else {
            self.diags.push(
                Diagnostic::error(codes::DESC_EVENT, self.since(start), "the event's emitter is missing")
                    .help("write `emitter.Event(...)`, for example `oracle.PriceSet(uint256 price)`"),
            );
            return Err(Reported);
        };
        let (params, _) = self.comma_list(T::LParen, T::RParen, Self::trigger_param)?;
        let filter = if self.eat_word("where") { Some(self.expression()?) } else { None };
        let span = path.segments.iter().fold(start, |all, segment| all.to(segment.span));
        let emitter = Path { segments: path.segments, span };
        Ok(When::Event { emitter, name, params, filter })
    }

    /// trigger-param: type [ "indexed" ] [ ident ]
    fn trigger_param(&mut self) -> P<Param> {
        let (start, id) = (self.span(), self.id());
        let ty = self.type_name()?;
        let indexed = self.eat_kw(Kw::Indexed);
        let name: Option<Ident> = if self.at(T::Ident) { Some(self.any_word()) } else { None };
        Ok(Param { id, ty, location: None, indexed, name, span: self.since(start) })
    }

    /// nested: "nested" ident "=" call "when" expression "within" expression [ "poll" expression ] "else" call
    fn nested(&mut self) -> P<Trigger> {
        let start = self.span();
        self.bump();
        let name = self.ident()?;
        self.expect(T::Eq, "`=`")?;
        let call = self.handler_call()?;
        self.word("when")?;
        let cond = self.expression()?;
        if !self.at_word("within") {
            return Err(self.no_way_out(&name));
        }
        self.bump();
        let within = self.expression()?;
        let poll = if self.eat_word("poll") { Some(self.expression()?) } else { None };
        if !self.eat_kw(Kw::Else) {
            return Err(self.no_way_out(&name));
        }
        let otherwise = self.handler_call()?;
        let mut options = Options::default();
        while !self.at(T::Semi) {
            self.option(&mut options)?;
        }
        self.semicolon()?;
        let when = When::Nested { name, cond, within, poll, otherwise };
        Ok(Trigger { when, cond: None, call, options, span: self.since(start) })
    }

    fn no_way_out(&mut self, name: &Ident) -> Reported {
        self.diags.push(
            Diagnostic::error(
                codes::DESC_NO_WAY_OUT,
                name.span,
                format!("`{}` might wait for ever", name.name),
            )
            .help("add `within <duration> else <call>`: what happens when the condition never holds"),
        );
        Reported
    }

    fn word(&mut self, word: &str) -> P<()> {
        if self.eat_word(word) {
            return Ok(());
        }
        Err(self.not_in_description(&format!("`{word}`")))
    }

    fn handler_call(&mut self) -> P<Expr> {
        use crate::ast::ExprKind;
        let call = self.expression()?;
        if matches!(call.kind, ExprKind::Call { .. }) {
            return Ok(call);
        }
        self.diags.push(
            Diagnostic::error(codes::DESC_HANDLER, call.span, "a handler is a call of a function")
                .help("write the arguments too, for example `pay()`"),
        );
        Err(Reported)
    }

    /// option: missed | failure | "late" late | "max" expression | "gas" expression
    fn option(&mut self, out: &mut Options) -> P<()> {
        let span = self.span();
        let twice = match self.word_at(0) {
            "missed" => out.missed.replace(self.missed()?).is_some(),
            "retry" | "pause" | "drop" => out.failure.replace(self.failure()?).is_some(),
            "late" => out.late.replace(self.late()?).is_some(),
            "max" => out.max.replace(self.value()?).is_some(),
            "gas" => out.gas.replace(self.value()?).is_some(),
            _ => {
                let what = "`missed`, `retry`, `pause`, `drop`, `late`, `max`, `gas` or `;`";
                return Err(self.not_in_description(what));
            }
        };
        self.refuse_repeat(twice, span);
        Ok(())
    }

    fn refuse_repeat(&mut self, twice: bool, span: Span) {
        if twice {
            self.diags.push(Diagnostic::error(codes::DESC_DUPLICATE, span, "given twice").help("keep one"));
        }
    }

    /// missed: "missed" ( "skip" | "once" | "all" [ expression ] )
    fn missed(&mut self) -> P<Missed> {
        self.bump();
        if self.eat_word("skip") {
            return Ok(Missed::Skip);
        }
        if self.eat_word("once") {
            return Ok(Missed::Once);
        }
        self.word("all")?;
        Ok(Missed::All(if self.at(T::Number) { Some(self.expression()?) } else { None }))
    }

    /// failure: "drop" | "pause" | "retry" expression [ "every" expression ]
    fn failure(&mut self) -> P<Failure> {
        if self.eat_word("pause") {
            return Ok(Failure::Pause);
        }
        if self.eat_word("drop") {
            return Ok(Failure::Drop);
        }
        let times = self.value()?;
        let every = if self.at_word("every") { Some(self.value()?) } else { None };
        Ok(Failure::Retry { times, every })
    }

    /// late: "late" expression "then" call
    fn late(&mut self) -> P<Late> {
        let bound = self.value()?;
        self.word("then")?;
        Ok(Late { bound, call: self.handler_call()? })
    }

    /// value: word expression
    fn value(&mut self) -> P<Expr> {
        self.bump();
        self.expression()
    }

    /// policy: "policy" "{" { ( "gas" | "escrow" | "price" | "poll" ) expression ";" | late ";" } "}"
    fn policy(&mut self, out: &mut Policy) -> P<()> {
        let start = self.span();
        self.bump();
        self.refuse_repeat(out.span.is_some(), start);
        self.expect(T::LBrace, "`{`")?;
        while !matches!(self.peek(), T::RBrace | T::Eof) {
            if self.policy_entry(out).is_err() {
                self.skip_statement();
            }
        }
        self.expect(T::RBrace, "`}`")?;
        out.span = Some(self.since(start));
        Ok(())
    }

    fn policy_entry(&mut self, out: &mut Policy) -> P<()> {
        let span = self.span();
        let twice = match self.word_at(0) {
            "gas" => out.gas.replace(self.value()?).is_some(),
            "escrow" => out.escrow.replace(self.value()?).is_some(),
            "price" => out.price.replace(self.value()?).is_some(),
            "poll" => out.poll.replace(self.value()?).is_some(),
            "late" => out.late.replace(self.late()?).is_some(),
            _ => return Err(self.not_in_description("`gas`, `escrow`, `late`, `price` or `poll`")),
        };
        self.refuse_repeat(twice, span);
        self.semicolon()
    }
}
