//! Lists every key of a genesis file once; reading and writing both walk this list, so neither can forget one.

use super::{
    file::{Allocation, Founding, Funded, GenesisFile, Member, Target},
    keys::PublicKeys,
};
use crate::{
    genesis::{Account, BaseFee, Genesis},
    hhcm::Randomness,
};
use alloy_primitives::{Address, Bytes, U256};
use fusor_vm::{dcrm, hhcm};
use std::{collections::BTreeMap, ops::RangeInclusive};

/// Is the version of the format.
const VERSION: u64 = 1;
/// Bounds moments: the end of the year 9999, in seconds.
const TIME_MAX: u64 = 253_402_300_799;
/// Bounds spans: a hundred years, in seconds.
const SPAN_MAX: u64 = 3_155_760_000;
/// Bounds the gas of a block.
const GAS_MAX: u64 = 10_000_000_000;
/// Bounds a chain's id, as `2 * id + 36` must fit 64 bits (EIP-2294).
const ID_MAX: u64 = u64::MAX / 2 - 36;
const U32_MAX: u64 = u32::MAX as u64;

/// Walks the keys of an object: a reader fills the values in, a writer takes them out.
pub(super) trait Visitor: Sized {
    fn require(&mut self, keys: &[&'static str]);
    fn number(&mut self, key: &'static str, value: &mut u64, range: RangeInclusive<u64>);
    fn maybe_number(&mut self, key: &'static str, value: &mut Option<u64>, range: RangeInclusive<u64>);
    fn flag(&mut self, key: &'static str, value: &mut bool);
    fn word<T: Copy + PartialEq>(&mut self, key: &'static str, value: &mut T, words: &[(&'static str, T)]);
    fn name(&mut self, key: &'static str, value: &mut String);
    fn amount(&mut self, key: &'static str, value: &mut U256, most: U256);
    fn address(&mut self, key: &'static str, value: &mut Address);
    fn target(&mut self, key: &'static str, value: &mut Target);
    fn bytes<const N: usize>(&mut self, key: &'static str, value: &mut [u8; N]);
    fn data(&mut self, key: &'static str, value: &mut Bytes);
    fn storage(&mut self, key: &'static str, value: &mut BTreeMap<U256, U256>);
    fn object<T>(&mut self, key: &'static str, value: &mut T, each: fn(&mut Self, &mut T));
    fn maybe<T: Default>(&mut self, key: &'static str, value: &mut Option<T>, each: fn(&mut Self, &mut T));
    fn list<T: Default>(&mut self, key: &'static str, value: &mut Vec<T>, each: fn(&mut Self, &mut T));
    fn map<T: Default>(
        &mut self,
        key: &'static str,
        value: &mut BTreeMap<Address, T>,
        each: fn(&mut Self, &mut T),
    );

    fn small(&mut self, key: &'static str, value: &mut u32, range: RangeInclusive<u64>) {
        let mut wide = u64::from(*value);
        self.number(key, &mut wide, range);
        *value = u32::try_from(wide).unwrap_or(*value);
    }

    fn price(&mut self, key: &'static str, value: &mut u64) {
        let mut wei = U256::from(*value);
        self.amount(key, &mut wei, U256::from(u64::MAX));
        *value = u64::try_from(wei).unwrap_or(*value);
    }

    fn coins(&mut self, key: &'static str, value: &mut u128) {
        let mut wei = U256::from(*value);
        self.amount(key, &mut wei, U256::from(u128::MAX));
        *value = u128::try_from(wei).unwrap_or(*value);
    }
}

pub(super) fn file(v: &mut impl Visitor, file: &mut GenesisFile) {
    v.require(&["version", "chain", "economics"]);
    let mut version = VERSION;
    v.number("version", &mut version, VERSION..=VERSION);
    v.object("chain", &mut file.chain, chain);
    v.object("economics", file, economics);
    v.maybe("consensus", &mut file.consensus, consensus);
    v.maybe("custody", &mut file.chain.custody, custody);
    v.map("accounts", &mut file.accounts, funded);
}

fn chain(v: &mut impl Visitor, chain: &mut Genesis) {
    let Genesis {
        chain_id,
        time,
        block_gas_limit,
        block_time,
        time_step_max,
        base_fee,
        beneficiary,
        accounts: _,
        dev,
        trigger_price,
        trigger_rent,
        fanout_max,
        depth_max,
        listeners_max,
        consensus: _,
        custody: _,
    } = chain;
    v.require(&["id"]);
    v.number("id", chain_id, 1..=ID_MAX);
    v.number("time", time, 0..=TIME_MAX);
    v.number("block_time", block_time, 1..=SPAN_MAX);
    v.maybe_number("time_step_max", time_step_max, 1..=SPAN_MAX);
    v.number("block_gas_limit", block_gas_limit, 200_000..=GAS_MAX);
    fee(v, base_fee);
    v.address("beneficiary", beneficiary);
    v.flag("dev", dev);
    v.price("trigger_price", trigger_price);
    v.price("trigger_rent", trigger_rent);
    v.small("fanout_max", fanout_max, 0..=U32_MAX);
    v.small("depth_max", depth_max, 0..=U32_MAX);
    v.small("listeners_max", listeners_max, 0..=U32_MAX);
}

fn fee(v: &mut impl Visitor, base_fee: &mut BaseFee) {
    let (mut fee, mut moves) = match *base_fee {
        BaseFee::Fixed(fee) => (fee, false),
        BaseFee::Market(fee) => (fee, true),
    };
    v.price("base_fee", &mut fee);
    v.word("base_fee_moves", &mut moves, &[("never", false), ("by demand", true)]);
    *base_fee = if moves { BaseFee::Market(fee) } else { BaseFee::Fixed(fee) };
}

fn economics(v: &mut impl Visitor, file: &mut GenesisFile) {
    v.require(&["total", "allocations"]);
    v.amount("total", &mut file.total, U256::MAX);
    v.list("allocations", &mut file.allocations, allocation);
}

fn allocation(v: &mut impl Visitor, part: &mut Allocation) {
    let Allocation { name, amount, rest, to } = part;
    v.require(&["name", "amount", "rest", "to"]);
    v.name("name", name);
    v.amount("amount", amount, U256::MAX);
    v.amount("rest", rest, U256::MAX);
    v.target("to", to);
}

fn consensus(v: &mut impl Visitor, founding: &mut Founding) {
    let Founding { randomness, params, validators } = founding;
    let words = [("beacon", Randomness::Beacon), ("previous hash", Randomness::PreviousHash)];
    v.word("randomness", randomness, &words);
    v.object("params", params, rules);
    v.list("validators", validators, member);
}

fn custody(v: &mut impl Visitor, rules: &mut dcrm::Rules) {
    let dcrm::Rules {
        chain_id: _,
        steward,
        min_bond,
        request_fee,
        ready_reward,
        mature,
        phase,
        renew,
        cancel_wait,
        leave_wait,
        slash_bps,
    } = rules;
    v.require(&["steward"]);
    v.address("steward", steward);
    v.coins("min_bond", min_bond);
    v.coins("request_fee", request_fee);
    v.coins("ready_reward", ready_reward);
    v.small("mature", mature, 0..=U32_MAX);
    v.small("phase", phase, 1..=1_000_000);
    v.small("renew", renew, 1..=U32_MAX);
    v.small("cancel_wait", cancel_wait, 0..=U32_MAX);
    v.number("leave_wait", leave_wait, 0..=SPAN_MAX);
    v.small("slash_bps", slash_bps, 0..=hhcm::BPS.into());
}

fn rules(v: &mut impl Visitor, params: &mut hhcm::Params) {
    let hhcm::Params {
        chain_id: _,
        epoch_length,
        x_min,
        x_max,
        x_start,
        tau,
        tries_max,
        min_stake,
        unit,
        hold_full,
        hold_cap_bps,
        unbond_wait,
        slash_bps,
        reporter_bps,
        block_reward,
        fee_author_bps,
        commission_max_bps,
        validators_max,
        raise_at_bps,
        lower_at_bps,
        ticket_size,
        ticket_time_min,
    } = params;
    v.number("epoch_length", epoch_length, 1..=SPAN_MAX);
    v.small("x_min", x_min, 0..=U32_MAX);
    v.small("x_max", x_max, 0..=U32_MAX);
    v.small("x_start", x_start, 0..=U32_MAX);
    v.number("tau", tau, 0..=U32_MAX);
    v.number("tries_max", tries_max, 0..=U32_MAX);
    v.coins("min_stake", min_stake);
    v.coins("unit", unit);
    v.number("hold_full", hold_full, 0..=SPAN_MAX);
    v.small("hold_cap_bps", hold_cap_bps, 0..=U32_MAX);
    v.number("unbond_wait", unbond_wait, 0..=SPAN_MAX);
    v.small("slash_bps", slash_bps, 0..=U32_MAX);
    v.small("reporter_bps", reporter_bps, 0..=U32_MAX);
    v.coins("block_reward", block_reward);
    v.small("fee_author_bps", fee_author_bps, 0..=U32_MAX);
    v.small("commission_max_bps", commission_max_bps, 0..=U32_MAX);
    v.small("validators_max", validators_max, 0..=U32_MAX);
    v.small("raise_at_bps", raise_at_bps, 0..=U32_MAX);
    v.small("lower_at_bps", lower_at_bps, 0..=U32_MAX);
    v.coins("ticket_size", ticket_size);
    v.number("ticket_time_min", ticket_time_min, 0..=SPAN_MAX);
}

fn member(v: &mut impl Visitor, member: &mut Member) {
    let Member { keys: PublicKeys { node, beacon, proof }, owner, payout, stake, from } = member;
    v.require(&["node_key", "beacon_key", "proof", "owner", "payout", "stake", "from"]);
    v.bytes("node_key", &mut node.0);
    v.bytes("beacon_key", beacon);
    v.bytes("proof", proof);
    v.address("owner", owner);
    v.address("payout", payout);
    v.amount("stake", stake, U256::MAX);
    v.name("from", from);
}

fn funded(v: &mut impl Visitor, funded: &mut Funded) {
    let Funded { account: Account { balance, nonce, code, storage }, from } = funded;
    v.amount("balance", balance, U256::MAX);
    v.name("from", from);
    v.number("nonce", nonce, 0..=U32_MAX);
    v.data("code", code);
    v.storage("storage", storage);
}
