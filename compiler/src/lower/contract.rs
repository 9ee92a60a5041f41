//! Builds the two modules of a contract: drains the queue of functions until nothing new is asked for.

use super::cx::{Cx, Key, Phase, Pointers, Raised, Res, broken, words};
use super::fx::{Fx, panics};
use super::{LowerError, Settings, module_name, runtime_name};
use crate::hir::{ContractId, Function, FunctionId, Hir};
use crate::ir::{FuncId, Function as IrFunction, FunctionBuilder, Module};
use alloy_primitives::U256;
use std::collections::BTreeSet;

/// Is what lowering a contract gives.
pub(crate) struct Lowered {
    pub(crate) creation: Module,
    pub(crate) runtime: Module,
    /// Names of modules of other contracts that these contain.
    pub(crate) objects: BTreeSet<String>,
    /// What these raise.
    pub(crate) raised: Raised,
}

/// Lowers one deployable contract.
pub(crate) fn lower_contract(
    hir: &Hir,
    id: ContractId,
    settings: Settings,
) -> Result<Lowered, Vec<LowerError>> {
    let mut creation = Cx::new(hir, id, Phase::Creation, module_name(hir, id), Pointers::default(), settings);
    creation.module.runtime = Some(runtime_name(hir, id));
    let mut errors = build(&mut creation, |fx| fx.build_creation_entry());
    let pointers = creation.pointers.clone();
    let mut runtime = Cx::new(hir, id, Phase::Runtime, runtime_name(hir, id), pointers, settings);
    errors.extend(build(&mut runtime, |fx| fx.build_runtime_entry()));
    if !errors.is_empty() {
        return Err(errors);
    }
    let objects = creation.objects.union(&runtime.objects).cloned().collect();
    let mut raised = creation.raised;
    raised.events.extend(runtime.raised.events);
    raised.errors.extend(runtime.raised.errors);
    Ok(Lowered { creation: creation.module, runtime: runtime.module, objects, raised })
}

/// Builds a module from its entry, and everything that it asks for.
pub(super) fn build<'h>(
    cx: &mut Cx<'h>,
    entry_body: impl FnOnce(&mut Fx<'_, 'h, '_>) -> Res<()>,
) -> Vec<LowerError> {
    let mut errors = Vec::new();
    let entry = cx.module.declare("entry", 0, 0);
    cx.module.entry = Some(entry);
    errors.extend(define(cx, entry, entry_body).err());
    let mut pointers_done = (usize::MAX, 0);
    loop {
        while let Some((key, id)) = cx.queue.pop() {
            errors.extend(define_key(cx, &key, id).err());
        }
        let now = (cx.pointers.ids.len(), cx.shapes.len());
        if now == pointers_done {
            note_uncalled(cx);
            return errors;
        }
        pointers_done = now;
        for (ins, outs) in cx.shapes.clone() {
            errors.extend(define_pointers(cx, ins, outs).err());
        }
    }
}

/// Notes what functions raise whose value is taken but never called: they are no code, but belong to the interface.
fn note_uncalled(cx: &mut Cx<'_>) {
    let is_called = |f: &FunctionId| cx.hir_function(*f).is_ok_and(|f| cx.shapes.contains(&shape(f)));
    let uncalled: Vec<FunctionId> = cx.pointers.ids.keys().filter(|f| !is_called(f)).copied().collect();
    if uncalled.is_empty() {
        return;
    }
    let (name, pointers) = (cx.module.name.clone(), cx.pointers.clone());
    let mut aside = Cx::new(cx.hir, cx.contract, cx.phase, name, pointers, cx.settings);
    for function in uncalled {
        // what is wrong with such a function is told where it is called
        let _ = aside.user(function);
    }
    while let Some((key, id)) = aside.queue.pop() {
        let _ = define_key(&mut aside, &key, id);
    }
    cx.raised.events.extend(aside.raised.events);
    cx.raised.errors.extend(aside.raised.errors);
}

/// Builds the body of a declared function.
fn define<'h>(cx: &mut Cx<'h>, id: FuncId, body: impl FnOnce(&mut Fx<'_, 'h, '_>) -> Res<()>) -> Res<()> {
    let Some(slot) = cx.module.functions.get_mut(id) else { return Err(broken("declared function")) };
    let empty = IrFunction::new(slot.name.clone(), slot.params().len(), slot.returns);
    let mut function = std::mem::replace(slot, empty);
    let mut fx = Fx::new(cx, FunctionBuilder::new(&mut function));
    let result = body(&mut fx);
    fx.finish();
    if let Some(slot) = cx.module.functions.get_mut(id) {
        *slot = function;
    }
    result
}

fn define_key(cx: &mut Cx<'_>, key: &Key, id: FuncId) -> Res<()> {
    match key {
        Key::User(function) => {
            let f = cx.hir_function(*function)?;
            define(cx, id, |fx| {
                fx.set_span(f.span);
                fx.build_user(f)
            })
        }
        Key::Yul(address) => {
            let (f, assembly) = *cx.yul.get(address).ok_or_else(|| broken("assembly function"))?;
            define(cx, id, |fx| fx.build_yul(f, assembly))
        }
        Key::Util(util) => define(cx, id, |fx| fx.build_util(util)),
        Key::Pointers(..) => Ok(()),
    }
}

/// Builds the dispatcher of function pointers of one shape: (number, arguments) -> results.
fn define_pointers(cx: &mut Cx<'_>, ins: usize, outs: usize) -> Res<()> {
    let id = cx.function(Key::Pointers(ins, outs), "pointers", ins + 1, outs);
    let Some(slot) = cx.module.functions.get_mut(id) else { return Err(broken("declared function")) };
    *slot = IrFunction::new(slot.name.clone(), ins + 1, outs);
    let mut targets: Vec<(u64, FunctionId)> = Vec::new();
    for (function, number) in cx.pointers.ids.clone() {
        let f = cx.hir_function(function)?;
        if shape(f) == (ins, outs) {
            targets.push((number, function));
        }
    }
    define(cx, id, |fx| {
        let number = fx.param(0);
        let args = fx.params(1, ins);
        let none = fx.block();
        let cases: Vec<_> = targets.iter().map(|(n, _)| (U256::from(*n), fx.b.create_block())).collect();
        fx.b.switch(number, &cases, none);
        for ((_, function), (_, block)) in targets.iter().zip(&cases) {
            fx.enter(*block);
            let target = fx.cx.user(*function)?;
            let results = fx.call(target, &args, outs);
            fx.b.ret(&results);
        }
        fx.enter(none);
        let always = fx.int(1);
        fx.panic_if(always, panics::FUNCTION);
        fx.revert_now();
        Ok(())
    })
}

fn shape(f: &Function) -> (usize, usize) {
    let count = |ids: &[crate::hir::LocalId]| {
        ids.iter().filter_map(|id| f.locals.get(id.index())).map(|l| words(&l.ty)).sum()
    };
    (count(&f.params), count(&f.returns))
}
