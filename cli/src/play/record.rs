//! Turns receipts into the timeline: what started, what it cost, how it ended, who was paid.

use super::{Balances, Player};
use crate::{
    abi::Decoded,
    timeline::{Cause, End, Entry, Payment},
};
use alloy_primitives::{Address, Log, U256};
use alloy_sol_types::{SolEvent, sol};
use fusor_chain_lite::{Chain, FiringReceipt, Receipt, Transaction};
use fusor_vm::{account, triggers};
use std::collections::BTreeMap;

sol! {
    event Transfer(address indexed from, address indexed to, uint256 value);
}

/// Keeps what happened.
#[derive(Debug, Default)]
pub(crate) struct Recorder {
    pub(crate) entries: Vec<Entry>,
    /// Events of contracts with the time of their block.
    pub(crate) events: Vec<Seen>,
    /// Firings with what was bought for them.
    pub(crate) bought: Vec<Bought>,
    /// What each contract still has for its triggers, as of the last block.
    pub(crate) pots: BTreeMap<Address, U256>,
    /// What a trigger pays for gas, as booked before the next block.
    prices: BTreeMap<U256, u64>,
    height: u64,
    users: Vec<Address>,
    balances: Balances,
}

/// Is an event with its circumstances.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) time: u64,
    pub(crate) event: Decoded,
}

/// Is a firing in terms of money.
#[derive(Debug, Clone)]
pub(crate) struct Bought {
    /// The entry of the timeline.
    pub(crate) entry: usize,
    /// Gas bought.
    pub(crate) gas: u64,
    /// Wei per gas.
    pub(crate) price: u64,
    /// Whether the occurrence ended with it.
    pub(crate) is_end: bool,
}

impl Recorder {
    pub(super) fn new(users: Vec<Address>) -> Self {
        Self { users, ..Self::default() }
    }

    /// Forgets blocks up to the head: they are setup.
    pub(super) fn skip_to_head(&mut self, chain: &Chain) {
        self.height = chain.height();
        self.balances = self.users.iter().map(|user| (*user, chain.balance(*user))).collect();
    }
}

impl Player {
    /// Records every block since the last one recorded.
    pub(crate) fn record_new_blocks(&mut self) {
        for height in self.recorder.height.saturating_add(1)..=self.chain.height() {
            self.learn_assets(height);
            self.record_block(height);
        }
        self.recorder.height = self.chain.height();
        self.note_bookings();
    }

    /// Remembers what is booked at which price, and what is left to pay with.
    fn note_bookings(&mut self) {
        for released in &self.released {
            let address = released.contract.address;
            for trigger in self.chain.triggers_of(address).unwrap_or_default() {
                let tid = triggers::tid_of(address, trigger.number);
                self.recorder.prices.insert(tid, trigger.price);
            }
            let pot = self.chain.pot(address).unwrap_or_default();
            self.recorder.pots.insert(address, pot);
        }
    }

    fn record_block(&mut self, height: u64) {
        let Some(block) = self.chain.block(height) else { return };
        let (time, base_fee) = (block.header.timestamp, block.header.base_fee_per_gas.unwrap_or_default());
        let pairs: Vec<_> = block.transactions.iter().zip(self.chain.receipts(height)).collect();
        let mut entries = Vec::new();
        let mut events = Vec::new();
        for (tx, receipt) in pairs {
            entries.push((self.entry(tx, receipt, time, base_fee), receipt.firing.clone(), tx.gas()));
            let decoded = receipt.logs.iter().filter_map(|log| self.decode(log));
            events.extend(decoded.map(|event| Seen { time, event }));
        }
        self.recorder.events.extend(events);
        for (entry, firing, gas) in entries {
            if let Some(firing) = firing {
                let (entry, is_end) = (self.recorder.entries.len(), firing.outcome.is_end());
                let price = self.recorder.prices.get(&firing.tid).copied().unwrap_or_default();
                self.recorder.bought.push(Bought { entry, gas, price, is_end });
            }
            self.recorder.entries.push(entry);
        }
        if height == self.chain.height() {
            self.record_native(time);
        }
    }

