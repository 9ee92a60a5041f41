//! Judges blocks of others: whether an offer fits its round, and whether executing it gives what it says.

use super::{Ledger, LedgerError, Packages, Pending};
use crate::hhcm::Offer;
use alloy_consensus::Header;

impl Ledger {
    /// Executes an offer after its parent and keeps it as known if it is valid. `packages` are those that its seal
    /// names. An error other than [`LedgerError::Unknown`] stands for good.
    pub fn check(&mut self, offer: &Offer, packages: &Packages) -> Result<(), LedgerError> {
        if self.knows(offer.hash()) {
            return Ok(());
        }
        let round = self.round(offer.header.parent_hash)?;
        let seal = self.fits(&round, offer)?;
        for ((named, given), group) in seal.packages.iter().zip(packages).zip(0u32..) {
            match (named, given) {
                (None, None) => {}
                (Some(named), Some(package))
                    if package.digest() == *named && package.header.group == group =>
                {
                    round.check_package(package)?;
                }
                _ => return Err(LedgerError::Package(group)),
            }
        }
        if packages.len() != seal.packages.len() {
            return Err(LedgerError::Package(u32::try_from(packages.len()).unwrap_or(u32::MAX)));
        }
        let payout = round.member(seal.author).map(|member| member.payout).unwrap_or_default();
        let header = Header {
            nonce: offer.header.nonce,
            extra_data: offer.header.extra_data.clone(),
            beneficiary: payout,
            ..self.frame(&round)?
        };
        let (executed, changes, next) = self.execute(&round, header, &seal, packages)?;
        if let Some(field) = differs(&executed.block.header, &offer.header) {
            return Err(LedgerError::Header(field));
        }
        let packages = packages.clone();
        let pending = Pending { offer: offer.clone(), executed, changes, packages, round: next.into() };
        self.pending.insert(offer.hash(), pending);
        Ok(())
    }
}

/// Names a field in which two headers differ.
fn differs(ours: &Header, theirs: &Header) -> Option<&'static str> {
    let fields = [
        ("state root", ours.state_root == theirs.state_root),
        ("transactions root", ours.transactions_root == theirs.transactions_root),
        ("receipts root", ours.receipts_root == theirs.receipts_root),
        ("logs bloom", ours.logs_bloom == theirs.logs_bloom),
        ("gas used", ours.gas_used == theirs.gas_used),
        ("beneficiary", ours.beneficiary == theirs.beneficiary),
        ("base fee", ours.base_fee_per_gas == theirs.base_fee_per_gas),
        ("gas limit", ours.gas_limit == theirs.gas_limit),
        ("any other", ours == theirs),
    ];
    fields.into_iter().find(|(_, same)| !same).map(|(name, _)| name)
}
