//! The answers of a capture's HTTP servers, by what was asked.
//!
//! A request is answered by a recorded response to the same method and resource, of the same host
//! if the capture has one, that suits what the request says ([`Terms::suits`]); asked again, by the
//! next one as good, and the last one repeats. A HEAD that was not recorded is answered by the head
//! of what a GET would get next. Only where the bytes of an answer lie is kept.

use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

use super::super::sent::Sent;
use super::nearest::nearest;
use super::range::Wanted;
use super::recorded::{Recorded, Response};
use super::resource::{Asked, Matching, Resource};
use super::terms::{Facts, Suits, Terms, Unsuited};
use crate::decode::live::Live;
use crate::flow::Side;
use crate::replay::{Action, Conversation, Payloads, ReplayError, Span};

/// A recorded response.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::replay::server) struct Answer {
    /// The bytes of the interim responses before it.
    pub interim: Vec<Span>,
    /// Its bytes.
    pub spans: Vec<Span>,
    /// The server closed behind it.
    pub closes: bool,
    /// How long the server then waited for another request, if none came and it closed.
    pub patience: Option<Duration>,
    /// Another protocol begins behind it.
    pub tunnel: Option<Tunnel>,
    /// Some client got it, whatever host that named.
    is_given: bool,
}

/// Where another protocol begins in a recorded conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::replay::server) struct Tunnel {
    /// An index of the plan's conversations.
    pub conversation: usize,
    /// Bytes of the client before it.
    pub client: u64,
    /// Bytes of the server before it.
    pub server: u64,
}

/// An answer, and how it suits the request.
#[derive(Clone, Debug)]
pub(in crate::replay::server) struct Found {
    pub answer: Answer,
    key: Rc<Key>,
    /// The client does not take its coding.
    pub is_undone: bool,
    /// It answers a HEAD.
    pub is_head: bool,
    /// It answers a GET, and its head alone is asked for.
    pub is_head_only: bool,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::replay::server) struct NoAnswer {
    /// The recorded request that is nearest to what was asked.
    pub nearest: Option<String>,
    /// Why that one's answer was not given, where the two ask for the same.
    pub unsuited: Option<Unsuited>,
}

/// The answers to one thing asked.
#[derive(Debug, Default)]
struct Answers {
    recorded: Vec<Answer>,
    groups: Vec<Group>,
    /// Which group is the one of a key.
    by_key: HashMap<Rc<Key>, usize>,
}

/// All that chooses among the answers to one resource.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Key {
    host: Box<[u8]>,
    /// With what is ignored.
    target: Box<[u8]>,
    terms: Terms,
    facts: Facts,
}

/// Answers that are alike in all of that, in their order.
#[derive(Debug)]
struct Group {
    key: Rc<Key>,
    /// Indices of those recorded.
    answers: Vec<usize>,
    /// How many were given to clients that named the host, and to those that named one which the
    /// capture has not.
    given: [usize; 2],
}

/// Whether the capture has the host that a client named; the index of [`Group::given`].
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    Host = 0,
    Others = 1,
}

/// The answers of a capture.
#[derive(Debug, Default)]
pub(in crate::replay::server) struct Catalogue {
    matching: Matching,
    answers: HashMap<Resource, Answers>,
    /// Answers that the capture lacks bytes of.
    pub incomplete: u64,
    len: usize,
    never_given: usize,
}

impl Catalogue {
    /// An empty one.
    pub fn new(matching: Matching) -> Self {
        Self { matching, ..Self::default() }
    }

    /// Which requests ask for the same.
    pub fn matching(&self) -> &Matching {
        &self.matching
    }

    /// Adds the answers of a conversation, the plan's with that index; `false` if it is none of
    /// HTTP.
    pub fn add(
        &mut self,
        (index, conversation): (usize, &Conversation),
        payloads: &Payloads,
        live: &mut Live<'_>,
    ) -> Result<bool, ReplayError> {
        let matching = self.matching.clone();
        let recorded = Recorded::read(&matching, conversation, payloads, live)?;
        let Recorded { is_http, responses, .. } = recorded;
        let last = responses.len();
        let at_last = patience(conversation);
        let mut sent = Sent::new(conversation);
        for (number, response) in (1..).zip(responses) {
            let patience = at_last.filter(|_| number == last);
            self.keep(index, response, &mut sent, patience);
        }
        Ok(is_http)
    }

