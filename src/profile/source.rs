//! Where a profile and its headers come from.

use std::path::Path;

/// Where the headers of a profile are.
#[derive(Clone, Copy, Debug)]
pub(super) enum Source<'a> {
    /// In a folder: the profile's own.
    Dir(&'a Path),
    /// In the program: those of the lessons.
    Lessons,
    /// In the program: those of well-known protocols.
    Bundled,
}
