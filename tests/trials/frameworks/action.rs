//! `action.yml`: what a code host would run of it, run here.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use libtest_mimic::{Failed, Trial};
use serde_json::Value;

use super::{cases, command, output, project, require};
use crate::against::peer::find;
use crate::trial;

pub fn trials() -> Vec<Trial> {
    let missing = match (python(), find("bash")) {
        (None, _) => Some("needs Python with PyYAML"),
        (_, None) => Some("needs the program bash"),
        _ => None,
    };
    vec![
        trial::unless(missing, "frameworks::the_action_names_only_what_it_declares", declared),
        trial::unless(missing, "frameworks::the_action_runs_the_cases", runs_the_cases),
        trial::unless(missing, "frameworks::the_action_installs_what_is_not_there", installs),
    ]
}

/// One that reads YAML: that of the system has it from its own packages.
fn python() -> Option<&'static str> {
    ["/usr/bin/python3", "python3"].into_iter().find(|python| {
        let mut asked = Command::new(python);
        let done = asked.args(["-c", "import yaml"]).stderr(Stdio::null()).status();
        done.is_ok_and(|it| it.success())
    })
}

fn action() -> Result<Value, Failed> {
    let read = "import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout)";
    let mut python = Command::new(python().ok_or("no Python")?);
    let file = fs::File::open(project().join("action.yml"))?;
    let done = python.args(["-c", read]).stdin(file).output()?;
    let error = || String::from_utf8_lossy(&done.stderr).into_owned();
    serde_json::from_slice(&done.stdout).map_err(|_| error().into())
}

/// A step of the action, by how its name begins.
fn step(action: &Value, name: &str) -> Result<Value, Failed> {
    let mut steps = action["runs"]["steps"].as_array().into_iter().flatten();
    let named = |it: &&Value| it["name"].as_str().is_some_and(|it| it.starts_with(name));
    Ok(steps.find(named).cloned().ok_or_else(|| format!("no step {name}"))?)
}

/// The names in `${{ inputs.NAME }}`.
fn inputs(text: &str) -> impl Iterator<Item = &str> {
    text.split("${{").skip(1).filter_map(|it| it.split_once("}}")?.0.trim().strip_prefix("inputs."))
}

fn declared() -> Result<(), Failed> {
    let action = action()?;
    for key in ["name", "description"] {
        action[key].as_str().ok_or_else(|| format!("no {key}"))?;
    }
    if action["runs"]["using"] != "composite" {
        return Err("it is no composite action".into());
    }
    for name in inputs(&action.to_string()) {
        action["inputs"][name]["description"].as_str().ok_or_else(|| format!("no input {name}"))?;
    }
    for step in action["runs"]["steps"].as_array().into_iter().flatten() {
        let script = step["run"].as_str().ok_or("a step without a script")?;
        if step["shell"] != "bash" || script.contains("${{") {
            return Err(
                format!("{step}: bash runs it, and takes inputs from the environment").into()
            );
        }
    }
    Ok(())
}

/// A step's script as the host runs it: `bash --noprofile --norc -eo pipefail`, with its inputs.
fn run(step: &Value, with: &[(&str, &str)], folder: &Path) -> Result<Command, Failed> {
    let script = folder.join("step.sh");
    fs::write(&script, step["run"].as_str().unwrap_or_default())?;
    let mut bash = command(find("bash").ok_or("no bash")?);
    bash.args(["--noprofile", "--norc", "-eo", "pipefail"]).arg(&script).current_dir(folder);
    for (name, value) in step["env"].as_object().into_iter().flatten() {
        let input = inputs(value.as_str().unwrap_or_default()).next().unwrap_or_default();
        let given = with.iter().find(|(name, _)| *name == input).map(|it| it.1);
        let default = action()?["inputs"][input]["default"].as_str().map(str::to_owned);
        bash.env(name, given.map(str::to_owned).or(default).unwrap_or_default());
    }
    Ok(bash)
}

fn runs_the_cases() -> Result<(), Failed> {
    let folder = cases()?;
    let step = step(&action()?, "Run")?;
    let (text, succeeds) = output(&mut run(&step, &[], folder.path())?)?;
    require(&text, &["2 passed, 2 failed, 1 skipped"])?;
    let junit = fs::read_to_string(folder.path().join("wirereel.xml"))?;
    require(&junit, &["tests=\"5\""])?;
    if succeeds {
        return Err("a failed case is no success".into());
    }
    let with = [("args", "--name /ok -j 1"), ("junit", "own.xml")];
    let (text, succeeds) = output(&mut run(&step, &with, folder.path())?)?;
    require(&text, &["2 passed, 0 failed, 0 skipped"])?;
    fs::metadata(folder.path().join("own.xml"))?;
    if succeeds { Ok(()) } else { Err(text.into()) }
}

/// With a cargo that only says what it was called with, and no other programs.
fn installs() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let at = |name: &str| folder.path().join(name);
    let step = step(&action()?, "Install")?;
    fs::write(at("cargo"), "#!/bin/sh\necho \"$@\"\n")?;
    fs::set_permissions(at("cargo"), Permissions::from_mode(0o755))?;
    let install = |path: &Path| -> Result<_, Failed> {
        let mut script = run(&step, &[], folder.path())?;
        script.env("PATH", path).env("GITHUB_PATH", at("path"));
        script.env("GITHUB_ACTION_PATH", "/action").env("RUNNER_TEMP", "/temp");
        output(&mut script)
    };
    let (text, _) = install(folder.path())?;
    require(&text, &["install --locked --quiet --path /action --root /temp/wirereel"])?;
    require(&fs::read_to_string(at("path"))?, &["/temp/wirereel/bin\n"])?;
    fs::remove_file(at("path"))?;
    let own = Path::new(env!("CARGO_BIN_EXE_wirereel")).parent().ok_or("no folder")?;
    install(own)?;
    if at("path").exists() { Err("installed although it is there".into()) } else { Ok(()) }
}
