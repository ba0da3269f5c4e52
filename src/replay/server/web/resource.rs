//! What a request asks for, however its target is written (RFC 9112 section 3.2): as to a server,
//! as to a proxy, or of the server as a whole.
//!
//! Parameters of the query that the user ignores are left out, so that requests which differ in
//! nothing else ask for the same.

/// What is asked for: the key of its answers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(in crate::replay::server) struct Resource {
    pub method: Box<[u8]>,
    /// In origin-form, `*`, or the authority of a CONNECT; without what is ignored.
    pub target: Box<[u8]>,
}

/// What a request asks for, and of whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::replay::server) struct Asked {
    pub resource: Resource,
    /// In lower case, without a port that goes without saying; empty where none is named.
    pub host: Box<[u8]>,
    /// The resource's, with what is ignored.
    pub target: Box<[u8]>,
}

/// Which requests ask for the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::replay::server) struct Matching {
    /// Names of parameters that do not count.
    ignored: Vec<Vec<u8>>,
    /// None counts.
    ignores_all: bool,
}

impl Matching {
    /// Parameters of those names do not count; `*` stands for all.
    pub fn new(ignored: &[String]) -> Self {
        let ignores_all = ignored.iter().any(|it| it == "*");
        Self { ignored: ignored.iter().map(|it| it.clone().into_bytes()).collect(), ignores_all }
    }

    /// What a request with this start asks for. The host of the target counts before the field
    /// (RFC 9112 section 3.2.2).
    pub fn asked(&self, method: &[u8], target: &[u8], host: &[u8]) -> Asked {
        let (authority, target) = match method {
            b"CONNECT" => (Some(target), target.to_ascii_lowercase()),
            _ => origin(method, target),
        };
        let resource = Resource { method: method.into(), target: self.counted(&target).into() };
        let host = host_of(authority.unwrap_or(host));
        Asked { resource, host: host.into(), target: target.into() }
    }

    /// A target without the parameters that do not count.
    fn counted(&self, target: &[u8]) -> Vec<u8> {
        let Some(mark) = memchr::memchr(b'?', target) else { return target.to_vec() };
        let (path, query) = target.split_at_checked(mark).unwrap_or((target, &[]));
        if self.ignores_all {
            return path.to_vec();
        }
        let parameters = query.get(1..).unwrap_or_default().split(|it| *it == b'&');
        let kept: Vec<_> = parameters.clone().filter(|it| !self.ignores(it)).collect();
        match kept.len() == parameters.count() {
            true => target.to_vec(),
            false if kept.is_empty() => path.to_vec(),
            false => [path, b"?", &kept.join(&b"&"[..])].concat(),
        }
    }

    fn ignores(&self, parameter: &[u8]) -> bool {
        let name = parameter.split(|it| *it == b'=').next().unwrap_or_default();
        let name = without_escapes(name);
        self.ignored.contains(&name)
    }
}

impl Asked {
    /// For people: `GET /a?b=c`.
    pub fn text(&self) -> String {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        format!("{} {}", text(&self.resource.method), text(&self.target))
    }

    /// The same, asked for by another method.
    pub fn by(&self, method: &[u8]) -> Resource {
        Resource { method: method.into(), target: self.resource.target.clone() }
    }
}

impl Resource {
    /// Its target without the query.
    pub fn path(&self) -> &[u8] {
        self.target.split(|it| *it == b'?').next().unwrap_or_default()
    }
}

