//! Reaches the outer chain of a vault, and knows the keys of its addresses.

use super::chain::{Chain, ChainError, Reader};
use alloy_primitives::{Address, B256};
use fusor_outer::{Asset, Lock, OuterChain, OuterError, Scheme, Vault as OuterVault};
use fusor_vm::dcrm::{self, Coin, Request, Status, Vault};
use std::collections::BTreeMap;

/// Milliseconds before an outer node that failed is asked again.
const BACK_OFF: u64 = 3_000;

/// Reaches one outer chain.
pub(super) struct Link {
    pub(super) outer: Box<dyn OuterChain>,
    /// Whether it is known to serve the right network.
    checked: bool,
    /// When it may be asked again, in milliseconds.
    retry_at: u64,
    /// What went wrong last.
    pub(super) trouble: Option<String>,
}

impl Link {
    pub(super) fn new(outer: Box<dyn OuterChain>) -> Self {
        Self { outer, checked: false, retry_at: 0, trouble: None }
    }

    /// Asks the outer node, unless it failed just now; what went wrong is kept for the status.
    pub(super) fn ask<T>(
        &mut self,
        now: u64,
        question: impl FnOnce(&dyn OuterChain) -> Result<T, OuterError>,
    ) -> Option<T> {
        if now < self.retry_at {
            return None;
        }
        let checked = match self.checked {
            true => Ok(()),
            false => self.outer.check_network(),
        };
        match checked.and_then(|()| question(self.outer.as_ref())) {
            Ok(answer) => {
                self.checked = true;
                self.trouble = None;
                Some(answer)
            }
            Err(error) => {
                tracing::warn!(%error, "outer node");
                self.trouble = Some(error.to_string());
                self.retry_at = now.saturating_add(BACK_OFF);
                self.checked = false;
                None
            }
        }
    }
}

/// Knows the locks of one vault: its own, and one for each address it gave.
#[derive(Default)]
pub(super) struct Locks {
    main: Option<Lock>,
    given: BTreeMap<u64, Lock>,
    scanned: u64,
}

impl Locks {
    /// Adds the locks of requests that were made since.
    pub(super) fn follow(&mut self, chain: &dyn Chain, vault: &Vault) -> Result<(), ChainError> {
        let mut reader = Reader::new(chain)?;
        if self.main.is_none() {
            self.main = Some(lock(chain, &mut reader, vault, 0)?);
        }
        let last = dcrm::Counts::load(&mut reader)?.requests;
        for number in self.scanned.saturating_add(1)..=last {
            let request = Request::load(&mut reader, number)?;
            let ours = |request: &Request| request.status == Status::Address && request.vault == vault.number;
            if request.as_ref().is_some_and(ours) {
                self.given.insert(number, lock(chain, &mut reader, vault, number)?);
            }
            self.scanned = number;
        }
        Ok(())
    }

    /// Returns the vault as the outer chain's module takes it.
    pub(super) fn outer(&self) -> Option<OuterVault> {
        Some(OuterVault { main: self.main?, deposits: self.given.values().copied().collect() })
    }

    /// Returns the request whose address has that path; 0 for the vault's own.
    pub(super) fn request(&self, path: &[u8; 32]) -> Option<u64> {
        if self.main.is_some_and(|main| main.path == *path) {
            return Some(0);
        }
        self.given.iter().find(|(_, lock)| lock.path == *path).map(|(number, _)| *number)
    }
}

fn lock(chain: &dyn Chain, reader: &mut Reader<'_>, vault: &Vault, request: u64) -> Result<Lock, ChainError> {
    let path = dcrm::context(chain.id(), vault.number, request).0;
    let scheme = match vault.scheme {
        dcrm::Scheme::Ecdsa => Scheme::Ecdsa,
        dcrm::Scheme::Schnorr => Scheme::Schnorr,
    };
    Ok(Lock { path, scheme, key: dcrm::derived_key(reader, vault, request)? })
}

/// Returns the name under which an outer asset is listed.
pub(super) fn coin_of(coins: &[Coin], asset: Asset) -> Option<B256> {
    let token = match asset {
        Asset::Native => Address::ZERO,
        Asset::Token(token) => token,
    };
    coins.iter().find(|coin| coin.token == token).map(|coin| coin.id)
}

/// Returns the outer asset of a coin.
pub(super) fn asset_of(coin: &Coin) -> Asset {
    match coin.token.is_zero() {
        true => Asset::Native,
        false => Asset::Token(coin.token),
    }
}
