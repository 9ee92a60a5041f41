//! Gives every expression what solc's tree says of it: its type, what it refers to, whether it is known at
//! compile time and whether it can be assigned to. The program is valid: nothing is reported here.

use super::declare::{DeclId, Kind, Scope, World};
use super::types::{Fun, FunKind, T};
use super::using::Usings;
use crate::ast::{self, Expr};
use crate::source::Span;
use std::collections::HashMap;
use std::rc::Rc;

/// Says what a call is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum CallKind {
    #[default]
    Function,
    Conversion,
    Struct,
}

impl CallKind {
    /// Spells it as solc does.
    pub(super) fn text(self) -> &'static str {
        match self {
            CallKind::Function => "functionCall",
            CallKind::Conversion => "typeConversion",
            CallKind::Struct => "structConstructorCall",
        }
    }
}

/// Is what is known of an expression.
#[derive(Debug, Clone, Default)]
pub(super) struct Note {
    pub ty: Option<T>,
    pub pure: bool,
    pub constant: bool,
    pub lvalue: bool,
    pub requested: bool,
    pub args: Option<Rc<Args>>,
    pub reference: Option<DeclId>,
    pub overloads: Vec<DeclId>,
    pub call: CallKind,
    pub common: Option<T>,
    pub function: Option<DeclId>,
}

/// Is what a call passes.
#[derive(Debug, Clone, Default)]
pub(super) struct Args {
    pub types: Vec<Option<T>>,
    pub names: Option<Vec<Rc<str>>>,
}

/// Says how an expression is used.
#[derive(Clone, Default)]
pub(super) struct Use {
    /// The arguments of the call that it is the callee of.
    pub args: Option<Rc<Args>>,
    /// True when it is assigned to.
    pub assigned: bool,
}

/// Is a use of something that a contract's code reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Edge {
    /// Calls a function as the most derived contract has it.
    Virtual(DeclId),
    /// Calls exactly this one.
    Exact(DeclId),
    /// Calls what follows the contract in the most derived contract's order.
    Super(DeclId, DeclId),
    /// Keeps a function as a value, to be called later.
    Value(DeclId, bool),
    Modifier(DeclId, bool),
    Error(DeclId),
    Event(DeclId),
    /// Needs the code of a contract.
    Code(DeclId),
}

/// Walks over the program and notes what it finds.
pub(super) struct Typer<'a> {
    pub w: World<'a>,
    pub usings: Usings<'a>,
    pub notes: HashMap<Span, Note>,
    pub type_notes: HashMap<Span, T>,
    pub paths: HashMap<Span, Vec<DeclId>>,
    /// Uses by the declaration whose code holds them.
    pub edges: HashMap<DeclId, Vec<Edge>>,
    pub scope: Scope,
    pub locals: Vec<HashMap<&'a str, DeclId>>,
    pub inside: Option<DeclId>,
}

impl<'a> Typer<'a> {
    /// Makes a typer that has seen nothing.
    pub(super) fn new(world: World<'a>) -> Self {
        Self {
            w: world,
            usings: Usings::default(),
            notes: HashMap::new(),
            type_notes: HashMap::new(),
            paths: HashMap::new(),
            edges: HashMap::new(),
            scope: Scope { file: 0, contract: None },
            locals: Vec::new(),
            inside: None,
        }
    }

    pub(super) fn edge(&mut self, edge: Edge) {
        if let Some(inside) = self.inside {
            self.edges.entry(inside).or_default().push(edge);
        }
    }

    /// Notes an expression that is read.
    pub(super) fn read(&mut self, e: &'a Expr) -> Option<T> {
        self.visit(e, Use::default())
    }

    /// Notes an expression and returns its type.
    pub(super) fn visit(&mut self, e: &'a Expr, usage: Use) -> Option<T> {
        let args = usage.args.clone();
        let requested = usage.assigned;
        let mut note = self.note_of(e, usage);
        note.args = args;
        note.requested = requested;
        let ty = note.ty.clone();
        self.notes.insert(e.span, note);
        ty
    }

    pub(super) fn noted(&self, e: &Expr) -> Note {
        self.notes.get(&e.span).cloned().unwrap_or_default()
    }

    pub(super) fn is_pure(&self, e: &Expr) -> bool {
        self.notes.get(&e.span).is_some_and(|n| n.pure)
    }

    /// Drops all but the first of several functions with the same parameters: a base's overridden ones.
    pub(super) fn cleaned(&self, list: &[DeclId]) -> Vec<DeclId> {
        let mut seen: Vec<Vec<T>> = Vec::new();
        let mut out = Vec::new();
        for id in list {
            let params = match self.w.decl_type(*id) {
                Some(T::Function(f)) => f.params.clone(),
                _ => {
                    out.push(*id);
                    continue;
                }
            };
            if !seen.contains(&params) {
                seen.push(params);
                out.push(*id);
            }
        }
        out
    }

    /// Is true when a function takes these arguments.
    pub(super) fn takes(&self, fun: &Fun, args: &Args) -> bool {
        if fun.arbitrary {
            return true;
        }
        let params = fun.written_params();
        if params.len() != args.types.len() {
            return false;
        }
        let fits = |arg: &Option<T>, param: &T| arg.as_ref().is_some_and(|a| self.w.converts(a, param));
        let Some(given) = &args.names else {
            return args.types.iter().zip(params).all(|(a, p)| fits(a, p));
        };
        let names = fun.names.get(usize::from(fun.attached)..).unwrap_or_default();
        given.iter().zip(&args.types).all(|(name, arg)| {
            let at = names.iter().position(|n| n == name);
            at.and_then(|i| params.get(i)).is_some_and(|p| fits(arg, p))
        })
    }

