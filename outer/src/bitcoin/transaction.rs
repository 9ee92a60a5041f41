//! Serialises transactions and computes what is signed (BIP-143, BIP-144, BIP-341).

use super::script;
use crate::{
    deposit::OutPoint,
    error::AddressError,
    keys,
    plan::{BitcoinPlan, Input, Output},
    sign::Scheme,
};
use sha2::{Digest, Sha256};

/// Returns `sha256(sha256(bytes))`.
pub fn double_sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(Sha256::digest(bytes)).into()
}

/// SIGHASH_ALL.
pub(crate) const ALL: u8 = 1;

/// Is a transaction without witness; no input has a script, as segwit's have none.
pub(crate) struct Transaction {
    version: u32,
    inputs: Vec<(OutPoint, u32)>,
    outputs: Vec<Output>,
    lock_time: u32,
}

impl From<&BitcoinPlan> for Transaction {
    fn from(plan: &BitcoinPlan) -> Self {
        Self {
            version: 2,
            inputs: plan.inputs.iter().map(|input| (input.outpoint, plan.sequence)).collect(),
            outputs: plan.outputs.clone(),
            lock_time: plan.lock_time,
        }
    }
}

impl Transaction {
    /// Returns the transaction's id in the order of its bytes.
    pub(crate) fn txid(&self) -> [u8; 32] {
        double_sha256(&self.stripped())
    }

    /// Returns the bytes that the txid is the hash of.
    fn stripped(&self) -> Vec<u8> {
        [&self.version.to_le_bytes()[..], &self.body(), &self.lock_time.to_le_bytes()].concat()
    }

    /// Returns the bytes that the network takes; one witness for each input.
    pub(crate) fn with_witness(&self, witnesses: &[Vec<Vec<u8>>]) -> Vec<u8> {
        let mut out = [&self.version.to_le_bytes()[..], &[0, 1], &self.body()].concat();
        for witness in witnesses {
            out.extend(compact(witness.len()));
            witness.iter().for_each(|item| out.extend(counted(item)));
        }
        out.extend(self.lock_time.to_le_bytes());
        out
    }

    /// Returns what the key of an output of P2WPKH signs, with SIGHASH_ALL (BIP-143, "Specification").
    fn segwit_v0(&self, place: usize, key_hash: &[u8; 20], amount: u64) -> Option<[u8; 32]> {
        let (outpoint, sequence) = self.inputs.get(place)?;
        let code = [&[0x76, 0xa9, 0x14][..], key_hash, &[0x88, 0xac]].concat();
        let message = [
            &self.version.to_le_bytes()[..],
            &double_sha256(&self.outpoints()),
            &double_sha256(&self.sequences()),
            &outpoint_bytes(outpoint),
            &counted(&code),
            &amount.to_le_bytes(),
            &sequence.to_le_bytes(),
            &double_sha256(&self.outputs()),
            &self.lock_time.to_le_bytes(),
            &u32::from(ALL).to_le_bytes(),
        ];
        Some(double_sha256(&message.concat()))
    }

    /// Returns what the key of an output of P2TR signs by the key path, with SIGHASH_DEFAULT and no annex (BIP-341,
    /// "Common signature message"). `spent` are amounts and scripts of all inputs' outputs.
    fn taproot(&self, place: usize, spent: &[(u64, Vec<u8>)]) -> [u8; 32] {
        let sha = |bytes: &[u8]| Sha256::digest(bytes);
        let amounts: Vec<u8> = spent.iter().flat_map(|(amount, _)| amount.to_le_bytes()).collect();
        let scripts: Vec<u8> = spent.iter().flat_map(|(_, script)| counted(script)).collect();
        let message = [
            &[0x00, 0x00][..],
            &self.version.to_le_bytes(),
            &self.lock_time.to_le_bytes(),
            &sha(&self.outpoints()),
            &sha(&amounts),
            &sha(&scripts),
            &sha(&self.sequences()),
            &sha(&self.outputs()),
            &[0x00],
            &u32::try_from(place).unwrap_or(u32::MAX).to_le_bytes(),
        ];
        keys::tagged_hash("TapSighash", &[&message.concat()])
    }

    fn body(&self) -> Vec<u8> {
        let mut out = compact(self.inputs.len());
        for (outpoint, sequence) in &self.inputs {
            out.extend(outpoint_bytes(outpoint));
            out.push(0);
            out.extend(sequence.to_le_bytes());
        }
        out.extend(compact(self.outputs.len()));
        out.extend(self.outputs());
        out
    }

