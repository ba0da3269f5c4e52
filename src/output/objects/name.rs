//! File names from the wire. A name is one component of a path, whatever it was: it cannot leave
//! its folder, hide, name a device, command a terminal or be longer than file systems allow.

use std::borrow::Cow;

/// Bytes of a name, without what is added to tell equal ones apart.
pub const MAX_NAME: usize = 120;

/// Bytes of an extension that is kept where a name is cut.
const MAX_EXTENSION: usize = 16;

/// Names that Windows gives to devices, with any extension.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];

/// A name for the body that a target has, with the extension of its type where it has none.
pub(super) fn of(target: &[u8], content_type: Option<&[u8]>) -> String {
    let path = target.split(|it| matches!(it, b'?' | b'#')).next().unwrap_or_default();
    let last = without_origin(path).rsplit(|&it| it == b'/').next().unwrap_or_default();
    let decoded = percent_decoded(last);
    let mut name: String = String::from_utf8_lossy(&decoded).chars().map(harmless).collect();
    name.truncate(name.trim_end_matches(['.', ' ']).len());
    let name = name.trim_start_matches(['.', ' ']);
    let name = if name.is_empty() { "index" } else { name };
    let prefix = if name.starts_with('-') || is_device(name) { "_" } else { "" };
    let extension = match name.contains('.') {
        true => None,
        false => content_type.and_then(extension),
    };
    let dot = if extension.is_some() { "." } else { "" };
    shortened(&format!("{prefix}{name}{dot}{}", extension.unwrap_or_default()))
}

/// The name that the same name gets when it comes again: `a.png`, `a(1).png`.
pub(super) fn numbered(name: &str, number: u32) -> Cow<'_, str> {
    if number == 0 {
        return name.into();
    }
    let (stem, extension) = split(name);
    format!("{stem}({number}){extension}").into()
}

/// A path without `http://host`, as a request to a proxy has it.
fn without_origin(path: &[u8]) -> &[u8] {
    match memchr::memmem::find(path, b"://") {
        Some(at) if !path.starts_with(b"/") => {
            let authority = path.get(at.saturating_add(3)..).unwrap_or_default();
            let end = memchr::memchr(b'/', authority).unwrap_or(authority.len());
            authority.get(end..).unwrap_or_default()
        }
        _ => path,
    }
}

fn percent_decoded(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, behind @ ..] = rest {
        let digit = |byte: &u8| char::from(*byte).to_digit(16);
        let coded = match behind {
            [high, low, ..] if *first == b'%' => digit(high).zip(digit(low)),
            _ => None,
        };
        match coded {
            Some((high, low)) => {
                out.extend(u8::try_from(high * 16 + low));
                rest = behind.get(2..).unwrap_or_default();
            }
            None => {
                out.push(*first);
                rest = behind;
            }
        }
    }
    out
}

fn harmless(character: char) -> char {
    let is_separator = matches!(character, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|');
    let is_harmless = !is_separator
        && !character.is_control()
        && (character == ' ' || !character.is_whitespace())
        && !crate::output::escape::is_invisible(character);
    if is_harmless { character } else { '_' }
}

fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_ascii_lowercase();
    let port = stem.strip_prefix("com").or_else(|| stem.strip_prefix("lpt"));
    let is_port = port.is_some_and(|it| {
        let mut digits = it.chars();
        let is_digit = digits.next().is_some_and(|it| it.is_ascii_digit() || "¹²³".contains(it));
        is_digit && digits.next().is_none()
    });
    is_port || DEVICES.contains(&&*stem)
}

/// Stem, and extension with its dot.
fn split(name: &str) -> (&str, &str) {
    match name.rfind('.') {
        Some(dot) if dot > 0 && name.len() - dot <= MAX_EXTENSION => name.split_at(dot),
        _ => (name, ""),
    }
}

fn shortened(name: &str) -> String {
    if name.len() <= MAX_NAME {
        return name.to_owned();
    }
    let (stem, extension) = split(name);
    let end = stem.floor_char_boundary(MAX_NAME.saturating_sub(extension.len()));
    let (stem, _) = stem.split_at_checked(end).unwrap_or_default();
    format!("{stem}{extension}")
}

