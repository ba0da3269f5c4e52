//! A folder in which a user makes cases, and captures for them.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::Value;
use wirereel::capture::{Frame, LinkType, Reader, Timestamp, WriteFormat, Writer};
use wirereel::packet::build;

use crate::talk;

/// The header of the first lesson, and its rule.
pub const HEADER: &str = "#include <stdint.h>
struct msg_st { uint8_t name[11]; uint32_t math; uint32_t chinese; } __attribute__((packed));\n";
pub const RULE: &str = "udp.port==1989,msg_st";

/// A folder in which a user works.
pub struct Project(tempfile::TempDir);

impl Project {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Exit code, and what went to stdout and stderr.
    pub fn run(&self, args: &[&str]) -> (Option<i32>, String, String) {
        self.run_with(args, &[])
    }

    pub fn run_with(&self, args: &[&str], env: &[(&str, &str)]) -> (Option<i32>, String, String) {
        let mut program = Command::cargo_bin("wirereel").expect("the program is built");
        program
            .current_dir(self.0.path())
            .env_remove("CI")
            .env_remove("NO_COLOR")
            .arg("test")
            .args(args);
        program.envs(env.iter().copied());
        let output = program.output().expect("the program runs");
        let text = |bytes| String::from_utf8(bytes).expect("text");
        (output.status.code(), text(output.stdout), text(output.stderr))
    }

    /// Makes a case, which passes then, whence it is run too. Gives what was printed.
    pub fn draft(&self, args: &[&str]) -> (String, String) {
        let (code, out, err) = self.run(args);
        assert_eq!(code, Some(0), "{args:?}\n{out}{err}");
        assert!(out.contains(": written, and it passes\n"), "{out}");
        self.passes();
        (out, err)
    }

    pub fn passes(&self) {
        for dir in ["fixtures", "./fixtures", self.path("fixtures").to_str().unwrap()] {
            let (code, out, err) = self.run(&[dir]);
            assert_eq!(code, Some(0), "{dir}\n{out}{err}");
            assert!(err.contains(" 0 failed, 0 skipped\n"), "{err}");
        }
    }

    /// All files below a folder, hidden ones too.
    pub fn files(&self, below: &str) -> Vec<String> {
        let (mut found, mut left) = (Vec::new(), vec![self.path(below)]);
        while let Some(dir) = left.pop() {
            let Ok(entries) = fs::read_dir(&dir) else { continue };
            for path in entries.map(|it| it.unwrap().path()) {
                match path.is_dir() {
                    true => left.push(path),
                    false => {
                        let path = path.strip_prefix(self.path(below)).unwrap();
                        found.push(path.to_str().unwrap().to_owned());
                    }
                }
            }
        }
        found.sort();
        found
    }

    pub fn expected(&self, name: &str) -> Vec<Value> {
        self.read(name).lines().map(|it| serde_json::from_str(it).unwrap()).collect()
    }
}

/// Frames that are to be captured.
#[derive(Default)]
pub struct Frames(pub Vec<Vec<u8>>);

impl Frames {
    pub fn datagram(&mut self, ports: [u16; 2], payload: &[u8]) -> &mut Self {
        let [src, dst] = ends(ports);
        let mut frame = Vec::new();
        build::datagram(src, dst, payload, &mut frame).unwrap();
        self.0.push(frame);
        self
    }

    /// Of the first lesson.
    pub fn grade(&mut self, name: &str, math: u32) -> &mut Self {
        self.datagram([40_000, 1989], &grade(name, math))
    }

    /// A conversation: handshake, what each side says in turn, close.
    pub fn conversation(&mut self, ports: [u16; 2], says: &[(bool, &[u8])]) -> &mut Self {
        // The handshake has a third segment.
        let says = [(true, &b""[..])].into_iter().chain(says.iter().copied());
        talk::conversation(ends(ports), says, |frame| self.0.push(frame));
        self
    }

    pub fn write(&self, path: &Path, format: WriteFormat) {
        let mut writer = Writer::create(path, format).unwrap();
        for (number, data) in (1_u64..).zip(&self.0) {
            let time = Some(Timestamp::from_parts(1_700_000_000, number * 1_000_000));
            let (link_type, orig_len) = (LinkType::Ethernet, data.len() as u32);
            writer.write(&Frame { number, time, interface: 0, link_type, data, orig_len }).unwrap();
        }
        writer.finish().unwrap();
    }

    pub fn pcap(&self, project: &Project, name: &str) {
        self.write(&project.path(name), WriteFormat::Pcap);
    }
}

fn ends(ports: [u16; 2]) -> [SocketAddr; 2] {
    [([10, 0, 0, 1], ports[0]).into(), ([10, 0, 0, 2], ports[1]).into()]
}

pub fn grade(name: &str, math: u32) -> Vec<u8> {
    let mut payload = vec![0; 19];
    payload[..name.len()].copy_from_slice(name.as_bytes());
    payload[11..15].copy_from_slice(&math.to_be_bytes());
    payload[15..].copy_from_slice(&90_u32.to_be_bytes());
    payload
}

/// How many frames a capture has.
pub fn count(path: &Path) -> usize {
    let mut reader = Reader::open(path).unwrap();
    let mut count = 0;
    while reader.next_frame().unwrap().is_some() {
        count += 1;
    }
    count
}

pub fn repository(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}
