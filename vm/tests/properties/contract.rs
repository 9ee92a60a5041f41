//! Writes random contracts that use the opcodes, call each other, revert, halt, self-destruct and create
//! others, and runs the same on the model while writing. The code compares every result with the model's and
//! jumps to [`MISMATCH`] where they differ.

use crate::{
    model::{COIN, LEDGER, Model, Outcome, USUFRUCT, asset},
    operation::{ACTORS, Dice, Operation, assets},
};
use alloy_primitives::{Address, U256};
use alloy_sol_types::SolCall;
use fusor_vm::{
    account, opcode as op,
    precompile::{IERC20View, ILedger, IUsufruct},
};
use std::collections::{BTreeMap, BTreeSet};

/// Is an undefined byte; an inspector that sees it about to run knows that a result was wrong.
pub const MISMATCH: u8 = 0x0c;
/// Is where every piece of code keeps its JUMPDEST before [`MISMATCH`].
const WRONG: u8 = 3;
const DEPTH_MAX: u32 = 4;

/// Is what a frame's failure undoes.
#[derive(Debug, Clone, Default)]
pub struct State {
    pub model: Model,
    /// Nonces of contracts that have created others; 1 at first.
    nonces: BTreeMap<Address, u64>,
    /// Contracts created in this transaction.
    created: BTreeSet<Address>,
    /// Those of them that destroyed themselves: their balance is burnt at the transaction's end.
    doomed: BTreeSet<Address>,
}

/// Is a frame as its code sees it.
#[derive(Debug, Clone)]
struct Frame {
    me: Address,
    is_static: bool,
    depth: u32,
    attached: Vec<(U256, U256)>,
}

/// Says whether a frame goes on after an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    On,
    Halted,
}

/// Writes the contracts of one transaction.
pub struct Author<'a, 'b> {
    pub state: State,
    dice: &'a mut Dice<'b>,
    sections: BTreeMap<Address, Vec<(u16, Vec<u8>)>>,
    next: u16,
    budget: u32,
    /// Every account that may own something: actors, system accounts, created contracts.
    pub accounts: BTreeSet<Address>,
    /// Every asset that may exist.
    pub assets: BTreeSet<U256>,
    /// What the contracts do, for the message of a failure.
    pub listing: String,
    /// How often each kind of action was written.
    pub done: BTreeMap<&'static str, u32>,
}

impl<'a, 'b> Author<'a, 'b> {
    pub fn new(model: Model, nonces: BTreeMap<Address, u64>, dice: &'a mut Dice<'b>) -> Self {
        let system = [Address::ZERO, LEDGER, USUFRUCT];
        Self {
            state: State { model, nonces, ..State::default() },
            dice,
            sections: BTreeMap::new(),
            next: 1,
            budget: 24,
            accounts: ACTORS.into_iter().chain(system).collect(),
            assets: assets().into_iter().collect(),
            listing: String::new(),
            done: BTreeMap::new(),
        }
    }

    /// Writes a transaction; returns the contract to call, its call data, and whether it succeeds.
    pub fn transaction(&mut self) -> (Address, U256, bool) {
        let to = ACTORS[self.dice.below(ACTORS.len())];
        let frame = Frame { me: to, is_static: false, depth: 0, attached: Vec::new() };
        let before = self.state.clone();
        let (section, success) = self.section(to, frame, None);
        if !success {
            self.state = before;
        }
        let doomed = std::mem::take(&mut self.state.doomed);
        for who in doomed {
            let rest = self.state.model.balance(who);
            *self.state.model.owned.entry((COIN, who)).or_default() -= rest;
        }
        self.state.created.clear();
        (to, U256::from(section), success)
    }

    /// Returns the nonces for the next transaction.
    pub fn nonces(&self) -> BTreeMap<Address, u64> {
        self.state.nonces.clone()
    }

