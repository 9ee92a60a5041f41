//! Writes the map behind the code, in CBOR with its length in two bytes behind it.

/// Writes a map of a hash, if any, and the compiler's version.
pub(super) fn tail(hash: Option<(&str, &[u8])>, version: &str) -> Vec<u8> {
    let mut out = vec![0xa0 + 1 + u8::from(hash.is_some())];
    if let Some((name, bytes)) = hash {
        text(&mut out, name);
        head(&mut out, 0x40, bytes.len());
        out.extend_from_slice(bytes);
    }
    text(&mut out, "solc");
    text(&mut out, version);
    let length = out.len() as u16;
    out.extend_from_slice(&length.to_be_bytes());
    out
}

fn text(out: &mut Vec<u8>, text: &str) {
    head(out, 0x60, text.len());
    out.extend_from_slice(text.as_bytes());
}

/// Writes the kind and length of a string; those here are shorter than 256 bytes.
fn head(out: &mut Vec<u8>, kind: u8, length: usize) {
    if length < 24 {
        out.push(kind + length as u8);
    } else {
        out.extend_from_slice(&[kind + 24, length as u8]);
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_tail_says_its_own_length() {
        let tail = super::tail(Some(("ipfs", &[7; 34])), "0.8.37");
        assert_eq!(tail.get(..8), Some(&b"\xa2\x64ipfs\x58\x22"[..]));
        assert_eq!(tail.get(42..), Some(&b"\x64solc\x660.8.37\x00\x36"[..]));
        assert_eq!(super::tail(None, "x"), b"\xa1\x64solc\x61x\x00\x08");
    }
}
