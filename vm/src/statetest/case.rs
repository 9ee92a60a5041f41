//! Runs the cases of one test.

use super::{
    CaseName, Failure, Report, TestFile,
    model::{Post, Transactions, Unit},
    world::{Account, World},
};
use crate::evm::{FusorEvm, Rules, bytecode};
use alloy_primitives::{B256, Log, TxKind, U256, keccak256};
use revm::{
    DatabaseCommit,
    context::{
        BlockEnv, TxEnv,
        transaction::{AccessList, AccessListItem},
    },
    context_interface::block::BlobExcessGasAndPrice,
    primitives::hardfork::SpecId,
    state::AccountInfo,
};

/// Is what a transaction left behind.
struct After {
    root: B256,
    logs: B256,
    met_extension: bool,
    /// Why the transaction is invalid.
    invalid: Option<String>,
}

pub(super) fn run_unit(file: &TestFile, name: &str, unit: &Unit, report: &mut Report) {
    let before = world(unit);
    for (fork, posts) in &unit.post {
        let Some(spec) = spec(fork) else {
            *report.unsupported.entry(fork.clone()).or_default() += posts.len() as u64;
            continue;
        };
        for post in posts {
            let indexes = [post.indexes.data, post.indexes.gas, post.indexes.value];
            let case =
                CaseName { file: file.path.clone(), test: name.to_owned(), fork: fork.clone(), indexes };
            run_case(&before, unit, spec, post, case, report);
        }
    }
}

fn run_case(before: &World, unit: &Unit, spec: SpecId, post: &Post, case: CaseName, report: &mut Report) {
    let off = execute(before, unit, spec, post, false);
    let verdict = judge(&off, post);
    let tally = report.forks.entry(case.fork.clone()).or_default();
    match &verdict {
        Ok(()) => tally.passed += 1,
        Err(_) => tally.failed += 1,
    }
    if let Err(reason) = verdict {
        report.failures.push(Failure { case: case.clone(), extensions: false, reason });
    }
    let on = execute(before, unit, spec, post, true);
    match (on.root, on.logs) == (off.root, off.logs) && on.invalid == off.invalid {
        true => report.same_with_extensions += 1,
        false if on.met_extension => report.met_extension.push(case),
        false => {
            let reason = format!("root {} with extensions off, {} with extensions on", off.root, on.root);
            report.failures.push(Failure { case, extensions: true, reason });
        }
    }
}

fn judge(after: &After, post: &Post) -> Result<(), String> {
    match (&post.expect_exception, &after.invalid) {
        (Some(expected), None) => return Err(format!("valid, expected {expected}")),
        (None, Some(error)) => return Err(format!("invalid: {error}")),
        _ => {}
    }
    if after.root != post.hash.0 {
        return Err(format!("state root {}, expected {}", after.root, post.hash.0));
    }
    if after.logs != post.logs.0 {
        return Err(format!("logs hash {}, expected {}", after.logs, post.logs.0));
    }
    Ok(())
}

fn execute(before: &World, unit: &Unit, spec: SpecId, post: &Post, extensions: bool) -> After {
    let unchanged = |error: String| After {
        root: before.root(),
        logs: logs_hash(&[]),
        met_extension: false,
        invalid: Some(error),
    };
    let tx = match transaction(&unit.transaction, post) {
        Ok(tx) => tx,
        Err(error) => return unchanged(error),
    };
    let rules = Rules { spec, extensions, chain_id: 1 };
    let mut evm = FusorEvm::new(before.clone(), rules, block(unit, spec));
    evm.set_storage_only(before.storage_only());
    match evm.transact(tx) {
        Ok(outcome) => {
            let mut world = evm.into_db();
            world.commit(outcome.state);
            let (root, logs) = (world.root(), logs_hash(outcome.result.logs()));
            After { root, logs, met_extension: outcome.met_extension, invalid: None }
        }
        Err(error) => unchanged(error.to_string()),
    }
}

fn logs_hash(logs: &[Log]) -> B256 {
    let mut encoded = Vec::new();
    alloy_rlp::encode_list(logs, &mut encoded);
    keccak256(encoded)
}

/// Returns the rules of a fork. Constantinople without its Petersburg fix (EIP-1283) has none.
fn spec(fork: &str) -> Option<SpecId> {
    Some(match fork {
        "Frontier" => SpecId::FRONTIER,
        "Homestead" => SpecId::HOMESTEAD,
        "EIP150" => SpecId::TANGERINE,
        "EIP158" => SpecId::SPURIOUS_DRAGON,
        "Byzantium" => SpecId::BYZANTIUM,
        "ConstantinopleFix" => SpecId::PETERSBURG,
        "Istanbul" => SpecId::ISTANBUL,
        "Berlin" => SpecId::BERLIN,
        "London" => SpecId::LONDON,
        "Merge" | "Paris" => SpecId::MERGE,
        "Shanghai" => SpecId::SHANGHAI,
        "Cancun" => SpecId::CANCUN,
        "Prague" => SpecId::PRAGUE,
        "Osaka" => SpecId::OSAKA,
        _ => return None,
    })
}

