//! Provides mainnet's precompiles and, with extensions, the system precompiles.

use super::context::FusorContext;
use crate::{account, precompile};
use alloy_primitives::Address;
use revm::{
    Database,
    handler::{EthPrecompiles, PrecompileProvider},
    interpreter::{CallInputs, InterpreterResult},
    primitives::{AddressSet, hardfork::SpecId},
};

/// Is the set of precompiles of a chain.
#[derive(Debug)]
pub(crate) struct FusorPrecompiles {
    mainnet: EthPrecompiles,
    warm: AddressSet,
    extensions: bool,
}

impl FusorPrecompiles {
    pub(crate) fn new(spec: SpecId, extensions: bool) -> Self {
        let mut this = Self { mainnet: EthPrecompiles::new(spec), warm: AddressSet::default(), extensions };
        this.collect_warm();
        this
    }

    fn collect_warm(&mut self) {
        self.warm = self.mainnet.warm_addresses().clone();
        if self.extensions {
            self.warm.extend(account::SYSTEM);
        }
    }
}

impl<DB: Database> PrecompileProvider<FusorContext<DB>> for FusorPrecompiles {
    type Output = InterpreterResult;

    fn set_spec(&mut self, spec: SpecId) -> bool {
        let changed = PrecompileProvider::<FusorContext<DB>>::set_spec(&mut self.mainnet, spec);
        if changed {
            self.collect_warm();
        }
        changed
    }

    fn run(
        &mut self,
        context: &mut FusorContext<DB>,
        inputs: &CallInputs,
    ) -> Result<Option<InterpreterResult>, String> {
        if self.extensions
            && let Some(result) = precompile::run(context, inputs)
        {
            return Ok(Some(result));
        }
        self.mainnet.run(context, inputs)
    }

    fn warm_addresses(&self) -> &AddressSet {
        &self.warm
    }

    fn contains(&self, address: &Address) -> bool {
        self.warm.contains(address)
    }
}
