//! Tests text form, verifier and builder.

use super::{BlockId, Evm, FunctionBuilder, Id, Module, parse, print, verify};

const SAMPLE: &str = r#"module "C" {
  data "meta" 0x1234
  object "C.runtime"
  immutable "owner"
  library "lib.sol:L"
  runtime "C.runtime"
  entry @main

  fn @main() -> 0 {
  b0:
    v0 = calldataload 0x4 !0:10:5
    v1, v2 = call @pair(v0, 0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff)
    v3 = funcaddr @pair
    v4, v5 = callindirect v3, v1, v2 -> 2
    v6 = datasize "meta"
    setimmutable "owner", 0x80, v6
    v7, v8, v9 = ainfo v4
    v10 = linkersymbol "lib.sol:L"
    v11 = call 0x1, v10, 0x0, 0x0, 0x0, 0x0, 0x0
    switch v5, 0x0: b1, 0x1: b2(v7, v11), default: b3 !0:20:1
  b3:
    revert 0x0, 0x0
  b2(v12, v13):
    return v12, v13
  b1:
    v14 = memstart
    branch v14, b2(v14, v6), b3
  }

  fn @pair(v0, v1) -> 2 !0:1:2 {
  b0:
    ret v1, v0
  }
}
"#;

fn verified(text: &str) -> Module {
    let module = parse(text).unwrap();
    verify(&module).unwrap();
    module
}

/// Parses a function body around `body` and returns the verifier's or parser's complaint.
fn complaint(body: &str) -> String {
    let text = format!("module \"m\" {{ entry @main fn @main() -> 0 {{\n{body}\n}} }}");
    match parse(&text) {
        Err(error) => error.to_string(),
        Ok(module) => verify(&module).unwrap_err().to_string(),
    }
}

#[test]
fn text_form_round_trips() {
    let once = print(&verified(SAMPLE));
    assert_eq!(print(&verified(&once)), once);
    let strip = |text: &str| {
        text.lines().map(|line| line.trim().to_owned()).collect::<std::collections::BTreeSet<_>>()
    };
    // Blocks are renumbered in reverse postorder, so compare the lines that name none.
    let named =
        |text: &str| strip(text).into_iter().filter(|l| !l.contains(" b") && !l.starts_with('b')).count();
    assert_eq!(named(SAMPLE), named(&once));
}

#[test]
fn verifier_refuses_malformed_functions() {
    for (body, expected) in [
        ("b0: v0 = add 1\n stop", "operands and results"),
        ("b0: v0 = add 1, v1\n stop", "unknown value v1"),
        ("b0: v1 = add 1, v0\n v0 = add 1, 2\n stop", "used where it is not defined"),
        (
            "b0: branch 1, b1, b2\n b1: v0 = add 1, 2\n jump b3\n b2: jump b3\n b3: sstore v0, v0\n stop",
            "used where it is not defined",
        ),
        ("b0: jump b1(1)\n b1: stop", "1 values for 0 parameters"),
        ("b0: jump b1\n b1: jump b0", "edge to the entry"),
        ("b0: jump b1", "no end"),
        ("b0: ret", "the entry returns"),
        ("b0: call @main()\n stop", "call of the entry"),
        ("b0: switch 1, 2: b1, 2: b1, default: b1\n b1: stop", "equal cases"),
        ("b0: frobnicate 1\n stop", "unknown operation"),
    ] {
        let found = complaint(body);
        assert!(found.contains(expected), "{body}: {found}");
    }
}

#[test]
fn parser_never_panics_on_cut_text() {
    for end in 0..SAMPLE.len() {
        let _ = parse(&SAMPLE[..end]).map(|module| verify(&module));
    }
}

