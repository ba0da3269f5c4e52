use super::*;
use crate::schema::ctype::RecordKind;
use crate::schema::source::Span;

fn record() -> Arc<RecordDef> {
    Arc::new(RecordDef {
        kind: RecordKind::Struct,
        tag: None,
        typedef: false,
        fields: Vec::new(),
        packed: false,
        pragma_pack: None,
        aligned: None,
        description: None,
        span: Span::default(),
    })
}

/// What is listed, given `scope::name`, the unit and which record.
fn listed(given: &[(&str, &str, usize)]) -> Vec<String> {
    let records = [record(), record()];
    let mut names = Names::default();
    for (full, unit, which) in given {
        let mut scope: Vec<String> = full.split("::").map(str::to_owned).collect();
        let name = scope.pop().unwrap();
        let unit = names.unit(unit);
        names.add(Naming { name, scope, unit, user: true, listed: true }, records[*which].clone());
    }
    names.resolve().0.into_iter().map(|it| it.0).collect()
}

#[test]
fn a_name_is_as_long_as_it_must_be() {
    for (given, expected) in [
        (&[("msg", "a.c", 0)][..], &["msg"][..]),
        (&[("msg", "a.c", 0), ("msg", "b.c", 0)], &["msg"]),
        (&[("net::msg", "a.cc", 0)], &["msg"]),
        (&[("net::msg", "a.cc", 0), ("disk::msg", "a.cc", 1)], &["net::msg", "disk::msg"]),
        (&[("msg", "a.c", 0), ("msg", "b.c", 1)], &["a.c:msg", "b.c:msg"]),
        (&[("msg", "src/a.c", 0), ("msg", "b.c", 1)], &["a.c:msg", "b.c:msg"]),
        (&[("msg", "x/a.c", 0), ("msg", "y/a.c", 1)], &["x/a.c:msg", "y/a.c:msg"]),
        (&[("n::msg", "a.c", 0), ("n::msg", "b.c", 1)], &["a.c:n::msg", "b.c:n::msg"]),
    ] {
        assert_eq!(listed(given), expected, "{given:?}");
    }
}

#[test]
fn what_libraries_call_the_same_is_not_meant() {
    let (own, other) = (record(), record());
    let mut names = Names::default();
    let naming =
        |unit, user| Naming { name: "msg".to_owned(), scope: Vec::new(), unit, user, listed: true };
    names.add(naming(0, false), other);
    names.add(naming(1, true), own.clone());
    let (records, all) = names.resolve();
    assert_eq!(records.len(), 1);
    let all: HashMap<_, _> = all.into_iter().collect();
    assert!(Arc::ptr_eq(&all["msg"], &own));
}