    /// Assembles the code of every actor.
    pub fn codes(&self) -> BTreeMap<Address, Vec<u8>> {
        ACTORS.into_iter().map(|who| (who, dispatcher(self.sections.get(&who)))).collect()
    }

    fn count(&mut self, name: &'static str) {
        *self.done.entry(name).or_default() += 1;
    }

    fn note(&mut self, frame: &Frame, text: &str) {
        let indent = "  ".repeat(frame.depth as usize + 1);
        self.listing.push_str(&format!("{indent}{}: {text}\n", frame.me));
    }

    /// Writes a section of `code_of`'s code and returns its number.
    fn section(&mut self, code_of: Address, frame: Frame, first: Option<Operation>) -> (u16, bool) {
        let number = self.next;
        self.next += 1;
        let (body, success) = self.body(frame, first);
        self.sections.entry(code_of).or_default().push((number, body));
        (number, success)
    }

    /// Writes the code of a frame and says whether it succeeds.
    fn body(&mut self, frame: Frame, first: Option<Operation>) -> (Vec<u8>, bool) {
        let mut code = Vec::new();
        self.check_attached(&mut code, &frame);
        if let Some(operation) = first
            && self.operation(&mut code, &frame, &operation) == Flow::Halted
        {
            return (code, false);
        }
        for _ in 0..self.dice.below(6) {
            if self.action(&mut code, &frame) == Flow::Halted {
                return (code, false);
            }
        }
        let success = self.finish(&mut code, &frame);
        (code, success)
    }

    fn finish(&mut self, code: &mut Vec<u8>, frame: &Frame) -> bool {
        match self.dice.below(12) {
            0 | 1 => {
                self.note(frame, "REVERT");
                self.count("revert frame");
                code.extend([0x5f, 0x5f, 0xfd]);
                false
            }
            2 => {
                self.note(frame, "INVALID");
                self.count("halt frame");
                code.push(0xfe);
                false
            }
            3 => self.self_destruct(code, frame),
            _ => {
                code.push(0x00);
                true
            }
        }
    }

    /// Since Cancun the account goes only where it was created in the same transaction; its coin goes always.
    fn self_destruct(&mut self, code: &mut Vec<u8>, frame: &Frame) -> bool {
        let heir = if self.dice.below(4) == 0 { frame.me } else { self.dice.actor() };
        self.note(frame, &format!("SELFDESTRUCT to {heir}, static {}", frame.is_static));
        push_address(code, heir);
        code.push(0xff);
        if frame.is_static {
            return false;
        }
        self.count("self-destruct");
        let fresh = self.state.created.contains(&frame.me);
        let coin = self.state.model.balance(frame.me);
        match heir == frame.me {
            true if fresh => *self.state.model.owned.entry((COIN, heir)).or_default() -= coin,
            true => {}
            false => {
                self.state.model.pay(frame.me, heir, coin);
            }
        }
        if fresh {
            self.state.doomed.insert(frame.me);
        }
        true
    }

    fn check_attached(&mut self, code: &mut Vec<u8>, frame: &Frame) {
        code.push(op::ACOUNT);
        expect(code, U256::from(frame.attached.len()));
        for (index, (id, amount)) in frame.attached.iter().enumerate() {
            push(code, U256::from(index));
            code.push(op::AIN);
            expect(code, *id);
            expect(code, *amount);
        }
    }

    fn action(&mut self, code: &mut Vec<u8>, frame: &Frame) -> Flow {
        if self.budget == 0 {
            return Flow::On;
        }
        self.budget -= 1;
        match self.dice.below(16) {
            0..=8 => self.some_operation(code, frame),
            9 | 10 => self.question(code, frame),
            11 if frame.depth < DEPTH_MAX => self.create(code, frame),
            _ if frame.depth < DEPTH_MAX => self.call(code, frame),
            _ => Flow::On,
        }
    }

