//! Which rules of the firewall drop: those of nftables, and of iptables where it writes to nftables, as
//! netlink tells them (`nf_tables.h`). Needs CAP_NET_ADMIN.
//!
//! Only that is read: which chains see arriving packets, and which rules drop or refuse, with their
//! counts. What a rule matches is not.

use std::io;

use super::netlink::{self, Attributes};

/// A rule that drops what it matches, or a chain that drops what no rule accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DropRule {
    /// The table and the chain: `inet filter input`.
    pub chain: String,
    /// The rule's number in its table; `None` for the policy of the chain.
    pub handle: Option<u64>,
    /// Packets that it matched, where it counts them.
    pub packets: Option<u64>,
}

/// More than this many are not read.
pub const MAX_RULES: usize = 4096;

const NFNL_SUBSYS_NFTABLES: u16 = 10;
const NFT_MSG_GETCHAIN: u16 = 4;
const NFT_MSG_GETRULE: u16 = 7;
// Attributes of a chain, and of its hook.
const CHAIN_TABLE: u16 = 1;
const CHAIN_NAME: u16 = 3;
const CHAIN_HOOK: u16 = 4;
const CHAIN_POLICY: u16 = 5;
const HOOK_NUMBER: u16 = 1;
// Of a rule, and of its expressions.
const RULE_TABLE: u16 = 1;
const RULE_CHAIN: u16 = 2;
const RULE_HANDLE: u16 = 3;
const RULE_EXPRESSIONS: u16 = 4;
const EXPRESSION_NAME: u16 = 1;
const EXPRESSION_DATA: u16 = 2;
const COUNTER_PACKETS: u16 = 2;
const IMMEDIATE_DATA: u16 = 2;
const DATA_VERDICT: u16 = 2;
const VERDICT_CODE: u16 = 1;
/// The verdict and the policy that drop.
const NF_DROP: u32 = 0;
/// The families, and which of their hooks see what arrives: before routing and before a socket. In a
/// `netdev` table it is ingress; IP has one too, at number 5.
const FAMILIES: [(u8, &str, &[u32]); 5] = [
    (1, "inet", &[0, 1, 5]),
    (2, "ip", &[0, 1]),
    (5, "netdev", &[0]),
    (7, "bridge", &[0, 1]),
    (10, "ip6", &[0, 1]),
];

/// The rules that may drop what arrives, of all tables.
///
/// # Errors
///
/// The process lacks CAP_NET_ADMIN, or the kernel has no nftables.
pub fn drop_rules() -> io::Result<Vec<DropRule>> {
    let mut chains = Vec::new();
    netlink::dump(NFNL_SUBSYS_NFTABLES, NFT_MSG_GETCHAIN, &mut |family, it| {
        chains.extend(Chain::of(family, it));
    })?;
    let mut rules: Vec<_> = chains.iter().filter_map(Chain::policy).collect();
    netlink::dump(NFNL_SUBSYS_NFTABLES, NFT_MSG_GETRULE, &mut |family, it| {
        if rules.len() < MAX_RULES {
            rules.extend(drop_rule(family, it, &chains));
        }
    })?;
    Ok(rules)
}

struct Chain {
    table: String,
    name: String,
    /// Where the kernel calls it, if it does so itself.
    hook: Option<u32>,
    hooks: &'static [u32],
    drops: bool,
}

impl Chain {
    fn of(family: u8, attributes: Attributes<'_>) -> Option<Self> {
        let (table, hooks) = table(family, attributes.text(CHAIN_TABLE)?)?;
        let hook = attributes.nested(CHAIN_HOOK).and_then(|it| it.number(HOOK_NUMBER));
        let drops = attributes.number(CHAIN_POLICY) == Some(NF_DROP);
        Some(Self { table, name: attributes.text(CHAIN_NAME)?.to_owned(), hook, hooks, drops })
    }

    /// Whether what arrives may pass it. A chain without a hook is called by others, of which any may
    /// have one.
    fn is_on_the_way(&self) -> bool {
        self.hook.is_none_or(|it| self.hooks.contains(&it))
    }

    fn policy(&self) -> Option<DropRule> {
        let drops = self.drops && self.hook.is_some() && self.is_on_the_way();
        let chain = format!("{} {}", self.table, self.name);
        drops.then_some(DropRule { chain, handle: None, packets: None })
    }
}

