//! Keeps a small chain with custody, and plays its members.

use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_sol_types::SolEvent;
use fusor_dcrm::{
    Complaint, DecryptionKey, Member, Objection, Point, Reveal, Share, Terms,
    reshare::{Giver, Holders, Receiver, Succession, decode_complaint},
};
use fusor_vm::{
    account::DCRM,
    dcrm::{
        self, Books, Chain, Coin, Custodian, Deposit, Family, Group, Handed, Opening, Profile, Request,
        Rules, Scheme, State, Vault, Wish, name,
    },
    fault::Fault,
    ledger,
    store::Store,
    testing::MemStore,
};
use std::collections::BTreeMap;

pub(crate) const STEWARD: Address = Address::repeat_byte(0xee);
pub(crate) const ALICE: Address = Address::repeat_byte(0xa1);
pub(crate) const BOB: Address = Address::repeat_byte(0xb0);
pub(crate) const BOND: u128 = 1_000;
pub(crate) const FEE: u128 = 60;
pub(crate) const PHASE: u64 = 3;

/// Expects a refusal that says `text`.
#[track_caller]
pub(crate) fn misuse<T: std::fmt::Debug>(result: Result<T, Fault>, text: &str) {
    match result {
        Err(Fault::Misuse(said)) => assert!(said.contains(text), "{said:?} lacks {text:?}"),
        other => panic!("{other:?} is no misuse for {text:?}"),
    }
}

pub(crate) fn ltc() -> B256 {
    name("LTC")
}

pub(crate) fn u(amount: u64) -> U256 {
    U256::from(amount)
}

pub(crate) fn op(number: u8) -> Address {
    Address::with_last_byte(number)
}

pub(crate) fn decryption(number: u8) -> DecryptionKey {
    DecryptionKey::from_bytes(&[number; 32]).unwrap()
}

pub(crate) fn number(operator: Address) -> u8 {
    operator.0[19]
}

pub(crate) fn profile(number: u8) -> Profile {
    Profile {
        node: B256::repeat_byte(number),
        encryption: decryption(number).public().unwrap().to_bytes(),
        owner: name(&format!("owner {number}")),
        provider: name(&format!("provider {number}")),
        region: name("here"),
    }
}

pub(crate) fn rules() -> Rules {
    Rules {
        chain_id: 7,
        steward: STEWARD,
        min_bond: BOND,
        request_fee: FEE,
        ready_reward: 5,
        mature: 2,
        phase: PHASE as u32,
        renew: 100,
        cancel_wait: 20,
        leave_wait: 500,
        slash_bps: 5_000,
    }
}

pub(crate) fn litecoin() -> Chain {
    Chain {
        name: name("litecoin"),
        family: Family::Bitcoin,
        chain_id: 0,
        hrp: name("rltc"),
        confirmations: 2,
        proof_target: U256::ZERO,
    }
}

pub(crate) fn coin(id: &str, chain: &str, token: Address) -> Coin {
    Coin {
        id: name(id),
        chain: name(chain),
        token,
        decimals: 8,
        min_deposit: u(100),
        in_fee: u(10),
        max_fee: u(50),
        min_out: u(60),
    }
}

pub(crate) fn scheme_of(chain: &str) -> Scheme {
    match chain {
        "litecoin" => Scheme::Schnorr,
        _ => Scheme::Ecdsa,
    }
}

/// Is the chain, with what its custodians keep to themselves.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) store: MemStore,
    pub(crate) shares: BTreeMap<(u64, Address), [u8; 32]>,
}

