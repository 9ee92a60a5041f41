//! Makes the genesis of a simulated network.

use super::{CHAIN_ID, life::Life};
use crate::{
    chain::Chain,
    genesis::{BaseFee, Consensus, Genesis},
    hhcm::Randomness,
    sim::{
        changes,
        setting::Setting,
        traffic::{Traffic, address_of},
    },
};
use alloy_primitives::{Address, B256, U256};
use fusor_vm::hhcm::{Founder, Params};

const COIN: u128 = 1_000_000_000_000_000_000;

/// Makes the genesis: the first `nodes` of `lives` are its validators.
pub(super) fn genesis(lives: &[Life], setting: Setting) -> Genesis {
    let first = lives.iter().take(setting.nodes as usize);
    let leaver = address_of(changes::LEAVER).unwrap_or_default();
    let validators = first.zip(1u8..).map(|(life, index)| Founder {
        key: life.keys.id(),
        beacon: life.keys.beacon.public(),
        owner: if u32::from(index) == setting.nodes { leaver } else { Address::repeat_byte(index) },
        payout: Address::repeat_byte(index),
        stake: U256::from(changes::STAKE),
    });
    let params = Params {
        chain_id: CHAIN_ID,
        epoch_length: setting.epoch_length,
        x_start: setting.groups,
        tries_max: 64,
        ..Params::default()
    };
    let params = match setting.fixed {
        true => Params { x_min: setting.groups, x_max: setting.groups, ..params },
        false => params,
    };
    let consensus = Consensus {
        params,
        randomness: match setting.seed % 2 {
            0 => Randomness::Beacon,
            _ => Randomness::PreviousHash,
        },
        validators: validators.collect(),
        pool: U256::from(1_000_000 * COIN),
    };
    let genesis = Genesis {
        chain_id: CHAIN_ID,
        block_time: 1,
        block_gas_limit: setting.block_gas_limit,
        time_step_max: Some(3_600),
        base_fee: BaseFee::Market(1_000),
        dev: false,
        consensus: Some(consensus),
        ..Genesis::default()
    };
    Traffic::addresses().fold(genesis, |genesis, user| genesis.with_balance(user, U256::from(20_000 * COIN)))
}

/// Returns the hash of block 0.
pub(super) fn hash(genesis: &Genesis) -> Result<B256, String> {
    Chain::new(genesis.clone()).map(|chain| chain.head().hash).map_err(|error| error.to_string())
}
