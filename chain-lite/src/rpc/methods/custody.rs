//! Tells of custody: coins, vaults, custodians, and how far requests are (`fusor_dcrm*`).

use super::{Answer, Context};
use crate::{
    custody::{Board, Decision, Reader},
    rpc::{
        args::Args,
        backend::ChainView,
        error::RpcError,
        shape::{print, quantity},
    },
};
use alloy_primitives::{Address, Bytes, Signature, U256};
use fusor_vm::{
    dcrm::{
        self, Books, Coin, Counts, Custodian, Group, GroupState, Request, Standing, State, Status, Vault,
    },
    fault::Fault,
    ledger,
};
use serde_json::{Value, json};
use std::sync::Arc;

fn refused(fault: Fault) -> RpcError {
    RpcError::refused(fault)
}

/// Hands the custody account's state to `look`.
fn with<T>(
    context: &Context,
    look: impl FnOnce(&mut Reader<'_>, &dyn ChainView) -> Result<T, RpcError>,
) -> Result<T, RpcError> {
    let view = context.chain()?;
    let view: &dyn ChainView = view.as_ref();
    let mut reader = Reader::new(&view).map_err(RpcError::refused)?;
    if !dcrm::founded(&mut reader).map_err(refused)? {
        return Err(RpcError::refused("this chain has no custody"));
    }
    look(&mut reader, view)
}

/// Lists the coins that can be locked in, with their limits in smallest units.
pub(super) fn coins(context: &Context, _: Args) -> Answer {
    with(context, |reader, _| {
        let mut rows = Vec::new();
        for id in dcrm::coins(reader).map_err(refused)? {
            let Some(coin) = Coin::load(reader, id).map_err(refused)? else { continue };
            rows.push(json!({
                "coin": dcrm::text(id),
                "name": ledger::name(reader, coin.asset()).map_err(refused)?,
                "chain": dcrm::text(coin.chain),
                "token": (!coin.token.is_zero()).then_some(coin.token),
                "asset": print(coin.asset()),
                "erc20": fusor_vm::account::erc20_address(coin.asset()),
                "decimals": coin.decimals,
                "supply": print(ledger::supply(reader, coin.asset()).map_err(refused)?),
                "minDeposit": print(coin.min_deposit),
                "lockInFee": print(coin.in_fee),
                "maxFee": print(coin.max_fee),
                "minLockOut": print(coin.min_out),
            }));
        }
        Ok(Value::Array(rows))
    })
}

/// Lists the vaults: how they stand, what they hold and owe, and who holds their shares.
pub(super) fn vaults(context: &Context, _: Args) -> Answer {
    with(context, |reader, _| {
        let count = Counts::load(reader).map_err(refused)?.vaults;
        let rows: Result<Vec<Value>, RpcError> = (1..=count)
            .filter_map(|number| Vault::load(reader, number).map_err(refused).transpose())
            .collect::<Vec<_>>()
            .into_iter()
            .map(|vault| one_vault(reader, &vault?))
            .collect();
        Ok(Value::Array(rows?))
    })
}

fn one_vault(reader: &mut Reader<'_>, vault: &Vault) -> Answer {
    let mut books = Vec::new();
    for coin in dcrm::vault_coins(reader, vault).map_err(refused)? {
        let Books { custody, circulating, in_flight, cap } =
            Books::load(reader, vault.number, coin.id).map_err(refused)?;
        books.push(json!({
            "coin": dcrm::text(coin.id),
            "custody": print(custody),
            "circulating": print(circulating),
            "inFlight": print(in_flight),
            "cap": print(cap),
        }));
    }
    let lack = dcrm::shortfall(reader, vault).map_err(refused)?;
    let address = match vault.keyed() {
        true => Some(dcrm::address_of(reader, vault, 0).map_err(refused)?.address),
        false => None,
    };
    Ok(json!({
        "vault": quantity(vault.number),
        "chain": dcrm::text(vault.chain),
        "state": state(vault.state),
        "key": vault.keyed().then(|| Bytes::from(vault.key.to_vec())),
        "address": address,
        "epoch": quantity(vault.epoch.into()),
        "renewed": quantity(vault.renewed),
        "books": books,
        "shortfall": lack.map(|(coin, amount)| json!({ "coin": dcrm::text(coin), "amount": print(amount) })),
        "group": group(reader, vault.group)?,
        "next": group(reader, vault.next)?,
    }))
}

fn state(state: State) -> &'static str {
    match state {
        State::Opening => "opening",
        State::Active => "active",
        State::Halted => "halted",
        State::Retiring => "retiring",
    }
}

