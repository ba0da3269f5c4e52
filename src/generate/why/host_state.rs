//! The host's own state, before a listener joins and when it has listened.

use super::Wanted;
use crate::generate::Cast;
use crate::net::host::{
    BoundSocket, Counters, JoinedGroup, ReversePath, SourceFilter, bound_sockets, joined_groups,
    source_filters,
};
use crate::net::{DropRule, Interface, drop_rules, interfaces, route_source};

/// The host's state at one time.
#[derive(Clone, Debug)]
pub(super) struct HostState {
    pub interfaces: Vec<Interface>,
    /// `None` where the kernel does not say.
    pub joined: Option<Vec<JoinedGroup>>,
    /// `None` where the kernel does not say.
    pub sockets: Option<Vec<BoundSocket>>,
    pub filters: Vec<SourceFilter>,
    pub counters: Counters,
    /// By the number of the interface.
    pub reverse_paths: Vec<(u32, ReversePath)>,
    /// The numbers of interfaces that are ports of bridges and bonds.
    pub ports: Vec<u32>,
    /// Whether some route leads to each of the groups.
    pub has_route: bool,
    /// The rules that drop, or why they cannot be read.
    pub drop_rules: Result<Vec<DropRule>, String>,
}

impl HostState {
    /// As it stands.
    pub fn now(wanted: &Wanted) -> Self {
        let interfaces = interfaces();
        let reverse_path = |it: &Interface| (it.index, ReversePath::of(&it.name));
        let is_multicast = wanted.cast == Cast::Multicast;
        Self {
            reverse_paths: interfaces.iter().map(reverse_path).collect(),
            ports: interfaces.iter().filter(|it| it.is_port()).map(|it| it.index).collect(),
            interfaces,
            joined: joined_groups(),
            sockets: bound_sockets(),
            filters: if is_multicast { source_filters() } else { vec![] },
            counters: Counters::now(),
            has_route: wanted.groups.iter().all(|it| route_source(*it).is_some()),
            drop_rules: drop_rules().map_err(|it| it.to_string()),
        }
    }
}
