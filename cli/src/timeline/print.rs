//! Prints a timeline: a row for each start of a contract, with its payments and events below.

use super::{Book, Cause, Entry, Payment};
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
    for entry in entries {
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

fn cause(cause: &Cause, time: u64) -> String {
    match cause {
        Cause::Release { from } => format!("release by {from}"),
        Cause::User { from } => format!("call by {from}"),
        Cause::Trigger { kind, due, attempt } => {
            let late = if *due == time { String::new() } else { format!(" due {}", date::show(*due)) };
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
    use crate::timeline::End;
    use alloy_primitives::{Address, U256};

    #[test]
    fn prints_rows_payments_and_events() {
        let mut book = Book::default();
        book.names.add_address("bank", Address::with_last_byte(1));
        book.add_unit(U256::from(5), "USD", 2);
        let entry = Entry {
            time: 1_356_998_400,
            cause: Cause::Trigger { kind: "at".into(), due: 1_356_998_400, attempt: 1 },
            what: "bond.pay".into(),
            gas: 21_000,
            cost: U256::from(21_000_000_000u64),
            end: End::Executed,
            payments: vec![Payment {
                asset: Some(U256::from(5)),
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
