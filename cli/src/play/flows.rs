//! Collects the cash flows of a played scenario for the plot.

use super::{Player, Recorder};
use crate::{
    plot::{Flows, Panel},
    scenario::{Plot, Scenario},
};
use alloy_dyn_abi::DynSolValue;
use alloy_primitives::{I256, U256};
use fusor_vm::account;

/// Makes a panel for the scenario's event and one for each asset that changed hands.
pub(crate) fn flows(player: &Player, scenario: &Scenario) -> Vec<Panel> {
    let event = scenario.plot.as_ref().map(|plot| event_panel(&player.recorder, plot));
    let assets = scenario.assets.iter().map(|asset| asset_panel(player, &asset.name));
    event.into_iter().chain(assets).filter(|panel| !panel.flows.is_empty()).collect()
}

fn event_panel(recorder: &Recorder, plot: &Plot) -> Panel {
    let mut flows = Flows::default();
    let target = &plot.event;
    let own = |event: &&crate::play::Seen| {
        event.event.contract == target.release && event.event.name == target.function
    };
    for seen in recorder.events.iter().filter(own) {
        let time = plot.time.as_ref().and_then(|name| seen.event.value(name)).and_then(number);
        let time = time.and_then(|time| u64::try_from(time).ok()).unwrap_or(seen.time);
        if let Some(amount) = seen.event.value(&plot.amount).and_then(number) {
            flows.add(time, &target.release, amount);
        }
    }
    let title = format!("{} of {}.{}", plot.amount, target.release, target.function);
    Panel { title, unit: plot.amount.clone(), decimals: plot.decimals, flows }
}

fn number(value: &DynSolValue) -> Option<I256> {
    match value {
        DynSolValue::Int(value, _) => Some(*value),
        DynSolValue::Uint(value, _) => I256::try_from(*value).ok(),
        _ => None,
    }
}

fn asset_panel(player: &Player, name: &str) -> Panel {
    let id = player.book.names.asset(name).unwrap_or(U256::ZERO);
    let view = account::erc20_address(id);
    let (unit, decimals) = player.book.unit(Some(view));
    let mut flows = Flows::default();
    for entry in player.entries() {
        for payment in entry.payments.iter().filter(|payment| payment.asset == Some(view)) {
            if let (Some(from), Some(to)) = (payment.from, payment.to) {
                let show = |address| player.book.names.show_address(address);
                flows.pay(entry.time, &show(from), &show(to), payment.amount);
            }
        }
    }
    Panel { title: format!("payments in {name}"), unit, decimals, flows }
}