    /// Writes an operation; where another account has to do it, a call to that account first.
    fn some_operation(&mut self, code: &mut Vec<u8>, frame: &Frame) -> Flow {
        let operation = self.dice.operation(&self.state.model);
        let actor = operation.actor();
        match actor == frame.me {
            true => self.operation(code, frame, &operation),
            false if frame.depth < DEPTH_MAX => self.plain_call(code, frame, actor, Some(operation)),
            false => Flow::On,
        }
    }

    /// Writes an operation of the frame's own account as an opcode or a call to a system precompile.
    fn operation(&mut self, code: &mut Vec<u8>, frame: &Frame, operation: &Operation) -> Flow {
        let operation = operation.clone().by(frame.me);
        let Some(form) = self.form(&operation) else { return Flow::On };
        let grants = self.state.model.grants.len();
        let name = operation.name(&self.state.model);
        let before = self.state.model.clone();
        let outcome = match frame.is_static {
            true => Outcome::Static,
            false => operation.apply(&mut self.state.model),
        };
        self.note(frame, &format!("{operation:?} -> {outcome:?}"));
        if outcome == Outcome::Done {
            self.count(name);
        }
        let result = match (&operation, outcome) {
            (_, Outcome::Refused | Outcome::Misuse | Outcome::Static) => U256::ZERO,
            (Operation::Mint { issuer, sub, .. }, _) => asset(*issuer, *sub),
            (Operation::Grant { .. } | Operation::SubGrant { .. }, _) => self.state.model.grants[grants].gid,
            (Operation::Release { who }, _) => before.locked(*who) - self.state.model.locked(*who),
            _ => U256::ONE,
        };
        if let (Operation::Mint { issuer, sub, .. }, Outcome::Done) = (&operation, outcome) {
            self.assets.insert(asset(*issuer, *sub));
        }
        self.write_operation(code, form, outcome, result)
    }

    fn write_operation(&mut self, code: &mut Vec<u8>, form: Form, outcome: Outcome, result: U256) -> Flow {
        match form {
            Form::Opcode(byte, inputs) => {
                inputs.iter().rev().for_each(|input| push(code, *input));
                code.push(byte);
                if matches!(outcome, Outcome::Misuse | Outcome::Static) {
                    // Where the opcode fails to halt the frame, this is seen.
                    code.push(MISMATCH);
                    return Flow::Halted;
                }
                expect(code, result);
            }
            Form::Call { to, data, refusal_reverts } => {
                self.count("through a precompile");
                let refused = outcome == Outcome::Refused && refusal_reverts;
                let success = !refused && matches!(outcome, Outcome::Done | Outcome::Refused);
                write_memory(code, 0, &data);
                [32, 0, data.len(), 0, 0].into_iter().for_each(|word| push(code, U256::from(word)));
                push_address(code, to);
                push(code, U256::from(1u64 << 26));
                code.push(0xf1);
                expect(code, U256::from(success));
                if success {
                    code.extend([0x5f, 0x51]);
                    expect(code, result);
                }
            }
        }
        Flow::On
    }

