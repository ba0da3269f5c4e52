//! The forms in which something that was planted may still be found: as it is, in capitals or not, in
//! hexadecimal, percent-encoded, and in base64 wherever it begins.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// All forms of some bytes that are long enough not to be there by chance.
pub fn of(planted: &[u8]) -> Vec<Vec<u8>> {
    let hex: String = planted.iter().map(|it| format!("{it:02x}")).collect();
    let percent: String = planted.iter().map(|it| format!("%{it:02x}")).collect();
    let colons = hex.as_bytes().chunks(2).map(|it| it.to_vec()).collect::<Vec<_>>().join(&b':');
    let mut forms = vec![
        planted.to_vec(),
        planted.to_ascii_lowercase(),
        planted.to_ascii_uppercase(),
        hex.as_bytes().to_vec(),
        hex.to_ascii_uppercase().into_bytes(),
        percent.as_bytes().to_vec(),
        percent.to_ascii_uppercase().into_bytes(),
        colons,
    ];
    forms.extend((0..3).map(|skipped| within_base64(planted, skipped)));
    forms.retain(|it| it.len() >= 3);
    forms
}

/// What is seen of `planted` in the base64 of anything that has `skipped` bytes, or three more and so on,
/// before it.
fn within_base64(planted: &[u8], skipped: usize) -> Vec<u8> {
    let encoded = base64(&[&vec![0; skipped], planted].concat());
    let begin = (skipped * 8).div_ceil(6);
    let end = (skipped + planted.len()) * 8 / 6;
    encoded[begin.min(end)..end].to_vec()
}

/// RFC 4648 section 4, without padding.
pub fn base64(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    for chunk in bytes.chunks(3) {
        let mut word = [0; 4];
        word[1..=chunk.len()].copy_from_slice(chunk);
        let bits = u32::from_be_bytes(word);
        let digits = (0..=chunk.len()).map(|it| ALPHABET[(bits >> (18 - 6 * it) & 63) as usize]);
        text.extend(digits);
    }
    text
}

/// Whether any form of `planted` is in `bytes`.
pub fn found(bytes: &[u8], planted: &[u8]) -> Option<String> {
    let has = |it: &Vec<u8>| memmem(bytes, it);
    of(planted).iter().find(|it| has(it)).map(|it| it.escape_ascii().to_string())
}

fn memmem(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|it| it == part)
}

#[test]
fn every_alignment_of_base64_is_told() {
    let planted = b"planted-secret";
    for before in 0..9 {
        let text = base64(&[&vec![b'-'; before], &planted[..], b" and more"].concat());
        assert!(found(&text, planted).is_some(), "{before}");
        assert!(found(&text, b"planted-Secret").is_none(), "{before}");
    }
    assert_eq!(base64(b"planted:pass"), b"cGxhbnRlZDpwYXNz");
    for text in ["PLANTED-SECRET", "706C616E7465642d736563726574", "%70%6C", "70:6c:61"] {
        let bytes = if text.len() > 12 { &planted[..] } else { &planted[..3] };
        let found = found(text.as_bytes(), if text == "%70%6C" { b"pl" } else { bytes });
        assert_eq!(found.is_some(), text != "706C616E7465642d736563726574", "{text}");
    }
}
