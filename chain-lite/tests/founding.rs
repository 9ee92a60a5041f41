//! Holds genesis files to their rules: what is written reads the same, every sum is checked, every mistake is found
//! with its place, and no input panics.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test may panic")]

use alloy_primitives::{Address, B256, U256};
use fusor_chain_lite::{
    Genesis,
    founding::{
        Allocation, COIN, Founding, Funded, GenesisFile, Member, Problem, Target, block_zero, dev,
        keys::PublicKeys,
    },
    genesis::Account,
    node::NodeKeys,
};
use proptest::prelude::*;
use std::sync::LazyLock;

fn coins(count: u64) -> U256 {
    U256::from(u128::from(count) * COIN)
}

fn member(seed: u64) -> Member {
    static KNOWN: LazyLock<Vec<PublicKeys>> =
        LazyLock::new(|| (0..8).map(|seed| PublicKeys::of(&NodeKeys::from_seed(seed))).collect());
    Member {
        keys: KNOWN[usize::try_from(seed).unwrap()],
        owner: Address::repeat_byte(0x11),
        payout: Address::repeat_byte(0x22),
        stake: coins(10_000),
        from: "ecosystem".into(),
    }
}

/// Returns a whole file with `validators` and one account with code.
fn sample(validators: u64) -> GenesisFile {
    let chain = Genesis { chain_id: 77, time: 1_700_000_000, dev: false, ..Genesis::default() };
    let mut file = GenesisFile::economics(chain, Address::repeat_byte(0x33), Address::repeat_byte(0x44));
    for seed in 0..validators {
        file.add(member(seed)).unwrap();
    }
    let account = Account {
        balance: coins(5),
        nonce: 1,
        code: vec![0x60u8, 0x01].into(),
        storage: [(U256::from(1), U256::MAX)].into(),
    };
    file.accounts.insert(Address::repeat_byte(0x55), Funded { account, from: "team".into() });
    file.allocations[0].rest -= coins(5);
    file
}

fn problems(text: &str) -> Vec<Problem> {
    GenesisFile::read(text).expect_err("the file is refused")
}

/// Replaces `from` by `to` in a whole file and checks the only problem.
#[track_caller]
fn refused(from: &str, to: &str, path: &str, message: &str) {
    let text = sample(2).write();
    let at = text.find(from).unwrap_or_else(|| panic!("no {from} in\n{text}"));
    let broken = text.replacen(from, to, 1);
    let found = problems(&broken);
    assert_eq!(found.len(), 1, "{found:#?}");
    let problem = &found[0];
    assert_eq!((problem.path.as_str(), problem.message.as_str()), (path, message));
    assert!(!problem.help.is_empty());
    let line = text[..at].lines().count().max(1);
    assert!(problem.line.abs_diff(line) <= 1, "{problem} should be near line {line}");
}

#[test]
fn a_whole_file_is_written_and_read_and_starts_a_chain() {
    let file = sample(3);
    let text = file.write();
    assert_eq!(GenesisFile::read(&text), Ok(file.clone()));
    assert_eq!(GenesisFile::read(&text).unwrap().write(), text);
    let genesis = file.clone().into_genesis().unwrap();
    assert!(block_zero(&genesis).is_ok());
    assert_eq!(genesis.consensus.as_ref().unwrap().params.chain_id, 77);
    assert_eq!(genesis.consensus.as_ref().unwrap().pool, coins(32_768_000));
    assert_eq!(genesis.accounts[&Address::repeat_byte(0x44)].balance, coins(40_960_000 - 30_000));
    assert_eq!(all_coins(&genesis), file.total);
}

fn all_coins(genesis: &Genesis) -> U256 {
    let consensus = genesis.consensus.iter();
    let held =
        consensus.map(|from| from.validators.iter().fold(from.pool, |sum, founder| sum + founder.stake));
    held.chain(genesis.accounts.values().map(|account| account.balance))
        .fold(U256::ZERO, |sum, wei| sum + wei)
}

#[test]
fn defaults_fill_what_is_left_out() {
    let text = r#"{"version": 1, "chain": {"id": 5}, "economics": {"total": "3 coins", "allocations":
        [{"name": "all", "amount": "3 coins", "rest": "3 coins", "to": "0x1111111111111111111111111111111111111111"}]}}"#;
    let genesis = GenesisFile::read(text).unwrap().into_genesis().unwrap();
    assert_eq!((genesis.chain_id, genesis.block_time, genesis.dev), (5, 12, false));
    assert_eq!(genesis.consensus, None);
    assert_eq!(genesis.accounts[&Address::repeat_byte(0x11)].balance, coins(3));
}

