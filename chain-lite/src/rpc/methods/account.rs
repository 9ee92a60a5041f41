//! Reads accounts at the head.

use super::{Answer, Context, block};
use crate::{
    rpc::{
        args::{Args, kind},
        backend::ChainView,
        error::RpcError,
        shape::{print, quantity},
    },
    state::Proof,
};
use alloy_eips::{BlockId, BlockNumberOrTag};
use alloy_primitives::{Address, B256, U256};
use alloy_rpc_types_eth::{EIP1186AccountProofResponse, EIP1186StorageProof};
use alloy_serde::JsonStorageKey;
use std::time::Duration;

/// Checks that a block is the head, whose state alone is kept; none means the head.
pub(super) fn check_head(chain: &dyn ChainView, id: Option<BlockId>) -> Result<(), RpcError> {
    let Some(id) = id else { return Ok(()) };
    match block::find(chain, id) {
        Some(number) if number == chain.height() => Ok(()),
        Some(number) => Err(RpcError::StateNotKept(number)),
        None => Err(RpcError::UnknownBlock),
    }
}

/// Returns a balance in wei.
pub(super) fn balance(context: &Context, mut args: Args) -> Answer {
    let who: Address = args.required(kind::ADDRESS)?;
    let chain = context.chain()?;
    check_head(&*chain, args.optional(kind::BLOCK)?)?;
    Ok(print(chain.account(who)?.unwrap_or_default().balance))
}

/// Returns a nonce; for `pending`, the one after all that can run from the pool.
pub(super) fn nonce(context: &Context, mut args: Args) -> Answer {
    let who: Address = args.required(kind::ADDRESS)?;
    let id: Option<BlockId> = args.optional(kind::BLOCK)?;
    let waiting = match id {
        Some(BlockId::Number(BlockNumberOrTag::Pending)) => context.backend.pool().nonce_after(who),
        _ => None,
    };
    let chain = context.chain()?;
    check_head(&*chain, id)?;
    let nonce = chain.account(who)?.unwrap_or_default().nonce;
    Ok(quantity(waiting.map_or(nonce, |waiting| waiting.max(nonce))))
}

/// Returns code.
pub(super) fn code(context: &Context, mut args: Args) -> Answer {
    let who: Address = args.required(kind::ADDRESS)?;
    let chain = context.chain()?;
    check_head(&*chain, args.optional(kind::BLOCK)?)?;
    Ok(print(chain.code(chain.account(who)?.unwrap_or_default().code_hash)?.original_bytes()))
}

/// Returns a storage word.
pub(super) fn storage(context: &Context, mut args: Args) -> Answer {
    let who: Address = args.required(kind::ADDRESS)?;
    let key: U256 = args.required("a storage key (0x and at most 64 hex digits)")?;
    let chain = context.chain()?;
    check_head(&*chain, args.optional(kind::BLOCK)?)?;
    Ok(print(B256::from(chain.word(who, key)?)))
}

/// Most storage keys of one proof.
const KEYS_MAX: usize = 1_024;
/// How often a proof is tried while a block is being written, and the pause between.
const PROOF_TRIES: u32 = 20;
const PROOF_PAUSE: Duration = Duration::from_millis(10);

/// Proves an account and words of its storage against the head's state root.
pub(super) fn proof(context: &Context, mut args: Args) -> Answer {
    let address: Address = args.required(kind::ADDRESS)?;
    let keys: Vec<U256> = args.required("a list of storage keys (0x and at most 64 hex digits)")?;
    if keys.len() > KEYS_MAX {
        return Err(RpcError::Params(format!("parameter 2: expected at most {KEYS_MAX} keys")));
    }
    let id: Option<BlockId> = args.optional(kind::BLOCK)?;
    for _ in 0..PROOF_TRIES {
        let chain = context.chain()?;
        check_head(&*chain, id)?;
        if let Some(proof) = chain.prove(address, &keys) {
            return proved(&*chain, address, keys, proof);
        }
        std::thread::sleep(PROOF_PAUSE);
    }
    Err(RpcError::Refused("the state root is not computed yet; ask again".into()))
}

fn proved(chain: &dyn ChainView, address: Address, keys: Vec<U256>, proof: Proof) -> Answer {
    let Proof { account, storage_root, words } = proof;
    let head = chain.account(address)?.unwrap_or_default();
    let words = keys.into_iter().zip(words).map(|(key, proof)| {
        let value = chain.word(address, key)?;
        Ok(EIP1186StorageProof { key: JsonStorageKey::Number(key), value, proof })
    });
    Ok(print(EIP1186AccountProofResponse {
        address,
        balance: head.balance,
        code_hash: head.code_hash,
        nonce: head.nonce,
        storage_hash: storage_root,
        account_proof: account,
        storage_proof: words.collect::<Result<_, RpcError>>()?,
    }))
}
