//! Shows where the coins of a genesis file go.

use crate::table::{Side, Table};
use alloy_primitives::{B256, U256};
use fusor_chain_lite::founding::{CAP, Founding, GenesisFile, Target, amount};

/// Returns the table of allocations, what follows from it, and the hash of block 0.
pub(super) fn text(file: &GenesisFile, hash: B256) -> String {
    let mut out = format!("chain {}, a block every {} s\n\n", file.chain().chain_id, file.chain().block_time);
    out.push_str(&allocations(file));
    out.push_str(&format!("\nreward pool   {} coins\n", amount::coins(file.pool())));
    if let Some(founding) = &file.consensus {
        out.push_str(&consensus(file, founding));
    }
    out.push_str(&format!("block 0       {hash}\n"));
    out
}

fn allocations(file: &GenesisFile) -> String {
    let mut table = Table::new(&[
        ("allocation", Side::Left),
        ("coins", Side::Right),
        ("% of the cap", Side::Right),
        ("stakes", Side::Right),
        ("accounts", Side::Right),
        ("rest", Side::Right),
        ("to", Side::Left),
    ]);
    for part in &file.allocations {
        let drawn = file.drawn(&part.name);
        let to = match part.to {
            Target::Pool => "pool".to_string(),
            Target::Account(to) => to.to_string(),
        };
        let [all, stakes, accounts, rest] =
            [part.amount, drawn.stakes, drawn.accounts, part.rest].map(amount::coins);
        table.row([part.name.clone(), all, share(part.amount), stakes, accounts, rest, to]);
    }
    let row = |name: &str, wei: U256| [name.to_string(), amount::coins(wei), share(wei)];
    table.row(row("total", file.total));
    table.row(row("cap", CAP));
    table.text()
}

fn consensus(file: &GenesisFile, founding: &Founding) -> String {
    let params = &founding.params;
    let count = founding.validators.len();
    let reward = amount::coins(U256::from(params.block_reward));
    let (author, slash, reporter) =
        (percent(params.fee_author_bps), percent(params.slash_bps), percent(params.reporter_bps));
    format!(
        "stakes        {} coins of {count} validators\n\
         block reward  {reward} coins; {author} % of the fees to the author, the rest to the pool\n\
         an offence    costs {slash} % of the stake, {reporter} % of it to the reporter\n\
         epoch         {} blocks; {} to {} groups, {} at the start\n",
        amount::coins(file.staked()),
        params.epoch_length,
        params.x_min,
        params.x_max,
        params.x_start,
    )
}

/// Returns the share of the cap in per cent, rounded down to two places.
fn share(wei: U256) -> String {
    let hundredths = wei.saturating_mul(U256::from(10_000)) / CAP;
    let (whole, part) = (hundredths / U256::from(100), hundredths % U256::from(100));
    format!("{whole}.{:0>2}", part.to_string())
}

/// Shows basis points in per cent.
fn percent(bps: u32) -> String {
    let (whole, part) = (bps / 100, bps % 100);
    if part == 0 { whole.to_string() } else { format!("{whole}.{part:02}") }
}
