//! Runs the assembler fixtures in `tests/fixtures`, whose expectations stand in the files.
//!
//! ```text
//! //@ case NAME                      starts a case with an empty world
//! //@ account NAME                   the code that follows is this account's
//! //@ balance NAME WEI               gives native coin
//! //@ mint ISSUER SUB TO AMOUNT      mints before anything runs
//! //@ time SECONDS                   sets the block's time; 1000 at the start
//! //@ call NAME [from=NAME] [value=WEI] [data=HEX] [gas=GAS] [static] => ok WORD.. | revert | halt
//! //@ let NAME                       names the first word of the last output; `@NAME` in directives
//! //@ check free|owned ID WHO = N    //@ check supply ID = N
//! //@ check balance WHO = N          //@ check storage WHO KEY = N
//! //@ check usable ID WHO TIME = N   //@ check logs = N (of the last call)
//! ```
//! `$name` stands for an account's address and `$id(issuer,sub)` for an asset's id, in code too.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test may panic")]

use alloy_primitives::{Address, Bytes, U256, hex, keccak256};
use fusor_vm::{
    account, asm,
    evm::{FusorEvm, Rules, SystemCall},
    genesis::genesis_accounts,
    ledger,
    statetest::{Account, World},
    triggers::Params,
    usufruct,
};
use revm::{
    DatabaseCommit,
    bytecode::Bytecode,
    context::{BlockEnv, result::ExecutionResult},
    state::AccountInfo,
};
use std::{collections::BTreeMap, fs, path::Path};

const PARAMS: Params = Params {
    block_gas_limit: 30_000_000,
    block_time: 10,
    base_price: 1,
    origin: 0,
    rent: 5,
    fanout_max: 16,
    depth_max: 4,
    listeners_max: 4,
};

struct Case {
    place: String,
    evm: FusorEvm<World>,
    last: Option<ExecutionResult>,
    /// Words of outputs that `let` has named.
    names: BTreeMap<String, U256>,
}

fn address(name: &str) -> Address {
    match name {
        "LEDGER" => account::LEDGER,
        "USUFRUCT" => account::USUFRUCT,
        "TRIGGERS" => account::TRIGGERS,
        "NESTED" => account::NESTED,
        "HHCM" => account::HHCM,
        "zero" => Address::ZERO,
        name => Address::from_word(keccak256(name)),
    }
}

/// Replaces `$id(issuer,sub)`, `$view(issuer,sub)` and `$name` by numbers.
fn substitute(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        let end = after.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(after.len());
        let (name, tail) = after.split_at(end);
        rest = tail;
        if let (true, Some((args, tail))) = (matches!(name, "id" | "view"), tail.split_once(')')) {
            let (issuer, sub) = args.trim_start_matches('(').split_once(',').expect("id(issuer,sub)");
            let id = ledger::asset_id(address(issuer), sub.parse().unwrap());
            match name {
                "id" => out.push_str(&format!("{id:#066x}")),
                _ => out.push_str(&account::erc20_address(id).to_string().to_lowercase()),
            }
            rest = tail;
        } else {
            out.push_str(&address(name).to_string().to_lowercase());
        }
    }
    out + rest
}

fn number(text: &str) -> U256 {
    substitute(text).parse().unwrap_or_else(|_| panic!("bad number {text}"))
}

fn genesis() -> World {
    let mut world = World::default();
    for system in genesis_accounts() {
        let code = Bytecode::new_raw(system.code);
        let info = AccountInfo {
            nonce: system.nonce,
            code_hash: code.hash_slow(),
            code: Some(code),
            ..Default::default()
        };
        world.accounts.insert(system.address, Account { info, storage: BTreeMap::new() });
    }
    world
}

impl Case {
    fn new(place: String) -> Self {
        let block = BlockEnv { timestamp: U256::from(1000), number: U256::from(1), ..BlockEnv::default() };
        let mut evm = FusorEvm::new(genesis(), Rules::fusor(1), block);
        evm.store_commit(|store| PARAMS.save(store)).unwrap();
        Self { place, evm, last: None, names: BTreeMap::new() }
    }

    fn account(&mut self, name: &str) -> &mut Account {
        self.evm.db_mut().accounts.entry(address(name)).or_default()
    }

    /// Replaces `@NAME` by the word it stands for.
    fn insert_names(&self, directive: &str) -> String {
        self.names.iter().fold(directive.to_owned(), |text, (name, word)| {
            text.replace(&format!("@{name}"), &format!("{word:#066x}"))
        })
    }

    fn install(&mut self, name: &str, text: &str) {
        let place = self.place.clone();
        let code = asm::assemble(&substitute(text)).unwrap_or_else(|e| panic!("{place}: {name}: {e}"));
        let code = Bytecode::new_raw(code.into());
        let info = &mut self.account(name).info;
        (info.code_hash, info.code, info.nonce) = (code.hash_slow(), Some(code), 1);
    }

    fn obey(&mut self, words: &[&str]) {
        match words {
            ["balance", name, wei] => self.account(name).info.balance = number(wei),
            ["time", seconds] => self.evm.block_mut().timestamp = number(seconds),
            ["mint", issuer, sub, to, amount] => {
                let (issuer, to) = (address(issuer), address(to));
                let mint = |s: &mut dyn fusor_vm::store::Store| {
                    ledger::mint(s, issuer, number(sub), to, number(amount))
                };
                assert!(!self.evm.store_commit(mint).unwrap().value.is_zero());
            }
            ["let", name] => {
                let output = self.last.as_ref().and_then(|r| r.output().cloned()).unwrap_or_default();
                let word = U256::from_be_slice(output.get(..32).expect("an output word"));
                assert!(!word.is_zero(), "{}: {name} is 0", self.place);
                self.names.insert((*name).to_owned(), word);
            }
            ["call", name, rest @ ..] => self.call(name, rest),
            ["check", rest @ ..] => self.check(rest),
            other => panic!("{}: unknown directive {other:?}", self.place),
        }
    }

