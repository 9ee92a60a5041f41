//! Finds variables and the paths into them that end at a value of a wanted type.

use super::body::{Body, Var};
use super::literal;
use super::types::{Loc, Ty};

/// Is a path to a value and where its root lives.
pub struct Place {
    pub text: String,
    pub loc: Loc,
    /// True when the path is a variable's name alone.
    pub is_root: bool,
}

impl Body<'_> {
    /// Lists variables in which a value of the type can be reached, as far as state may be touched here.
    pub fn roots(&self, ty: &Ty, fits: impl Fn(&Var) -> bool) -> Vec<Var> {
        let allowed = |v: &&Var| {
            let readable = self.may_read()
                || !matches!(v.loc, Loc::State | Loc::Storage | Loc::Transient | Loc::Immutable)
                || self.home == super::body::Home::Free && v.loc == Loc::Storage;
            readable && fits(v) && v.ty.reaches(ty, self.world)
        };
        self.vars.iter().filter(allowed).cloned().collect()
    }

    /// Picks a place to read.
    pub fn readable(&mut self, ty: &Ty, fits: impl Fn(&Var) -> bool) -> Option<Place> {
        let roots = self.roots(ty, fits);
        self.choose(ty, &roots)
    }

    /// Picks a place to write.
    pub fn writable(&mut self, ty: &Ty) -> Option<Place> {
        if self.quiet {
            return None;
        }
        let state = self.may_write();
        let roots = self.roots(ty, |v| {
            v.writable && (state || !matches!(v.loc, Loc::State | Loc::Storage | Loc::Transient))
        });
        let place = self.choose(ty, &roots)?;
        if matches!(place.loc, Loc::State | Loc::Storage | Loc::Transient) {
            self.write();
        }
        Some(place)
    }

    fn choose(&mut self, ty: &Ty, roots: &[Var]) -> Option<Place> {
        if roots.is_empty() {
            return None;
        }
        let root = self.dice.pick(roots).clone();
        if matches!(root.loc, Loc::State | Loc::Storage | Loc::Transient | Loc::Immutable) {
            self.read();
        }
        let text = self.descend(root.name.clone(), &root.ty, ty);
        Some(Place { is_root: text == root.name, text, loc: root.loc })
    }

    fn descend(&mut self, mut path: String, from: &Ty, target: &Ty) -> String {
        let mut at = from.clone();
        while at != *target {
            (path, at) = match &at {
                Ty::Struct(i) => {
                    let world = self.world;
                    let fields: Vec<_> =
                        world.structs[*i].1.iter().filter(|(_, t)| t.reaches(target, world)).collect();
                    let (name, ty) = self.dice.pick(&fields);
                    (format!("{path}.{name}"), ty.clone())
                }
                Ty::Array(elem, len) => {
                    let index = self.index(&path, *len);
                    (format!("{path}[{index}]"), (**elem).clone())
                }
                Ty::Map(key, value) => {
                    let key = self.key(key);
                    (format!("{path}[{key}]"), (**value).clone())
                }
                Ty::Bytes => {
                    let index = self.index(&path, None);
                    (format!("{path}[{index}]"), Ty::Fixed(1))
                }
                _ => return path,
            };
        }
        path
    }

    /// Writes an expression inside an index or key; inside another one it is a literal.
    fn inner(&mut self, ty: &Ty) -> String {
        if self.nesting > 0 {
            return match ty {
                Ty::Bytes => literal::bytes(self.dice),
                Ty::Str => literal::text(self.dice),
                _ => literal::value(self.world, self.dice, ty),
            };
        }
        self.nesting += 1;
        let text = if ty.is_value() { self.value(ty, 1) } else { self.memory(ty, 1) };
        self.nesting -= 1;
        text
    }

    /// Writes an index, mostly within bounds.
    fn index(&mut self, path: &str, len: Option<usize>) -> String {
        let any = |body: &mut Self| body.inner(&Ty::Uint(256));
        match len {
            Some(n) if self.dice.chance(70) => self.dice.below(n).to_string(),
            Some(n) if self.dice.chance(90) => format!("{} % {n}", any(self)),
            None if self.dice.chance(35) => self.dice.below(2).to_string(),
            None if self.dice.chance(90) && path.len() < 40 => format!("{} % {path}.length", any(self)),
            _ => {
                let ty = Ty::Uint(*self.dice.pick(&[8, 16, 256]));
                self.inner(&ty)
            }
        }
    }

    /// Writes a mapping's key, often a small one so that keys meet again.
    fn key(&mut self, ty: &Ty) -> String {
        match ty {
            Ty::Uint(_) if self.dice.chance(50) => self.dice.below(3).to_string(),
            _ => self.inner(ty),
        }
    }
}
