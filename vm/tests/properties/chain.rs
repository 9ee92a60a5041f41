//! Runs random contracts in the real EVM, block after block, and compares state with the model after each
//! transaction.

use crate::{
    contract::{Author, MISMATCH},
    model::{COIN, LEDGER, Model, USUFRUCT},
    operation::{ACTORS, Dice, ISSUES, assets},
};
use alloy_primitives::{Address, TxKind, U256};
use fusor_vm::{
    evm::{FusorContext, FusorEvm, Rules},
    fault::Fault,
    genesis::genesis_accounts,
    invariants::{self, Scope},
    ledger,
    store::Store,
    usufruct,
};
use revm::{
    Database, DatabaseCommit, Inspector,
    context::{BlockEnv, TxEnv},
    database::InMemoryDB,
    interpreter::{Interpreter, interpreter::EthInterpreter, interpreter_types::Jumps},
    state::{AccountInfo, Bytecode},
};
use std::collections::{BTreeMap, BTreeSet};

const CALLER: Address = Address::repeat_byte(0xca);

/// Watches for results that differ from the model's.
#[derive(Debug, Default)]
pub struct Watch {
    wrong: Vec<(Address, usize)>,
}

impl<DB: Database> Inspector<FusorContext<DB>, EthInterpreter> for Watch {
    fn step(&mut self, interpreter: &mut Interpreter<EthInterpreter>, _: &mut FusorContext<DB>) {
        if interpreter.bytecode.opcode() == MISMATCH {
            self.wrong.push((interpreter.input.target_address, interpreter.bytecode.pc()));
        }
    }
}

/// Is the EVM and the model side by side.
pub struct Chain {
    db: InMemoryDB,
    model: Model,
    nonces: BTreeMap<Address, u64>,
    accounts: BTreeSet<Address>,
    assets: BTreeSet<U256>,
    pub done: BTreeMap<&'static str, u32>,
}

impl Chain {
    /// Makes a chain in which the actors hold coin and assets.
    pub fn new() -> Self {
        let mut db = InMemoryDB::default();
        for account in genesis_accounts() {
            let code = Bytecode::new_raw(account.code);
            db.insert_account_info(
                account.address,
                AccountInfo::from_bytecode(code).with_nonce(account.nonce),
            );
        }
        let mut model = Model { now: 1_000, ..Model::default() };
        for (index, who) in ACTORS.iter().enumerate() {
            let coin = usufruct::GRANT_DEPOSIT * U256::from(6 + 3 * index) + U256::from(120);
            db.insert_account_info(*who, AccountInfo::from_balance(coin).with_nonce(1));
            model.owned.insert((COIN, *who), coin);
        }
        let accounts = ACTORS.into_iter().chain([Address::ZERO, LEDGER, USUFRUCT]).collect();
        let assets = assets().into_iter().collect();
        let mut chain = Self { db, model, nonces: BTreeMap::new(), accounts, assets, done: BTreeMap::new() };
        chain.endow();
        chain
    }

    /// Lends the database to an EVM for the model's time.
    fn with_evm<T>(&mut self, run: impl FnOnce(&mut FusorEvm<InMemoryDB>) -> T) -> T {
        let mut evm = FusorEvm::new(std::mem::take(&mut self.db), Rules::fusor(1), self.block_env());
        let result = run(&mut evm);
        self.db = evm.into_db();
        result
    }

    fn block_env(&self) -> BlockEnv {
        BlockEnv { gas_limit: u64::MAX, timestamp: U256::from(self.model.now), ..BlockEnv::default() }
    }

    fn endow(&mut self) {
        for ((issuer, sub), to) in
            ISSUES.into_iter().flat_map(|issue| [1, 2, 4].map(|who| (issue, ACTORS[who])))
        {
            let amount = U256::from(100);
            self.model.mint(issuer, sub, to, amount);
            self.with_evm(|evm| {
                evm.store_commit(|store| ledger::mint(store, issuer, U256::from(sub), to, amount)).unwrap();
            });
        }
    }

    /// Makes the model wrong by one unit.
    pub fn forge(&mut self) {
        let (issuer, sub) = ISSUES[0];
        self.model.mint(issuer, sub, ACTORS[1], U256::ONE);
    }

    /// Writes and runs one block with one transaction.
    pub fn block(&mut self, numbers: &[u16]) -> Result<(), String> {
        let mut dice = Dice::new(numbers);
        self.model.now += dice.wait(&self.model);
        let mut author = Author::new(self.model.clone(), self.nonces.clone(), &mut dice);
        let (to, section, success) = author.transaction();
        self.accounts.extend(&author.accounts);
        self.assets.extend(&author.assets);
        author.done.iter().for_each(|(name, count)| *self.done.entry(name).or_default() += count);
        let result = self.transact(&author, to, section, success);
        self.nonces = author.nonces();
        self.model = author.state.model.clone();
        let now = self.model.now;
        result
            .and_then(|()| self.compare())
            .map_err(|error| format!("{error}\nin second {now}, success {success}:\n{}", author.listing))
    }