/// Describes a group with the independence of its members.
fn group(reader: &mut Reader<'_>, number: u64) -> Answer {
    let Some(group) = Group::load(reader, number).map_err(refused)? else { return Ok(Value::Null) };
    let mut members = Vec::new();
    for operator in &group.members {
        members.push(one_custodian(reader, *operator)?);
    }
    let phase = group.phase_at(fusor_vm::store::Store::height(reader));
    Ok(json!({
        "group": quantity(group.number),
        "state": match group.state {
            GroupState::Making => "making its key",
            GroupState::Made => "made",
            GroupState::Holding => "holding",
            GroupState::Past => "past",
            GroupState::Failed => "failed",
        },
        "phase": (group.state == GroupState::Making).then(|| quantity(phase)),
        "threshold": group.threshold,
        "ready": group.ready.count_ones(),
        "members": members,
    }))
}

fn one_custodian(reader: &mut Reader<'_>, operator: Address) -> Answer {
    let Some(one) = Custodian::load(reader, operator).map_err(refused)? else { return Ok(Value::Null) };
    Ok(json!({
        "operator": operator,
        "node": one.node,
        "owner": dcrm::text(one.owner),
        "provider": dcrm::text(one.provider),
        "region": dcrm::text(one.region),
        "standing": match one.standing {
            Standing::Active => "active",
            Standing::Leaving => "leaving",
            Standing::Struck => "struck",
        },
        "since": quantity(one.since),
        "groups": one.groups,
        "bond": print(U256::from(one.bond)),
        "rewards": print(U256::from(one.rewards)),
    }))
}

/// Lists the custodians and who runs them.
pub(super) fn custodians(context: &Context, _: Args) -> Answer {
    with(context, |reader, _| {
        let operators = dcrm::operators(reader).map_err(refused)?;
        operators.into_iter().map(|operator| one_custodian(reader, operator)).collect()
    })
}

/// Tells how far a request is, and what it waits for.
pub(super) fn request(context: &Context, mut args: Args) -> Answer {
    let number: U256 = args.required("number")?;
    with(context, |reader, _| {
        let found = Request::load(reader, number.saturating_to()).map_err(refused)?;
        match found {
            Some(request) => one_request(context, reader, &request),
            None => Ok(Value::Null),
        }
    })
}

/// Lists an account's requests, the newest first.
pub(super) fn requests(context: &Context, mut args: Args) -> Answer {
    let owner: Address = args.required("account")?;
    with(context, |reader, _| {
        let count = Counts::load(reader).map_err(refused)?.requests;
        let mut rows = Vec::new();
        for number in (1..=count).rev() {
            let Some(request) = Request::load(reader, number).map_err(refused)? else { continue };
            if (request.owner == owner || request.beneficiary == owner) && rows.len() < 256 {
                rows.push(one_request(context, reader, &request)?);
            }
        }
        Ok(Value::Array(rows))
    })
}

