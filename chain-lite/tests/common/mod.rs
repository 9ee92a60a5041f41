//! Is one contract in assembler that does on request what a test needs, and a chain to run it on.
#![allow(dead_code, unreachable_pub, missing_docs, reason = "each test file uses its part")]

use alloy_primitives::{Address, Bytes, U256, keccak256};
use fusor_chain_lite::{Chain, Deployed, Genesis, Receipt};
use fusor_vm::asm::assemble;

pub const OWNER: Address = Address::repeat_byte(0x11);
pub const START: u64 = 1_000_000;

/// Handlers of the contract. Each that a trigger calls counts its runs in slot 0 and writes the time of run k
/// to slot 0x1000 + k, its due time (as TRIGGERS' `firing()` tells) to 0x2000 + k, the caller to slot 1.
pub mod call {
    /// (t, selector, gas, policy): TAT without arguments.
    pub const AT: u32 = 0xa0;
    /// (start, period, count, selector, gas, policy): TEVERY without arguments.
    pub const EVERY: u32 = 0xa1;
    /// (tid): TCANCEL.
    pub const CANCEL: u32 = 0xa2;
    /// (emitter, selector, gas, max, policy): TEVENT on any log of the emitter.
    pub const EVENT: u32 = 0xa3;
    /// (topic, word): LOG1.
    pub const EMIT: u32 = 0xa4;
    /// (key, value): SSTORE.
    pub const SET: u32 = 0xa5;
    /// (key, to, gas, deadline, else selector): NWATCH until own storage word `key` is 1, then call `to`
    /// with selector TICK.
    pub const WATCH: u32 = 0xa6;
    /// (t, gas): TQUOTE.
    pub const QUOTE: u32 = 0xa7;
    /// (t, selector, gas, policy, n): n times TAT.
    pub const AT_MANY: u32 = 0xa8;
    /// (emitter, topic, selector, gas, max): TEVENT on logs whose topic 0 is `topic`.
    pub const EVENT_TOPIC: u32 = 0xa9;

    /// (tid): `tresume` of the system precompile.
    pub const RESUME: u32 = 0xaa;
    /// (amount): `fund` of the system precompile with own coin.
    pub const FUND: u32 = 0xab;

    /// Counts.
    pub const TICK: u32 = 0xb0;
    /// Reverts.
    pub const FAIL: u32 = 0xb1;
    /// Reverts while slot 2 is not zero, else counts.
    pub const MAYBE: u32 = 0xb2;
    /// Burns all gas.
    pub const BURN: u32 = 0xb3;
    /// Counts and books itself again at the current time.
    pub const AGAIN: u32 = 0xb4;
    /// Counts, takes the whole pot out and sends all coin to the zero address.
    pub const EMPTY: u32 = 0xb5;
    /// Counts and emits LOG1 with topic 0x77.
    pub const ECHO: u32 = 0xb6;
    /// Counts and cancels the trigger whose tid is in slot 3.
    pub const STOP: u32 = 0xb7;
    /// Counts in slot 4: the late or else action.
    pub const LATE: u32 = 0xb8;
    /// Counts and stores the first argument word in slot 5.
    pub const KEEP: u32 = 0xb9;
}

fn arg(i: usize) -> String {
    format!("PUSH {} CALLDATALOAD ", 4 + 32 * i)
}

const COUNT: &str = "
    PUSH0 SLOAD PUSH 1 ADD DUP1 PUSH0 SSTORE
    TIMESTAMP DUP2 PUSH 0x1000 ADD SSTORE
    PUSH FIRING PUSH 224 SHL PUSH0 MSTORE
    PUSH 96 PUSH0 PUSH 4 PUSH0 PUSH 0xf050000000000000000000000000000000000003 GAS STATICCALL POP
    PUSH 32 MLOAD DUP2 PUSH 0x2000 ADD SSTORE POP
    CALLER PUSH 1 SSTORE ";

const RETURN_WORD: &str = "PUSH0 MSTORE PUSH 32 PUSH0 RETURN\n";

