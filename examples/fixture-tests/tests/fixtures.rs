//! The cases of `fixtures/`, a test each. Those that need the server find it by `$SERVER`.

use std::process::ExitCode;

use wirereel::fixture::libtest::Cases;

fn main() -> ExitCode {
    Cases::of("fixtures").env("SERVER", env!("CARGO_BIN_EXE_fixture-tests")).main()
}
