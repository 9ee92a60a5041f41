//! `fusor run`: plays a scenario, prints its timeline, and draws its cash flow.

use crate::{
    error::{CliError, Outcome},
    output,
    play::{Opened, Player, flows, open},
    plot, timeline,
};
use std::path::PathBuf;

/// Compiles and releases contracts, runs through simulated time, and shows what was paid.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A folder with a `scenario.json`, a scenario file, or a source beside one.
    path: PathBuf,
    /// Where the cash-flow plot goes; `out/<name>.svg` by default.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

/// Plays the scenario. What happened before a failure is printed all the same.
pub(crate) fn run(args: &Args) -> Outcome {
    let opened = open(&args.path)?;
    let fail = |error| CliError::Play { path: opened.path.clone(), error: Box::new(error) };
    let mut player = Player::new(&opened.scenario, &opened.program).map_err(fail)?;
    let released = player.release_all(&opened.scenario, &opened.program);
    let played = released.and_then(|()| player.steps(&opened.scenario));
    output::print(&report(&opened, &player))?;
    played.map_err(fail)?;
    let path = args.svg.clone().unwrap_or_else(|| PathBuf::from("out").join(format!("{}.svg", opened.name)));
    let svg = plot::draw(&opened.scenario.title, &flows(&player, &opened.scenario));
    output::write_whole(&path, svg.as_bytes())?;
    output::print(&format!("cash flow drawn to {}\n", path.display()))
}

fn report(opened: &Opened, player: &Player) -> String {
    let table = timeline::text(player.entries(), &player.book);
    format!("{}\n\n{table}\n{}\n", opened.scenario.title, summary(player))
}

fn summary(player: &Player) -> String {
    let fired = player.recorder.bought.iter().filter(|bought| bought.is_end).count();
    let payments: usize = player.entries().iter().map(|entry| entry.payments.len()).sum();
    let block = player.chain.head();
    let until = crate::input::date::show(player.chain.time());
    format!("{fired} firings, {payments} payments, {} blocks until {until}", block.header.number)
}