fn world(unit: &Unit) -> World {
    let accounts = unit.pre.iter().map(|(address, pre)| {
        let code = bytecode(pre.code.0.clone());
        let info = AccountInfo {
            balance: pre.balance.0,
            nonce: pre.nonce.0.saturating_to(),
            code_hash: code.hash_slow(),
            code: Some(code),
            ..AccountInfo::default()
        };
        let storage = pre.storage.iter().filter(|(_, value)| !value.0.is_zero());
        (address.0, Account { info, storage: storage.map(|(key, value)| (key.0, value.0)).collect() })
    });
    World { accounts: accounts.collect() }
}

fn block(unit: &Unit, spec: SpecId) -> BlockEnv {
    let env = &unit.env;
    let merged = spec.is_enabled_in(SpecId::MERGE);
    let blobs = spec.is_enabled_in(SpecId::CANCUN).then(|| {
        let excess = env.current_excess_blob_gas.map_or(0, |gas| gas.0.saturating_to());
        BlobExcessGasAndPrice::new_with_spec(excess, spec)
    });
    BlockEnv {
        number: env.current_number.0,
        beneficiary: env.current_coinbase.0,
        timestamp: env.current_timestamp.0,
        gas_limit: env.current_gas_limit.0.saturating_to(),
        basefee: env.current_base_fee.0.saturating_to(),
        difficulty: if merged { U256::ZERO } else { env.current_difficulty.0 },
        prevrandao: merged.then(|| env.current_random.unwrap_or(env.current_difficulty).0.into()),
        blob_excess_gas_and_price: blobs,
        ..BlockEnv::default()
    }
}

/// Builds a case's transaction; an error for one that no encoding can hold.
fn transaction(family: &Transactions, post: &Post) -> Result<TxEnv, String> {
    let data = family.data.get(post.indexes.data).ok_or("no such data index")?;
    let access = access_list(family, post.indexes.data);
    let kind = match family.to.as_str() {
        "" => TxKind::Create,
        to => TxKind::Call(to.parse().map_err(|_| format!("bad address {to}"))?),
    };
    let gas_price = family.max_fee_per_gas.or(family.gas_price).ok_or("no gas price")?;
    Ok(TxEnv {
        tx_type: tx_type(family, access.is_some()),
        caller: family.sender.0,
        gas_limit: small(number(&family.gas_limit, post.indexes.gas)?)?,
        gas_price: small(gas_price.0)?,
        kind,
        value: number(&family.value, post.indexes.value)?,
        data: data.0.clone(),
        nonce: small(family.nonce.0)?,
        chain_id: Some(1),
        access_list: access.unwrap_or_default(),
        gas_priority_fee: family.max_priority_fee_per_gas.map(|fee| small(fee.0)).transpose()?,
        blob_hashes: blob_hashes(family),
        max_fee_per_blob_gas: family
            .max_fee_per_blob_gas
            .map(|fee| small(fee.0))
            .transpose()?
            .unwrap_or_default(),
        ..TxEnv::default()
    })
}

fn tx_type(family: &Transactions, has_access_list: bool) -> u8 {
    match () {
        () if family.max_fee_per_blob_gas.is_some() || family.blob_versioned_hashes.is_some() => 3,
        () if family.max_fee_per_gas.is_some() => 2,
        () if has_access_list => 1,
        () => 0,
    }
}

fn access_list(family: &Transactions, index: usize) -> Option<AccessList> {
    let items = family.access_lists.as_ref()?.get(index)?.as_ref()?;
    let items = items.iter().map(|item| AccessListItem {
        address: item.address.0,
        storage_keys: item.storage_keys.iter().map(|key| key.0).collect(),
    });
    Some(AccessList(items.collect()))
}

fn blob_hashes(family: &Transactions) -> Vec<B256> {
    family.blob_versioned_hashes.iter().flatten().map(|hash| hash.0).collect()
}

fn number(texts: &[String], index: usize) -> Result<U256, String> {
    let text = texts.get(index).ok_or("no such index")?;
    text.parse().map_err(|_| format!("{text} is beyond 256 bits"))
}

fn small<T: TryFrom<U256>>(word: U256) -> Result<T, String> {
    T::try_from(word).map_err(|_| format!("{word} is out of range"))
}
