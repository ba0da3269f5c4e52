//! What an `#include` names, and the text of the file.

use std::fmt;
use std::fs;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use super::super::source::Span;

/// What `#include` names.
#[derive(Clone, Debug)]
pub(super) struct Included {
    pub path: PathBuf,
    pub span: Span,
    /// `<name>`.
    pub system: bool,
    /// `#include_next`: only in the folders behind that of the including file.
    pub next: bool,
}

impl fmt::Display for Included {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (open, close) = if self.system { ('<', '>') } else { ('"', '"') };
        write!(f, "{open}{}{close}", self.path.display())
    }
}

/// Reads a text file of at most `max_len` bytes; bytes that are not UTF-8 are replaced.
pub(super) fn read(path: &Path, max_len: usize) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    let limit = max_len as u64;
    fs::File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() > max_len {
        return Err(std::io::Error::other(format!("longer than {max_len} bytes")));
    }
    if !is_text(&bytes) {
        return Err(std::io::Error::new(ErrorKind::InvalidData, "it is not text"));
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Whether bytes may be text, in whatever character set: no NUL, and hardly a control character.
fn is_text(bytes: &[u8]) -> bool {
    let is_control =
        |byte: u8| byte.is_ascii_control() && !matches!(byte, 0x08..=0x0d | 0x1a | 0x1b);
    let controls = bytes.iter().filter(|&&byte| is_control(byte)).count();
    !bytes.contains(&0) && controls <= bytes.len() / 20
}

/// A header of the C library or of the system that declares nothing which a message could need, or
/// only what is known without it.
pub(super) fn is_standard(path: &Path) -> bool {
    const FOLDERS: [&str; 9] =
        ["sys", "netinet", "arpa", "net", "linux", "asm", "asm-generic", "bits", "machine"];
    const NAMES: [&str; 44] = [
        "aio.h",
        "alloca.h",
        "assert.h",
        "byteswap.h",
        "complex.h",
        "ctype.h",
        "dirent.h",
        "dlfcn.h",
        "endian.h",
        "errno.h",
        "features.h",
        "fcntl.h",
        "float.h",
        "getopt.h",
        "ifaddrs.h",
        "inttypes.h",
        "iso646.h",
        "limits.h",
        "locale.h",
        "malloc.h",
        "math.h",
        "memory.h",
        "mqueue.h",
        "netdb.h",
        "poll.h",
        "pthread.h",
        "sched.h",
        "semaphore.h",
        "setjmp.h",
        "signal.h",
        "stdalign.h",
        "stdarg.h",
        "stdatomic.h",
        "stdbool.h",
        "stddef.h",
        "stdint.h",
        "stdio.h",
        "stdlib.h",
        "string.h",
        "strings.h",
        "time.h",
        "unistd.h",
        "values.h",
        "wchar.h",
    ];
    let first = path.iter().next().and_then(|it| it.to_str()).unwrap_or_default();
    let nested = path.iter().count() > 1;
    if nested { FOLDERS.contains(&first) } else { NAMES.contains(&first) || !first.contains('.') }
}

/// A header of the C library that declares no type, and no number that a declaration needs.
pub(super) fn declares_nothing(path: &Path) -> bool {
    const PATHS: [&str; 33] = [
        "alloca.h",
        "assert.h",
        "byteswap.h",
        "complex.h",
        "ctype.h",
        "dlfcn.h",
        "endian.h",
        "err.h",
        "features.h",
        "fenv.h",
        "float.h",
        "getopt.h",
        "iso646.h",
        "libgen.h",
        "malloc.h",
        "math.h",
        "memory.h",
        "search.h",
        "stdalign.h",
        "stdarg.h",
        "stdatomic.h",
        "stdbool.h",
        "stdnoreturn.h",
        "string.h",
        "strings.h",
        "sys/cdefs.h",
        "sys/mman.h",
        "sys/syscall.h",
        "sysexits.h",
        "syslog.h",
        "unistd.h",
        "values.h",
        "wctype.h",
    ];
    PATHS.iter().any(|it| path == Path::new(it)) || is_configuration(path)
}

/// What `configure` writes, for this machine and without declarations; mostly not there beside sources.
pub(super) fn is_configuration(path: &Path) -> bool {
    let name = path.file_name().and_then(|it| it.to_str()).unwrap_or_default();
    matches!(name, "config.h" | "autoconf.h" | "autoconfig.h" | "config_auto.h" | "confdefs.h")
}
