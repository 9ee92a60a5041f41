//! Locks in: gives an address of one's own, and mints when a quorum attests what arrived there (whitepaper 3.4.2).

use super::{
    address,
    coin::{Coin, chain, coin},
    event::{self, AddressGiven, Attested, Held, Minted},
    group::{Group, broken, member_of},
    justice::{Offence, reward, strike},
    request::{Request, Status, request},
    row::{Point, Row},
    vault::{Books, State, Vault, active, find, vault},
    vote::{said, voices, vote},
};
use crate::{
    account::DCRM,
    fault::Fault,
    ledger,
    slot::Table,
    store::Store,
    word::{at, small},
};
use alloy_primitives::{Address, B256, U256, keccak256};

/// Is what a requested address is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// The request's number.
    pub request: u64,
    /// The derived key that spends from it.
    pub key: Point,
    /// The address as the outer chain writes it.
    pub address: String,
}

/// Returns the context by which the key of a request's address is derived from its vault's key; request 0 names the
/// vault's own address, which takes change and sweeps.
pub fn context(chain_id: u64, vault: u64, request: u64) -> B256 {
    let parts = [chain_id, vault, request].map(u64::to_be_bytes).concat();
    keccak256([b"fusor custody address".as_slice(), &parts].concat())
}

/// Derives the key of a request's address.
pub fn derived_key(store: &mut dyn Store, vault: &Vault, request: u64) -> Result<Point, Fault> {
    let chain_id = super::rules::Rules::load(store)?.chain_id;
    store.charge(2 * super::POINT_GAS)?;
    let parent = fusor_dcrm::Point::from_bytes(&vault.key).map_err(|_| broken())?;
    let tweak =
        fusor_dcrm::tweak(&parent, &context(chain_id, vault.number, request).0).map_err(|_| broken())?;
    let child = fusor_dcrm::child_key(&parent, &tweak).map_err(|_| broken())?;
    Ok(child.to_bytes())
}

/// Returns the address of a request of a vault, as the outer chain writes it.
pub fn address_of(store: &mut dyn Store, vault: &Vault, request: u64) -> Result<Given, Fault> {
    let key = derived_key(store, vault, request)?;
    let outer = chain(store, vault.chain)?;
    store.charge(super::POINT_GAS)?;
    let address = address::write(&outer, vault.scheme, &key).ok_or_else(broken)?;
    Ok(Given { request, key, address })
}

/// Gives an address by which `beneficiary` locks in `id`, or any coin of its chain. It is answered at once: the vault's
/// key stands, the address is derived (whitepaper 5.5.2). `number` 0 leaves the choice of the vault to the chain. `fee`
/// wei have arrived.
pub fn request_address(
    store: &mut dyn Store,
    owner: Address,
    id: B256,
    beneficiary: Address,
    number: u64,
    fee: u128,
) -> Result<Given, Fault> {
    let coin = coin(store, id)?;
    if beneficiary.is_zero() || beneficiary == DCRM {
        return Err(Fault::Misuse("beneficiary cannot own the mapping"));
    }
    let room = |books: &Books| books.custody < books.cap;
    let number = match number {
        0 => find(store, &coin, room)?.ok_or(Fault::Misuse("no active vault has room for this coin"))?,
        number => number,
    };
    let vault = active(store, number)?;
    if vault.chain != coin.chain || !room(&Books::load(store, number, id)?) {
        return Err(Fault::Misuse("the vault has no room for this coin"));
    }
    let request = Request {
        number: 0,
        status: Status::Address,
        vault: number,
        height: 0,
        owner,
        beneficiary,
        coin: id,
        amount: U256::ZERO,
        max_fee: U256::ZERO,
        fee,
        destination: String::new(),
        transaction: B256::ZERO,
    }
    .create(store)?;
    let given = address_of(store, &vault, request.number)?;
    event::emit(
        store,
        &AddressGiven {
            request: request.number,
            owner,
            beneficiary,
            vault: number,
            coin: id,
            outer: given.address.clone(),
        },
    )?;
    Ok(given)
}