/// A target's authority, if it has one, and the target as the server itself is asked for it.
fn origin<'t>(method: &[u8], target: &'t [u8]) -> (Option<&'t [u8]>, Vec<u8>) {
    let scheme = memchr::memmem::find(target, b"://");
    let is_absolute = |end: &usize| {
        let scheme = target.get(..*end).unwrap_or_default();
        !scheme.is_empty()
            && scheme.iter().all(|it| it.is_ascii_alphanumeric() || b"+-.".contains(it))
    };
    let Some(end) = scheme.filter(is_absolute) else { return (None, target.to_vec()) };
    let rest = target.get(end.saturating_add(3)..).unwrap_or_default();
    let len = rest.iter().position(|it| b"/?#".contains(it)).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(len).unwrap_or((rest, &[]));
    let path = match path {
        // What asks of the server as a whole becomes that again (RFC 9112 section 3.2.4).
        [] if method == b"OPTIONS" => b"*".to_vec(),
        [b'/', ..] => path.to_vec(),
        other => [b"/", other].concat(),
    };
    (Some(authority), path)
}

fn host_of(authority: &[u8]) -> Vec<u8> {
    let host = authority.rsplit(|it| *it == b'@').next().unwrap_or_default();
    let host = host.strip_suffix(b":80").or_else(|| host.strip_suffix(b":443")).unwrap_or(host);
    host.trim_ascii().to_ascii_lowercase()
}

/// A parameter's name, its escapes undone (WHATWG URL, application/x-www-form-urlencoded).
fn without_escapes(mut name: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(name.len());
    while let Some((byte, rest)) = name.split_first() {
        name = rest;
        let escaped = rest.split_at_checked(2).filter(|_| *byte == b'%').and_then(|(hex, rest)| {
            let digits = std::str::from_utf8(hex).ok()?;
            Some((u8::from_str_radix(digits, 16).ok()?, rest))
        });
        match escaped {
            Some((byte, rest)) => {
                plain.push(byte);
                name = rest;
            }
            None => plain.push(if *byte == b'+' { b' ' } else { *byte }),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(ignored: &[&str], method: &str, target: &str) -> (String, String) {
        let ignored: Vec<_> = ignored.iter().map(|it| (*it).to_owned()).collect();
        let matching = Matching::new(&ignored);
        let asked = matching.asked(method.as_bytes(), target.as_bytes(), b"Field:80");
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        (text(&asked.resource.target), text(&asked.host))
    }

    #[test]
    fn a_target_is_the_same_in_every_form() {
        for (method, target, expected, host) in [
            ("GET", "/a?b", "/a?b", "field"),
            ("GET", "http://Host/a?b", "/a?b", "host"),
            ("GET", "HTTP://me:pw@host:80/", "/", "host"),
            ("GET", "https://host:443", "/", "host"),
            ("GET", "http://host:8080?q=1", "/?q=1", "host:8080"),
            ("GET", "/redirect?to=http://other/", "/redirect?to=http://other/", "field"),
            ("OPTIONS", "*", "*", "field"),
            ("OPTIONS", "http://host", "*", "host"),
            ("OPTIONS", "http://host/", "/", "host"),
            ("CONNECT", "Host:443", "host:443", "host"),
            ("GET", "no-slash", "no-slash", "field"),
        ] {
            let found = asked(&[], method, target);
            assert_eq!(found, (expected.to_owned(), host.to_owned()), "{target}");
        }
    }

    #[test]
    fn ignored_parameters_do_not_count() {
        for (ignored, target, expected) in [
            (&[][..], "/a?x=1&&y=2", "/a?x=1&&y=2"),
            (&["x"], "/a?x=1&y=2&x", "/a?y=2"),
            (&["x"], "/a?x=1", "/a"),
            (&["x"], "/a?xx=1", "/a?xx=1"),
            (&["x", "y"], "http://h/a?z&x=1&y=2", "/a?z"),
            (&["a[]", "b c"], "/?a%5B%5D=1&b+c=2&b%20c=3&d=4", "/?d=4"),
            (&["*"], "/a?x=1&y=2", "/a"),
            (&["*"], "/a", "/a"),
            (&["x"], "/x=1", "/x=1"),
            (&["%"], "/?%=1&%4=2", "/?%4=2"),
        ] {
            assert_eq!(asked(ignored, "GET", target).0, expected, "{target}");
        }
    }
}
