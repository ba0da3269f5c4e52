//! Groups of constants, such as `KIND_A` and `KIND_B`, and which of them goes with which message.

use std::collections::{BTreeMap, HashSet};

use super::words::{stem, words};
use crate::schema::{EnumDef, Schema};

/// Constants that begin alike, or those of one enum.
pub(super) struct Group {
    /// What they begin with, without the `_` behind it; empty for an enum.
    pub prefix: String,
    members: Vec<(String, i128)>,
}

/// The constants of a header whose names begin alike, two at least; in the order of the names.
pub(super) fn groups(schema: &Schema) -> Vec<Group> {
    let mut by_prefix: BTreeMap<&str, Vec<(String, i128)>> = BTreeMap::new();
    for (name, value) in schema.constants() {
        let Some((prefix, _)) = name.rsplit_once('_') else { continue };
        by_prefix.entry(prefix).or_default().push((name.to_owned(), value));
    }
    let group = |(prefix, mut members): (&str, Vec<_>)| {
        members.sort_by(|one: &(String, i128), other| (one.1, &one.0).cmp(&(other.1, &other.0)));
        Group { prefix: prefix.to_owned(), members }
    };
    let several = by_prefix.into_iter().filter(|it| !it.0.is_empty() && it.1.len() > 1);
    several.map(group).collect()
}

impl Group {
    /// The names of an enum.
    pub fn of_enum(of: &EnumDef) -> Self {
        let members = of.enumerators.iter().map(|it| (it.name.clone(), it.value)).collect();
        Self { prefix: String::new(), members }
    }

    /// Whether their prefix is the name of a field, or ends in it: `MSG_KIND_*` goes with `kind`.
    pub fn is_of(&self, field: &str) -> bool {
        let (field, prefix) = (words(field), words(&self.prefix));
        !field.is_empty() && prefix.ends_with(&field)
    }

    /// Of each name the constant that ends in its words.
    fn pairs(&self, names: &[&str]) -> Vec<(String, String)> {
        let mut values = HashSet::new();
        let pair = |name: &&str| {
            let stem = stem(name);
            let is_named = |it: &&(String, i128)| !stem.is_empty() && words(&it.0).ends_with(&stem);
            let (constant, value) = self.members.iter().find(is_named)?;
            values.insert(*value).then(|| (constant.clone(), (*name).to_owned()))
        };
        names.iter().filter_map(pair).collect()
    }
}

/// The value of a tag for each name, as far as constants say it, else counted from 1; and whether
/// constants do.
pub(super) fn cases(
    own: Option<&EnumDef>,
    all: &[Group],
    names: &[&str],
) -> (Vec<(String, String)>, bool) {
    let own = own.map(Group::of_enum);
    let groups = own.iter().chain(all.iter().filter(|_| own.is_none()));
    // Of several as good the first.
    let pairs = groups
        .map(|it| it.pairs(names))
        .reduce(|best, it| if it.len() > best.len() { it } else { best });
    match pairs.filter(|it| it.len() > 1) {
        Some(pairs) => (pairs, true),
        None => {
            let counted = (1..)
                .zip(names)
                .map(|(value, name): (u32, _)| (value.to_string(), (*name).to_owned()));
            (counted.collect(), false)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::LoadOptions;

    fn groups_of(text: &str) -> Vec<Group> {
        groups(&Schema::parse("p.h", text, &LoadOptions::default()))
    }

    #[test]
    fn constants_go_with_the_names_that_they_end_in() {
        let text = "enum { MSG_LOGIN_REQ = 3, MSG_LOGIN_RSP };\n#define OTHER_PATH 9\n";
        let all = groups_of(text);
        let pair = |value: &str, name: &str| (value.to_owned(), name.to_owned());
        assert_eq!(
            cases(None, &all, &["login_req_st", "loginRsp"]),
            (vec![pair("MSG_LOGIN_REQ", "login_req_st"), pair("MSG_LOGIN_RSP", "loginRsp")], true)
        );
        assert_eq!(
            cases(None, &all, &["path_st", "data_st"]),
            (vec![pair("1", "path_st"), pair("2", "data_st")], false),
            "one alone is by chance"
        );
        assert_eq!(cases(None, &[], &[]).0, []);
    }

    #[test]
    fn a_group_goes_with_the_field_of_its_name() {
        let all =
            groups_of("#define ORDER_KIND_BUY 1\n#define ORDER_KIND_SELL 2\n#define KIND_ONE 1\n");
        let found =
            |field: &str| all.iter().find(|it| it.is_of(field)).map(|it| it.prefix.as_str());
        assert_eq!(found("kind"), Some("ORDER_KIND"));
        assert_eq!(found("orderKind"), Some("ORDER_KIND"));
        assert_eq!((found("order"), found("find"), found("")), (None, None, None));
    }
}