fn runtime() -> String {
    let a = |i| arg(i);
    let mut handlers: Vec<(u32, String)> = Vec::new();
    let mut on = |selector: u32, body: String| handlers.push((selector, body));
    // Operands are pushed last first.
    let at = format!("{}{}PUSH0 PUSH0 {}{}TAT ", a(3), a(2), a(1), a(0));
    on(call::AT, format!("{at}{RETURN_WORD}"));
    let every = format!("{}{}PUSH0 PUSH0 {}{}{}{}TEVERY ", a(5), a(4), a(3), a(2), a(1), a(0));
    on(call::EVERY, format!("{every}{RETURN_WORD}"));
    on(call::CANCEL, format!("{}TCANCEL {RETURN_WORD}", a(0)));
    let event = format!("{}PUSH0 MSTORE {}{}{}{}PUSH0 TEVENT ", a(0), a(4), a(3), a(2), a(1));
    on(call::EVENT, format!("{event}{RETURN_WORD}"));
    on(call::EMIT, format!("{}PUSH0 MSTORE {}PUSH 32 PUSH0 LOG1 STOP\n", a(1), a(0)));
    on(call::SET, format!("{}{}SSTORE STOP\n", a(1), a(0)));
    // Guard at 0: kind 1, target 0, key, aux 0, comparison 0 (==), operand 1. Input at 192: selector TICK.
    let guard = format!("PUSH 1 PUSH0 MSTORE {}PUSH 64 MSTORE PUSH 1 PUSH 160 MSTORE ", a(0));
    let input = format!("PUSH {} PUSH 224 SHL PUSH 192 MSTORE ", call::TICK);
    let watch = format!("{}{}{}PUSH 4 PUSH 192 {}PUSH0 NWATCH ", a(4), a(3), a(2), a(1));
    on(call::WATCH, format!("{guard}{input}{watch}{RETURN_WORD}"));
    on(call::QUOTE, format!("{}{}TQUOTE {RETURN_WORD}", a(1), a(0)));
    let many = format!(
        "{} many: JUMPDEST {}{}PUSH0 PUSH0 {}{}TAT ISZERO PUSH @bad JUMPI PUSH 1 SWAP1 SUB DUP1 PUSH @many JUMPI STOP\n",
        a(4),
        a(3),
        a(2),
        a(1),
        a(0)
    );
    on(call::AT_MANY, many);
    // Filter: emitter, 1 topic constraint, 0 bounds, (index 0, ==, topic).
    let filter = format!("{}PUSH0 MSTORE PUSH 1 PUSH 32 MSTORE {}PUSH 160 MSTORE ", a(0), a(1));
    on(call::EVENT_TOPIC, format!("{filter}PUSH0 {}{}{}PUSH0 TEVENT {RETURN_WORD}", a(4), a(3), a(2)));
    let triggers = "0xf050000000000000000000000000000000000003";
    let resume = format!(
        "PUSH TRESUME PUSH 224 SHL PUSH0 MSTORE {}PUSH 4 MSTORE PUSH 32 PUSH0 PUSH 36 PUSH0 PUSH0 PUSH {triggers} GAS CALL ISZERO PUSH @bad JUMPI PUSH0 MLOAD ",
        a(0)
    );
    on(call::RESUME, format!("{resume}{RETURN_WORD}"));
    let fund = format!(
        "PUSH FUND PUSH 224 SHL PUSH0 MSTORE ADDRESS PUSH 4 MSTORE PUSH0 PUSH0 PUSH 36 PUSH0 {}PUSH {triggers} GAS CALL ISZERO PUSH @bad JUMPI STOP ",
        a(0)
    );
    on(call::FUND, fund);
    on(call::TICK, format!("{COUNT}STOP\n"));
    on(call::FAIL, "PUSH @bad JUMP\n".into());
    on(call::MAYBE, format!("PUSH 2 SLOAD PUSH @bad JUMPI {COUNT}STOP\n"));
    on(call::BURN, "burn: JUMPDEST PUSH @burn JUMP\n".into());
    let again = format!("PUSH0 PUSH 400000 PUSH0 PUSH0 PUSH {} TIMESTAMP TAT POP ", call::AGAIN);
    on(call::AGAIN, format!("{COUNT}{again}STOP\n"));
    let pot = "PUSH POTOF PUSH 224 SHL PUSH0 MSTORE ADDRESS PUSH 4 MSTORE
        PUSH 32 PUSH 64 PUSH 36 PUSH0 PUSH 0xf050000000000000000000000000000000000003 GAS STATICCALL POP
        PUSH WITHDRAW PUSH 224 SHL PUSH0 MSTORE PUSH 64 MLOAD PUSH 4 MSTORE
        PUSH0 PUSH0 PUSH 36 PUSH0 PUSH0 PUSH 0xf050000000000000000000000000000000000003 GAS CALL POP
        PUSH0 PUSH0 PUSH0 PUSH0 SELFBALANCE PUSH0 GAS CALL POP ";
    on(call::EMPTY, format!("{COUNT}{pot}STOP\n"));
    on(call::ECHO, format!("{COUNT}PUSH 0x77 PUSH0 PUSH0 LOG1 STOP\n"));
    on(call::STOP, format!("{COUNT}PUSH 3 SLOAD TCANCEL POP STOP\n"));
    on(call::LATE, "PUSH 4 SLOAD PUSH 1 ADD PUSH 4 SSTORE STOP\n".into());
    on(call::KEEP, format!("{COUNT}{}PUSH 5 SSTORE STOP\n", a(0)));
    let mut text = String::from("PUSH0 CALLDATALOAD PUSH 224 SHR\n");
    for (selector, _) in &handlers {
        text += &format!("DUP1 PUSH {selector} EQ PUSH @h{selector} JUMPI\n");
    }
    text += "STOP bad: JUMPDEST PUSH0 PUSH0 REVERT\n";
    for (selector, body) in &handlers {
        text += &format!("h{selector}: JUMPDEST POP {body}");
    }
    text
}