/// Is what custodians attest of a deposit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deposit {
    /// Names it for good: an output, or what arrived at an address within a block.
    pub id: B256,
    /// The vault whose address it came to.
    pub vault: u64,
    /// The request whose address it came to; 0 for the vault's own.
    pub request: u64,
    /// Its coin.
    pub coin: B256,
    /// Its units.
    pub amount: U256,
}

impl Deposit {
    pub(super) fn content(&self) -> B256 {
        let numbers = [self.vault, self.request].map(u64::to_be_bytes).concat();
        let amount = self.amount.to_be_bytes::<32>();
        keccak256(
            [b"deposit".as_slice(), self.id.as_slice(), &numbers, self.coin.as_slice(), &amount].concat(),
        )
    }
}

/// The words that say of which content a quorum agreed, and which one is proved.
const AGREED: u8 = 3;
pub(super) const PROVED: u8 = 4;

impl Deposit {
    pub(super) fn mark(&self, store: &mut dyn Store, word: u8) -> Result<(), Fault> {
        row(self.id).set(store, word, self.content().into())
    }

    /// Says whether headers have proved it.
    pub fn is_proved(&self, store: &mut dyn Store) -> Result<bool, Fault> {
        self.is_marked(store, PROVED)
    }

    pub(super) fn is_marked(&self, store: &mut dyn Store, word: u8) -> Result<bool, Fault> {
        Ok(B256::from(row(self.id).get(store, word)?) == self.content())
    }
}

/// Is what the chain keeps of a deposit that a quorum attested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// What was attested.
    pub deposit: Deposit,
    /// Whether it waits for its vault to be active again.
    pub held: bool,
}

fn row(id: B256) -> Row {
    Row::new(Table::DcrmDeposit, &[id.into()])
}

impl Kept {
    /// Reads the deposit `id`; none if no quorum attested it.
    pub fn load(store: &mut dyn Store, id: B256) -> Result<Option<Self>, Fault> {
        let [head, coin, amount] = row(id).words(store)?;
        let state = small(head, 0, 8);
        let (vault, request) = (small(head, 8, 64), small(head, 72, 64));
        let deposit = Deposit { id, vault, request, coin: coin.into(), amount };
        Ok((state != 0).then_some(Self { deposit, held: state == 2 }))
    }

    pub(super) fn save(&self, store: &mut dyn Store) -> Result<(), Fault> {
        let Deposit { id, vault, request, coin, amount } = self.deposit;
        let head = at(if self.held { 2 } else { 1 }, 0) | at(vault, 8) | at(request, 72);
        row(id).set_words(store, &[head, coin.into(), amount])
    }
}

/// Attests a deposit; with the quorum it is credited. Whoever said of a deposit what the quorum denies is struck: an
/// output's content follows from its name, so no honest node ever does.
pub fn attest_deposit(store: &mut dyn Store, operator: Address, deposit: &Deposit) -> Result<(), Fault> {
    let vault = vault(store, deposit.vault)?;
    let (group, index) = member_of(store, &vault, operator)?;
    let content = deposit.content();
    let said = said(deposit.id, operator);
    if said.get(store)?.is_some_and(|before| before != content) {
        return Err(Fault::Misuse("this member said something else of this deposit before"));
    }
    check(store, &vault, deposit)?;
    said.set(store, content)?;
    if let Some(kept) = Kept::load(store, deposit.id)? {
        return late(store, operator, kept.deposit.content() == content);
    }
    event::emit(store, &Attested { deposit: deposit.id, member: index })?;
    if vote(store, &group, content, index)?.1 {
        strike_liars(store, &group, deposit.id, content)?;
        deposit.mark(store, AGREED)?;
        return settle(store, &vault, &group, deposit);
    }
    Ok(())
}

/// Accepts a deposit that a quorum attested and, on a chain with a proof target, that headers prove: a proof adds to the
/// quorum and never replaces it (design 11).
pub(super) fn settle(
    store: &mut dyn Store,
    vault: &Vault,
    group: &Group,
    deposit: &Deposit,
) -> Result<(), Fault> {
    let proofs = deposit.request != 0 && !chain(store, vault.chain)?.proof_target.is_zero();
    if !deposit.is_marked(store, AGREED)? || proofs && !deposit.is_marked(store, PROVED)? {
        return Ok(());
    }
    let watchers = voices(store, group, deposit.content())?;
    accept(store, vault, deposit, |store, fee| reward(store, &watchers, fee))
}

