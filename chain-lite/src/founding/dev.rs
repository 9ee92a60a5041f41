//! Makes a genesis for development: the same each time, with keys that everybody knows. A chain of it holds nothing
//! of worth.

use super::COIN;
use crate::{
    custody::CustodyKeys,
    genesis::{Account, BaseFee, Consensus, Genesis},
    hhcm::Randomness,
    node::NodeKeys,
};
use alloy_primitives::{Address, B256, U256, address, b256, keccak256};
use fusor_vm::{
    dcrm,
    hhcm::{Founder, Params, VALIDATORS_LIMIT},
};

/// Lists the private keys of the accounts that development tools know: the first ten of the mnemonic
/// `test test test test test test test test test test test junk` at `m/44'/60'/0'/0/i`, as anvil prints them at its
/// start (Foundry, `crates/anvil`). Everybody knows them: coins sent to them on a public chain are lost.
pub const ACCOUNT_KEYS: [B256; 10] = [
    b256!("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"),
    b256!("59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d"),
    b256!("5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a"),
    b256!("7c852118294e51e653712a81e05800f419141751be58f605c371e15141b007a6"),
    b256!("47e179ec197488593b187f80a00eb0da91f1b9d0b13f8733639f19c30a34926a"),
    b256!("8b3a350cf5c34c9194ca85829a2df0ec3153be0318b5e2d3348e872092edffba"),
    b256!("92db14e403b83dfe3df233f83dfa3a0d7096f21ca9b0d6d6b8d88b2b4ec1564e"),
    b256!("4bbbf85ce3377467afe5d46f804f221813b2bb87f24d81f60f1fcdbf7cbf4356"),
    b256!("dbda1821b80551c9d65939329250298aa3472ba22feea921c0cf5d620ea67b97"),
    b256!("2a871d0798f97d79848a013d4936a73bf4cc922c825d33c1cf7073dff6d409c6"),
];

/// Lists the addresses of [`ACCOUNT_KEYS`].
pub const ACCOUNTS: [Address; 10] = [
    address!("f39Fd6e51aad88F6F4ce6aB8827279cffFb92266"),
    address!("70997970C51812dc3A010C7d01b50e0d17dc79C8"),
    address!("3C44CdDdB6a900fa2b585dd299e03d12FA4293BC"),
    address!("90F79bf6EB2c4f870365E785982E1f101E93b906"),
    address!("15d34AAf54267DB7D7c367839AAf71A00a2C6A65"),
    address!("9965507D1a55bcC2695C58ba16FB37d819B0A4dc"),
    address!("976EA74026E726554dB657fA54763abd0C3a0aa9"),
    address!("14dC79964da2C08b23698B3D3cc7Ca32193d9955"),
    address!("23618e81E3f5cdF7f54C3d65f7FBc0aBf5B21E8f"),
    address!("a0Ee7A142d267C1f36714E4a8F75612F20a79720"),
];

/// Is the coin of each account, in coins.
const ACCOUNT_COINS: u64 = 10_000;
/// Is the stake of each validator, in coins.
const STAKE_COINS: u64 = 10_000;
/// Is the pool of block rewards, in coins.
const POOL_COINS: u64 = 1_000_000;

/// Is the coin of each custodian's account, in coins.
const CUSTODIAN_COINS: u64 = 5_000;

/// Holds a genesis for development and everything that is secret elsewhere.
#[derive(Debug, Clone)]
pub struct Dev {
    /// The genesis: time 0, and a clock that may leap.
    pub genesis: Genesis,
    /// The keys of the validators, made from the numbers 0, 1, 2 and so on.
    pub keys: Vec<NodeKeys>,
    /// The funded accounts with their private keys.
    pub accounts: Vec<(Address, [u8; 32])>,
}

