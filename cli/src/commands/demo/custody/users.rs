//! Is what users do: they lock in, and lock out.

use super::Stage;
use crate::{
    custody::account::Account,
    error::Outcome,
    network::{client::Client, wallet::number},
};
use alloy_primitives::{Address, TxKind, U256};
use alloy_sol_types::{SolCall, SolValue, sol};
use fusor_vm::{
    dcrm::{self, AddressGiven, OutAsked},
    precompile::ICustody,
};
use serde_json::{Value, json};
use std::time::Duration;

sol! {
    interface Erc20 {
        function transfer(address to, uint256 value) external returns (bool);
        function balanceOf(address who) external view returns (uint256);
    }
}

impl Stage {
    /// Asks for an address to lock `coin` in to `wallet`.
    fn address(&self, user: &Account, coin: &str) -> Outcome<String> {
        let call =
            ICustody::requestAddressCall { coin: dcrm::name(coin), beneficiary: user.address(), vault: 0 };
        let receipt = user.act(user.request_fee()?, &call)?;
        let given: AddressGiven = self.event(&receipt)?;
        self.tell(&format!("{coin}: address {} for request {}", given.outer, given.request))?;
        Ok(given.outer)
    }

    pub(super) fn lock_in_litecoin(&self, coins: &str, units: u64) -> Outcome {
        let address = self.address(&self.alice, "LTC")?;
        self.litecoin.pay(&address, coins)?;
        self.tell(&format!("alice pays {coins} LTC to it"))?;
        let due = U256::from(units.saturating_sub(10_000));
        self.wait("alice holds the mapping of LTC, less the fee of the lock-in", || {
            self.litecoin.mine(1)?;
            std::thread::sleep(Duration::from_millis(800));
            Ok(self.held(&self.alice, "LTC")? >= due)
        })
    }

    pub(super) fn lock_in_ether(&self) -> Outcome {
        let address = self.address(&self.bob, "ETH")?;
        let to: Address = address.parse().map_err(|_| self.client.refuse("not an address"))?;
        let wei = U256::from(3_000_000_000_000_000_000u64);
        self.outer_bob.send(TxKind::Call(to), wei, &[])?;
        self.tell("bob pays 3 ETH to it")?;
        self.wait("bob holds the mapping of ETH", || Ok(!self.held(&self.bob, "ETH")?.is_zero()))
    }

    pub(super) fn lock_in_token(&self) -> Outcome {
        let address = self.address(&self.bob, "USDX")?;
        let to: Address = address.parse().map_err(|_| self.client.refuse("not an address"))?;
        let value = U256::from(1_000_000_000_000_000_000_000u128);
        let call = Erc20::transferCall { to, value };
        self.outer_bob.send(TxKind::Call(self.token), U256::ZERO, &call.abi_encode())?;
        self.tell("bob pays 1000 USDX to it")?;
        self.wait("bob holds the mapping of USDX", || Ok(!self.held(&self.bob, "USDX")?.is_zero()))
    }

    /// Asks to lock out, and waits until it is paid; `mine` makes the outer chain go on.
    fn lock_out(
        &self,
        user: &Account,
        coin: &str,
        amount: U256,
        (destination, max_fee): (&str, U256),
        mut mine: impl FnMut() -> Outcome,
    ) -> Outcome {
        let call = ICustody::lockOutCall {
            coin: dcrm::name(coin),
            amount,
            destination: destination.to_owned(),
            maxFee: max_fee,
            vault: 0,
        };
        let receipt = user.act(user.request_fee()?, &call)?;
        let asked: OutAsked = self.event(&receipt)?;
        self.tell(&format!("{coin}: lock-out {} to {destination}", asked.request))?;
        if coin == "LTC" {
            self.operators_decide(asked.request)?;
        }
        let mut last = String::new();
        self.wait(&format!("{coin}: paid outside, its mapping is destroyed"), || {
            mine()?;
            let request = self.client.ask("fusor_dcrmRequest", &json!([U256::from(asked.request)]))?;
            let waits = request.pointer("/waitsFor").and_then(Value::as_str).unwrap_or_default();
            if !waits.is_empty() && waits != last {
                self.tell(&format!("{coin}: waits for {waits}"))?;
                waits.clone_into(&mut last);
            }
            match request.pointer("/status").and_then(Value::as_str) {
                Some("paid") => Ok(true),
                Some("returned") => Err(self.client.refuse("the lock-out was returned")),
                _ => Ok(false),
            }
        })
    }

    pub(super) fn lock_out_litecoin(&self, units: u64) -> Outcome {
        let to = self.litecoin.address()?;
        let mine = || {
            std::thread::sleep(Duration::from_millis(800));
            self.litecoin.mine(1)
        };
        self.lock_out(&self.alice, "LTC", U256::from(units), (&to, U256::from(100_000)), mine)?;
        let received = self.litecoin.received(&to, 1)?;
        self.tell(&format!("litecoind: {to} received {received} LTC"))
    }

    pub(super) fn lock_out_ether(&self) -> Outcome {
        let to = Address::repeat_byte(0xb0);
        let (amount, fee) = (U256::from(2_000_000_000_000_000_000u64), U256::from(20_000_000_000_000_000u64));
        self.lock_out(&self.bob, "ETH", amount, (&to.to_checksum(None), fee), || Ok(()))?;
        let outer = Client::new(&self.ethereum.url)?;
        let balance = number(&outer.ask("eth_getBalance", &json!([to, "latest"]))?).unwrap_or_default();
        self.tell(&format!("anvil: {to} has {balance} wei"))
    }

    pub(super) fn lock_out_token(&self) -> Outcome {
        let to = Address::repeat_byte(0xb1);
        let (amount, fee) = (self.held(&self.bob, "USDX")?, U256::from(20_000_000_000_000_000u64));
        self.lock_out(&self.bob, "USDX", amount, (&to.to_checksum(None), fee), || Ok(()))?;
        let output = self.outer_bob.view(self.token, &Erc20::balanceOfCall { who: to }.abi_encode())?;
        let balance = U256::abi_decode(&output).unwrap_or_default();
        self.tell(&format!("anvil: {to} has {balance} units of USDX"))
    }
}
