//! The command `test`, as its user meets it.

mod new;
mod project;
mod update;
