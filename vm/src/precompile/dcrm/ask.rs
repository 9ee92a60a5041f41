//! Answers questions about custody.

use super::{ICustody::*, job};
use crate::{
    dcrm::{self, Books, Chain, Coin, Counts, Custodian, Group, Kept, Request, Rules, Vault},
    precompile::{Answer, Refusal},
    store::Store,
};
use alloy_primitives::{B256, Bytes, U256};
use alloy_sol_types::SolCall;

pub(super) fn answer(store: &mut dyn Store, call: ICustodyCalls) -> Answer {
    use ICustodyCalls as Call;
    Ok(match call {
        Call::rules(_) => return rules(store),
        Call::coins(_) => coinsCall::abi_encode_returns(&dcrm::coins(store)?),
        Call::coin(c) => return coin(store, c.id),
        Call::chain(c) => return chain(store, c.name),
        Call::genesis(c) => genesisCall::abi_encode_returns(&dcrm::genesis(store, c.chain)?),
        Call::vaults(_) => vaultsCall::abi_encode_returns(&Counts::load(store)?.vaults),
        Call::vault(c) => return vault(store, c.number),
        Call::books(c) => {
            let Books { custody, circulating, in_flight, cap } = Books::load(store, c.vault, c.coin)?;
            booksCall::abi_encode_returns(&booksReturn { custody, circulating, inFlight: in_flight, cap })
        }
        Call::vaultAddress(c) => return vault_address(store, &c),
        Call::shortfall(c) => {
            let vault = found(Vault::load(store, c.vault)?)?;
            let (coin, amount) = dcrm::shortfall(store, &vault)?.unwrap_or_default();
            shortfallCall::abi_encode_returns(&shortfallReturn { coin, amount })
        }
        Call::group(c) => return group(store, c.number),
        Call::groupMarks(c) => return marks(store, c.number),
        Call::publicShares(c) => return shares(store, c.group),
        Call::custodians(_) => custodiansCall::abi_encode_returns(&dcrm::operators(store)?),
        Call::custodian(c) => return custodian(store, &c),
        Call::requests(_) => requestsCall::abi_encode_returns(&Counts::load(store)?.requests),
        Call::request(c) => return request(store, c.number),
        Call::deposit(c) => return deposit(store, c.id),
        Call::job(c) => {
            let dcrm::Job { version, settled, plan } = dcrm::Job::load(store, &job(&c.id))?;
            jobCall::abi_encode_returns(&jobReturn { version, settled, plan })
        }
        Call::approved(c) => {
            approvedCall::abi_encode_returns(&dcrm::is_approved(store, &job(&c.id), c.plan)?)
        }
        _ => return Err(Refusal::text("not a question")),
    })
}

fn found<T>(thing: Option<T>) -> Result<T, Refusal> {
    thing.ok_or(Refusal::text(dcrm::NONE_BY_NAME))
}

fn bytes(point: dcrm::Point) -> Bytes {
    point.to_vec().into()
}

fn rules(store: &mut dyn Store) -> Answer {
    let rules = Rules::load(store)?;
    Ok(rulesCall::abi_encode_returns(&rulesReturn {
        steward: rules.steward,
        minBond: U256::from(rules.min_bond),
        requestFee: U256::from(rules.request_fee),
        mature: rules.mature,
        phase: rules.phase,
        renew: rules.renew,
        cancelWait: rules.cancel_wait,
        leaveWait: rules.leave_wait,
    }))
}

fn coin(store: &mut dyn Store, id: B256) -> Answer {
    let coin = found(Coin::load(store, id)?)?;
    Ok(coinCall::abi_encode_returns(&coinReturn {
        asset: coin.asset(),
        chain: coin.chain,
        token: coin.token,
        decimals: coin.decimals,
        minDeposit: coin.min_deposit,
        inFee: coin.in_fee,
        maxFee: coin.max_fee,
        minOut: coin.min_out,
    }))
}

