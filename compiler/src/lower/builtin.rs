//! Lowers Solidity's builtin functions and globals.

use super::LowerError;
use super::abi_encode::Typed;
use super::cx::{Res, broken};
use super::fault::RevertStrings;
use super::fx::{Fx, Val, Vals, low_mask, panics};
use super::util::Source;
use crate::hir::{Builtin, Expr, ExprKind, Loc, Ty};
use crate::ir::{EVM, Evm, Terminator};
use alloy_primitives::{U256, keccak256};

impl<'h> Fx<'_, 'h, '_> {
    /// Lowers a builtin.
    pub(crate) fn builtin(&mut self, builtin: &Builtin, args: &'h [Expr], e: &'h Expr) -> Res<Vals> {
        if let Some(op) = environment(builtin) {
            return Ok(vec![self.evm(op, &[])]);
        }
        match builtin {
            Builtin::Word(byte) => self.word(*byte, e),
            Builtin::MsgData => Ok(vec![self.int(0), self.evm(Evm::Calldatasize, &[])]),
            Builtin::MsgSig => {
                let zero = self.int(0);
                let word = self.evm(Evm::Calldataload, &[zero]);
                Ok(vec![self.keep_high(word, 4)])
            }
            Builtin::BlockHash => self.word_of(Evm::Blockhash, args),
            Builtin::BlobHash => self.word_of(Evm::Blobhash, args),
            Builtin::AddressBalance => self.word_of(Evm::Balance, args),
            Builtin::AddressCodeHash => self.word_of(Evm::Extcodehash, args),
            Builtin::AddressCode => self.address_code(args),
            Builtin::AddressTransfer | Builtin::AddressSend => {
                self.transfer(args, matches!(builtin, Builtin::AddressTransfer))
            }
            Builtin::Keccak256 => self.keccak_of(arg(args, 0)?),
            Builtin::Sha256 => self.precompile_hash(2, arg(args, 0)?, false),
            Builtin::Ripemd160 => self.precompile_hash(3, arg(args, 0)?, true),
            Builtin::Erc7201 => self.namespace(arg(args, 0)?),
            Builtin::EcRecover => self.ecrecover(args),
            Builtin::AddMod => self.modular(Evm::Addmod, args),
            Builtin::MulMod => self.modular(Evm::Mulmod, args),
            Builtin::Assert
            | Builtin::Require
            | Builtin::RequireMessage
            | Builtin::RequireError(_)
            | Builtin::Revert
            | Builtin::RevertMessage => self.check(builtin, args, e),
            Builtin::SelfDestruct => {
                let heir = self.expr1(arg(args, 0)?)?;
                self.b.terminate(Terminator::SelfDestruct(heir));
                Ok(Vec::new())
            }
            Builtin::ArrayPush => self.push(args, e),
            Builtin::ArrayPop => {
                let array = arg(args, 0)?;
                let slot = self.expr1(array)?;
                self.pop(&array.ty, slot)?;
                Ok(Vec::new())
            }
            Builtin::BytesConcat | Builtin::StringConcat | Builtin::AbiEncodePacked => self.packed(args),
            Builtin::AbiEncode => {
                let typed = self.typed_args(args)?;
                self.encode_bytes(None, &typed)
            }
            Builtin::AbiEncodeWithSelector => {
                let (first, rest) = split_first(args)?;
                let selector = self.expr1(first)?;
                let typed = self.typed_args(rest)?;
                self.encode_bytes(Some(selector), &typed)
            }
            Builtin::AbiEncodeWithSignature => self.encode_with_signature(args),
            Builtin::AbiEncodeCall => {
                let (first, rest) = split_first(args)?;
                let target = self.expr(first)?;
                let number = self.at(&target, 1);
                let selector = self.shl(224, number);
                let typed = self.typed_args(rest)?;
                self.encode_bytes(Some(selector), &typed)
            }
            Builtin::AbiDecode => self.abi_decode(arg(args, 0)?, &e.ty),
            Builtin::CreationCode(id) => Ok(self.object_bytes(super::module_name(self.cx.hir, *id))),
            Builtin::RuntimeCode(id) => Ok(self.object_bytes(super::runtime_name(self.cx.hir, *id))),
            _ => Err(LowerError::unsupported("this builtin", e.span)),
        }
    }

