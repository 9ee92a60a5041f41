//! Does what custodians post: messages of the protocols, attestations, plans.

use super::{ICustody::*, Step, job, nothing};
use crate::{
    dcrm::{self, Handed},
    precompile::{Message, Refusal},
    store::Store,
};

pub(super) fn answer(store: &mut dyn Store, message: Message, call: ICustodyCalls) -> Result<Step, Refusal> {
    use ICustodyCalls as Call;
    let me = message.caller;
    let done = match call {
        Call::regroup(c) => dcrm::regroup(store, me, c.vault),
        Call::giveUp(c) => dcrm::give_up(store, me, c.group),
        Call::deal(c) => dcrm::deal(store, me, c.group, &c.message),
        Call::complain(c) => dcrm::complain(store, me, c.group, &c.message, &c.dealing),
        Call::extract(c) => dcrm::extract(store, me, c.group, &c.message),
        Call::object(c) => dcrm::object(store, me, c.group, &c.message, &c.dealing, &c.extraction),
        Call::reveal(c) => dcrm::reveal(store, me, c.group, &c.message),
        Call::finish(c) => dcrm::finish(store, c.group, &c.parts.iter().map(handed).collect::<Vec<_>>()),
        Call::handOver(c) => dcrm::hand_over(store, me, c.group, &c.message),
        Call::complainHandover(c) => dcrm::complain_handover(store, me, c.group, &c.message, &c.handover),
        Call::finishHandover(c) => dcrm::finish_handover(store, c.group, &c.handovers),
        Call::ready(c) => dcrm::ready(store, me, c.group),
        Call::attestDeposit(c) => {
            let attestDepositCall { id, vault, request, coin, amount } = c;
            dcrm::attest_deposit(store, me, &dcrm::Deposit { id, vault, request, coin, amount })
        }
        Call::proveDeposit(c) => {
            let proveDepositCall { id, vault, request, coin, amount, proof } = c;
            dcrm::prove_deposit(store, &dcrm::Deposit { id, vault, request, coin, amount }, &proof)
        }
        Call::propose(c) => dcrm::propose(store, me, &job(&c.id), c.sequence, &c.plan),
        Call::approve(c) => dcrm::approve(store, me, &job(&c.id), c.sequence, c.plan),
        Call::settle(c) => {
            let outflows = c.outflows.iter().map(|flow| (flow.coin, flow.amount)).collect();
            let outcome =
                dcrm::Outcome { plan: c.plan, transaction: c.transaction, success: c.success, outflows };
            dcrm::settle(store, me, &job(&c.id), &outcome)
        }
        Call::settleMove(c) => {
            let flows = |flows: &[Outflow]| flows.iter().map(|flow| (flow.coin, flow.amount)).collect();
            let outcome = dcrm::Outcome {
                plan: c.plan,
                transaction: c.transaction,
                success: true,
                outflows: flows(&c.fees),
            };
            let moving = dcrm::Move { to: c.to, moved: flows(&c.moved) };
            dcrm::settle_move(store, me, &job(&c.id), &outcome, &moving)
        }
        Call::observe(c) => dcrm::observe(store, me, c.vault, c.coin, c.amount),
        other => return Ok(Step::Other(Box::new(other))),
    };
    nothing(done).map(Step::Done)
}

/// Reads a part: an extraction, or a dealing with reveals.
fn handed(part: &Part) -> Handed {
    match part.reveals.is_empty() {
        true => Handed::Extraction(part.message.clone()),
        false => Handed::Reveals(part.message.clone(), part.reveals.clone()),
    }
}