fn chain(store: &mut dyn Store, name: B256) -> Answer {
    let chain = found(Chain::load(store, name)?)?;
    Ok(chainCall::abi_encode_returns(&chainReturn {
        family: chain.family as u8,
        chainId: chain.chain_id,
        prefix: chain.hrp,
        confirmations: chain.confirmations,
        proofTarget: chain.proof_target,
    }))
}

fn vault(store: &mut dyn Store, number: u64) -> Answer {
    let vault = found(Vault::load(store, number)?)?;
    Ok(vaultCall::abi_encode_returns(&vaultReturn {
        chain: vault.chain,
        scheme: vault.scheme as u8,
        state: vault.state as u8,
        threshold: vault.threshold,
        size: vault.size,
        group: vault.group,
        next: vault.next,
        epoch: vault.epoch,
        key: bytes(vault.key),
        sequence: vault.sequence,
        renewed: vault.renewed,
    }))
}

fn vault_address(store: &mut dyn Store, call: &vaultAddressCall) -> Answer {
    let vault = found(Vault::load(store, call.vault)?)?;
    if !vault.keyed() {
        return Err(Refusal::text("the vault's key is not generated yet"));
    }
    let given = dcrm::address_of(store, &vault, call.request)?;
    let answer = vaultAddressReturn { key: bytes(given.key), outer: given.address };
    Ok(vaultAddressCall::abi_encode_returns(&answer))
}

fn group(store: &mut dyn Store, number: u64) -> Answer {
    let group = found(Group::load(store, number)?)?;
    let phase = group.phase_at(store.height());
    Ok(groupCall::abi_encode_returns(&groupReturn {
        vault: group.vault,
        previous: group.previous,
        started: group.started,
        state: group.state as u8,
        threshold: group.threshold,
        phase,
        members: group.members,
        key: bytes(group.key),
    }))
}

fn marks(store: &mut dyn Store, number: u64) -> Answer {
    let group = found(Group::load(store, number)?)?;
    Ok(groupMarksCall::abi_encode_returns(&groupMarksReturn {
        dealt: group.dealt,
        bad: group.bad,
        extracted: group.extracted,
        unfit: group.unfit,
        ready: group.ready,
        qualified: group.qualified,
    }))
}

fn shares(store: &mut dyn Store, number: u64) -> Answer {
    let group = found(Group::load(store, number)?)?;
    if group.key == [0; 33] {
        return Err(Refusal::text("the group's key does not stand yet"));
    }
    let mut shares = Vec::with_capacity(group.members.len());
    for index in group.indices() {
        shares.push(bytes(group.share(store, index)?));
    }
    Ok(publicSharesCall::abi_encode_returns(&shares))
}

fn custodian(store: &mut dyn Store, call: &custodianCall) -> Answer {
    let one = found(Custodian::load(store, call.operator)?)?;
    Ok(custodianCall::abi_encode_returns(&custodianReturn {
        node: one.node,
        encryption: bytes(one.encryption),
        owner: one.owner,
        provider: one.provider,
        region: one.region,
        standing: one.standing as u8,
        since: one.since,
        release: one.release,
        groups: one.groups,
        bond: U256::from(one.bond),
        rewards: U256::from(one.rewards),
    }))
}

fn request(store: &mut dyn Store, number: u64) -> Answer {
    let request = found(Request::load(store, number)?)?;
    Ok(requestCall::abi_encode_returns(&requestReturn {
        status: request.status as u8,
        vault: request.vault,
        height: request.height,
        owner: request.owner,
        beneficiary: request.beneficiary,
        coin: request.coin,
        amount: request.amount,
        maxFee: request.max_fee,
        fee: U256::from(request.fee),
        destination: request.destination,
        transaction: request.transaction,
    }))
}

fn deposit(store: &mut dyn Store, id: B256) -> Answer {
    let answer = match Kept::load(store, id)? {
        Some(Kept { deposit, held }) => depositReturn {
            state: if held { 2 } else { 1 },
            vault: deposit.vault,
            request: deposit.request,
            coin: deposit.coin,
            amount: deposit.amount,
        },
        None => depositReturn { state: 0, vault: 0, request: 0, coin: B256::ZERO, amount: U256::ZERO },
    };
    Ok(depositCall::abi_encode_returns(&answer))
}
