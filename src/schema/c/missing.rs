//! Headers in `<…>` that are not found: harmless, unless something is named that one of them would have
//! declared. Then that is said once, at the `#include`.

use super::super::source::{Diagnostic, Diagnostics, SourceFile, Span};
use super::included::Included;

/// Names that are listed; a header may lack very many.
const MAX_NAMES: usize = 8;

/// Puts one error in place of all that say of names in `lacking` that nothing declares them.
pub(super) fn fold(
    diagnostics: &mut Diagnostics,
    missing: &[Included],
    lacking: &[(String, Span)],
    files: &[SourceFile],
) {
    let Some(first) = missing.first() else { return };
    let name_of = |it: &Diagnostic| {
        // What is near to a known name is a mistake in writing.
        let is_typo = it.help.as_deref().is_some_and(|it| it.starts_with("did you mean"));
        let found = lacking.iter().find(|(_, span)| *span == it.span).filter(|_| !is_typo)?;
        Some((found.0.clone(), it.span))
    };
    let (folded, kept): (Vec<_>, Vec<_>) =
        diagnostics.0.drain(..).partition(|it| name_of(it).is_some());
    diagnostics.0 = kept;
    let mut names: Vec<String> = Vec::new();
    for (name, span) in folded.iter().filter_map(name_of) {
        let line = line(files, span).map_or_else(String::new, |it| format!(" (line {it})"));
        if !names.iter().any(|it| it.starts_with(&format!("`{name}`"))) {
            names.push(format!("`{name}`{line}"));
        }
    }
    if names.is_empty() {
        return;
    }
    let headers: Vec<_> = missing.iter().map(|it| format!("<{}>", it.path.display())).collect();
    let one = headers.len() == 1;
    let (are, it) = if one { ("is", "it") } else { ("are", "one of them") };
    let left = names.len().saturating_sub(MAX_NAMES);
    names.truncate(MAX_NAMES);
    let mut listed = names.join(", ");
    if left > 0 {
        listed.push_str(&format!(" and {left} more"));
    }
    let headers = headers.join(", ");
    let text = format!("{headers} {are} not found, and nothing else declares {listed}");
    let help = format!("name the folder with -I, if {it} declares that");
    diagnostics.push(Diagnostic::syntax(first.span, text).help(help));
}

fn line(files: &[SourceFile], span: Span) -> Option<usize> {
    let before = files.get(span.file as usize)?.text.get(..span.start as usize)?;
    Some(before.matches('\n').count() + 1)
}
