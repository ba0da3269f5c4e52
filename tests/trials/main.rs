//! Tests that are counted when they run: one for each run of a case of `fixtures/`, and what compilers,
//! pahole, tshark, live peers and other test runners say of what the library and the program do.
//!
//! A test whose programs the machine lacks is skipped, and listed as such; with `CI=true` it fails.
//! Its name begins with its module: `cargo test --test trials tshark` runs those of one.

mod against;
mod compilers;
mod fixtures;
mod frameworks;
#[path = "../generator/mod.rs"]
mod generator;
mod groups;
mod headers;
mod hosts;
mod live;
mod pahole;
mod peers;
mod profiles;
mod programs;
mod protocols;
mod reductions;
mod runner;
#[path = "../serving/mod.rs"]
#[expect(dead_code, reason = "the tests of the server use more of it")]
mod serving;
mod trial;
mod tshark;
mod why;
#[path = "../wire/mod.rs"]
mod wire;

use std::process::ExitCode;

use hosts::receiver;
use libtest_mimic::{Arguments, Trial};

fn main() -> ExitCode {
    if let Some(asked) = receiver::Asked::from_env() {
        return receiver::receive(&asked);
    }
    if let Some(asked) = why::listener::asked() {
        return why::listener::listen(&asked);
    }
    if let Some(by) = why::sender::asked() {
        return why::sender::send(&by);
    }
    let arguments = Arguments::from_args();
    match trials() {
        Ok(trials) => libtest_mimic::run(&arguments, trials).exit_code(),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn trials() -> Result<Vec<Trial>, String> {
    let mut trials = fixtures::trials()?;
    trials.extend(frameworks::trials());
    trials.extend(compilers::trials());
    trials.extend(headers::trials());
    trials.extend(pahole::trials());
    trials.extend(tshark::trials());
    trials.extend(hosts::trials());
    trials.extend(groups::trials());
    trials.extend(peers::trials());
    trials.extend(runner::trials());
    trials.extend(programs::trials());
    trials.extend(protocols::trials());
    trials.extend(profiles::trials());
    trials.extend(why::trials());
    trials.extend(live::trials());
    trials.extend(reductions::trials());
    Ok(trials)
}
