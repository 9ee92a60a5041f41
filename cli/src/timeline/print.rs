//! Prints a timeline: a row for each start of a contract, with its payments and events below.

use super::{Book, Cause, End, Entry, Payment};
use crate::{
    input::{date, decimal},
    table::{Side, Table},
};

/// Prints entries in the given order.
pub(crate) fn text(entries: &[Entry], book: &Book) -> String {
    let mut table = Table::new(&[
        ("date", Side::Left),
        ("trigger", Side::Left),
        ("handler", Side::Left),
        ("gas", Side::Right),
        ("cost (gwei)", Side::Right),
        ("end", Side::Left),
    ]);
    for entry in &folded(entries) {
        table.row([
            date::show(entry.time),
            cause(&entry.cause, entry.time),
            entry.what.clone(),
            entry.gas.to_string(),
            decimal::show_units(entry.cost, 9),
            entry.end.show(),
        ]);
        for one in &entry.payments {
            table.note(payment(one, book));
        }
        for event in &entry.events {
            table.note(format!("            {event}"));
        }
    }
    table.text()
}

/// Folds polls of the same handler with nothing but polls between them into one row.
fn folded(entries: &[Entry]) -> Vec<Entry> {
    let mut out: Vec<(Entry, u64)> = Vec::new();
    for entry in entries {
        let polls = out.iter_mut().rev().take_while(|(last, _)| last.end == End::Polled);
        match polls.into_iter().find(|(last, _)| same_poll(last, entry)) {
            Some((last, count)) => {
                last.gas += entry.gas;
                last.cost += entry.cost;
                *count += 1;
            }
            _ => out.push((entry.clone(), 1)),
        }
    }
    let name = |(mut entry, count): (Entry, u64)| {
        if count > 1 {
            entry.what = format!("{} ({count} polls)", entry.what);
        }
        entry
    };
    out.into_iter().map(name).collect()
}

fn same_poll(last: &Entry, entry: &Entry) -> bool {
    entry.end == End::Polled && last.what == entry.what
}

fn cause(cause: &Cause, time: u64) -> String {
    match cause {
        Cause::Release { from } => format!("release by {from}"),
        Cause::User { from } => format!("call by {from}"),
        Cause::Trigger { kind, due, attempt } => {
            // A poll is due at its interval; the date it shows is when the wait began.
            let late = *due != time && kind != "condition";
            let late = if late { format!(" due {}", date::show(*due)) } else { String::new() };
            let again = if *attempt == 0 { String::new() } else { format!(" retry {attempt}") };
            format!("{kind}{late}{again}")
        }
    }
}

fn payment(payment: &Payment, book: &Book) -> String {
    let (symbol, decimals) = book.unit(payment.asset);
    let amount = decimal::show_units(payment.amount, decimals);
    let (from, to) = (payment.from, payment.to);
    let name = |address| book.names.show_address(address);
    let route = match (from, to) {
        (Some(from), Some(to)) => format!("{} -> {}", name(from), name(to)),
        (None, Some(to)) => format!("issued to {}", name(to)),
        (Some(from), None) => format!("burnt by {}", name(from)),
        (None, None) => "nowhere".to_string(),
    };
    format!("            {amount} {symbol}  {route}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::{Address, U256};

    #[test]
    fn prints_rows_payments_and_events() {
        let mut book = Book::default();
        book.names.add_address("bank", Address::with_last_byte(1));
        book.add_unit(Address::with_last_byte(5), "USD", 2);
        let entry = Entry {
            time: 1_356_998_400,
            cause: Cause::Trigger { kind: "at".into(), due: 1_356_998_400, attempt: 1 },
            what: "bond.pay".into(),
            gas: 21_000,
            cost: U256::from(21_000_000_000u64),
            end: End::Executed,
            payments: vec![Payment {
                asset: Some(Address::with_last_byte(5)),
                from: Some(Address::with_last_byte(1)),
                to: None,
                amount: U256::from(1_250),
            }],
            events: vec!["Paid(1)".into()],
        };
        let expected = "date        trigger     handler     gas  cost (gwei)  end\n\
                        2013-01-01  at retry 1  bond.pay  21000           21  executed\n            \
                        12.5 USD  burnt by bank\n            Paid(1)\n";
        assert_eq!(text(&[entry], &book), expected);
    }
}