/// Wraps `runtime` so that the constructor runs `setup` (assembler) first.
pub fn init_code(setup: &str, runtime: &[u8]) -> Bytes {
    let copy = |from: usize| {
        let len = runtime.len();
        format!("{setup} PUSH2 {len} PUSH2 {from} PUSH0 CODECOPY PUSH2 {len} PUSH0 RETURN")
    };
    let head = assemble(&copy(0)).unwrap().len();
    [assemble(&copy(head)).unwrap(), runtime.to_vec()].concat().into()
}

pub fn probe_code() -> Vec<u8> {
    let mut text = runtime();
    let names = [
        ("FIRING", "firing()"),
        ("TRESUME", "tresume(uint256)"),
        ("FUND", "fund(address)"),
        ("POTOF", "potOf(address)"),
        ("WITHDRAW", "withdraw(uint256)"),
    ];
    for (name, signature) in names {
        let selector = u32::from_be_bytes(*keccak256(signature).first_chunk().unwrap());
        text = text.replace(name, &selector.to_string());
    }
    assemble(&text).unwrap()
}

pub fn genesis() -> Genesis {
    Genesis { time: START, ..Genesis::default() }.with_balance(OWNER, U256::MAX >> 1)
}

/// A chain and one probe on it, holding a lot of coin.
pub struct World {
    pub chain: Chain,
    pub probe: Address,
}

impl World {
    pub fn new() -> Self {
        Self::with(genesis())
    }

    pub fn with(genesis: Genesis) -> Self {
        let mut chain = Chain::new(genesis).unwrap();
        let probe = deploy(&mut chain, 1_000_000_000_000).address;
        Self { chain, probe }
    }

    pub fn send(&mut self, selector: u32, args: &[U256]) -> Receipt {
        let probe = self.probe;
        send(&mut self.chain, probe, selector, args)
    }

    /// Sends and returns the first word of the output.
    pub fn ask(&mut self, selector: u32, args: &[U256]) -> U256 {
        let receipt = self.send(selector, args);
        assert!(receipt.success, "{receipt:?}");
        U256::from_be_slice(&receipt.output)
    }

    pub fn at(&mut self, t: u64, selector: u32, policy: U256) -> U256 {
        self.ask(call::AT, &words([t, selector.into(), GAS]).into_iter().chain([policy]).collect::<Vec<_>>())
    }

    pub fn every(&mut self, start: u64, period: u64, count: u64, selector: u32, policy: U256) -> U256 {
        let mut args = words([start, period, count, selector.into(), GAS]);
        args.push(policy);
        self.ask(call::EVERY, &args)
    }

    pub fn slot(&self, key: u64) -> u64 {
        self.chain.storage(self.probe, U256::from(key)).to()
    }

    /// Returns how often handlers ran.
    pub fn count(&self) -> u64 {
        self.slot(0)
    }

    /// Returns (due, ran) of run `k`, counted from 1.
    pub fn run(&self, k: u64) -> (u64, u64) {
        (self.slot(0x2000 + k), self.slot(0x1000 + k))
    }

    pub fn state_of(&mut self, tid: U256) -> u8 {
        self.chain.trigger_info(tid).unwrap().state
    }
}

/// Gas that tests give their handlers.
pub const GAS: u64 = 200_000;

pub fn words<const N: usize>(values: [u64; N]) -> Vec<U256> {
    values.map(U256::from).to_vec()
}

pub fn deploy(chain: &mut Chain, value: u64) -> Deployed {
    chain.deploy(OWNER, init_code("", &probe_code()), U256::from(value)).unwrap()
}

pub fn input(selector: u32, args: &[U256]) -> Bytes {
    let mut data = selector.to_be_bytes().to_vec();
    args.iter().for_each(|word| data.extend_from_slice(&word.to_be_bytes::<32>()));
    data.into()
}

pub fn send(chain: &mut Chain, to: Address, selector: u32, args: &[U256]) -> Receipt {
    chain.send_from(OWNER, to, U256::ZERO, input(selector, args)).unwrap()
}

/// Policy words.
pub mod policy {
    use alloy_primitives::U256;

    pub const NONE: U256 = U256::ZERO;

    pub fn missed(code: u64, most: u64) -> U256 {
        U256::from(code | most << 8)
    }

    pub fn retry(times: u64, backoff: u64) -> U256 {
        U256::from(1 << 16 | times << 24 | backoff << 32)
    }

    pub fn pause() -> U256 {
        U256::from(2 << 16)
    }

    pub fn late(seconds: u64, selector: u32) -> U256 {
        U256::from(seconds) << 64 | U256::from(selector) << 128
    }

    pub fn cap(price: u64) -> U256 {
        U256::from(price) << 160
    }
}