    fn transact(
        &mut self,
        author: &Author<'_, '_>,
        to: Address,
        section: U256,
        success: bool,
    ) -> Result<(), String> {
        for (who, code) in author.codes() {
            let mut info = self.db.basic(who).ok().flatten().unwrap_or_default();
            let code = Bytecode::new_raw(code.into());
            info.code_hash = code.hash_slow();
            info.code = Some(code);
            self.db.insert_account_info(who, info);
        }
        let nonce = self.db.basic(CALLER).ok().flatten().unwrap_or_default().nonce;
        let tx = TxEnv {
            caller: CALLER,
            kind: TxKind::Call(to),
            data: section.to_be_bytes::<32>().to_vec().into(),
            gas_limit: 1 << 46,
            nonce,
            chain_id: Some(1),
            ..TxEnv::default()
        };
        let db = std::mem::take(&mut self.db);
        let mut evm = FusorEvm::new(db, Rules::fusor(1), self.block_env());
        evm.cfg_mut().tx_gas_limit_cap = Some(u64::MAX);
        evm.cfg_mut().limit_contract_code_size = Some(usize::MAX);
        evm.cfg_mut().limit_contract_initcode_size = Some(usize::MAX);
        let plain = evm.transact(tx.clone()).map_err(|error| error.to_string())?;
        let mut evm = evm.with_inspector(Watch::default());
        let outcome = evm.inspect(tx).map_err(|error| error.to_string())?;
        if plain.result != outcome.result || plain.state != outcome.state {
            return Err(format!("inspection changes {:?} into {:?}", plain.result, outcome.result));
        }
        let wrong = std::mem::take(&mut evm.inspector().wrong);
        self.db = evm.into_db();
        self.db.commit(outcome.state);
        if !wrong.is_empty() {
            return Err(format!("results differ from the model's at {wrong:?}"));
        }
        match outcome.result.is_success() == success {
            true => Ok(()),
            false => Err(format!("the model says {success}, the EVM {:?}", outcome.result)),
        }
    }

    /// Compares what everybody owns, has free and may use, all grants, and the invariants.
    fn compare(&mut self) -> Result<(), String> {
        let (model, accounts, assets) = (self.model.clone(), self.accounts.clone(), self.assets.clone());
        let read = |store: &mut dyn Store| Ok(compare(store, &model, &accounts, &assets));
        let change = self.with_evm(|evm| evm.store(read));
        change.map_err(|fault| fault.to_string())?.value
    }
}

fn compare(
    store: &mut dyn Store,
    model: &Model,
    accounts: &BTreeSet<Address>,
    assets: &BTreeSet<U256>,
) -> Result<(), String> {
    let fault = |fault: Fault| fault.to_string();
    let mut coin = U256::ZERO;
    for who in accounts.iter().copied() {
        for id in assets.iter().copied() {
            let owned = ledger::owned(store, id, who).map_err(fault)?;
            equal("owned", id, who, model.owned(id, who), owned)?;
            equal("free", id, who, model.free(id, who), ledger::free(store, id, who).map_err(fault)?)?;
            for t in model.instants(id) {
                let usable = usufruct::usable(store, id, who, U256::from(t)).map_err(fault)?;
                equal("usable", id, who, model.usable(id, who, t), usable)?;
            }
        }
        let kept: U256 = model.locked.values().copied().sum();
        let balance = if who == LEDGER { kept } else { model.balance(who) };
        equal("balance", COIN, who, balance, store.balance(who).map_err(fault)?)?;
        coin += model.owned(COIN, who);
    }
    for grant in &model.grants {
        let info = usufruct::info(store, grant.gid).map_err(fault)?;
        if info.state as u8 != model.state(grant) {
            return Err(format!("state of {grant:?}: model {}, ledger {:?}", model.state(grant), info.state));
        }
    }
    let accounts: Vec<Address> = accounts.iter().copied().collect();
    let assets: Vec<U256> = assets.iter().copied().collect();
    let scope = Scope { assets: &assets, accounts: &accounts, native_supply: Some(coin) };
    invariants::check(store, &scope).map_err(|violation| violation.to_string())
}

fn equal(what: &str, id: U256, who: Address, expected: U256, found: U256) -> Result<(), String> {
    match expected == found {
        true => Ok(()),
        false => Err(format!("{what} of {who}, asset {id:#x}: model {expected}, ledger {found}")),
    }
}
