//! Compiles a module in text form and prints the optimised IR and the assembly.

use fusor_compiler::codegen::{Options, compile};
use fusor_compiler::{ir, opt};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("usage: ir_to_asm FILE [--no-opt]")?;
    let optimize = std::env::args().all(|arg| arg != "--no-opt");
    let options = Options { optimize, ..Options::default() };
    let module = ir::parse(&std::fs::read_to_string(path)?)?;
    println!("{}", ir::print(&opt::run(&module, &options)?));
    let output = compile(&module, &[], &options)?;
    println!("{}; {} bytes", output.asm_text, output.creation.len());
    Ok(())
}
