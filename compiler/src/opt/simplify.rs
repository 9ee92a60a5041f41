//! Holds the algebra: what an operation on known operands comes to.

use crate::ir::{Args, Evm, Function, Op, ValueId, interp};
use alloy_primitives::U256;

/// Is a simpler form of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Simpler {
    /// A value that is there already.
    Value(ValueId),
    /// Another operation on other operands.
    Inst(Evm, Args),
}

/// Knows what holds for values at the place of an instruction.
pub(super) trait Facts {
    /// Returns the largest number that the value can be.
    fn upper(&self, value: ValueId) -> U256;
    /// Returns how the first of two values is known to compare with the second.
    fn order(&self, low: ValueId, high: ValueId) -> Option<Order>;
}

/// Is a known relation of two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// The first is below the second.
    Below,
    /// The first is not above the second.
    AtMost,
}

/// Simplifies an operation with one result; `None` when it is as simple as it gets.
pub(super) fn simplify(
    function: &mut Function,
    op: Evm,
    args: &[ValueId],
    facts: &impl Facts,
) -> Option<Simpler> {
    let constant = |position: usize| args.get(position).and_then(|value| function.as_constant(*value));
    let (a, b, c) = (constant(0), constant(1), constant(2));
    let known = args.len() == [a, b, c].iter().flatten().count();
    if known
        && let Some(result) =
            interp::pure(op, a.unwrap_or_default(), b.unwrap_or_default(), c.unwrap_or_default())
    {
        return Some(Simpler::Value(function.constant(result)));
    }
    match *args {
        [x] => unary(function, op, x, facts),
        [x, y] => binary(&mut Binary { function, facts, op, x, y, a, b }),
        _ => None,
    }
}

/// Returns the operation and operands that a value is the result of.
pub(super) fn definition(function: &Function, value: ValueId) -> Option<(Evm, &[ValueId])> {
    let inst = &function.insts[function.defining_inst(value)?];
    match inst.op {
        Op::Evm(op) => Some((op, &inst.args)),
        _ => None,
    }
}

fn inst(op: Evm, args: &[ValueId]) -> Option<Simpler> {
    Some(Simpler::Inst(op, Args::from_slice(args)))
}

fn is_flag(facts: &impl Facts, value: ValueId) -> bool {
    facts.upper(value) <= U256::from(1)
}

fn unary(function: &mut Function, op: Evm, x: ValueId, facts: &impl Facts) -> Option<Simpler> {
    let (inner, args) = definition(function, x)?;
    match (op, inner, args) {
        (Evm::Not, Evm::Not, &[y]) => Some(Simpler::Value(y)),
        (Evm::Iszero, Evm::Iszero, &[y]) => {
            if is_flag(facts, y) {
                return Some(Simpler::Value(y));
            }
            match definition(function, y)? {
                (Evm::Iszero, &[z]) => inst(Evm::Iszero, &[z]),
                _ => None,
            }
        }
        (Evm::Iszero, Evm::Sub | Evm::Xor, &[y, z]) => inst(Evm::Eq, &[y, z]),
        _ => None,
    }
}

struct Binary<'a, F> {
    function: &'a mut Function,
    facts: &'a F,
    op: Evm,
    x: ValueId,
    y: ValueId,
    a: Option<U256>,
    b: Option<U256>,
}

fn binary<F: Facts>(case: &mut Binary<'_, F>) -> Option<Simpler> {
    // A constant operand of an exchangeable operation comes second.
    if case.a.is_some()
        && case.b.is_none()
        && let Some(op) = case.op.exchanged()
    {
        return inst(op, &[case.y, case.x]);
    }
    case.equal_operands()
        .or_else(|| case.comparison())
        .or_else(|| case.second_constant())
        .or_else(|| case.first_constant())
        .or_else(|| case.wrapped())
}

fn log2(constant: U256) -> Option<U256> {
    (constant.count_ones() == 1).then(|| U256::from(constant.trailing_zeros()))
}

