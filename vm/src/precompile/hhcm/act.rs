//! Does what changes stake.

use super::{IConsensus, IConsensus::*, beacon, header, signature};
use crate::{
    hhcm::{self, Registration, Signed},
    precompile::{Answer, Message, Refusal, nothing, wei},
    store::Store,
};
use alloy_primitives::{B256, U256};
use alloy_sol_types::SolCall;

/// Says whether a call acted, or asks only.
pub(super) enum Acted {
    /// It acted; here is what it returns.
    Done(Vec<u8>),
    /// It is a question.
    Question(Box<IConsensusCalls>),
}

pub(super) fn answer(
    store: &mut dyn Store,
    message: Message,
    call: IConsensusCalls,
) -> Result<Acted, Refusal> {
    use IConsensus::IConsensusCalls as Call;
    let me = message.caller;
    let output = match call {
        Call::register(c) => register(store, message, &c),
        Call::bond(c) => nothing(hhcm::bond(store, me, c.key, wei(message.value)?)),
        Call::unbond(c) => nothing(hhcm::unbond(store, me, c.key, wei(c.amount)?)),
        Call::withdraw(c) => {
            Ok(withdrawCall::abi_encode_returns(&U256::from(hhcm::withdraw(store, me, c.key, me)?)))
        }
        Call::claim(c) => Ok(claimCall::abi_encode_returns(&U256::from(hhcm::claim(store, me, c.key, me)?))),
        Call::setPayout(c) => nothing(hhcm::set_payout(store, me, c.key, c.payout)),
        Call::setCommission(c) => nothing(hhcm::set_commission(store, me, c.key, c.bps)),
        Call::buyTicket(c) => {
            let id = hhcm::buy_ticket(store, me, c.key, wei(message.value)?)?;
            Ok(buyTicketCall::abi_encode_returns(&U256::from(id)))
        }
        Call::returnTicket(c) => nothing(hhcm::return_ticket(store, me, number(c.id)?)),
        Call::collectTicket(c) => {
            let sum = hhcm::collect_ticket(store, me, number(c.id)?)?;
            Ok(collectTicketCall::abi_encode_returns(&U256::from(sum)))
        }
        Call::reportVotes(c) => report_votes(store, message, &c),
        Call::reportPackages(c) => report_packages(store, message, &c),
        question => return Ok(Acted::Question(Box::new(question))),
    };
    output.map(Acted::Done)
}

fn number(id: U256) -> Result<u64, Refusal> {
    u64::try_from(id).map_err(|_| Refusal::text("not a ticket of the caller"))
}

fn register(store: &mut dyn Store, message: Message, call: &registerCall) -> Answer {
    let wish = Registration {
        key: call.key,
        beacon: beacon(&call.beacon)?,
        payout: call.payout,
        commission_bps: call.commissionBps,
        proof: signature(&call.proof)?,
    };
    nothing(hhcm::register(store, message.caller, &wish, wei(message.value)?))
}

fn report_votes(store: &mut dyn Store, message: Message, call: &reportVotesCall) -> Answer {
    let first = Signed { message: &call.first, signature: signature(&call.firstSignature)? };
    let second = Signed { message: &call.second, signature: signature(&call.secondSignature)? };
    let key: B256 = call.key;
    let penalty = hhcm::report_votes(store, message.caller, key, [first, second])?;
    Ok(reportVotesCall::abi_encode_returns(&U256::from(penalty.reward)))
}

fn report_packages(store: &mut dyn Store, message: Message, call: &reportPackagesCall) -> Answer {
    let (first, second) = (header(&call.first), header(&call.second));
    let signed = [(&first, signature(&call.firstSignature)?), (&second, signature(&call.secondSignature)?)];
    let penalty = hhcm::report_packages(store, message.caller, signed)?;
    Ok(reportPackagesCall::abi_encode_returns(&U256::from(penalty.reward)))
}
