//! Is a chain with two rich accounts and some contracts behind the methods.

use crate::common;
use alloy_consensus::{SignableTransaction, TxEip1559, TxEnvelope};
use alloy_eips::Encodable2718;
use alloy_primitives::{Address, B256, Bytes, TxKind, U256, hex};
use fusor_chain_lite::{
    Account, BaseFee, Chain, Genesis,
    rpc::{Context, Single, answer},
};
use fusor_vm::asm::assemble;
use k256::ecdsa::SigningKey;
use serde_json::Value;
use std::sync::Arc;

pub const GWEI: u128 = 1_000_000_000;
pub const KEY: [u8; 32] = [7; 32];
/// Reverts with `Error("no")`.
pub const REFUSER: Address = Address::repeat_byte(0xaa);
/// Does not stop before its gas is gone.
pub const BURNER: Address = Address::repeat_byte(0xbb);
/// Returns CALLER, GASPRICE, BASEFEE, CALLVALUE, NUMBER.
pub const MIRROR: Address = Address::repeat_byte(0xcc);
/// Clears its slot 0, which was set: gas is refunded.
pub const CLEARER: Address = Address::repeat_byte(0xdd);
/// Calls BURNER with 63/64 of its gas and succeeds only if at least 30,000 are left.
pub const NESTER: Address = Address::repeat_byte(0xee);
/// Is the probe of the other tests.
pub const PROBE: Address = Address::repeat_byte(0xfa);

const CONTRACTS: [(Address, &str); 5] = [
    (
        REFUSER,
        "PUSH 0x08c379a0 PUSH 224 SHL PUSH0 MSTORE PUSH 32 PUSH 4 MSTORE PUSH 2 PUSH 36 MSTORE
         PUSH 0x6e6f PUSH 240 SHL PUSH 68 MSTORE PUSH 100 PUSH0 REVERT",
    ),
    (BURNER, "burn: JUMPDEST PUSH @burn JUMP"),
    (
        MIRROR,
        "CALLER PUSH0 MSTORE GASPRICE PUSH 32 MSTORE BASEFEE PUSH 64 MSTORE CALLVALUE PUSH 96 MSTORE
         NUMBER PUSH 128 MSTORE PUSH 160 PUSH0 RETURN",
    ),
    (CLEARER, "PUSH0 PUSH0 SSTORE STOP"),
    (
        NESTER,
        "PUSH0 PUSH0 PUSH0 PUSH0 PUSH0 PUSH 0xbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb GAS CALL POP
         PUSH 30000 GAS LT PUSH @bad JUMPI STOP bad: JUMPDEST PUSH0 PUSH0 REVERT",
    ),
];

pub fn genesis() -> Genesis {
    let rich = U256::from(10u64).pow(U256::from(20));
    let base_fee = BaseFee::Market(GWEI as u64);
    let mut genesis =
        Genesis { base_fee, ..common::genesis() }.with_balance(address(), rich).with_balance(PROBE, rich);
    for (address, text) in CONTRACTS {
        let code = assemble(text).unwrap().into();
        let storage = [(U256::ZERO, U256::from(1))].into_iter().collect();
        genesis.accounts.insert(address, Account { code, storage, ..Account::default() });
    }
    genesis.accounts.get_mut(&PROBE).unwrap().code = common::probe_code().into();
    genesis
}

pub fn key() -> SigningKey {
    SigningKey::from_slice(&KEY).unwrap()
}

pub fn address() -> Address {
    Address::from_public_key(key().verifying_key())
}

pub fn transfer(nonce: u64, to: Address) -> TxEip1559 {
    TxEip1559 {
        chain_id: 1_337,
        nonce,
        gas_limit: 300_000,
        max_fee_per_gas: 3 * GWEI,
        max_priority_fee_per_gas: GWEI / 2,
        to: TxKind::Call(to),
        ..TxEip1559::default()
    }
}

pub fn envelope(tx: TxEip1559) -> TxEnvelope {
    let hash = tx.signature_hash();
    let signature = key().sign_prehash_recoverable(hash.as_slice()).unwrap();
    tx.into_signed(signature.into()).into()
}

pub fn raw(tx: TxEip1559) -> String {
    hex::encode_prefixed(envelope(tx).encoded_2718())
}

pub struct Rig {
    pub single: Arc<Single>,
    pub context: Arc<Context>,
}

impl Rig {
    pub fn new() -> Self {
        Self::of(Chain::new(genesis()).unwrap())
    }

    pub fn of(chain: Chain) -> Self {
        let single = Arc::new(Single::new(chain));
        Self { context: Arc::new(Context::new(single.clone())), single }
    }

    pub fn try_ask(&self, method: &str, parameters: Value) -> Result<Value, (i32, String)> {
        let result = answer(&self.context, method, Some(&parameters.to_string()));
        result.map_err(|error| (error.code(), error.to_string()))
    }

    pub fn ask(&self, method: &str, parameters: Value) -> Value {
        self.try_ask(method, parameters).unwrap()
    }

    pub fn refuse(&self, method: &str, parameters: Value) -> (i32, String) {
        self.try_ask(method, parameters).unwrap_err()
    }

    /// Sends a transaction and returns its receipt.
    pub fn send(&self, tx: TxEip1559) -> Value {
        let hash = self.ask("eth_sendRawTransaction", [raw(tx)].as_slice().into());
        self.ask("eth_getTransactionReceipt", [hash].as_slice().into())
    }

    /// Calls the probe in a transaction with the next nonce.
    pub fn probe(&self, selector: u32, args: &[U256]) -> Value {
        let nonce = self.single.read().nonce(address());
        self.send(TxEip1559 { input: common::input(selector, args), ..transfer(nonce, PROBE) })
    }
}

pub fn number(value: &Value) -> u64 {
    u64::from_str_radix(value.as_str().unwrap().strip_prefix("0x").unwrap(), 16).unwrap()
}

pub fn hash(value: &Value) -> B256 {
    value.as_str().unwrap().parse().unwrap()
}

pub fn bytes(value: &Value) -> Bytes {
    value.as_str().unwrap().parse().unwrap()
}
