//! Types that people know by name: what a typedef of the platform says of the values that it has.
//!
//! A name alone says nothing: a layout holds each against the bytes that it has
//! (`layout/known.rs`).

/// What the name of a typedef says of its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// Seconds since 1970.
    Time,
    /// An IPv4 address in network byte order.
    Ipv4,
    /// A port in network byte order.
    Port,
    /// Sixteen bytes as libuuid and RFC 9562 have them.
    Uuid,
}

impl Meaning {
    /// That of a typedef of this name.
    pub fn of_typedef(name: &str) -> Option<Self> {
        match name {
            "time_t"
            | "__time_t"
            | "time64_t"
            | "__time64_t"
            | "time32_t"
            | "__time32_t"
            | "__kernel_time_t"
            | "__kernel_old_time_t"
            | "__kernel_time64_t"
            | "old_time32_t" => Some(Self::Time),
            "in_addr_t" => Some(Self::Ipv4),
            "in_port_t" => Some(Self::Port),
            "uuid_t" => Some(Self::Uuid),
            _ => None,
        }
    }
}