#[test]
fn a_draft_waits_for_its_validators() {
    let text = sample(0).write();
    assert!(GenesisFile::read_draft(&text).is_ok());
    let found = problems(&text);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].path, "consensus.validators");
    assert!(found[0].help.contains("fusor genesis add"), "{}", found[0]);
}

#[test]
fn adding_leaves_the_file_as_it_was_when_it_is_refused() {
    let mut file = sample(1);
    let before = file.clone();
    let wrong = [
        (member(0), "consensus.validators[1].node_key"),
        (Member { stake: coins(1), ..member(1) }, "consensus.validators[1].stake"),
        (Member { stake: coins(50_000_000), ..member(1) }, "stake"),
        (Member { from: "nobody".into(), ..member(1) }, "from"),
        (Member { owner: Address::ZERO, ..member(1) }, "consensus.validators[1].owner"),
        (Member { payout: fusor_vm::account::HHCM, ..member(1) }, "consensus.validators[1].payout"),
    ];
    for (member, path) in wrong {
        assert_eq!(file.add(member).unwrap_err()[0].path, path);
        assert_eq!(file, before);
    }
    let stolen = PublicKeys { node: member(2).keys.node, ..member(1).keys };
    let error = file.add(Member { keys: stolen, ..member(1) }).unwrap_err();
    assert_eq!(error[0].path, "consensus.validators[1].proof");
}

#[test]
fn each_mistake_is_named_with_its_place() {
    let number = |range: &str, found: &str| format!("expected a whole number from {range}, found {found}");
    refused("\"id\": 77", "\"id\": 0", "chain.id", &number("1 to 9223372036854775771", "0"));
    refused("\"id\": 77", "\"id\": 7.5", "chain.id", &number("1 to 9223372036854775771", "7.5"));
    refused("\"id\": 77,", "", "chain", "expected the key `id`, found none");
    refused("\"version\": 1", "\"version\": 2", "version", "expected the number 1, found 2");
    refused("\"dev\": false", "\"dev\": \"no\"", "chain.dev", "expected true or false, found \"no\"");
    refused(
        "\"block_gas_limit\": 60000000",
        "\"block_gas_limit\": 100",
        "chain.block_gas_limit",
        &number("200000 to 10000000000", "100"),
    );
    refused(
        "\"time_step_max\": null",
        "\"time_step_max\": 1",
        "chain.time_step_max",
        "expected at least the 12 s between blocks, found 1 s",
    );
    refused(
        "\"base_fee_moves\": \"never\"",
        "\"base_fee_moves\": 1",
        "chain.base_fee_moves",
        "expected \"never\" or \"by demand\", found 1",
    );
    refused("\"dev\"", "\"devv\"", "chain.devv", "expected a known key, found one that nothing reads");
    refused(
        "\"trigger_rent\": \"1000 wei\"",
        "\"trigger_rent\": 1000",
        "chain.trigger_rent",
        "expected an amount in quotes, found 1000",
    );
    refused(
        "\"trigger_rent\": \"1000 wei\"",
        "\"trigger_rent\": \"1000\"",
        "chain.trigger_rent",
        "expected a decimal and a unit, found \"1000\"",
    );
    refused(
        "\"trigger_rent\": \"1000 wei\"",
        "\"trigger_rent\": \"20 coins\"",
        "chain.trigger_rent",
        "expected at most 18.446744073709551615 coins, found \"20 coins\"",
    );
    refused("\"x_start\": 2", "\"x_start\": 9", "consensus.params.x_start", "must be x_min to x_max");
    refused(
        "\"to\": \"pool\"",
        "\"to\": \"0xF050000000000000000000000000000000000010\"",
        "economics.allocations[1].to",
        &format!("expected an address of a user, found the reserved {}", fusor_vm::account::HHCM),
    );
    refused(
        "\"to\": \"pool\"",
        "\"to\": \"pond\"",
        "economics.allocations[1].to",
        "expected an address or \"pool\", found \"pond\"",
    );
}