    fn keep(
        &mut self,
        conversation: usize,
        response: Response,
        sent: &mut Sent<'_>,
        patience: Option<Duration>,
    ) {
        let Response { asked, terms, facts, interim, begin, end, closes, tunnel } = response;
        let (Some(interim), Some(spans)) = (sent.slice(interim, begin), sent.slice(begin, end))
        else {
            self.incomplete = self.incomplete.saturating_add(1);
            return;
        };
        let tunnel = tunnel.map(|client| Tunnel { conversation, client, server: end });
        let answer = Answer { interim, spans, closes, patience, tunnel, is_given: false };
        let Asked { resource, host, target } = asked;
        let key = Key { host, target, terms, facts };
        self.answers.entry(resource).or_default().push(key, answer);
        self.len = self.len.saturating_add(1);
        self.never_given = self.never_given.saturating_add(1);
    }

    /// The answer to what a client asks.
    pub fn answer(&mut self, asked: &Asked, terms: &Terms) -> Result<Found, NoAnswer> {
        let is_head = &*asked.resource.method == b"HEAD";
        let chosen = match self.choose(&asked.resource, asked, terms) {
            Ok(chosen) => chosen,
            Err(unsuited) => {
                let instead = is_head.then(|| self.instead_of_head(asked, terms)).flatten();
                return instead.ok_or_else(|| self.no_answer(asked, unsuited));
            }
        };
        let is_first = self.answers.get_mut(&asked.resource).is_some_and(|it| it.give(chosen));
        self.never_given = self.never_given.saturating_sub(usize::from(is_first));
        let found = self.answers.get(&asked.resource).and_then(|it| it.found(chosen));
        let found = found.map(|it| Found { is_head, ..it });
        found.ok_or_else(|| self.no_answer(asked, None))
    }

    /// What a GET would get next.
    fn instead_of_head(&self, asked: &Asked, terms: &Terms) -> Option<Found> {
        let answers = self.answers.get(&asked.by(b"GET"))?;
        let found = answers.found(answers.choose(asked, terms).ok()?)?;
        Some(Found { is_head_only: true, ..found })
    }

    /// How many answers there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// How many of them no client has asked for yet.
    pub fn never_given(&self) -> usize {
        self.never_given
    }

    fn choose(
        &self,
        resource: &Resource,
        asked: &Asked,
        terms: &Terms,
    ) -> Result<Chosen, Option<Unsuited>> {
        self.answers.get(resource).ok_or(None)?.choose(asked, terms)
    }

    fn no_answer(&self, asked: &Asked, unsuited: Option<Unsuited>) -> NoAnswer {
        let recorded = self.answers.iter().filter_map(|(resource, answers)| {
            answers.groups.first().map(|group| (resource, &*group.key.target))
        });
        NoAnswer { nearest: nearest(asked, recorded), unsuited }
    }
}

impl Found {
    /// What it is.
    pub fn facts(&self) -> &Facts {
        &self.key.facts
    }

    /// It has a head, or has none, where the client wants it otherwise. What a recorded client of
    /// HTTP/0.9 got goes to another one as it is.
    pub fn has_wrong_head(&self, client: &Terms) -> bool {
        match self.key.facts.status {
            Some(_) => client.is_simple && !self.key.terms.is_simple,
            None => !client.is_simple,
        }
    }

    /// The part that is to be cut out of it for a client.
    pub fn part_of_whole(&self, client: &Terms) -> Option<Wanted> {
        let has_parts = !self.is_head && !self.is_head_only;
        self.key.terms.part_of_whole(&self.key.facts, client).filter(|_| has_parts)
    }
}

/// The answer that comes next.
#[derive(Clone, Copy)]
struct Chosen {
    group: usize,
    answer: usize,
    scope: Scope,
    suits: Suits,
}