    fn outpoints(&self) -> Vec<u8> {
        self.inputs.iter().flat_map(|(outpoint, _)| outpoint_bytes(outpoint)).collect()
    }

    fn sequences(&self) -> Vec<u8> {
        self.inputs.iter().flat_map(|(_, sequence)| sequence.to_le_bytes()).collect()
    }

    fn outputs(&self) -> Vec<u8> {
        self.outputs.iter().flat_map(output_bytes).collect()
    }
}

/// Returns the hash that an input's key signs.
pub(crate) fn sighash(plan: &BitcoinPlan, place: usize, input: &Input) -> Result<[u8; 32], AddressError> {
    let transaction = Transaction::from(plan);
    match input.lock.scheme {
        Scheme::Ecdsa => transaction
            .segwit_v0(place, &script::hash160(&input.lock.key), input.amount)
            .ok_or(AddressError::BadLength),
        Scheme::Schnorr => {
            let spent = plan.inputs.iter().map(|input| Ok((input.amount, script::of_lock(&input.lock)?)));
            Ok(transaction.taproot(place, &spent.collect::<Result<Vec<_>, AddressError>>()?))
        }
    }
}

/// Returns the weight with the longest signatures (BIP-141).
pub(crate) fn weight(inputs: &[Scheme], outputs: &[&[u8]]) -> u64 {
    let size = |bytes: usize| u64::try_from(bytes).unwrap_or(u64::MAX);
    let counts = size(compact(inputs.len()).len() + compact(outputs.len()).len());
    let paid: u64 = outputs.iter().map(|script| size(8 + compact(script.len()).len() + script.len())).sum();
    let spent: u64 = inputs.iter().map(|scheme| script::input_weight(*scheme)).sum();
    4 * (8 + counts + paid) + 2 + spent
}

fn outpoint_bytes(outpoint: &OutPoint) -> Vec<u8> {
    [&outpoint.txid[..], &outpoint.vout.to_le_bytes()].concat()
}

fn output_bytes(output: &Output) -> Vec<u8> {
    [&output.amount.to_le_bytes()[..], &counted(&output.script)].concat()
}

fn counted(bytes: &[u8]) -> Vec<u8> {
    [&compact(bytes.len()), bytes].concat()
}

