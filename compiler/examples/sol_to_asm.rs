//! Compiles a Solidity file and prints each contract's sizes, and with `--asm` or `--ir` its code.

use fusor_compiler::compilation::{Compilation, DiskProvider};
use fusor_compiler::driver::{Options, compile_hir};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().collect();
    let has = |flag: &str| args.iter().any(|arg| arg == flag);
    let path = args.get(1).ok_or("usage: sol_to_asm FILE [--asm] [--ir] [--no-opt]")?;
    let text = std::fs::read_to_string(path)?;
    let provider = DiskProvider { embedded: |_| None, roots: vec![".".into()], remappings: Vec::new() };
    let mut compilation = Compilation::new(provider);
    compilation.add_text(path, &text);
    let start = std::time::Instant::now();
    compilation.check();
    let Some(hir) = compilation.hir() else { return Err(format!("{:?}", compilation.diagnostics()).into()) };
    let checked = start.elapsed();
    let options = Options { optimize: !has("--no-opt"), ..Options::default() };
    let artifacts = compile_hir(hir, &options).map_err(|found| format!("{found:?}"))?;
    println!("; check {checked:?}, all {:?}", start.elapsed());
    for artifact in artifacts {
        println!(
            "; {} creation {} runtime {}",
            artifact.name,
            artifact.creation.bytes.len(),
            artifact.runtime.bytes.len()
        );
        if has("--ir") {
            println!("{}", artifact.ir);
        }
        if has("--asm") {
            println!("{}", artifact.assembly);
        }
    }
    Ok(())
}
