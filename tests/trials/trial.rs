//! A test that needs what a machine may lack.

use libtest_mimic::{Failed, Trial};

/// A test of that name. Where something is `missing` it is skipped, and listed with that as the
/// reason; with `CI=true` it fails.
pub fn unless(
    missing: Option<impl Into<String>>,
    name: impl Into<String>,
    test: impl FnOnce() -> Result<(), Failed> + Send + 'static,
) -> Trial {
    let in_ci = std::env::var("CI").is_ok_and(|it| it == "true");
    match missing.map(Into::into) {
        None => Trial::test(name, test),
        Some(missing) if in_ci => Trial::test(name, move || Err(missing.into())),
        Some(missing) => Trial::test(name, test).with_kind(missing).with_ignored_flag(true),
    }
}
