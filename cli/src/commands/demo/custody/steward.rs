//! Is what the steward does: lists chains and coins, opens vaults, moves one to another key.

use super::{super::outer::CHAIN_ID, Stage};
use crate::{error::Outcome, network::wallet::number};
use alloy_primitives::{Address, B256, U256};
use fusor_vm::{dcrm, precompile::ICustody};
use serde_json::{Value, json};
use std::time::Duration;

impl Stage {
    /// Lists Litecoin and opens its vault.
    pub(super) fn list_litecoin(&self) -> Outcome {
        self.tell("the steward lists Litecoin and opens a vault: taproot, 3 of 5")?;
        let chain = ICustody::setChainCall {
            name: dcrm::name("litecoin"),
            family: 1,
            chainId: 0,
            prefix: dcrm::name("rltc"),
            confirmations: 2,
            proofTarget: U256::ZERO,
        };
        self.steward.act(U256::ZERO, &chain)?;
        self.coin("LTC", "litecoin", Address::ZERO, 8, [20_000, 10_000, 200_000, 1_000_000])?;
        self.open("litecoin", 2, &["LTC"])
    }

    /// Lists Ethereum, its coin and a token, and opens its vault.
    pub(super) fn list_ethereum(&self) -> Outcome {
        let token = self.token;
        self.tell(&format!(
            "the steward lists Ethereum, ETH and the token {token}, and opens a vault: ECDSA, 3 of 5"
        ))?;
        let chain = ICustody::setChainCall {
            name: dcrm::name("ethereum"),
            family: 2,
            chainId: CHAIN_ID,
            prefix: B256::ZERO,
            confirmations: 2,
            proofTarget: U256::ZERO,
        };
        self.steward.act(U256::ZERO, &chain)?;
        let finney = 1_000_000_000_000_000u64;
        self.coin(
            "ETH",
            "ethereum",
            Address::ZERO,
            18,
            [20 * finney, 10 * finney, 20 * finney, 30 * finney],
        )?;
        self.coin("USDX", "ethereum", token, 18, [2 * finney, finney, 20 * finney, finney])?;
        self.open("ethereum", 1, &["ETH", "USDX"])
    }

    fn coin(&self, id: &str, chain: &str, token: Address, decimals: u8, limits: [u64; 4]) -> Outcome {
        let [min_deposit, in_fee, max_fee, min_out] = limits.map(U256::from);
        let call = ICustody::setCoinCall {
            id: dcrm::name(id),
            chain: dcrm::name(chain),
            token,
            decimals,
            minDeposit: min_deposit,
            inFee: in_fee,
            maxFee: max_fee,
            minOut: min_out,
            title: format!("{id} in custody"),
        };
        self.steward.act(U256::ZERO, &call).map(drop)
    }

    fn open(&self, chain: &str, scheme: u8, coins: &[&str]) -> Outcome {
        let caps = coins.iter().map(|coin| ICustody::Cap { coin: dcrm::name(coin), cap: U256::MAX >> 1 });
        let (threshold, size) = (3, 5);
        let call = ICustody::openVaultCall {
            chain: dcrm::name(chain),
            scheme,
            threshold,
            size,
            caps: caps.collect(),
        };
        self.wait("five custodians are registered", || {
            Ok(self
                .client
                .ask("fusor_dcrmCustodians", &json!([]))?
                .as_array()
                .is_some_and(|all| all.len() == 5))
        })?;
        self.steward.act(U256::ZERO, &call)?;
        let active = |vault: &Value| vault.pointer("/state") == Some(&json!("active"));
        let ours = |vault: &Value| vault.pointer("/chain") == Some(&json!(chain)) && active(vault);
        self.wait("its key is generated, held by nobody", || {
            Ok(self
                .client
                .ask("fusor_dcrmVaults", &json!([]))?
                .as_array()
                .is_some_and(|all| all.iter().any(ours)))
        })
    }

    /// Moves Litecoin to a vault with a key of its own, as on suspicion of the first key.
    pub(super) fn rotate(&self) -> Outcome {
        self.tell("the steward suspects the key of the Litecoin vault and opens another one")?;
        let vaults = || self.client.ask("fusor_dcrmVaults", &json!([]));
        let field =
            |vault: &Value, name: &str| vault.pointer(name).and_then(Value::as_str).map(str::to_owned);
        let active = |vault: &&Value| {
            field(vault, "/chain").as_deref() == Some("litecoin")
                && field(vault, "/state").as_deref() == Some("active")
        };
        let caps = vec![ICustody::Cap { coin: dcrm::name("LTC"), cap: U256::MAX >> 1 }];
        let call =
            ICustody::openVaultCall { chain: dcrm::name("litecoin"), scheme: 2, threshold: 3, size: 5, caps };
        self.steward.act(U256::ZERO, &call)?;
        self.wait("a second key is generated", || {
            Ok(vaults()?.as_array().is_some_and(|all| all.iter().filter(active).count() == 2))
        })?;
        self.steward.act(U256::ZERO, &ICustody::retireCall { vault: 1 })?;
        self.wait("all LTC moved to the second key, and what circulates with it", || {
            std::thread::sleep(Duration::from_millis(800));
            self.litecoin.mine(1)?;
            let all = vaults()?;
            let first = all.as_array().and_then(|all| all.first());
            Ok(first.and_then(|vault| vault.pointer("/books/0/custody")).and_then(number) == Some(U256::ZERO))
        })
    }
}
