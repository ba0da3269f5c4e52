//! Headers that are not found: those in `<…>` are harmless, unless something is named that one of them
//! would have declared. Then that is said once, at the `#include`.
//!
//! Which of several it would have been is a guess: one whose name a declaration begins with
//! (`ethtool.h`, `struct ethtool_link_settings`), before the user's own, before all others.

use std::path::Path;

use super::super::source::{Diagnostic, Diagnostics, SourceFile, Span};
use super::included::{Included, declares_nothing};

/// Names that are listed; a header may lack very many.
const MAX_NAMES: usize = 8;
/// Headers that are listed.
const MAX_HEADERS: usize = 6;
/// So many names that nothing declares, and no header is missing: another is to be read first.
const MANY: usize = 5;
/// A shorter name of a header is the beginning of too many others.
const MIN_STEM: usize = 3;

/// A name that nothing declares, and where it is needed.
type Lacking = (String, Span);

/// Puts one error in place of all that say of names in `lacking` that nothing declares them.
pub(super) fn fold(
    diagnostics: &mut Diagnostics,
    missing: &[Included],
    lacking: &[Lacking],
    files: &[SourceFile],
) {
    let mut candidates: Vec<&Included> = Vec::new();
    for it in missing.iter().filter(|it| !declares_nothing(&it.path)) {
        if !candidates.iter().any(|other| other.path == it.path) {
            candidates.push(it);
        }
    }
    let names = names(diagnostics, lacking);
    if names.is_empty() || (candidates.is_empty() && names.len() < MANY) {
        return;
    }
    diagnostics.0.retain(|it| !is_folded(it, lacking));
    if candidates.is_empty() {
        let first = names.first().map(|it| it.1).unwrap_or_default();
        let text = format!("nothing declares {}", listed(&names, files));
        let help = "read the header first that does: --include FILE";
        return diagnostics.push(Diagnostic::syntax(first, text).help(help));
    }
    let (mut rest, mut own) = (Vec::new(), vec![Vec::new(); candidates.len()]);
    for name in names {
        match likeliest(&name.0, &candidates).and_then(|at| own.get_mut(at)) {
            Some(of) => of.push(name),
            None => rest.push(name),
        }
    }
    for (header, names) in candidates.iter().zip(&own).filter(|it| !it.1.is_empty()) {
        say(diagnostics, &[header], names, files);
    }
    if !rest.is_empty() {
        say(diagnostics, &others(&candidates, &own), &rest, files);
    }
}

/// The names that diagnostics are about, each once.
fn names(diagnostics: &Diagnostics, lacking: &[Lacking]) -> Vec<Lacking> {
    let mut names: Vec<Lacking> = Vec::new();
    for it in diagnostics.0.iter().filter(|it| is_folded(it, lacking)) {
        let found = lacking.iter().find(|(_, span)| *span == it.span);
        if let Some(found) = found.filter(|it| !names.iter().any(|other| other.0 == it.0)) {
            names.push(found.clone());
        }
    }
    names
}

fn is_folded(it: &Diagnostic, lacking: &[Lacking]) -> bool {
    // What is near to a known name is a mistake in writing.
    let is_typo = it.help.as_deref().is_some_and(|it| it.starts_with("did you mean"));
    !is_typo && lacking.iter().any(|(_, span)| *span == it.span)
}

/// The header whose name the declaration begins with.
fn likeliest(name: &str, candidates: &[&Included]) -> Option<usize> {
    let name = name.to_ascii_lowercase();
    let stems = candidates.iter().map(|it| stem(&it.path)).enumerate();
    let fits = stems.filter(|(_, it)| it.len() >= MIN_STEM && name.starts_with(it.as_str()));
    fits.max_by_key(|it| it.1.len()).map(|it| it.0)
}

fn stem(path: &Path) -> String {
    path.file_stem().map_or_else(String::new, |it| it.to_string_lossy().to_ascii_lowercase())
}

/// The headers that may declare what no name of theirs tells: the user's own, else all without names.
fn others<'a>(candidates: &[&'a Included], own: &[Vec<Lacking>]) -> Vec<&'a Included> {
    let users: Vec<_> = candidates.iter().copied().filter(|it| !it.system).collect();
    if !users.is_empty() {
        return users;
    }
    let free = candidates.iter().zip(own).filter(|it| it.1.is_empty());
    let free: Vec<_> = free.map(|it| *it.0).collect();
    if free.is_empty() { candidates.to_vec() } else { free }
}

fn say(
    diagnostics: &mut Diagnostics,
    headers: &[&Included],
    names: &[Lacking],
    files: &[SourceFile],
) {
    let Some(first) = headers.first() else { return };
    // That they are not found is said with it.
    diagnostics.0.retain(|it| !headers.iter().any(|header| header.span == it.span));
    let mut shown: Vec<_> = headers.iter().take(MAX_HEADERS).map(|it| it.to_string()).collect();
    if let Some(left) = headers.len().checked_sub(MAX_HEADERS).filter(|&it| it > 0) {
        shown.push(format!("{left} more"));
    }
    let (are, it) = if headers.len() == 1 { ("is", "it") } else { ("are", "one of them") };
    let (shown, names) = (shown.join(", "), listed(names, files));
    let text = format!("{shown} {are} not found, and nothing else declares {names}");
    let help = format!("name the folder with -I, if {it} declares that");
    diagnostics.push(Diagnostic::syntax(first.span, text).help(help));
}

/// The names with their lines.
fn listed(names: &[Lacking], files: &[SourceFile]) -> String {
    let one = |(name, span): &Lacking| match line(files, *span) {
        Some(line) => format!("`{name}` (line {line})"),
        None => format!("`{name}`"),
    };
    let mut listed = names.iter().take(MAX_NAMES).map(one).collect::<Vec<_>>().join(", ");
    if let Some(left) = names.len().checked_sub(MAX_NAMES).filter(|&it| it > 0) {
        listed.push_str(&format!(" and {left} more"));
    }
    listed
}

fn line(files: &[SourceFile], span: Span) -> Option<usize> {
    let before = files.get(span.file as usize)?.text.get(..span.start as usize)?;
    Some(before.matches('\n').count() + 1)
}
