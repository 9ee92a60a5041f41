//! Watches what arrives at a vault's addresses, and attests it.

use super::{chain::Reader, jobs::Working, link::coin_of, notes::NotesError, record::RecordError};
use alloy_primitives::{B256, U256};
use fusor_outer::{Cursor, Deposit, Observation, OutPoint};
use fusor_vm::{
    dcrm::{self, Kept},
    precompile::ICustody,
};

/// Outer blocks before its own time that a new member of a group reads.
const LOOK_BACK: u64 = 100;

fn cursor_name(vault: u64) -> String {
    format!("cursor/{vault:020}")
}

fn seen_of(vault: u64) -> String {
    format!("seen/{vault:020}/")
}

fn seen_name(vault: u64, id: &[u8; 32]) -> String {
    format!("{}{:x}", seen_of(vault), B256::from(*id))
}

impl Working<'_> {
    /// Reads the outer chain on and attests what it shows. Returns whether blocks vanished that had counted.
    pub(super) fn watch(&mut self) -> Result<bool, RecordError> {
        let mut alarm = false;
        // A node that lags behind its own chain does not know all addresses yet.
        if self.chain.synced() {
            alarm = self.observe()?;
        }
        self.attest()?;
        Ok(alarm)
    }

    fn observe(&mut self) -> Result<bool, RecordError> {
        let Some(vault) = self.locks.outer() else { return Ok(false) };
        let Some(cursor) = self.cursor()? else { return Ok(false) };
        let seen = self.link.ask(self.now, |outer| outer.observe(&vault, &cursor));
        match seen {
            None => Ok(false),
            Some(Observation::Progress { cursor, deposits, .. }) => {
                let found: Vec<_> = deposits.iter().filter_map(|deposit| self.note(deposit)).collect();
                self.save(cursor, found)?;
                Ok(false)
            }
            Some(Observation::Reorg { cursor, vanished, from_height }) => {
                tracing::warn!(from_height, deposits = vanished.len(), "the outer chain was reorganised");
                let gone = vanished.iter().map(|id| (seen_name(self.vault.number, id), None)).collect();
                self.save(cursor, gone)?;
                Ok(!vanished.is_empty())
            }
        }
    }

    fn note(&self, deposit: &Deposit) -> Option<(String, Option<Vec<u8>>)> {
        if deposit.dust {
            tracing::info!(address = deposit.address, "a deposit is too small to be credited");
            return None;
        }
        let (request, coin) = (self.locks.request(&deposit.path)?, coin_of(self.coins, deposit.asset)?);
        let output = deposit.outpoint.map(|outpoint| (deposit.height, outpoint));
        let seen = Seen { request, coin, amount: deposit.amount, output };
        Some((seen_name(self.vault.number, &deposit.id), Some(seen.encode())))
    }

    /// Returns where reading goes on. A new member reads some blocks that came before it: what arrived in them may still
    /// wait for a quorum.
    fn cursor(&mut self) -> Result<Option<Cursor>, RecordError> {
        if let Some(bytes) = self.notes.get(&cursor_name(self.vault.number))? {
            match Cursor::decode(&bytes) {
                Ok(cursor) => return Ok(Some(cursor)),
                Err(error) => return Err(NotesError(format!("cursor: {error}")).into()),
            }
        }
        let Some(height) = self.link.ask(self.now, |outer| outer.height()) else { return Ok(None) };
        let cursor = self.link.outer.begin(height.saturating_sub(LOOK_BACK).max(1));
        self.save(cursor.clone(), Vec::new())?;
        Ok(Some(cursor))
    }

    fn save(&mut self, cursor: Cursor, mut more: Vec<(String, Option<Vec<u8>>)>) -> Result<(), NotesError> {
        more.push((cursor_name(self.vault.number), Some(cursor.encode())));
        self.notes.put(more)
    }

    /// Attests what was seen, until the chain has credited it.
    fn attest(&mut self) -> Result<(), RecordError> {
        for (name, value) in self.notes.list(&seen_of(self.vault.number))? {
            let id = name.rsplit('/').next().and_then(|id| id.parse::<B256>().ok());
            let (Some(id), Some(seen)) = (id, Seen::decode(&value)) else { continue };
            match Kept::load(&mut Reader::new(self.chain)?, id)? {
                None => {}
                Some(kept) if kept.held => {
                    // It waits for its vault to go on; until then this call would fail and is not sent.
                    let call = ICustody::creditHeldCall { deposit: id };
                    self.sender.call(self.chain, self.keys, U256::ZERO, &call)?;
                    continue;
                }
                Some(_) => {
                    self.notes.put(vec![(name, None)])?;
                    continue;
                }
            }
            let Seen { request, coin, amount, .. } = seen;
            let call = ICustody::attestDepositCall { id, vault: self.vault.number, request, coin, amount };
            self.sender.call(self.chain, self.keys, U256::ZERO, &call)?;
            self.prove(id, &seen)?;
        }
        Ok(())
    }

    /// Hands in the headers that prove a deposit, if its chain asks for them and it is this member's turn.
    fn prove(&mut self, id: B256, seen: &Seen) -> Result<(), RecordError> {
        let Seen { request, coin, amount, output } = *seen;
        let Some((height, output)) = output else { return Ok(()) };
        let vault = self.vault.number;
        let mut reader = Reader::new(self.chain)?;
        let Some(listed) = dcrm::Chain::load(&mut reader, self.vault.chain)? else { return Ok(()) };
        let asked = request != 0 && !listed.proof_target.is_zero();
        let deposit = dcrm::Deposit { id, vault, request, coin, amount };
        if !asked || deposit.is_proved(&mut reader)? || !self.my_turn(request)? || !self.is_due(id) {
            return Ok(());
        }
        let proof = self.link.ask(self.now, |outer| outer.prove(&output, height, listed.confirmations));
        if let Some(Some(proof)) = proof {
            let call = ICustody::proveDepositCall { id, vault, request, coin, amount, proof: proof.into() };
            self.sender.call(self.chain, self.keys, U256::ZERO, &call)?;
        }
        Ok(())
    }
}

