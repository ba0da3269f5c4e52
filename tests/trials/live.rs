//! Cases whose servers do wrong, or that run many at once: what `wirereel test` says of them, and that
//! nothing of them is left. Those whose servers do right are cases of `fixtures/servers`.

use std::fs;
use std::path::Path;
use std::process::Command;

use libtest_mimic::{Failed, Trial};

use crate::against::peer::find;
use crate::serving::bundled;
use crate::trial;

pub fn trials() -> Vec<Trial> {
    let gcc = || find("gcc").is_none().then_some("needs gcc");
    let nginx = find("nginx").is_none().then_some("needs nginx");
    vec![
        trial::unless(gcc(), "live::a_crash_names_its_request", a_crash_names_its_request),
        trial::unless(
            gcc(),
            "live::a_crash_by_recipe_names_its_message",
            a_crash_by_recipe_names_its_message,
        ),
        trial::unless(
            nginx,
            "live::nginx_in_the_background_is_named_and_ended",
            nginx_in_the_background_is_named_and_ended,
        ),
        trial::unless(gcc(), "live::many_at_once_keep_apart", many_at_once_keep_apart),
    ]
}

const PEERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers");

/// Writes a case, with a bundled capture.
fn case(folder: &Path, name: &str, capture: &str, toml: &str) -> Result<(), Failed> {
    let dir = folder.join(name);
    fs::create_dir_all(&dir)?;
    fs::copy(bundled(capture), dir.join(capture))?;
    fs::write(dir.join("test.toml"), format!("capture = \"{capture}\"\n{toml}"))?;
    Ok(())
}

/// What `wirereel test` prints of all cases in a folder, and its exit code.
fn test(folder: &Path, args: &[&str]) -> Result<(String, Option<i32>), Failed> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wirereel"));
    let output = command.arg("test").arg(folder).args(args).output()?;
    let text = [output.stdout, output.stderr].concat();
    Ok((String::from_utf8(text)?, output.status.code()))
}

fn must_hold(text: &str, parts: &[&str]) -> Result<(), Failed> {
    match parts.iter().find(|it| !text.contains(**it)) {
        Some(part) => Err(format!("no \"{part}\" in:\n{text}").into()),
        None => Ok(()),
    }
}

/// The third of three connections brings it down: the failure names the request, the signal, and what
/// the server said last.
fn a_crash_names_its_request() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let toml = format!(
        "run = \"replay\"\n[server]\n\
         prepare = [\"gcc\", \"-o\", \"{{scratch}}/server\", \"{PEERS}/faulty/crashing.c\"]\n\
         command = [\"{{scratch}}/server\", \"{{port}}\", \"3\", \"1700000000\"]\n\
         ready.line = \"listening\"\n"
    );
    case(folder.path(), "crash", "ok_stream_basic.pcap", &toml)?;
    let (text, code) = test(folder.path(), &[])?;
    assert_eq!(code, Some(1), "{text}");
    must_hold(
        &text,
        &[
            "crash",
            "answer 1 of conversation ",
            " did not come: the server was ended by signal 6 (SIGABRT); it said: listening; ",
            "request 1; request 2; request 3",
            "0 passed, 1 failed",
        ],
    )
}

