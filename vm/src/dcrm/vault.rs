//! Opens vaults and keeps their books: what of each coin they hold outside, and what circulates of it here.

use super::{
    coin::{Coin, Family, chain, coin, coins, steward},
    event::{self, VaultOpened},
    group,
    row::{Point, Row, join, short, split},
    rules::Counts,
};
use crate::{
    fault::Fault,
    slot::Table,
    store::Store,
    word::{at, small},
};
use alloy_primitives::{Address, B256, U256};

/// Names a signature scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Scheme {
    /// ECDSA by DKLs23: segwit v0 and Ethereum.
    Ecdsa = 1,
    /// Schnorr by FROST: taproot (BIP-340, BIP-341).
    Schnorr = 2,
}

/// Says how a vault stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum State {
    /// Its first key is being generated.
    Opening = 1,
    /// It takes deposits and pays out.
    Active = 2,
    /// It holds less than circulates, or was halted: nothing is credited, planned or signed.
    Halted = 3,
    /// It gives no new addresses and pays nothing out; what it holds moves to another vault.
    Retiring = 4,
}

/// Is a vault: one key whose shares a group holds, for the coins of one outer chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vault {
    /// Its number, from 1.
    pub number: u64,
    /// Its outer chain.
    pub chain: B256,
    /// How it signs.
    pub scheme: Scheme,
    /// How it stands.
    pub state: State,
    /// Shares that sign in the next group.
    pub threshold: u16,
    /// Members of the next group.
    pub size: u16,
    /// The group that holds its shares; 0 before the first.
    pub group: u64,
    /// The group in the making; 0 for none.
    pub next: u64,
    /// Groups it has had; what its shards are tagged with.
    pub epoch: u32,
    /// Its public key; zeros before the first group.
    pub key: Point,
    /// Plans approved so far: each plan is approved against all before it.
    pub sequence: u64,
    /// When its shares were last made anew, as a height.
    pub renewed: u64,
}

impl Vault {
    fn row(number: u64) -> Row {
        Row::new(Table::DcrmVault, &[U256::from(number)])
    }

    /// Reads the vault `number`; none if it was never opened.
    pub fn load(store: &mut dyn Store, number: u64) -> Result<Option<Self>, Fault> {
        let [chain, head, x, tail] = Self::row(number).words(store)?;
        let state = match small(head, 8, 8) {
            1 => State::Opening,
            2 => State::Active,
            3 => State::Halted,
            4 => State::Retiring,
            _ => return Ok(None),
        };
        let scheme = match small(head, 0, 8) {
            1 => Scheme::Ecdsa,
            _ => Scheme::Schnorr,
        };
        Ok(Some(Self {
            number,
            chain: chain.into(),
            scheme,
            state,
            threshold: short(head, 16, 16) as u16,
            size: short(head, 32, 16) as u16,
            group: small(head, 48, 64),
            next: small(head, 112, 64),
            epoch: short(head, 176, 32),
            key: join(x, small(tail, 0, 8) as u8),
            sequence: small(tail, 8, 64),
            renewed: small(tail, 72, 64),
        }))
    }

    pub(super) fn save(&self, store: &mut dyn Store) -> Result<(), Fault> {
        let (x, first) = split(&self.key);
        let head = at(self.scheme as u64, 0)
            | at(self.state as u64, 8)
            | at(self.threshold.into(), 16)
            | at(self.size.into(), 32)
            | at(self.group, 48)
            | at(self.next, 112)
            | at(self.epoch.into(), 176);
        let tail = at(first.into(), 0) | at(self.sequence, 8) | at(self.renewed, 72);
        Self::row(self.number).set_words(store, &[self.chain.into(), head, x, tail])
    }

    /// Says whether its key stands and shares are held.
    pub fn keyed(&self) -> bool {
        self.group != 0
    }
}

/// Reads the vault `number`; misuse if there is none.
pub(super) fn vault(store: &mut dyn Store, number: u64) -> Result<Vault, Fault> {
    Vault::load(store, number)?.ok_or(Fault::Misuse("no such vault"))
}

/// Reads an active vault; misuse if it is none.
pub(super) fn active(store: &mut dyn Store, number: u64) -> Result<Vault, Fault> {
    let vault = vault(store, number)?;
    match vault.state {
        State::Active => Ok(vault),
        State::Opening => Err(Fault::Misuse("the vault's key is not generated yet")),
        State::Halted => Err(Fault::Misuse("the vault is halted")),
        State::Retiring => Err(Fault::Misuse("the vault is retiring")),
    }
}

/// Is what a vault holds of one coin, in its smallest units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Books {
    /// Confirmed outside.
    pub custody: U256,
    /// Minted here and not destroyed.
    pub circulating: U256,
    /// Of that, given up for lock-outs that are not settled.
    pub in_flight: U256,
    /// Above this no new address is given.
    pub cap: U256,
}

impl Books {
    fn row(vault: u64, coin: B256) -> Row {
        Row::new(Table::DcrmBooks, &[U256::from(vault), coin.into()])
    }

    /// Reads the books of `coin` in a vault.
    pub fn load(store: &mut dyn Store, vault: u64, coin: B256) -> Result<Self, Fault> {
        let [custody, circulating, in_flight, cap] = Self::row(vault, coin).words(store)?;
        Ok(Self { custody, circulating, in_flight, cap })
    }

