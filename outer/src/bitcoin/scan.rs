//! Finds what arrived at locks in blocks of the Bitcoin family.

use super::{
    Bitcoin,
    node::{TxJson, VoutJson},
    script,
};
use crate::{
    chain::OuterChain,
    custody::Lock,
    deposit::{Asset, Deposit, OutPoint},
    error::OuterError,
    scan::{Block, Blocks, Watched},
};
use alloy_primitives::U256;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Maps output scripts to locks and their addresses.
type Scripts = BTreeMap<Vec<u8>, (Lock, String)>;

impl Blocks for Bitcoin {
    type Wanted = Scripts;

    fn prepare(&self, watched: Watched) -> Result<Scripts, OuterError> {
        watched.deposits.into_iter().map(|pair| Ok((script::of_lock(&pair.0)?, pair))).collect()
    }

    fn tip(&self) -> Result<u64, OuterError> {
        Ok(self.best()?.0)
    }

    fn hash_at(&self, height: u64) -> Result<[u8; 32], OuterError> {
        self.block_hash(height)
    }

    fn read(&self, height: u64, scripts: &Scripts) -> Result<Block, OuterError> {
        let block = self.block(height)?;
        let mut deposits: Vec<_> = block.tx.iter().flat_map(|tx| self.arrivals(tx, scripts)).collect();
        for deposit in &mut deposits {
            (deposit.height, deposit.block_hash) = (height, block.hash.0);
        }
        let parent = block.previousblockhash.map_or([0; 32], |hash| hash.0);
        Ok(Block { hash: block.hash.0, parent, deposits })
    }
}

impl Bitcoin {
    fn arrivals(&self, tx: &TxJson, scripts: &Scripts) -> Vec<Deposit> {
        let coinbase = tx.vin.iter().any(|input| input.coinbase.is_some());
        tx.vout.iter().filter_map(|output| self.arrival(tx.txid.0, coinbase, output, scripts)).collect()
    }

    fn arrival(
        &self,
        txid: [u8; 32],
        coinbase: bool,
        output: &VoutJson,
        scripts: &Scripts,
    ) -> Option<Deposit> {
        let (lock, address) = scripts.get(&output.script.as_ref()?.bytes()?)?;
        let (outpoint, amount) = (OutPoint { txid, vout: output.n? }, output.value?.0);
        Some(Deposit {
            id: deposit_id(&self.identity(), &outpoint),
            asset: Asset::Native,
            path: lock.path,
            address: address.clone(),
            amount: U256::from(amount),
            height: 0,
            block_hash: [0; 32],
            coinbase,
            dust: amount < self.config.deposit_min,
            outpoint: Some(outpoint),
        })
    }
}

/// Identifies an output for good, whatever block it is in.
fn deposit_id(chain: &[u8; 32], outpoint: &OutPoint) -> [u8; 32] {
    Sha256::new()
        .chain_update(b"fusor deposit of an output")
        .chain_update(chain)
        .chain_update(outpoint.txid)
        .chain_update(outpoint.vout.to_be_bytes())
        .finalize()
        .into()
}
