//! Parses expressions by precedence.

use super::{HEIGHT_MAX, NESTING_MAX, P, Parser};
use crate::ast::*;
use crate::diag::{Diagnostic, codes};
use crate::lexer::{Kw, T};
use crate::source::Span;

impl Parser<'_> {
    /// expression: binary [ assign-op expression | "?" expression ":" expression ]
    pub(crate) fn expression(&mut self) -> P<Expr> {
        self.deeper(|p| {
            let left = p.binary(0)?;
            let start = left.span;
            if let Some(op) = assign_op(p.peek()) {
                p.bump();
                let right = Box::new(p.expression()?);
                return p.make(start, ExprKind::Assign { op, left: Box::new(left), right });
            }
            if !p.eat(T::Question) {
                return Ok(left);
            }
            let then = Box::new(p.expression()?);
            p.expect(T::Colon, "`:`")?;
            let otherwise = Box::new(p.expression()?);
            p.make(start, ExprKind::Ternary { cond: Box::new(left), then, otherwise })
        })
    }

    /// binary: unary { op binary }, by precedence; `**` groups to the right.
    fn binary(&mut self, floor: u8) -> P<Expr> {
        let mut left = self.unary()?;
        while let Some((op, level)) = binary_op(self.peek()).filter(|(_, level)| *level >= floor) {
            let op_span = self.span();
            self.bump();
            let right = match op {
                BinaryOp::Exp => self.deeper(|p| p.binary(level))?,
                _ => self.binary(level + 1)?,
            };
            let start = left.span;
            left = self.make(
                start,
                ExprKind::Binary { op, left: Box::new(left), right: Box::new(right), op_span },
            )?;
        }
        Ok(left)
    }

    /// unary: prefix-op unary | postfix
    fn unary(&mut self) -> P<Expr> {
        let op = match self.peek() {
            T::Not => UnaryOp::Not,
            T::Tilde => UnaryOp::BitNot,
            T::Minus => UnaryOp::Neg,
            T::PlusPlus => UnaryOp::PreInc,
            T::MinusMinus => UnaryOp::PreDec,
            T::Keyword(Kw::Delete) => UnaryOp::Delete,
            T::Plus => return self.unary_plus(),
            _ => return self.postfix(),
        };
        let start = self.span();
        self.bump();
        let operand = Box::new(self.deeper(Self::unary)?);
        self.make(start, ExprKind::Unary { op, operand })
    }

    fn unary_plus(&mut self) -> P<Expr> {
        let place = self.span();
        self.bump();
        self.diags.push(
            Diagnostic::error(
                codes::UNEXPECTED_TOKEN.solc(9636),
                place,
                "a `+` in front of a value is not allowed",
            )
            .help("remove it"),
        );
        self.deeper(Self::unary)
    }

    /// postfix: primary { "." ident | "[" index "]" | args | options | "++" | "--" }
    fn postfix(&mut self) -> P<Expr> {
        let mut expr = self.primary()?;
        loop {
            expr = match self.peek() {
                T::Dot => self.member_access(expr)?,
                T::LBracket => self.index(expr)?,
                T::LParen => self.call(expr)?,
                T::LBrace if self.at_options() => self.options(expr)?,
                T::PlusPlus => self.post(expr, UnaryOp::PostInc)?,
                T::MinusMinus => self.post(expr, UnaryOp::PostDec)?,
                _ => return Ok(expr),
            };
        }
    }

    fn post(&mut self, operand: Expr, op: UnaryOp) -> P<Expr> {
        self.bump();
        let start = operand.span;
        self.make(start, ExprKind::Unary { op, operand: Box::new(operand) })
    }

    fn member_access(&mut self, base: Expr) -> P<Expr> {
        self.bump();
        if !matches!(self.peek(), T::Ident | T::Keyword(Kw::Address)) {
            return Err(self.unexpected("a member's name"));
        }
        let name = self.any_word();
        let start = base.span;
        self.make(start, ExprKind::Member { base: Box::new(base), name })
    }

    /// index: "[" [ expression ] [ ":" [ expression ] ] "]"
    fn index(&mut self, base: Expr) -> P<Expr> {
        self.bump();
        let start = base.span;
        let base = Box::new(base);
        let first = if matches!(self.peek(), T::RBracket | T::Colon) {
            None
        } else {
            Some(Box::new(self.expression()?))
        };
        let kind = if self.eat(T::Colon) {
            let end = if self.at(T::RBracket) { None } else { Some(Box::new(self.expression()?)) };
            ExprKind::Slice { base, start: first, end }
        } else {
            ExprKind::Index { base, index: first }
        };
        self.expect(T::RBracket, "`]`")?;
        self.make(start, kind)
    }

    fn call(&mut self, callee: Expr) -> P<Expr> {
        let start = callee.span;
        let args = self.args()?;
        self.make(start, ExprKind::Call { callee: Box::new(callee), args })
    }

    /// args: "(" [ expression { "," expression } | "{" named { "," named } "}" ] ")"
    pub(crate) fn args(&mut self) -> P<Args> {
        let start = self.span();
        if self.peek_at(1) != T::LBrace {
            let (list, span) = self.comma_list(T::LParen, T::RParen, Self::expression)?;
            return Ok(Args { kind: ArgsKind::Positional(list), span });
        }
        self.expect(T::LParen, "`(`")?;
        let (list, _) = self.comma_list(T::LBrace, T::RBrace, Self::named)?;
        self.expect(T::RParen, "`)`")?;
        Ok(Args { kind: ArgsKind::Named(list), span: self.since(start) })
    }

    /// named: ident ":" expression
    fn named(&mut self) -> P<(Ident, Expr)> {
        let name = self.ident()?;
        self.expect(T::Colon, "`:`")?;
        let value = self.expression()?;
        if self.at(T::Comma) && self.peek_at(1) == T::RBrace {
            let place = self.span();
            let message = "a comma stands behind the last argument";
            return self.error(
                Diagnostic::error(codes::UNEXPECTED_TOKEN.solc(2074), place, message).help("remove it"),
            );
        }
        Ok((name, value))
    }

    /// A `{` opens call options only when `name:` follows; else it is the block of a `try`.
    fn at_options(&self) -> bool {
        self.peek_at(1) == T::Ident && self.peek_at(2) == T::Colon
    }

    fn options(&mut self, callee: Expr) -> P<Expr> {
        let start = callee.span;
        let (options, _) = self.comma_list(T::LBrace, T::RBrace, Self::named)?;
        self.make(start, ExprKind::Options { callee: Box::new(callee), options })
    }

    /// primary: literal | ident | type | tuple | array | "new" type | "type" "(" type ")" | "payable"
    fn primary(&mut self) -> P<Expr> {
        let start = self.span();
        if let Some(given) = self.holes.remove(self.word_at(0)) {
            self.bump();
            return Ok(given);
        }
        let kind = match self.peek() {
            T::Ident if self.at_special_name() => return Err(self.unexpected_as(6933, "an expression")),
            T::Ident => ExprKind::Ident(self.any_word().name),
            T::Elementary | T::Keyword(Kw::Bool | Kw::String | Kw::Bytes | Kw::Address) => {
                self.type_primary()?
            }
            T::Keyword(Kw::Payable) => {
                self.bump();
                ExprKind::Type(Type { kind: TypeKind::Address { payable: true }, span: start })
            }
            T::Keyword(Kw::Type) => self.type_of()?,
            T::Keyword(Kw::New) => {
                self.bump();
                ExprKind::New(self.type_name()?)
            }
            T::LParen => ExprKind::Tuple(self.tuple()?),
            T::LBracket => ExprKind::Array(self.comma_list(T::LBracket, T::RBracket, Self::element)?.0),
            _ => self.literal()?,
        };
        self.make(start, kind)
    }

    fn element(&mut self) -> P<Expr> {
        if matches!(self.peek(), T::Comma | T::RBracket) {
            return Err(self.unexpected_as(4799, "an element"));
        }
        self.expression()
    }

    /// Takes an elementary type as a value; `payable` behind `address` is no part of it here, as in solc.
    fn type_primary(&mut self) -> P<ExprKind> {
        let start = self.span();
        let kind = match self.at_kw(Kw::Address) {
            true => {
                self.bump();
                TypeKind::Address { payable: false }
            }
            false => self.elementary()?,
        };
        Ok(ExprKind::Type(Type { kind, span: self.since(start) }))
    }

    /// Is true at parentheses that hold something else than one type.
    fn at_arguments(&self) -> bool {
        if !self.at(T::LParen) {
            return false;
        }
        let mut level = 0usize;
        for ahead in 0.. {
            match self.peek_at(ahead) {
                T::LParen | T::LBracket => level += 1,
                T::RParen | T::RBracket if level <= 1 => break,
                T::RParen | T::RBracket => level -= 1,
                T::Question | T::Eq | T::Comma if level == 1 => return true,
                T::LBrace if level == 1 => return true,
                T::Semi | T::RBrace | T::Eof => break,
                _ => {}
            }
        }
        matches!(self.peek_at(1), T::RParen | T::Number | T::HexNumber | T::Str)
    }

    /// type-of: "type" ( "(" type ")" | args ); what is no type is left to the checker.
    fn type_of(&mut self) -> P<ExprKind> {
        let start = self.span();
        self.bump();
        if !self.at_arguments() {
            self.expect(T::LParen, "`(`")?;
            let ty = self.type_name()?;
            self.expect(T::RParen, "`)`")?;
            return Ok(ExprKind::TypeOf(ty));
        }
        let word =
            Expr { id: self.id(), kind: ExprKind::Ident(Kw::Type.text().into()), span: start, height: 1 };
        Ok(ExprKind::Call { callee: Box::new(word), args: self.args()? })
    }

    /// tuple: "(" [ expression ] { "," [ expression ] } ")"
    fn tuple(&mut self) -> P<Vec<Option<Expr>>> {
        self.bump();
        let mut list = Vec::new();
        loop {
            let present = !matches!(self.peek(), T::Comma | T::RParen);
            list.push(if present { Some(self.expression()?) } else { None });
            if !self.eat(T::Comma) {
                break;
            }
        }
        self.expect(T::RParen, "`,` or `)`")?;
        if list.len() == 1 && list.iter().all(Option::is_none) {
            list.clear();
        }
        Ok(list)
    }

    /// Makes a node; reports trees higher than [`HEIGHT_MAX`], which only chains of operators can reach.
    pub(crate) fn make(&mut self, start: Span, kind: ExprKind) -> P<Expr> {
        let span = self.since(start);
        let height = 1 + children_height(&kind);
        if height > HEIGHT_MAX {
            let message = format!("an expression of more than {HEIGHT_MAX} steps (and {NESTING_MAX} levels)");
            return self.error(
                Diagnostic::error(codes::NESTED_TOO_DEEPLY, start, message)
                    .help("split it with local variables"),
            );
        }
        Ok(Expr { id: self.id(), kind, span, height })
    }
}

