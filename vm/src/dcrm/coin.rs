//! Lists outer chains and the coins of theirs that have a mapping here.

use super::{
    event::{self, ChainListed, CoinListed},
    row::{Row, short, text},
    rules::{Counts, Rules},
};
use crate::{
    account::DCRM,
    fault::Fault,
    ledger::{self, Metadata},
    slot::Table,
    store::Store,
    word::{at, field, from_address, small, to_address},
};
use alloy_primitives::{Address, B256, U256};

/// Names a family of outer chains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Family {
    /// Unspent outputs, segwit addresses: Bitcoin, Litecoin.
    Bitcoin = 1,
    /// Accounts: Ethereum and chains like it.
    Ethereum = 2,
}

/// Is an outer chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chain {
    /// Its name, for example `litecoin`.
    pub name: B256,
    /// Its family.
    pub family: Family,
    /// EIP-155 chain id of an Ethereum.
    pub chain_id: u64,
    /// The human-readable part of a Bitcoin family's addresses (BIP-173).
    pub hrp: B256,
    /// Blocks after which a transaction counts, its own included.
    pub confirmations: u32,
    /// The easiest target that a header may have in a proof of a deposit (Bitcoin); zero where quorums alone attest.
    pub proof_target: U256,
}

/// Is a coin of an outer chain that is mapped here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coin {
    /// Its name, which is the mapping's symbol and sub id.
    pub id: B256,
    /// Its chain's name.
    pub chain: B256,
    /// The token's address; zero for the chain's own coin.
    pub token: Address,
    /// The decimals of its smallest unit.
    pub decimals: u8,
    /// Less than that is not credited, in smallest units.
    pub min_deposit: U256,
    /// What a lock-in costs of the deposit; it pays for sweeping.
    pub in_fee: U256,
    /// The most that a lock-out's outer transaction may cost in the chain's own coin.
    pub max_fee: U256,
    /// Less than that is not locked out.
    pub min_out: U256,
}

impl Chain {
    fn row(name: B256) -> Row {
        Row::new(Table::DcrmChain, &[name.into()])
    }

    /// Reads the chain `name`; none if it is not listed.
    pub fn load(store: &mut dyn Store, name: B256) -> Result<Option<Self>, Fault> {
        let [head, hrp, proof_target] = Self::row(name).words(store)?;
        let family = match small(head, 0, 8) {
            1 => Family::Bitcoin,
            2 => Family::Ethereum,
            _ => return Ok(None),
        };
        Ok(Some(Self {
            name,
            family,
            chain_id: small(head, 8, 64),
            confirmations: short(head, 72, 32),
            hrp: hrp.into(),
            proof_target,
        }))
    }
}

impl Coin {
    fn row(id: B256) -> Row {
        Row::new(Table::DcrmCoin, &[id.into()])
    }

    /// Reads the coin `id`; none if it is not listed.
    pub fn load(store: &mut dyn Store, id: B256) -> Result<Option<Self>, Fault> {
        let [chain, token, min_deposit, in_fee, max_fee, min_out] = Self::row(id).words(store)?;
        if chain.is_zero() {
            return Ok(None);
        }
        Ok(Some(Self {
            id,
            chain: chain.into(),
            token: to_address(field(token, 0, 160)),
            decimals: small(token, 160, 8) as u8,
            min_deposit,
            in_fee,
            max_fee,
            min_out,
        }))
    }

    /// Returns the id of the asset that is its mapping.
    pub fn asset(&self) -> U256 {
        ledger::asset_id(DCRM, self.id.into())
    }
}

/// Reads the chain `name`; misuse if it is not listed.
pub(super) fn chain(store: &mut dyn Store, name: B256) -> Result<Chain, Fault> {
    Chain::load(store, name)?.ok_or(Fault::Misuse("outer chain is not listed"))
}

/// Reads the coin `id`; misuse if it is not listed.
pub(super) fn coin(store: &mut dyn Store, id: B256) -> Result<Coin, Fault> {
    Coin::load(store, id)?.ok_or(Fault::Misuse("coin is not listed"))
}

/// Holds the caller to be the steward.
pub(super) fn steward(store: &mut dyn Store, caller: Address) -> Result<Rules, Fault> {
    let rules = Rules::load(store)?;
    match rules.steward == caller {
        true => Ok(rules),
        false => Err(Fault::Misuse("only the steward of custody may do that")),
    }
}

