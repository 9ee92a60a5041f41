//! Lists the networks of the Bitcoin family as data.

/// Describes a network of the Bitcoin family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    /// Its name in configurations.
    pub name: &'static str,
    /// Genesis hash as explorers show it.
    pub genesis: &'static str,
    /// Human-readable part of segwit addresses (BIP-173).
    pub hrp: &'static str,
    /// Human-readable part of addresses in extension blocks, which are not payable; empty if there are none.
    pub extension_hrp: &'static str,
    /// Version byte of addresses that pay to a key's hash.
    pub p2pkh: u8,
    /// Version byte of addresses that pay to a script's hash.
    pub p2sh: u8,
    /// Smallest units per 1,000 bytes at which the nodes reckon dust (DUST_RELAY_TX_FEE).
    pub dust_rate: u64,
    /// Smallest units per 1,000 virtual bytes that a replacement pays on top (BIP-125 rule 4).
    pub increment: u64,
}

const fn network(name: &'static str, genesis: &'static str, hrp: &'static str, bytes: (u8, u8)) -> Network {
    let (p2pkh, p2sh) = bytes;
    Network { name, genesis, hrp, extension_hrp: "", p2pkh, p2sh, dust_rate: 3_000, increment: 1_000 }
}

const fn litecoin(
    name: &'static str,
    genesis: &'static str,
    hrps: (&'static str, &'static str),
    bytes: (u8, u8),
) -> Network {
    let base = network(name, genesis, hrps.0, bytes);
    Network { extension_hrp: hrps.1, dust_rate: 30_000, ..base }
}

/// Lists all networks. Sources: chainparams.cpp and policy.h of Bitcoin Core and Litecoin Core 0.21.
pub const NETWORKS: &[Network] = &[
    network(
        "bitcoin",
        "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f",
        "bc",
        (0x00, 0x05),
    ),
    network(
        "bitcoin-testnet",
        "000000000933ea01ad0ee984209779baaec3ced90fa3f408719526f8d77f4943",
        "tb",
        (0x6f, 0xc4),
    ),
    network(
        "bitcoin-signet",
        "00000008819873e925422c1ff0f99f7cc9bbb232af63a077a480a3633bee1ef6",
        "tb",
        (0x6f, 0xc4),
    ),
    network(
        "bitcoin-regtest",
        "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206",
        "bcrt",
        (0x6f, 0xc4),
    ),
    litecoin(
        "litecoin",
        "12a765e31ffd4059bada1e25190f6e98c99d9714d334efa41a195a7e7e04bfe2",
        ("ltc", "ltcmweb"),
        (0x30, 0x32),
    ),
    litecoin(
        "litecoin-testnet",
        "4966625a4b2851d9fdee139e56211a0d88575f59ed816ff5e6a63deb4e3e29a0",
        ("tltc", "tmweb"),
        (0x6f, 0x3a),
    ),
    litecoin(
        "litecoin-regtest",
        "530827f38f93b43ed12af0b3ad25a288dc02ed74d6d7857862df51fc56c416f9",
        ("rltc", "tmweb"),
        (0x6f, 0x3a),
    ),
];

impl Network {
    /// Finds a network by its name.
    pub fn by_name(name: &str) -> Option<&'static Self> {
        NETWORKS.iter().find(|network| network.name == name)
    }

    /// Returns the genesis hash in the order of its bytes.
    pub fn identity(&self) -> [u8; 32] {
        super::hash_from_hex(self.genesis).unwrap_or_default()
    }

    /// Returns the least that an output of this script may hold and be relayed (policy.cpp, GetDustThreshold).
    pub fn dust(&self, script: &[u8]) -> u64 {
        let spend = match script {
            [0x00, 0x14, ..] | [0x00, 0x20, ..] | [0x51, 0x20, ..] => 67,
            _ => 148,
        };
        let bytes = u64::try_from(script.len()).unwrap_or(u64::MAX).saturating_add(9 + spend);
        bytes.saturating_mul(self.dust_rate) / 1_000
    }
}
