//! Which codings a client takes (RFC 9110 section 12.5.3).

/// The highest weight, 1, in thousandths.
pub(in crate::replay::server) const MAX_WEIGHT: u16 = 1000;

/// How much a client wants a body in these codings, in thousandths: the least that it gives to one
/// of them. 0 where it does not take it. A client that says nothing of codings could be sent any,
/// and most of these undo none: it takes none.
pub(in crate::replay::server) fn weight(
    accept_encoding: Option<&[u8]>,
    content_encoding: &[u8],
) -> u16 {
    let accepted = accept_encoding.unwrap_or_default();
    codings(content_encoding).map(|it| of_coding(accepted, it)).min().unwrap_or(MAX_WEIGHT)
}

/// The codings that a Content-Encoding names, other than `identity`.
pub(in crate::replay::server) fn codings(content_encoding: &[u8]) -> impl Iterator<Item = &[u8]> {
    let names = content_encoding.split(|it| *it == b',').map(<[u8]>::trim_ascii);
    names.filter(|it| !it.is_empty() && !it.eq_ignore_ascii_case(b"identity"))
}

fn of_coding(accepted: &[u8], coding: &[u8]) -> u16 {
    let mut any = 0;
    for entry in accepted.split(|it| *it == b',') {
        let mut parts = entry.split(|it| *it == b';').map(<[u8]>::trim_ascii);
        let name = parts.next().unwrap_or_default();
        let weight = parts.find_map(thousandths).unwrap_or(MAX_WEIGHT);
        if plain(name) == plain(coding) {
            return weight;
        }
        if name == b"*" {
            any = weight;
        }
    }
    any
}

/// The name that a coding has without its old prefix (RFC 9110 section 8.4.1.3).
fn plain(name: &[u8]) -> Vec<u8> {
    let name = name.to_ascii_lowercase();
    name.strip_prefix(b"x-").map(<[u8]>::to_vec).unwrap_or(name)
}

/// `q=0.5`; 0 where the number is none.
fn thousandths(parameter: &[u8]) -> Option<u16> {
    let value = parameter.strip_prefix(b"q=").or_else(|| parameter.strip_prefix(b"Q="))?;
    let weight = std::str::from_utf8(value).ok().and_then(|it| it.parse::<f64>().ok());
    let weight = weight.filter(|it| (0.0..=1.0).contains(it)).unwrap_or_default();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 1000")]
    Some((weight * f64::from(MAX_WEIGHT)).round() as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_coding_weighs_what_the_client_gives_it() {
        for (accepted, coding, expected) in [
            (None, "", MAX_WEIGHT),
            (None, "identity", MAX_WEIGHT),
            (None, "gzip", 0),
            (Some(""), "gzip", 0),
            (Some("gzip"), "gzip", MAX_WEIGHT),
            (Some("GZIP"), "x-gzip", MAX_WEIGHT),
            (Some("gzip, deflate, br"), "br", MAX_WEIGHT),
            (Some("gzip;q=0.25, br"), "gzip", 250),
            (Some("gzip ; q=0"), "gzip", 0),
            (Some("*"), "zstd", MAX_WEIGHT),
            (Some("*;q=0.5, gzip;q=0"), "gzip", 0),
            (Some("*;q=0.5, gzip;q=0"), "br", 500),
            (Some("identity"), "gzip", 0),
            (Some("gzip, br;q=0.1"), "br, gzip", 100),
            (Some("gzip"), "br, gzip", 0),
            (Some("gzip;q=x"), "gzip", 0),
            (Some("gzip;q=NaN"), "gzip", 0),
        ] {
            let accepted = accepted.map(str::as_bytes);
            assert_eq!(weight(accepted, coding.as_bytes()), expected, "{accepted:?} {coding}");
        }
    }
}