#[test]
fn a_balance_from_nowhere_is_refused_and_missed_where_it_came_from() {
    let text = sample(1).write().replace("\"from\": \"team\"", "\"from\": \"them\"");
    let found = problems(&text);
    assert_eq!(found.len(), 2, "{found:#?}");
    assert_eq!(found[0].path, "economics.allocations[0].rest");
    let message =
        "expected 8192000 coins (8192000 coins less the 0 coins of stakes and accounts), found 8191995 coins";
    assert_eq!(found[0].message, message);
    assert_eq!(found[1].message, "expected the name of an allocation, found `them`");
    assert_eq!(found[1].help, "use one of `team`, `rewards`, `ecosystem`");
}

#[test]
fn all_problems_come_at_once_in_order() {
    let text = sample(1)
        .write()
        .replace("\"id\": 77", "\"id\": \"x\"")
        .replace("\"tau\": 40", "\"tau\": -4")
        .replace("\"nonce\": 1", "\"nonce\": []");
    let found = problems(&text);
    let paths: Vec<_> = found.iter().map(|problem| problem.path.as_str()).collect();
    let account = format!("accounts.{}.nonce", Address::repeat_byte(0x55));
    assert_eq!(paths, ["chain.id", "consensus.params.tau", account.as_str()]);
    assert!(found.is_sorted_by_key(|problem| problem.line));
}

#[test]
fn text_that_is_no_json_names_its_place() {
    let found = problems("{\n  \"version\": 1\n  \"chain\": {}\n}");
    assert_eq!(found[0].to_string(), "3:3: expected `,` or `}`, found `\"`\n  help: write the file as JSON");
}

#[test]
fn a_genesis_goes_into_a_file_and_back() {
    let made = dev(4, 2);
    let keys: Vec<_> = made.keys.iter().map(PublicKeys::of).collect();
    let file = GenesisFile::from_genesis(&made.genesis, &keys).unwrap();
    let read = GenesisFile::read(&file.write()).unwrap();
    assert_eq!(read, file);
    assert_eq!(read.into_genesis().unwrap(), made.genesis);
    assert!(GenesisFile::from_genesis(&made.genesis, &keys[1..]).is_err());
    let single = Genesis::default().with_balance(Address::repeat_byte(1), U256::from(7));
    let file = GenesisFile::from_genesis(&single, &[]).unwrap();
    assert_eq!(GenesisFile::read(&file.write()).unwrap().into_genesis().unwrap(), single);
}

#[test]
fn more_than_the_cap_or_the_teams_tenth_is_refused() {
    let mut file = sample(1);
    file.allocations[1].amount += U256::ONE;
    file.allocations[1].rest += U256::ONE;
    file.total += U256::ONE;
    let broken = file.check().unwrap_err();
    assert_eq!(broken.len(), 1);
    assert_eq!(broken[0].message, "expected at most 81920000 coins, found 81920000.000000000000000001 coins");
    let mut file = sample(1);
    let (team, rewards) = (&mut file.allocations[0].clone(), &mut file.allocations[1].clone());
    for part in [&mut *team, &mut *rewards] {
        part.amount = if part.name == "team" { part.amount + U256::ONE } else { part.amount - U256::ONE };
        part.rest = if part.name == "team" { part.rest + U256::ONE } else { part.rest - U256::ONE };
    }
    file.allocations[0] = team.clone();
    file.allocations[1] = rewards.clone();
    let broken = file.check().unwrap_err();
    assert_eq!(broken.len(), 1);
    assert_eq!(broken[0].path, "economics.allocations[0].amount");
}

/// Returns every amount of the file that is part of a sum.
fn amounts(file: &mut GenesisFile) -> Vec<&mut U256> {
    let mut all = vec![&mut file.total];
    all.extend(file.allocations.iter_mut().flat_map(|part| [&mut part.amount, &mut part.rest]));
    all.extend(
        file.consensus.iter_mut().flat_map(|from| &mut from.validators).map(|member| &mut member.stake),
    );
    all.extend(file.accounts.values_mut().map(|funded| &mut funded.account.balance));
    all
}

fn allocation() -> impl Strategy<Value = (u64, Option<u8>)> {
    (100_000u64..1_000_000, prop::option::of(1u8..=0xee))
}