impl<F: Facts> Binary<'_, F> {
    fn value(&mut self, constant: U256) -> Option<Simpler> {
        Some(Simpler::Value(self.function.constant(constant)))
    }
    fn zero(&mut self) -> Option<Simpler> {
        self.value(U256::ZERO)
    }

    fn equal_operands(&mut self) -> Option<Simpler> {
        if self.x != self.y {
            return None;
        }
        match self.op {
            Evm::Sub | Evm::Xor | Evm::Lt | Evm::Gt | Evm::Slt | Evm::Sgt | Evm::Mod | Evm::Smod => {
                self.zero()
            }
            Evm::Eq => self.value(U256::from(1)),
            Evm::And | Evm::Or => Some(Simpler::Value(self.x)),
            _ => None,
        }
    }

    /// Decides comparisons by the ranges of their operands.
    fn comparison(&mut self) -> Option<Simpler> {
        let (low, high) = match self.op {
            Evm::Lt => (self.x, self.y),
            Evm::Gt => (self.y, self.x),
            Evm::Or => return self.checked_product(),
            Evm::Slt => return self.signed_comparison(self.x, self.y),
            Evm::Sgt => return self.signed_comparison(self.y, self.x),
            Evm::Eq => {
                let apart = self.b.is_some_and(|b| self.facts.upper(self.x) < b);
                let below = Some(Order::Below);
                let unequal =
                    self.facts.order(self.x, self.y) == below || self.facts.order(self.y, self.x) == below;
                return if apart || unequal { self.zero() } else { self.product_check() };
            }
            _ => return None,
        };
        if self.facts.order(high, low).is_some() {
            return self.zero();
        }
        if self.facts.order(low, high) == Some(Order::Below) {
            return self.value(U256::from(1));
        }
        // `low < high` is false when nothing is above `low`.
        if let Some(least) = self.function.as_constant(low)
            && self.facts.upper(high) <= least
        {
            return self.zero();
        }
        if self.function.as_constant(high) == Some(U256::ZERO) {
            return self.zero();
        }
        if self.function.as_constant(high) == Some(U256::from(1)) {
            return inst(Evm::Iszero, &[low]);
        }
        if let Some(bound) = self.function.as_constant(high)
            && self.facts.upper(low) < bound
        {
            return self.value(U256::from(1));
        }
        self.overflow_check(low, high)
    }

    /// Turns `x - c < d` and `x < d` into unsigned comparisons where no number can be that large.
    fn signed_comparison(&mut self, low: ValueId, high: ValueId) -> Option<Simpler> {
        let small = |value: U256| value.bit_len() <= 128;
        if !small(self.facts.upper(high)) {
            return None;
        }
        if small(self.facts.upper(low)) {
            return inst(Evm::Lt, &[low, high]);
        }
        let bound = self.function.as_constant(high)?;
        match definition(self.function, low)? {
            (Evm::Sub, &[x, by]) if small(self.facts.upper(x)) => {
                let by = self.function.as_constant(by).filter(|by| small(*by))?;
                let sum = self.function.constant(bound + by);
                inst(Evm::Lt, &[x, sum])
            }
            _ => None,
        }
    }

    /// Decides `a + b < a`, and turns `a < a - b` into `a < b`.
    fn overflow_check(&mut self, low: ValueId, high: ValueId) -> Option<Simpler> {
        if let Some((Evm::Add, &[a, b])) = definition(self.function, low)
            && (a == high || b == high)
            && self.facts.upper(a).checked_add(self.facts.upper(b)).is_some()
        {
            return self.zero();
        }
        match definition(self.function, high) {
            Some((Evm::Sub, &[a, b])) if a == low => inst(Evm::Lt, &[a, b]),
            _ => None,
        }
    }

    /// Turns `a * c / c == a` for a constant `c` into a comparison of `a` with the largest factor that fits.
    fn product_check(&mut self) -> Option<Simpler> {
        let (a, c) = self.factors(self.x, self.y).or_else(|| self.factors(self.y, self.x))?;
        let bound = U256::MAX.checked_div(self.function.as_constant(c)?)?.checked_add(U256::from(1))?;
        let bound = self.function.constant(bound);
        inst(Evm::Lt, &[a, bound])
    }

    /// Takes `quotient = a * c / c` apart when it is compared with `a`; returns `(a, c)`.
    fn factors(&self, quotient: ValueId, a: ValueId) -> Option<(ValueId, ValueId)> {
        let (Evm::Div, &[product, c]) = definition(self.function, quotient)? else { return None };
        let (Evm::Mul, factors) = definition(self.function, product)? else { return None };
        (factors == [a, c] || factors == [c, a]).then_some((a, c))
    }

    /// Decides `a == 0 || a * c / a == c` where the product cannot overflow.
    fn checked_product(&mut self) -> Option<Simpler> {
        let (zero, same) = match (definition(self.function, self.x)?, definition(self.function, self.y)?) {
            ((Evm::Iszero, &[a]), (Evm::Eq, same)) | ((Evm::Eq, same), (Evm::Iszero, &[a])) => (a, same),
            _ => return None,
        };
        let &[x, y] = same else { return None };
        let (other, divisor) = self.factors(x, y).or_else(|| self.factors(y, x))?;
        let fits = self.facts.upper(other).checked_mul(self.facts.upper(divisor)).is_some();
        if divisor == zero && fits { self.value(U256::from(1)) } else { None }
    }

    fn second_constant(&mut self) -> Option<Simpler> {
        let b = self.b?;
        let x = Some(Simpler::Value(self.x));
        let one = U256::from(1);
        match self.op {
            Evm::Add | Evm::Sub | Evm::Or | Evm::Xor if b.is_zero() => x,
            Evm::Add | Evm::Sub => self.offset(b),
            Evm::Mul | Evm::Div | Evm::Sdiv | Evm::Exp if b == one => x,
            Evm::Mul | Evm::And | Evm::Shl | Evm::Shr | Evm::Sar if b.is_zero() => self.zero(),
            Evm::Byte | Evm::Signextend if b.is_zero() => self.zero(),
            Evm::Div | Evm::Sdiv | Evm::Mod | Evm::Smod if b.is_zero() => self.zero(),
            Evm::Mod if b == one => self.zero(),
            Evm::Exp if b.is_zero() => self.value(one),
            Evm::Exp if b == U256::from(2) => inst(Evm::Mul, &[self.x, self.x]),
            Evm::Or if b == U256::MAX => self.value(U256::MAX),
            Evm::Xor if b == U256::MAX => inst(Evm::Not, &[self.x]),
            Evm::And => self.mask(b),
            Evm::Or => self.nested(b, |outer, inner| outer | inner),
            Evm::Eq if b.is_zero() => inst(Evm::Iszero, &[self.x]),
            Evm::Eq if b == one && is_flag(self.facts, self.x) => x,
            Evm::Mul => {
                let by = self.function.constant(log2(b)?);
                inst(Evm::Shl, &[by, self.x])
            }
            Evm::Div => {
                let by = self.function.constant(log2(b)?);
                inst(Evm::Shr, &[by, self.x])
            }
            Evm::Mod => {
                log2(b)?;
                let mask = self.function.constant(b - one);
                inst(Evm::And, &[self.x, mask])
            }
            _ => None,
        }
    }

    /// Joins the constants of `(x ± c) ± b`.
    fn offset(&mut self, b: U256) -> Option<Simpler> {
        let (inner, args) = definition(self.function, self.x)?;
        let &[base, by] = args else { return None };
        let by = self.function.as_constant(by)?;
        let inner = match inner {
            Evm::Add => by,
            Evm::Sub => by.wrapping_neg(),
            _ => return None,
        };
        let outer = if self.op == Evm::Add { b } else { b.wrapping_neg() };
        let total = inner.wrapping_add(outer);
        let (op, by) = if total.bit(255) { (Evm::Sub, total.wrapping_neg()) } else { (Evm::Add, total) };
        let by = self.function.constant(by);
        inst(op, &[base, by])
    }

    fn nested(&mut self, b: U256, join: impl Fn(U256, U256) -> U256) -> Option<Simpler> {
        let (inner, args) = definition(self.function, self.x)?;
        let &[base, by] = args else { return None };
        let by = self.function.as_constant(by).filter(|_| inner == self.op)?;
        let by = self.function.constant(join(b, by));
        inst(self.op, &[base, by])
    }

    fn mask(&mut self, b: U256) -> Option<Simpler> {
        // A mask of low ones that covers all bits the value can have does nothing.
        let low_ones = b.wrapping_add(U256::from(1)) & b == U256::ZERO;
        if low_ones && self.facts.upper(self.x) <= b {
            return Some(Simpler::Value(self.x));
        }
        if b.bit_len() < 256 && !low_ones && self.facts.upper(self.x) < U256::from(1) << b.trailing_zeros() {
            return self.zero();
        }
        self.nested(b, |outer, inner| outer & inner)
    }

    fn first_constant(&mut self) -> Option<Simpler> {
        let a = self.a?;
        match self.op {
            Evm::Shl | Evm::Shr | Evm::Sar if a.is_zero() => Some(Simpler::Value(self.y)),
            Evm::Shl | Evm::Shr if a >= U256::from(256) => self.zero(),
            Evm::Shr if self.facts.upper(self.y).bit_len() <= a.saturating_to::<usize>() => self.zero(),
            Evm::Shl | Evm::Shr => self.nested_shift(a),
            Evm::Div | Evm::Sdiv | Evm::Mod | Evm::Smod if a.is_zero() => self.zero(),
            Evm::Exp if a == U256::from(2) => {
                let one = self.function.constant(U256::from(1));
                inst(Evm::Shl, &[self.y, one])
            }
            Evm::Exp if a == U256::from(1) => self.value(a),
            Evm::Signextend => self.signextend(a),
            _ => None,
        }
    }

    fn nested_shift(&mut self, a: U256) -> Option<Simpler> {
        let (inner, args) = definition(self.function, self.y)?;
        let &[by, base] = args else { return None };
        let by = self.function.as_constant(by).filter(|by| *by < U256::from(256))?;
        if inner == self.op {
            let total = self.function.constant(a + by);
            return inst(inner, &[total, base]);
        }
        if by != a {
            return None;
        }
        match (self.op, inner) {
            // Shifting up and down again clears the high bits, and the other way round the low bits.
            (Evm::Shr, Evm::Shl) => {
                let mask = self.function.constant(U256::MAX >> a.saturating_to::<usize>());
                inst(Evm::And, &[base, mask])
            }
            (Evm::Shl, Evm::Shr) => {
                let mask = self.function.constant(U256::MAX << a.saturating_to::<usize>());
                inst(Evm::And, &[base, mask])
            }
            _ => None,
        }
    }

    fn signextend(&mut self, index: U256) -> Option<Simpler> {
        if index >= U256::from(31) {
            return Some(Simpler::Value(self.y));
        }
        let bits = index.saturating_to::<usize>() * 8 + 7;
        if self.facts.upper(self.y).bit_len() <= bits {
            return Some(Simpler::Value(self.y));
        }
        let (inner, args) = definition(self.function, self.y)?;
        match (inner, args) {
            (Evm::Signextend, &[by, _]) if self.function.as_constant(by)? <= index => {
                Some(Simpler::Value(self.y))
            }
            _ => None,
        }
    }

    /// Reads through masks that the operation makes needless.
    fn wrapped(&mut self) -> Option<Simpler> {
        match (self.op, definition(self.function, self.x), definition(self.function, self.y)) {
            (Evm::Add, Some((Evm::Sub, &[a, b])), _) if b == self.y => Some(Simpler::Value(a)),
            (Evm::Add, _, Some((Evm::Sub, &[a, b]))) if b == self.x => Some(Simpler::Value(a)),
            (Evm::Sub, Some((Evm::Add, &[a, b])), _) if b == self.y => Some(Simpler::Value(a)),
            (Evm::Sub, Some((Evm::Add, &[a, b])), _) if a == self.y => Some(Simpler::Value(b)),
            _ => None,
        }
    }
}

