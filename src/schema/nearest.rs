//! The name that may be meant where one is not known.

/// The name in `among` that `name` is with the fewest mistakes: a letter too many, too few, changed,
/// or swapped with the next; the case of letters does not count. `None` where there is more than one
/// mistake to three letters, unless `name` is the beginning of one.
pub fn nearest<'n>(name: &str, among: impl IntoIterator<Item = &'n str>) -> Option<String> {
    let name = name.to_lowercase();
    let mistakes = |it: &str| strsim::damerau_levenshtein(&name, &it.to_lowercase());
    among
        .into_iter()
        .map(|it| (mistakes(it), it))
        .filter(|(mistakes, it)| mistakes * 3 <= name.chars().count() || begins(&name, it))
        // Of several with as many, always the same one.
        .min()
        .map(|(_, it)| it.to_owned())
}

/// Whether someone left off the end of `whole`: at least three letters are there.
fn begins(name: &str, whole: &str) -> bool {
    name.chars().count() >= 3 && whole.to_lowercase().starts_with(name)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_misspelt_name_finds_what_is_meant() {
        let known = ["msg_st", "data_st", "uint32_t", "packed", "udp.port", "张三"];
        for (name, expected) in [
            ("msg_sd", Some("msg_st")),
            ("MSG_ST", Some("msg_st")),
            ("unit32_t", Some("uint32_t")),
            ("pack", Some("packed")),
            ("udp.prot", Some("udp.port")),
            ("张", None),
            ("ms", None),
            ("msh_sd", Some("msg_st")),
            ("zzz", None),
            ("", None),
        ] {
            assert_eq!(nearest(name, known).as_deref(), expected, "{name}");
        }
        assert_eq!(nearest("abc", ["abx", "abw"]), nearest("abc", ["abw", "abx"]));
        assert_eq!(nearest("name", []), None);
    }
}
