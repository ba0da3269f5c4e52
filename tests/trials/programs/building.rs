//! Programs made by compilers of this machine, in a folder of their own.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// Sources, and what became of them.
pub struct Workshop {
    folder: TempDir,
}

impl Workshop {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder") }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a source file.
    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("writing a source file");
    }

    /// Runs a program within the folder, and gives what it prints.
    ///
    /// # Errors
    ///
    /// It fails: what it says.
    pub fn run(&self, command: &[&str]) -> Result<String, String> {
        let (program, arguments) = command.split_first().expect("a program");
        let output = Command::new(program).args(arguments).current_dir(self.folder.path()).output();
        let output = output.map_err(|error| format!("{program}: {error}"))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr)))
    }

    /// Compiles a source text with the compiler and its options, to a file of that name.
    ///
    /// # Errors
    ///
    /// It does not compile.
    pub fn compile(&self, command: &[&str], source: &str, to: &str) -> Result<PathBuf, String> {
        self.write("source.c", source);
        let arguments = ["-w", "source.c", "-o", to];
        self.run(&[command, &arguments].concat())?;
        Ok(self.path(to))
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

/// The first of some programs that this machine lacks.
pub fn missing(programs: &[&str]) -> Option<String> {
    let runs = |program: &&&str| {
        let mut call = Command::new(program);
        let call = call.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
        call.status().is_ok_and(|it| it.success())
    };
    programs.iter().find(|it| !runs(it)).map(|it| format!("no {it}"))
}
