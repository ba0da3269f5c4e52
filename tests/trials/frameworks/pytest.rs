//! `examples/pytest`: an item for each run.

use std::fs;

use libtest_mimic::{Failed, Trial};

use super::{cases, command, output, project, require};
use crate::against::peer::find;
use crate::trial;

pub fn trials() -> Vec<Trial> {
    let pytest = find("pytest").or_else(|| find("pytest-3"));
    let missing = pytest.is_none().then_some("needs the program pytest");
    let program = pytest.unwrap_or_default();
    vec![trial::unless(missing, "frameworks::pytest_runs_each_run_of_a_case", move || {
        let folder = cases()?;
        fs::copy(project().join("examples/pytest/conftest.py"), folder.path().join("conftest.py"))?;
        let run = |options: &[&str]| {
            let mut pytest = command(&program);
            pytest.args(["-rA", "--color=no", "-p", "no:cacheprovider"]).args(options);
            output(pytest.current_dir(folder.path()))
        };
        verdicts(run(&["fixtures"])?)?;
        let (text, succeeds) = run(&["fixtures/lessons/ok", "-k", "findings"])?;
        require(&text, &["1 passed, 1 deselected"])?;
        if succeeds { Ok(()) } else { Err(text.into()) }
    })]
}

fn verdicts((text, succeeds): (String, bool)) -> Result<(), Failed> {
    let expected = [
        "2 failed, 2 passed, 1 skipped",
        "PASSED fixtures/lessons/ok/test.toml::messages",
        "PASSED fixtures/lessons/ok/test.toml::findings",
        "FAILED fixtures/lessons/changed/test.toml::case",
        "nearest: frame 1, msg_st: fields.math: expected 84, got 83",
        "needs the program a;b[c",
        "FAILED fixtures/lessons/broken/test.toml::case",
        "unknown field `rum`",
    ];
    require(&text, &expected)?;
    if succeeds { Err("a failed case is no success".into()) } else { Ok(()) }
}