fn table(family: u8, name: &str) -> Option<(String, &'static [u32])> {
    let (_, family, hooks) = FAMILIES.into_iter().find(|(it, ..)| *it == family)?;
    Some((format!("{family} {name}"), hooks))
}

fn drop_rule(family: u8, attributes: Attributes<'_>, chains: &[Chain]) -> Option<DropRule> {
    let (table, _) = table(family, attributes.text(RULE_TABLE)?)?;
    let name = attributes.text(RULE_CHAIN)?;
    let is_ours = |it: &&Chain| it.table == table && it.name == name;
    let chain = chains.iter().find(is_ours).filter(|it| it.is_on_the_way())?;
    let (mut drops, mut packets) = (false, None);
    for (_, expression) in attributes.nested(RULE_EXPRESSIONS)? {
        let expression = Attributes::new(expression);
        let data = expression.nested(EXPRESSION_DATA);
        match expression.text(EXPRESSION_NAME)? {
            "counter" => packets = data.and_then(|it| it.long(COUNTER_PACKETS)),
            "immediate" => drops |= data.and_then(verdict) == Some(NF_DROP),
            "reject" => drops = true,
            _ => {}
        }
    }
    let handle = attributes.long(RULE_HANDLE);
    drops.then(|| DropRule { chain: format!("{} {}", chain.table, chain.name), handle, packets })
}

fn verdict(immediate: Attributes<'_>) -> Option<u32> {
    immediate.nested(IMMEDIATE_DATA)?.nested(DATA_VERDICT)?.number(VERDICT_CODE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
        let len = u16::try_from(value.len() + 4).unwrap();
        let mut bytes = [len.to_ne_bytes(), kind.to_ne_bytes()].concat();
        bytes.extend_from_slice(value);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes
    }

    fn chain(hook: Option<u32>, policy: u32) -> Chain {
        let mut bytes = [attribute(1, b"filter\0"), attribute(3, b"input\0")].concat();
        if let Some(hook) = hook {
            bytes.extend(attribute(4, &attribute(1, &hook.to_be_bytes())));
            bytes.extend(attribute(5, &policy.to_be_bytes()));
        }
        Chain::of(1, Attributes::new(&bytes)).unwrap()
    }

    fn expression(name: &[u8], data: &[u8]) -> Vec<u8> {
        attribute(1, &[attribute(1, name), attribute(2, data)].concat())
    }

    fn rule(expressions: &[Vec<u8>]) -> Vec<u8> {
        let names = [attribute(1, b"filter\0"), attribute(2, b"input\0")].concat();
        let handle = attribute(3, &7u64.to_be_bytes());
        [names, handle, attribute(4, &expressions.concat())].concat()
    }

    fn immediate(code: u32) -> Vec<u8> {
        let verdict = attribute(2, &attribute(1, &code.to_be_bytes()));
        expression(b"immediate\0", &attribute(2, &verdict))
    }

    #[test]
    fn rules_that_drop_are_told_with_their_counts() {
        let counter = expression(b"counter\0", &attribute(2, &12u64.to_be_bytes()));
        let found = |expressions: &[Vec<u8>], hook| {
            drop_rule(1, Attributes::new(&rule(expressions)), &[chain(hook, 1)])
        };
        let told = |packets| {
            Some(DropRule { chain: "inet filter input".into(), handle: Some(7), packets })
        };
        assert_eq!(found(&[counter.clone(), immediate(0)], Some(1)), told(Some(12)));
        assert_eq!(found(&[immediate(0)], None), told(None));
        assert_eq!(found(&[expression(b"reject\0", &[])], Some(1)), told(None));
        assert_eq!(found(&[counter, immediate(1)], Some(1)), None, "it accepts");
        assert_eq!(found(&[immediate(0)], Some(3)), None, "it sees what leaves");
    }

    #[test]
    fn chains_that_drop_by_policy_are_told() {
        let policy = |hook, policy| chain(hook, policy).policy().map(|it| it.chain);
        assert_eq!(policy(Some(1), 0), Some("inet filter input".into()));
        assert_eq!(policy(Some(1), 1), None);
        assert_eq!(policy(Some(2), 0), None, "forwarded packets are others");
        assert_eq!(policy(None, 0), None);
    }
}
