//! Lends one coin in custody against another by a contract.

use super::{Stage, created, creation};
use crate::{custody::account::Account, error::Outcome};
use alloy_primitives::{Address, TxKind, U256};
use alloy_sol_types::{SolCall, SolConstructor, sol};
use fusor_vm::{
    account::{DCRM, erc20_address},
    dcrm,
    ledger::asset_id,
    precompile::IERC20View,
};

const CONTRACT: &str = include_str!("../Pawn.sol");

sol! {
    interface Pawn {
        constructor(bytes32 pledged, bytes32 lent);
        function open(uint256 pledge, uint256 loan) external;
        function fund(uint256 pawn) external;
        function redeem(uint256 pawn) external;
    }
}

impl Stage {
    /// Lends USDX of bob to alice against LTC of hers; she pays back.
    pub(super) fn lend(&self) -> Outcome {
        let mut code = creation(CONTRACT, "Pawn")?;
        let (pledged, lent) = (dcrm::name("LTC"), dcrm::name("USDX"));
        code.extend(Pawn::constructorCall { pledged, lent }.abi_encode());
        let receipt = self.steward.wallet().send(TxKind::Create, U256::ZERO, &code)?;
        let pawn = created(&receipt, &self.client)?;
        let (pledge, loan) = (U256::from(40_000_000), U256::from(200_000_000_000_000_000_000u128));
        self.give(&self.alice, "LTC", pawn, pledge)?;
        let call = Pawn::openCall { pledge, loan }.abi_encode();
        self.alice.wallet().send(TxKind::Call(pawn), U256::ZERO, &call)?;
        self.give(&self.bob, "USDX", pawn, loan)?;
        self.bob.wallet().send(
            TxKind::Call(pawn),
            U256::ZERO,
            &Pawn::fundCall { pawn: U256::ONE }.abi_encode(),
        )?;
        self.tell("alice pledges 0.4 LTC at a contract, bob lends her 200 USDX against it")?;
        self.give(&self.alice, "USDX", pawn, loan)?;
        let call = Pawn::redeemCall { pawn: U256::ONE }.abi_encode();
        self.alice.wallet().send(TxKind::Call(pawn), U256::ZERO, &call)?;
        self.tell("alice pays back and has her LTC again")
    }

    fn give(&self, from: &Account, coin: &str, to: Address, amount: U256) -> Outcome {
        let asset = asset_id(DCRM, dcrm::name(coin).into());
        let call = IERC20View::transferCall { to, value: amount }.abi_encode();
        from.wallet().send(TxKind::Call(erc20_address(asset)), U256::ZERO, &call).map(drop)
    }
}
