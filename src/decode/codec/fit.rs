//! How well a layout explains a message, to choose among several.

use super::{Codec, Decoded};
use crate::message::text;
use crate::message::{FieldKind, Item};

/// How ill a layout fits a message: the least is the best, and equal ones leave a doubt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fit {
    /// There is an error.
    pub error: bool,
    /// Bytes left over.
    pub trailing: usize,
    /// Character arrays that are not text.
    pub not_text: usize,
    /// As [`Decoded::partial`].
    pub partial: bool,
    /// As [`Decoded::loose`].
    pub loose: bool,
}

impl Codec {
    /// Judges what [`decode`](Self::decode) gave for these bytes.
    pub fn fit(&self, bytes: &[u8], decoded: &Decoded<'_>, items: &[Item]) -> Fit {
        let is_text = |item: &Item| {
            self.table()
                .nodes
                .get(item.node as usize)
                .is_some_and(|node| matches!(node.kind, FieldKind::Text))
        };
        Fit {
            error: decoded.error.is_some(),
            trailing: decoded.trailing,
            not_text: items
                .iter()
                .filter(|item| is_text(item))
                .filter(|item| !is_readable(item.bytes_in(bytes).unwrap_or_default()))
                .count(),
            partial: decoded.partial,
            loose: decoded.loose,
        }
    }
}

/// Text as a person would write it: no control characters but tabs and line ends, and nothing
/// behind a NUL that comes first.
fn is_readable(bytes: &[u8]) -> bool {
    let is_binary = bytes.first() == Some(&0) && bytes.iter().any(|&byte| byte != 0);
    text(bytes).filter(|_| !is_binary).is_some_and(|text| {
        text.chars().all(|it| !it.is_control() || matches!(it, '\t' | '\r' | '\n'))
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{array, basic, bytes, character, codec, field, record, unsigned};
    use super::*;
    use crate::schema::Layout;

    fn fit(layout: &Layout, wire: &str) -> Fit {
        let (codec, wire, mut items) = (codec(layout), bytes(wire), Vec::new());
        let decoded = codec.decode(&wire, wire.len(), &mut items);
        codec.fit(&wire, &decoded, &items)
    }

    #[test]
    fn fewer_bytes_left_over_fit_better() {
        let longer = [basic().fields, vec![field("third", 19, unsigned(2))]].concat();
        let longer = record("longer", 21, longer);
        let wire = r#""Alan" 00000000000000 00000053 00000056 0001 ff"#;
        let (short, long) = (fit(&basic(), wire), fit(&longer, wire));
        assert_eq!((short.trailing, long.trailing), (3, 1));
        assert!(long < short);
        assert_eq!(fit(&record("other", 19, basic().fields), wire), short);
    }

    #[test]
    fn an_error_counts_before_what_is_left_over_and_that_before_text() {
        let name = record("name", 4, vec![field("name", 0, array(character(), 4, 1))]);
        let cut = fit(&basic(), r#""Alan" 00000000000000 00000053"#);
        let left = fit(&name, r#""Alan" 00"#);
        let control = fit(&name, "01020304");
        assert!(control < left && left < cut, "{control:?} {left:?} {cut:?}");
        assert_eq!(control, Fit { not_text: 1, ..Fit::default() });
    }
}