    fn word(&mut self, byte: u8, e: &Expr) -> Res<Vals> {
        if let Some(info) = EVM.iter().find(|info| info.byte == byte && info.inputs == 0 && info.outputs == 1)
        {
            return Ok(vec![self.evm(info.op, &[])]);
        }
        match fusor_vm::opcode::by_byte(byte) {
            Some(op) if op.inputs.is_empty() && op.outputs.len() == 1 => Ok(self.b.ext(byte, &[]).to_vec()),
            _ => Err(LowerError::unsupported("this chain-specific global", e.span)),
        }
    }

    fn word_of(&mut self, op: Evm, args: &'h [Expr]) -> Res<Vals> {
        let v = self.expr1(arg(args, 0)?)?;
        Ok(vec![self.evm(op, &[v])])
    }

    fn address_code(&mut self, args: &'h [Expr]) -> Res<Vals> {
        let address = self.expr1(arg(args, 0)?)?;
        let size = self.evm(Evm::Extcodesize, &[address]);
        let bytes = self.add_int(size, 32);
        let ptr = self.alloc(bytes);
        self.mstore(ptr, size);
        let (data, zero) = (self.add_int(ptr, 32), self.int(0));
        self.effect(Evm::Extcodecopy, &[address, data, zero, size]);
        Ok(vec![ptr])
    }

    fn transfer(&mut self, args: &'h [Expr], reverts: bool) -> Res<Vals> {
        let address = self.expr1(arg(args, 0)?)?;
        let value = self.expr1(arg(args, 1)?)?;
        // a call with value has its stipend already
        let nothing = self.iszero(value);
        let stipend = self.int(2300);
        let (gas, zero) = (self.mul(nothing, stipend), self.int(0));
        let success = self.evm(Evm::Call, &[gas, address, value, zero, zero, zero, zero]);
        if !reverts {
            return Ok(vec![success]);
        }
        self.bubble_unless(success);
        Ok(Vec::new())
    }

    fn keccak_of(&mut self, data: &'h Expr) -> Res<Vals> {
        let inner = match &data.kind {
            ExprKind::Convert(inner) => inner,
            _ => data,
        };
        if let ExprKind::Literal(bytes) = &inner.kind {
            return Ok(vec![self.big(U256::from_be_bytes(keccak256(bytes).0))]);
        }
        if let ExprKind::Builtin { builtin, args } = &data.kind
            && let Some((start, len)) = self.hash_scratch(builtin, args)?
        {
            return Ok(vec![self.keccak(start, len)]);
        }
        let (start, len) = self.bytes_in_memory(data)?;
        Ok(vec![self.keccak(start, len)])
    }

    /// Computes the first slot of a namespace (ERC-7201).
    fn namespace(&mut self, id: &'h Expr) -> Res<Vals> {
        let (start, len) = self.bytes_in_memory(id)?;
        let inner = self.keccak(start, len);
        let one = self.int(1);
        let inner = self.sub(inner, one);
        let (zero, word) = (self.int(0), self.int(32));
        self.mstore(zero, inner);
        let outer = self.keccak(zero, word);
        let mask = self.big(!U256::from(0xff));
        Ok(vec![self.and(outer, mask)])
    }

    /// Encodes what is only hashed without claiming memory.
    fn hash_scratch(&mut self, builtin: &Builtin, args: &'h [Expr]) -> Res<Option<(Val, Val)>> {
        match builtin {
            Builtin::AbiEncode => {
                let typed = self.typed_args(args)?;
                Ok(Some(self.encode_scratch(None, &typed)?))
            }
            Builtin::AbiEncodePacked | Builtin::BytesConcat | Builtin::StringConcat => {
                let pieces = self.pieces(args)?;
                let start = self.free_pointer();
                let end = self.append_pieces(&pieces, start)?;
                Ok(Some((start, self.sub(end, start))))
            }
            _ => Ok(None),
        }
    }

