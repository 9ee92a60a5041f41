//! Moves what a retiring vault holds to another vault of its chain, under a key of its own.

use super::{
    chain::Reader,
    jobs::{Open, Working, abi},
    link::{asset_of, coin_of},
    record::{Binding, RecordError},
};
use alloy_primitives::{B256, U256, keccak256};
use fusor_outer::{Asset, FeeFrom, Plan, Request as OuterRequest, Signed};
use fusor_vm::{
    dcrm::{self, Coin, Counts, JobId, State, Vault},
    precompile::ICustody,
};

/// Names a move by what it spends first: an output, or a nonce.
fn name(plan: &Plan) -> B256 {
    let spends = match plan {
        Plan::Bitcoin(plan) => {
            let first = plan.inputs.first().map(|input| input.outpoint);
            first.map(|first| [&first.txid[..], &first.vout.to_be_bytes()].concat()).unwrap_or_default()
        }
        Plan::Ethereum(plan) => [&plan.from.path[..], &plan.nonce.to_be_bytes()].concat(),
    };
    keccak256([b"fusor move ".as_slice(), &spends].concat())
}

/// Returns what a plan moves, and how much arrives of it.
fn arrives(plan: &Plan) -> Option<(Asset, U256)> {
    match plan {
        Plan::Bitcoin(plan) => Some((Asset::Native, U256::from(plan.outputs.first()?.amount))),
        Plan::Ethereum(plan) if plan.data.is_empty() => Some((Asset::Native, plan.value)),
        Plan::Ethereum(plan) => Some((Asset::Token(plan.to), U256::from_be_slice(plan.data.get(36..68)?))),
    }
}

/// Returns what a plan spends of what it moves, fee included where the coin bears it.
fn gives(plan: &Plan) -> Option<U256> {
    let (asset, arrives) = arrives(plan)?;
    Some(match (plan, asset) {
        (Plan::Bitcoin(plan), _) => plan.inputs.iter().map(|input| U256::from(input.amount)).sum(),
        (Plan::Ethereum(plan), Asset::Native) => {
            let gas = U256::from(plan.gas_limit).saturating_mul(U256::from(plan.max_fee));
            arrives.saturating_add(gas)
        }
        (Plan::Ethereum(_), Asset::Token(_)) => arrives,
    })
}

fn request(asset: Asset, to: String, amount: U256) -> OuterRequest {
    let fee_from = if asset == Asset::Native { FeeFrom::Amount } else { FeeFrom::Vault };
    OuterRequest::LockOut { asset, to, amount, fee_from }
}

impl Working<'_> {
    /// Finds the oldest active vault of the same chain, and its own address.
    fn successor(&self) -> Result<Option<(u64, String)>, RecordError> {
        let mut reader = Reader::new(self.chain)?;
        let count = Counts::load(&mut reader)?.vaults;
        for number in (1..=count).filter(|number| *number != self.vault.number) {
            let Some(vault) = Vault::load(&mut reader, number)? else { continue };
            if vault.state == State::Active && vault.chain == self.vault.chain {
                let address = dcrm::address_of(&mut reader, &vault, 0)?.address;
                return Ok(Some((number, address)));
            }
        }
        Ok(None)
    }

    /// Proposes to move all that is held of one coin, tokens before the coin that pays for moving them.
    pub(super) fn evacuate(&mut self, open: &[Open]) -> Result<(), RecordError> {
        if self.is_proposed()? || !self.my_turn(1)? {
            return Ok(());
        }
        let Some((_, address)) = self.successor()? else { return Ok(()) };
        let nobody = JobId { vault: self.vault.number, request: 0, upkeep: B256::ZERO };
        let Some(view) = self.view(open, &nobody, None)? else { return Ok(()) };
        let mut coins: Vec<Coin> = self.coins.to_vec();
        coins.sort_by_key(|coin| coin.token.is_zero());
        for coin in coins {
            let asset = asset_of(&coin);
            let held = view.coins.iter().map(|coin| U256::from(coin.amount)).sum::<U256>();
            let held = if view.coins.is_empty() { view.held(&view.vault.main.path, asset) } else { held };
            if held < coin.min_deposit {
                continue;
            }
            match self.link.outer.plan(&request(asset, address.clone(), held), &view) {
                Ok(plan) => {
                    let id = JobId { vault: self.vault.number, request: 0, upkeep: name(&plan) };
                    return self.propose_covered(&id, &plan).map(drop);
                }
                Err(reason) => tracing::info!(%reason, "nothing moves"),
            }
        }
        Ok(())
    }

    /// Returns the request that a move answers to; none if the plan is no move by this name.
    pub(super) fn move_request(&self, id: &JobId, plan: &Plan) -> Option<OuterRequest> {
        if name(plan) != id.upkeep {
            return None;
        }
        let (_, address) = self.successor().ok()??;
        let (asset, _) = arrives(plan)?;
        Some(request(asset, address, gives(plan)?))
    }

    /// Settles a move; says whether the job is one.
    pub(super) fn settle_move(
        &mut self,
        id: &JobId,
        binding: &Binding,
        signed: &Signed,
        outflows: &[ICustody::Outflow],
    ) -> Result<bool, RecordError> {
        if id.request != 0 || name(&signed.plan) != id.upkeep {
            return Ok(false);
        }
        let (Some((to, _)), Some((asset, amount))) = (self.successor()?, arrives(&signed.plan)) else {
            return Ok(true);
        };
        let Some(coin) = coin_of(self.coins, asset) else { return Ok(true) };
        let fees = outflows.iter().map(|flow| ICustody::Outflow {
            coin: flow.coin,
            amount: if flow.coin == coin { flow.amount.saturating_sub(amount) } else { flow.amount },
        });
        let call = ICustody::settleMoveCall {
            id: abi(id),
            plan: binding.plan,
            transaction: B256::from(signed.txid),
            fees: fees.filter(|flow| !flow.amount.is_zero()).collect(),
            moved: vec![ICustody::Outflow { coin, amount }],
            to,
        };
        self.sender.call(self.chain, self.keys, U256::ZERO, &call)?;
        Ok(true)
    }
}
