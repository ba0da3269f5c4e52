//! The command `test`: cases that are written here, and judged by the program.

mod bad_input;
mod choosing;
mod conditions;
mod new;
mod places;
mod project;
mod reports;
mod servers;
mod stopping;
mod update;

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// The program.
pub const WIREREEL: &str = env!("CARGO_BIN_EXE_wirereel");

/// Three datagrams of `msg_st`: Alan 83 86, Grace 100 0, and an empty name with 0 and 4294967295.
const CAPTURE: &[u8] = include_bytes!("../../../captures/ok_dgram_basic.pcap");
const HEADER: &str = include_str!("../../peers/dgram-basic/proto.h");

/// What [`Cases::case`] puts before the rest of a `test.toml`.
pub const READS: &str =
    "capture = \"one.pcap\"\nheader = \"proto.h\"\ndecode_as = \"udp.port==1989,msg_st\"\n";

/// The lines that the capture decodes to, without their times.
pub const MESSAGES: &str = r#"{"frame":1,"transport":"udp","src":"10.0.0.1:40000","dst":"10.0.0.2:1989","stream":0,"protocol":"msg_st","message":"msg_st","len":19,"fields":{"name":"Alan","math":83,"chinese":86}}
{"frame":2,"transport":"udp","src":"10.0.0.1:40000","dst":"10.0.0.2:1989","stream":0,"protocol":"msg_st","message":"msg_st","len":19,"fields":{"name":"Grace","math":100,"chinese":0}}
{"frame":3,"transport":"udp","src":"10.0.0.1:40000","dst":"10.0.0.2:1989","stream":0,"protocol":"msg_st","message":"msg_st","len":19,"fields":{"name":"","math":0,"chinese":4294967295}}
"#;

/// A folder of cases, which is gone with its owner.
pub struct Cases {
    root: TempDir,
    scratch: TempDir,
}

/// What the program came to.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Cases {
    pub fn new() -> Self {
        let folder = || tempfile::tempdir().expect("a folder");
        Self { root: folder(), scratch: folder() }
    }

    /// The path of something in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// Writes a file, and the folders above it.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> &Self {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        fs::write(path, content).expect("written");
        self
    }

    /// A case with the capture and the header, and what its `test.toml` says beside [`READS`].
    pub fn case(&self, name: &str, toml: &str) -> &Self {
        self.bare(name, &format!("{READS}{toml}"))
    }

    /// The same, whose `test.toml` says no more than this.
    pub fn bare(&self, name: &str, toml: &str) -> &Self {
        self.file(&format!("{name}/test.toml"), toml)
            .file(&format!("{name}/one.pcap"), CAPTURE)
            .file(&format!("{name}/proto.h"), HEADER)
    }

    /// A case that passes.
    pub fn passing(&self, name: &str) -> &Self {
        self.case(name, "run = \"decode\"\nignore = \"time\"\n")
            .file(&format!("{name}/expected.jsonl"), MESSAGES)
    }

    /// A case that fails: the second message is to have another value.
    pub fn failing(&self, name: &str) -> &Self {
        let other = MESSAGES.replace("\"math\":100", "\"math\":84");
        self.passing(name).file(&format!("{name}/expected.jsonl"), other)
    }

    /// `wirereel test` of the folder. Its temporary files have a folder of their own.
    pub fn command(&self, options: &[&str]) -> Command {
        let mut command = Command::new(WIREREEL);
        command.arg("test").arg(self.root.path()).args(options);
        command.current_dir(self.scratch.path()).env("TMPDIR", self.scratch.path());
        command.env_remove("CI").env_remove("NO_COLOR");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub fn run(&self, options: &[&str]) -> Ran {
        Ran::of(&mut self.command(options))
    }

    /// The processes that run in the folder of a case, as servers and their children do.
    pub fn processes(&self) -> Vec<String> {
        let root = self.root.path().canonicalize().expect("the folder");
        let entries = fs::read_dir("/proc").expect("/proc").flatten();
        let is_within = |it: &fs::DirEntry| {
            // One of another user cannot be asked.
            fs::read_link(it.path().join("cwd")).is_ok_and(|it| it.starts_with(&root))
        };
        entries.filter(is_within).map(|it| it.file_name().to_string_lossy().into_owned()).collect()
    }

    /// What the runs left among temporary files.
    pub fn left(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.scratch.path()).expect("the folder");
        entries.map(|it| it.expect("an entry").path()).collect()
    }
}

impl Ran {
    pub fn of(command: &mut Command) -> Self {
        let output = command.output().expect("the program runs");
        let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
        Self {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    /// The objects of `-T json`.
    pub fn objects(&self) -> Vec<Value> {
        let object = |line| serde_json::from_str(line).expect("an object on a line");
        self.stdout.lines().map(object).collect()
    }

    /// The verdict of a trial in `-T json`, with its reason.
    pub fn verdict(&self, name: &str) -> (String, String) {
        let objects = self.objects();
        let own = objects.iter().find(|it| it["name"] == name);
        let own = own.unwrap_or_else(|| panic!("{name} in {self:?}"));
        let text = |key: &str| own[key].as_str().unwrap_or_default().to_owned();
        (text("verdict"), text("reason"))
    }
}
