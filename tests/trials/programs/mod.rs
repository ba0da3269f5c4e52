//! Programs in place of headers: what compilers wrote into them, against the headers that they were
//! compiled with.
//!
//! A compiler that this machine lacks is skipped, and listed as such; with `CI=true` it fails.

mod building;
mod commands;
mod damage;
mod languages;
mod layouts;
mod names;
mod places;

use libtest_mimic::Trial;

pub fn trials() -> Vec<Trial> {
    let mut trials = layouts::trials();
    trials.extend(names::trials());
    trials.extend(places::trials());
    trials.extend(languages::trials());
    trials.extend(damage::trials());
    trials.extend(commands::trials());
    trials
}
