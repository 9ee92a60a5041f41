//! Plays every fixture with Fusor's compiler alone and holds it against what its directives say.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod harness;

use harness::{compilers, fixture, fixtures, play};

fn run(name: &str, source: &str) -> Result<usize, String> {
    let fixture = fixture::parse(source);
    let built = compilers::ours(name, source)?;
    let contract = play::chosen(&fixture, &built, source)?;
    let mut stage = play::release(&built, contract, &fixture.constructor)?;
    let abi = stage.abi.clone();
    for step in &fixture.steps {
        let receipt = stage.step(step);
        play::judge(step, &receipt, &abi)
            .map_err(|e| format!("line {}: {} {}: {e}", step.line, step.call.signature, step.call.args))?;
    }
    Ok(fixture.steps.len())
}

#[test]
fn fixtures_do_what_they_say() {
    let mut failures = Vec::new();
    let mut steps = 0;
    let all = fixtures();
    for (name, source) in &all {
        match run(name, source) {
            Ok(n) => steps += n,
            Err(e) => failures.push(format!("{name}: {e}")),
        }
    }
    println!("{} of {} fixtures pass, {steps} calls", all.len() - failures.len(), all.len());
    assert!(failures.is_empty(), "{} fixtures fail\n{}", failures.len(), failures.join("\n"));
}