/// Says that what is attested can be: the coin is of the vault's chain, the address was given for it.
pub(super) fn check(store: &mut dyn Store, vault: &Vault, deposit: &Deposit) -> Result<(), Fault> {
    if coin(store, deposit.coin)?.chain != vault.chain {
        return Err(Fault::Misuse("coin is not of the vault's chain"));
    }
    if deposit.amount.is_zero() || deposit.amount > ledger::AMOUNT_MAX {
        return Err(Fault::Misuse("not an amount"));
    }
    if deposit.request == 0 {
        return Ok(());
    }
    let request = request(store, deposit.request)?;
    match request.status == Status::Address && request.vault == vault.number {
        true => Ok(()),
        false => Err(Fault::Misuse("this request gave no address of the vault")),
    }
}

/// Judges a voice that came after the quorum.
fn late(store: &mut dyn Store, operator: Address, agrees: bool) -> Result<(), Fault> {
    match agrees {
        true => Err(Fault::Misuse("this deposit is credited already")),
        false => strike(store, operator, Offence::Attestation),
    }
}

/// Strikes those of a group, and of the one before it, who said something else.
fn strike_liars(store: &mut dyn Store, group: &Group, id: B256, content: B256) -> Result<(), Fault> {
    let before = Group::load(store, group.previous)?.map(|past| past.members).unwrap_or_default();
    for operator in group.members.iter().chain(&before) {
        let spoke = said(id, *operator).get(store)?;
        if spoke.is_some_and(|spoke| spoke != content) {
            strike(store, *operator, Offence::Attestation)?;
        }
    }
    Ok(())
}

/// Books what arrived, has `reward` give the request's fee to those who found it, and mints, or holds it while the vault is
/// not active.
pub(super) fn accept(
    store: &mut dyn Store,
    vault: &Vault,
    deposit: &Deposit,
    reward: impl FnOnce(&mut dyn Store, u128) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut books = Books::load(store, vault.number, deposit.coin)?;
    books.custody = books.custody.checked_add(deposit.amount).ok_or(Fault::Misuse("more than can be"))?;
    books.save(store, vault.number, deposit.coin)?;
    let held = vault.state != State::Active && deposit.request != 0;
    Kept { deposit: *deposit, held }.save(store)?;
    if deposit.request == 0 {
        return Ok(());
    }
    let mut request = request(store, deposit.request)?;
    let fee = std::mem::take(&mut request.fee);
    request.save(store)?;
    reward(store, fee)?;
    match held {
        true => event::emit(store, &Held { deposit: deposit.id, vault: vault.number }),
        false => credit(store, deposit, vault.number),
    }
}

/// Returns what a deposit is worth here: less the fee of a lock-in; below the least deposit it stays with the vault.
pub(super) fn worth(coin: &Coin, deposit: &Deposit) -> U256 {
    match deposit.amount < coin.min_deposit {
        true => U256::ZERO,
        false => deposit.amount.saturating_sub(coin.in_fee),
    }
}

/// Mints what a deposit is worth, in the books of `vault`.
pub(super) fn credit(store: &mut dyn Store, deposit: &Deposit, vault: u64) -> Result<(), Fault> {
    let coin: Coin = coin(store, deposit.coin)?;
    let amount = worth(&coin, deposit);
    let mut request = request(store, deposit.request)?;
    let mut books = Books::load(store, vault, deposit.coin)?;
    books.circulating = books.circulating.saturating_add(amount);
    books.save(store, vault, deposit.coin)?;
    request.amount = request.amount.saturating_add(amount);
    request.save(store)?;
    if !amount.is_zero() && ledger::mint(store, DCRM, coin.id.into(), request.beneficiary, amount)?.is_zero()
    {
        return Err(Fault::Misuse("the mapping cannot be minted"));
    }
    let (request, beneficiary) = (request.number, request.beneficiary);
    event::emit(store, &Minted { request, beneficiary, coin: deposit.coin, deposit: deposit.id, amount })
}