/// Returns the largest number that an operation can give, from the largest of its operands.
pub(super) fn upper_of(op: Evm, args: &[U256], constants: &[Option<U256>]) -> U256 {
    let arg = |position: usize| args.get(position).copied().unwrap_or(U256::MAX);
    let constant = |position: usize| constants.get(position).copied().flatten();
    let ones = |bits: usize| if bits >= 256 { U256::MAX } else { (U256::from(1) << bits) - U256::from(1) };
    match op {
        Evm::Lt | Evm::Gt | Evm::Slt | Evm::Sgt | Evm::Eq | Evm::Iszero => U256::from(1),
        Evm::Call | Evm::Callcode | Evm::Delegatecall | Evm::Staticcall => U256::from(1),
        Evm::Byte => U256::from(255),
        Evm::Clz => U256::from(256),
        Evm::Address | Evm::Caller | Evm::Origin | Evm::Coinbase | Evm::Create | Evm::Create2 => ones(160),
        Evm::Calldatasize | Evm::Codesize | Evm::Returndatasize | Evm::Extcodesize | Evm::Msize => ones(64),
        Evm::Gas => ones(64),
        Evm::And => arg(0).min(arg(1)),
        Evm::Or | Evm::Xor => ones(arg(0).bit_len().max(arg(1).bit_len())),
        Evm::Add => arg(0).checked_add(arg(1)).unwrap_or(U256::MAX),
        Evm::Mul => arg(0).checked_mul(arg(1)).unwrap_or(U256::MAX),
        Evm::Div => match constant(1).filter(|by| !by.is_zero()) {
            Some(by) => arg(0) / by,
            None => arg(0),
        },
        Evm::Mod => match constant(1).filter(|by| !by.is_zero()) {
            Some(by) => arg(0).min(by - U256::from(1)),
            None => arg(0).min(arg(1)),
        },
        Evm::Addmod | Evm::Mulmod => arg(2),
        Evm::Shr => match constant(0) {
            Some(by) if by < U256::from(256) => arg(1) >> by.saturating_to::<usize>(),
            Some(_) => U256::ZERO,
            None => arg(1),
        },
        Evm::Shl => match constant(0) {
            Some(by) if by < U256::from(256) => {
                let by = by.saturating_to::<usize>();
                if arg(1).bit_len() + by <= 256 { arg(1) << by } else { U256::MAX }
            }
            Some(_) => U256::ZERO,
            None => U256::MAX,
        },
        _ => U256::MAX,
    }
}