    /// Chooses how an operation is asked for; `None` where it cannot be.
    fn form(&mut self, operation: &Operation) -> Option<Form> {
        let precompiled = self.dice.below(4) == 0;
        let model = &self.state.model;
        let gid = |grant: &Option<usize>| grant.map_or(U256::from(12_345), |index| model.grants[index].gid);
        Some(match operation {
            Operation::Mint { sub, to, amount, .. } => {
                Form::Opcode(op::AMINT, vec![U256::from(*sub), word(*to), *amount])
            }
            Operation::Burn { id, amount, .. } => Form::Opcode(op::ABURN, vec![*id, *amount]),
            Operation::Send { id, to, amount, .. } if precompiled => {
                let call = ILedger::asendCall { id: *id, to: *to, amount: *amount };
                Form::call(account::LEDGER, call.abi_encode())
            }
            Operation::Send { id, to, amount, .. } => Form::Opcode(op::ASEND, vec![*id, word(*to), *amount]),
            Operation::SendPairs { .. } => return None,
            Operation::Approve { id, spender, amount, .. } => {
                let call = IERC20View::approveCall { spender: *spender, value: *amount };
                self.view(*id, call.abi_encode())?
            }
            Operation::TransferFrom { id, from, to, amount, .. } => {
                let call = IERC20View::transferFromCall { from: *from, to: *to, value: *amount };
                self.view(*id, call.abi_encode())?
            }
            Operation::Grant { id, terms, .. } => Form::Opcode(
                op::UGRANT,
                vec![*id, word(terms.user), terms.amount, terms.start, terms.end, terms.flags],
            ),
            Operation::SubGrant { grant, terms, .. } => Form::Opcode(
                op::USUB,
                vec![gid(grant), word(terms.user), terms.amount, terms.start, terms.end, terms.flags],
            ),
            Operation::Set { grant, action, .. } if precompiled => {
                let call = IUsufruct::usetCall { gid: gid(grant), action: U256::from(*action) };
                Form::call(account::USUFRUCT, call.abi_encode())
            }
            Operation::Set { grant, action, .. } => {
                Form::Opcode(op::USET, vec![gid(grant), U256::from(*action)])
            }
            Operation::Move { grant, to, .. } => Form::Opcode(op::UMOVE, vec![gid(grant), word(*to)]),
            Operation::Release { who } => {
                Form::call(account::USUFRUCT, IUsufruct::ureleaseCall { who: *who }.abi_encode())
            }
            Operation::Clean { grant, .. } => {
                Form::call(account::USUFRUCT, IUsufruct::ucleanCall { gid: gid(grant) }.abi_encode())
            }
        })
    }

    /// A call to the ERC-20 view of an asset that has one.
    fn view(&self, id: U256, data: Vec<u8>) -> Option<Form> {
        let to = account::erc20_address(id);
        self.state.model.supply.contains_key(&id).then_some(Form::Call { to, data, refusal_reverts: true })
    }

    /// Writes a reading opcode; these run under STATICCALL too.
    fn question(&mut self, code: &mut Vec<u8>, frame: &Frame) -> Flow {
        let (id, who) = (self.dice.asset(), self.dice.actor());
        let model = &self.state.model;
        let t = model.now + self.dice.below(50) as u64;
        let (byte, inputs, answers) = match self.dice.below(5) {
            0 => (op::ABAL, vec![id, word(who)], vec![model.owned(id, who)]),
            1 => (op::AFREE, vec![id, word(who)], vec![model.free(id, who)]),
            2 => (op::ASUPPLY, vec![id], vec![model.supply.get(&id).copied().unwrap_or_default()]),
            3 => (op::UBAL, vec![id, word(who), U256::from(t)], vec![model.usable(id, who, t)]),
            _ => {
                let Some(index) = self.dice.grant(model) else { return Flow::On };
                (op::UINFO, vec![model.grants[index].gid], describe(model, index))
            }
        };
        self.note(frame, &format!("question {byte:#x} {inputs:?} -> {answers:?}"));
        self.count("question");
        inputs.iter().rev().for_each(|input| push(code, *input));
        code.push(byte);
        answers.into_iter().for_each(|answer| expect(code, answer));
        Flow::On
    }

    /// Writes a call of some kind to another contract, or to the frame's own.
    fn call(&mut self, code: &mut Vec<u8>, frame: &Frame) -> Flow {
        let to = self.dice.actor();
        match self.dice.below(8) {
            0 => self.plain_call(code, frame, to, None),
            1 | 2 => self.delegate_call(code, frame, to),
            3 => self.static_call(code, frame, to),
            4 => self.nested_call(code, frame, to),
            _ => self.call_with_assets(code, frame, to),
        }
    }

    /// Runs a frame on the model, undoing it where it fails, and returns its section.
    fn child(
        &mut self,
        code_of: Address,
        frame: Frame,
        before: State,
        first: Option<Operation>,
    ) -> (u16, bool) {
        let (section, success) = self.section(code_of, frame, first);
        if !success {
            self.state = before;
        }
        (section, success)
    }