/// Makes a genesis for development with `nodes` validators (1 to 512; others count as the nearest) that make a block
/// every `block_time` seconds (at least 1). Each of [`ACCOUNTS`] has 10,000 coins; they own the validators in turn.
pub fn dev(nodes: u32, block_time: u64) -> Dev {
    let nodes = nodes.clamp(1, fusor_vm::hhcm::VALIDATORS_LIMIT);
    let keys: Vec<_> = (0..u64::from(nodes)).map(NodeKeys::from_seed).collect();
    let coins = |count: u64| U256::from(u128::from(count) * COIN);
    let founder = |(keys, owner): (&NodeKeys, &Address)| Founder {
        key: keys.id(),
        beacon: keys.beacon.public(),
        owner: *owner,
        payout: *owner,
        stake: coins(STAKE_COINS),
    };
    let params =
        Params { validators_max: nodes.saturating_add(16).min(VALIDATORS_LIMIT), ..Params::default() };
    let consensus = Consensus {
        params,
        randomness: Randomness::Beacon,
        validators: keys.iter().zip(ACCOUNTS.iter().cycle()).map(founder).collect(),
        pool: coins(POOL_COINS),
    };
    let account = Account { balance: coins(ACCOUNT_COINS), ..Account::default() };
    let genesis = Genesis {
        chain_id: params.chain_id,
        block_time: block_time.max(1),
        base_fee: BaseFee::Market(1_000_000_000),
        dev: false,
        accounts: ACCOUNTS.into_iter().map(|address| (address, account.clone())).collect(),
        consensus: Some(consensus),
        ..Genesis::default()
    };
    let accounts = ACCOUNTS.into_iter().zip(ACCOUNT_KEYS).map(|(address, key)| (address, key.0)).collect();
    Dev { genesis, keys, accounts }
}

/// Makes the secret of the custodian beside node `index`; everybody can make the same.
pub fn custodian(index: u32) -> Option<CustodyKeys> {
    CustodyKeys::new(keccak256([b"fusor devnet custodian ".as_slice(), &index.to_be_bytes()].concat()).0)
}

impl Dev {
    /// Founds custody of outer coins with the first of [`ACCOUNTS`] as its steward and short waits, and funds a custodian
    /// beside each node.
    pub fn with_custody(mut self) -> Self {
        let rules = dcrm::Rules {
            steward: ACCOUNTS.first().copied().unwrap_or_default(),
            mature: 0,
            phase: 4,
            renew: 100_000,
            cancel_wait: 30,
            leave_wait: 60,
            ..dcrm::Rules::default()
        };
        self.genesis.custody = Some(rules);
        let balance = U256::from(u128::from(CUSTODIAN_COINS) * COIN);
        for index in (0u32..).take(self.keys.len()) {
            let operator = custodian(index).map(|keys| keys.operator()).unwrap_or_default();
            self.genesis.accounts.insert(operator, Account { balance, ..Account::default() });
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::founding::{GenesisFile, block_zero, keys::PublicKeys};
    use k256::ecdsa::SigningKey;

    #[test]
    fn the_known_keys_are_those_of_the_known_accounts() {
        for (key, address) in ACCOUNT_KEYS.iter().zip(ACCOUNTS) {
            let key = SigningKey::from_slice(key.as_slice()).unwrap();
            assert_eq!(Address::from_private_key(&key), address);
        }
    }

    #[test]
    fn it_keeps_the_rules_of_genesis_files_and_is_the_same_each_time() {
        for nodes in [0, 1, 4, 130] {
            let made = dev(nodes, 2);
            assert_eq!(made.keys.len(), usize::try_from(nodes.max(1)).unwrap());
            let public: Vec<_> = made.keys.iter().map(PublicKeys::of).collect();
            let file = GenesisFile::from_genesis(&made.genesis, &public).unwrap();
            assert_eq!(file.check(), Ok(()));
            assert_eq!(file.into_genesis().unwrap(), made.genesis);
            let again = dev(nodes, 2).genesis;
            assert_eq!(block_zero(&made.genesis), block_zero(&again));
            assert!(block_zero(&again).is_ok());
        }
    }
}
