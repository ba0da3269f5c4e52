//! C++ headers of plain structs; where g++ lays them out is compared in `trials`.

use wirereel::schema::{Abi, CType, Layout, Level, LoadOptions, Schema};

fn parse(text: &str) -> Schema {
    Schema::parse("feed.hpp", text, &LoadOptions::default())
}

fn clean(text: &str) -> Schema {
    let schema = parse(text);
    assert_eq!(schema.diagnostics, [], "{text}");
    schema
}

fn size(schema: &Schema, name: &str) -> u64 {
    let record = schema.record(name).unwrap_or_else(|| panic!("{name}: {:?}", schema.diagnostics));
    Layout::of(record, name, Abi::X86_64).unwrap().size
}

/// The text of each error.
fn errors(schema: &Schema) -> Vec<&str> {
    let errors = schema.diagnostics.iter().filter(|it| it.level == Level::Error);
    errors.map(|it| it.text.as_str()).collect()
}

#[test]
fn a_struct_is_its_fields_whatever_else_it_has() {
    let schema = clean(
        "struct Quote {
            Quote() : bid{0}, ask(0) {}
            explicit Quote(int x) noexcept;
            ~Quote() = default;
            Quote& operator=(const Quote&) = delete;
            bool operator==(const Quote& o) const { return bid == o.bid; }
            operator bool() const;
            static int count;
            static constexpr int kDepth = 3;
            friend class Book;
            using Px = long long;
            typedef unsigned short Qty;
            Px bid = 1, ask{2};
            Qty sizes[kDepth] = {1, 2, 3};
            int (*callback)(int);
            auto mid() const -> Px { return (bid + ask) / 2; }
         private:
            unsigned a : 3 = 1, b : 5 {2};
         };",
    );
    let quote = schema.record("Quote").unwrap();
    let names: Vec<_> = quote.fields.iter().filter_map(|it| it.name.as_deref()).collect();
    assert_eq!(names, ["bid", "ask", "sizes", "callback", "a", "b"]);
    assert_eq!(size(&schema, "Quote"), 40);
}

#[test]
fn names_are_found_in_their_namespaces() {
    let schema = clean(
        "namespace venue { enum class Side : unsigned char { Buy = 'B', Sell = 'S' };
         struct Head { short len; }; inline namespace v3 { struct Add { Head h; Side s; }; } }
         namespace other::deep { struct Head { int a, b; }; struct Uses { Head own; venue::Head theirs; }; }
         struct Last { venue::v3::Add a; other::deep::Head h; ::venue::Side s; };",
    );
    assert_eq!(size(&schema, "Add"), 4);
    assert_eq!(size(&schema, "Uses"), 12);
    assert_eq!(size(&schema, "Last"), 16);
    let names: Vec<_> = schema.messages().collect();
    assert_eq!(names, ["venue::Head", "Add", "other::deep::Head", "Uses", "Last"]);
    assert_eq!(schema.constant("venue::Side::Sell"), Some(83));
}

#[test]
fn an_enum_has_the_type_that_it_is_declared_with() {
    let schema = clean(
        "enum class Side : uint8_t { BUY = 66, SELL = 83 }; enum Kind : int16_t { A = -1 };
         enum class Plain { X }; enum class Later : uint64_t;
         struct order { Side side; Kind kind; Plain plain; Later later; } __attribute__((packed));",
    );
    assert_eq!(size(&schema, "order"), 1 + 2 + 4 + 8);
    let side = &schema.record("order").unwrap().fields[0].ctype;
    let CType::Enum(side) = side else { panic!("{side:?}") };
    assert_eq!(side.enumerators.iter().map(|it| it.value).collect::<Vec<_>>(), [66, 83]);
    // C23 has it too, and no compiler then chooses another width.
    let text = "enum side : uint8_t { BUY = 66 }; struct order { uint16_t id; enum side side; };";
    let schema = Schema::parse("proto.h", text, &LoadOptions::default());
    assert_eq!(schema.diagnostics, []);
    for abi in Abi::ALL {
        assert_eq!(Layout::of(schema.record("order").unwrap(), "order", abi).unwrap().size, 4);
    }
}