/// Lists an outer chain, or changes its confirmations and proof target; family and addresses never change.
pub fn set_chain(store: &mut dyn Store, caller: Address, chain: &Chain) -> Result<(), Fault> {
    steward(store, caller)?;
    let known = Chain::load(store, chain.name)?;
    let fixed = |c: &Chain| (c.family, c.chain_id, c.hrp);
    let addressed = match chain.family {
        Family::Bitcoin => hrp_ok(&text(chain.hrp)) && chain.chain_id == 0,
        Family::Ethereum => chain.chain_id != 0 && chain.hrp.is_zero() && chain.proof_target.is_zero(),
    };
    let checks = [
        (!chain.name.is_zero(), "an outer chain has a name"),
        (chain.confirmations > 0, "a transaction needs one confirmation at least"),
        (addressed, "a Bitcoin family has a lower-case address prefix, an Ethereum has a chain id"),
        (
            known.is_none_or(|known| fixed(&known) == fixed(chain)),
            "family and addresses of a chain never change",
        ),
    ];
    if let Some((_, rule)) = checks.into_iter().find(|(holds, _)| !holds) {
        return Err(Fault::Misuse(rule));
    }
    let head =
        at(chain.family as u64, 0) | at(chain.chain_id, 8) | at(chain.confirmations.into(), 72) | at(1, 104);
    Chain::row(chain.name).set_words(store, &[head, chain.hrp.into(), chain.proof_target])?;
    event::emit(store, &ChainListed { chain: chain.name, confirmations: chain.confirmations })
}

/// Names the first block of a Bitcoin family's chain by its hash, in the order of its bytes; deposits that are proved are
/// named by it. It never changes.
pub fn set_genesis(store: &mut dyn Store, caller: Address, name: B256, hash: B256) -> Result<(), Fault> {
    steward(store, caller)?;
    let chain = chain(store, name)?;
    let known = genesis(store, name)?;
    if chain.family != Family::Bitcoin || hash.is_zero() || !(known.is_zero() || known == hash) {
        return Err(Fault::Misuse("the first block of a Bitcoin family is named once"));
    }
    Chain::row(name).set(store, 3, hash.into())?;
    event::emit(store, &ChainListed { chain: name, confirmations: chain.confirmations })
}

/// Returns the hash of a chain's first block; zero where none was named.
pub fn genesis(store: &mut dyn Store, name: B256) -> Result<B256, Fault> {
    Ok(Chain::row(name).get(store, 3)?.into())
}

fn hrp_ok(hrp: &str) -> bool {
    !hrp.is_empty() && hrp.len() <= 16 && hrp.bytes().all(|byte| byte.is_ascii_lowercase())
}

fn list(place: u32) -> Row {
    Row::new(Table::DcrmList, &[U256::ONE, U256::from(place)])
}

/// Lists the ids of all coins, in the order in which they were listed.
pub fn coins(store: &mut dyn Store) -> Result<Vec<B256>, Fault> {
    let count = Counts::load(store)?.coins;
    (0..count).map(|place| Ok(list(place).get(store, 0)?.into())).collect()
}

/// Lists a coin under a title that wallets show, or changes its limits; chain, token and decimals never change.
pub fn set_coin(store: &mut dyn Store, caller: Address, coin: &Coin, title: &str) -> Result<(), Fault> {
    steward(store, caller)?;
    let family = chain(store, coin.chain)?.family;
    let known = Coin::load(store, coin.id)?;
    let fixed = |c: &Coin| (c.chain, c.token, c.decimals);
    let doubled = known.is_none() && token_taken(store, coin)?;
    let checks = [
        (!coin.id.is_zero(), "a coin has a name"),
        (coin.decimals <= ledger::DECIMALS_MAX, "more than 18 decimals"),
        (family == Family::Ethereum || coin.token.is_zero(), "a Bitcoin family has no tokens"),
        (coin.min_deposit > coin.in_fee, "the least deposit must exceed the fee of a lock-in"),
        (!coin.min_out.is_zero(), "the least lock-out must be above 0"),
        (
            !coin.token.is_zero() || coin.min_out > coin.max_fee,
            "the least lock-out must exceed the largest fee",
        ),
        (
            known.is_none_or(|known| fixed(&known) == fixed(coin)),
            "chain, token and decimals of a coin never change",
        ),
        (!doubled, "another coin stands for this token"),
    ];
    if let Some((_, rule)) = checks.into_iter().find(|(holds, _)| !holds) {
        return Err(Fault::Misuse(rule));
    }
    if known.is_none() {
        open(store, coin, title)?;
    }
    let token = from_address(coin.token) | at(coin.decimals.into(), 160);
    let words = [coin.chain.into(), token, coin.min_deposit, coin.in_fee, coin.max_fee, coin.min_out];
    Coin::row(coin.id).set_words(store, &words)?;
    event::emit(store, &CoinListed { coin: coin.id, chain: coin.chain, asset: coin.asset() })
}

fn token_taken(store: &mut dyn Store, coin: &Coin) -> Result<bool, Fault> {
    for id in coins(store)? {
        let Some(other) = Coin::load(store, id)? else { continue };
        if (other.chain, other.token) == (coin.chain, coin.token) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn open(store: &mut dyn Store, coin: &Coin, title: &str) -> Result<(), Fault> {
    let mut counts = Counts::load(store)?;
    if counts.coins >= super::COINS_MAX {
        return Err(Fault::Misuse("the list of coins is full"));
    }
    list(counts.coins).set(store, 0, coin.id.into())?;
    counts.coins = counts.coins.saturating_add(1);
    counts.save(store)?;
    let symbol = text(coin.id);
    let metadata = Metadata { name: title, symbol: &symbol, decimals: coin.decimals, flags: 0 };
    ledger::set_metadata(store, DCRM, coin.id.into(), &metadata)?;
    Ok(())
}