/// Is what was seen to arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Seen {
    request: u64,
    coin: B256,
    amount: U256,
    /// The block's height and the output, in the Bitcoin family.
    output: Option<(u64, OutPoint)>,
}

impl Seen {
    fn encode(&self) -> Vec<u8> {
        let mut out = self.request.to_be_bytes().to_vec();
        out.extend(self.coin);
        out.extend(self.amount.to_be_bytes::<32>());
        if let Some((height, OutPoint { txid, vout })) = self.output {
            out.extend(height.to_be_bytes());
            out.extend(txid);
            out.extend(vout.to_be_bytes());
        }
        out
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (request, rest) = bytes.split_first_chunk()?;
        let (coin, rest) = rest.split_first_chunk::<32>()?;
        let (amount, rest) = rest.split_first_chunk::<32>()?;
        let output = match rest {
            [] => None,
            rest => {
                let (height, rest) = rest.split_first_chunk()?;
                let (txid, vout) = rest.split_first_chunk()?;
                let vout = u32::from_be_bytes(vout.try_into().ok()?);
                Some((u64::from_be_bytes(*height), OutPoint { txid: *txid, vout }))
            }
        };
        let (coin, amount) = (B256::from(*coin), U256::from_be_bytes(*amount));
        Some(Self { request: u64::from_be_bytes(*request), coin, amount, output })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_is_read_as_it_was_written() {
        for output in [None, Some((7, OutPoint { txid: [8; 32], vout: 9 }))] {
            let seen = Seen { request: 1, coin: B256::repeat_byte(2), amount: U256::from(3), output };
            let bytes = seen.encode();
            assert_eq!(Seen::decode(&bytes), Some(seen));
            for end in (0..bytes.len()).filter(|end| *end != 72) {
                assert_eq!(Seen::decode(&bytes[..end]), None, "{end}");
            }
        }
    }
}