/// Writes a compact size.
fn compact(count: usize) -> Vec<u8> {
    let value = u64::try_from(count).unwrap_or(u64::MAX);
    match value {
        0..=0xfc => vec![value.to_le_bytes()[0]],
        0xfd..=0xffff => [&[0xfd], &value.to_le_bytes()[..2]].concat(),
        0x1_0000..=0xffff_ffff => [&[0xfe], &value.to_le_bytes()[..4]].concat(),
        _ => [&[0xff], &value.to_le_bytes()[..]].concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::hex;

    /// Reads an unsigned transaction of a vector, with a sequence for each input.
    fn read(raw: &str, sequences: &[u32]) -> Transaction {
        let bytes = hex::decode(raw).unwrap();
        let (version, rest) = bytes.split_first_chunk().unwrap();
        // Each input is its outpoint, an empty script and the sequence.
        let (inputs, rest) = rest[1..].split_at(41 * sequences.len());
        let inputs = inputs.chunks(41).zip(sequences).map(|(input, sequence)| {
            let vout = u32::from_le_bytes(input[32..36].try_into().unwrap());
            (OutPoint { txid: input[..32].try_into().unwrap(), vout }, *sequence)
        });
        let (mut outputs, mut rest) = (Vec::new(), rest);
        for _ in 0..rest[0] {
            let amount = u64::from_le_bytes(rest[1..9].try_into().unwrap());
            let end = 10 + usize::from(rest[9]);
            outputs.push(Output { script: rest[10..end].to_vec(), amount });
            rest = &rest[end - 1..];
        }
        let transaction = Transaction {
            version: u32::from_le_bytes(*version),
            inputs: inputs.collect(),
            outputs,
            lock_time: u32::from_le_bytes(rest[1..].try_into().unwrap()),
        };
        assert_eq!(hex::encode(transaction.stripped()), raw);
        transaction
    }

    /// BIP-143, "Native P2WPKH".
    #[test]
    fn hashes_as_bip_143() {
        let raw = "0100000002fff7f7881a8099afa6940d42d1e7f6362bec38171ea3edf433541db4e4ad969f0000000000eeffffff\
                   ef51e1b804cc89d182d279655c3aa89e815b1b309fe287d9b2b55d57b90ec68a0100000000ffffffff02202cb206\
                   000000001976a9148280b37df378db99f66f85c95a783a76ac7a6d5988ac9093510d000000001976a9143bde42db\
                   ee7e4dbe6a21b2d50ce2f0167faa815988ac11000000";
        let transaction = read(raw, &[0xffff_ffee, 0xffff_ffff]);
        let key = hex!("025476c2e83188368da1ff3e292e7acafcdb3566bb0ad253f62fc70f07aeee6357");
        assert_eq!(
            hex::encode(transaction.segwit_v0(1, &script::hash160(&key), 600_000_000).unwrap()),
            "c37af31116d1b27caf68aae9e3ac82f1477929014d5b917657d0eb49478cb670"
        );
    }

    /// BIP-341, wallet-test-vectors.json, keyPathSpending: the input that is signed with SIGHASH_DEFAULT.
    #[test]
    fn hashes_as_bip_341() {
        let raw = "02000000097de20cbff686da83a54981d2b9bab3586f4ca7e48f57f5b55963115f3b334e9c0100000000\
                   00000000d7b7cab57b1393ace2d064f4d4a2cb8af6def61273e127517d44759b6dafdd9900000000\
                   00fffffffff8e1f583384333689228c5d28eac13366be082dc57441760d957275419a41842000000\
                   0000fffffffff0689180aa63b30cb162a73c6d2a38b7eeda2a83ece74310fda0843ad604853b0100\
                   000000feffffffaa5202bdf6d8ccd2ee0f0202afbbb7461d9264a25e5bfd3c5a52ee1239e0ba6c00\
                   00000000feffffff956149bdc66faa968eb2be2d2faa29718acbfe3941215893a2a3446d32acd050\
                   000000000000000000e664b9773b88c09c32cb70a2a3e4da0ced63b7ba3b22f848531bbb1d5d5f4c\
                   94010000000000000000e9aa6b8e6c9de67619e6a3924ae25696bb7b694bb677a632a74ef7eadfd4\
                   eabf0000000000ffffffffa778eb6a263dc090464cd125c466b5a99667720b1c110468831d058aa1\
                   b82af10100000000ffffffff0200ca9a3b000000001976a91406afd46bcdfd22ef94ac122aa11f24\
                   1244a37ecc88ac807840cb0000000020ac9a87f5594be208f8532db38cff670c450ed2fea8fcdefc\
                   c9a663f78bab962b0065cd1d";
        let sequences = [0, !0, !0, !1, !1, 0, 0, !0, !0];
        let spent = [
            ("512053a1f6e454df1aa2776a2814a721372d6258050de330b3c6d10ee8f4e0dda343", 420_000_000),
            ("5120147c9c57132f6e7ecddba9800bb0c4449251c92a1e60371ee77557b6620f3ea3", 462_000_000),
            ("76a914751e76e8199196d454941c45d1b3a323f1433bd688ac", 294_000_000),
            ("5120e4d810fd50586274face62b8a807eb9719cef49c04177cc6b76a9a4251d5450e", 504_000_000),
            ("512091b64d5324723a985170e4dc5a0f84c041804f2cd12660fa5dec09fc21783605", 630_000_000),
            ("00147dd65592d0ab2fe0d0257d571abf032cd9db93dc", 378_000_000),
            ("512075169f4001aa68f15bbed28b218df1d0a62cbbcf1188c6665110c293c907b831", 672_000_000),
            ("5120712447206d7a5238acc7ff53fbe94a3b64539ad291c7cdbc490b7577e4b17df5", 546_000_000),
            ("512077e30a5522dd9f894c3f8b8bd4c4b2cf82ca7da8a3ea6a239655c39c050ab220", 588_000_000),
        ];
        let spent: Vec<_> =
            spent.into_iter().map(|(script, amount)| (amount, hex::decode(script).unwrap())).collect();
        assert_eq!(
            hex::encode(read(raw, &sequences).taproot(4, &spent)),
            "4f900a0bae3f1446fd48490c2958b5a023228f01661cda3496a11da502a7f7ef"
        );
    }
}
