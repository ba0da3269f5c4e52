//! What a path of a capture stands for.

use std::path::Path;

/// Whether a path is of what can be read only once: a pipe, standard input.
pub fn is_pipe(path: &Path) -> bool {
    is_stdin(path) || path.metadata().is_ok_and(|it| !it.is_file() && !it.is_dir())
}

/// Whether a path stands for standard input.
pub fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}