    /// Notes a dotted name that is used as an expression: the callee of `emit` and `revert`.
    pub(super) fn visit_path(&mut self, path: &'a ast::Path, args: Rc<Args>) -> Option<T> {
        let count = path.segments.len();
        let mut base: Option<T> = None;
        let mut span = path.segments.first()?.span;
        for (i, segment) in path.segments.iter().enumerate() {
            span = span.to(segment.span);
            let given = (i + 1 == count).then(|| args.clone());
            let mut note = match &base {
                None => self.identifier(&segment.name, given.as_ref()),
                Some(base) => self.member_note(base, false, &segment.name, given.as_ref()),
            };
            note.args = given;
            base.clone_from(&note.ty);
            self.notes.insert(span, note);
        }
        if let Some(T::Function(f)) = &base {
            self.notice_edge(f);
        }
        base
    }

    /// Records that an event is emitted or an error raised.
    pub(super) fn notice_edge(&mut self, f: &Fun) {
        match (f.kind, f.decl) {
            (FunKind::Event, Some(id)) => self.edge(Edge::Event(id)),
            (FunKind::Error, Some(id)) => self.edge(Edge::Error(id)),
            _ => {}
        }
    }

    /// Resolves a name: locals first, then what the contract and the file know.
    pub(super) fn candidates(&self, name: &str) -> Vec<DeclId> {
        match self.locals.iter().rev().find_map(|s| s.get(name)) {
            Some(local) => vec![*local],
            None => self.w.lookup(self.scope, name).to_vec(),
        }
    }

    /// Describes a name used as an expression.
    pub(super) fn identifier(&mut self, name: &str, args: Option<&Rc<Args>>) -> Note {
        let found = self.candidates(name);
        let mut note = Note::default();
        let chosen = match found.as_slice() {
            [] => None,
            [one] => Some(*one),
            _ => {
                note.overloads = self.cleaned(&found);
                self.choose(&note.overloads, args)
            }
        };
        let Some(id) = chosen else { return note };
        note.reference = Some(id);
        note.ty = self.value_type(id);
        note.pure = match self.w.kind(id) {
            Some(Kind::Variable(v)) => v.constant.is_some(),
            Some(Kind::Builtin(_) | Kind::Function(_)) => match &note.ty {
                Some(T::Function(f)) => f.is_pure(),
                _ => false,
            },
            _ => matches!(note.ty, Some(T::Type(_) | T::Module(_))),
        };
        note.constant = matches!(self.w.kind(id), Some(Kind::Variable(v)) if v.constant.is_some());
        note.lvalue = self.is_assignable(id);
        if let Some(Kind::Function(_)) = self.w.kind(id) {
            self.edge(if args.is_some() { Edge::Virtual(id) } else { Edge::Value(id, true) });
        }
        note
    }

    fn choose(&self, list: &[DeclId], args: Option<&Rc<Args>>) -> Option<DeclId> {
        let fits = |id: &&DeclId| match (self.w.decl_type(**id), args) {
            (Some(T::Function(f)), Some(args)) => self.takes(&f, args),
            _ => true,
        };
        list.iter().find(fits).copied()
    }

    fn value_type(&self, id: DeclId) -> Option<T> {
        if let Some(Kind::Builtin(_)) = self.w.kind(id) {
            let contract = self.scope.contract;
            return match self.w.name(id) {
                "this" => contract.map(T::Contract),
                "super" => contract.map(|c| T::Type(Rc::new(T::Super(c)))),
                _ => self.w.decl_type(id),
            };
        }
        self.w.decl_type(id)
    }

    /// Is true for variables that can be assigned to.
    pub(super) fn is_assignable(&self, id: DeclId) -> bool {
        match self.w.kind(id) {
            Some(Kind::Variable(v)) => v.constant.is_none(),
            Some(Kind::Param(..)) => true,
            _ => false,
        }
    }

    /// Notes the types that a type name is made of, and what its names refer to.
    pub(super) fn note_type(&mut self, ty: &'a ast::Type) -> Option<T> {
        let resolved = self.w.type_name(self.scope, ty);
        match &ty.kind {
            ast::TypeKind::Path(path) => self.note_path(path),
            ast::TypeKind::Array(elem, len) => {
                self.note_type(elem);
                if let Some(len) = len {
                    self.read(len);
                }
            }
            ast::TypeKind::Mapping { key, value, .. } => {
                self.note_type(key);
                self.note_type(value);
            }
            ast::TypeKind::Function(f) => {
                for p in f.params.iter().chain(&f.returns) {
                    let known = self.w.at(p.span);
                    if known.is_none() {
                        self.w.declare_param(self.scope.file, p, super::declare::Role::Param);
                    }
                    self.note_type(&p.ty);
                }
            }
            _ => {}
        }
        if let Some(resolved) = &resolved {
            self.type_notes.insert(ty.span, resolved.clone());
        }
        resolved
    }

    /// Notes what a dotted name refers to.
    pub(super) fn note_path(&mut self, path: &ast::Path) {
        let parts = self.w.path_parts(self.scope, path);
        if parts.len() == path.segments.len() {
            self.paths.insert(path.span, parts);
        }
    }
}
