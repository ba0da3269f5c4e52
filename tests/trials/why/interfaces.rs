//! `wirereel interfaces` between two hosts, against what iproute2 says of the same host.

use std::collections::BTreeSet;

use libtest_mimic::Failed;
use serde_json::Value;

use super::scene::Scene;

pub fn agree_with_iproute2() -> Result<(), Failed> {
    let scene = Scene::new("if")?;
    scene.near("ip address add 10.7.0.1/16 broadcast 10.7.9.9 dev veth1")?;
    scene.near("ip address add 10.6.0.1/31 dev veth1")?;
    scene.near("ip tuntap add mode tun name tun0")?;
    scene.near("ip link set veth1 mtu 1280 multicast off")?;
    let listener = scene.listen(super::member(), &[])?;
    let ours = scene.near(&format!("{} interfaces -T json", env!("CARGO_BIN_EXE_wirereel")))?;
    let ours = ours.lines().map(serde_json::from_str).collect::<Result<Vec<Value>, _>>()?;
    let addresses = list(&scene.near("ip -j address")?)?;
    let groups = list(&scene.near("ip -j maddress")?)?;
    listener.end()?;
    must_be(ours.len(), addresses.len())?;
    for (ours, theirs) in ours.iter().zip(&addresses) {
        must_be(&ours["name"], &theirs["ifname"])?;
        must_be(&ours["index"], &theirs["ifindex"])?;
        must_be(&ours["mtu"], &theirs["mtu"])?;
        let kind = ours["type"].as_str().unwrap_or_default().to_lowercase();
        must_be(
            kind,
            theirs["link_type"].as_str().unwrap_or_default().replace("ether", "ethernet"),
        )?;
        // iproute2 says M-DOWN, NO-CARRIER and NOARP of its own accord, and RUNNING never.
        let shown = ["LOOPBACK", "BROADCAST", "MULTICAST", "UP", "LOWER_UP", "POINTOPOINT"];
        let flags = |it: &Value| names(&it["flags"]).filter(|it| shown.contains(&&**it)).collect();
        must_be::<BTreeSet<_>>(flags(ours), flags(theirs))?;
        must_be(
            networks(ours, "addresses", ["address", "prefix"]),
            networks(theirs, "addr_info", ["local", "prefixlen"]),
        )?;
        must_be(groups_of(ours), maddresses(&groups, &ours["name"]))?;
    }
    let veth0 = ours.iter().find(|it| it["name"] == "veth0").ok_or("no veth0")?;
    must_be(groups_of(veth0).contains(&("224.2.2.2".to_owned(), 1)), true)
}

fn list(text: &str) -> Result<Vec<Value>, Failed> {
    Ok(serde_json::from_str(text)?)
}

fn names(list: &Value) -> impl Iterator<Item = String> {
    list.as_array().into_iter().flatten().filter_map(|it| it.as_str()).map(str::to_owned)
}

/// Addresses with prefix and broadcast. Where none was set, iproute2 shows none, and we what the prefix
/// makes: such are left out.
fn networks(of: &Value, key: &str, [address, prefix]: [&str; 2]) -> BTreeSet<String> {
    let all = of[key].as_array().into_iter().flatten();
    let told = all.map(|it| {
        let broadcast = it["broadcast"].as_str().filter(|it| !it.starts_with("10.6."));
        format!("{} {} {}", it[address], it[prefix], broadcast.unwrap_or("none"))
    });
    told.collect()
}

fn groups_of(interface: &Value) -> BTreeSet<(String, u64)> {
    let all = interface["groups"].as_array().into_iter().flatten();
    let group = |it: &Value| Some((it["group"].as_str()?.to_owned(), it["members"].as_u64()?));
    all.filter_map(group).collect()
}

/// Of the groups of one interface those of IP; addresses of its link are others.
fn maddresses(all: &[Value], name: &Value) -> BTreeSet<(String, u64)> {
    let of = all.iter().filter(|it| it["ifname"] == *name);
    let groups = of.flat_map(|it| it["maddr"].as_array().into_iter().flatten());
    let group = |it: &Value| {
        let family = it["family"].as_str()?;
        let users = it["users"].as_u64().unwrap_or(1);
        family.starts_with("inet").then_some((it["address"].as_str()?.to_owned(), users))
    };
    groups.filter_map(group).collect()
}

fn must_be<T: std::fmt::Debug + PartialEq>(found: T, expected: T) -> Result<(), Failed> {
    match found == expected {
        true => Ok(()),
        false => Err(format!("{found:?}, expected {expected:?}").into()),
    }
}