    fn plain_call(
        &mut self,
        code: &mut Vec<u8>,
        frame: &Frame,
        to: Address,
        first: Option<Operation>,
    ) -> Flow {
        let value = match self.dice.below(8) {
            0 => U256::from(self.dice.below(40)),
            1 => self.state.model.balance(frame.me).saturating_add(U256::ONE),
            _ => U256::ZERO,
        };
        self.note(frame, &format!("CALL {to} value {value}"));
        self.count("call");
        if frame.is_static && !value.is_zero() {
            write_call(code, 0xf1, 0, to, Some(value), frame.depth);
            code.push(MISMATCH);
            return Flow::Halted;
        }
        let before = self.state.clone();
        let (section, success) = match self.state.model.pay(frame.me, to, value) {
            true => self.child(to, frame.called(to), before, first),
            false => (0, false),
        };
        write_call(code, 0xf1, section, to, Some(value), frame.depth);
        expect(code, U256::from(success));
        Flow::On
    }

    fn delegate_call(&mut self, code: &mut Vec<u8>, frame: &Frame, to: Address) -> Flow {
        self.note(frame, &format!("DELEGATECALL {to}"));
        self.count("delegate call");
        let before = self.state.clone();
        let inner = Frame { depth: frame.depth + 1, ..frame.clone() };
        let (section, success) = self.child(to, inner, before, None);
        write_call(code, 0xf4, section, to, None, frame.depth);
        expect(code, U256::from(success));
        Flow::On
    }

    fn static_call(&mut self, code: &mut Vec<u8>, frame: &Frame, to: Address) -> Flow {
        self.note(frame, &format!("STATICCALL {to}"));
        self.count("static call");
        let before = self.state.clone();
        let inner = Frame { is_static: true, ..frame.called(to) };
        let (section, success) = self.child(to, inner, before, None);
        write_call(code, 0xfa, section, to, None, frame.depth);
        expect(code, U256::from(success));
        Flow::On
    }

    /// NCALL behind a guard on what somebody owns, has free or may use.
    fn nested_call(&mut self, code: &mut Vec<u8>, frame: &Frame, to: Address) -> Flow {
        let (id, who) = (self.dice.asset(), self.dice.actor());
        let kind = self.dice.below(3) as u64 + 2;
        let model = &self.state.model;
        let value = match kind {
            2 => model.free(id, who),
            3 => model.owned(id, who),
            _ => model.usable(id, who, model.now),
        };
        let operand = match self.dice.below(3) {
            0 => value,
            1 => value.saturating_sub(U256::ONE),
            _ => value.saturating_add(U256::ONE),
        };
        let comparison = self.dice.below(6) as u64;
        let holds = match comparison {
            0 => value == operand,
            1 => value != operand,
            2 => value < operand,
            3 => value <= operand,
            4 => value > operand,
            _ => value >= operand,
        };
        self.note(frame, &format!("NCALL {to}, guard {holds}, static {}", frame.is_static));
        self.count("nested call");
        let guard = [U256::from(kind), id, word(who), U256::ZERO, U256::from(comparison), operand];
        let before = self.state.clone();
        let (section, result) = match (frame.is_static, holds) {
            (true, _) => (0, 0),
            (false, false) => (0, 2),
            (false, true) => {
                let (section, success) = self.child(to, frame.called(to), before, None);
                (section, u64::from(success))
            }
        };
        for (place, item) in guard.into_iter().enumerate() {
            write_word(code, 32 * (place + 1), item);
        }
        write_word(code, 0, U256::from(section));
        [U256::ZERO, gas_of(frame.depth), U256::from(32), U256::ZERO].into_iter().for_each(|w| push(code, w));
        push_address(code, to);
        push(code, U256::from(32));
        code.push(op::NCALL);
        if frame.is_static {
            code.push(MISMATCH);
            return Flow::Halted;
        }
        expect(code, U256::from(result));
        Flow::On
    }

