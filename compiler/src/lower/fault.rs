//! Names the reasons for which code of the compiler's own making reverts, and says them when asked to.

use super::cx::Res;
use super::fx::{Fx, Val};
use super::util::Util;

/// Says which texts reverts carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum RevertStrings {
    /// Those that the program gives.
    #[default]
    Default,
    /// None; expressions that give them are still evaluated.
    Strip,
    /// Those that the program gives, and one for each check of the compiler's own.
    Debug,
}

macro_rules! faults {
    ($($name:ident $text:literal;)*) => {
        /// Is why a check of the compiler's own fails.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub(crate) enum Fault { $($name,)* }
        impl Fault {
            /// Returns the text that tools know from solc.
            pub(crate) const fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

faults! {
    TupleShort "ABI decoding: tuple data too short";
    TupleOffset "ABI decoding: invalid tuple offset";
    StructShort "ABI decoding: struct data too short";
    StructOffset "ABI decoding: invalid struct offset";
    StructCalldataShort "ABI decoding: struct calldata too short";
    ArrayOffset "ABI decoding: invalid calldata array offset";
    ArrayLength "ABI decoding: invalid calldata array length";
    ArrayStride "ABI decoding: invalid calldata array stride";
    BytesLength "ABI decoding: invalid byte array length";
    TailOffset "Invalid calldata tail offset";
    TailLength "Invalid calldata tail length";
    TailShort "Calldata tail too short";
    AccessOffset "Invalid calldata access offset";
    AccessLength "Invalid calldata access length";
    AccessStride "Invalid calldata access stride";
    SliceReversed "Slice starts after end";
    SliceBeyond "Slice is greater than length";
    Value "Ether sent to non-payable function";
    NoFallback "Contract does not have fallback nor receive functions";
    UnknownSelector "Unknown signature and no fallback defined";
    NotDelegated "Non-view function of library called without DELEGATECALL";
    NoCode "Target contract does not contain code";
}

impl Fx<'_, '_, '_> {
    /// Is true when the compiler's own checks say why they fail.
    pub(crate) fn speaks(&self) -> bool {
        self.cx.settings.revert_strings == RevertStrings::Debug
    }

    /// Reverts for `fault` when `cond` is not 0.
    pub(crate) fn refuse_if(&mut self, cond: Val, fault: Fault) {
        let key = self.speaks().then_some(fault);
        self.revert_to(cond, key);
    }

    /// Reverts for `fault` when `cond` is 0.
    pub(crate) fn refuse_unless(&mut self, cond: Val, fault: Fault) {
        let not = self.iszero(cond);
        self.refuse_if(not, fault);
    }

    /// Reverts for `fault` now; what follows is unreachable.
    pub(crate) fn refuse_now(&mut self, fault: Fault) {
        if self.speaks() {
            self.util(Util::Refuse(fault), &[], 0);
        }
        self.revert_now();
    }

    /// Builds [`Util::Refuse`].
    pub(crate) fn build_refuse(&mut self, fault: Fault) -> Res<()> {
        self.revert_literal(fault.text().as_bytes());
        Ok(())
    }
}
