//! `fusor calendar`: shows every future firing and its cost before anything is released.

use crate::{
    error::{CliError, Outcome},
    input::{date, decimal},
    output,
    play::{Opened, PlayError, Player, Until, is_alone, open, open_alone},
    scenario::{Step, StepKind},
    table::{Side, Table},
    timeline::{Cause, End},
};
use alloy_primitives::U256;
use std::path::PathBuf;

/// Runs the contracts of a scenario on a scratch chain and shows each firing with its cost.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A folder with a `scenario.json`, a scenario file, or a source beside one.
    path: PathBuf,
    /// When a source without a scenario is released; its constructors must need no arguments.
    #[arg(long, value_name = "DATE", value_parser = date_value)]
    start: Option<u64>,
    /// Leave out the scenario's calls: show what happens when nobody does anything.
    #[arg(long)]
    alone: bool,
    /// The last date to look at; by default a hundred years after the scenario's start.
    #[arg(long, value_name = "DATE", value_parser = date_value)]
    until: Option<u64>,
}

/// How far the calendar looks: a hundred years of seconds.
const HORIZON: u64 = 100 * 31_557_600;

fn date_value(text: &str) -> Result<u64, String> {
    date::parse(text).map_err(|why| why.to_string())
}

/// Prints the calendar.
pub(crate) fn run(args: &Args) -> Outcome {
    let opened = match (is_alone(&args.path), args.start) {
        (true, Some(start)) => open_alone(&args.path, start)?,
        (true, None) => return Err(CliError::NoStart(args.path.clone())),
        (false, _) => open(&args.path)?,
    };
    let fail = |error| CliError::Play { path: opened.path.clone(), error: Box::new(error) };
    let mut player = Player::new(&opened.scenario, &opened.program).map_err(fail)?;
    player.release_all(&opened.scenario, &opened.program).map_err(fail)?;
    let until = args.until.unwrap_or_else(|| opened.scenario.start.saturating_add(HORIZON));
    let ended = live(&mut player, &opened, args.alone, until).map_err(fail)?;
    output::print(&text(&player, &opened, args.alone, ended))
}

/// Lets time pass, with the scenario's calls or without; says whether anything is still booked at the end.
fn live(player: &mut Player, opened: &Opened, alone: bool, until: u64) -> Result<bool, PlayError> {
    if !alone {
        opened.scenario.steps.iter().try_for_each(|step| assume(player, step, until))?;
    }
    pass(player, Until::Quiet { limit: until })?;
    Ok(player.chain.next_due().is_none())
}

/// Carries out what the scenario's users do; its checks are not the calendar's business.
fn assume(player: &mut Player, step: &Step, until: u64) -> Result<(), PlayError> {
    let over = player.chain.time() >= until;
    match &step.kind {
        _ if over => Ok(()),
        StepKind::Run(run) => pass(player, Until::from(run).capped(until)),
        StepKind::Call(call) if call.reverts.is_none() => player.step(step),
        StepKind::Check(check) if check.keep.is_some() => player.step(step),
        StepKind::Call(_) | StepKind::Check(_) | StepKind::Holds { .. } => Ok(()),
    }
}

fn pass(player: &mut Player, until: Until) -> Result<(), PlayError> {
    player.run(until).map_err(|error| PlayError::Calendar(Box::new(error)))
}

fn text(player: &Player, opened: &Opened, alone: bool, ended: bool) -> String {
    let mut out = format!("{}\n", opened.scenario.title);
    out.push_str(match alone || opened.scenario.steps.is_empty() {
        true => "without any call after the release\n\n",
        false => "assuming the calls of the scenario\n\n",
    });
    let (table, total) = table(player);
    out.push_str(&table);
    out.push_str(&format!("\n{} firings, {} ether in all\n", count(player), decimal::show_units(total, 18)));
    for released in &player.released {
        let pot = player.recorder.pots.get(&released.contract.address);
        if let (Some(pot), false) = (pot, released.records.is_empty()) {
            let name = &released.contract.name;
            out.push_str(&format!("{name} has {} ether left for triggers\n", decimal::show_units(*pot, 18)));
        }
    }
    out.push_str(if ended { "nothing stays booked\n" } else { "more is booked after the last date shown\n" });
    let live = live_conditions(player);
    if !live.is_empty() {
        out.push_str(
            "\nThese depend on live conditions; other calls, events or values change the calendar:\n",
        );
        live.iter().for_each(|line| out.push_str(&format!("  {line}\n")));
    }
    out
}

fn count(player: &Player) -> usize {
    player.recorder.bought.iter().filter(|bought| bought.is_end).count()
}

fn table(player: &Player) -> (String, U256) {
    let mut table = Table::new(&[
        ("date", Side::Left),
        ("trigger", Side::Left),
        ("handler", Side::Left),
        ("gas bought", Side::Right),
        ("used", Side::Right),
        ("gwei/gas", Side::Right),
        ("cost (gwei)", Side::Right),
        ("total (gwei)", Side::Right),
        ("end", Side::Left),
    ]);
    let mut total = U256::ZERO;
    let bought = player.recorder.bought.iter().filter(|bought| bought.is_end);
    for (bought, entry) in bought.filter_map(|bought| Some((bought, player.entries().get(bought.entry)?))) {
        total = total.saturating_add(entry.cost);
        let kind = match &entry.cause {
            Cause::Trigger { kind, .. } => kind.clone(),
            Cause::Release { .. } | Cause::User { .. } => String::new(),
        };
        table.row([
            date::show(entry.time),
            kind,
            entry.what.clone(),
            bought.gas.to_string(),
            entry.gas.to_string(),
            decimal::show_units(U256::from(bought.price), 9),
            decimal::show_units(entry.cost, 9),
            decimal::show_units(total, 9),
            if entry.end == End::Executed { String::new() } else { entry.end.show() },
        ]);
    }
    (table.text(), total)
}

/// Names the triggers whose firing depends on more than the clock.
fn live_conditions(player: &Player) -> Vec<String> {
    let mut lines = Vec::new();
    for released in &player.released {
        for record in &released.records {
            let words: Vec<_> = record.text.split_whitespace().collect();
            let mut when = words.iter().take_while(|word| **word != "do");
            // A condition, or a time by a call, moves with the state that it reads.
            let live = when.any(|word| *word == "if" || word.contains('('));
            if live || matches!(record.kind.as_str(), "event" | "call" | "nested") {
                lines.push(format!("{}: {}", released.contract.name, words.join(" ")));
            }
        }
    }
    lines
}