/// So is the message that a recipe made.
fn a_crash_by_recipe_names_its_message() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    fs::write(
        folder.path().join("server.c"),
        "#include \"udp.h\"\n\
         int main(int argc, char **argv)\n{\n\
         \tint fd = udp_bind(argv[argc - 1], AF_INET);\n\tchar bytes[64];\n\tudp_ready();\n\
         \tfor (int i = 1;; i++) {\n\t\tstruct sockaddr_storage from;\n\
         \t\tsocklen_t len = sizeof(from);\n\
         \t\tif (recvfrom(fd, bytes, 19, 0, (struct sockaddr *)&from, &len) < 0)\n\t\t\tdie(\"recv\");\n\
         \t\tif (i == 3)\n\t\t\treturn 7;\n\
         \t\tsendto(fd, bytes, 19, 0, (struct sockaddr *)&from, len);\n\t}\n}\n",
    )?;
    let toml = format!(
        "run = \"generate\"\n[server]\n\
         prepare = [\"gcc\", \"-I\", \"{PEERS}\", \"-o\", \"{{scratch}}/server\", \"server.c\"]\n\
         command = [\"{{scratch}}/server\", \"{{port}}\"]\nready.line = \"listening\"\n\
         [generate]\nto = \"10.0.0.2:1989\"\nmessage = \"dgram-basic\"\ncount = 5\n\
         expect_reply = true\n[[expect]]\ncount = 10\n"
    );
    fs::write(folder.path().join("test.toml"), toml)?;
    let (text, code) = test(folder.path(), &[])?;
    assert_eq!(code, Some(1), "{text}");
    must_hold(
        &text,
        &["no answer to message 3: the server ended with exit code 7; it said: listening"],
    )
}

/// Its title stands where its environment was, so that it is found by its port alone.
fn nginx_in_the_background_is_named_and_ended() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let conf = "events {}\nhttp { server { listen 127.0.0.1:PORT; } access_log off; }\n";
    let toml = "run = \"replay\"\n[server]\n\
                prepare = [\"sh\", \"-c\", \"sed s/PORT/{port}/ nginx.conf > {scratch}/nginx.conf\"]\n\
                command = [\"nginx\", \"-p\", \"{scratch}\", \"-c\", \"{scratch}/nginx.conf\", \
                \"-e\", \"stderr\", \"-g\", \"pid {scratch}/nginx.pid; MARK\"]\n";
    let toml = toml.replace("MARK", MARK);
    case(folder.path(), "background", "ok_http_head.pcap", &toml)?;
    fs::write(folder.path().join("background/nginx.conf"), conf)?;
    let (text, code) = test(folder.path(), &[])?;
    assert_eq!(code, Some(1), "{text}");
    must_hold(&text, &["the server outlived its case, and was killed: nginx ("])?;
    let left: Vec<_> = fs::read_dir("/proc")?
        .flatten()
        .filter_map(|it| fs::read_to_string(it.path().join("cmdline")).ok())
        .filter(|it| it.contains("nginx") && it.contains(MARK))
        .collect();
    if left.is_empty() { Ok(()) } else { Err(format!("still there: {left:?}").into()) }
}

/// What no other nginx has in its command line.
const MARK: &str = "worker_rlimit_nofile 1021;";

/// Each has a port and a folder of its own.
fn many_at_once_keep_apart() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let build = |source: &str, name: &str| -> Result<String, Failed> {
        let program = folder.path().join(name);
        let source = format!("{PEERS}/{source}.c");
        let built = Command::new("gcc").arg("-o").arg(&program).arg(source).status()?;
        assert!(built.success());
        Ok(program.display().to_string())
    };
    let receiver = build("dgram-basic/receiver", "receiver")?;
    let stamps = build("stream/server_basic", "stamps")?;
    let cases = folder.path().join("cases");
    for number in 0..12 {
        let by_port = if number % 4 < 2 { "" } else { "ready.line = \"listening\"\n" };
        let (capture, command, more) = match number % 2 {
            0 => (
                "ok_dgram_basic.pcap",
                format!("\"{receiver}\", \"{{port}}\", \"3\""),
                "prints = [\"Alan 83 86\", \"Grace 100 0\"]\n",
            ),
            _ => (
                "ok_stream_basic.pcap",
                format!("\"{stamps}\", \"{{port}}\", \"3\", \"1700000000\""),
                "",
            ),
        };
        let toml = format!("run = \"replay\"\n[server]\ncommand = [{command}]\n{by_port}{more}");
        case(&cases, &format!("case{number}"), capture, &toml)?;
    }
    for _ in 0..RUNS {
        let (text, code) = test(&cases, &["-j", "8"])?;
        assert_eq!(code, Some(0), "{text}");
        must_hold(&text, &["12 passed, 0 failed, 0 skipped"])?;
    }
    Ok(())
}

/// Runs of twelve cases each.
const RUNS: usize = 20;
