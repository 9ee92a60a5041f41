//! Says what went wrong, and what to do about it.

use crate::deposit::OutPoint;
use alloy_primitives::U256;

/// Says why an outer node cannot be asked or believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OuterError {
    /// Nothing listens there, or the connection broke.
    #[error("{url} does not answer ({reason}): start the node or correct `url`")]
    Down {
        /// The node's address.
        url: String,
        /// What the network said.
        reason: String,
    },
    /// The answer took longer than the configured time.
    #[error("{url} did not answer within {millis} ms: it is overloaded, or `timeout_ms` is too short")]
    Slow {
        /// The node's address.
        url: String,
        /// The time given to it in milliseconds.
        millis: u64,
    },
    /// The node refuses the credentials, or they cannot be read.
    #[error("{url} refuses the credentials ({reason}): correct `user` and `password`, or `cookie`")]
    Credentials {
        /// The node's address.
        url: String,
        /// What is wrong with them.
        reason: String,
    },
    /// The answer is larger than allowed.
    #[error(
        "{url} answered {method} with more than {most} bytes: not an honest node, or `response_bytes_max` is too low"
    )]
    Oversized {
        /// The node's address.
        url: String,
        /// What was asked.
        method: String,
        /// Bytes allowed.
        most: u64,
    },
    /// The answer is not what the method promises.
    #[error(
        "{url} answered {method} with what makes no sense ({reason}): is it a node of this kind of chain?"
    )]
    Nonsense {
        /// The node's address.
        url: String,
        /// What was asked.
        method: String,
        /// What is wrong with the answer.
        reason: String,
    },
    /// The node reports an error of its own.
    #[error("{url} answered {method} with error {code}: {message}")]
    Node {
        /// The node's address.
        url: String,
        /// What was asked.
        method: String,
        /// The node's code.
        code: i64,
        /// The node's words.
        message: String,
    },
    /// The node serves another network.
    #[error("{url} serves the network {have}, and the configuration says {want}: correct one of them")]
    WrongNetwork {
        /// The node's address.
        url: String,
        /// Genesis hash or chain id of the node.
        have: String,
        /// Genesis hash or chain id of the configuration.
        want: String,
    },
    /// The node knows fewer blocks than were already seen.
    #[error(
        "the node is at height {have} and height {seen} was already read: it is syncing or lies; wait for it"
    )]
    Behind {
        /// The node's height.
        have: u64,
        /// The height read before.
        seen: u64,
    },
    /// The chain changed while it was read.
    #[error("the outer chain changed at height {height} while it was read: ask again")]
    Moved {
        /// Where it changed.
        height: u64,
    },
    /// The cursor belongs to another chain.
    #[error("this cursor, plan or view belongs to another outer chain")]
    Foreign,
    /// A given lock is not one of this chain.
    #[error("a watched key cannot be used here: {0}")]
    Lock(#[from] AddressError),
}

/// Says why an address or key cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// The address is one of another network.
    #[error("the address belongs to another network ({0})")]
    WrongNetwork(String),
    /// The kind of address cannot be paid.
    #[error("this kind of address cannot be paid: {0}")]
    WrongType(&'static str),
    /// The checksum does not fit: a typing mistake.
    #[error("the checksum of the address is wrong: a character is mistyped")]
    BadChecksum,
    /// The length fits no kind of address.
    #[error("the address has a wrong length")]
    BadLength,
    /// The text is no address at all.
    #[error("the text is no address")]
    NotAnAddress,
    /// The 33 bytes are no point of secp256k1.
    #[error("the key is not a compressed point of secp256k1")]
    BadKey,
    /// The chain has no such signatures.
    #[error("this chain does not know Schnorr signatures")]
    NoSchnorr,
}

