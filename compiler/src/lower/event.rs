//! Lowers `emit`.

use super::LowerError;
use super::abi_encode::Typed;
use super::cx::{Res, broken};
use super::fx::{Fx, Val};
use crate::hir::{EventId, Expr, Ty};
use crate::ir::Evm;
use alloy_primitives::{U256, keccak256};

impl<'h> Fx<'_, 'h, '_> {
    /// Lowers `emit event(args)`.
    pub(crate) fn emit(&mut self, id: EventId, args: &'h [Expr]) -> Res<()> {
        let event = self.cx.hir.events.get(id.index()).ok_or_else(|| broken("event"))?;
        self.cx.raised.events.insert(id);
        let span = self.b.span();
        let typed = self.typed_args(args)?;
        self.b.set_span(span);
        let mut topics = Vec::new();
        if !event.anonymous {
            let hash = keccak256(event.signature.as_bytes());
            topics.push(self.big(U256::from_be_bytes(hash.0)));
        }
        let mut data = Vec::new();
        for ((_, _, indexed), arg) in event.params.iter().zip(typed) {
            if *indexed {
                topics.push(self.topic(&arg)?);
            } else {
                data.push(arg);
            }
        }
        let op = match topics.len() {
            0 => Evm::Log0,
            1 => Evm::Log1,
            2 => Evm::Log2,
            3 => Evm::Log3,
            4 => Evm::Log4,
            _ => return Err(LowerError::unsupported("an event with more than four topics", event.span)),
        };
        let (start, len) = self.encode_scratch(None, &data)?;
        let mut operands = vec![start, len];
        operands.extend(topics);
        self.effect(op, &operands);
        Ok(())
    }

    /// Returns the topic of an indexed argument: the word, or the hash of a reference type's contents.
    fn topic(&mut self, (ty, vals): &Typed) -> Res<Val> {
        if ty.loc().is_none() {
            return Ok(self.to_word(vals, ty));
        }
        let start = self.free_pointer();
        let end = match ty {
            Ty::Bytes(_) | Ty::String(_) => self.append_bytes(vals, ty, start)?,
            _ => self.encode_flat(ty, vals, start)?,
        };
        let len = self.sub(end, start);
        Ok(self.keccak(start, len))
    }
}