    fn entry(&self, tx: &Transaction, receipt: &Receipt, time: u64, base_fee: u64) -> Entry {
        let events = receipt.logs.iter().filter(|log| payment(log).is_none()).map(|log| self.show_log(log));
        let mut payments: Vec<_> = receipt.logs.iter().filter_map(payment).collect();
        payments.extend(sent_along(tx, receipt));
        let events = events.collect();
        match &receipt.firing {
            Some(firing) => Entry {
                time,
                cause: cause(firing),
                what: self.fired(tx, firing),
                gas: firing.gas_used,
                cost: U256::from(firing.cost),
                end: self.firing_end(firing, receipt),
                payments,
                events,
            },
            None => Entry {
                time,
                cause: self.user(tx),
                what: self.called(tx, receipt),
                gas: receipt.gas_used,
                cost: U256::from(receipt.gas_used) * U256::from(base_fee),
                end: self.user_end(tx, receipt),
                payments,
                events,
            },
        }
    }

    fn user(&self, tx: &Transaction) -> Cause {
        let from = self.book.names.show_address(tx.sender());
        if tx.to().is_some() { Cause::User { from } } else { Cause::Release { from } }
    }

    fn user_end(&self, tx: &Transaction, receipt: &Receipt) -> End {
        match (receipt.success, &receipt.halt) {
            (true, _) => inner_failure(tx, receipt)
                .map_or(End::Executed, |data| End::Reverted(self.reason(&data).shown)),
            (false, Some(halt)) => End::Reverted(halt.clone()),
            (false, None) => End::Reverted(self.reason(&receipt.output).shown),
        }
    }

    fn firing_end(&self, firing: &FiringReceipt, receipt: &Receipt) -> End {
        let why = || receipt.halt.clone().unwrap_or_else(|| self.reason(&receipt.output).shown);
        match firing.outcome {
            triggers::Outcome::Executed => End::Executed,
            triggers::Outcome::Failed => End::Failed(why()),
            triggers::Outcome::Skipped => {
                End::Skipped(format!("trigger is {:?}", firing.state).to_lowercase())
            }
            triggers::Outcome::Expired => End::Expired,
            triggers::Outcome::Retrying => End::Retrying(why()),
            triggers::Outcome::Polled => End::Polled,
        }
    }

    /// Names what a user's transaction called; behind the ledger's `acall` stands the contract it is for.
    fn called(&self, tx: &Transaction, receipt: &Receipt) -> String {
        let Some(to) = tx.to() else {
            return receipt.created.map(|at| self.book.names.show_address(at)).unwrap_or_default();
        };
        let (to, input) = inner_call(tx).unwrap_or((to, input(tx)));
        self.function(to, &input)
    }

    fn fired(&self, tx: &Transaction, firing: &FiringReceipt) -> String {
        match tx {
            Transaction::System(system) if system.to != Address::ZERO => {
                self.function(system.to, &system.input)
            }
            _ => self.polled(firing.contract),
        }
    }

    /// Names what a poll is for: the nested call, if the contract's descriptions hold just one.
    fn polled(&self, contract: Address) -> String {
        let name = self.book.names.show_address(contract);
        let released = self.released.iter().find(|released| released.contract.address == contract);
        let mut nested =
            released.into_iter().flat_map(|released| &released.records).filter(|r| r.kind == "nested");
        match (nested.next(), nested.next()) {
            (Some(only), None) => format!("{name}.{}", only.handler),
            _ => name,
        }
    }

    fn function(&self, to: Address, input: &[u8]) -> String {
        let name = self.book.names.show_address(to);
        let selector = input.get(..4).unwrap_or_default();
        let released = self.released.iter().find(|released| released.contract.address == to);
        let system = self.system.iter().find(|contract| contract.address == to);
        let function = match (released, system) {
            (Some(released), _) => released.handler(selector),
            (None, Some(contract)) => contract.called(selector),
            (None, None) => None,
        };
        function
            .map_or_else(|| name.clone(), |function| format!("{name}.{}", function.trim_end_matches("()")))
    }

    fn decode(&self, log: &Log) -> Option<Decoded> {
        let contracts = self.released.iter().map(|released| &released.contract).chain(&self.system);
        contracts.into_iter().find(|contract| contract.address == log.address)?.event(log)
    }

    fn show_log(&self, log: &Log) -> String {
        match self.decode(log) {
            Some(event) => event.show(&self.book.names),
            None => format!("a log of {}", self.book.names.show_address(log.address)),
        }
    }

