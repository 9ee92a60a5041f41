//! Shows the simulated outer chain to one custodian, as its node would. What needs no node is the real code.

use super::{
    net::{Block, Net},
    setting::Sabotage,
};
use alloy_primitives::{U256, keccak256};
use fusor_outer::{
    AddressError, Asset, BitcoinConfig, Coin, Connection, Deposit, FeeQuote, Holding, Lock, OutPoint,
    OuterChain, OuterError, Plan, Scheme, Vault, View,
    bitcoin::Bitcoin,
    scan::{self, Blocks, Watched},
};
use fusor_vm::dcrm;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Confirmations that count.
pub(super) const CONFIRMATIONS: u64 = 3;
/// Deposits below that are dust, in smallest units.
pub(super) const DUST: u64 = 10_000;
/// Smallest units per 1,000 virtual bytes.
const RATE: u64 = 20_000;
const NETWORK: &str = "litecoin-regtest";

/// Is addresses and scripts by key.
type ByKey = BTreeMap<[u8; 33], (String, Vec<u8>)>;

/// Is the outer chain that all nodes share, and what is remembered of scripts.
pub(super) struct World {
    pub(super) pure: Bitcoin,
    pub(super) net: Mutex<Net>,
    scripts: Mutex<ByKey>,
}

impl World {
    /// Starts the chain; none if the network is not known.
    pub(super) fn new() -> Option<Self> {
        let node = Connection {
            url: "http://nowhere:1".into(),
            user: None,
            password: None,
            cookie: None,
            timeout_ms: 1,
            response_bytes_max: 1_024,
        };
        let pure = Bitcoin::new(BitcoinConfig {
            network: NETWORK.into(),
            node,
            confirmations: CONFIRMATIONS,
            blocks_per_step: 16,
            fee_target: 6,
            fee_rate_min: 1_000,
            fee_rate_max: 10 * RATE,
            fee_max: 40_000,
            deposit_min: DUST,
        })
        .ok()?;
        let net = Mutex::new(Net::new(pure.identity()));
        Some(Self { pure, net, scripts: Mutex::default() })
    }

    pub(super) fn net(&self) -> MutexGuard<'_, Net> {
        self.net.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the address and the script of a key.
    pub(super) fn place(&self, key: &[u8; 33], scheme: Scheme) -> Result<(String, Vec<u8>), AddressError> {
        let mut known = self.scripts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = known.get(key) {
            return Ok(found.clone());
        }
        let address = self.pure.address(key, scheme)?;
        let script = self.pure.parse_destination(&address)?.script;
        known.insert(*key, (address.clone(), script.clone()));
        Ok((address, script))
    }
}

/// Says how a custodian's outer node does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Health {
    #[default]
    Well,
    Down,
    Slow,
}

/// Ends a custodian's process when it is about to send its first outer transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Fuse {
    #[default]
    None,
    Armed,
    /// The process is to end now.
    Blown,
}

/// Is one custodian's outer node.
pub(super) struct Node {
    pub(super) world: Arc<World>,
    pub(super) health: Arc<Mutex<Health>>,
    pub(super) fuse: Arc<Mutex<Fuse>>,
    pub(super) sabotage: Option<Sabotage>,
}

type Scripts = BTreeMap<Vec<u8>, (Lock, String)>;

/// Is the chain as it stands while one question is answered.
pub(super) struct Stand<'a>(&'a Node, pub(super) MutexGuard<'a, Net>);

/// Identifies an output for good.
pub(super) fn deposit_id(first: [u8; 32], outpoint: &OutPoint) -> [u8; 32] {
    dcrm::deposit_id(first.into(), outpoint.txid.into(), outpoint.vout).0
}

