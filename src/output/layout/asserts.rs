//! `_Static_assert`s that pin where a compiler puts the members of a header's messages (C11, section 6.7.10).

use std::io::{self, Write};
use std::path::Path;

use crate::check::{HeaderMessage, Versions};
use crate::schema::{
    Abi, PartId, PartKind, RecordDef, RecordKind, Repeat, ResolvedLayout, Schema, Span,
};

/// Writes what holds of the new version: the size of each message, and where its members begin and what
/// they take. What differs among the ABIs stands behind a condition. Of bit-fields C says nothing.
///
/// # Errors
///
/// Those of `out`.
pub fn asserts(
    versions: &[Versions<'_>],
    message: Option<&str>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let Some(first) = versions.first() else { return Ok(()) };
    writeln!(out, "#include <stddef.h>")?;
    let file = first.new.files.first().and_then(|it| it.path.file_name());
    if let Some(file) = file.map(Path::new) {
        writeln!(out, "#include \"{}\"", file.display())?;
    }
    for (name, record) in first.new.records().filter(|it| message.is_none_or(|name| name == it.0)) {
        let lines = versions.iter().map(|it| (it.abi, lines(it.new, name, it.abi)));
        let lines: Vec<(Abi, Vec<String>)> = lines.collect();
        let Some((_, of_first)) = lines.first().filter(|it| !it.1.is_empty()) else { continue };
        writeln!(out, "\n/* {} */", named(first.new, name, record))?;
        let is_everywhere = |line: &String| lines.iter().all(|(_, all)| all.contains(line));
        for line in of_first.iter().filter(|it| is_everywhere(it)) {
            writeln!(out, "{line}")?;
        }
        let mut groups: Vec<(Vec<&String>, Vec<String>)> = Vec::new();
        for (abi, all) in &lines {
            let own: Vec<_> = all.iter().filter(|it| !is_everywhere(it)).collect();
            let condition = condition(*abi).to_owned();
            match groups.iter_mut().find(|it| it.0 == own) {
                Some((_, conditions)) => conditions.push(condition),
                None if own.is_empty() => {}
                None => groups.push((own, vec![condition])),
            }
        }
        for (own, conditions) in groups {
            let any = match conditions.as_slice() {
                [only] => only.clone(),
                several => format!("({})", several.join(") || (")),
            };
            writeln!(out, "#if {any}")?;
            for line in own {
                writeln!(out, "{line}")?;
            }
            writeln!(out, "#endif")?;
        }
    }
    Ok(())
}

/// The macros of the compilers of an ABI.
fn condition(abi: Abi) -> &'static str {
    match abi {
        Abi::X86_64 => "defined(__x86_64__) && !defined(_WIN32)",
        Abi::I386 => "defined(__i386__) && !defined(_WIN32)",
        Abi::Win64 => "defined(_WIN64)",
        Abi::Arm => "defined(__arm__)",
        Abi::Aarch64 => "defined(__aarch64__)",
        Abi::S390x => "defined(__s390x__)",
        Abi::Lp64Little => "__SIZEOF_LONG__ == 8 && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__",
        Abi::Lp64Big => "__SIZEOF_LONG__ == 8 && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__",
        Abi::Ilp32Little => "__SIZEOF_LONG__ == 4 && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__",
        Abi::Ilp32Big => "__SIZEOF_LONG__ == 4 && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__",
    }
}

/// As C names it: by its tag, or by its typedef alone.
fn named(schema: &Schema, name: &str, record: &RecordDef) -> String {
    let kind = match record.kind {
        RecordKind::Struct => "struct",
        RecordKind::Union => "union",
    };
    let Span { file, start, end } = record.span;
    let text =
        schema.files.get(file as usize).and_then(|it| it.text.get(start as usize..end as usize));
    // A tag stands before the members, a typedef behind them.
    let before = text.and_then(|it| it.split('{').next());
    let is_word = |it: char| it.is_alphanumeric() || it == '_';
    let is_typedef = before.is_some_and(|it| !it.split(|c| !is_word(c)).any(|it| it == name));
    match record.tag.as_deref() == Some(name) && !is_typedef {
        true => format!("{kind} {name}"),
        false => name.to_owned(),
    }
}

fn lines(schema: &Schema, name: &str, abi: Abi) -> Vec<String> {
    let Some(record) = schema.record(name) else { return Vec::new() };
    let Some(layout) = HeaderMessage { name, record, protocol: None }.layout(abi) else {
        return Vec::new();
    };
    let of = named(schema, name, record);
    let mut lines =
        vec![format!("_Static_assert(sizeof({of}) == {0}, \"{of} is {0} bytes\");", layout.size)];
    members(&layout, ResolvedLayout::ROOT, &of, &mut lines);
    lines
}

/// What is not in an array: of that C gives no place without an element.
fn members(layout: &ResolvedLayout, record: PartId, of: &str, lines: &mut Vec<String>) {
    for (id, part) in layout.members(record) {
        if part.name.is_some() && part.bits().is_none() {
            let (path, offset, len) = (&part.path, part.offset, part.len);
            lines.push(format!(
                "_Static_assert(offsetof({of}, {path}) == {offset}, \"{path} at {offset}\");"
            ));
            if !matches!(part.repeat, Repeat::ToEnd { .. }) {
                lines.push(format!(
                    "_Static_assert(sizeof((({of} *)0)->{path}) == {len}, \"{path} is {len} bytes\");"
                ));
            }
        }
        if matches!(part.kind, PartKind::Struct(_) | PartKind::Union(_)) {
            members(layout, id, of, lines);
        }
    }
}
