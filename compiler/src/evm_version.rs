//! Names the rules of Ethereum that code is for, and what each knows that older ones do not.

use thiserror::Error;

/// Names the rules that the code is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
#[allow(missing_docs)]
pub enum EvmVersion {
    Paris,
    Shanghai,
    Cancun,
    Prague,
    #[default]
    Osaka,
}

/// Says why a name of rules is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EvmVersionError {
    /// There are no such rules.
    #[error("`{0}` names no version of the EVM; known are paris, shanghai, cancun, prague and osaka")]
    Unknown(String),
    /// The rules are older than those that code is made for.
    #[error("code for `{0}` is not made; the oldest version of the EVM that is supported is paris")]
    TooOld(String),
    /// The rules are not in force anywhere yet.
    #[error("`{0}` is not settled yet; the newest version of the EVM that is supported is osaka")]
    Experimental(String),
}

/// Older rules that have a name.
const OLD: [&str; 9] = [
    "homestead",
    "tangerineWhistle",
    "spuriousDragon",
    "byzantium",
    "constantinople",
    "petersburg",
    "istanbul",
    "berlin",
    "london",
];

impl EvmVersion {
    /// Lists all, oldest first.
    pub const ALL: [Self; 5] = [Self::Paris, Self::Shanghai, Self::Cancun, Self::Prague, Self::Osaka];

    /// Reads the name that settings give.
    ///
    /// # Errors
    /// Says why there is no code for these rules.
    pub fn parse(name: &str) -> Result<Self, EvmVersionError> {
        if let Some(found) = Self::ALL.into_iter().find(|v| v.name() == name) {
            return Ok(found);
        }
        Err(match name {
            "amsterdam" => EvmVersionError::Experimental(name.into()),
            old if OLD.contains(&old) => EvmVersionError::TooOld(name.into()),
            _ => EvmVersionError::Unknown(name.into()),
        })
    }

    /// Returns the name that settings give.
    pub fn name(self) -> &'static str {
        match self {
            Self::Paris => "paris",
            Self::Shanghai => "shanghai",
            Self::Cancun => "cancun",
            Self::Prague => "prague",
            Self::Osaka => "osaka",
        }
    }

    /// Is true when `PUSH0` exists (EIP-3855).
    pub fn has_push0(self) -> bool {
        self >= Self::Shanghai
    }

    /// Is true when `MCOPY` exists (EIP-5656).
    pub fn has_mcopy(self) -> bool {
        self >= Self::Cancun
    }

    /// Is true when transient storage exists (EIP-1153).
    pub fn has_transient(self) -> bool {
        self >= Self::Cancun
    }

    /// Is true when blobs have hashes and a base fee (EIP-4844, EIP-7516).
    pub fn has_blobs(self) -> bool {
        self >= Self::Cancun
    }

    /// Is true when `CLZ` exists (EIP-7939).
    pub fn has_clz(self) -> bool {
        self >= Self::Osaka
    }

    /// Returns the rules that brought a builtin of assembly, and solc's number for using it before; none for those
    /// that all rules have.
    pub fn since(builtin: &str) -> Option<(Self, u16)> {
        match builtin {
            "blobhash" => Some((Self::Cancun, 8314)),
            "blobbasefee" => Some((Self::Cancun, 6679)),
            "mcopy" => Some((Self::Cancun, 7755)),
            "tload" | "tstore" => Some((Self::Cancun, 6243)),
            "clz" => Some((Self::Osaka, 4948)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_or_refused_with_a_reason() {
        for version in EvmVersion::ALL {
            assert_eq!(EvmVersion::parse(version.name()), Ok(version));
        }
        assert_eq!(EvmVersion::parse("berlin"), Err(EvmVersionError::TooOld("berlin".into())));
        assert_eq!(EvmVersion::parse("Osaka"), Err(EvmVersionError::Unknown("Osaka".into())));
    }
}
