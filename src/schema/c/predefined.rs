//! What a compiler predefines for an ABI, as far as headers ask for it (`gcc -dM -E`).

use std::fmt::Write as _;

use super::super::abi::Abi;
use super::super::byte_order::ByteOrder;
use super::super::ctype::{FloatKind, IntKind};

/// Macros of every compiler, and of the headers that no program does without.
const ALWAYS: &str = include_str!("platform/compiler.h");

/// The text of a header that defines it all; `cplusplus` for a C++ compiler.
pub(super) fn header(abi: Abi, cplusplus: bool) -> String {
    let mut text = String::from(ALWAYS);
    for name in machine(abi) {
        let _ = writeln!(text, "#define {name} 1");
    }
    let big = abi.byte_order() == ByteOrder::Big;
    let order = if big { 4321 } else { 1234 };
    let bit_fields = if big { "BIG" } else { "LITTLE" };
    for name in ["__BYTE_ORDER__", "__FLOAT_WORD_ORDER__", "__BYTE_ORDER"] {
        let _ = writeln!(text, "#define {name} {order}");
    }
    let _ = writeln!(text, "#define __{bit_fields}_ENDIAN_BITFIELD 1");
    types(abi, &mut text);
    sizes(abi, &mut text);
    text.push_str(if cplusplus {
        "#define __cplusplus 201703L\n#define __GNUG__ 14\n"
    } else {
        "#define __STDC_VERSION__ 201710L\n"
    });
    text
}

/// The names by which headers know a machine and its system.
fn machine(abi: Abi) -> &'static [&'static str] {
    match abi {
        Abi::X86_64 => &[
            "__linux__",
            "__linux",
            "__gnu_linux__",
            "__unix__",
            "__unix",
            "__ELF__",
            "__x86_64__",
            "__x86_64",
            "__amd64__",
            "__amd64",
            "__LP64__",
            "_LP64",
            "__SSE__",
            "__SSE2__",
        ],
        Abi::I386 => &[
            "__linux__",
            "__linux",
            "__gnu_linux__",
            "__unix__",
            "__unix",
            "__ELF__",
            "__i386__",
            "__i386",
            "__i686__",
            "__ILP32__",
            "_ILP32",
        ],
        // No header is read for these: debug data alone speaks of them.
        Abi::Lp64Little | Abi::Lp64Big => {
            &["__linux__", "__unix__", "__ELF__", "__LP64__", "_LP64"]
        }
        Abi::Ilp32Little | Abi::Ilp32Big => {
            &["__linux__", "__unix__", "__ELF__", "__ILP32__", "_ILP32"]
        }
        Abi::Win64 => {
            &["_WIN32", "_WIN64", "__x86_64__", "__x86_64", "__amd64__", "_M_X64", "_M_AMD64"]
        }
        Abi::Arm => &[
            "__linux__",
            "__linux",
            "__gnu_linux__",
            "__unix__",
            "__unix",
            "__ELF__",
            "__arm__",
            "__arm",
            "__ARM_EABI__",
            "__ARM_PCS_VFP",
            "__ARMEL__",
            "__CHAR_UNSIGNED__",
            "__ILP32__",
        ],
        Abi::Aarch64 => &[
            "__linux__",
            "__linux",
            "__gnu_linux__",
            "__unix__",
            "__unix",
            "__ELF__",
            "__aarch64__",
            "__AARCH64EL__",
            "__LP64__",
            "_LP64",
            "__CHAR_UNSIGNED__",
        ],
        Abi::S390x => &[
            "__linux__",
            "__linux",
            "__gnu_linux__",
            "__unix__",
            "__unix",
            "__ELF__",
            "__s390__",
            "__s390x__",
            "__zarch__",
            "__LP64__",
            "_LP64",
            "__CHAR_UNSIGNED__",
        ],
    }
}

