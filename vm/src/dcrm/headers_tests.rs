//! Proofs from real and from easy blocks.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use super::*;
use alloy_primitives::hex;

/// Bitcoin's blocks 0 to 2.
const GENESIS: [u8; 80] = hex!(
    "0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c"
);
const FIRST: [u8; 80] = hex!(
    "010000006fe28c0ab6f1b372c1a6a246ae63f74f931e8365e15a089c68d6190000000000982051fd1e4ba744bbbe680e1fee14677ba1a3c3540bf7b1cdb606e857233e0e61bc6649ffff001d01e36299"
);

const SECOND: [u8; 80] = hex!(
    "010000004860eb18bf1b1620e37e9490fc8a427514416fd75159ab86688e9a8300000000d5fdcc541e25de1c7a5addedf24858b8bb665c9f36ef744ee42c316022c90f9bb0bc6649ffff001d08d2bd61"
);

/// Bitcoin's easiest target, 0x1d00ffff.
fn limit() -> [u8; 32] {
    target(0x1d00_ffff).unwrap()
}

#[test]
fn bitcoins_first_blocks_have_their_work() {
    let mut hash = double_sha256(&GENESIS);
    hash.reverse();
    assert_eq!(hash, hex!("000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f"));
    assert_eq!(verify_chain(&[GENESIS, FIRST, SECOND], &limit()), Ok(()));
    assert_eq!(verify_chain(&[GENESIS, SECOND], &limit()), Err(ProofError::Unlinked));
    assert_eq!(verify_chain(&[FIRST, GENESIS], &limit()), Err(ProofError::Unlinked));
    assert_eq!(verify_chain(&[GENESIS], &target(0x1c7f_ffff).unwrap()), Err(ProofError::Target));
    let mut lazy = FIRST;
    lazy[76] ^= 1;
    assert_eq!(verify_chain(&[GENESIS, lazy], &limit()), Err(ProofError::Work));
    let mut easy = FIRST;
    easy[72..76].copy_from_slice(&0x207f_ffffu32.to_le_bytes());
    assert_eq!(verify_chain(&[GENESIS, easy], &limit()), Err(ProofError::Target));
}

/// Block 170 of Bitcoin holds the first payment.
#[test]
fn the_first_payment_is_proved() {
    let header = hex!(
        "0100000055bd840a78798ad0da853f68974f3d183e2bd1db6a842c1feecf222a00000000ff104ccb05421ab93e63f8c3ce5c2c2e9dbb37de2764b3a3175c8166562cac7d51b96a49ffff001d283e9e70"
    );
    let transaction = hex!(
        "0100000001c997a5e56e104102fa209c6a852dd90660a20b2d9c352423edce25857fcd3704000000004847304402204e45e16932b8af514961a1d3a1a25fdf3f4f7732e9d624c6c61548ab5fb8cd410220181522ec8eca07de4860a4acdd12909d831cc56cbbac4622082221a8768d1d0901ffffffff0200ca9a3b00000000434104ae1a62fe09c5f51b13905f07f06b99a2f7159b2225f374cd378d71302fa28414e7aab37397f554a7df5f142c21c1b7303b8a0626f1baded5c72a704f7e6cd84cac00286bee0000000043410411db93e1dcdb8a016b49840f8c53bc1eb68a382e97b1482ecad7b148a6909a5cb2e0eaddfb84ccf9744464f82e160bfa9b8b64f9d4c03f999b8643f656b412a3ac00000000"
    );
    let mut coinbase = hex!("b1fea52486ce0c62bb442b530a3f0132b826c74e473d1f2c220bfa78111c5082");
    coinbase.reverse();
    let (branch, headers) = (&[coinbase][..], &[header][..]);
    let proof = Proof { transaction: &transaction, output: 0, place: 1, branch, headers };
    let paid = proof.verify(1, &limit()).unwrap();
    let mut txid = paid.txid;
    txid.reverse();
    assert_eq!(txid, hex!("f4184fc596403b9d638783cf57adfe4c75c605f6356fbc91338530e9831e9e16"));
    assert_eq!((paid.output, paid.amount), (0, 1_000_000_000));
    assert_eq!(Proof { output: 1, ..proof.clone() }.verify(1, &limit()).unwrap().amount, 4_000_000_000);
    assert_eq!(Proof { output: 2, ..proof.clone() }.verify(1, &limit()), Err(ProofError::Output));
    assert_eq!(Proof { place: 0, ..proof.clone() }.verify(1, &limit()), Err(ProofError::Branch));
}

proptest::proptest! {
    #[test]
    fn no_bytes_prove_anything_by_chance(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..400)) {
        if let Ok(proof) = Proof::read(&bytes) {
            proptest::prop_assert!(proof.verify(1, &limit()).is_err());
        }
        let _ = output(&bytes, 0);
        if let Some(bits) = bytes.first_chunk() {
            let _ = target(u32::from_le_bytes(*bits));
        }
    }
}

