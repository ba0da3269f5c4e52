//! Structs of many shapes, and what each mistake of theirs is found to be.

/// A struct, and the mistakes that are made of it: each with the findings of it, as `code field`.
pub struct Shape {
    pub text: &'static str,
    pub message: &'static str,
    pub profile: &'static str,
    pub mistakes: &'static [(&'static [&'static str], &'static [&'static str])],
}

pub const BASIC: &str = include_str!("../../../../tests/peers/dgram-basic/proto.h");
pub const VAR: &str = include_str!("../../../../tests/peers/dgram-var/proto.h");
pub const SCORES: &str = include_str!("../../../../tests/peers/variants/scores.h");
pub const NAME0: &str = include_str!("../../../../tests/peers/variants/name0.h");
pub const NAME64: &str = include_str!("../../../../tests/peers/variants/name64.h");
pub const THREE: &str = include_str!("../../../../tests/peers/variants/three.h");
pub const SHAPES: &str = include_str!("../../../../tests/peers/variants/shapes.h");
pub const READING: &str = include_str!("../../../../tests/peers/portable/proto.h");
pub const READING_PACKED: &str = include_str!("../../../../tests/peers/portable/proto_packed.h");

pub const SHAPES_OF_MESSAGES: &[Shape] = &[
    Shape {
        text: BASIC,
        message: "msg_st",
        profile: "",
        mistakes: &[
            (&[], &[]),
            (&["byte-order"], &["byte-order math", "byte-order chinese"]),
            (&["byte-order=chinese"], &["byte-order chinese"]),
            (&["byte-order=math", "byte-order=math"], &["byte-order math"]),
            (&["padding"], &["padding math"]),
            (
                &["padding", "byte-order"],
                &["padding math", "byte-order math", "byte-order chinese"],
            ),
            (&["length"], &["length "]),
            (&["length=name"], &["length "]),
            (&["uninitialised"], &["uninitialised name"]),
            (&["uninitialised=name"], &["uninitialised name"]),
            (
                &["padding", "uninitialised"],
                &["padding math", "uninitialised name", "uninitialised "],
            ),
            (&["trailing"], &["trailing "]),
            (&["trailing", "uninitialised"], &["trailing ", "uninitialised name"]),
            (&["group-join"], &[]),
        ],
    },
    Shape {
        text: VAR,
        message: "msg_st",
        profile: "",
        mistakes: &[
            (&[], &[]),
            (&["byte-order"], &["byte-order math", "byte-order chinese"]),
            (&["byte-order=math"], &["byte-order math"]),
            (&["padding"], &["padding "]),
            (&["padding", "uninitialised"], &["padding ", "uninitialised name"]),
            (&["terminator"], &["terminator name"]),
            (&["terminator=name"], &["terminator name"]),
            (
                &["terminator", "byte-order"],
                &["terminator name", "byte-order math", "byte-order chinese"],
            ),
            (&["length"], &["length "]),
            (&["trailing"], &["trailing name"]),
            (&["trailing=name"], &["trailing name"]),
            (&["trailing", "uninitialised=name"], &["trailing name", "uninitialised name"]),
        ],
    },
    Shape {
        text: VAR,
        message: "msg_st",
        profile: "max_len = 504",
        mistakes: &[
            (&["trailing"], &["trailing name", "oversize "]),
            (&["terminator"], &["terminator name"]),
        ],
    },
    Shape {
        text: BASIC,
        message: "msg_st",
        profile: "max_len = 100",
        mistakes: &[(&["trailing"], &["trailing "])],
    },
    Shape {
        text: SCORES,
        message: "grades_t",
        profile: "[protocol.fields]\nscore = { range = [200, 400] }",
        mistakes: &[
            (&[], &[]),
            (&["byte-order"], &["byte-order score"]),
            (&["byte-order=score"], &["byte-order score"]),
            (&["padding"], &["padding score"]),
            (&["length"], &["length "]),
            (&["length=name"], &["length "]),
            (&["uninitialised"], &["uninitialised name"]),
            (&["trailing"], &["trailing "]),
        ],
    },
    Shape {
        text: NAME0,
        message: "msg_st",
        profile: "",
        mistakes: &[
            (&["byte-order=math"], &["byte-order math"]),
            (&["terminator"], &["terminator name"]),
            (&["length=math"], &["length "]),
            (&["length"], &["length "]),
            (&["trailing"], &["trailing name"]),
        ],
    },
    Shape {
        text: NAME64,
        message: "student",
        profile: "",
        mistakes: &[
            (&["byte-order"], &["byte-order math", "byte-order chinese"]),
            (&["length"], &["length "]),
            (&["uninitialised"], &["uninitialised name"]),
            (&["trailing"], &["trailing "]),
        ],
    },
    Shape {
        text: THREE,
        message: "msg_st",
        profile: "",
        mistakes: &[
            (&["byte-order"], &["byte-order math", "byte-order chinese", "byte-order english"]),
            (&["padding"], &["padding math"]),
            (&["length=chinese"], &["length "]),
            (&["uninitialised"], &["uninitialised name"]),
            (&["trailing"], &["trailing "]),
        ],
    },
    Shape {
        text: SHAPES,
        message: "shape_st",
        profile: "byte_order = \"little\"\n[protocol.fields]\n\"corners.x\" = { range = [200, 400] }\n\"corners.y\" = { range = [200, 400] }",
        mistakes: &[
            (&[], &[]),
            (&["byte-order=corners"], &["byte-order corners.x", "byte-order corners.y"]),
            (&["byte-order=corners.x"], &["byte-order corners.x"]),
            (&["byte-order=balance"], &["byte-order balance"]),
            (&["byte-order=area"], &["byte-order area"]),
            (&["padding"], &["padding fill"]),
            (&["type-width"], &["type-width area"]),
            (&["length"], &["length "]),
            (&["uninitialised"], &["uninitialised "]),
            (&["trailing"], &["trailing "]),
        ],
    },
    Shape {
        text: READING,
        message: "reading",
        profile: "byte_order = \"little\"",
        mistakes: &[
            (&[], &[]),
            (&["byte-order=stamp"], &["byte-order stamp"]),
            (&["byte-order=value"], &["byte-order value"]),
            (&["byte-order=level"], &["byte-order level"]),
            (&["padding"], &["padding stamp"]),
            (&["type-width"], &["type-width stamp"]),
            (&["type-width=value"], &["type-width stamp"]),
            (&["length"], &["length "]),
            (&["uninitialised"], &["uninitialised "]),
            (&["trailing"], &["trailing "]),
        ],
    },
    Shape {
        text: READING_PACKED,
        message: "reading",
        profile: "",
        mistakes: &[
            (&["byte-order=stamp"], &["byte-order stamp"]),
            (&["byte-order=level"], &["byte-order level"]),
            (&["padding"], &["padding stamp"]),
            (&["length"], &["length "]),
            (&["trailing"], &["trailing "]),
        ],
    },
    Shape {
        text: "struct log { long when; uint16_t level; char text[]; } __attribute__((packed));",
        message: "log",
        profile: "",
        mistakes: &[
            (&[], &[]),
            (&["type-width"], &["type-width when"]),
            (&["type-width=when"], &["type-width when"]),
            (&["byte-order=when"], &["byte-order when"]),
            (&["padding"], &["padding "]),
            (&["terminator"], &["terminator text"]),
            (&["length"], &["length "]),
            (&["trailing"], &["trailing text"]),
        ],
    },
    Shape {
        text: "struct item { char label[9]; uint16_t price; } __attribute__((packed));
struct basket { uint16_t n; struct item items[3]; uint64_t total; } __attribute__((packed));",
        message: "basket",
        profile: "[protocol.fields]\n\"items.price\" = { range = [200, 400] }",
        mistakes: &[
            (&[], &[]),
            (&["byte-order=items.price"], &["byte-order items.price"]),
            (&["byte-order=items"], &["byte-order items.price"]),
            (&["padding"], &["padding items.price"]),
            (&["uninitialised"], &["uninitialised items.label"]),
            (&["length=items"], &["length "]),
            (&["trailing"], &["trailing "]),
        ],
    },
    Shape {
        text: "struct list { uint32_t n; uint32_t values[]; };",
        message: "list",
        profile: "",
        mistakes: &[
            (&["byte-order"], &["byte-order n", "byte-order values"]),
            (&["length"], &["length "]),
            (&["length=n"], &["length "]),
        ],
    },
];
