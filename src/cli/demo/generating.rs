//! Generating: messages by recipe, to everybody and to a group on loopback, and a listener that
//! counts them; then one that hears nothing, and says why. None of it needs any right.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket},
    panic, thread,
    time::Duration,
};

use anyhow::Result;
use wirereel::{
    decode::Dissector,
    generate::{
        Cast, Destination, GenerateError, Groups,
        listen::{Event, Heard, ListenOptions, ListenTo, Listener, Measured},
        recipe::{Maker, MessageRecipe, Recipe},
        sending::{self, SendOptions, SenderOptions},
        why::{Wanted, Watch},
    },
    message::FieldRef,
    net::{Interface, Leaving, ListenSocket, Pace},
    output::{heard_json, heard_text},
    profile::{Options, Protocols},
};

use super::stage::Stage;
use crate::cli::args::ResultFormat;

/// How many messages are sent, and how many a second.
const COUNT: u64 = 5;
const RATE: f64 = 1000.0;
const SEED: u64 = 1;

/// On loopback everything comes; what does not come is waited for so long.
const PATIENCE: Duration = Duration::from_secs(5);
const SILENCE: Duration = Duration::from_millis(300);

const EVERYBODY: Ipv4Addr = Ipv4Addr::new(127, 255, 255, 255);
const GROUP: IpAddr = IpAddr::V4(Ipv4Addr::new(224, 2, 2, 2));

/// Whom a listener hears, and what is sent meanwhile.
struct Scene {
    to: ListenTo,
    destination: Destination,
    /// How long is listened for messages that do not come.
    duration: Duration,
    asks_why: bool,
}

/// Generates, listens, and asks why nothing comes.
pub(super) fn show(stage: &mut Stage<'_>) -> Result<()> {
    let [port, other] = free_ports()?;
    let loopback = Interface::resolve("127.0.0.1")?;
    let to = SocketAddr::from((EVERYBODY, port));
    let heard = |to, destination| Scene { to, destination, duration: PATIENCE, asks_why: false };
    let everybody = ListenTo::everybody(to, Some(loopback.clone()))?;
    stage.begin_live(
        "dgram-basic, to everybody on loopback: listen broadcast, generate broadcast",
        &format!("--to {to} --message dgram-basic --set name=Alan --set math=counter"),
    )?;
    heard(everybody, Destination::Broadcast(to)).show(stage, &loopback)?;
    let groups = Groups::new(GROUP, 1, port)?;
    let members = || ListenTo::groups(groups, Vec::new(), Some(loopback.clone()));
    stage.begin_live(
        "the same, to a group: listen multicast, generate multicast",
        &format!("--group {groups} -i {}", loopback.name),
    )?;
    heard(members()?, Destination::Groups(groups)).show(stage, &loopback)?;
    let elsewhere = Groups::new(GROUP, 1, other)?;
    stage.begin_live(
        "the same, to another port, so that nothing comes: listen --why",
        &format!("listening to {groups}, sending to {elsewhere}"),
    )?;
    let destination = Destination::Groups(elsewhere);
    let unheard = Scene { to: members()?, destination, duration: SILENCE, asks_why: true };
    unheard.show(stage, &loopback)
}

/// Ports that nobody has: those of two sockets, which are closed again.
fn free_ports() -> Result<[u16; 2]> {
    let any = || UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0));
    let [one, other] = [any()?, any()?];
    Ok([one.local_addr()?.port(), other.local_addr()?.port()])
}

impl Scene {
    fn show(&self, stage: &mut Stage<'_>, by: &Interface) -> Result<()> {
        let rule = format!("udp.port=={},dgram-basic", self.to.at.port());
        let rules = vec![rule.parse()?];
        let protocols = Protocols::load(&Options { builtin: true, rules, ..Options::default() })?;
        let watch = self.asks_why.then(|| Watch::begin(&self.wanted()));
        // It is bound, and has joined, before anything is sent.
        let socket = ListenSocket::open(&self.to.socket())?;
        let mut heard = thread::scope(|scope| {
            let sender = scope.spawn(|| self.send(&protocols, by));
            let heard = self.listen(&protocols, &socket);
            let sent = sender.join().unwrap_or_else(|panic| panic::resume_unwind(panic));
            sent.map_err(anyhow::Error::from).and(heard)
        })?;
        let why = watch.map(|it| it.finish(heard.received, heard.dropped));
        heard.why = why.unwrap_or_default();
        match stage.format {
            ResultFormat::Json => heard_json(&heard, &mut stage.out)?,
            ResultFormat::Text => heard_text(&heard, stage.cli.palette(), &mut stage.out)?,
        }
        Ok(())
    }

    fn wanted(&self) -> Wanted {
        let ListenTo { cast, groups, sources, interface, .. } = self.to.clone();
        Wanted { cast, local: self.to.socket().at, groups, sources, interface }
    }

    fn listen(&self, protocols: &Protocols, socket: &ListenSocket) -> Result<Heard> {
        let dissector = Dissector::new(protocols, false)?;
        let known = dissector.known();
        let counter = FieldRef::parse("math", &known)?;
        let measured = Measured::new(protocols, &known, Some(counter), None);
        drop(known);
        let listener = Listener {
            socket,
            dissector,
            measured,
            options: ListenOptions {
                count: Some(COUNT),
                duration: Some(self.duration),
                interval: None,
                to: self.to.destinations(),
            },
            respond: None,
            halted: &|| false,
        };
        let (heard, _) = listener.run(&mut |_: Event<'_>| -> Result<()> { Ok(()) })?;
        Ok(heard)
    }

    fn send(&self, protocols: &Protocols, by: &Interface) -> Result<(), GenerateError> {
        let fields = ["name=Alan", "math=counter", "chinese=0..100"];
        let fields = fields.into_iter().map(wirereel::generate::recipe::setting);
        let fields = fields.collect::<Result<Vec<_>, _>>()?;
        let message = MessageRecipe { fields, ..MessageRecipe::new("dgram-basic") };
        let recipe = Recipe { messages: vec![message], ..Recipe::default() };
        let mut maker = Maker::new(protocols, &recipe, SEED)?;
        let options = SendOptions {
            destination: self.destination,
            leaving: Leaving {
                interface: (self.to.cast == Cast::Multicast).then(|| by.clone()),
                ..Leaving::default()
            },
            senders: vec![SenderOptions::default()],
            pace: Pace::PacketsPerSecond(RATE),
            count: Some(COUNT),
            duration: None,
            timeout: PATIENCE,
            replies: None,
        };
        let mut make = |now, out: &mut Vec<u8>| maker.next(now, out);
        sending::send(&options, &mut make, &|| false, &|_| {}).map(|_| ())
    }
}