    /// Asks the ERC-20 view of every asset that moved for the first time what it is called.
    fn learn_assets(&mut self, height: u64) {
        let logs = self.chain.receipts(height).iter().flat_map(|receipt| &receipt.logs);
        let views: Vec<_> = logs.filter(|log| payment(log).is_some()).map(|log| log.address).collect();
        for view in views {
            if !self.book.knows(view) {
                let (symbol, decimals) = self.ask_view(view);
                self.book.add_unit(view, &symbol, decimals);
            }
        }
    }

    fn ask_view(&mut self, view: Address) -> (String, u8) {
        sol! {
            function symbol() external view returns (string);
            function decimals() external view returns (uint8);
        }
        use alloy_sol_types::SolCall;
        let mut ask = |data: Vec<u8>| self.chain.call(Address::ZERO, view, data.into()).unwrap_or_default();
        let symbol = symbolCall::abi_decode_returns(&ask(symbolCall {}.abi_encode())).unwrap_or_default();
        let decimals =
            decimalsCall::abi_decode_returns(&ask(decimalsCall {}.abi_encode())).unwrap_or_default();
        (symbol, decimals)
    }

    /// Notices native coin that reached users' accounts from within contracts, by their balances.
    fn record_native(&mut self, time: u64) {
        let head = self.chain.height();
        let senders: Vec<_> = match self.chain.block(head) {
            Some(block) => block.transactions.iter().map(Transaction::sender).collect(),
            None => Vec::new(),
        };
        let mut gained = Vec::new();
        for user in self.recorder.users.clone() {
            let now = self.chain.balance(user);
            let before = self.recorder.balances.insert(user, now).unwrap_or_default();
            if now > before && !senders.contains(&user) {
                gained.push(Payment { asset: None, from: None, to: Some(user), amount: now - before });
            }
        }
        let last = self.recorder.entries.last_mut().filter(|entry| entry.time == time);
        if let Some(entry) = last {
            gained.retain(|gain| {
                entry.payments.iter().all(|known| known.asset.is_some() || known.to != gain.to)
            });
            entry.payments.extend(gained);
        }
    }
}

fn cause(firing: &FiringReceipt) -> Cause {
    let kind = match firing.cause {
        triggers::Cause::Time => "time",
        triggers::Cause::Retry => "retry",
        triggers::Cause::Event { .. } => "event",
        triggers::Cause::Poll => "condition",
        triggers::Cause::Deadline => "deadline",
        triggers::Cause::Report => "report",
    };
    Cause::Trigger { kind: kind.to_string(), due: firing.due, attempt: firing.attempt }
}

/// Reads a movement of an asset from the log of its ERC-20 view.
fn payment(log: &Log) -> Option<Payment> {
    if !log.address.starts_with(&account::ERC20_PREFIX) {
        return None;
    }
    let event = Transfer::decode_log_data(&log.data).ok()?;
    let someone = |address: Address| (!address.is_zero()).then_some(address);
    Some(Payment {
        asset: Some(log.address),
        from: someone(event.from),
        to: someone(event.to),
        amount: event.value,
    })
}

/// Is the native coin that a user's transaction carried.
fn sent_along(tx: &Transaction, receipt: &Receipt) -> Option<Payment> {
    let Transaction::Dev(dev) = tx else { return None };
    let to = dev.to.or(receipt.created);
    let sent = receipt.success && !dev.value.is_zero();
    sent.then_some(Payment { asset: None, from: Some(dev.from), to, amount: dev.value })
}

fn input(tx: &Transaction) -> alloy_primitives::Bytes {
    match tx {
        Transaction::Dev(dev) => dev.input.clone(),
        Transaction::System(system) => system.input.clone(),
        Transaction::Signed { .. } => alloy_primitives::Bytes::new(),
    }
}

/// Returns the revert data of a call that failed behind the ledger's `acall`.
fn inner_failure(tx: &Transaction, receipt: &Receipt) -> Option<alloy_primitives::Bytes> {
    use alloy_sol_types::SolCall;
    inner_call(tx)?;
    let answer = fusor_vm::precompile::ILedger::acallCall::abi_decode_returns(&receipt.output).ok()?;
    (!answer.ok).then_some(answer.result)
}

/// Looks through the ledger's `acall`.
fn inner_call(tx: &Transaction) -> Option<(Address, alloy_primitives::Bytes)> {
    use alloy_sol_types::SolCall;
    let call = fusor_vm::precompile::ILedger::acallCall::abi_decode(&input(tx)).ok()?;
    (tx.to() == Some(account::LEDGER)).then_some((call.to, call.data))
}