    fn precompile_hash(&mut self, address: u64, data: &'h Expr, short: bool) -> Res<Vals> {
        let (start, len) = self.bytes_in_memory(data)?;
        let (zero, word) = (self.int(0), self.int(32));
        self.mstore(zero, zero);
        let (gas, address) = (self.evm(Evm::Gas, &[]), self.int(address));
        let success = self.evm(Evm::Staticcall, &[gas, address, start, len, zero, word]);
        self.bubble_unless(success);
        let hash = self.mload(zero);
        Ok(vec![if short { self.shl(96, hash) } else { hash }])
    }

    fn ecrecover(&mut self, args: &'h [Expr]) -> Res<Vals> {
        let typed = self.typed_args(args)?;
        let (start, len) = self.encode_scratch(None, &typed)?;
        let (zero, word, one) = (self.int(0), self.int(32), self.int(1));
        self.mstore(zero, zero);
        let gas = self.evm(Evm::Gas, &[]);
        let success = self.evm(Evm::Staticcall, &[gas, one, start, len, zero, word]);
        self.bubble_unless(success);
        Ok(vec![self.mload(zero)])
    }

    fn modular(&mut self, op: Evm, args: &'h [Expr]) -> Res<Vals> {
        let a = self.expr1(arg(args, 0)?)?;
        let b = self.expr1(arg(args, 1)?)?;
        let m = self.expr1(arg(args, 2)?)?;
        let zero = self.iszero(m);
        self.panic_if(zero, panics::DIVISION);
        Ok(vec![self.evm(op, &[a, b, m])])
    }

    fn check(&mut self, builtin: &Builtin, args: &'h [Expr], e: &Expr) -> Res<Vals> {
        match builtin {
            Builtin::Assert => {
                let cond = self.expr1(arg(args, 0)?)?;
                self.set_span(e.span);
                self.panic_unless(cond, panics::ASSERT);
            }
            Builtin::Require => {
                let cond = self.expr1(arg(args, 0)?)?;
                self.set_span(e.span);
                self.revert_unless(cond);
            }
            Builtin::RequireMessage => {
                let cond = self.expr1(arg(args, 0)?)?;
                let message = self.message(arg(args, 1)?)?;
                self.set_span(e.span);
                if self.cx.settings.revert_strings == RevertStrings::Strip {
                    self.revert_unless(cond);
                } else {
                    self.unless(cond, |fx| fx.revert_message(&message))?;
                }
            }
            Builtin::RequireError(error) => {
                let (first, rest) = split_first(args)?;
                let cond = self.expr1(first)?;
                let typed = self.typed_args(rest)?;
                self.set_span(e.span);
                self.unless(cond, |fx| fx.revert_error(*error, &typed))?;
            }
            Builtin::RevertMessage => {
                let message = self.message(arg(args, 0)?)?;
                self.set_span(e.span);
                self.revert_message(&message)?;
            }
            _ => self.revert_now(),
        }
        Ok(Vec::new())
    }

    fn push(&mut self, args: &'h [Expr], e: &'h Expr) -> Res<Vals> {
        let array = arg(args, 0)?;
        let Some(value) = args.get(1) else {
            let place = self.place(e)?;
            return self.load(&place, &e.ty);
        };
        let slot = self.expr1(array)?;
        let (vals, from) = self.assigned_value(value)?;
        let place = self.grow(&array.ty, slot)?;
        let elem = match &array.ty {
            Ty::Array { elem, .. } => (**elem).clone(),
            _ => Ty::FixedBytes(1),
        };
        self.store(&place, &elem, &vals, &from)?;
        Ok(Vec::new())
    }

    fn encode_bytes(&mut self, selector: Option<Val>, args: &[Typed]) -> Res<Vals> {
        let ptr = self.free_pointer();
        let mut data = self.add_int(ptr, 32);
        if let Some(selector) = selector {
            self.mstore(data, selector);
            data = self.add_int(ptr, 36);
        }
        let end = self.encode(args, data)?;
        Ok(self.seal_bytes(ptr, end))
    }

