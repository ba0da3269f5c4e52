//! What is wrong in a header, as rustc shows it: file, line and column, the line itself, and help.

use std::io::{self, Write};

use annotate_snippets::{
    AnnotationKind, Group, Level as Title, Renderer, Snippet, normalize_untrusted_str,
};

use crate::schema::{Diagnostic, Level, Schema, SourceFile, Span};

/// Writes diagnostics, an empty line behind each.
///
/// # Errors
///
/// Those of `out`.
pub fn diagnostics(
    diagnostics: &[Diagnostic],
    files: &[SourceFile],
    colour: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    for it in diagnostics {
        let text = renderer.render(&[group(it, files)]);
        writeln!(out, "{text}\n")?;
    }
    Ok(())
}

/// Writes in one line how many declarations of a header do not parse, if there are any: no message that
/// is in use needs them.
///
/// # Errors
///
/// Those of `out`.
pub fn unused_declarations(schema: &Schema, out: &mut dyn Write) -> io::Result<()> {
    let is_counted = |it: &&Diagnostic| it.is_of_unused() && it.level == Level::Error;
    let number = schema.diagnostics.iter().filter(is_counted).count();
    let Some(header) = schema.files.first().filter(|_| number > 0) else { return Ok(()) };
    let path = normalize_untrusted_str(&header.path.to_string_lossy());
    let (declarations, them) = match number {
        1 => ("1 declaration does not parse".to_owned(), "it"),
        _ => (format!("{number} declarations do not parse"), "them"),
    };
    writeln!(
        out,
        "wirereel: {path}: {declarations}; no message in use needs {them} (-v shows more)"
    )
}

fn group<'a>(it: &'a Diagnostic, files: &'a [SourceFile]) -> Group<'a> {
    let level = match it.level {
        Level::Error => Title::ERROR,
        Level::Warning => Title::WARNING,
        Level::Note => Title::NOTE,
    };
    let mut group = Group::with_title(level.primary_title(&*it.text).id(it.code.as_str()));
    if let Some(file) = files.get(it.span.file as usize) {
        let line = Line::of(&file.text, it.span);
        let path = normalize_untrusted_str(&file.path.to_string_lossy());
        group = group.element(
            Snippet::source(line.text)
                .line_start(line.number)
                .path(path)
                .annotation(AnnotationKind::Primary.span(line.start..line.end)),
        );
    }
    if let Some(help) = &it.help {
        group = group.element(Title::HELP.message(normalize_untrusted_str(help)));
    }
    group
}

/// The line that a span begins in, and the part of the span that is in it.
#[derive(Debug, PartialEq)]
pub(super) struct Line<'a> {
    pub(super) text: &'a str,
    /// From 1.
    pub(super) number: usize,
    /// First byte within the line.
    pub(super) start: usize,
    /// One past the last byte within the line.
    pub(super) end: usize,
}

impl<'a> Line<'a> {
    /// A span that does not lie in the text is moved to where it can be shown: what is missing at
    /// the end of a file is shown behind its last word.
    pub(super) fn of(source: &'a str, span: Span) -> Self {
        let last = source.trim_end().len();
        let start = source.floor_char_boundary((span.start as usize).min(last));
        let (before, behind) = source.split_at(start);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line_end = behind.find('\n').map_or(source.len(), |at| start + at);
        let text = source.get(line_start..line_end).unwrap_or_default().trim_end();
        let start = (start - line_start).min(text.len());
        let end = (span.end as usize).saturating_sub(line_start).clamp(start, text.len());
        Self {
            text: if text.is_empty() { " " } else { text },
            number: before.matches('\n').count() + 1,
            start,
            end: text.ceil_char_boundary(end),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::schema::Code;

    fn written(text: &str, start: u32, end: u32, colour: bool) -> String {
        let files = [SourceFile { path: "proto.h".into(), text: text.to_owned() }];
        let it = Diagnostic {
            code: Code::Syntax,
            level: Level::Error,
            text: "expected `,` or `}`, found `;`".to_owned(),
            span: Span { file: 0, start, end },
            help: Some("enumerators are separated by `,`".to_owned()),
        };
        let mut out = Vec::new();
        diagnostics(&[it], &files, colour, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_diagnostic_shows_its_line() {
        assert_eq!(
            written("/* 成绩 */\nenum { A = 1; B };\n", 25, 26, false),
            "\
error[syntax]: expected `,` or `}`, found `;`
 --> proto.h:2:13
  |
2 | enum { A = 1; B };
  |             ^
  |
  = help: enumerators are separated by `,`

"
        );
    }

    #[test]
    fn every_kind_of_line_is_shown() {
        for (text, start, end, expected) in [
            ("int a;\r\n\tint b\r\nint c;\r\n", 9, 12, "2 |     int b\n  |     ^^^"),
            ("int a; // 成绩 x", 17, 18, "1 | int a; // 成绩 x\n  |                ^"),
            ("struct a {\n  int b;\n}\n", 0, 21, "1 | struct a {\n  | ^^^^^^^^^^"),
            ("struct a {\n\n", 12, 12, "1 | struct a {\n  |           ^"),
            ("", 0, 0, "1 |"),
        ] {
            let shown = written(text, start, end, false);
            assert!(shown.contains(expected), "{text:?}\n{shown}");
        }
    }

    #[test]
    fn colour_is_the_callers_choice() {
        assert!(!written("int a", 0, 3, false).contains('\x1b'));
        assert!(written("int a", 0, 3, true).contains('\x1b'));
    }

    #[test]
    fn a_file_that_is_not_there_is_not_shown() {
        let it = Diagnostic {
            code: Code::UnknownAttribute,
            level: Level::Warning,
            text: "gcc ignores `pack`".to_owned(),
            span: Span { file: 7, start: 0, end: 1 },
            help: None,
        };
        let mut out = Vec::new();
        diagnostics(&[it], &[], false, &mut out).unwrap();
        let expected = "warning[unknown-attribute]: gcc ignores `pack`\n\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    proptest! {
        #[test]
        fn no_text_and_no_span_can_panic(
            text in "[a\t\r\n ;张\u{0}\u{301}\u{1f600}\u{7f}\u{202e}]{0,24}",
            start in 0u32..40,
            end in 0u32..40,
        ) {
            let shown = written(&text, start, end, false);
            prop_assert!(shown.contains("--> proto.h:"), "{}", shown);
            prop_assert!(!shown.contains('\x1b'));
        }

        #[test]
        fn no_source_can_panic(text in any::<String>(), start in any::<u32>(), end in any::<u32>()) {
            prop_assert!(written(&text, start, end, true).contains("proto.h:"));
        }
    }
}
