//! Judges the end of a run: after healing all that was asked for must have come to its end.

use super::{traffic::MIN_DEPOSIT, world::Run};
use alloy_primitives::Address;
use fusor_vm::dcrm::{Group, Request, Status};

impl Run {
    /// Says whether, after healing, all that was asked for has come to its end.
    pub(super) fn is_over(&mut self) -> bool {
        if !self.healing || !self.height().is_multiple_of(4) {
            return false;
        }
        self.give_way();
        self.height() >= self.setting.blocks.saturating_add(8) && self.open().is_none()
    }

    /// Names something that has not come to its end.
    fn open(&self) -> Option<String> {
        let net = self.outer.net();
        if !net.idle() {
            return Some("the outer chain has transactions to mine".into());
        }
        let waits = |r: &&Request| matches!(r.status, Status::Asked | Status::Planned);
        if let Some(request) = self.witness.requests.values().find(waits) {
            return Some(format!("lock-out {} is {:?}", request.number, request.status));
        }
        let worth = self.witness.worth(&net);
        let lacking = self.witness.requests.values().find(|request| {
            let worth = worth.get(&request.number).copied().unwrap_or_default();
            request.status == Status::Address && request.amount != worth
        });
        if let Some(request) = lacking {
            return Some(format!(
                "request {} was credited {} of {:?}",
                request.number, request.amount, worth
            ));
        }
        self.unusable()
    }

    /// Names an honest member that has not exactly one usable epoch.
    fn unusable(&self) -> Option<String> {
        let vault = self.vault()?;
        if !vault.keyed() {
            return Some("the vault has no key".into());
        }
        let group = self.ground.ask(|store| Group::load(store, vault.group)).ok()??;
        let member = |operator: &Address| self.lives.iter().find(|life| life.operator() == *operator);
        for life in group.members.iter().filter_map(member).filter(|life| life.is_honest()) {
            let Some(store) = life.store(vault.number) else { return Some("a store does not open".into()) };
            let files = fusor_custody::store::Files::list(store.files()).unwrap_or_default();
            let epochs: Vec<&String> = files.iter().filter(|name| !name.starts_with("journal")).collect();
            let past = epochs
                .iter()
                .filter(|name| {
                    name.split('.')
                        .next()
                        .and_then(|n| n.parse::<u64>().ok())
                        .is_some_and(|n| n < group.number)
                })
                .count();
            if store.active() != Some(group.number) || past != 0 {
                return Some(format!(
                    "a member of group {} has {epochs:?}, active {:?}",
                    group.number,
                    store.active()
                ));
            }
        }
        None
    }

    /// Judges the end.
    pub(super) fn judge(&mut self) {
        if self.witness.violations.is_empty() {
            if let Some(open) = self.open() {
                self.witness.fail(format!("after healing: {open}"));
            }
            self.search();
        }
        let count = |status| self.witness.requests.values().filter(|r| r.status == status).count();
        (self.outcome.paid, self.outcome.returned) = (count(Status::Paid), count(Status::Returned));
        let worth = self.witness.outputs(&self.outer.net());
        self.outcome.deposits = worth.iter().filter(|(_, _, amount)| *amount >= MIN_DEPOSIT).count();
        self.outcome.proved = if self.proofs { self.outcome.deposits } else { 0 };
    }
}
