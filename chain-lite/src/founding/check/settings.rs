//! Checks the chain's settings and the parameters of consensus.

use crate::{
    founding::{Broken, GenesisFile},
    genesis::Genesis,
};
use fusor_vm::hhcm;

pub(super) fn check(file: &GenesisFile) -> Vec<Broken> {
    let mut broken = chain(&file.chain);
    if let Some(founding) = &file.consensus {
        let params = hhcm::Params { chain_id: file.chain.chain_id.max(1), ..founding.params };
        let rules = params.check().err().unwrap_or_default();
        broken.extend(rules.iter().map(|rule| {
            let path = format!("consensus.params.{}", rule.field);
            Broken::new(path, rule.rule, "change it, or leave it out for the default")
        }));
    }
    if let Some(rules) = &file.chain.custody
        && let Err(rule) = rules.check()
    {
        broken.push(Broken::new("custody", rule, "change it, or leave it out for the default"));
    }
    broken
}

fn chain(chain: &Genesis) -> Vec<Broken> {
    let step = chain.time_step_max.unwrap_or(u64::MAX);
    let rules = [
        (
            step >= chain.block_time,
            "time_step_max",
            format!("expected at least the {} s between blocks, found {step} s", chain.block_time),
            "raise it, or no block could follow block 0",
        ),
        (
            !super::reserved(chain.beneficiary),
            "beneficiary",
            format!("expected an address of a user, found the reserved {}", chain.beneficiary),
            "use the address of a key that somebody holds",
        ),
    ];
    let broken = rules.into_iter().filter(|(holds, ..)| !holds);
    broken.map(|(_, key, message, help)| Broken::new(format!("chain.{key}"), message, help)).collect()
}