fn children_height(kind: &ExprKind) -> u16 {
    use ExprKind::*;
    let of = |e: &Expr| e.height;
    let opt = |e: &Option<Box<Expr>>| e.as_ref().map_or(0, |e| e.height);
    match kind {
        Ident(_) | Literal(_) | Type(_) | New(_) | TypeOf(_) | Error => 0,
        Tuple(list) => list.iter().flatten().map(of).max().unwrap_or(0),
        Array(list) => list.iter().map(of).max().unwrap_or(0),
        Member { base, .. } => base.height,
        Index { base, index } => base.height.max(opt(index)),
        Slice { base, start, end } => base.height.max(opt(start)).max(opt(end)),
        Call { callee, args } => callee.height.max(args_height(args)),
        Options { callee, options } => options.iter().map(|(_, e)| e.height).fold(callee.height, u16::max),
        Unary { operand, .. } => operand.height,
        Binary { left, right, .. } | Assign { left, right, .. } => left.height.max(right.height),
        Ternary { cond, then, otherwise } => cond.height.max(then.height).max(otherwise.height),
    }
}

fn args_height(args: &Args) -> u16 {
    match &args.kind {
        ArgsKind::Positional(list) => list.iter().map(|e| e.height).max().unwrap_or(0),
        ArgsKind::Named(list) => list.iter().map(|(_, e)| e.height).max().unwrap_or(0),
    }
}

