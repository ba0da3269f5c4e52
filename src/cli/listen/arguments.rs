//! What the user asks of a listener: what it hears, what it measures by, when it ends.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use wirereel::generate::listen::{ListenTo, Respond, SentAt, TimeField};
use wirereel::generate::recipe::{FieldPath, Maker, MessageRecipe, Recipe, ValueRecipe, setting};
use wirereel::generate::{Cast, Groups, destination};
use wirereel::message::{FieldRef, Known};
use wirereel::profile::{Protocols, TimeUnit};

use crate::cli::cast::cast_parser;
use crate::cli::generate::arguments::seed;
use crate::cli::value::{address, count, duration};

/// What is listened to.
#[derive(Debug, Args)]
pub struct ListenToArgs {
    /// How datagrams are addressed
    #[arg(value_name = "CAST", value_parser = cast_parser())]
    pub cast: Cast,

    /// Of unicast and broadcast, the address and port: 127.0.0.1:1989, 10.0.0.255:1989, or the port
    /// alone, which is one of any address; port 0 is one that is free
    #[arg(long, value_name = "ADDR:PORT", value_parser = own_address)]
    pub to: Option<SocketAddr>,

    /// Of multicast, the group and port, or several groups in sequence: 224.2.2.2:1989,
    /// 224.2.2.2+10:1989, [ff05::7]:1989
    #[arg(long, value_name = "GROUP[+N]:PORT")]
    pub group: Option<Groups>,

    /// Of multicast, a host whose datagrams are wanted, and no other's; repeatable
    #[arg(long, value_name = "ADDR")]
    pub source: Vec<IpAddr>,

    /// The interface, by name or address
    #[arg(short, long, value_name = "IF")]
    pub interface: Option<String>,
}

/// When it ends.
#[derive(Debug, Args)]
pub struct EndArgs {
    /// Datagrams to receive, after which it ends
    #[arg(long, value_name = "N", value_parser = count)]
    pub count: Option<u64>,

    /// How long to listen: 10s, 500ms, 2m
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub duration: Option<Duration>,
}

/// What is measured.
#[derive(Debug, Args)]
pub struct MeasureArgs {
    /// The field that counts the messages of a sender, if the profile names none: what is lost, twice
    /// or out of order is told by it
    #[arg(long, value_name = "FIELD")]
    pub counter: Option<String>,

    /// The field that holds when a message was sent, if the profile names none, and its unit unless
    /// its size tells: stamp, stamp:ms, or two that add up, as sec:s+usec:us
    #[arg(long, value_name = "FIELD[:UNIT]")]
    pub sent_at: Option<String>,

    /// Tell rates so often, on standard error
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub interval: Option<Duration>,
}

/// What is answered.
#[derive(Debug, Args)]
pub struct RespondArgs {
    /// Answer each datagram to its sender: echo is its own bytes, else a message of the header
    #[arg(long, value_name = "echo|MESSAGE")]
    pub respond: Option<String>,

    /// With --respond: what a field of the answer holds, as generate has it: name=Alan, math=0..100,
    /// seq=counter, at=now(us); what is not set is zero; repeatable
    #[arg(long, value_name = "FIELD=RECIPE", value_parser = setting, requires = "respond")]
    pub set: Vec<(FieldPath, ValueRecipe)>,

    /// With --respond: makes two runs alike [default: another one each time]
    #[arg(long, value_name = "N", requires = "respond")]
    pub seed: Option<u64>,
}

impl RespondArgs {
    /// What that comes to.
    ///
    /// # Errors
    ///
    /// There is no such message or field; a value does not fit.
    pub fn respond(&self, protocols: &Protocols) -> Result<Option<Respond>> {
        let Some(name) = &self.respond else { return Ok(None) };
        if name == "echo" {
            ensure!(
                self.set.is_empty(),
                "--set goes with --respond MESSAGE: an echo is as it came"
            );
            return Ok(Some(Respond::Echo));
        }
        let message = MessageRecipe { fields: self.set.clone(), ..MessageRecipe::new(name) };
        let recipe = Recipe { messages: vec![message], ..Recipe::default() };
        let maker = Maker::new(protocols, &recipe, self.seed.unwrap_or_else(seed))?;
        Ok(Some(Respond::Message(Box::new(maker))))
    }
}