/// Lists the lock-outs that the operator of this node's custodian decides about, with what was decided.
pub(super) fn approvals(context: &Context, _: Args) -> Answer {
    let asks = board(context)?.asks();
    with(context, |reader, _| {
        let mut rows = Vec::new();
        for (number, decision) in asks {
            let Some(request) = Request::load(reader, number).map_err(refused)? else { continue };
            let mut row = one_request(context, reader, &request)?;
            if let Value::Object(fields) = &mut row {
                fields.insert("decision".into(), json!(decision.map(said)));
            }
            rows.push(row);
        }
        Ok(Value::Array(rows))
    })
}

fn said(agrees: bool) -> &'static str {
    if agrees { "agree" } else { "refuse" }
}

fn board(context: &Context) -> Result<Arc<Board>, RpcError> {
    context.backend.custody().ok_or_else(|| RpcError::refused("no custodian runs beside this node"))
}

/// Takes what the operator of this node's custodian decides about a lock-out, signed by the custodian's key.
pub(super) fn decide(context: &Context, mut args: Args) -> Answer {
    let number: U256 = args.required("number")?;
    let word: String = args.required("agree or refuse")?;
    let signature: Bytes = args.required("a signature (65 bytes)")?;
    let agrees = match word.as_str() {
        "agree" => true,
        "refuse" => false,
        other => {
            return Err(RpcError::Params(format!("parameter 2: expected agree or refuse, found `{other}`")));
        }
    };
    let signature = Signature::from_raw(&signature)
        .map_err(|error| RpcError::Params(format!("parameter 3: expected a signature: {error}")))?;
    let (board, decision) = (board(context)?, Decision { request: number.saturating_to(), agrees });
    if !decision.is_by(context.chain()?.genesis().chain_id, board.operator(), &signature) {
        return Err(RpcError::refused(format!(
            "the signature is not that of the operator, {}",
            board.operator()
        )));
    }
    match board.decide(decision) {
        true => Ok(Value::Bool(true)),
        false => Err(RpcError::refused(format!("no decision about request {number} is waited for"))),
    }
}

fn one_request(context: &Context, reader: &mut Reader<'_>, request: &Request) -> Answer {
    let vault = Vault::load(reader, request.vault).map_err(refused)?;
    let address = match (&vault, request.status) {
        (Some(vault), Status::Address) => {
            Some(dcrm::address_of(reader, vault, request.number).map_err(refused)?.address)
        }
        _ => None,
    };
    let board = context.backend.custody();
    let known = board.and_then(|board| board.waits_for(request.number));
    Ok(json!({
        "request": quantity(request.number),
        "kind": if request.status == Status::Address { "lock-in" } else { "lock-out" },
        "status": match request.status {
            Status::Address => "address given",
            Status::Asked => "asked",
            Status::Planned => "planned",
            Status::Paid => "paid",
            Status::Returned => "returned",
        },
        "waitsFor": waits_for(request, vault.as_ref(), known),
        "vault": quantity(request.vault),
        "height": quantity(request.height),
        "owner": request.owner,
        "beneficiary": (!request.beneficiary.is_zero()).then_some(request.beneficiary),
        "coin": dcrm::text(request.coin),
        "amount": print(request.amount),
        "address": address,
        "destination": (!request.destination.is_empty()).then_some(&request.destination),
        "maxFee": (!request.max_fee.is_zero()).then(|| print(request.max_fee)),
        "transaction": (!request.transaction.is_zero()).then_some(request.transaction),
    }))
}

fn waits_for(request: &Request, vault: Option<&Vault>, known: Option<String>) -> Option<String> {
    let halted = vault.is_some_and(|vault| vault.state == State::Halted);
    match request.status {
        Status::Paid | Status::Returned => None,
        _ if halted => Some("the vault to be resumed by its steward".into()),
        Status::Address if request.amount.is_zero() => Some("a deposit, and its confirmations".into()),
        Status::Address => None,
        Status::Asked => known.or_else(|| Some("a plan that a quorum of custodians approves".into())),
        Status::Planned => known.or_else(|| Some("the custodians' signature, and confirmations".into())),
    }
}
