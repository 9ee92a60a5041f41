//! Finds variables so large that their slots are likely to meet others.

use super::super::Checker;
use super::warning;
use crate::ast;
use crate::diag::{Diagnostic, codes};
use crate::hir::{ContractKind, Loc, StructId, Ty, VarKind};
use crate::source::{SourceMap, Span};
use alloy_primitives::U256;
use std::collections::{BTreeMap, BTreeSet};

/// Slots from which on a variable counts as large.
const LARGE_BITS: usize = 64;

impl Checker {
    /// Finds types of state variables that cover a large part of storage, and layouts that end near its end.
    pub(super) fn warn_storage(&self, map: &SourceMap, found: &mut Vec<Diagnostic>) {
        let mut sizes = Sizes::new();
        for (var, owned) in self.hir.vars.iter().zip(&self.vars) {
            if var.kind == VarKind::Storage && var.contract.is_some() {
                self.large(&var.ty, &owned.ast, &mut sizes, found);
            }
        }
        for (info, row) in self.contracts.iter().zip(&self.hir.contracts) {
            if let Some(base) = info.ast.layout.as_ref()
                && row.kind != ContractKind::Interface
                && self.is_near_the_end(row, &mut sizes)
            {
                let message = "little storage is left behind this layout for later versions";
                let span = layout_span(map, base.span);
                found.push(warning(codes::LARGE_STORAGE, 3495, span, message, "begin at a lower slot"));
            }
        }
    }

    fn is_near_the_end(&self, row: &crate::hir::Contract, sizes: &mut Sizes) -> bool {
        let size = row.linearisation.iter().filter_map(|c| self.contract(*c)).flat_map(|c| &c.vars);
        let slots = size.filter_map(|v| self.hir.vars.get(v.index())).filter(|v| v.kind == VarKind::Storage);
        let used = slots.fold(U256::ZERO, |sum, v| sum.saturating_add(self.slot_count(&v.ty, sizes)));
        let end = row.layout_base.saturating_add(used);
        U256::MAX.saturating_sub(end) < U256::from(1) << LARGE_BITS
    }

    /// Reports the large types within a type, each once.
    fn large(&self, ty: &Ty, var: &ast::Variable, sizes: &mut Sizes, found: &mut Vec<Diagnostic>) {
        let (mut seen, mut names) = (BTreeSet::new(), BTreeSet::new());
        let mut open = vec![ty.clone()];
        while let Some(ty) = open.pop() {
            if self.slot_count(&ty, sizes) >= U256::from(1) << LARGE_BITS
                && names.insert(self.bare_name_of(&ty))
            {
                let message = format!("`{}` covers a large part of storage", self.bare_name_of(&ty));
                let help = "use a mapping or a dynamic array";
                found.push(warning(codes::LARGE_STORAGE, 7325, var.ty.span, message, help));
            }
            self.inner(&ty, &mut seen, &mut open);
        }
    }

    fn inner(&self, ty: &Ty, seen: &mut BTreeSet<StructId>, open: &mut Vec<Ty>) {
        match ty {
            Ty::Array { elem, .. } => open.push((**elem).clone()),
            Ty::Mapping { value, .. } => open.push((**value).clone()),
            Ty::Struct(id, _) if seen.insert(*id) => {
                let fields = self.hir.structs.get(id.index()).into_iter().flat_map(|s| &s.fields);
                open.extend(fields.map(|(_, t)| t.with_loc(Loc::Storage)));
            }
            _ => {}
        }
    }

    /// Counts the slots of a type; values that share a slot in a struct count as one each.
    fn slot_count(&self, ty: &Ty, sizes: &mut Sizes) -> U256 {
        match ty {
            Ty::Array { elem, len: Some(len), .. } if elem.is_value() => {
                let bytes = crate::layout::packed_bytes(&self.hir, elem).clamp(1, 32);
                len.div_ceil(U256::from(32 / bytes))
            }
            Ty::Array { elem, len: Some(len), .. } => len.saturating_mul(self.slot_count(elem, sizes)),
            Ty::Struct(id, _) => {
                if let Some(known) = sizes.get(id) {
                    return *known;
                }
                sizes.insert(*id, U256::from(1));
                let fields = self.hir.structs.get(id.index()).into_iter().flat_map(|s| &s.fields);
                let sum =
                    fields.fold(U256::ZERO, |sum, (_, t)| sum.saturating_add(self.slot_count(t, sizes)));
                sizes.insert(*id, sum);
                sum
            }
            _ => U256::from(1),
        }
    }
}

/// Keeps the sizes of structs that are known already.
type Sizes = BTreeMap<StructId, U256>;

/// Returns the span from the word `layout` to the end of the base.
fn layout_span(map: &SourceMap, base: Span) -> Span {
    let before = map.file(base.file).and_then(|f| f.text().get(..base.start as usize)).unwrap_or("");
    let start = before.rfind("layout").map_or(base.start, |at| at as u32);
    Span { start, ..base }
}