#[test]
fn constants_and_arrays_of_the_library() {
    let schema = clean(
        "#include <array>\n#include <cstdint>
         constexpr std::size_t kLen = 2 * 4; const int kMore{3}; constexpr auto kAuto = 1'000;
         using Symbol = std::array<char, kLen>;
         struct s { Symbol name; std::array<std::array<std::uint16_t, 2>, kMore> grid;
            std::byte raw[static_cast<int>(kAuto) - 998]; char tail[uint8_t(258)]; };",
    );
    assert_eq!(size(&schema, "s"), 8 + 12 + 2 + 2);
}

#[test]
fn what_changes_the_layout_unseen_is_refused_by_name() {
    let schema = parse(
        "struct Base { int x; };\nstruct Derived : virtual Base { int y; };
         struct Lost : public vendor::Head { int y; };
         struct Poly { virtual ~Poly() {} int z; };
         template <typename T> struct Ring { T items[4]; };\nstruct User { Ring<int> r; };
         struct Good { int a; };",
    );
    assert_eq!(
        errors(&schema),
        [
            "`Derived` has a virtual base class, whose place no declaration tells",
            "`Lost` has the base class `vendor::Head`, which is not known here",
            "`Poly` has virtual methods, which add a hidden pointer",
            "unknown type name `Ring<…>`",
        ]
    );
    let notes = schema.diagnostics.iter().filter(|it| it.level == Level::Note).count();
    assert_eq!(notes, 1, "{:?}", schema.diagnostics);
    assert_eq!(schema.messages().collect::<Vec<_>>(), ["Base", "Good"]);
}

/// The heir of each base, what its last member's offset is, and its size.
#[test]
fn base_classes_lie_before_the_members_of_their_heirs() {
    for (base, offset, len) in [
        ("struct B { int a; char b; };", 8, 12),
        ("struct B { int a; char b; B() = default; int f() const { return a; } };", 8, 12),
        ("struct B { int a; char b; B& operator=(const B&) = delete; };", 8, 12),
        // No plain struct: its tail padding is its heir's.
        ("struct B { int a; char b; explicit B(int x) : a(x) {} };", 5, 8),
        ("struct B { int a; char b = 1; };", 5, 8),
        ("struct B { int a; char b; ~B() {} };", 5, 8),
        ("struct B { int a; char b; B& operator=(const B& o) { return *this; } };", 5, 8),
        ("class B { int a; char b; };", 5, 8),
        ("struct B { int a; private: char b; };", 5, 8),
        ("struct A { int a; char b; }; struct B : A { char c; };", 9, 12),
        ("struct E {}; struct B : E { int a; char b; };", 5, 8),
        ("struct E {}; struct A { int a; }; struct B : public E, private A { char b; };", 5, 8),
        ("#pragma pack(push, 1)\nstruct B { int a; char b = 1; };\n#pragma pack(pop)\n", 5, 6),
    ] {
        let schema = clean(&format!("{base} struct D final : public B {{ char x; }};"));
        let layout = Layout::of(schema.record("D").unwrap(), "D", Abi::X86_64).unwrap();
        let last = layout.fields.last().unwrap();
        assert_eq!((last.offset, layout.size), (offset, len), "{base}");
    }
}

#[test]
fn a_header_of_c_stays_c() {
    let text = "#ifdef __cplusplus\nextern \"C\" {\nnamespace no {\n#endif\n\
        struct class { int new, this, private; };\nstruct delete { struct class template; int namespace; };\n";
    let schema = Schema::parse("proto.h", text, &LoadOptions::default());
    assert_eq!(schema.diagnostics, []);
    assert_eq!(size(&schema, "delete"), 16);
    assert_eq!(
        errors(&Schema::parse(
            "p.h",
            "struct empty {}; struct s { char c; struct empty e; };",
            &LoadOptions::default()
        )),
        [""; 0]
    );
}
