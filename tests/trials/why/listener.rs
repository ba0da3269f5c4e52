//! A listener with a watch beside it, as the program has one: it says when it has joined, listens until
//! its input ends, and tells what the watch says.

use std::error::Error;
use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr};
use std::process::ExitCode;

use serde_json::{Value, json};
use socket2::{Domain, InterfaceIndexOrAddress, Socket, Type};
use wirereel::generate::Cast;
use wirereel::generate::why::{Wanted, Watch};
use wirereel::net::Interface;

/// What it is to do: an object, with `cast`, and where they matter `local`, `group`, `source`,
/// `interface`, `by` (that which it joins by in truth), `join` (false, or "if possible"), `buffer` (bytes).
pub const ASKED: &str = "WIREREEL_TEST_WHY_LISTEN";

/// What this program is to do, if it is a listener.
pub fn asked() -> Option<Value> {
    serde_json::from_str(&std::env::var(ASKED).ok()?).ok()
}

pub fn listen(asked: &Value) -> ExitCode {
    match try_listen(asked) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn try_listen(asked: &Value) -> Result<(), Box<dyn Error>> {
    let wanted = wanted(asked)?;
    let watch = Watch::begin(&wanted);
    let socket = Socket::new(Domain::for_address(wanted.local), Type::DGRAM, None)?;
    socket.set_nonblocking(true)?;
    if let Some(len) = asked["buffer"].as_u64() {
        socket.set_recv_buffer_size(usize::try_from(len)?)?;
    }
    socket.bind(&wanted.local.into())?;
    if asked["join"] != Value::Bool(false) {
        let by = asked["by"].as_str().map(Interface::resolve).transpose()?;
        let by = by.as_ref().or(wanted.interface.as_ref()).map_or(0, |it| it.index);
        for group in &wanted.groups {
            join(&socket, *group, &wanted.sources, by, asked["join"] == "if possible")?;
        }
    }
    println!("ready");
    std::io::stdout().flush()?;
    std::io::stdin().read_to_end(&mut Vec::new())?;
    let socket: std::net::UdpSocket = socket.into();
    let mut received = 0u64;
    loop {
        match socket.recv(&mut [0; 2048]) {
            Ok(_) => received += 1,
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => break,
            // The interface went down.
            Err(_) => {}
        }
    }
    let why = watch.finish(received, 0);
    let why = why.iter().map(|it| json!({"cause": it.cause.as_str(), "evidence": it.evidence}));
    let told = json!({"received": received, "why": why.collect::<Vec<_>>()});
    // Where the scene has ended, nobody reads it.
    let _ = writeln!(std::io::stdout(), "{told}");
    Ok(())
}

fn wanted(asked: &Value) -> Result<Wanted, Box<dyn Error>> {
    let text = |key: &str| asked[key].as_str();
    let address = |key: &str| text(key).map(str::parse::<IpAddr>).transpose();
    let cast =
        Cast::ALL.into_iter().find(|it| text("cast") == Some(it.as_str())).ok_or("no cast")?;
    let local: SocketAddr = text("local").unwrap_or("0.0.0.0:1989").parse()?;
    Ok(Wanted {
        cast,
        local,
        groups: address("group")?.into_iter().collect(),
        sources: address("source")?.into_iter().collect(),
        interface: text("interface").map(Interface::resolve).transpose()?,
    })
}

fn join(
    socket: &Socket,
    group: IpAddr,
    sources: &[IpAddr],
    by: u32,
    may_fail: bool,
) -> Result<(), Box<dyn Error>> {
    let joined = match (group, sources) {
        (IpAddr::V4(group), [IpAddr::V4(source)]) => {
            // By the interface of the routes.
            socket.join_ssm_v4(source, &group, &std::net::Ipv4Addr::UNSPECIFIED)
        }
        (IpAddr::V4(group), _) => {
            socket.join_multicast_v4_n(&group, &InterfaceIndexOrAddress::Index(by))
        }
        (IpAddr::V6(group), _) => socket.join_multicast_v6(&group, by),
    };
    if may_fail { Ok(()) } else { Ok(joined?) }
}
