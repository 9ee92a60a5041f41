//! Turns description sections into ordinary Solidity: members that are added to the tree of their contract
//! before names are resolved, so that one checker, one optimiser and one debugger serve both sections.
//!
//! For a description `D`, clause number `i`:
//!
//! ```text
//! __fusor_register_D()     internal: funds the pot and books every trigger; runs at the end of construction
//! __fusor_rebook_D()       internal: evaluates the times again; runs after each firing
//! __fusor_D_i()            external: what the scheduler calls; refuses every other caller
//! __fusor_D_i_time() ...   internal view: one function for each expression of the clause, so that the checker
//!                          refuses side effects and wrong types at the expression itself
//! ```
//!
//! What a trigger remembers (its tid and the moment it is booked for) lies in slots derived from the names by
//! keccak-256, beside the contract's own layout.

pub mod ast;
mod cron;
mod event;
mod find;
mod fold;
mod fund;
mod parse;
mod policy;
mod synth;
#[cfg(test)]
mod tests;
mod times;

use crate::ast::{Contract, Function, FunctionKind, Item, Member, NodeId, SourceUnit};
use crate::diag::{Diagnostic, codes};
use crate::hir::DescriptionRecord;
use crate::lexer::{T, Tokens, lex};
use crate::parse::Parser;
use crate::source::{FileId, Span};
use ast::Description;
use find::{Finder, contracts};
use std::collections::BTreeSet;
use synth::{Piece, Synth, Wrap};

/// Is a parsed file with its description sections.
pub struct Unit<'a> {
    /// The file.
    pub file: FileId,
    /// Its whole text.
    pub text: &'a str,
    /// Its tree, to which members are added.
    pub unit: &'a mut SourceUnit,
    /// The tokens and spans of its description sections.
    pub sections: &'a [(Tokens, Span)],
    /// The files it imports.
    pub imports: Vec<FileId>,
}

/// Is what attaching gave.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What is wrong with the descriptions.
    pub diagnostics: Vec<Diagnostic>,
    /// Records by contract.
    pub records: Vec<(FileId, NodeId, Vec<DescriptionRecord>)>,
    /// Import paths that the added items need.
    pub needs: Vec<&'static str>,
}

/// Says which contract a section belongs to: the unit's index and the contract's node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Target {
    unit: usize,
    contract: NodeId,
}

/// Is everything that one description adds.
struct Addition {
    target: Target,
    pieces: Vec<Piece>,
    wraps: Vec<Wrap>,
    records: Vec<DescriptionRecord>,
    needs: Vec<(&'static str, &'static str)>,
}

