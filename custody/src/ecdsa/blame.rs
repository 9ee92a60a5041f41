//! Translates the library's aborts into faults.

use dkls23_core::protocols::{Abort, AbortKind, AbortReason};

use crate::message::{Fault, FaultKind};

/// The fault behind an abort. A ban names its member whatever the reason is.
pub(crate) fn fault(abort: &Abort) -> Fault {
    if let AbortKind::BanCounterparty(peer) = &abort.kind {
        return FaultKind::Banned.by(peer.as_u8().into());
    }
    match &abort.reason {
        AbortReason::SessionBindingMismatch { counterparty } => {
            FaultKind::OtherView.by(counterparty.as_u8().into())
        }
        AbortReason::ProofVerificationFailed { counterparty }
        | AbortReason::CommitmentMismatch { counterparty }
        | AbortReason::TrivialInstancePoint { counterparty }
        | AbortReason::ZeroShareDecommitFailed { counterparty } => {
            FaultKind::Unproven.by(counterparty.as_u8().into())
        }
        // Our own state: nobody else is to blame.
        AbortReason::MissingMulState { .. } | AbortReason::InvalidLocalState { .. } => {
            FaultKind::NoSetup.alone()
        }
        AbortReason::SignatureVerificationFailed | AbortReason::ZeroDenominator => {
            FaultKind::BadSignature.alone()
        }
        AbortReason::WrongCounterpartyCount { .. }
        | AbortReason::InvalidPartyIndex { .. }
        | AbortReason::DuplicateCounterparty { .. }
        | AbortReason::SelfInCounterparties
        | AbortReason::LagrangeCoefficientFailed => FaultKind::BadSet.alone(),
        _ => FaultKind::Inconsistent.alone(),
    }
}
