//! `examples/ctest`: a test for each run, and a server that CMake builds.

use std::path::Path;

use libtest_mimic::{Failed, Trial};

use super::{cases, command, output, project, require};
use crate::against::peer::find;
use crate::trial;

pub fn trials() -> Vec<Trial> {
    let missing = ["cmake", "ctest", "cc"].into_iter().find(|it| find(it).is_none());
    let missing = missing.map(|it| format!("needs the program {it}"));
    vec![
        trial::unless(missing.clone(), "frameworks::ctest_plays_to_the_server_it_built", built),
        trial::unless(missing, "frameworks::ctest_tells_each_verdict", each_verdict),
    ]
}

fn built() -> Result<(), Failed> {
    let build = tempfile::tempdir()?;
    configure(&project().join("examples/ctest"), build.path())?;
    let make = command("cmake").arg("--build").arg(build.path()).output()?;
    if !make.status.success() {
        return Err(String::from_utf8_lossy(&make.stdout).into_owned().into());
    }
    let (text, succeeds) = ctest(build.path())?;
    require(&text, &["answered ", "decoded ", "100% tests passed, 0 tests failed out of 2"])?;
    if succeeds { Ok(()) } else { Err(text.into()) }
}

/// The function of the example, on other cases.
fn each_verdict() -> Result<(), Failed> {
    let folder = cases()?;
    let example = std::fs::read_to_string(project().join("examples/ctest/CMakeLists.txt"))?;
    let (function, _) = example.split_once("# The server").ok_or("no part with the server")?;
    let own = "add_wirereel_tests(\"${CMAKE_CURRENT_SOURCE_DIR}/fixtures\")\n";
    std::fs::write(folder.path().join("CMakeLists.txt"), format!("{function}{own}"))?;
    let build = folder.path().join("build");
    configure(folder.path(), &build)?;
    let (text, succeeds) = ctest(&build)?;
    let expected = [
        "60% tests passed, 2 tests failed out of 5",
        "lessons/skipped (Skipped)",
        "lessons/broken (Failed)",
        "lessons/changed (Failed)",
        "fields.math: expected 84, got 83",
    ];
    require(&text, &expected)?;
    if succeeds { Err("a failed case is no success".into()) } else { Ok(()) }
}

fn configure(source: &Path, build: &Path) -> Result<(), Failed> {
    let mut cmake = command("cmake");
    let (text, succeeds) = output(cmake.arg("-S").arg(source).arg("-B").arg(build))?;
    if succeeds { Ok(()) } else { Err(text.into()) }
}

fn ctest(build: &Path) -> Result<(String, bool), Failed> {
    output(command("ctest").args(["--output-on-failure", "--test-dir"]).arg(build))
}