#[test]
fn variables_become_parameters_only_where_they_differ() {
    let mut module = Module::new("m");
    let id = module.declare("f", 1, 1);
    let mut b = FunctionBuilder::new(&mut module.functions[id]);
    let (n, same, sum, i) = (b.param(0).unwrap(), b.declare_var(), b.declare_var(), b.declare_var());
    let (zero, one) = (b.int(0), b.int(1));
    b.def_var(same, n);
    b.def_var(sum, zero);
    b.def_var(i, zero);
    let [header, body, exit]: [BlockId; 3] = std::array::from_fn(|_| b.create_block());
    b.jump(header, &[]);
    b.switch_to(header);
    let (at, bound) = (b.use_var(i), b.use_var(same));
    let more = b.evm(Evm::Lt, &[at, bound]);
    b.branch(more, body, exit);
    b.switch_to(body);
    let (s, at) = (b.use_var(sum), b.use_var(i));
    let next = b.evm(Evm::Add, &[s, at]);
    b.def_var(sum, next);
    let at = b.evm(Evm::Add, &[at, one]);
    b.def_var(i, at);
    b.jump(header, &[]);
    b.switch_to(exit);
    let result = b.use_var(sum);
    b.ret(&[result]);
    b.finish();
    super::verify_function(&module, id).unwrap();
    let function = &module.functions[id];
    assert_eq!(function.blocks[header].params.len(), 2, "{}", print(&module));
    assert_eq!(function.blocks[exit].params.len(), 0);
    assert_eq!(function.blocks[BlockId::new(0)].params.len(), 1);
}

#[test]
fn undefined_variable_reads_as_zero_and_dead_code_is_dropped() {
    let mut module = Module::new("m");
    let id = module.declare("f", 0, 1);
    let mut b = FunctionBuilder::new(&mut module.functions[id]);
    let x = b.declare_var();
    let value = b.use_var(x);
    b.ret(&[value]);
    b.effect(Evm::Sstore, &[value, value]);
    b.finish();
    let text = print(&module);
    assert!(text.contains("ret 0x0"), "{text}");
    assert!(!text.contains("sstore"), "{text}");
}

#[test]
fn long_chains_of_joins_do_not_overflow_the_stack() {
    let mut module = Module::new("m");
    let id = module.declare("f", 1, 1);
    let mut b = FunctionBuilder::new(&mut module.functions[id]);
    let x = b.declare_var();
    let first = b.param(0).unwrap();
    b.def_var(x, first);
    for _ in 0..20_000 {
        let [yes, join]: [BlockId; 2] = std::array::from_fn(|_| b.create_block());
        b.branch(first, yes, join);
        b.switch_to(yes);
        b.jump(join, &[]);
        b.switch_to(join);
    }
    let value = b.use_var(x);
    b.ret(&[value]);
    b.finish();
    super::verify_function(&module, id).unwrap();
    let function = &module.functions[id];
    assert!(function.blocks.iter().skip(1).all(|block| block.params.is_empty()));
}

/// Compares the dominator tree with its definition: `a` dominates `b` if `b` is out of reach without `a`.
#[test]
fn dominators_are_what_their_definition_says() {
    let mut seed = 7_u64;
    let mut random = |bound: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % bound
    };
    for _ in 0..300 {
        let count = 2 + random(12);
        let mut function = super::Function::new("f", 1, 0);
        let blocks: Vec<BlockId> = (0..count).map(|_| function.add_block()).collect();
        let condition = function.params()[0];
        for id in function.blocks.ids().collect::<Vec<_>>() {
            let edge = |to: usize| super::Edge::new(blocks[to], &[]);
            function.blocks[id].term = match random(4) {
                0 => super::Terminator::Stop,
                1 => super::Terminator::Jump(edge(random(count))),
                _ => super::Terminator::Branch(condition, edge(random(count)), edge(random(count))),
            };
        }
        let dominators = super::cfg::Dominators::new(&function);
        for &above in &dominators.order {
            let mut cut = function.clone();
            cut.blocks[above].term = super::Terminator::Stop;
            let reached = super::cfg::reverse_postorder(&cut);
            for &below in &dominators.order {
                let expected = above == below || !reached.contains(&below);
                assert_eq!(dominators.dominates(above, below), expected, "{above} {below} {function:?}");
            }
        }
    }
}
