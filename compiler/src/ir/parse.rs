//! Reads the text form of a module.

use super::function::{Args, Edge, Function, Span, Terminator};
use super::id::{BlockId, FuncId, InstId, ValueId};
use super::module::{Module, Symbol};
use super::op::Op;
use alloy_primitives::{U256, hex};
use std::collections::HashMap;
use thiserror::Error;

/// Says why a text is not a module.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line}: {message}")]
pub struct ParseError {
    /// The line, counted from 1.
    pub line: usize,
    /// What was found or expected.
    pub message: String,
}

type Result<T> = std::result::Result<T, ParseError>;

/// Reads a module from its text form. Comments run from `;` to the end of the line.
pub fn parse(text: &str) -> Result<Module> {
    let tokens = tokenize(text)?;
    let mut parser = Parser { tokens, at: 0, module: Module::default(), functions: HashMap::new() };
    parser.declare_functions()?;
    parser.module()?;
    Ok(parser.module)
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Word(String),
    Text(String),
    Punct(char),
    Arrow,
    End,
}

#[derive(Debug, Clone)]
struct Token {
    kind: Kind,
    line: usize,
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$' | '.')
}

fn tokenize(text: &str) -> Result<Vec<Token>> {
    let mut tokens = Vec::new();
    for (index, content) in text.lines().enumerate() {
        tokenize_line(content, index + 1, &mut tokens)?;
    }
    Ok(tokens)
}

fn tokenize_line(content: &str, line: usize, tokens: &mut Vec<Token>) -> Result<()> {
    let mut chars = content.chars().peekable();
    while let Some(c) = chars.next() {
        let kind = match c {
            ';' => break,
            c if c.is_whitespace() => continue,
            '"' => Kind::Text(quoted(&mut chars, line)?),
            '-' if chars.next_if_eq(&'>').is_some() => Kind::Arrow,
            c if is_word(c) => {
                let mut word = String::from(c);
                while let Some(c) = chars.next_if(|&c| is_word(c)) {
                    word.push(c);
                }
                Kind::Word(word)
            }
            c => Kind::Punct(c),
        };
        tokens.push(Token { kind, line });
    }
    Ok(())
}

