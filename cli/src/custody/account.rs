//! Acts at the custody account.

use crate::{
    error::{CliError, Outcome},
    network::{
        client::Client,
        wallet::{Wallet, number, read_key},
    },
};
use alloy_primitives::{Address, B256, Bytes, TxKind, U256};
use alloy_sol_types::{SolCall, SolEvent};
use fusor_chain_lite::founding::amount;
use fusor_vm::{
    account::{DCRM, LEDGER},
    precompile::{ICustody::rulesCall, ILedger::afreeCall},
};
use k256::ecdsa::SigningKey;
use serde_json::{Value, json};

/// Says whose account acts, and by which node.
#[derive(Debug, clap::Args)]
pub(crate) struct Signer {
    /// Who pays and signs: a file with a private key, or dev:N for an account of a development network.
    #[arg(long, value_name = "KEY")]
    from: String,
    #[command(flatten)]
    node: Node,
}

/// Says which node is asked.
#[derive(Debug, clap::Args)]
pub(crate) struct Node {
    /// The node.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8545")]
    rpc: String,
}

impl Node {
    /// Returns the node as one to ask.
    pub(crate) fn client(&self) -> Outcome<Client> {
        Client::new(&self.rpc)
    }
}

/// Is an account that acts at the custody account.
pub(crate) struct Account {
    wallet: Wallet,
    client: Client,
}

impl Signer {
    /// Opens the account. Errors: no key, no node.
    pub(crate) fn open(&self) -> Outcome<Account> {
        let key = read_key(&self.from)?;
        Account::of(self.node.client()?, key)
    }
}

impl Account {
    /// Opens the account of a key at a node.
    pub(crate) fn of(client: Client, key: SigningKey) -> Outcome<Self> {
        Ok(Self { wallet: Wallet::new(client.clone(), key)?, client })
    }

    /// Returns its address.
    pub(crate) fn address(&self) -> Address {
        self.wallet.address()
    }

    /// Returns the node that it asks.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Returns it as one that sends to any contract.
    pub(crate) fn wallet(&self) -> &Wallet {
        &self.wallet
    }

    /// Asks the custody account.
    pub(crate) fn ask<C: SolCall>(&self, call: &C) -> Outcome<C::Return> {
        self.view(DCRM, call)
    }

    /// Acts at the custody account with `value` wei, and returns the receipt once it is final.
    pub(crate) fn act(&self, value: U256, call: &impl SolCall) -> Outcome<Value> {
        self.wallet.send(TxKind::Call(DCRM), value, &call.abi_encode())
    }

    /// Returns what a request costs in wei. Errors: the account does not hold that.
    pub(crate) fn request_fee(&self) -> Outcome<U256> {
        let fee = self.ask(&rulesCall {})?.requestFee;
        let balance = self.client().ask("eth_getBalance", &json!([self.address(), "latest"]))?;
        let balance = number(&balance).unwrap_or_default();
        if balance >= fee {
            return Ok(fee);
        }
        let (held, cost) = (amount::show(balance), amount::show(fee));
        Err(CliError::Usage(format!("{} holds {held} of this chain; a request costs {cost}", self.address())))
    }

    /// Returns what it may send of an asset.
    pub(crate) fn free(&self, asset: U256) -> Outcome<U256> {
        self.view(LEDGER, &afreeCall { id: asset, who: self.address() })
    }

    fn view<C: SolCall>(&self, at: Address, call: &C) -> Outcome<C::Return> {
        let output = self.wallet.view(at, &call.abi_encode())?;
        C::abi_decode_returns(&output)
            .map_err(|error| self.client().refuse(format!("{}: {error}", C::SIGNATURE)))
    }
}

/// Finds an event of the custody account in a receipt.
pub(crate) fn event<E: SolEvent>(receipt: &Value) -> Option<E> {
    let logs = receipt.get("logs").and_then(Value::as_array)?;
    logs.iter().find_map(|log| {
        let topics = log.get("topics")?.as_array()?.iter();
        let topics: Option<Vec<B256>> = topics.map(|topic| topic.as_str()?.parse().ok()).collect();
        let data: Bytes = log.get("data")?.as_str()?.parse().ok()?;
        let address: Address = log.get("address")?.as_str()?.parse().ok()?;
        (address == DCRM).then(|| E::decode_raw_log(topics?, &data).ok())?
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use fusor_vm::dcrm::{OutAsked, Resumed};

    #[test]
    fn finds_the_event_of_the_custody_account_alone() {
        let data = Resumed { vault: 7 }.encode_log_data();
        let log = |address| json!({ "address": address, "topics": data.topics(), "data": data.data });
        let receipt = json!({ "logs": [log(LEDGER), log(DCRM)] });
        assert_eq!(event::<Resumed>(&receipt), Some(Resumed { vault: 7 }));
        assert_eq!(event::<OutAsked>(&receipt), None);
        assert_eq!(event::<Resumed>(&json!({ "logs": [log(LEDGER)] })), None);
        assert_eq!(event::<Resumed>(&json!({})), None);
    }
}