    /// ACALL with up to three pairs, the native coin among them.
    fn call_with_assets(&mut self, code: &mut Vec<u8>, frame: &Frame, to: Address) -> Flow {
        let count = self.dice.below(4);
        let pairs: Vec<(U256, U256)> =
            (0..count).map(|_| (self.dice.asset(), U256::from(self.dice.below(25)))).collect();
        self.note(frame, &format!("ACALL {to} with {pairs:?}, static {}", frame.is_static));
        let before = self.state.clone();
        let carried = if frame.is_static { None } else { self.carry(frame.me, to, &pairs) };
        let (section, success) = match carried {
            Some(attached) => {
                self.count("call with assets");
                let inner = Frame { attached, ..frame.called(to) };
                self.child(to, inner, before, None)
            }
            None => {
                self.state = before;
                (0, false)
            }
        };
        write_word(code, 0, U256::from(section));
        for (place, (id, amount)) in pairs.iter().enumerate() {
            write_word(code, 32 + 64 * place, *id);
            write_word(code, 64 + 64 * place, *amount);
        }
        [0, 0, 32, 0, pairs.len(), 32].into_iter().for_each(|w| push(code, U256::from(w)));
        push_address(code, to);
        push(code, gas_of(frame.depth));
        code.push(op::ACALL);
        if frame.is_static {
            code.push(MISMATCH);
            return Flow::Halted;
        }
        expect(code, U256::from(success));
        Flow::On
    }

    /// Moves what travels with a call; equal ids add up, nothing is left out. `None` when something is short.
    fn carry(&mut self, from: Address, to: Address, pairs: &[(U256, U256)]) -> Option<Vec<(U256, U256)>> {
        let mut attached: Vec<(U256, U256)> = Vec::new();
        for (id, amount) in pairs {
            match attached.iter_mut().find(|(known, _)| known == id) {
                Some((_, sum)) => *sum += amount,
                None => attached.push((*id, *amount)),
            }
        }
        attached.retain(|(_, amount)| !amount.is_zero());
        let coin: U256 = attached.iter().filter(|(id, _)| *id == COIN).map(|(_, amount)| *amount).sum();
        if !coin.is_zero() {
            self.state.model.touch(from);
        }
        let sent = self.state.model.send_pairs(from, to, &attached) == Outcome::Done;
        let paid = sent && self.state.model.pay(from, to, coin);
        attached.retain(|(id, _)| *id != COIN);
        paid.then_some(attached)
    }

    /// CREATE: the new contract's code runs once and leaves nothing behind but what it owns.
    fn create(&mut self, code: &mut Vec<u8>, frame: &Frame) -> Flow {
        let value = if self.dice.below(3) == 0 { U256::from(self.dice.below(30)) } else { U256::ZERO };
        self.note(frame, &format!("CREATE value {value}, static {}", frame.is_static));
        let write = |code: &mut Vec<u8>, init: &[u8]| {
            write_memory(code, 0, init);
            [U256::from(init.len()), U256::ZERO, value].into_iter().for_each(|w| push(code, w));
            code.push(0xf0);
        };
        if frame.is_static {
            write(code, &[0xfe]);
            code.push(MISMATCH);
            return Flow::Halted;
        }
        if self.state.model.balance(frame.me) < value {
            write(code, &[0xfe]);
            expect(code, U256::ZERO);
            return Flow::On;
        }
        let nonce = self.state.nonces.entry(frame.me).or_insert(1);
        let created = frame.me.create(*nonce);
        *nonce += 1;
        self.count("create");
        let before = self.state.clone();
        self.accounts.insert(created);
        self.state.created.insert(created);
        self.state.nonces.insert(created, 1);
        self.state.model.pay(frame.me, created, value);
        let (body, success) = self.body(frame.called(created), None);
        if !success {
            self.state = before;
        }
        write(code, &with_prelude(body));
        expect(code, if success { word(created) } else { U256::ZERO });
        Flow::On
    }
}