/// Makes files of random allocations, validators and accounts that add up.
fn file() -> impl Strategy<Value = GenesisFile> {
    let parts = prop::collection::vec(allocation(), 1..5);
    let stakes = prop::collection::vec((1_000u64..20_000, any::<prop::sample::Index>()), 0..4);
    let accounts = prop::collection::vec(
        (any::<u8>(), 0u64..1_000, any::<prop::sample::Index>(), prop::collection::vec(0u8..0xef, 0..40)),
        0..5,
    );
    (1u64..1_000_000, parts, stakes, accounts, any::<bool>()).prop_map(
        |(id, parts, stakes, accounts, dev)| {
            let mut file = GenesisFile::over(Genesis { chain_id: id, dev, ..Genesis::default() });
            let name = |i: usize| format!("part {i}");
            file.allocations =
                parts.iter().enumerate().map(|(i, (amount, to))| part(name(i), *amount, *to)).collect();
            file.total = parts.iter().fold(U256::ZERO, |sum, (amount, _)| sum + coins(*amount));
            let count = parts.len();
            let mut members = Vec::new();
            for (seed, (stake, from)) in (0u64..).zip(&stakes) {
                let from = from.index(count);
                file.allocations[from].rest -= coins(*stake);
                members.push(Member { stake: coins(*stake), from: name(from), ..member(seed) });
            }
            if members.is_empty() {
                members.push(Member { stake: coins(1_000), from: name(0), ..member(7) });
                file.allocations[0].rest -= coins(1_000);
            }
            file.consensus = Some(Founding { validators: members, ..Founding::default() });
            for (byte, balance, from, code) in accounts {
                let address = Address::repeat_byte(byte.max(1));
                if file.accounts.contains_key(&address) {
                    continue;
                }
                let from = from.index(count);
                file.allocations[from].rest -= U256::from(balance);
                let account =
                    Account { balance: U256::from(balance), code: code.into(), ..Account::default() };
                file.accounts.insert(address, Funded { account, from: name(from) });
            }
            file
        },
    )
}

fn part(name: String, amount: u64, to: Option<u8>) -> Allocation {
    let to = to.map_or(Target::Pool, |byte| Target::Account(Address::repeat_byte(byte)));
    Allocation { name, amount: coins(amount), rest: coins(amount), to }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn files_that_add_up_are_taken_and_read_as_written(file in file()) {
        let text = file.write();
        prop_assert_eq!(GenesisFile::read(&text), Ok(file.clone()));
        let total = file.total;
        let keys: Vec<_> = (0..8).map(|seed| member(seed).keys).collect();
        let genesis = file.into_genesis().unwrap();
        prop_assert_eq!(all_coins(&genesis), total);
        let again = GenesisFile::from_genesis(&genesis, &keys).unwrap();
        prop_assert_eq!(GenesisFile::read(&again.write()).unwrap().into_genesis().unwrap(), genesis);
    }

    #[test]
    fn a_coin_changed_in_one_place_is_found(
        file in file(), at in any::<prop::sample::Index>(), wei in 1u64.., more in any::<bool>(),
    ) {
        let mut file = file;
        prop_assert_eq!(file.check(), Ok(()));
        let mut all = amounts(&mut file);
        let count = all.len();
        let amount = &mut all[at.index(count)];
        let changed = if more { amount.checked_add(U256::from(wei)) } else { amount.checked_sub(U256::from(wei)) };
        prop_assume!(changed.is_some());
        **amount = changed.unwrap();
        prop_assert!(file.check().is_err());
        prop_assert!(GenesisFile::read(&file.write()).is_err());
        prop_assert!(file.into_genesis().is_err());
    }

    #[test]
    fn damaged_files_give_problems_or_a_chain(
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0usize..12, "[-0-9a-z\"{}\\[\\],:. ]{0,4}"), 1..4),
    ) {
        let mut chars: Vec<char> = sample(1).write().chars().collect();
        for (at, length, put) in cuts {
            let at = at.index(chars.len());
            let end = (at + length).min(chars.len());
            chars.splice(at..end, put.chars());
        }
        held(&chars.into_iter().collect::<String>());
    }

    #[test]
    fn any_text_gives_problems_or_a_chain(text in ".{0,200}") {
        held(&text);
    }
}

/// Checks that a text is refused with places that exist, or starts a chain.
fn held(text: &str) {
    match GenesisFile::read(text) {
        Ok(file) => {
            let total = file.total;
            assert_eq!(GenesisFile::read(&file.write()), Ok(file.clone()));
            let genesis = file.into_genesis().expect("a file that was read keeps the rules");
            assert_eq!(all_coins(&genesis), total);
            assert_ne!(block_zero(&genesis).expect("it starts"), B256::ZERO);
        }
        Err(found) => {
            let lines = text.split('\n').count();
            assert!(found.iter().all(|problem| (1..=lines).contains(&problem.line) && problem.column >= 1));
            assert!(!found.is_empty());
        }
    }
}
