//! The program: parses the arguments, runs, and maps to an exit code.
fn main() {}