    fn call(&mut self, name: &str, words: &[&str]) {
        let arrow = words.iter().position(|w| *w == "=>").expect("`=>` in a call");
        let (options, expected) = (&words[..arrow], &words[arrow + 1..]);
        let mut call = SystemCall::scheduled(address(name), Bytes::new(), 5_000_000);
        call.caller = address("caller");
        for option in options {
            match option.split_once('=') {
                Some(("from", name)) => call.caller = address(name),
                Some(("value", wei)) => call.value = number(wei),
                Some(("gas", gas)) => call.gas = number(gas).to(),
                Some(("data", data)) => call.data = hex::decode(substitute(data)).unwrap().into(),
                _ if *option == "static" => {}
                _ => panic!("{}: unknown option {option}", self.place),
            }
        }
        let outcome = match options.contains(&"static") {
            true => self.evm.static_call(call).unwrap(),
            false => self.evm.system_call(call).unwrap(),
        };
        self.evm.db_mut().commit(outcome.state);
        self.expect(&outcome.result, expected);
        self.last = Some(outcome.result);
    }

    fn expect(&self, result: &ExecutionResult, expected: &[&str]) {
        let output = result.output().cloned().unwrap_or_default();
        let words: Vec<U256> = output.chunks(32).map(U256::from_be_slice).collect();
        match expected {
            ["ok", rest @ ..] => {
                assert!(result.is_success(), "{}: {result:?}", self.place);
                let wanted: Vec<U256> = rest.iter().map(|w| number(w)).collect();
                assert!(
                    words.get(..wanted.len()) == Some(&wanted),
                    "{}: expected {wanted:?}, found {words:?}",
                    self.place
                );
            }
            ["revert", rest @ ..] => {
                assert!(!result.is_success() && !result.is_halt(), "{}: {result:?}", self.place);
                let text = String::from_utf8_lossy(&output);
                assert!(text.contains(&rest.join(" ")), "{}: {text}", self.place);
            }
            ["halt"] => assert!(result.is_halt(), "{}: {result:?}", self.place),
            other => panic!("{}: unknown outcome {other:?}", self.place),
        }
    }

    fn check(&mut self, words: &[&str]) {
        let (what, wanted) = match words {
            [what @ .., "=", wanted] => (what, number(wanted)),
            other => panic!("{}: unknown check {other:?}", self.place),
        };
        let found = self.look(what);
        assert_eq!(found, wanted, "{}: check {}", self.place, what.join(" "));
    }

    fn look(&mut self, what: &[&str]) -> U256 {
        let who = |name: &str| Address::from_word(number(name).into());
        match what {
            ["logs"] => return U256::from(self.last.as_ref().map_or(0, |r| r.logs().len())),
            ["balance", name] => return self.account(name).info.balance,
            ["storage", name, key] => {
                return self.account(name).storage.get(&number(key)).copied().unwrap_or_default();
            }
            _ => {}
        }
        let read = |s: &mut dyn fusor_vm::store::Store| match what {
            ["free", id, name] => ledger::free(s, number(id), who(name)),
            ["owned", id, name] => ledger::owned(s, number(id), who(name)),
            ["supply", id] => ledger::supply(s, number(id)),
            ["usable", id, name, t] => usufruct::usable(s, number(id), who(name), number(t)),
            other => panic!("unknown check {other:?}"),
        };
        self.evm.store(read).unwrap().value
    }
}

fn run_file(path: &Path) -> usize {
    let text = fs::read_to_string(path).unwrap();
    let file = path.file_name().unwrap().to_string_lossy().into_owned();
    let mut case: Option<Case> = None;
    let mut code: Option<(String, String)> = None;
    let mut cases = 0;
    for (number, line) in text.lines().enumerate() {
        let Some(directive) = line.trim().strip_prefix("//@") else {
            if let Some((_, text)) = &mut code {
                text.push_str(line);
                text.push('\n');
            }
            continue;
        };
        if let (Some((name, text)), Some(case)) = (code.take(), &mut case) {
            case.install(&name, &text);
        }
        let directive = case.as_ref().map_or(directive.to_owned(), |case| case.insert_names(directive));
        let words: Vec<&str> = directive.split_whitespace().collect();
        match (words.as_slice(), &mut case) {
            (["case", ..], _) => {
                cases += 1;
                case = Some(Case::new(String::new()));
            }
            (["account", name], Some(_)) => code = Some(((*name).to_owned(), String::new())),
            (words, Some(case)) => {
                case.place = format!("{file}:{}", number + 1);
                case.obey(words);
            }
            (other, None) => panic!("{file}:{}: {other:?} before the first case", number + 1),
        }
    }
    assert!(code.is_none(), "{file}: ends with code");
    cases
}

#[test]
fn fixtures_hold() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let cases: usize = paths.iter().map(|path| run_file(path)).sum();
    assert!(cases >= 24, "only {cases} cases");
    println!("{cases} cases in {} files", paths.len());
}

#[test]
fn every_opcode_has_a_fixture() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let all: String =
        fs::read_dir(folder).unwrap().map(|e| fs::read_to_string(e.unwrap().path()).unwrap()).collect();
    let words: std::collections::BTreeSet<&str> =
        all.lines().filter(|l| !l.contains("//")).flat_map(str::split_whitespace).collect();
    for op in fusor_vm::opcode::TABLE {
        assert!(words.contains(op.name), "no fixture runs {}", op.name);
    }
}
