//! Names as they lie in a file that may hold anything.

/// Characters of a name that are kept: what C++ makes of templates has no end.
const MAX_LEN: usize = 400;

/// A name as text, without what could command a terminal.
pub(super) fn text(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let is_odd = |it: char| {
        it.is_control()
            || matches!(it, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().take(MAX_LEN).map(|it| if is_odd(it) { '_' } else { it }).collect()
}

/// The name of a field, which stands in paths: `_vptr.shape` of C++ is `_vptr_shape`.
pub(super) fn field_name(bytes: &[u8]) -> String {
    text(bytes).replace(['.', '[', ']', ' '], "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_command_nothing() {
        assert_eq!(text(b"msg_st"), "msg_st");
        assert_eq!(text("\u{1b}[31mred\u{202e}\n成".as_bytes()), "_[31mred__成");
        assert_eq!(text(&[b'a'; 5000]).len(), MAX_LEN);
        assert_eq!(field_name(b"_vptr.shape"), "_vptr_shape");
    }
}
