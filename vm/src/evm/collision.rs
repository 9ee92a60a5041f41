//! Keeps contracts from being created over accounts that have storage but neither code nor nonce (EIP-7610).
//!
//! Such accounts stem from before EIP-161; a chain without that past has none. revm's database does not say
//! whether an account has storage, so a chain that has them lists them.

use super::machine::{DbResult, Machine};
use alloy_primitives::Address;
use revm::{
    Database,
    context_interface::{JournalTr, journaled_state::account::JournaledAccountTr},
    interpreter::{FrameInput, interpreter_action::FrameInit},
    primitives::constants::CALL_STACK_LIMIT,
};

impl<DB: Database, I> Machine<DB, I> {
    /// Gives a listed account a nonce, so that revm sees the collision, if this frame would create a contract
    /// there. [`Machine::unblock`] takes it back.
    pub(super) fn block(&mut self, init: &FrameInit) -> DbResult<Option<Address>, DB> {
        let FrameInput::Create(create) = &init.frame_input else { return Ok(None) };
        if self.inner.ctx.chain.storage_only.is_empty() || init.depth > CALL_STACK_LIMIT as usize {
            return Ok(None);
        }
        let journal = &mut self.inner.ctx.journaled_state;
        let caller = &journal.load_account(create.caller())?.info;
        let (nonce, covered) = (caller.nonce, caller.balance >= create.value());
        let address = create.created_address(nonce);
        if !covered || nonce == u64::MAX || !self.inner.ctx.chain.storage_only.contains(&address) {
            return Ok(None);
        }
        let mut account = journal.load_account_mut(address)?;
        let vacant = account.nonce() == 0 && account.account().info.is_empty_code_hash();
        if vacant {
            account.unsafe_set_nonce(1);
        }
        Ok(vacant.then_some(address))
    }

    /// Takes the nonce back that [`Machine::block`] gave.
    pub(super) fn unblock(&mut self, blocked: Option<Address>) -> DbResult<(), DB> {
        if let Some(address) = blocked {
            self.inner.ctx.journaled_state.load_account_mut(address)?.unsafe_set_nonce(0);
        }
        Ok(())
    }
}