/// Says why no transaction can be planned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// The node could not be asked.
    #[error(transparent)]
    Outer(#[from] OuterError),
    /// The destination cannot be paid.
    #[error("the destination cannot be paid: {0}")]
    Destination(#[from] AddressError),
    /// The amount would be refused by the network as dust.
    #[error("{amount} is dust for this destination: the least is {least}")]
    Dust {
        /// What was asked for.
        amount: U256,
        /// The least that is relayed.
        least: U256,
    },
    /// The vault holds too little.
    #[error("the vault can spend {have}, and {need} are needed with the fee")]
    Short {
        /// What can be spent now.
        have: U256,
        /// What is needed.
        need: U256,
    },
    /// A deposit address needs coin for gas before its token can move.
    #[error("the deposit address lacks {missing} for gas: fund it first")]
    NeedsGas {
        /// Path of the lock to fund.
        path: [u8; 32],
        /// What it lacks, in the smallest unit of the coin.
        missing: U256,
    },
    /// The fee would exceed the cap.
    #[error("the fee {fee} exceeds the cap of {cap}")]
    FeeCap {
        /// The fee or rate wanted.
        fee: U256,
        /// The cap.
        cap: U256,
    },
    /// The new fee does not outbid the old one.
    #[error("the fee {fee} does not outbid the earlier plan: at least {least} is needed")]
    NotHigher {
        /// The fee or rate offered.
        fee: U256,
        /// The least that replaces.
        least: U256,
    },
    /// The asset is not known on this chain.
    #[error("the asset is not one of this chain's configuration")]
    UnknownAsset,
    /// The lock is not in the vault.
    #[error("the key path is not in the vault")]
    UnknownLock,
    /// A token cannot pay its own fee.
    #[error("the fee cannot be taken from the amount of a token")]
    TokenFee,
    /// Bitcoin needs no gas money.
    #[error("this chain needs no gas money at deposit addresses")]
    NoGas,
    /// The transaction would fail when run.
    #[error("the transaction would fail: {0}")]
    WouldFail(String),
    /// Too many inputs for one transaction.
    #[error("more than {0} inputs would be needed: consolidate first")]
    TooManyInputs(usize),
    /// The plan belongs to another chain, or does not fit the request.
    #[error("the earlier plan is not one for this request on this chain")]
    Foreign,
}

/// Says why a signer refuses a plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The plan is for another chain.
    #[error("the plan is for another chain")]
    WrongChain,
    /// The request itself cannot be met.
    #[error("the request cannot be met: {0}")]
    Request(#[from] PlanError),
    /// An output or call pays something else than was asked for.
    #[error("the plan does not pay exactly what was requested: {0}")]
    WrongPayment(&'static str),
    /// Change goes to an address that is not the vault's main one.
    #[error("change goes to a foreign address")]
    ForeignChange,
    /// An input or sender is not ours.
    #[error("an input or sender is not a lock of the vault")]
    ForeignInput,
    /// An input is unknown, spent or too fresh in the signer's own view.
    #[error("input {0} is unknown, spent or not deep enough in the own view")]
    MissingInput(OutPoint),
    /// An input states another amount than the chain.
    #[error("input {0} states a wrong amount")]
    WrongAmount(OutPoint),
    /// An input is used twice.
    #[error("input {0} is used twice")]
    DoubledInput(OutPoint),
    /// The fee is below the floor or above a cap.
    #[error("the fee {fee} is not within {least} and {most}")]
    Fee {
        /// The fee or rate of the plan.
        fee: U256,
        /// The least allowed.
        least: U256,
        /// The most allowed.
        most: U256,
    },
    /// The plan could be mined beside an earlier one for the same request.
    #[error("the plan does not conflict with an earlier one for the same request: both could be mined")]
    NoConflict,
    /// The plan does not outbid the earlier one.
    #[error("the plan does not outbid an earlier one for the same request")]
    NotHigher,
    /// The nonce is not the next one.
    #[error("the nonce is {have}, and the next one is {want}")]
    Nonce {
        /// The plan's nonce.
        have: u64,
        /// The next nonce in the own view.
        want: u64,
    },
    /// Gas, version, sequence or lock time are not what the policy sets.
    #[error("the plan breaks the policy: {0}")]
    Policy(&'static str),
    /// The vault holds less than the plan spends.
    #[error("the sender holds {have}, and the plan spends up to {need}")]
    Short {
        /// What the sender holds.
        have: U256,
        /// What the plan may spend.
        need: U256,
    },
}

/// Says why signatures make no transaction.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// The plan is for another chain.
    #[error("the plan is for another chain")]
    WrongChain,
    /// There is not one signature for each hash.
    #[error("{have} signatures are given, and {want} are needed")]
    Count {
        /// Signatures given.
        have: usize,
        /// Hashes to sign.
        want: usize,
    },
    /// A signature does not verify.
    #[error("signature {0} does not verify under the key of its lock")]
    Invalid(usize),
    /// A key of the plan is no key.
    #[error("a key of the plan cannot be used: {0}")]
    Key(#[from] AddressError),
}
