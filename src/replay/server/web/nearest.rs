//! The recorded request that is nearest to one that was not: the same resource by another method,
//! the same path with another query, else the one that is spelt most alike.

use std::cmp::Reverse;

use super::resource::{Asked, Resource};

/// Requests whose spelling is compared to the end.
const MAX_COMPARED: usize = 64;

/// Characters of a target that are compared.
const MAX_SPELT: usize = 128;

/// The nearest of those recorded, each with its target as it was asked for: `GET /a?b=c`.
pub(super) fn nearest<'r>(
    asked: &Asked,
    recorded: impl Iterator<Item = (&'r Resource, &'r [u8])>,
) -> Option<String> {
    let mut all: Vec<_> =
        recorded.map(|(resource, target)| Near::of(asked, resource, target)).collect();
    if all.len() > MAX_COMPARED {
        all.select_nth_unstable_by_key(MAX_COMPARED, |it| it.glance());
        all.truncate(MAX_COMPARED);
    }
    let nearest =
        all.into_iter().min_by_key(|it| (it.has_other_path, it.distance(asked), it.text()));
    nearest.map(|it| it.text())
}

struct Near<'r> {
    has_other_path: bool,
    has_other_method: bool,
    /// Bytes that the targets have in common at the beginning.
    common: usize,
    method: &'r [u8],
    target: &'r [u8],
}

impl<'r> Near<'r> {
    fn of(asked: &Asked, resource: &'r Resource, target: &'r [u8]) -> Self {
        let common = target.iter().zip(&*asked.target).take_while(|(one, other)| one == other);
        Self {
            has_other_path: resource.path() != asked.resource.path(),
            has_other_method: resource.method != asked.resource.method,
            common: common.count(),
            method: &resource.method,
            target,
        }
    }

    fn glance(&self) -> (bool, Reverse<usize>, bool) {
        (self.has_other_path, Reverse(self.common), self.has_other_method)
    }

    /// Letters to be changed, and whether the method must be, which is one word.
    fn distance(&self, asked: &Asked) -> usize {
        let letters = strsim::damerau_levenshtein(&spelt(self.target), &spelt(&asked.target));
        letters.saturating_add(usize::from(self.has_other_method))
    }

    fn text(&self) -> String {
        let [method, target] = [self.method, self.target].map(String::from_utf8_lossy);
        format!("{method} {target}")
    }
}

fn spelt(target: &[u8]) -> String {
    String::from_utf8_lossy(target).chars().take(MAX_SPELT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::server::web::resource::Matching;

    fn near(asked: &str, recorded: &[&str]) -> Option<String> {
        let ask = |text: &str| {
            let (method, target) = text.split_once(' ').unwrap();
            Matching::default().asked(method.as_bytes(), target.as_bytes(), b"")
        };
        let all: Vec<_> = recorded.iter().map(|it| ask(it)).collect();
        nearest(&ask(asked), all.iter().map(|it| (&it.resource, &*it.target)))
    }

    #[test]
    fn the_nearest_is_of_the_same_path_or_spelt_alike() {
        let recorded = ["GET /index.html", "GET /a?x=1", "GET /a?x=22", "POST /form", "OPTIONS *"];
        for (asked, expected) in [
            ("GET /idnex.html", "GET /index.html"),
            ("HEAD /index.html", "GET /index.html"),
            ("GET /a?y=1", "GET /a?x=1"),
            ("GET /a", "GET /a?x=1"),
            ("GET /a?x=222", "GET /a?x=22"),
            ("GET /form", "POST /form"),
            ("OPTIONS /", "OPTIONS *"),
        ] {
            assert_eq!(near(asked, &recorded).as_deref(), Some(expected), "{asked}");
        }
        assert_eq!(near("GET /", &[]), None);
    }

    #[test]
    fn among_many_the_nearest_is_found() {
        let many: Vec<_> = (0..5000).map(|number| format!("GET /item/{number:05}")).collect();
        let many: Vec<_> = many.iter().map(|it| &**it).collect();
        assert_eq!(near("GET /item/04321x", &many).as_deref(), Some("GET /item/04321"));
        assert_eq!(near("PUT /item/00017", &many).as_deref(), Some("GET /item/00017"));
    }
}