impl World {
    /// Founds custody with `custodians` that may hold shares, two chains and three coins.
    pub(crate) fn new(custodians: u8) -> Self {
        let mut world = Self { store: MemStore::at(1_000), shares: BTreeMap::new() };
        world.store.set_balance(DCRM, U256::from(500));
        for who in [ALICE, BOB, STEWARD].into_iter().chain((1..=200).map(op)) {
            world.store.set_balance(who, U256::from(1_000_000));
        }
        world.run(|store| dcrm::found(store, &rules(), 500)).unwrap();
        for number in 1..=custodians {
            world.register(number).unwrap();
        }
        let ethereum = Chain {
            name: name("ethereum"),
            family: Family::Ethereum,
            chain_id: 1,
            hrp: B256::ZERO,
            ..litecoin()
        };
        for chain in [litecoin(), ethereum] {
            world.run(|store| dcrm::set_chain(store, STEWARD, &chain)).unwrap();
        }
        let token = Address::repeat_byte(0x77);
        let coins = [
            coin("LTC", "litecoin", Address::ZERO),
            coin("ETH", "ethereum", Address::ZERO),
            coin("USD", "ethereum", token),
        ];
        for coin in coins {
            world.run(|store| dcrm::set_coin(store, STEWARD, &coin, "coin")).unwrap();
        }
        world.store.height = 10;
        world
    }

    /// Runs an operation as a frame. A refusal changes nothing, and the books add up after every one.
    pub(crate) fn run<T>(&mut self, op: impl FnOnce(&mut MemStore) -> Result<T, Fault>) -> Result<T, Fault> {
        let result = self.store.frame(op);
        assert!(!matches!(result, Err(Fault::Database(_))), "{:?}", result.err());
        if dcrm::founded(&mut self.store).unwrap() {
            dcrm::audit(&mut self.store).unwrap();
        }
        result
    }

    /// Runs an operation that carries `value` wei of `from`.
    pub(crate) fn paid<T>(
        &mut self,
        from: Address,
        value: u128,
        op: impl FnOnce(&mut MemStore) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        self.run(|store| match store.move_native(from, DCRM, U256::from(value))? {
            true => op(store),
            false => Err(Fault::Misuse("no coin")),
        })
    }

    pub(crate) fn register(&mut self, number: u8) -> Result<(), Fault> {
        self.paid(op(number), BOND, |store| dcrm::register(store, op(number), &profile(number), BOND))
    }

    pub(crate) fn open(&mut self, chain: &str, threshold: u16, size: u16) -> Result<u64, Fault> {
        let coins: &[&str] = if chain == "litecoin" { &["LTC"] } else { &["ETH", "USD"] };
        let opening = Opening {
            chain: name(chain),
            scheme: scheme_of(chain),
            threshold,
            size,
            caps: coins.iter().map(|coin| (name(coin), u(100_000))).collect(),
        };
        self.run(|store| dcrm::open_vault(store, STEWARD, &opening))
    }

    /// Opens a vault and generates its key.
    pub(crate) fn vault_of(&mut self, chain: &str, threshold: u16, size: u16) -> u64 {
        let number = self.open(chain, threshold, size).unwrap();
        let group = self.vault(number).next;
        let mut keygen = Keygen::join(self, group);
        keygen.play(self, &[]);
        keygen.finish(self).unwrap();
        self.all_ready(group);
        assert_eq!(self.vault(number).state, State::Active);
        number
    }

    pub(crate) fn all_ready(&mut self, group: u64) {
        for operator in self.group(group).members {
            self.run(|store| dcrm::ready(store, operator, group)).unwrap();
        }
    }

    pub(crate) fn vault(&mut self, number: u64) -> Vault {
        Vault::load(&mut self.store, number).unwrap().unwrap()
    }

    pub(crate) fn group(&mut self, number: u64) -> Group {
        Group::load(&mut self.store, number).unwrap().unwrap()
    }

    /// Returns the members of the group that holds a vault's shares.
    pub(crate) fn members(&mut self, vault: u64) -> Vec<Address> {
        let group = self.vault(vault).group;
        self.group(group).members
    }

    pub(crate) fn custodian(&mut self, operator: Address) -> Custodian {
        Custodian::load(&mut self.store, operator).unwrap().unwrap()
    }

    pub(crate) fn books(&mut self, vault: u64, coin: B256) -> Books {
        Books::load(&mut self.store, vault, coin).unwrap()
    }

    pub(crate) fn request(&mut self, number: u64) -> Request {
        Request::load(&mut self.store, number).unwrap().unwrap()
    }

