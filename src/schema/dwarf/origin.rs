//! What is of the program itself, and what comes with a compiler, a library or the system.

use memchr::memmem;

/// Where systems, compilers and package managers keep sources.
const FOLDERS: [&str; 5] =
    ["/usr/include", "/usr/lib", "/usr/local/include", "/usr/share", "/rustc/"];
const WITHIN: [&str; 3] = ["/lib/gcc/", "/rustlib/", "/.cargo/registry/"];

/// Outermost namespaces of the libraries of C++ and Rust, whose types may have no file.
const NAMESPACES: [&str; 6] = ["std", "core", "alloc", "__gnu_cxx", "__cxxabiv1", "hashbrown"];

/// Whether a type is not the program's own, as far as its file, outermost namespace and name tell.
pub(super) fn is_system(file: Option<&str>, scope: Option<&str>, name: &[u8]) -> bool {
    let of_file = file.is_some_and(|file| {
        FOLDERS.iter().any(|it| file.starts_with(it)) || WITHIN.iter().any(|it| file.contains(it))
    });
    // Tuples, references and tables of methods of Rust's have names that nobody declares.
    let begins_well = |it: &u8| it.is_ascii_alphabetic() || *it == b'_' || !it.is_ascii();
    let of_compiler = !name.first().is_some_and(begins_well)
        || name.starts_with(b"dyn ")
        || memmem::find(name, b"__va_list").is_some();
    of_file || of_compiler || scope.is_some_and(|it| NAMESPACES.contains(&it))
}

#[cfg(test)]
mod tests {
    use super::is_system;

    #[test]
    fn the_programs_own_types_are_told_from_others() {
        for (file, scope, name, expected) in [
            (Some("proto.h"), None, "msg_st", false),
            (Some("/home/me/proto.h"), Some("feed"), "msg_st", false),
            (None, None, "msg_st", false),
            (
                Some("/usr/include/x86_64-linux-gnu/bits/types/struct_FILE.h"),
                None,
                "_IO_FILE",
                true,
            ),
            (Some("/usr/lib/gcc/x86_64-linux-gnu/12/include/stddef.h"), None, "max_align_t", true),
            (None, Some("core"), "Layout", true),
            (None, None, "&mut dyn core::fmt::Write", true),
            (None, None, "typedef __va_list_tag __va_list_tag", true),
        ] {
            assert_eq!(is_system(file, scope, name.as_bytes()), expected, "{name}");
        }
    }
}