impl Node {
    pub(super) fn stand(&self) -> Result<Stand<'_>, OuterError> {
        let url = "the simulated node".to_owned();
        match *self.health.lock().unwrap_or_else(PoisonError::into_inner) {
            Health::Well => Ok(Stand(self, self.world.net())),
            Health::Down => Err(OuterError::Down { url, reason: "it is down".into() }),
            Health::Slow => Err(OuterError::Slow { url, millis: 1 }),
        }
    }

    fn scripts(&self, vault: &Vault) -> Result<Scripts, OuterError> {
        let place = |lock: Lock| {
            let (address, script) = self.world.place(&lock.key, lock.scheme)?;
            Ok((script, (lock, address)))
        };
        vault.locks().into_iter().map(place).collect()
    }

    pub(super) fn view_of(&self, vault: &Vault, only: Option<&Plan>) -> Result<View, OuterError> {
        let scripts = self.scripts(vault)?;
        let stand = self.stand()?;
        let net = &stand.1;
        let wanted = |outpoint: &OutPoint| match only {
            Some(Plan::Bitcoin(plan)) => plan.inputs.iter().any(|input| input.outpoint == *outpoint),
            _ => true,
        };
        let (mut coins, mut fresh) = (Vec::new(), Vec::new());
        for (outpoint, unspent) in net.unspent.iter().filter(|(outpoint, _)| wanted(outpoint)) {
            let Some((lock, _)) = scripts.get(&unspent.script) else { continue };
            if unspent.amount < DUST {
                continue;
            }
            let coin = Coin { outpoint: *outpoint, path: lock.path, amount: unspent.amount };
            let deep = net.tip().saturating_add(1).saturating_sub(unspent.height) >= CONFIRMATIONS;
            if deep { &mut coins } else { &mut fresh }.push(coin);
        }
        if only.is_some() {
            fresh.clear();
        }
        Ok(self.show(vault, net, coins, fresh))
    }

    fn show(&self, vault: &Vault, net: &Net, coins: Vec<Coin>, fresh: Vec<Coin>) -> View {
        let mut sums: BTreeMap<[u8; 32], U256> = BTreeMap::new();
        for coin in &coins {
            let sum = sums.entry(coin.path).or_default();
            *sum = sum.saturating_add(U256::from(coin.amount));
        }
        let total = sums.values().fold(U256::ZERO, |sum, amount| sum.saturating_add(*amount));
        let holding = |(path, amount)| Holding { path, asset: Asset::Native, amount };
        View {
            chain: self.identity(),
            height: net.tip(),
            block_hash: net.hash().0,
            vault: vault.clone(),
            holdings: sums.into_iter().map(holding).collect(),
            confirmed: BTreeMap::from([(Asset::Native, total)]),
            coins,
            fresh,
            nonces: Vec::new(),
            fee: FeeQuote::PerKilobyte(RATE),
        }
    }
}

impl Blocks for Stand<'_> {
    type Wanted = Scripts;

    fn prepare(&self, watched: Watched) -> Result<Scripts, OuterError> {
        let place = |(lock, address): (Lock, String)| {
            Ok((self.0.world.place(&lock.key, lock.scheme)?.1, (lock, address)))
        };
        watched.deposits.into_iter().map(place).collect()
    }

    fn tip(&self) -> Result<u64, OuterError> {
        Ok(self.1.tip())
    }

    fn hash_at(&self, height: u64) -> Result<[u8; 32], OuterError> {
        self.1.block(height).map(|block| block.hash).ok_or(OuterError::Moved { height })
    }

    fn read(&self, height: u64, scripts: &Scripts) -> Result<scan::Block, OuterError> {
        let block = self.1.block(height).ok_or(OuterError::Moved { height })?;
        Ok(scan::Block {
            hash: block.hash,
            parent: block.parent,
            deposits: self.arrivals(block, height, scripts),
        })
    }
}

impl Stand<'_> {
    fn arrivals(&self, block: &Block, height: u64, scripts: &Scripts) -> Vec<Deposit> {
        let mut found = Vec::new();
        for tx in &block.txs {
            for ((script, amount), vout) in tx.outputs.iter().zip(0u32..) {
                let Some((lock, address)) = scripts.get(script) else { continue };
                let outpoint = OutPoint { txid: tx.txid, vout };
                let deposit = Deposit {
                    id: deposit_id(self.0.identity(), &outpoint),
                    asset: Asset::Native,
                    path: lock.path,
                    address: address.clone(),
                    amount: U256::from(*amount),
                    height,
                    block_hash: block.hash,
                    coinbase: false,
                    dust: *amount < DUST,
                    outpoint: Some(outpoint),
                };
                if self.0.sabotage == Some(Sabotage::CreditTwice) {
                    found.push(Deposit { id: keccak256(deposit.id).0, ..deposit.clone() });
                }
                found.push(deposit);
            }
        }
        found
    }
}
