//! Does what users, custodians of themselves, and the steward ask.

use super::{ICustody::*, Step, caps, family, nothing, point, scheme, wei};
use crate::{
    dcrm,
    precompile::{Answer, Message, Refusal},
    store::Store,
};
use alloy_primitives::U256;
use alloy_sol_types::SolCall;

pub(super) fn answer(store: &mut dyn Store, message: Message, call: ICustodyCalls) -> Result<Step, Refusal> {
    use ICustodyCalls as Call;
    let me = message.caller;
    let output = match call {
        Call::requestAddress(c) => request_address(store, message, &c),
        Call::lockOut(c) => lock_out(store, message, &c),
        Call::cancel(c) => nothing(dcrm::cancel(store, me, c.request)),
        Call::creditHeld(c) => nothing(dcrm::credit_held(store, c.deposit)),
        Call::fundPool(_) => nothing(dcrm::fund_pool(store, wei(message.value)?)),
        Call::register(c) => {
            let profile = dcrm::Profile {
                node: c.node,
                encryption: point(&c.encryption)?,
                owner: c.owner,
                provider: c.provider,
                region: c.region,
            };
            nothing(dcrm::register(store, me, &profile, wei(message.value)?))
        }
        Call::leave(_) => nothing(dcrm::leave(store, me)),
        Call::withdrawBond(_) => {
            Ok(withdrawBondCall::abi_encode_returns(&U256::from(dcrm::withdraw_bond(store, me)?)))
        }
        Call::claim(_) => Ok(claimCall::abi_encode_returns(&U256::from(dcrm::claim(store, me)?))),
        Call::setChain(c) => {
            let chain = dcrm::Chain {
                name: c.name,
                family: family(c.family)?,
                chain_id: c.chainId,
                hrp: c.prefix,
                confirmations: c.confirmations,
                proof_target: c.proofTarget,
            };
            nothing(dcrm::set_chain(store, me, &chain))
        }
        Call::setCoin(c) => nothing(dcrm::set_coin(store, me, &coin(&c), &c.title)),
        Call::setGenesis(c) => nothing(dcrm::set_genesis(store, me, c.chain, c.hash)),
        Call::openVault(c) => {
            let opening = dcrm::Opening {
                chain: c.chain,
                scheme: scheme(c.scheme)?,
                threshold: c.threshold,
                size: c.size,
                caps: caps(&c.caps),
            };
            Ok(openVaultCall::abi_encode_returns(&dcrm::open_vault(store, me, &opening)?))
        }
        Call::setCap(c) => nothing(dcrm::set_cap(store, me, c.vault, c.coin, c.cap)),
        Call::setSize(c) => nothing(dcrm::set_size(store, me, c.vault, c.threshold, c.size)),
        Call::halt(c) => nothing(dcrm::halt_vault(store, me, c.vault)),
        Call::resume(c) => nothing(dcrm::resume(store, me, c.vault)),
        Call::cover(c) => nothing(dcrm::cover(store, me, c.vault, c.coin, c.amount)),
        Call::retire(c) => nothing(dcrm::retire(store, me, c.vault)),
        Call::dismiss(c) => nothing(dcrm::dismiss(store, me, c.vault)),
        Call::shift(c) => {
            dcrm::may_shift(store, me, c.from)?;
            Ok(shiftCall::abi_encode_returns(&dcrm::shift(store, c.from, c.to, c.coin)?))
        }
        other => return Ok(Step::Other(Box::new(other))),
    };
    output.map(Step::Done)
}

fn coin(call: &setCoinCall) -> dcrm::Coin {
    dcrm::Coin {
        id: call.id,
        chain: call.chain,
        token: call.token,
        decimals: call.decimals,
        min_deposit: call.minDeposit,
        in_fee: call.inFee,
        max_fee: call.maxFee,
        min_out: call.minOut,
    }
}

fn request_address(store: &mut dyn Store, message: Message, call: &requestAddressCall) -> Answer {
    let fee = wei(message.value)?;
    let given = dcrm::request_address(store, message.caller, call.coin, call.beneficiary, call.vault, fee)?;
    Ok(requestAddressCall::abi_encode_returns(&requestAddressReturn {
        request: given.request,
        outer: given.address,
    }))
}

fn lock_out(store: &mut dyn Store, message: Message, call: &lockOutCall) -> Answer {
    let wish = dcrm::Wish {
        coin: call.coin,
        amount: call.amount,
        destination: call.destination.clone(),
        max_fee: call.maxFee,
        vault: call.vault,
    };
    let request = dcrm::lock_out(store, message.caller, &wish, wei(message.value)?)?;
    Ok(lockOutCall::abi_encode_returns(&request))
}