    pub(crate) fn held(&mut self, coin: B256, who: Address) -> U256 {
        let asset = Coin::load(&mut self.store, coin).unwrap().unwrap().asset();
        ledger::owned(&mut self.store, asset, who).unwrap()
    }

    pub(crate) fn balance(&mut self, who: Address) -> U256 {
        self.store.balance(who).unwrap()
    }

    /// Passes blocks, each of which ends with the check of solvency.
    pub(crate) fn pass(&mut self, blocks: u64) {
        self.run(|store| dcrm::close(store)).unwrap();
        self.store.height += blocks;
        self.store.now += blocks;
    }

    pub(crate) fn address(&mut self, owner: Address, coin: B256, vault: u64) -> Result<u64, Fault> {
        let given =
            self.paid(owner, FEE, |store| dcrm::request_address(store, owner, coin, owner, vault, FEE));
        Ok(given?.request)
    }

    /// Has `voices` of a vault's members attest a deposit.
    pub(crate) fn attest(&mut self, deposit: &Deposit, voices: usize) -> Result<(), Fault> {
        for operator in self.members(deposit.vault).into_iter().take(voices) {
            self.run(|store| dcrm::attest_deposit(store, operator, deposit))?;
        }
        Ok(())
    }

    /// Locks `amount` in for `who`.
    pub(crate) fn lock_in(&mut self, who: Address, coin: B256, vault: u64, amount: u64) -> Deposit {
        let request = self.address(who, coin, vault).unwrap();
        let id = B256::from(U256::from(request) << 64);
        let deposit = Deposit { id, vault, request, coin, amount: u(amount) };
        let group = self.vault(vault).group;
        let voices = self.group(group).threshold;
        self.attest(&deposit, voices.into()).unwrap();
        deposit
    }

    pub(crate) fn lock_out(
        &mut self,
        who: Address,
        coin: B256,
        vault: u64,
        amount: u64,
    ) -> Result<u64, Fault> {
        let destination = match coin == ltc() {
            true => "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2",
            false => "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf",
        };
        let (destination, amount) = (destination.to_string(), u(amount));
        let wish = Wish { coin, amount, destination, max_fee: u(50), vault };
        self.paid(who, FEE, |store| dcrm::lock_out(store, who, &wish, FEE))
    }
}

/// Plays the members of a key generation over the chain.
pub(crate) struct Keygen {
    pub(crate) number: u64,
    pub(crate) terms: Terms,
    pub(crate) members: Vec<Member>,
    pub(crate) operators: Vec<Address>,
    pub(crate) dealings: BTreeMap<u16, Bytes>,
    pub(crate) extractions: BTreeMap<u16, Bytes>,
    pub(crate) reveals: Vec<Bytes>,
}

pub(crate) fn seed(group: u64, index: u16) -> [u8; 32] {
    [group as u8 ^ (index as u8) << 3 ^ 0x5a; 32]
}

impl Keygen {
    pub(crate) fn join(world: &mut World, number: u64) -> Self {
        let group = world.group(number);
        let terms = group.terms(&mut world.store).unwrap();
        let member = |index| {
            let key = decryption(self::number(group.operator(index).unwrap()));
            Member::new(terms.clone(), index, key, seed(number, index)).unwrap()
        };
        let members = terms.indices().map(member).collect();
        let operators = group.members.clone();
        let (dealings, extractions, reveals) = Default::default();
        Self { number, terms, members, operators, dealings, extractions, reveals }
    }

    pub(crate) fn operator(&self, index: u16) -> Address {
        self.operators[usize::from(index) - 1]
    }

    /// Posts a message as member `sender`; what the chain takes, everyone hears.
    pub(crate) fn post(&mut self, world: &mut World, sender: u16, message: &[u8]) -> Result<(), Fault> {
        self.post_as(world, self.operator(sender), message)?;
        let bytes = Bytes::copy_from_slice(message);
        match world.group(self.number).phase_at(world.store.height) {
            0 => drop(self.dealings.insert(sender, bytes)),
            2 => drop(self.extractions.insert(sender, bytes)),
            3 => self.reveals.extend(shown(world)),
            4 => self.reveals.push(bytes),
            _ => {}
        }
        for member in &mut self.members {
            // A member may hear what it refuses: what a right objection showed comes before its phase.
            member.post(sender, message).ok();
        }
        Ok(())
    }