/// Returns the operator of `op=`; the inner option is `None` for plain `=`.
fn assign_op(kind: T) -> Option<Option<BinaryOp>> {
    use BinaryOp::*;
    Some(match kind {
        T::Eq => None,
        T::PlusEq => Some(Add),
        T::MinusEq => Some(Sub),
        T::StarEq => Some(Mul),
        T::SlashEq => Some(Div),
        T::PercentEq => Some(Mod),
        T::OrEq => Some(BitOr),
        T::XorEq => Some(BitXor),
        T::AndEq => Some(BitAnd),
        T::ShlEq => Some(Shl),
        T::ShrEq => Some(Shr),
        T::SarEq => Some(Sar),
        _ => return None,
    })
}

/// Returns the operator and its precedence; higher binds tighter.
fn binary_op(kind: T) -> Option<(BinaryOp, u8)> {
    use BinaryOp::*;
    Some(match kind {
        T::OrOr => (Or, 1),
        T::AndAnd => (And, 2),
        T::EqEq => (Eq, 3),
        T::NotEq => (Ne, 3),
        T::Lt => (Lt, 4),
        T::LtEq => (Le, 4),
        T::Gt => (Gt, 4),
        T::GtEq => (Ge, 4),
        T::Or => (BitOr, 5),
        T::Xor => (BitXor, 6),
        T::And => (BitAnd, 7),
        T::Shl => (Shl, 8),
        T::Shr => (Shr, 8),
        T::Sar => (Sar, 8),
        T::Plus => (Add, 9),
        T::Minus => (Sub, 9),
        T::Star => (Mul, 10),
        T::Slash => (Div, 10),
        T::Percent => (Mod, 10),
        T::StarStar => (Exp, 11),
        _ => return None,
    })
}
