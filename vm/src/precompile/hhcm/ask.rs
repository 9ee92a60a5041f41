//! Answers questions about stake, elections and blocks.

use super::{IConsensus, IConsensus::*, beacon, charge_hash, header, keys, remembered, signature};
use crate::{
    hhcm::{self, Beacon, Params, Ticket, Totals, Validator, position},
    precompile::{Answer, Refusal},
    store::Store,
};
use alloy_primitives::{B256, Bytes, U256};
use alloy_sol_types::SolCall;

pub(super) fn answer(store: &mut dyn Store, call: IConsensusCalls) -> Answer {
    use IConsensus::IConsensusCalls as Call;
    Ok(match call {
        Call::seed(c) => seedCall::abi_encode_returns(&remembered(store, c.height)?.seed),
        Call::beaconKey(_) => {
            let key = Beacon::load(store)?.key.map(|key| key.to_vec()).unwrap_or_default();
            beaconKeyCall::abi_encode_returns(&Bytes::from(key))
        }
        Call::epoch(_) => epochCall::abi_encode_returns(&hhcm::epoch(store)?),
        Call::groups(_) => groupsCall::abi_encode_returns(&hhcm::groups(store)?),
        Call::groupOfSender(c) => {
            charge_hash(store, 20)?;
            let x = hhcm::groups(store)?;
            groupOfSenderCall::abi_encode_returns(&hhcm::group_of_sender(c.sender, x))
        }
        Call::groupOfNode(c) => return group_of_node(store, &c),
        Call::representatives(_) => return representatives(store),
        Call::blockAt(c) => return block_at(store, &c),
        Call::packageAt(c) => {
            let digest = remembered(store, c.height)?.package(store, c.group)?;
            packageAtCall::abi_encode_returns(&digest.unwrap_or_default())
        }
        Call::members(_) => membersCall::abi_encode_returns(&keys(store)?),
        Call::member(c) => return member(store, c.key),
        Call::validator(c) => return validator(store, c.key),
        Call::stakeOf(c) => return stake_of(store, &c),
        Call::waiting(c) => return waiting(store, &c),
        Call::pool(_) => poolCall::abi_encode_returns(&U256::from(Totals::load(store)?.pool)),
        Call::stakeRules(_) => return rules(store),
        Call::registrationBytes(c) => {
            let chain_id = Params::load(store)?.chain_id;
            let bytes: Bytes = hhcm::registration_bytes(chain_id, c.owner, &beacon(&c.beacon)?).into();
            registrationBytesCall::abi_encode_returns(&bytes)
        }
        Call::packageDigest(c) => {
            charge_hash(store, 256)?;
            packageDigestCall::abi_encode_returns(&header(&c.package_).hash())
        }
        Call::packageValid(c) => {
            let valid = hhcm::package_valid(store, &header(&c.package_), &signature(&c.signature)?)?;
            packageValidCall::abi_encode_returns(&valid)
        }
        Call::work(c) => {
            charge_hash(store, 114)?;
            let hash = hhcm::work_hash(c.parent, c.packagesRoot, c.key, c.nonce);
            let valid = hhcm::valid(c.nonce, &Params::load(store)?);
            workCall::abi_encode_returns(&workReturn { hash, valid })
        }
        Call::ticket(c) => return ticket(store, c.id),
        _ => return Err(Refusal::text("not a question")),
    })
}

fn group_of_node(store: &mut dyn Store, call: &groupOfNodeCall) -> Answer {
    let block = remembered(store, call.height)?;
    charge_hash(store, 64)?;
    let guerrilla = hhcm::guerrilla_for(store, call.height)?;
    let group = hhcm::group_of_member(call.key, block.seed, block.x, guerrilla);
    Ok(groupOfNodeCall::abi_encode_returns(&group))
}

fn representatives(store: &mut dyn Store) -> Answer {
    let keys = keys(store)?;
    let elected = hhcm::elected(store)?;
    let key = |place: Option<usize>| place.and_then(|place| keys.get(place).copied()).unwrap_or_default();
    let chosen: Vec<B256> = elected.into_iter().map(key).collect();
    Ok(representativesCall::abi_encode_returns(&chosen))
}

fn block_at(store: &mut dyn Store, call: &blockAtCall) -> Answer {
    let block = remembered(store, call.height)?;
    Ok(blockAtCall::abi_encode_returns(&blockAtReturn {
        author: block.author.unwrap_or_default(),
        worked: block.worked,
        x: block.x,
        guerrilla: block.guerrilla.is_some(),
        guerrillaGroup: block.guerrilla.unwrap_or_default(),
    }))
}

fn member(store: &mut dyn Store, key: B256) -> Answer {
    let answer = match hhcm::member(store, key)? {
        Some((place, member)) => memberReturn {
            is_: true,
            place: u32::try_from(place).unwrap_or(u32::MAX),
            weight: member.weight,
            owner: member.owner,
            payout: member.payout,
            beacon: member.beacon.to_vec().into(),
        },
        None => memberReturn {
            is_: false,
            place: 0,
            weight: 0,
            owner: Default::default(),
            payout: Default::default(),
            beacon: Bytes::new(),
        },
    };
    Ok(memberCall::abi_encode_returns(&answer))
}

fn validator(store: &mut dyn Store, key: B256) -> Answer {
    let found = Validator::load(store, key)?.ok_or(Refusal::text("no such validator"))?;
    Ok(validatorCall::abi_encode_returns(&validatorReturn {
        owner: found.owner,
        payout: found.payout,
        stake: U256::from(found.stake),
        leaving: U256::from(found.leaving),
        commissionBps: found.commission_bps,
        jailed: found.jailed,
        listed: found.place > 0,
    }))
}

fn stake_of(store: &mut dyn Store, call: &stakeOfCall) -> Answer {
    let (validator, held) = position(store, call.key, call.holder)?;
    let (stake, rewards) = (U256::from(held.value(&validator)), U256::from(held.earned(&validator)?));
    Ok(stakeOfCall::abi_encode_returns(&stakeOfReturn { stake, rewards }))
}

fn waiting(store: &mut dyn Store, call: &waitingCall) -> Answer {
    let (validator, held) = position(store, call.key, call.holder)?;
    let queue = held.waiting(store)?;
    let worth = |(shares, _): &(u128, u64)| U256::from(validator.leaving_value(*shares));
    let amounts = queue.iter().map(worth).collect();
    let release = queue.iter().map(|(_, release)| *release).collect();
    Ok(waitingCall::abi_encode_returns(&waitingReturn { amounts, release }))
}

fn rules(store: &mut dyn Store) -> Answer {
    let params = Params::load(store)?;
    Ok(stakeRulesCall::abi_encode_returns(&stakeRulesReturn {
        minStake: U256::from(params.min_stake),
        unit: U256::from(params.unit),
        unbondWait: params.unbond_wait,
        epochLength: params.epoch_length,
        ticketSize: U256::from(params.ticket_size),
        ticketTime: params.ticket_time_min,
    }))
}

fn ticket(store: &mut dyn Store, id: U256) -> Answer {
    let found = match u64::try_from(id) {
        Ok(id) => Ticket::load(store, id)?,
        Err(_) => None,
    };
    let found = found.ok_or(Refusal::text("no such ticket"))?;
    let (stake, rewards) = found.value(store)?;
    Ok(ticketCall::abi_encode_returns(&ticketReturn {
        owner: found.owner,
        key: found.key,
        bought: found.bought,
        stake: U256::from(stake),
        rewards: U256::from(rewards),
    }))
}