#[test]
fn targets_are_read_as_bitcoin_does() {
    assert_eq!(limit()[..8], [0, 0, 0, 0, 0xff, 0xff, 0, 0]);
    assert!(target(0x2100_ffff).is_some());
    for bits in [0, 0x1d80_0001, 0x2300_0001, 0x2200_0100, 0x0100_0000, 0xffff_ffff] {
        assert_eq!(target(bits), None, "{bits:x}");
    }
}

#[test]
fn a_coinbase_proves_nothing() {
    // The transaction of block 0, whose id is its root.
    let coinbase = hex!(
        "01000000010000000000000000000000000000000000000000000000000000000000000000ffffffff4d04ffff001d0104455468652054696d65732030332f4a616e2f32303039204368616e63656c6c6f72206f6e206272696e6b206f66207365636f6e64206261696c6f757420666f722062616e6b73ffffffff0100f2052a01000000434104678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb649f6bc3f4cef38c4f35504e51ec112de5c384df7ba0b8d578a4c702b6bf11d5fac00000000"
    );
    assert_eq!(double_sha256(&coinbase), field::<32>(&GENESIS, 36).unwrap());
    let proof =
        Proof { transaction: &coinbase, output: 0, place: 0, branch: &[], headers: &[GENESIS, FIRST] };
    assert_eq!(proof.verify(2, &limit()), Err(ProofError::Inputs));
    assert_eq!(proof.verify(3, &limit()), Err(ProofError::Confirmations));
    let wrong = Proof { transaction: &coinbase[1..], ..proof };
    assert_eq!(wrong.verify(2, &limit()), Err(ProofError::Branch));
}

#[test]
fn ambiguous_and_broken_transactions_are_refused() {
    assert_eq!(output(&[1; 64], 0), Err(ProofError::Ambiguous));
    let mut good = vec![1, 0, 0, 0, 1];
    good.extend([7; 32]);
    good.extend([
        0, 0, 0, 0, 0, 255, 255, 255, 255, 1, 9, 0, 0, 0, 0, 0, 0, 0, 5, 0x51, 0x20, 1, 2, 3, 0, 0, 0, 0,
    ]);
    assert_eq!(output(&good, 0), Ok((9, vec![0x51, 0x20, 1, 2, 3])));
    assert_eq!(output(&good, 1), Err(ProofError::Output));
    for end in 0..good.len() {
        assert!(output(&good[..end], 0).is_err(), "{end}");
    }
    assert_eq!(output(&[&good[..], &[0]].concat(), 0), Err(ProofError::Length));
    // A witness's marker reads as no inputs.
    let witness = [&good[..4], &[0, 1], &good[4..]].concat();
    assert_eq!(output(&witness, 0), Err(ProofError::Inputs));
    // A count in a longer form than needed.
    let long = [&good[..4], &[0xfd, 1, 0], &good[5..]].concat();
    assert_eq!(output(&long, 0), Err(ProofError::Length));
}

#[test]
fn a_branch_leads_to_the_root_from_its_place_alone() {
    let leaves: Vec<[u8; 32]> = (0..4u8).map(|leaf| [leaf; 32]).collect();
    let pair = |a: &[u8; 32], b: &[u8; 32]| double_sha256(&[*a, *b].concat());
    let (left, right) = (pair(&leaves[0], &leaves[1]), pair(&leaves[2], &leaves[3]));
    let root = pair(&left, &right);
    assert_eq!(merkle_root(&leaves[2], 2, &[leaves[3], left]), Ok(root));
    assert_ne!(merkle_root(&leaves[2], 3, &[leaves[3], left]), Ok(root));
    assert_eq!(merkle_root(&leaves[2], 4, &[leaves[3], left]), Err(ProofError::Branch));
    assert_eq!(merkle_root(&leaves[2], 0, &[root; 26]), Err(ProofError::Branch));
}

#[test]
fn proofs_of_wrong_length_are_not_read() {
    let mut bytes = [&[0, 0, 0, 2][..], &[1, 2], &[0, 0, 0, 3], &[0, 0, 0, 4], &[1], &[5; 32]].concat();
    bytes.extend(GENESIS);
    let proof = Proof::read(&bytes).unwrap();
    assert_eq!((proof.transaction, proof.output, proof.place), (&[1, 2][..], 3, 4));
    assert_eq!((proof.branch, proof.headers), (&[[5; 32]][..], &[GENESIS][..]));
    for end in (0..bytes.len()).filter(|end| *end != 47) {
        assert_eq!(Proof::read(&bytes[..end]), Err(ProofError::Length), "{end}");
    }
    assert!(Proof::read(&bytes[..47]).unwrap().headers.is_empty());
}
