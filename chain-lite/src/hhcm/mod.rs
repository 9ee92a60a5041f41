//! Is hierarchical hybrid consensus as nodes speak it (whitepaper 5; design 10): what groups hand to the second
//! layer, what representatives offer, and what a block says of both. Who may do what is computed by
//! [`fusor_vm::hhcm`]; when it is sent is decided by [`crate::node`].
//!
//! ```text
//! package   a group's transactions with what they touched, signed by the group's representative (layer 1)
//! claims    what a package says of its execution, and how it is checked
//! evidence  proofs that a node cheated
//! seal      what a header says of groups, work and the beacon
//! offer     a header signed by its author: a candidate, and what consensus decides on (layer 2)
//! round     what is fixed before a height is executed: seed, groups, representatives
//! overlap   how many transactions of packages would run twice
//! beacon    the seed of a height and the signature that gives the next one
//! dealing   the committee's key for that signature, which nobody holds
//! memo      answers that take long, remembered
//! ```

mod beacon;
mod claims;
mod codec;
mod dealing;
mod evidence;
mod memo;
mod offer;
mod overlap;
mod package;
mod round;
mod seal;

pub(crate) use beacon::verify_held;
pub use beacon::{BeaconKey, Randomness};
pub use claims::Claims;
pub use dealing::{
    Ceremony, CommitteeKey, DEALINGS_LEN_MAX, DEALINGS_MAX, Deal, DealingError, Good, PART_LEN, Received,
};
pub(crate) use dealing::{dealt, record, verify_committee};
pub use evidence::{EVIDENCE_LEN_MAX, EVIDENCE_MAX, Evidence};
pub(crate) use offer::public_key;
pub use offer::{Offer, OfferError};
pub(crate) use overlap::overlap;
pub(crate) use package::PACKAGE_LEN_MAX;
pub use package::{Known, Package, PackageError};
pub(crate) use round::rank;
pub use round::{Round, RoundError, search};
pub use seal::{REVEAL_LEN, Seal, SealError, packages_root};
