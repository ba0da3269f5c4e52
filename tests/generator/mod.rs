//! Random C declarations, random values for them, and the compilers that are asked about both.
//!
//! A test takes a [`Header`](declaration::Header) from a seed, lets a [`Compiler`](compiler::Compiler)
//! say what it makes of it, and compares that with the library. One seed always gives one header.

pub mod compiler;
pub mod declaration;
pub mod fields;
pub mod places;
pub mod probe;
pub mod random;
pub mod values;

/// How many records a run looks at, and from which seed: `WIREREEL_CASES` and `WIREREEL_SEED`.
pub struct Effort {
    pub seed: u64,
    pub cases: usize,
}

impl Effort {
    /// What the environment asks for, or a fixed seed and `cases`.
    pub fn from_env(cases: usize) -> Self {
        let number = |name| std::env::var(name).ok().map(|it| it.parse::<u64>().expect(name));
        Self {
            seed: number("WIREREEL_SEED").unwrap_or(20),
            cases: number("WIREREEL_CASES").map_or(cases, |it| it as usize),
        }
    }
}
