//! Damages valid documents in random places, so that tests see that no input panics.

/// Returns `count` damaged copies of a text; the same ones each time.
pub(crate) fn damaged(text: &str, count: usize) -> impl Iterator<Item = String> {
    const PIECES: [&str; 22] = [
        "\"",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "-",
        "0",
        "9",
        "e",
        ".",
        "$",
        "é",
        "null",
        "1e400",
        "-1",
        "[[[",
        "\\u",
        "9999-12-31",
        "115792089237316195423570985008687907853269984665640564039457584007913129639936",
        " ",
    ];
    let chars: Vec<char> = text.chars().collect();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move |below: usize| {
        // Knuth's MMIX generator; its high bits are good enough to pick places.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap_or(0) % below.max(1)
    };
    (0..count).map(move |_| {
        let mut copy = chars.clone();
        for _ in 0..=random(3) {
            let at = random(copy.len());
            let end = (at + random(12)).min(copy.len());
            copy.splice(at..end, PIECES[random(PIECES.len())].chars());
        }
        copy.into_iter().collect()
    })
}
