//! Is what a group hands to the second layer: its transactions with what they touched, signed by the group's
//! representative (whitepaper 5.4.1, 5.5.2).
//!
//! ```text
//! package  rlp [header, signature, access list, [transaction, ...]]
//! digest   keccak256 of it
//! ```
//!
//! Transactions are in EIP-2718's form, each as a string.

use super::{
    claims::Claims,
    codec::{end, fixed, items, list},
    offer::{public_key, signature},
};
use crate::{block::transactions_root, tx::Transaction};
use alloy_eips::Encodable2718;
use alloy_primitives::{B256, Bytes, keccak256};
use alloy_rlp::{Decodable, Encodable, Error as RlpError, Header};
use commonware_cryptography::{Signer, Verifier, ed25519::PrivateKey};
use fusor_vm::hhcm::{PackageHeader, group_of_sender};
use thiserror::Error;

/// Largest package in bytes.
pub(crate) const PACKAGE_LEN_MAX: usize = 4 * 1024 * 1024;
/// Most transactions of a package: a block's gas at the least that a transaction costs is below it.
pub(super) const TRANSACTIONS_MAX: usize = 16_384;

/// Returns a transaction by its hash, if it is at hand.
pub type Known<'a> = dyn Fn(B256) -> Option<Transaction> + 'a;

/// Says why a package is thrown away.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PackageError {
    /// The bytes do not decode.
    #[error("package does not decode: {0}")]
    Encoding(#[from] RlpError),
    /// A transaction does not decode or has no valid signature.
    #[error("transaction {position} of the package: {reason}")]
    Transaction {
        /// Position in the package.
        position: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// The signature is not that of the author named.
    #[error("package is not signed by its author")]
    Signature,
    /// A root or count does not fit the content.
    #[error("package's {0} does not fit its content")]
    Content(&'static str),
    /// A transaction belongs to another group (whitepaper 5.5.3).
    #[error("transaction {position} belongs to group {group}")]
    Group {
        /// Position in the package.
        position: usize,
        /// The group that its sender belongs to.
        group: u32,
    },
}

/// Is what a group hands to the second layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// What the author signed.
    pub header: PackageHeader,
    /// The author's ed25519 signature.
    pub signature: [u8; 64],
    /// The access list; see [`Claims`].
    pub access: Bytes,
    /// Users' transactions of one group, in order.
    pub transactions: Vec<Transaction>,
    digest: B256,
}

impl Package {
    /// Signs a package. Of `header`, everything that follows from the content is filled in.
    pub fn sign(
        chain_id: u64,
        header: PackageHeader,
        claims: Claims,
        transactions: Vec<Transaction>,
        key: &PrivateKey,
    ) -> Self {
        let header = PackageHeader {
            transactions_root: transactions_root(&transactions),
            touched_root: claims.touched_root(),
            outcome_root: claims.outcome_root,
            gas: claims.gas,
            count: transactions.len() as u64,
            ..header
        };
        let signed = key.sign(PackageHeader::NAMESPACE, &header.message(chain_id));
        let mut signature = [0; 64];
        signature.copy_from_slice(signed.as_ref());
        Self { header, signature, access: claims.access, transactions, digest: B256::ZERO }.digested()
    }

    /// Returns the digest by which blocks name the package.
    pub fn digest(&self) -> B256 {
        self.digest
    }

    fn digested(self) -> Self {
        Self { digest: keccak256(self.encoded()), ..self }
    }

    /// Encodes the package.
    pub fn encoded(&self) -> Vec<u8> {
        let transactions: Vec<Bytes> = self.transactions.iter().map(|tx| tx.encoded_2718().into()).collect();
        let mut fields = Vec::new();
        Encodable::encode(&self.header, &mut fields);
        self.signature.as_slice().encode(&mut fields);
        self.access.encode(&mut fields);
        transactions.encode(&mut fields);
        let mut out = Vec::with_capacity(fields.len() + 5);
        Header { list: true, payload_length: fields.len() }.encode(&mut out);
        out.extend(fields);
        out
    }

    /// Signs the package anew with an altered header, as a hostile author would; for simulations.
    pub(crate) fn forged(
        &self,
        chain_id: u64,
        key: &PrivateKey,
        change: impl FnOnce(&mut PackageHeader),
    ) -> Self {
        let mut forged = self.clone();
        change(&mut forged.header);
        let signed = key.sign(PackageHeader::NAMESPACE, &forged.header.message(chain_id));
        forged.signature.copy_from_slice(signed.as_ref());
        forged.digested()
    }

    /// Reads a package and checks all that can be checked without the state: signature, roots, counts, groups.
    /// `known` returns a transaction by its hash whose sender was recovered before.
    pub fn decoded(chain_id: u64, mut bytes: &[u8], known: &Known<'_>) -> Result<Self, PackageError> {
        if bytes.len() > PACKAGE_LEN_MAX {
            return Err(RlpError::Custom("package is too long").into());
        }
        let digest = keccak256(bytes);
        let mut fields = list(&mut bytes)?;
        end(bytes)?;
        let header = <PackageHeader as Decodable>::decode(&mut fields)?;
        let signature = fixed(&mut fields)?;
        let access = Bytes::decode(&mut fields)?;
        let raw = items(&mut fields, TRANSACTIONS_MAX, Bytes::decode)?;
        end(fields)?;
        check_signature(chain_id, &header, &signature)?;
        let transactions = raw.iter().zip(0..).map(|(raw, position)| read(raw, position, known));
        let transactions = transactions.collect::<Result<Vec<_>, _>>()?;
        let package = Self { header, signature, access, transactions, digest };
        package.check_content()?;
        Ok(package)
    }

    fn check_content(&self) -> Result<(), PackageError> {
        let header = &self.header;
        let refuse = |broken, what| if broken { Err(PackageError::Content(what)) } else { Ok(()) };
        refuse(header.x == 0 || header.group >= header.x, "group")?;
        refuse(header.count != self.transactions.len() as u64, "count")?;
        refuse(header.touched_root != keccak256(&self.access), "access list")?;
        refuse(header.transactions_root != transactions_root(&self.transactions), "transactions root")?;
        for (tx, position) in self.transactions.iter().zip(0..) {
            let group = group_of_sender(tx.sender(), header.x);
            if group != header.group {
                return Err(PackageError::Group { position, group });
            }
        }
        Ok(())
    }

    /// Says whether what the group's run did is what the package claims.
    pub fn holds(&self, claims: &Claims) -> bool {
        let header = &self.header;
        header.touched_root == claims.touched_root()
            && header.outcome_root == claims.outcome_root
            && header.gas == claims.gas
    }
}

fn check_signature(chain_id: u64, header: &PackageHeader, bytes: &[u8; 64]) -> Result<(), PackageError> {
    let (key, signature) = (public_key(header.author), signature(bytes));
    let (Some(key), Some(signature)) = (key, signature) else { return Err(PackageError::Signature) };
    match key.verify(PackageHeader::NAMESPACE, &header.message(chain_id), &signature) {
        true => Ok(()),
        false => Err(PackageError::Signature),
    }
}

/// Reads a user's transaction; nothing but signed ones may stand in a package.
fn read(raw: &[u8], position: usize, known: &Known<'_>) -> Result<Transaction, PackageError> {
    if let Some(tx) = known(keccak256(raw)) {
        return Ok(tx);
    }
    Transaction::decode_signed(raw)
        .map_err(|error| PackageError::Transaction { position, reason: error.to_string() })
}
