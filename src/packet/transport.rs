//! What carries a payload between two endpoints, and what is known of each transport.
//!
//! The only table of transports: a further one is a variant here, a row of [`Transport::facts`], and
//! what the compiler then points at.

/// The transports that carry messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Transport {
    /// RFC 768.
    Udp,
    /// RFC 9293.
    Tcp,
}

/// What other rooms ask of a transport.
struct Facts {
    /// In JSON, rules and filters.
    name: &'static str,
    /// In sentences.
    label: &'static str,
    /// Bytes in order, in which messages begin anywhere; else one payload is one message.
    is_stream: bool,
    /// Its ends have ports, by which rules name traffic.
    has_ports: bool,
}

/// One of each transport's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PerTransport<T>([T; Transport::ALL.len()]);

impl Transport {
    /// All of them, in their order.
    pub const ALL: [Self; 2] = [Self::Udp, Self::Tcp];

    const fn facts(self) -> Facts {
        match self {
            Self::Udp => Facts { name: "udp", label: "UDP", is_stream: false, has_ports: true },
            Self::Tcp => Facts { name: "tcp", label: "TCP", is_stream: true, has_ports: true },
        }
    }

    /// The name in JSON, in rules and in filters.
    pub const fn as_str(self) -> &'static str {
        self.facts().name
    }

    /// The transport of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == name)
    }

    /// The name in sentences: `UDP`.
    pub const fn label(self) -> &'static str {
        self.facts().label
    }

    /// Whether it carries bytes in order, in which messages begin anywhere; else one payload is one
    /// message.
    pub const fn is_stream(self) -> bool {
        self.facts().is_stream
    }

    /// Whether its ends have ports, by which rules name traffic.
    pub const fn has_ports(self) -> bool {
        self.facts().has_ports
    }
}

#[expect(clippy::indexing_slicing, reason = "there is one for each transport, in their order")]
impl<T> PerTransport<T> {
    /// What `of` gives for each.
    pub fn new(of: impl FnMut(Transport) -> T) -> Self {
        Self(Transport::ALL.map(of))
    }

    /// That of a transport.
    pub const fn of(&self, transport: Transport) -> &T {
        &self.0[transport as usize]
    }

    /// That of a transport, to be changed.
    pub const fn of_mut(&mut self, transport: Transport) -> &mut T {
        &mut self.0[transport as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_transport_is_found_by_its_place_and_its_name() {
        let each = PerTransport::new(|it| it);
        for transport in Transport::ALL {
            assert_eq!(*each.of(transport), transport);
            assert_eq!(Transport::named(transport.as_str()), Some(transport));
        }
        assert_eq!(Transport::named("TCP"), None);
        assert!(Transport::ALL.is_sorted());
    }
}
