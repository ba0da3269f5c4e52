//! The methods by which requests are known (RFC 9110 section 9.3; RFC 5789).

/// Those that tell a request without a version. Any other token is one where a version follows.
pub(super) const METHODS: [&[u8]; 9] =
    [b"GET", b"HEAD", b"POST", b"PUT", b"DELETE", b"OPTIONS", b"TRACE", b"PATCH", b"CONNECT"];

/// Bytes of a method that are taken for one.
pub(super) const MAX_METHOD: usize = 32;

/// Whether a line begins with the name of a method, in any case.
pub(super) fn has_method(line: &[u8]) -> bool {
    let line = line.trim_ascii_start();
    let word = line.split(u8::is_ascii_whitespace).next().unwrap_or_default();
    METHODS.iter().any(|method| method.eq_ignore_ascii_case(word))
}