    fn encode_with_signature(&mut self, args: &'h [Expr]) -> Res<Vals> {
        let (first, rest) = split_first(args)?;
        let hash = self.keccak_of(first)?;
        let hash = self.first(&hash);
        let selector = match self.constant_of(hash) {
            Some(hash) => self.big(hash & !low_mask(224)),
            None => self.keep_high(hash, 4),
        };
        let typed = self.typed_args(rest)?;
        self.encode_bytes(Some(selector), &typed)
    }

    fn packed(&mut self, args: &'h [Expr]) -> Res<Vals> {
        let pieces = self.pieces(args)?;
        let ptr = self.free_pointer();
        let data = self.add_int(ptr, 32);
        let end = self.append_pieces(&pieces, data)?;
        Ok(self.seal_bytes(ptr, end))
    }

    fn pieces(&mut self, args: &'h [Expr]) -> Res<Vec<Piece<'h>>> {
        let mut pieces = Vec::new();
        for arg in args {
            let inner = match &arg.kind {
                ExprKind::Convert(inner) if matches!(arg.ty, Ty::String(_) | Ty::Bytes(_)) => inner,
                _ => arg,
            };
            pieces.push(match &inner.kind {
                ExprKind::Literal(bytes) if !matches!(arg.ty, Ty::FixedBytes(_)) => Piece::Literal(bytes),
                _ => Piece::Value(arg.ty.clone(), self.expr(arg)?),
            });
        }
        Ok(pieces)
    }

    fn append_pieces(&mut self, pieces: &[Piece<'h>], pos: Val) -> Res<Val> {
        let mut end = pos;
        for piece in pieces {
            end = match piece {
                Piece::Literal(bytes) => {
                    self.write_literal(bytes, end);
                    self.add_int(end, bytes.len() as u64)
                }
                Piece::Value(ty, vals) => self.encode_packed(ty, vals, end)?,
            };
        }
        Ok(end)
    }

    fn abi_decode(&mut self, data: &'h Expr, to: &Ty) -> Res<Vals> {
        let mut vals = self.expr(data)?;
        let mut loc = data.ty.loc();
        if loc == Some(Loc::Storage) {
            vals = vec![self.to_memory(&data.ty, &vals)];
            loc = Some(Loc::Memory);
        }
        let at = self.first(&vals);
        let (start, len, source) = if loc == Some(Loc::Calldata) {
            (at, self.at(&vals, 1), Source::Calldata)
        } else {
            (self.add_int(at, 32), self.mload(at), Source::Memory)
        };
        let end = self.add(start, len);
        let types = match to {
            Ty::Tuple(types) => types.clone(),
            other => vec![other.clone()],
        };
        let decoded = self.decode(&types, start, end, source)?;
        Ok(decoded.into_iter().flatten().collect())
    }
}

/// Is an argument of a packing builtin.
enum Piece<'h> {
    Literal(&'h [u8]),
    Value(Ty, Vals),
}

fn arg(args: &[Expr], i: usize) -> Res<&Expr> {
    args.get(i).ok_or_else(|| broken("argument of a builtin"))
}

fn split_first(args: &[Expr]) -> Res<(&Expr, &[Expr])> {
    args.split_first().ok_or_else(|| broken("argument of a builtin"))
}

/// Returns the operation that is a global's value.
fn environment(builtin: &Builtin) -> Option<Evm> {
    Some(match builtin {
        Builtin::BlockNumber => Evm::Number,
        Builtin::BlockTimestamp => Evm::Timestamp,
        Builtin::BlockCoinbase => Evm::Coinbase,
        Builtin::BlockChainId => Evm::Chainid,
        Builtin::BlockBaseFee => Evm::Basefee,
        Builtin::BlockBlobBaseFee => Evm::Blobbasefee,
        Builtin::BlockPrevRandao => Evm::Prevrandao,
        Builtin::BlockGasLimit => Evm::Gaslimit,
        Builtin::GasLeft => Evm::Gas,
        Builtin::MsgSender => Evm::Caller,
        Builtin::MsgValue => Evm::Callvalue,
        Builtin::TxOrigin => Evm::Origin,
        Builtin::TxGasPrice => Evm::Gasprice,
        Builtin::This => Evm::Address,
        _ => return None,
    })
}
