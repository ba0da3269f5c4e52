//! Names of records: the plain one where it tells them apart, else with what they are in, else with the
//! unit that declares them, as of two headers the header's.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::super::ctype::RecordDef;
use super::catalogue::Naming;

/// Units that are kept of one name and record: any of them tells it from another.
const MAX_UNITS: usize = 16;

/// A record under its name.
pub(super) type Named = (String, Arc<RecordDef>);

/// All names that were given.
#[derive(Debug, Default)]
pub(super) struct Names {
    units: Vec<String>,
    numbers: HashMap<String, u32>,
    given: Vec<Given>,
    /// By name, scope and record, in `given`.
    known: HashMap<(String, *const RecordDef), usize>,
}

/// What some units call a record.
#[derive(Debug)]
struct Given {
    name: String,
    /// With what it is in: `net::msg`.
    full: String,
    record: Arc<RecordDef>,
    units: Vec<u32>,
    user: bool,
    listed: bool,
}

impl Names {
    /// The number of a unit. What rustc adds to the path of a crate says nothing to its author.
    pub fn unit(&mut self, path: &str) -> u32 {
        let path = path.split("/@/").next().unwrap_or(path);
        if let Some(&number) = self.numbers.get(path) {
            return number;
        }
        let number = u32::try_from(self.units.len()).unwrap_or(u32::MAX);
        self.units.push(path.to_owned());
        self.numbers.insert(path.to_owned(), number);
        number
    }

    pub fn add(&mut self, naming: Naming, record: Arc<RecordDef>) {
        let Naming { name, mut scope, unit, user, listed } = naming;
        scope.push(name.clone());
        let full = scope.join("::");
        let key = (full, Arc::as_ptr(&record));
        if let Some(known) = self.known.get(&key).and_then(|&it| self.given.get_mut(it)) {
            known.user |= user;
            known.listed |= listed;
            if known.units.len() < MAX_UNITS && !known.units.contains(&unit) {
                known.units.push(unit);
            }
            return;
        }
        let full = key.0.clone();
        self.known.insert(key, self.given.len());
        self.given.push(Given { name, full, record, units: vec![unit], user, listed });
    }

    /// The program's own records, as they are told apart; and all names by which any is known. Where
    /// nothing is the program's own, all is.
    pub fn resolve(self) -> (Vec<Named>, Vec<Named>) {
        let mut listed = Listed::default();
        let mut names: HashMap<String, Arc<RecordDef>> = HashMap::new();
        let has_own = self.given.iter().any(|it| it.user && it.listed);
        let own = |it: &&Given| (it.user || !has_own) && it.listed;
        for apart in [true, false] {
            // Own names first: what a library calls the same is not meant.
            let among = self.given.iter().filter(|it| own(it) == apart);
            let mut groups: BTreeMap<&str, Vec<&Given>> = BTreeMap::new();
            among.for_each(|it| groups.entry(&it.name).or_default().push(it));
            for group in groups.values() {
                self.tell_apart(group, &mut |name, given| {
                    names.entry(name.clone()).or_insert_with(|| given.record.clone());
                    if apart {
                        listed.add(name, given);
                    }
                });
            }
        }
        let rank: HashMap<*const RecordDef, usize> = self
            .given
            .iter()
            .enumerate()
            .rev()
            .map(|(at, it)| (Arc::as_ptr(&it.record), at))
            .collect();
        let mut records = listed.names;
        records.sort_by_key(|it| rank.get(&Arc::as_ptr(&it.1)).copied());
        (records, names.into_iter().collect())
    }

    /// Gives each of those that share a plain name the shortest that is its own, and others that
    /// lead to it.
    fn tell_apart<'g>(&self, group: &[&'g Given], take: &mut impl FnMut(String, &'g Given)) {
        if let [first, others @ ..] = group
            && others.iter().all(|it| Arc::ptr_eq(&it.record, &first.record))
        {
            take(first.name.clone(), first);
            group.iter().for_each(|it| take(it.full.clone(), it));
            return;
        }
        let mut by_full: BTreeMap<&str, Vec<&'g Given>> = BTreeMap::new();
        group.iter().for_each(|it| by_full.entry(&it.full).or_default().push(it));
        for (full, rivals) in by_full {
            if let [one] = rivals.as_slice() {
                take(full.to_owned(), one);
                continue;
            }
            for rival in &rivals {
                for unit in &rival.units {
                    take(format!("{}:{full}", self.label(*unit, &rivals)), rival);
                }
            }
        }
    }

    /// What a unit is called among those of rivals: its file's name, or its path.
    fn label(&self, unit: u32, rivals: &[&Given]) -> &str {
        let path = |unit: u32| self.units.get(unit as usize).map_or("", String::as_str);
        let short = |unit: u32| path(unit).rsplit('/').next().unwrap_or_default();
        let others = rivals.iter().flat_map(|it| &it.units).filter(|it| **it != unit);
        let is_shared = others.into_iter().any(|it| short(*it) == short(unit));
        if is_shared { path(unit) } else { short(unit) }
    }
}

/// Each record under the first of its names.
#[derive(Default)]
struct Listed {
    names: Vec<Named>,
    seen: HashSet<*const RecordDef>,
}

impl Listed {
    fn add(&mut self, name: String, given: &Given) {
        if self.seen.insert(Arc::as_ptr(&given.record)) {
            self.names.push((name, given.record.clone()));
        }
    }
}

#[cfg(test)]
#[path = "names_tests.rs"]
mod tests;
