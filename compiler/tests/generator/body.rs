//! Holds what the generator knows while it writes one body: variables in scope, functions, what the body does.

use super::dice::Dice;
use super::types::{Loc, Ty};
use super::world::{Fun, Mutability, World};

/// Is a variable in scope.
#[derive(Debug, Clone)]
pub struct Var {
    pub name: String,
    pub ty: Ty,
    pub loc: Loc,
    /// False for loop counters and what may only be read.
    pub writable: bool,
}

/// Says where a body stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Home {
    /// Outside contracts or in a library: no state, no `this`.
    Free,
    /// In a contract.
    Contract,
    /// In a constructor or a modifier's argument: state, but no `this`.
    Constructor,
}

/// Writes one body.
pub struct Body<'w> {
    pub world: &'w World,
    pub dice: &'w mut Dice,
    pub vars: Vec<Var>,
    pub funs: &'w [Fun],
    pub home: Home,
    /// What the body may do at most.
    pub limit: Mutability,
    /// What it does so far.
    pub used: Mutability,
    /// Statements that run, roughly.
    pub cost: usize,
    /// How often the current statement runs.
    pub factor: usize,
    pub returns: Vec<(Ty, Loc)>,
    pub names: usize,
    pub in_loop: bool,
    pub unchecked: bool,
    /// True while side effects must not happen.
    pub quiet: bool,
    /// True where there is no call data: in `receive`.
    pub bare: bool,
    /// How deep the current expression is inside indices and keys.
    pub nesting: usize,
    pub lines: Vec<String>,
    pub indent: usize,
}

/// Cost above which a body calls nothing more.
const COST_MAX: usize = 400;

impl<'w> Body<'w> {
    pub fn new(world: &'w World, dice: &'w mut Dice, funs: &'w [Fun], home: Home, limit: Mutability) -> Self {
        Self {
            world,
            dice,
            vars: Vec::new(),
            funs,
            home,
            limit,
            used: Mutability::Pure,
            cost: 1,
            factor: 1,
            returns: Vec::new(),
            names: 0,
            in_loop: false,
            unchecked: false,
            quiet: false,
            bare: false,
            nesting: 0,
            lines: Vec::new(),
            indent: 2,
        }
    }

    /// Writes an expression of any type that nests as deep as statements want.
    pub fn drawn(&mut self, ty: &Ty) -> String {
        let depth = 1 + self.dice.below(self.world.scale + 1).min(2);
        self.any(ty, depth)
    }

    pub fn line(&mut self, text: impl AsRef<str>) {
        self.lines.push(format!("{}{}", "    ".repeat(self.indent), text.as_ref()));
        self.cost += self.factor;
    }

    pub fn fresh(&mut self, prefix: &str) -> String {
        self.names += 1;
        format!("{prefix}{}", self.names)
    }

    pub fn local(&mut self, name: &str, ty: Ty, loc: Loc) {
        self.vars.push(Var { name: name.into(), ty, loc, writable: loc != Loc::Calldata });
    }

    pub fn read(&mut self) {
        self.used = self.used.max(Mutability::View);
    }

    pub fn write(&mut self) {
        self.used = Mutability::Writes;
    }

    /// Is true when state may be read here.
    pub fn may_read(&self) -> bool {
        self.home != Home::Free && self.limit >= Mutability::View
    }

    /// Is true when state may be written here.
    pub fn may_write(&self) -> bool {
        self.home != Home::Free && self.limit == Mutability::Writes && !self.quiet
    }

    /// Runs something without side effects.
    pub fn quietly<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.quiet, true);
        let out = run(self);
        self.quiet = before;
        out
    }

    /// Lists the functions that may be called here and satisfy a condition.
    pub fn callable(&self, fits: impl Fn(&Fun) -> bool) -> Vec<Fun> {
        let mutability = if self.quiet { Mutability::View.min(self.limit) } else { self.limit };
        let allowed = |f: &&Fun| {
            f.mutability <= mutability
                && self.cost + self.factor * f.cost <= COST_MAX
                && fits(f)
                && f.params.iter().all(|(ty, loc)| self.can_pass(ty, *loc, f))
        };
        self.funs.iter().filter(allowed).cloned().collect()
    }

    /// Is true when there is an argument for a parameter.
    fn can_pass(&self, ty: &Ty, loc: Loc, fun: &Fun) -> bool {
        use super::world::Way;
        match loc {
            Loc::Storage => !self.roots(ty, |v| matches!(v.loc, Loc::State | Loc::Storage)).is_empty(),
            Loc::Calldata if fun.way != Way::External => {
                !self.roots(ty, |v| v.loc == Loc::Calldata).is_empty()
            }
            _ => true,
        }
    }

    /// Counts a call.
    pub fn charge(&mut self, fun: &Fun) {
        self.cost += self.factor * fun.cost;
        self.used = self.used.max(fun.mutability);
    }
}