    pub(crate) fn post_as(&self, world: &mut World, by: Address, message: &[u8]) -> Result<(), Fault> {
        let (group, bytes) = (self.number, Bytes::copy_from_slice(message));
        let none = Bytes::new();
        match world.group(group).phase_at(world.store.height) {
            0 => world.run(|store| dcrm::deal(store, by, group, &bytes)),
            1 => {
                let dealer =
                    Complaint::decode(message, &self.terms).map_or(0, |complaint| complaint.dealer());
                let dealing = self.dealings.get(&dealer).unwrap_or(&none);
                world.run(|store| dcrm::complain(store, by, group, &bytes, dealing))
            }
            2 => world.run(|store| dcrm::extract(store, by, group, &bytes)),
            3 => {
                let dealer =
                    Objection::decode(message, &self.terms).map_or(0, |objection| objection.dealer());
                let dealing = self.dealings.get(&dealer).unwrap_or(&none);
                let extraction = self.extractions.get(&dealer).unwrap_or(&none);
                world.run(|store| dcrm::object(store, by, group, &bytes, dealing, extraction))
            }
            _ => world.run(|store| dcrm::reveal(store, by, group, &bytes)),
        }
    }

    /// Lets all but `silent` say what they owe. What comes second about the same cheat is refused, and does no harm.
    pub(crate) fn speak(&mut self, world: &mut World, silent: &[u16]) {
        for index in self.terms.indices().filter(|index| !silent.contains(index)) {
            for message in self.members[usize::from(index) - 1].due() {
                drop(self.post(world, index, &message));
            }
        }
    }

    pub(crate) fn next(&mut self, world: &mut World) {
        world.pass(PHASE);
        for member in &mut self.members {
            member.end_phase();
        }
    }

    /// Plays on to the end, with `silent` saying nothing.
    pub(crate) fn play(&mut self, world: &mut World, silent: &[u16]) {
        while world.group(self.number).phase_at(world.store.height) < 5 {
            self.speak(world, silent);
            self.next(world);
        }
    }

    /// Hands in what makes the key, and keeps the shares of those that have one.
    pub(crate) fn finish(&mut self, world: &mut World) -> Result<(), Fault> {
        let parts = self.parts(world);
        world.run(|store| dcrm::finish(store, self.number, &parts))?;
        for member in &self.members {
            let Ok((outcome, share)) = member.finish() else { continue };
            assert_eq!(outcome.key.to_bytes(), world.group(self.number).key);
            world.shares.insert((self.number, self.operator(member.index())), *share.to_bytes());
        }
        Ok(())
    }

    pub(crate) fn parts(&self, world: &mut World) -> Vec<Handed> {
        let group = world.group(self.number);
        let (standing, missing) = (group.dealt & !group.bad, dcrm::exposed(&group));
        let part = |dealer: &u16| {
            if missing >> (dealer - 1) & 1 == 0 {
                return Handed::Extraction(self.extractions[dealer].clone());
            }
            let dealing = fusor_dcrm::Dealing::decode(&self.dealings[dealer], &self.terms).unwrap();
            let right = |bytes: &&Bytes| {
                let reveal = Reveal::decode(bytes, &self.terms).unwrap();
                reveal.dealer() == *dealer && reveal.holds(&dealing)
            };
            let reveals = self.reveals.iter().filter(right).take(group.threshold.into()).cloned().collect();
            Handed::Reveals(self.dealings[dealer].clone(), reveals)
        };
        let dealers: Vec<u16> = group.indices().filter(|i| standing >> (i - 1) & 1 == 1).collect();
        dealers.iter().map(part).collect()
    }
}

/// Returns the reveal that the chain posted for a right objection, just now.
fn shown(world: &World) -> Option<Bytes> {
    let posted = world.store.state.logs.iter().rev().take(3);
    let posted = posted.filter_map(|log| dcrm::Posted::decode_raw_log(&log.topics, &log.data).ok());
    posted.filter(|log| log.kind == 5).map(|log| log.message).next()
}

