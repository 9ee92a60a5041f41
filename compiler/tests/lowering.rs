#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
//! Lowers a program built by hand and runs it, so that lowering and back end are tested without the front end.

use alloy_primitives::{Address, Bytes, TxKind, U256, keccak256};
use fusor_compiler::driver::{Options, compile_hir};
use fusor_compiler::hir::*;
use fusor_compiler::source::Span;
use fusor_vm::evm::{FusorEvm, Rules};
use revm::context::{BlockEnv, TxEnv, result::ExecutionResult};
use revm::database::InMemoryDB;

fn e(kind: ExprKind, ty: Ty) -> Expr {
    Expr { kind, ty, span: Span::default() }
}
fn stmt(kind: StmtKind) -> Stmt {
    Stmt { kind, span: Span::default() }
}
fn local(name: &str) -> Local {
    Local { name: name.into(), ty: Ty::UINT, span: Span::default() }
}
fn selector(signature: &str) -> [u8; 4] {
    let hash = keccak256(signature);
    [hash[0], hash[1], hash[2], hash[3]]
}

/// `uint256 total; function f(uint256 a) public returns (uint256 r) { total += a; r = total; }`
fn program() -> Hir {
    let total = || Box::new(e(ExprKind::StateVar(VarId(0)), Ty::UINT));
    let a = Box::new(e(ExprKind::Local(LocalId(0)), Ty::UINT));
    let add = ExprKind::AssignOp { op: BinaryOp::Add, place: total(), value: a, checked: true };
    let result = Box::new(e(ExprKind::Local(LocalId(1)), Ty::UINT));
    let assign = ExprKind::Assign { place: result, value: total() };
    let body = Block {
        stmts: vec![stmt(StmtKind::Expr(e(add, Ty::UINT))), stmt(StmtKind::Expr(e(assign, Ty::UINT)))],
        unchecked: false,
    };
    let f = Function {
        name: "f".into(),
        contract: Some(ContractId(0)),
        kind: FunctionKind::Function,
        visibility: Visibility::Public,
        mutability: Mutability::NonPayable,
        is_virtual: false,
        params: vec![LocalId(0)],
        returns: vec![LocalId(1)],
        locals: vec![local("a"), local("r")],
        modifiers: Vec::new(),
        body: Some(body),
        selector: Some(selector("f(uint256)")),
        signature: "f(uint256)".into(),
        overrides: Vec::new(),
        doc: String::new(),
        inherits_doc: None,
        span: Span::default(),
    };
    let var = Var {
        name: "total".into(),
        contract: Some(ContractId(0)),
        ty: Ty::UINT,
        kind: VarKind::Storage,
        visibility: Visibility::Internal,
        init: Some(e(ExprKind::Number(U256::from(5)), Ty::UINT)),
        key_names: Vec::new(),
        selector: None,
        overrides: Vec::new(),
        doc: String::new(),
        inherits_doc: None,
        span: Span::default(),
    };
    let contract = Contract {
        name: "C".into(),
        file: "c.sol".into(),
        span: Span::default(),
        kind: ContractKind::Contract,
        linearisation: vec![ContractId(0)],
        constructor: None,
        base_args: Vec::new(),
        functions: vec![FunctionId(0)],
        modifiers: Vec::new(),
        vars: vec![VarId(0)],
        events: Vec::new(),
        errors: Vec::new(),
        interface: vec![(selector("f(uint256)"), InterfaceEntry::Function(FunctionId(0)))],
        receive: None,
        fallback: None,
        layout_base: U256::ZERO,
        post_construction: Vec::new(),
        descriptions: Vec::new(),
        creates: Vec::new(),
        doc: String::new(),
    };
    Hir { contracts: vec![contract], functions: vec![f], vars: vec![var], ..Hir::default() }
}

fn send(evm: &mut FusorEvm<InMemoryDB>, to: TxKind, data: Vec<u8>, value: u64) -> ExecutionResult {
    let nonce = evm.db_mut().cache.accounts.get(&Address::ZERO).map_or(0, |a| a.info.nonce);
    let tx = TxEnv {
        kind: to,
        data: data.into(),
        value: U256::from(value),
        gas_limit: 10_000_000,
        chain_id: Some(1),
        nonce,
        ..TxEnv::default()
    };
    evm.transact_commit(tx).unwrap()
}

fn call(argument: U256) -> Vec<u8> {
    [&selector("f(uint256)")[..], &argument.to_be_bytes::<32>()].concat()
}

#[test]
fn a_program_built_by_hand_runs() {
    for optimize in [false, true] {
        let options = Options { optimize, ..Options::default() };
        let artifacts = compile_hir(&program(), &options).unwrap();
        assert_eq!(artifacts[0].method_identifiers["f(uint256)"], "b3de648b");
        let mut evm = FusorEvm::new(InMemoryDB::default(), Rules::fusor(1), BlockEnv::default());
        evm.db_mut().insert_account_info(
            Address::ZERO,
            revm::state::AccountInfo::from_balance(U256::from(1u64 << 60)),
        );
        let created = send(&mut evm, TxKind::Create, artifacts[0].creation.bytes.clone(), 0);
        let ExecutionResult::Success { output, .. } = created else { panic!("{created:?}") };
        let to = TxKind::Call(*output.address().unwrap());
        for sum in [7_u64, 9] {
            let result = send(&mut evm, to, call(U256::from(2)), 0);
            assert_eq!(result.output().unwrap(), &Bytes::from(U256::from(sum).to_be_bytes_vec()));
        }
        let overflow = send(&mut evm, to, call(U256::MAX), 0);
        let panic = [&selector("Panic(uint256)")[..], &U256::from(0x11).to_be_bytes::<32>()].concat();
        assert_eq!(overflow.output().unwrap(), &Bytes::from(panic));
        assert!(!send(&mut evm, to, call(U256::ZERO), 1).is_success());
        assert!(!send(&mut evm, to, call(U256::ZERO)[..20].to_vec(), 0).is_success());
    }
}
