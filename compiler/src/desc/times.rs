//! Writes `on at`, `on every` and `on cron`.

use super::ast::Adjust;
use super::cron;
use super::fold::fold;
use super::synth::{Clause, Synth, selector_word};
use crate::ast::Expr;
use crate::diag::codes;
use crate::source::Span;
use alloy_primitives::U256;

impl Synth<'_> {
    /// `on at t`: booked once; evaluated again after each firing of the description, and booked anew when it
    /// yields another moment, later than the last one that fired.
    pub(super) fn at(&mut self, clause: Clause<'_>, time: &Expr) {
        if fold(time) == Some(U256::ZERO) {
            return self.never(time.span, "the time is 0");
        }
        let prefix = self.prefix(clause);
        self.view(&format!("{prefix}_time"), "", "uint256", time);
        self.moment(clause, "at");
    }

    /// `on cron "m h d M w"`: like `at`, with the next moment of the calendar after the last one that fired.
    pub(super) fn cron(&mut self, clause: Clause<'_>, text: &str, span: Span, adjust: Option<Adjust>) {
        let cron = match cron::parse(text) {
            Ok(cron) if cron.can_fire() => cron,
            Ok(_) => return self.never(span, "no month has such a day"),
            Err(fault) => {
                let help = "for example \"0 0 1 * *\": midnight of each first of the month";
                return self.error(codes::DESC_CRON, span, fault, help);
            }
        };
        self.need(
            "fusor/time/Calendar.sol",
            "import {Calendar as __fusor_Calendar} from \"fusor/time/Calendar.sol\";",
        );
        let prefix = self.prefix(clause);
        let raw = self.slot(clause) + U256::from(3);
        let shifted = self.shifted(adjust);
        let function = format!(
            "function {prefix}_time() internal view returns (uint256 __f_due) {{
                uint256 __f_raw;
                uint256 __f_last;
                uint256 __f_tid;
                uint256 __f_pending;
                assembly (\"memory-safe\") {{
                    __f_tid := sload({tid}) __f_pending := sload({pending}) __f_last := sload({last}) __f_raw := sload({raw})
                }}
                if (__f_tid != 0) return __f_pending;
                if (__f_raw == 0) __f_raw = block.timestamp;
                do {{
                    __f_raw = __fusor_Calendar.nextCron(uint64(__f_raw), {minutes}, {hours}, {days}, {months}, {weekdays});
                    __f_due = __f_raw;
                    {shifted}
                }} while (__f_due <= __f_last);
            }}",
            tid = self.slot(clause),
            pending = self.slot(clause) + U256::ONE,
            last = self.slot(clause) + U256::from(2),
            minutes = cron.minutes,
            hours = cron.hours,
            days = cron.days,
            months = cron.months,
            weekdays = cron.weekdays,
        );
        self.piece(clause.trigger.span, function, Vec::new());
        self.moment(clause, "cron");
    }

    /// Shifts `__f_due` to a business day, Monday to Friday.
    fn shifted(&mut self, adjust: Option<Adjust>) -> String {
        let Some(adjust) = adjust else { return String::new() };
        self.need(
            "fusor/time/BusinessDay.sol",
            "import {BusinessDay as __fusor_BusinessDay, BusinessDayConvention as __fusor_Convention, BusinessCalendar as __fusor_Days} from \"fusor/time/BusinessDay.sol\";",
        );
        let convention = match adjust {
            Adjust::Following => "SCF",
            Adjust::ModifiedFollowing => "SCMF",
            Adjust::Preceding => "SCP",
            Adjust::ModifiedPreceding => "SCMP",
        };
        format!(
            "__f_due = __fusor_BusinessDay.shift(__fusor_Convention.{convention}, __fusor_Days.MF, __f_due / 86400) * 86400 + __f_due % 86400;"
        )
    }

    pub(super) fn need(&mut self, path: &'static str, import: &'static str) {
        if !self.needs.iter().any(|(known, _)| *known == path) {
            self.needs.push((path, import));
        }
    }

    /// Writes booking and entry of a trigger whose moment is `prefix_time()`. Slots: tid, booked moment, last
    /// moment that fired; for calendars also the unshifted moment.
    fn moment(&mut self, clause: Clause<'_>, kind: &str) {
        let prefix = self.prefix(clause);
        let Some(terms) = self.terms(clause) else { return };
        let [tid, pending, last, raw] = [0u64, 1, 2, 3].map(|n| self.slot(clause) + U256::from(n));
        let own = selector_word(&format!("{prefix}()"));
        let refused = self.refusal();
        let book = format!(
            "function {prefix}_book(bool __f_release) internal {{
                uint256 __f_due = {prefix}_time();
                uint256 __f_tid;
                uint256 __f_pending;
                uint256 __f_last;
                assembly (\"memory-safe\") {{ __f_tid := sload({tid}) __f_pending := sload({pending}) __f_last := sload({last}) }}
                if (__f_due == __f_pending) return;
                assembly (\"memory-safe\") {{
                    if __f_tid {{ pop(tcancel(__f_tid)) }}
                    __f_tid := 0
                    if gt(__f_due, __f_last) {{ __f_tid := tat(__f_due, {own}, 0, 0, {gas}, {policy}) }}
                }}
                bool __f_refused = __f_tid == 0 && __f_due > __f_last;
                {refused}
                if (__f_refused) __f_due = 0;
                assembly (\"memory-safe\") {{ sstore({tid}, __f_tid) sstore({pending}, __f_due) }}
            }}",
            gas = terms.gas,
            policy = terms.policy,
        );
        self.piece(clause.trigger.span, book, Vec::new());
        let remember = if kind == "cron" { format!("sstore({raw}, timestamp())") } else { String::new() };
        let fired = format!(
            "assembly (\"memory-safe\") {{ sstore({last}, sload({pending})) sstore({tid}, 0) {remember} }}"
        );
        let cond = self.condition(clause, "", "");
        let body = format!("{fired}\nif ({cond}) {{ __C; }}");
        let call = clause.trigger.call.clone();
        self.entry(clause.trigger.span, &prefix, false, &body, vec![("__C", call)]);
        self.late(clause, &terms, &fired);
        self.register.push_str(&format!("{prefix}_book(true);\n"));
        self.rebook.push_str(&format!("{prefix}_book(false);\n"));
        self.bill.add(terms.gas, 1);
        self.record(clause, kind, terms.gas, true);
    }

    /// Says what happens when a booking is refused: a release reverts, later a log tells.
    pub(super) fn refusal(&self) -> String {
        let name = &self.description.name.name;
        let topic = alloy_primitives::keccak256("TriggerNotBooked(string)");
        let text: String = format!("{name:.31}");
        format!(
            "if (__f_refused) {{
                if (__f_release) revert(\"description {name}: a trigger cannot be booked (gas, price or escrow)\");
                bytes memory __f_data = abi.encode(\"{text}\");
                assembly (\"memory-safe\") {{ log1(add(__f_data, 32), mload(__f_data), {topic}) }}
            }}"
        )
    }

    /// `on every p from a until b`: the grid `a + k * p`, moments before `b`. Without `from` it starts one period
    /// after the release. Periods and bounds that are not constant are evaluated again after each firing.
    pub(super) fn every(
        &mut self,
        clause: Clause<'_>,
        period: &Expr,
        from: Option<&Expr>,
        until: Option<&Expr>,
    ) {
        let constants = (fold(period), from.and_then(fold), until.and_then(fold));
        if constants.0 == Some(U256::ZERO) {
            return self.never(period.span, "the period is 0");
        }
        if let (_, Some(start), Some(end)) = constants
            && let (true, Some(until)) = (end <= start, until)
        {
            return self.never(until.span, "the window is empty");
        }
        if let (Some(until), Some(U256::ZERO)) = (until, constants.2) {
            return self.never(until.span, "the window is empty");
        }
        let prefix = self.prefix(clause);
        self.view(&format!("{prefix}_period"), "", "uint256", period);
        for (part, expr) in [("from", from), ("until", until)] {
            if let Some(expr) = expr {
                self.view(&format!("{prefix}_{part}"), "", "uint256", expr);
            }
        }
        let Some(terms) = self.terms(clause) else { return };
        self.grid(clause, &terms, from.is_some(), until.is_some());
        let own_cond = self.condition(clause, "", "");
        let body = format!("if ({own_cond}) {{ __C; }}");
        let call = clause.trigger.call.clone();
        self.entry(clause.trigger.span, &prefix, false, &body, vec![("__C", call)]);
        self.late(clause, &terms, "");
        self.register.push_str(&format!("{prefix}_book(true);\n"));
        let is_fixed = constants.0.is_some()
            && (from.is_none() || constants.1.is_some())
            && (until.is_none() || constants.2.is_some());
        if !is_fixed {
            self.rebook.push_str(&format!("{prefix}_book(false);\n"));
        }
        let known = match constants {
            (Some(period), Some(start), Some(end)) => {
                u64::try_from((end - start).div_ceil(period)).unwrap_or(u64::MAX)
            }
            _ => 1,
        };
        self.bill.add(terms.gas, known);
        self.record(clause, "every", terms.gas, true);
    }

    /// Writes the booking of a grid. Slots: tid, hash of what it was booked for, the anchor without `from`.
    fn grid(&mut self, clause: Clause<'_>, terms: &super::policy::Terms, has_from: bool, has_until: bool) {
        let prefix = self.prefix(clause);
        let [tid, known, anchor] = [0u64, 1, 2].map(|n| self.slot(clause) + U256::from(n));
        let own = selector_word(&format!("{prefix}()"));
        let start = if has_from {
            format!("uint256 __f_start = {prefix}_from();")
        } else {
            format!(
                "uint256 __f_start;
                assembly (\"memory-safe\") {{ __f_start := sload({anchor}) }}
                if (__f_start == 0) {{
                    __f_start = block.timestamp + __f_period;
                    assembly (\"memory-safe\") {{ sstore({anchor}, __f_start) }}
                }}"
            )
        };
        let end = if has_until { format!("{prefix}_until()") } else { "0".into() };
        let count = if has_until {
            "uint256 __f_count = __f_end > __f_start ? (__f_end - __f_start - 1) / __f_period + 1 : 0;
             bool __f_open = __f_count != 0;"
        } else {
            "uint256 __f_count = 0; bool __f_open = true;"
        };
        let skip = if has_until {
            "if (__f_skip >= __f_count) { __f_open = false; } else { __f_count -= __f_skip; }"
        } else {
            ""
        };
        let refused = self.refusal();
        let text = format!(
            "function {prefix}_book(bool __f_release) internal {{
                uint256 __f_period = {prefix}_period();
                if (__f_period == 0) revert(\"description {name}: the period is 0\");
                {start}
                uint256 __f_end = {end};
                uint256 __f_now = uint256(keccak256(abi.encode(__f_period, __f_start, __f_end)));
                uint256 __f_tid;
                uint256 __f_known;
                assembly (\"memory-safe\") {{ __f_tid := sload({tid}) __f_known := sload({known}) }}
                if (__f_known == __f_now) return;
                {count}
                assembly (\"memory-safe\") {{ if __f_tid {{ pop(tcancel(__f_tid)) }} __f_tid := 0 }}
                if (!__f_release && __f_start <= block.timestamp) {{
                    uint256 __f_skip = (block.timestamp - __f_start) / __f_period + 1;
                    {skip}
                    __f_start += __f_skip * __f_period;
                }}
                if (__f_open) {{
                    assembly (\"memory-safe\") {{
                        __f_tid := tevery(__f_start, __f_period, __f_count, {own}, 0, 0, {gas}, {policy})
                    }}
                }}
                bool __f_refused = __f_open && __f_tid == 0;
                {refused}
                if (__f_refused) __f_now = 0;
                assembly (\"memory-safe\") {{ sstore({tid}, __f_tid) sstore({known}, __f_now) }}
            }}",
            name = self.description.name.name,
            gas = terms.gas,
            policy = terms.policy,
        );
        self.piece(clause.trigger.span, text, Vec::new());
    }
}