/// Plays old holders and new members of a re-sharing over the chain.
pub(crate) struct Handing {
    pub(crate) number: u64,
    pub(crate) succession: Succession,
    pub(crate) old: Group,
    pub(crate) new: Group,
    pub(crate) receivers: Vec<Receiver>,
    pub(crate) handovers: BTreeMap<u16, Bytes>,
}

impl Handing {
    pub(crate) fn join(world: &mut World, number: u64) -> Self {
        let new = world.group(number);
        let old = world.group(new.previous);
        let terms = new.terms(&mut world.store).unwrap();
        let public = |index| Point::from_bytes(&old.share(&mut world.store, index).unwrap()).unwrap();
        let verifying = old.indices().map(public).collect();
        let key = Point::from_bytes(&old.key).unwrap();
        let succession = Succession::new(Holders::new(key, old.threshold, verifying).unwrap(), terms);
        let receiver = |index| {
            let key = decryption(self::number(new.operator(index).unwrap()));
            Receiver::new(succession.clone(), index, key).unwrap()
        };
        let receivers = new.indices().map(receiver).collect();
        Self { number, succession, old, new, receivers, handovers: BTreeMap::new() }
    }

    /// Writes what holder `index` hands over.
    pub(crate) fn handover(&self, world: &World, index: u16) -> Vec<u8> {
        let bytes = world.shares[&(self.old.number, self.old.operator(index).unwrap())];
        let share = Share::from_bytes(index, &bytes).unwrap();
        let giver = Giver::from_seed(&self.succession, &share, &seed(self.number, index)).unwrap();
        giver.hand_over().unwrap().encode()
    }

    pub(crate) fn hand_over(&mut self, world: &mut World, index: u16, message: &[u8]) -> Result<(), Fault> {
        let (by, bytes) = (self.old.operator(index).unwrap(), Bytes::copy_from_slice(message));
        world.run(|store| dcrm::hand_over(store, by, self.number, &bytes))?;
        self.handovers.insert(index, bytes);
        for receiver in &mut self.receivers {
            receiver.post(index, message).unwrap();
        }
        Ok(())
    }

    pub(crate) fn complain(&mut self, world: &mut World, index: u16, message: &[u8]) -> Result<(), Fault> {
        let (by, bytes) = (self.new.operator(index).unwrap(), Bytes::copy_from_slice(message));
        let holder = decode_complaint(message, &self.succession).unwrap().dealer();
        let handover = self.handovers[&holder].clone();
        world.run(|store| dcrm::complain_handover(store, by, self.number, &bytes, &handover))?;
        for receiver in &mut self.receivers {
            receiver.post(index, message).unwrap();
        }
        Ok(())
    }

    pub(crate) fn next(&mut self, world: &mut World) {
        world.pass(PHASE);
        for receiver in &mut self.receivers {
            receiver.end_phase();
        }
    }

    pub(crate) fn finish(&mut self, world: &mut World) -> Result<(), Fault> {
        let group = world.group(self.number);
        let standing = |(index, _): &(&u16, &Bytes)| group.bad >> (**index - 1) & 1 == 0;
        let handovers: Vec<Bytes> =
            self.handovers.iter().filter(standing).map(|(_, bytes)| bytes.clone()).collect();
        world.run(|store| dcrm::finish_handover(store, self.number, &handovers))?;
        for (receiver, operator) in self.receivers.iter().zip(&self.new.members) {
            let Ok((outcome, share)) = receiver.finish() else { continue };
            assert_eq!(outcome.key.to_bytes(), self.old.key);
            world.shares.insert((self.number, *operator), *share.to_bytes());
        }
        Ok(())
    }

    /// Plays it all, with `silent` old holders.
    pub(crate) fn play(&mut self, world: &mut World, silent: &[u16]) {
        for index in self.old.indices().filter(|index| !silent.contains(index)) {
            let message = self.handover(world, index);
            self.hand_over(world, index, &message).unwrap();
        }
        self.next(world);
        self.next(world);
    }
}