fn quoted(chars: &mut std::iter::Peekable<std::str::Chars<'_>>, line: usize) -> Result<String> {
    let mut text = String::new();
    loop {
        match chars.next() {
            Some('"') => return Ok(text),
            Some('\\') => text.extend(chars.next()),
            Some(c) => text.push(c),
            None => return Err(ParseError { line, message: "unterminated string".to_owned() }),
        }
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    module: Module,
    functions: HashMap<String, FuncId>,
}

/// Holds the names of the function being read.
struct Scope {
    function: Function,
    blocks: HashMap<String, BlockId>,
    values: HashMap<String, ValueId>,
    uses: Vec<(String, usize, Use)>,
}

/// Says where a named value goes once all names are known.
enum Use {
    Arg(InstId, usize),
    Term(BlockId, usize),
}

impl Parser {
    fn line(&self) -> usize {
        let token = self.tokens.get(self.at).or_else(|| self.tokens.last());
        token.map_or(1, |token| token.line)
    }
    fn last_line(&self) -> usize {
        self.tokens.get(self.at.saturating_sub(1)).map_or(1, |token| token.line)
    }
    fn error<T>(&self, message: impl Into<String>) -> Result<T> {
        Err(ParseError { line: self.line(), message: message.into() })
    }
    fn peek(&self) -> &Kind {
        self.tokens.get(self.at).map_or(&Kind::End, |token| &token.kind)
    }
    fn next(&mut self) -> Kind {
        let kind = self.peek().clone();
        self.at += 1;
        kind
    }
    fn eat(&mut self, punct: char) -> bool {
        let found = *self.peek() == Kind::Punct(punct);
        self.at += usize::from(found);
        found
    }
    fn expect(&mut self, punct: char) -> Result<()> {
        if self.eat(punct) { Ok(()) } else { self.error(format!("expected `{punct}`")) }
    }
    fn eat_word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Kind::Word(found) if found == word);
        self.at += usize::from(found);
        found
    }
    fn word(&mut self) -> Result<String> {
        match self.next() {
            Kind::Word(word) => Ok(word),
            other => self.error(format!("expected a word, found {other:?}")),
        }
    }
    fn text(&mut self) -> Result<String> {
        match self.next() {
            Kind::Text(text) => Ok(text),
            other => self.error(format!("expected a quoted name, found {other:?}")),
        }
    }
    fn number(&mut self) -> Result<U256> {
        let word = self.word()?;
        parse_number(&word).map_or_else(|| self.error(format!("`{word}` is not a number")), Ok)
    }
    fn small(&mut self) -> Result<u32> {
        let number = self.number()?;
        u32::try_from(number).or_else(|_| self.error("number too large"))
    }
    fn arrow(&mut self) -> Result<()> {
        if self.next() == Kind::Arrow { Ok(()) } else { self.error("expected `->`") }
    }
    fn function_name(&mut self) -> Result<FuncId> {
        self.expect('@')?;
        let name = self.word()?;
        match self.functions.get(&name) {
            Some(id) => Ok(*id),
            None => self.error(format!("unknown function @{name}")),
        }
    }

    fn declare_functions(&mut self) -> Result<()> {
        while self.at < self.tokens.len() {
            if self.eat_word("fn") && self.eat('@') {
                let name = self.word()?;
                let id = self.module.declare(name.clone(), 0, 0);
                if self.functions.insert(name.clone(), id).is_some() {
                    return self.error(format!("function @{name} is defined twice"));
                }
            } else {
                self.at += 1;
            }
        }
        self.at = 0;
        Ok(())
    }

    fn module(&mut self) -> Result<()> {
        if !self.eat_word("module") {
            return self.error("expected `module`");
        }
        self.module.name = self.text()?;
        self.expect('{')?;
        while !self.eat('}') {
            self.item()?;
        }
        if *self.peek() == Kind::End { Ok(()) } else { self.error("text after the module") }
    }

    fn item(&mut self) -> Result<()> {
        let word = self.word()?;
        match word.as_str() {
            "data" => {
                let name = self.text()?;
                let bytes = self.bytes()?;
                self.module.data(name, bytes);
            }
            "object" => {
                let name = self.text()?;
                self.module.object(name);
            }
            "this" => {
                self.module.symbol(Symbol::Myself);
            }
            "immutable" => {
                let name = self.text()?;
                self.module.immutable(&name);
            }
            "library" => {
                let name = self.text()?;
                self.module.library(&name);
            }
            "runtime" => self.module.runtime = Some(self.text()?),
            "trailer" => self.module.trailer = self.bytes()?,
            "entry" => self.module.entry = Some(self.function_name()?),
            "fn" => self.function()?,
            other => return self.error(format!("unknown item `{other}`")),
        }
        Ok(())
    }

    fn bytes(&mut self) -> Result<Vec<u8>> {
        let word = self.word()?;
        hex::decode(&word).or_else(|_| self.error("expected hexadecimal bytes"))
    }

    fn function(&mut self) -> Result<()> {
        let id = self.function_name()?;
        let name = self.module.functions[id].name.clone();
        let mut scope = Scope {
            function: Function::new(name, 0, 0),
            blocks: HashMap::new(),
            values: HashMap::new(),
            uses: Vec::new(),
        };
        let entry = scope.function.entry;
        self.params(&mut scope, entry)?;
        self.arrow()?;
        scope.function.returns = self.small()? as usize;
        scope.function.span = self.span()?;
        self.expect('{')?;
        let mut first = true;
        while !self.eat('}') {
            self.block(&mut scope, first)?;
            first = false;
        }
        resolve_uses(&mut scope)?;
        self.module.functions[id] = scope.function;
        Ok(())
    }

    fn params(&mut self, scope: &mut Scope, block: BlockId) -> Result<()> {
        if !self.eat('(') {
            return Ok(());
        }
        while !self.eat(')') {
            let name = self.word()?;
            let value = scope.function.add_param(block);
            self.define(scope, name, value)?;
            self.eat(',');
        }
        Ok(())
    }

    fn define(&self, scope: &mut Scope, name: String, value: ValueId) -> Result<()> {
        if parse_number(&name).is_some() {
            return self.error(format!("`{name}` cannot name a value"));
        }
        match scope.values.insert(name.clone(), value) {
            None => Ok(()),
            Some(_) => self.error(format!("{name} is defined twice")),
        }
    }

    fn span(&mut self) -> Result<Span> {
        if !self.eat('!') {
            return Ok(Span::NONE);
        }
        let file = self.small()?;
        self.expect(':')?;
        let start = self.small()?;
        self.expect(':')?;
        Ok(Span::new(file, start, self.small()?))
    }

    fn block(&mut self, scope: &mut Scope, first: bool) -> Result<()> {
        let name = self.word()?;
        let block = if first {
            let entry = scope.function.entry;
            if scope.blocks.insert(name, entry).is_some() {
                return self.error("an edge leads to the entry");
            }
            entry
        } else {
            scope.block(name)
        };
        if scope.function.blocks[block].term != Terminator::Open {
            return self.error("block is defined twice");
        }
        self.params(scope, block)?;
        self.expect(':')?;
        while scope.function.blocks[block].term == Terminator::Open {
            self.statement(scope, block)?;
        }
        Ok(())
    }

    fn statement(&mut self, scope: &mut Scope, block: BlockId) -> Result<()> {
        let start = self.at;
        let first = self.word()?;
        if let Some(term) = self.terminator(scope, block, &first)? {
            scope.function.blocks[block].term = term;
            scope.function.blocks[block].span = self.span()?;
            return Ok(());
        }
        let mut results = Vec::new();
        if matches!(self.peek(), Kind::Punct(',' | '=')) && self.assigns(start) {
            results.push(first);
            while self.eat(',') {
                results.push(self.word()?);
            }
            self.expect('=')?;
            let name = self.word()?;
            return self.inst(scope, block, &name, &results);
        }
        self.inst(scope, block, &first, &results)
    }

    /// Looks ahead for `=` on the same line.
    fn assigns(&self, start: usize) -> bool {
        let line = self.line();
        let rest = self.tokens.iter().skip(start).take_while(|token| token.line == line);
        rest.into_iter().any(|token| token.kind == Kind::Punct('='))
    }

    fn inst(&mut self, scope: &mut Scope, block: BlockId, name: &str, results: &[String]) -> Result<()> {
        let line = self.last_line();
        let op = self.op(name)?;
        let inst = scope.function.make_inst(op, Args::new(), results.len(), Span::NONE);
        let calls = matches!(op, Op::Call(_));
        if calls {
            self.expect('(')?;
        }
        let zero = scope.function.constant(U256::ZERO);
        self.eat(',');
        while self.continues(line, calls) {
            let position = scope.function.insts[inst].args.len();
            scope.function.insts[inst].args.push(zero);
            let name = self.word()?;
            scope.uses.push((name, line, Use::Arg(inst, position)));
            self.eat(',');
        }
        if calls {
            self.expect(')')?;
        }
        if matches!(op, Op::CallIndirect | Op::Verbatim(_)) {
            self.arrow()?;
            self.small()?;
        }
        scope.function.insts[inst].span = self.span()?;
        for (name, value) in results.iter().zip(scope.function.insts[inst].results.clone()) {
            self.define(scope, name.clone(), value)?;
        }
        scope.function.blocks[block].insts.push(inst);
        Ok(())
    }

    fn continues(&self, line: usize, parenthesised: bool) -> bool {
        matches!(self.peek(), Kind::Word(_)) && (parenthesised || self.line() == line)
    }

    fn op(&mut self, name: &str) -> Result<Op> {
        Ok(match name {
            "call" if *self.peek() == Kind::Punct('@') => Op::Call(self.function_name()?),
            "callindirect" => Op::CallIndirect,
            "funcaddr" => Op::FuncAddr(self.function_name()?),
            "dataoffset" => Op::DataOffset(self.symbol()?),
            "datasize" => Op::DataSize(self.symbol()?),
            "loadimmutable" => {
                let name = self.text()?;
                Op::LoadImmutable(self.module.immutable(&name))
            }
            "setimmutable" => {
                let name = self.text()?;
                Op::SetImmutable(self.module.immutable(&name))
            }
            "linkersymbol" => {
                let name = self.text()?;
                Op::LinkerSymbol(self.module.library(&name))
            }
            "verbatim" => {
                let text = self.text()?;
                match alloy_primitives::hex::decode(&text) {
                    Ok(code) => Op::Verbatim(self.module.verbatim(&code)),
                    Err(_) => return self.error(format!("`{text}` is not hex")),
                }
            }
            "memstart" => Op::MemStart,
            _ => match Op::by_name(name) {
                Some(op) => op,
                None => return self.error(format!("unknown operation `{name}`")),
            },
        })
    }

    fn symbol(&mut self) -> Result<super::id::SymbolId> {
        let name = self.text()?;
        let found = self.module.symbols.enumerated().find(|(_, symbol)| symbol.name() == name);
        match found {
            Some((id, _)) => Ok(id),
            None => self.error(format!("unknown symbol {name:?}")),
        }
    }

    fn terminator(&mut self, scope: &mut Scope, block: BlockId, word: &str) -> Result<Option<Terminator>> {
        let zero = scope.function.constant(U256::ZERO);
        let mut reader = TermReader { parser: self, scope, block, uses: 0, zero };
        Ok(Some(match word {
            "jump" => Terminator::Jump(reader.edge()?),
            "branch" => {
                let value = reader.value()?;
                let yes = reader.edge()?;
                // Uses are numbered in the order of `for_each_use_mut`: operands first, then edges.
                Terminator::Branch(value, yes, reader.edge()?)
            }
            "switch" => reader.switch()?,
            "ret" => Terminator::Ret(reader.values()?),
            "stop" => Terminator::Stop,
            "return" => Terminator::Return(reader.value()?, reader.value()?),
            "revert" => Terminator::Revert(reader.value()?, reader.value()?),
            "invalid" => Terminator::Invalid,
            "selfdestruct" => Terminator::SelfDestruct(reader.value()?),
            _ => return Ok(None),
        }))
    }
}