/// Attaches every description section to its contract. Contracts with a faulty description keep what could be
/// made of it; the diagnostics say what is missing.
pub fn attach(units: &mut [Unit<'_>]) -> Outcome {
    let mut out = Outcome::default();
    let parsed = parse_all(units, &mut out.diagnostics);
    let additions = synthesise_all(units, &parsed, &mut out.diagnostics);
    for addition in additions {
        apply(units, addition, &mut out);
    }
    out
}

fn parse_all(units: &mut [Unit<'_>], diags: &mut Vec<Diagnostic>) -> Vec<(usize, Target, Description)> {
    let mut parsed = Vec::new();
    let mut seen = BTreeSet::new();
    for at in 0..units.len() {
        let Some(unit) = units.get(at) else { continue };
        let (file, text, sections) = (unit.file, unit.text, unit.sections);
        for (tokens, span) in sections {
            let Some(target) = target(units, at, tokens, diags) else { continue };
            if !seen.insert(target) {
                let message = "this contract has a description already";
                let help = "put all clauses into one description";
                diags.push(Diagnostic::error(codes::DESC_DUPLICATE, *span, message).help(help));
                continue;
            }
            let Some(home) = units.get_mut(target.unit) else { continue };
            let mut parser = Parser::new(file, text, tokens);
            parser.next_id = home.unit.node_count;
            let description = parser.description();
            home.unit.node_count = parser.next_id;
            diags.append(&mut parser.diags);
            parsed.extend(description.ok().map(|description| (at, target, description)));
        }
    }
    parsed
}

/// Finds the contract that a section names: in its own file, else in the files it imports.
fn target(units: &[Unit<'_>], at: usize, tokens: &Tokens, diags: &mut Vec<Diagnostic>) -> Option<Target> {
    let own = units.get(at)?;
    let token = tokens.list.get(1).copied().filter(|token| token.kind == T::Ident)?;
    let name = own.text.get(token.start as usize..token.end as usize)?;
    let span = Span::new(own.file, token.start, token.end);
    let reachable = reachable(units, at);
    let found = reachable.iter().find_map(|unit| {
        let contract = contracts(units.get(*unit)?.unit).find(|c| &*c.name.name == name)?;
        Some((Target { unit: *unit, contract: contract.id }, contract))
    });
    let Some((target, contract)) = found else {
        let message = format!("no contract `{name}` in this file or the files it imports");
        let help = "a description carries the name of its contract";
        diags.push(Diagnostic::error(codes::DESC_UNKNOWN_CONTRACT, span, message).help(help));
        return None;
    };
    if contract.is_abstract || contract.kind != crate::ast::ContractKind::Contract {
        let message = format!("`{name}` is never released, so it cannot run by itself");
        let help = "describe the contract that derives from it";
        diags.push(Diagnostic::error(codes::DESC_ABSTRACT, span, message).help(help));
        return None;
    }
    Some(target)
}

/// Lists a unit and all it imports, nearest first.
fn reachable(units: &[Unit<'_>], from: usize) -> Vec<usize> {
    let (mut list, mut next) = (vec![from], 0);
    while let Some(unit) = list.get(next).and_then(|at| units.get(*at)) {
        next += 1;
        for file in &unit.imports {
            if let Some(at) = units.iter().position(|u| u.file == *file).filter(|at| !list.contains(at)) {
                list.push(at);
            }
        }
    }
    list
}

fn synthesise_all(
    units: &[Unit<'_>],
    parsed: &[(usize, Target, Description)],
    diags: &mut Vec<Diagnostic>,
) -> Vec<Addition> {
    let trees: Vec<&SourceUnit> = units.iter().map(|unit| &*unit.unit).collect();
    let finder = Finder::new(&trees);
    let mut additions = Vec::new();
    for (at, target, description) in parsed {
        let (Some(home), Some(place)) = (units.get(target.unit), units.get(*at)) else { continue };
        let Some(contract) = contracts(home.unit).find(|c| c.id == target.contract) else { continue };
        let mut synth = Synth::new(finder, contract, description, place.text);
        synth.run();
        diags.append(&mut synth.diags);
        additions.push(Addition {
            target: *target,
            pieces: synth.pieces,
            wraps: synth.wraps,
            records: synth.records,
            needs: synth.needs,
        });
    }
    additions
}

/// Parses the synthesised members and puts them into the contract's tree.
fn apply(units: &mut [Unit<'_>], addition: Addition, out: &mut Outcome) {
    let Some(home) = units.get_mut(addition.target.unit) else { return };
    let mut next_id = home.unit.node_count;
    let members: Vec<Member> = addition
        .pieces
        .into_iter()
        .flat_map(|piece| members(piece, &mut next_id, &mut out.diagnostics))
        .collect();
    let imports: Vec<Item> =
        addition.needs.iter().filter_map(|(_, text)| import(home.file, text, &mut next_id)).collect();
    home.unit.node_count = next_id;
    for (path, _) in &addition.needs {
        if !out.needs.contains(path) {
            out.needs.push(path);
        }
    }
    home.unit.items.extend(imports);
    for item in &mut home.unit.items {
        let Item::Contract(contract) = item else { continue };
        if contract.id == addition.target.contract {
            let mut changed = Contract::clone(contract);
            changed.members.extend(members);
            wrap(&mut changed, &addition.wraps);
            *item = Item::Contract(changed.into());
            break;
        }
    }
    out.records.push((home.file, addition.target.contract, addition.records));
}

fn members(piece: Piece, next_id: &mut u32, diags: &mut Vec<Diagnostic>) -> Vec<Member> {
    let (tokens, mut faults) = lex(piece.span.file, &piece.text);
    let mut parser = Parser::new(piece.span.file, &piece.text, &tokens);
    parser.next_id = *next_id;
    parser.fixed_span = Some(piece.span);
    parser.holes = piece.holes.into_iter().map(|(name, expr)| (name.into(), expr)).collect();
    let mut list = Vec::new();
    while parser.peek() != T::Eof {
        match parser.member() {
            Ok(member) => list.push(member),
            Err(_) => break,
        }
    }
    *next_id = parser.next_id;
    faults.append(&mut parser.diags);
    diags.extend(faults.into_iter().map(|fault| Diagnostic { span: piece.span, ..fault }));
    list
}

fn import(file: FileId, text: &str, next_id: &mut u32) -> Option<Item> {
    let (tokens, _) = lex(file, text);
    let mut parser = Parser::new(file, text, &tokens);
    parser.next_id = *next_id;
    let item = parser.source_unit().into_iter().next();
    *next_id = parser.next_id;
    item
}

/// Puts a synthesised modifier around functions, outermost.
fn wrap(contract: &mut Contract, wraps: &[Wrap]) {
    for member in &mut contract.members {
        let Member::Function(function) = member else { continue };
        let is_target = |wrap: &&Wrap| {
            function.kind == FunctionKind::Function
                && function.name.as_ref().is_some_and(|name| name.name == wrap.function)
        };
        let modifiers: Vec<_> = wraps.iter().filter(is_target).map(|wrap| wrap.modifier.clone()).collect();
        if modifiers.is_empty() {
            continue;
        }
        let mut changed = Function::clone(function);
        changed.modifiers.splice(0..0, modifiers);
        *member = Member::Function(changed.into());
    }
}
