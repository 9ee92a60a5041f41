//! Is the steward, who sets custody up, and users, who lock in and out.

use super::{ground::FEE, outer::DUST, world::Run};
use alloy_primitives::{Address, U256, keccak256};
use fusor_dcrm::Point;
use fusor_outer::{OuterChain, Scheme};
use fusor_vm::{
    dcrm::{self, Status},
    precompile::ICustody,
};
use rand::RngExt;

/// Sets custody up.
pub(super) const STEWARD: Address = Address::repeat_byte(0x57);
/// Less than that is not credited, in smallest units.
pub(super) const MIN_DEPOSIT: u64 = 100_000;
/// What a lock-in costs, in smallest units.
pub(super) const IN_FEE: u64 = 1_000;
/// The most that a lock-out costs, in smallest units.
pub(super) const MAX_FEE: u64 = 40_000;
const MIN_OUT: u64 = 60_000;

/// Is a user.
pub(super) struct User {
    pub(super) address: Address,
}

impl User {
    pub(super) fn new(index: u8) -> Self {
        Self { address: Address::repeat_byte(0xa0 + index) }
    }
}

impl Run {
    /// Lists the outer chain and its coin.
    pub(super) fn list(&self) {
        let (chain, ground) = (self.chain, &self.ground);
        // The easiest target, 0x207fffff.
        let easiest = U256::from(0x7f_ffffu64) << (8 * 29);
        let call = ICustody::setChainCall {
            name: chain,
            family: 1,
            chainId: 0,
            prefix: dcrm::name("rltc"),
            confirmations: super::outer::CONFIRMATIONS as u32,
            proofTarget: if self.proofs { easiest } else { U256::ZERO },
        };
        ground.act(STEWARD, 0, &call);
        let hash = self.outer.pure.identity().into();
        ground.act(STEWARD, 0, &ICustody::setGenesisCall { chain, hash });
        let call = ICustody::setCoinCall {
            id: self.coin,
            chain,
            token: Address::ZERO,
            decimals: 8,
            minDeposit: U256::from(MIN_DEPOSIT),
            inFee: U256::from(IN_FEE),
            maxFee: U256::from(MAX_FEE),
            minOut: U256::from(MIN_OUT),
            title: "Litecoin".into(),
        };
        ground.act(STEWARD, 0, &call);
    }

    /// Has a user do something.
    pub(super) fn use_it(&mut self) {
        let ready = self.vault().is_some_and(|vault| vault.keyed());
        if self.healing || !ready {
            return;
        }
        let who = self.rng.random_range(0..self.users.len().max(1));
        let Some(user) = self.users.get(who).map(|user| user.address) else { return };
        match self.rng.random_range(0..10) {
            _ if self.witness.addresses().count() == 0 => self.ask_address(user),
            0 if self.witness.addresses().count() < 5 => self.ask_address(user),
            0..5 => self.deposit(),
            5..9 => self.lock_out(user),
            _ => self.take_back(),
        }
    }

    fn ask_address(&mut self, user: Address) {
        let call = ICustody::requestAddressCall { coin: self.coin, beneficiary: user, vault: 0 };
        self.ground.act(user, FEE, &call);
    }

    /// Pays to one or several addresses, sometimes too little to count.
    fn deposit(&mut self) {
        let scripts = self.witness.scripts();
        let mut outputs = Vec::new();
        for _ in 0..self.rng.random_range(1..4) {
            let chosen = self.rng.random_range(0..scripts.len().max(1));
            let amount = match self.rng.random_range(0..10) {
                0 => self.rng.random_range(1_000..DUST),
                1 => self.rng.random_range(DUST..MIN_DEPOSIT),
                2 => MIN_DEPOSIT,
                _ => self.rng.random_range(MIN_DEPOSIT..2_000_000),
            };
            outputs.extend(scripts.get(chosen).map(|script| (script.clone(), amount)));
        }
        self.outer.net().pay(outputs);
    }

    /// Returns an address on the outer chain that nobody has used.
    pub(super) fn new_destination(&mut self) -> Option<String> {
        let seed: [u8; 32] = self.rng.random();
        let key = fusor_dcrm::DecryptionKey::from_bytes(&keccak256(seed)).ok()?.public()?;
        let scheme = if self.rng.random_bool(0.5) { Scheme::Ecdsa } else { Scheme::Schnorr };
        Some(self.outer.place(&Point::to_bytes(&key), scheme).ok()?.0)
    }

    fn lock_out(&mut self, user: Address) {
        let coin = self.coin;
        let asset = fusor_vm::ledger::asset_id(fusor_vm::account::DCRM, coin.into());
        let free = self.ground.ask(|store| fusor_vm::ledger::free(store, asset, user));
        let free: u64 = free.unwrap_or_default().saturating_to();
        let Some(most) = free.checked_sub(MIN_OUT).filter(|most| *most > 0) else { return };
        let amount = match self.rng.random_bool(0.2) {
            true => free,
            false => MIN_OUT + self.rng.random_range(0..most),
        };
        let max_fee = if self.rng.random_bool(0.1) { 1_000 } else { MAX_FEE };
        let Some(destination) = self.new_destination() else { return };
        let call = ICustody::lockOutCall {
            coin,
            amount: U256::from(amount),
            destination,
            maxFee: U256::from(max_fee),
            vault: 0,
        };
        self.ground.act(user, FEE, &call);
    }

    /// Takes a lock-out back that nobody has planned.
    fn take_back(&mut self) {
        let asked = self.witness.requests.values().find(|request| request.status == Status::Asked);
        if let Some((owner, request)) = asked.map(|request| (request.owner, request.number)) {
            self.ground.act(owner, 0, &ICustody::cancelCall { request });
        }
    }

    /// Takes back what cannot be planned, as its owner would in the end.
    pub(super) fn give_way(&mut self) {
        let asked: Vec<_> =
            self.witness.requests.values().filter(|r| r.status == Status::Asked).cloned().collect();
        for request in asked.iter().filter(|request| request.max_fee < U256::from(MAX_FEE)) {
            let call = ICustody::cancelCall { request: request.number };
            if self.would_pass(request.owner, &call) {
                self.ground.act(request.owner, 0, &call);
            }
        }
    }
}