/// `__SIZE_TYPE__` and the like.
fn types(abi: Abi, text: &mut String) {
    let long = abi.long_size();
    let word = match (abi, abi.pointer_size()) {
        (Abi::Win64, _) => "long long",
        (_, 4) => "",
        _ => "long",
    };
    let word =
        |sign: &str| format!("{sign} {word} int").split_whitespace().collect::<Vec<_>>().join(" ");
    let wide = if long == 8 { "long" } else { "long long" };
    let suffix = if long == 8 { "L" } else { "LL" };
    let wchar = abi.integer(IntKind::WideChar);
    let wchar = match wchar.map(|it| (it.size, it.signed)) {
        Some((2, _)) => "unsigned short",
        Some((_, false)) => "unsigned int",
        _ => "int",
    };
    // A pointer of s390 without the x has an `unsigned long` beside it; these ABIs have none such.
    for (name, ctype) in [
        ("SIZE", word("unsigned")),
        ("PTRDIFF", word("")),
        ("INTPTR", word("")),
        ("UINTPTR", word("unsigned")),
        ("WCHAR", wchar.to_owned()),
        ("WINT", if abi == Abi::Win64 { "unsigned short" } else { "unsigned int" }.to_owned()),
        ("CHAR16", "unsigned short".to_owned()),
        ("CHAR32", "unsigned int".to_owned()),
        ("INTMAX", format!("{wide} int")),
        ("UINTMAX", format!("unsigned {wide} int")),
        ("INT64", format!("{wide} int")),
        ("UINT64", format!("unsigned {wide} int")),
        ("INT_LEAST64", format!("{wide} int")),
        ("UINT_LEAST64", format!("unsigned {wide} int")),
        ("INT_FAST16", word("")),
        ("INT_FAST32", word("")),
        ("UINT_FAST16", word("unsigned")),
        ("UINT_FAST32", word("unsigned")),
        ("INT_FAST64", format!("{wide} int")),
        ("UINT_FAST64", format!("unsigned {wide} int")),
    ] {
        let _ = writeln!(text, "#define __{name}_TYPE__ {ctype}");
    }
    for name in ["INT64", "INTMAX"] {
        let _ = writeln!(text, "#define __{name}_C(c) c ## {suffix}");
        let _ = writeln!(text, "#define __U{name}_C(c) c ## U{suffix}");
        let _ = writeln!(text, "#define __{name}_MAX__ 0x7fffffffffffffff{suffix}");
        let _ = writeln!(text, "#define __U{name}_MAX__ 0xffffffffffffffffU{suffix}");
    }
}

/// `__SIZEOF_LONG__` and the like, and the greatest values.
fn sizes(abi: Abi, text: &mut String) {
    let (pointer, long) = (abi.pointer_size(), abi.long_size());
    let wide = abi.integer(IntKind::WideChar).map_or(4, |it| it.size);
    let double = abi.float(FloatKind::LongDouble).0.size;
    for (name, size) in [
        ("SHORT", 2),
        ("INT", 4),
        ("LONG", long),
        ("LONG_LONG", 8),
        ("POINTER", pointer),
        ("SIZE_T", pointer),
        ("PTRDIFF_T", pointer),
        ("WCHAR_T", wide),
        ("WINT_T", if abi == Abi::Win64 { 2 } else { 4 }),
        ("FLOAT", 4),
        ("DOUBLE", 8),
        ("LONG_DOUBLE", double),
    ] {
        let _ = writeln!(text, "#define __SIZEOF_{name}__ {size}");
    }
    if pointer == 8 {
        text.push_str("#define __SIZEOF_INT128__ 16\n");
    }
    let biggest = match abi {
        Abi::S390x | Abi::Arm => 8,
        _ => 16,
    };
    let _ = writeln!(text, "#define __BIGGEST_ALIGNMENT__ {biggest}");
    let greatest = |size: u64| if size == 8 { "0x7fffffffffffffff" } else { "0x7fffffff" };
    let _ = writeln!(text, "#define __LONG_MAX__ {}L", greatest(long));
    let _ = writeln!(text, "#define __LONG_WIDTH__ {}", long * 8);
    let suffix = if abi == Abi::Win64 { "LL" } else { "L" };
    let suffix = if pointer == 4 { "" } else { suffix };
    for name in ["PTRDIFF", "INTPTR"] {
        let _ = writeln!(text, "#define __{name}_MAX__ {}{suffix}", greatest(pointer));
    }
    let all = if pointer == 8 { "0xffffffffffffffff" } else { "0xffffffff" };
    for name in ["SIZE", "UINTPTR"] {
        let _ = writeln!(text, "#define __{name}_MAX__ {all}U{suffix}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_machine_has_its_names_and_sizes() {
        for (abi, names) in [
            (
                Abi::X86_64,
                &["__x86_64__ 1", "__SIZEOF_LONG__ 8", "__SIZE_TYPE__ unsigned long int"][..],
            ),
            (Abi::I386, &["__i386__ 1", "__SIZEOF_LONG__ 4", "__SIZE_TYPE__ unsigned int"]),
            (
                Abi::Win64,
                &[
                    "_WIN64 1",
                    "__SIZEOF_LONG__ 4",
                    "__SIZEOF_POINTER__ 8",
                    "__WCHAR_TYPE__ unsigned short",
                ],
            ),
            (Abi::S390x, &["__s390x__ 1", "__BYTE_ORDER__ 4321", "__BIG_ENDIAN_BITFIELD 1"]),
            (Abi::Arm, &["__arm__ 1", "__INT64_TYPE__ long long int", "__SIZEOF_POINTER__ 4"]),
        ] {
            let text = header(abi, false);
            for name in names {
                assert!(text.contains(&format!("#define {name}\n")), "{abi}: {name}\n{text}");
            }
        }
        assert!(!header(Abi::Win64, false).contains("__linux__"));
        assert!(header(Abi::X86_64, true).contains("__cplusplus"));
    }
}