/// The usual extension of a media type.
fn extension(content_type: &[u8]) -> Option<&'static str> {
    let essence = content_type.split(|&it| it == b';').next()?.trim_ascii().to_ascii_lowercase();
    Some(match essence.as_slice() {
        b"application/gzip" => "gz",
        b"application/javascript" | b"text/javascript" => "js",
        b"application/json" => "json",
        b"application/octet-stream" => "bin",
        b"application/pdf" => "pdf",
        b"application/wasm" => "wasm",
        b"application/xml" | b"text/xml" => "xml",
        b"application/zip" => "zip",
        b"audio/mpeg" => "mp3",
        b"audio/ogg" => "ogg",
        b"font/ttf" => "ttf",
        b"font/woff" => "woff",
        b"font/woff2" => "woff2",
        b"image/avif" => "avif",
        b"image/gif" => "gif",
        b"image/jpeg" => "jpg",
        b"image/png" => "png",
        b"image/svg+xml" => "svg",
        b"image/webp" => "webp",
        b"image/vnd.microsoft.icon" | b"image/x-icon" => "ico",
        b"text/css" => "css",
        b"text/csv" => "csv",
        b"text/html" => "html",
        b"text/plain" => "txt",
        b"video/mp4" => "mp4",
        b"video/webm" => "webm",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_the_last_part_of_the_path_made_harmless() {
        for (target, expected) in [
            (&b"/test.png"[..], "test.png"),
            (b"/a/b/c.txt?q=/x#y/z", "c.txt"),
            (b"/", "index.html"),
            (b"*", "_.html"),
            (b"/page", "page.html"),
            (b"http://host/a/b.js", "b.js"),
            (b"http://host", "index.html"),
            (b"/../../etc/passwd", "passwd.html"),
            (b"/..", "index.html"),
            (b"/%2e%2e%2f%2E%2E%2fetc%2fpasswd", "_.._etc_passwd"),
            (b"/..%5c..%5cboot.ini", "_.._boot.ini"),
            (b"/%00%0a%1b[31m.png", "___[31m.png"),
            (b"/.htaccess", "htaccess.html"),
            (b"/-rf", "_-rf.html"),
            (b"/CON", "_CON.html"),
            (b"/nul.txt", "_nul.txt"),
            (b"/com7.tar.gz", "_com7.tar.gz"),
            (b"/command.png", "command.png"),
            (b"/x.png.%20.", "x.png"),
            (b"/C:%5Cx", "C__x.html"),
            (b"/%zz%4", "%zz%4.html"),
            (b"/%e5%bc%a0.png", "\u{5f20}.png"),
            (b"/a%E2%80%AEgnp.exe", "a_gnp.exe"),
            (b"/\xff.png", "\u{fffd}.png"),
        ] {
            assert_eq!(of(target, Some(b"text/HTML; charset=utf-8")), expected);
        }
        assert_eq!(of(b"/x", None), "x");
        assert_eq!(of(b"/x", Some(b"x/y")), "x");
    }

    #[test]
    fn equal_names_are_numbered_before_the_extension() {
        for (name, expected) in [
            ("a.png", "a(1).png"),
            ("a", "a(1)"),
            ("a.tar.gz", "a.tar(1).gz"),
            ("a.no extension at all", "a.no extension at all(1)"),
        ] {
            assert_eq!(numbered(name, 0), name);
            assert_eq!(numbered(name, 1), expected);
        }
    }

    proptest! {
        #[test]
        fn every_name_is_one_component_of_bounded_length(target: Vec<u8>, escaped in "/(%[0-9a-f]{2}|.){0,90}") {
            for target in [&target, escaped.as_bytes()] {
                let name = of(target, Some(b"image/png"));
                let components: Vec<_> = std::path::Path::new(&name).components().collect();
                prop_assert!(matches!(components[..], [std::path::Component::Normal(_)]), "{name:?}");
                prop_assert!(name.len() <= MAX_NAME && !name.contains(['/', '\\', '\0']), "{name:?}");
            }
        }
    }
}