impl Scope {
    fn block(&mut self, name: String) -> BlockId {
        match self.blocks.get(&name) {
            Some(block) => *block,
            None => {
                let block = self.function.add_block();
                self.blocks.insert(name, block);
                block
            }
        }
    }
}

struct TermReader<'p, 's> {
    parser: &'p mut Parser,
    scope: &'s mut Scope,
    block: BlockId,
    uses: usize,
    zero: ValueId,
}

impl TermReader<'_, '_> {
    fn value(&mut self) -> Result<ValueId> {
        let line = self.parser.line();
        let name = self.parser.word()?;
        self.scope.uses.push((name, line, Use::Term(self.block, self.uses)));
        self.uses += 1;
        self.parser.eat(',');
        Ok(self.zero)
    }
    fn values(&mut self) -> Result<Args> {
        let line = self.parser.last_line();
        let mut values = Args::new();
        while self.parser.continues(line, false) {
            values.push(self.value()?);
        }
        Ok(values)
    }
    fn edge(&mut self) -> Result<Edge> {
        let name = self.parser.word()?;
        let block = self.scope.block(name);
        let mut args = Args::new();
        if self.parser.eat('(') {
            while !self.parser.eat(')') {
                args.push(self.value()?);
            }
        }
        self.parser.eat(',');
        Ok(Edge { block, args })
    }
    fn switch(&mut self) -> Result<Terminator> {
        let value = self.value()?;
        let mut cases = Vec::new();
        while !self.parser.eat_word("default") {
            let constant = self.parser.number()?;
            self.parser.expect(':')?;
            cases.push((constant, self.edge()?));
        }
        self.parser.expect(':')?;
        Ok(Terminator::Switch(value, cases, self.edge()?))
    }
}

fn parse_number(word: &str) -> Option<U256> {
    if !word.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    word.parse().ok()
}

fn resolve_uses(scope: &mut Scope) -> Result<()> {
    for (name, line, place) in std::mem::take(&mut scope.uses) {
        let value = match (scope.values.get(&name), parse_number(&name)) {
            (Some(value), _) => *value,
            (None, Some(constant)) => scope.function.constant(constant),
            (None, None) => return Err(ParseError { line, message: format!("unknown value {name}") }),
        };
        match place {
            Use::Arg(inst, position) => {
                if let Some(arg) = scope.function.insts[inst].args.get_mut(position) {
                    *arg = value;
                }
            }
            Use::Term(block, position) => set_use(&mut scope.function.blocks[block].term, position, value),
        }
    }
    Ok(())
}

fn set_use(term: &mut Terminator, position: usize, value: ValueId) {
    let mut at = 0;
    term.for_each_use_mut(|used| {
        if at == position {
            *used = value;
        }
        at += 1;
    });
}