impl Answers {
    fn push(&mut self, key: Key, answer: Answer) {
        let Self { recorded, groups, by_key } = self;
        let index = recorded.len();
        recorded.push(answer);
        let key = Rc::new(key);
        let at = *by_key.entry(Rc::clone(&key)).or_insert(groups.len());
        match groups.get_mut(at) {
            Some(group) => group.answers.push(index),
            None => groups.push(Group { key, answers: vec![index], given: [0; 2] }),
        }
    }

    /// The next one of the host, or of all where the capture has none of it.
    fn choose(&self, asked: &Asked, terms: &Terms) -> Result<Chosen, Option<Unsuited>> {
        let is_known = self.groups.iter().any(|it| it.key.host == asked.host);
        let scope = if is_known { Scope::Host } else { Scope::Others };
        let (mut best, mut unsuited): (Option<Chosen>, _) = (None, None);
        for (index, group) in self.groups.iter().enumerate() {
            if is_known && group.key.host != asked.host {
                continue;
            }
            let has_same_target = group.key.target == asked.target;
            let suits = match group.key.terms.suits(&group.key.facts, terms, has_same_target) {
                Ok(suits) => suits,
                Err(why) => {
                    unsuited = Some(why);
                    continue;
                }
            };
            let Some((answer, is_next)) = group.next(scope) else { continue };
            let found = Chosen { group: index, answer, scope, suits };
            let is_better = best.is_none_or(|best| {
                let was_next = self.groups.get(best.group).is_some_and(|it| it.has_next(scope));
                // Those that wait come in their order; when all have come, the last one repeats.
                let order = match (is_next, was_next) {
                    (true, true) => best.answer.cmp(&answer),
                    (false, false) => answer.cmp(&best.answer),
                    (is_next, was_next) => is_next.cmp(&was_next),
                };
                suits.cmp(&best.suits).then(order).is_gt()
            });
            if is_better {
                best = Some(found);
            }
        }
        best.ok_or(unsuited)
    }

    fn found(&self, chosen: Chosen) -> Option<Found> {
        let Chosen { group, answer, suits, .. } = chosen;
        Some(Found {
            answer: self.recorded.get(answer)?.clone(),
            key: Rc::clone(&self.groups.get(group)?.key),
            is_undone: suits.is_undone(),
            is_head: false,
            is_head_only: false,
        })
    }

    /// Counts an answer as given; `true` where it is for the first time.
    fn give(&mut self, chosen: Chosen) -> bool {
        if let Some(group) = self.groups.get_mut(chosen.group)
            && let Some(given) = group.given.get_mut(chosen.scope as usize)
        {
            *given = given.saturating_add(1);
        }
        let answer = self.recorded.get_mut(chosen.answer);
        answer.is_some_and(|it| !std::mem::replace(&mut it.is_given, true))
    }
}

impl Group {
    /// The answer that it gives next, and whether that has not been given yet.
    fn next(&self, scope: Scope) -> Option<(usize, bool)> {
        let given = self.given.get(scope as usize).copied().unwrap_or_default();
        let next = self.answers.get(given);
        Some((*next.or(self.answers.last())?, next.is_some()))
    }

    fn has_next(&self, scope: Scope) -> bool {
        self.next(scope).is_some_and(|(_, is_next)| is_next)
    }
}