    pub(super) fn save(&self, store: &mut dyn Store, vault: u64, coin: B256) -> Result<(), Fault> {
        Self::row(vault, coin).set_words(store, &[self.custody, self.circulating, self.in_flight, self.cap])
    }

    /// Returns what must be covered: circulating less what is on its way out.
    pub fn owed(&self) -> U256 {
        self.circulating.saturating_sub(self.in_flight)
    }

    /// Returns what custody lacks.
    pub fn shortfall(&self) -> U256 {
        self.owed().saturating_sub(self.custody)
    }
}

/// Is how a vault is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// Its outer chain.
    pub chain: B256,
    /// How it signs.
    pub scheme: Scheme,
    /// Shares that sign; less than half of the members and one may be dishonest.
    pub threshold: u16,
    /// Members that hold a share each.
    pub size: u16,
    /// Coins and their caps.
    pub caps: Vec<(B256, U256)>,
}

/// Opens a vault and starts the generation of its key by a group that is drawn by lot; returns its number.
pub fn open_vault(store: &mut dyn Store, caller: Address, opening: &Opening) -> Result<u64, Fault> {
    steward(store, caller)?;
    let family = chain(store, opening.chain)?.family;
    let signs = family == Family::Bitcoin || opening.scheme == Scheme::Ecdsa;
    if !signs {
        return Err(Fault::Misuse("an Ethereum vault signs by ECDSA"));
    }
    check_size(opening.threshold, opening.size)?;
    let mut counts = Counts::load(store)?;
    let number = counts.vaults.saturating_add(1);
    if number > super::VAULTS_MAX {
        return Err(Fault::Misuse("the list of vaults is full"));
    }
    counts.vaults = number;
    counts.save(store)?;
    set_caps(store, number, opening)?;
    let mut vault = Vault {
        number,
        chain: opening.chain,
        scheme: opening.scheme,
        state: State::Opening,
        threshold: opening.threshold,
        size: opening.size,
        group: 0,
        next: 0,
        epoch: 0,
        key: [0; 33],
        sequence: 0,
        renewed: store.height(),
    };
    event::emit(store, &VaultOpened { vault: number, chain: opening.chain })?;
    group::start(store, &mut vault)?;
    vault.save(store)?;
    Ok(number)
}

fn set_caps(store: &mut dyn Store, number: u64, opening: &Opening) -> Result<(), Fault> {
    if opening.caps.is_empty() {
        return Err(Fault::Misuse("a vault holds one coin at least"));
    }
    for (id, cap) in &opening.caps {
        if coin(store, *id)?.chain != opening.chain {
            return Err(Fault::Misuse("a vault holds coins of its own chain"));
        }
        Books { cap: *cap, ..Books::default() }.save(store, number, *id)?;
    }
    Ok(())
}

/// Holds t of m to an honest majority: t - 1 < m / 2.
pub(super) fn check_size(threshold: u16, size: u16) -> Result<(), Fault> {
    let majority = threshold > 0 && threshold <= size && u32::from(threshold - 1) * 2 < u32::from(size);
    match majority && usize::from(size) <= super::MEMBERS_MAX {
        true => Ok(()),
        false => Err(Fault::Misuse("t of m must have 1 <= t, t - 1 < m / 2 and m <= 64")),
    }
}

/// Changes a vault's cap of `coin`, or t of m of its next group.
pub fn set_cap(
    store: &mut dyn Store,
    caller: Address,
    number: u64,
    id: B256,
    cap: U256,
) -> Result<(), Fault> {
    steward(store, caller)?;
    if coin(store, id)?.chain != vault(store, number)?.chain {
        return Err(Fault::Misuse("a vault holds coins of its own chain"));
    }
    let books = Books { cap, ..Books::load(store, number, id)? };
    books.save(store, number, id)
}

/// Changes t of m of a vault's next group.
pub fn set_size(
    store: &mut dyn Store,
    caller: Address,
    number: u64,
    threshold: u16,
    size: u16,
) -> Result<(), Fault> {
    steward(store, caller)?;
    check_size(threshold, size)?;
    let mut vault = vault(store, number)?;
    (vault.threshold, vault.size) = (threshold, size);
    vault.save(store)
}

/// Finds the oldest active vault of a coin's chain for which `fits` holds.
pub(super) fn find(
    store: &mut dyn Store,
    coin: &Coin,
    fits: impl Fn(&Books) -> bool,
) -> Result<Option<u64>, Fault> {
    let count = Counts::load(store)?.vaults;
    for number in 1..=count {
        let Some(vault) = Vault::load(store, number)? else { continue };
        if vault.state != State::Active || vault.chain != coin.chain {
            continue;
        }
        if fits(&Books::load(store, number, coin.id)?) {
            return Ok(Some(number));
        }
    }
    Ok(None)
}

/// Lists a vault's coins.
pub fn vault_coins(store: &mut dyn Store, vault: &Vault) -> Result<Vec<Coin>, Fault> {
    let mut found = Vec::new();
    for id in coins(store)? {
        found.extend(Coin::load(store, id)?.filter(|coin| coin.chain == vault.chain));
    }
    Ok(found)
}
