use super::super::layout::Layout;
use super::super::reading::Reading;
use super::super::resolved::{PartKind, ResolvedLayout};
use crate::schema::ByteOrder;
use crate::schema::{Abi, LoadOptions, Schema};

fn resolved(text: &str) -> ResolvedLayout {
    let schema = Schema::parse("proto.h", text, &LoadOptions::default());
    assert_eq!(schema.diagnostics, [], "{text}");
    let record = schema.record("m").unwrap();
    Layout::of(record, "m", Abi::X86_64).unwrap().resolve(&Reading::default()).unwrap()
}

/// How the members of `m` are written.
fn shown(text: &str) -> Vec<Option<&'static str>> {
    let layout = resolved(text);
    let members = layout.members(ResolvedLayout::ROOT);
    members
        .map(|(id, _)| layout.element(id).unwrap().1.notation.as_ref().map(|it| it.name()))
        .collect()
}

#[test]
fn types_are_known_by_name_and_shape() {
    for (member, expected) in [
        ("struct in_addr a;", Some("ipv4")),
        ("struct in_addr a[2];", Some("ipv4")),
        ("struct in6_addr a;", Some("ipv6")),
        ("struct ether_addr a;", Some("mac")),
        ("struct sockaddr_in a;", Some("socket")),
        ("struct sockaddr_in6 a;", Some("socket")),
        ("struct sockaddr_storage a;", Some("socket")),
        ("struct timeval a;", Some("time")),
        ("struct timespec a;", Some("time")),
        ("time_t a;", Some("time")),
        ("time_t a[2];", Some("time")),
        ("in_addr_t a;", Some("ipv4")),
        ("in_port_t a;", None),
        ("uint32_t addr;", None),
        ("__be32 addr;", None),
        ("uint8_t uuid_t[16];", None),
        ("time_t a:5;", None),
        ("time_t *a;", None),
    ] {
        assert_eq!(shown(&format!("struct m {{ {member} }};")), [expected], "{member}");
    }
    for (declared, member, expected) in [
        ("typedef unsigned char uuid_t[16];", "uuid_t a;", Some("uuid")),
        ("typedef unsigned char uuid_t[16];", "uuid_t a[2];", Some("uuid")),
        ("typedef unsigned char uuid_t[16]; typedef uuid_t key;", "key a;", Some("uuid")),
        ("typedef unsigned char uuid_t[8];", "uuid_t a;", None),
        ("typedef long long __time64_t;", "__time64_t a;", Some("time")),
        ("typedef time_t stamp;", "stamp a;", Some("time")),
        (
            "struct __kernel_timespec { long long tv_sec, tv_nsec; };",
            "struct __kernel_timespec a;",
            Some("time"),
        ),
        ("struct timespec64 { float tv_sec, tv_nsec; };", "struct timespec64 a;", None),
        ("struct timeval32 { int sec, usec; };", "struct timeval32 a;", None),
        ("typedef struct { int tv_sec, tv_usec; } timeval32;", "timeval32 a;", Some("time")),
    ] {
        let text = format!("{declared} struct m {{ {member} }};");
        assert_eq!(shown(&text), [expected], "{text}");
    }
}

#[test]
fn addresses_and_ports_are_big_endian_and_families_the_hosts() {
    let layout =
        resolved("struct m { struct sockaddr_in a; struct sockaddr_in6 b; in_port_t p; int n; };");
    let little = Reading { order: ByteOrder::Little, ..Reading::default() };
    let text = "struct m { struct sockaddr_in a; struct sockaddr_in6 b; in_port_t p; int n; };";
    let schema = Schema::parse("proto.h", text, &LoadOptions::default());
    let other = Layout::of(schema.record("m").unwrap(), "m", Abi::X86_64).unwrap();
    let other = other.resolve(&little).unwrap();
    let order = |layout: &ResolvedLayout, path: &str| match layout.find(path).unwrap().1.kind {
        PartKind::Integer { order, .. } => order,
        _ => panic!("{path}"),
    };
    for (path, of_big, of_little) in [
        ("a.sin_family", ByteOrder::Little, ByteOrder::Little),
        ("a.sin_port", ByteOrder::Big, ByteOrder::Big),
        ("a.sin_addr.s_addr", ByteOrder::Big, ByteOrder::Big),
        ("b.sin6_family", ByteOrder::Little, ByteOrder::Little),
        ("b.sin6_flowinfo", ByteOrder::Big, ByteOrder::Big),
        ("b.sin6_scope_id", ByteOrder::Little, ByteOrder::Little),
        ("p", ByteOrder::Big, ByteOrder::Big),
        ("n", ByteOrder::Big, ByteOrder::Little),
    ] {
        assert_eq!((order(&layout, path), order(&other, path)), (of_big, of_little), "{path}");
    }
}

#[test]
fn comments_with_a_mark_describe_members() {
    let layout = resolved(
        "/** Whole. */ struct m {\n\
         /** Before. */ int a; int b; /**< Behind. */\n\
         int c, /**< Of c. */ d; ///< Of d.\n\
         /* plain */ int e; // plain\n\
         /** Outer. */ struct { /** Inner. */ int x; } f;\n\
         int g; /// On its line\n int h; };",
    );
    let of = |path: &str| layout.find(path).unwrap().1.description.as_deref();
    for (path, expected) in [
        ("a", Some("Before.")),
        ("b", Some("Behind.")),
        ("c", Some("Of c.")),
        ("d", Some("Of d.")),
        ("e", None),
        ("f", Some("Outer.")),
        ("f.x", Some("Inner.")),
        ("g", Some("On its line")),
        ("h", None),
    ] {
        assert_eq!(of(path), expected, "{path}");
    }
    let text = "/** Whole. */ typedef struct { int a; } m;";
    let schema = Schema::parse("proto.h", text, &LoadOptions::default());
    assert_eq!(schema.record("m").unwrap().description.as_deref(), Some("Whole."));
}

#[test]
fn a_member_says_how_many_elements_there_are() {
    for (text, expected, bytes) in [
        ("struct m { int n; int a[] __attribute__((counted_by(n))); };", "n", false),
        ("struct m { int n; int a[] __counted_by(n); };", "n", false),
        ("struct m { int n; int a[] __counted_by_be(n); };", "n", false),
        ("struct m { int n; char a[] __sized_by(n); };", "n", true),
        ("struct m { int n; struct { int k; int a[] __counted_by(n); }; };", "n", false),
        ("#define __counted_by(m)\nstruct m { int n; int a[] __counted_by(n); };", "n", false),
    ] {
        let layout = resolved(text);
        let counter = layout.tail().unwrap().1.counter.clone().unwrap();
        assert_eq!((counter.path.as_str(), counter.bytes), (expected, bytes), "{text}");
    }
}