/// How long the server had been silent when it closed; `None` if the client did, or spoke last.
fn patience(conversation: &Conversation) -> Option<Duration> {
    let mut answered = None;
    for step in &conversation.steps {
        match (&step.action, step.side) {
            (Action::Send(_) | Action::Missing(_), Side::Server) => answered = Some(step.at),
            (Action::Send(_) | Action::Missing(_), Side::Client) => answered = None,
            (Action::Finish | Action::Reset, Side::Server) => {
                return answered.map(|it| step.at.saturating_sub(it));
            }
            (Action::Finish | Action::Reset, Side::Client) => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;
    use crate::capture::Reader;
    use crate::profile::{Options, Protocols};
    use crate::replay::Plan;
    use crate::replay::server::web::conditional::{Conditions, Validators};

    /// The answers of a bundled capture, and the plan that their bytes are read by.
    fn catalogue(name: &str) -> (Catalogue, Plan) {
        let path = format!("{}/captures/{name}", env!("CARGO_MANIFEST_DIR"));
        let reader = Reader::open(path.as_ref()).unwrap();
        let plan = Plan::read(reader, File::open(&path).ok(), &mut |_| {}).unwrap();
        let options = Options { builtin: true, ..Options::default() };
        let protocols = Protocols::load(&options).unwrap();
        let mut live = Live::new(&protocols, false).unwrap();
        let mut catalogue = Catalogue::default();
        for conversation in plan.conversations.iter().enumerate() {
            assert!(catalogue.add(conversation, &plan.payloads, &mut live).unwrap());
        }
        (catalogue, plan)
    }

    fn asked(method: &str, target: &str, host: &str) -> Asked {
        Matching::default().asked(method.as_bytes(), target.as_bytes(), host.as_bytes())
    }

    fn bytes_of(text: &str) -> Box<[u8]> {
        text.as_bytes().into()
    }

    /// Answers to requests of `/`, each with its method and host, what it said and what it got;
    /// they lie at offsets from 1 on.
    fn recorded(answers: &[(&str, &str, Terms, Facts)]) -> Catalogue {
        let mut catalogue = Catalogue { never_given: answers.len(), ..Catalogue::default() };
        for (offset, (method, host, terms, facts)) in (1..).zip(answers) {
            let spans = vec![Span { offset, len: 1, is_spooled: true }];
            let Asked { resource, host, target } = asked(method, "/", host);
            let key = Key { host, target, terms: terms.clone(), facts: facts.clone() };
            let answer = Answer { spans, ..Answer::default() };
            catalogue.answers.entry(resource).or_default().push(key, answer);
        }
        catalogue
    }

    fn of_hosts(hosts: &[&str]) -> Catalogue {
        let all = hosts.iter().map(|host| ("GET", *host, Terms::default(), status(200)));
        recorded(&all.collect::<Vec<_>>())
    }

    fn status(status: u16) -> Facts {
        Facts { status: Some(status), ..Facts::default() }
    }

    /// Where the answer lies; why there is none.
    fn given(
        catalogue: &mut Catalogue,
        method: &str,
        host: &str,
        terms: &Terms,
    ) -> Result<u64, Option<Unsuited>> {
        let found = catalogue.answer(&asked(method, "/", host), terms);
        found.map(|it| it.answer.spans[0].offset).map_err(|it| it.unsuited)
    }

    fn bytes(plan: &Plan, answer: &Answer) -> Vec<u8> {
        let mut bytes = Vec::new();
        answer.spans.iter().for_each(|span| plan.payloads.read(*span, &mut bytes).unwrap());
        bytes
    }

    #[test]
    fn each_answer_is_its_own_bytes_and_no_more() {
        let (mut all, plan) = catalogue("ok_http_keepalive.pcap");
        assert_eq!((all.len(), all.never_given()), (2, 2));
        for (target, begins, ends) in [
            ("/index.html", &b"HTTP/1.1 200 OK\r\n"[..], &b">\n"[..]),
            ("/test.png", b"HTTP/1.1 200 OK\r\n", b"IEND\xaeB`\x82"),
        ] {
            let found = all.answer(&asked("GET", target, ""), &Terms::default()).unwrap();
            let bytes = bytes(&plan, &found.answer);
            assert!(bytes.starts_with(begins) && bytes.ends_with(ends), "{target}");
            assert_eq!(memchr::memmem::find_iter(&bytes, "HTTP/1.1 ").count(), 1, "{target}");
        }
        assert_eq!(all.never_given(), 0);
        for (method, target, nearest) in
            [("POST", "/index.html", "GET /index.html"), ("GET", "/", "GET /test.png")]
        {
            let none = all.answer(&asked(method, target, ""), &Terms::default()).unwrap_err();
            assert_eq!(none.nearest.as_deref(), Some(nearest));
        }
    }

    #[test]
    fn an_interim_response_stands_before_the_final_one() {
        let (mut all, plan) = catalogue("ok_http_continue.pcap");
        let answer = all.answer(&asked("POST", "/echo", ""), &Terms::default()).unwrap().answer;
        let bytes = bytes(&plan, &answer);
        assert!(bytes.starts_with(b"HTTP/1.1 200 OK\r\n"));
        assert_eq!(memchr::memmem::find_iter(&bytes, "HTTP/1.1 ").count(), 1);
        let mut interim = Vec::new();
        answer.interim.iter().for_each(|it| plan.payloads.read(*it, &mut interim).unwrap());
        assert_eq!(interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    }

    #[test]
    fn a_bare_file_is_closed_behind() {
        let (mut all, plan) = catalogue("ok_webdl_apache.pcap");
        let answer = all.answer(&asked("GET", "/test.png", ""), &Terms::default()).unwrap().answer;
        assert!(answer.closes);
        assert!(bytes(&plan, &answer).starts_with(b"\x89PNG\r\n"));
    }

    #[test]
    fn a_known_host_gets_its_own_answers_and_the_last_one_repeats() {
        let mut all = of_hosts(&["a", "b", "a"]);
        let mut given = |host| given(&mut all, "GET", host, &Terms::default()).unwrap();
        let offsets = [given("a"), given("b"), given("A:80"), given("a"), given("b")];
        assert_eq!(offsets, [1, 2, 3, 3, 2]);
        assert_eq!([given("x"), given("y"), given(""), given("x")], [1, 2, 3, 3]);
    }

    #[test]
    fn an_answer_that_is_given_under_two_hosts_is_one_given() {
        let mut all = of_hosts(&["a", "b"]);
        for (host, offset, left) in [("x", 1, 1), ("a", 1, 1), ("a", 1, 1), ("b", 2, 0)] {
            assert_eq!(given(&mut all, "GET", host, &Terms::default()), Ok(offset));
            assert_eq!(all.never_given(), left);
        }
    }

    #[test]
    fn only_a_request_that_asks_so_gets_what_others_may_not() {
        let plain = Terms::default();
        let with = |change: &dyn Fn(&mut Terms)| {
            let mut terms = Terms::default();
            change(&mut terms);
            terms
        };
        let copy = |tag: &str| {
            let if_none_match = bytes_of(tag);
            with(&|it| {
                it.conditions =
                    Conditions { if_none_match: if_none_match.clone(), ..Conditions::default() }
            })
        };
        let part = |range: &str| with(&|it| it.range = bytes_of(range));
        let coded = |accepted: &str| with(&|it| it.accept_encoding = Some(bytes_of(accepted)));
        let upgrade = |protocol: &str| with(&|it| it.upgrade = bytes_of(protocol));
        let tagged = |status| Facts {
            validators: Validators { etag: bytes_of("\"1\""), ..Validators::default() },
            ..self::status(status)
        };
        let sent =
            |status, range: &str| Facts { content_range: bytes_of(range), ..self::status(status) };
        let zipped =
            |coding: &str| Facts { content_encoding: bytes_of(coding), ..self::status(200) };
        let switched = Facts { upgrade: bytes_of("websocket"), ..status(101) };
        let (no_copy, no_part) = (Err(Some(Unsuited::Condition)), Err(Some(Unsuited::Part)));
        for (first, second, asks) in [
            // A 304, then the whole.
            (
                (copy("\"1\""), tagged(304)),
                Some((plain.clone(), status(200))),
                &[(plain.clone(), Ok(2)), (copy("\"1\""), Ok(1)), (copy("\"2\""), Ok(2))][..],
            ),
            (
                (copy("\"1\""), tagged(304)),
                None,
                &[(plain.clone(), no_copy), (copy("\"1\""), Ok(1))],
            ),
            (
                (plain.clone(), status(200)),
                None,
                &[(copy("\"1\""), Ok(1)), (part("bytes=0-1"), Ok(1))],
            ),
            (
                (part("bytes=0-1"), sent(206, "bytes 0-1/9")),
                Some((plain.clone(), status(200))),
                &[(part("bytes=0-1"), Ok(1)), (part("bytes=1-2"), Ok(2)), (plain.clone(), Ok(2))],
            ),
            ((part("bytes=0-1"), sent(206, "bytes 0-1/9")), None, &[(plain.clone(), no_part)]),
            (
                (part("bytes=9-"), sent(416, "bytes */9")),
                None,
                &[
                    (part("bytes=20-"), Ok(1)),
                    (part("bytes=1-"), no_part),
                    (plain.clone(), no_part),
                ],
            ),
            (
                (coded("gzip, br"), zipped("gzip")),
                Some((plain.clone(), status(200))),
                &[(plain.clone(), Ok(2)), (coded("gzip"), Ok(1)), (coded("br"), Ok(2))],
            ),
            (
                (coded("gzip, br"), zipped("gzip")),
                Some((coded("gzip, br"), zipped("br"))),
                &[(coded("br"), Ok(2)), (coded("br;q=0.1, gzip;q=0.2"), Ok(1))],
            ),
            (
                (plain.clone(), zipped("gzip")),
                None,
                &[(plain.clone(), Ok(1)), (coded("br"), Ok(1))],
            ),
            (
                (coded("own"), zipped("own")),
                None,
                &[
                    (coded("own"), Ok(1)),
                    (coded("x, own"), Ok(1)),
                    (plain.clone(), Err(Some(Unsuited::Coding))),
                ],
            ),
            (
                (upgrade("websocket"), switched),
                None,
                &[
                    (upgrade("h2c, WebSocket"), Ok(1)),
                    (plain.clone(), Err(Some(Unsuited::Upgrade))),
                ],
            ),
            (
                (plain.clone(), status(401)),
                Some((with(&|it| it.authorization = bytes_of("Basic a")), status(200))),
                &[
                    (with(&|it| it.authorization = bytes_of("Basic b")), Ok(2)),
                    (plain.clone(), Ok(1)),
                ],
            ),
            (
                (with(&|it| it.body = Some([1; 32])), status(200)),
                Some((with(&|it| it.body = Some([2; 32])), status(201))),
                &[
                    (with(&|it| it.body = Some([2; 32])), Ok(2)),
                    (with(&|it| it.body = Some([3; 32])), Ok(1)),
                ],
            ),
        ] {
            for (terms, expected) in asks {
                let all = [Some(first.clone()), second.clone()].into_iter().flatten();
                let all = all.map(|(terms, facts)| ("GET", "a", terms, facts));
                let mut all = recorded(&all.collect::<Vec<_>>());
                assert_eq!(given(&mut all, "GET", "a", terms), *expected, "{terms:?} {first:?}");
            }
        }
    }

    #[test]
    fn a_head_is_answered_by_its_own_or_by_that_of_a_get_which_it_does_not_use_up() {
        let terms = Terms::default();
        let get = ("GET", "a", Terms::default(), status(200));
        let head = ("HEAD", "a", Terms::default(), status(200));
        let mut all = recorded(&[get.clone(), get.clone()]);
        assert_eq!(given(&mut all, "HEAD", "a", &terms), Ok(1));
        assert_eq!(given(&mut all, "HEAD", "a", &terms), Ok(1));
        assert_eq!(all.never_given(), 2);
        assert_eq!(given(&mut all, "GET", "a", &terms), Ok(1));
        assert_eq!(given(&mut all, "HEAD", "a", &terms), Ok(2));
        let mut all = recorded(&[get, head.clone()]);
        assert_eq!(given(&mut all, "HEAD", "a", &terms), Ok(2));
        assert_eq!(given(&mut recorded(&[head]), "GET", "a", &terms), Err(None));
    }

    #[test]
    fn many_requests_that_are_all_unlike_are_told_apart_soon() {
        let terms = |number: u32| {
            let mut body = [0; 32];
            body[..4].copy_from_slice(&number.to_be_bytes());
            Terms { body: Some(body), ..Terms::default() }
        };
        let all: Vec<_> = (0..20_000).map(|it| ("POST", "a", terms(it), status(200))).collect();
        let mut all = recorded(&all);
        for number in [19_999, 7, 10_000] {
            assert_eq!(given(&mut all, "POST", "a", &terms(number)), Ok(u64::from(number) + 1));
        }
    }
}