impl ListenToArgs {
    /// What that comes to.
    ///
    /// # Errors
    ///
    /// Options that go with another way of addressing, no such interface, an address that is none of
    /// its kind.
    pub fn listen_to(&self) -> Result<ListenTo> {
        let Self { cast, to, group, source, interface } = self;
        let interface = interface.as_deref().map(destination::interface).transpose()?;
        if *cast == Cast::Multicast {
            ensure!(to.is_none(), "--to goes with unicast and broadcast: name groups by --group");
            let group = group.context("which group? write --group 224.2.2.2:1989")?;
            return Ok(ListenTo::groups(group, source.clone(), interface)?);
        }
        ensure!(group.is_none(), "--group goes with multicast: name an address by --to");
        ensure!(source.is_empty(), "--source goes with multicast, whose groups have sources");
        let to = to.context("which port? write --to :1989")?;
        match cast {
            Cast::Broadcast => Ok(ListenTo::everybody(to, interface)?),
            _ => Ok(ListenTo::host(to, interface)?),
        }
    }
}

impl MeasureArgs {
    /// The fields that the user names.
    ///
    /// # Errors
    ///
    /// There is no such field, with the nearest name; no such unit.
    pub fn fields(&self, known: &[Known<'_>]) -> Result<(Option<FieldRef>, Option<SentAt>)> {
        let counter =
            self.counter.as_deref().map(|it| field(it, "--counter", known)).transpose()?;
        let sent_at = self.sent_at.as_deref().map(|text| {
            let fields = text.split('+').map(|it| time_field(it.trim(), known));
            Ok::<_, anyhow::Error>(SentAt::new(fields.collect::<Result<_>>()?))
        });
        Ok((counter, sent_at.transpose()?))
    }
}

fn field(name: &str, option: &str, known: &[Known<'_>]) -> Result<FieldRef> {
    match FieldRef::parse(name, known)? {
        field @ FieldRef::Field { .. } => Ok(field),
        _ => bail!("{option} {name}: it must be a field of a message"),
    }
}

/// Reads `FIELD` or `FIELD:UNIT`.
fn time_field(text: &str, known: &[Known<'_>]) -> Result<TimeField> {
    let (name, unit) = match text.split_once(':') {
        None => (text, None),
        Some((name, unit)) => (name, Some(time_unit(unit)?)),
    };
    Ok(TimeField { field: field(name, "--sent-at", known)?, unit })
}

fn time_unit(name: &str) -> Result<TimeUnit> {
    Ok(match name {
        "s" => TimeUnit::S,
        "ms" => TimeUnit::Ms,
        "us" => TimeUnit::Us,
        "ns" => TimeUnit::Ns,
        _ => bail!("\"{name}\" is no unit of time: write s, ms, us or ns"),
    })
}

/// Reads `10.0.0.255:1989`, or `:1989` and `1989`, which are that port of any address of IPv4.
fn own_address(text: &str) -> Result<SocketAddr> {
    let port = text.strip_prefix(':').unwrap_or(text);
    let is_number = !port.is_empty() && port.bytes().all(|it| it.is_ascii_digit());
    match port.parse() {
        Ok(port) => Ok((Ipv4Addr::UNSPECIFIED, port).into()),
        Err(_) if is_number => bail!("{port} is no port: they end at 65535"),
        Err(_) => address(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_alone_is_one_of_any_address() {
        for (text, expected) in [
            ("1989", "0.0.0.0:1989"),
            (":1989", "0.0.0.0:1989"),
            ("127.0.0.1:0", "127.0.0.1:0"),
            ("[::]:1989", "[::]:1989"),
        ] {
            assert_eq!(own_address(text).unwrap(), expected.parse().unwrap(), "{text}");
        }
        for text in ["", ":", ":99999", "10.0.0.1", "x:y"] {
            assert!(own_address(text).is_err(), "{text}");
        }
    }

    #[test]
    fn units_are_named() {
        assert_eq!(time_unit("us").unwrap(), TimeUnit::Us);
        assert!(time_unit("min").unwrap_err().to_string().starts_with("\"min\" is no unit"));
    }
}