impl Frame {
    fn called(&self, to: Address) -> Self {
        Self { me: to, is_static: self.is_static, depth: self.depth + 1, attached: Vec::new() }
    }
}

/// Is how an operation is asked for.
enum Form {
    Opcode(u8, Vec<U256>),
    Call { to: Address, data: Vec<u8>, refusal_reverts: bool },
}

impl Form {
    fn call(to: Address, data: Vec<u8>) -> Self {
        Self::Call { to, data, refusal_reverts: false }
    }
}

fn describe(model: &Model, index: usize) -> Vec<U256> {
    let grant = &model.grants[index];
    match model.state(grant) {
        0 => vec![U256::ZERO; 6],
        state => vec![
            word(grant.grantor),
            word(grant.user),
            grant.amount,
            U256::from(grant.start),
            U256::from(grant.end),
            U256::from(state),
        ],
    }
}

fn word(address: Address) -> U256 {
    address.into_word().into()
}

fn gas_of(depth: u32) -> U256 {
    U256::from(1u64 << (46 - 4 * (depth + 1)))
}

fn push(code: &mut Vec<u8>, value: U256) {
    let bytes = value.to_be_bytes_trimmed_vec();
    code.push(0x5f + bytes.len() as u8);
    code.extend(bytes);
}

fn push_address(code: &mut Vec<u8>, address: Address) {
    code.push(0x73);
    code.extend(address);
}

/// Takes the top of the stack and goes wrong unless it is `value`.
fn expect(code: &mut Vec<u8>, value: U256) {
    push(code, value);
    code.extend([0x14, 0x15, 0x60, WRONG, 0x57]);
}

fn write_word(code: &mut Vec<u8>, place: usize, value: U256) {
    push(code, value);
    push(code, U256::from(place));
    code.push(0x52);
}

fn write_memory(code: &mut Vec<u8>, place: usize, bytes: &[u8]) {
    for (index, chunk) in bytes.chunks(32).enumerate() {
        let mut padded = [0u8; 32];
        padded[..chunk.len()].copy_from_slice(chunk);
        write_word(code, place + 32 * index, U256::from_be_bytes(padded));
    }
}

/// Writes CALL, DELEGATECALL or STATICCALL with the section's number as call data.
fn write_call(code: &mut Vec<u8>, byte: u8, section: u16, to: Address, value: Option<U256>, depth: u32) {
    write_word(code, 0, U256::from(section));
    [0, 0, 32, 0].into_iter().for_each(|w| push(code, U256::from(w)));
    value.into_iter().for_each(|value| push(code, value));
    push_address(code, to);
    push(code, gas_of(depth));
    code.push(byte);
}

/// Puts the place where wrong results end in front of straight code.
fn with_prelude(body: Vec<u8>) -> Vec<u8> {
    let mut code = vec![0x60, WRONG + 2, 0x56, 0x5b, MISMATCH, 0x5b];
    code.extend(body);
    code
}

/// Joins sections behind a dispatcher on the first word of call data; 0 and unknown numbers halt.
fn dispatcher(sections: Option<&Vec<(u16, Vec<u8>)>>) -> Vec<u8> {
    let mut code = with_prelude(vec![0x5f, 0x35]);
    let sections = sections.map(Vec::as_slice).unwrap_or_default();
    let mut place = code.len() + 10 * sections.len() + 1;
    for (number, body) in sections {
        code.extend([0x80, 0x61]);
        code.extend(number.to_be_bytes());
        code.extend([0x14, 0x62]);
        code.extend(&(place as u32).to_be_bytes()[1..]);
        code.push(0x57);
        place += body.len() + 2;
    }
    code.push(0xfe);
    for (_, body) in sections {
        code.extend([0x5b, 0x50]);
        code.extend(body);
    }
    code
}
