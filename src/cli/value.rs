//! Values of options: addresses, times, rates.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr, ToSocketAddrs},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use jiff::SignedDuration;
use wirereel::replay::{Destination, Servers};

/// Reads `10.0.0.2:80`, `[::1]:80` or `localhost:80`. Of a name's addresses the first of IPv4 is
/// taken, else the first.
pub fn address(text: &str) -> Result<SocketAddr> {
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    if let Ok(ip) = text.parse::<IpAddr>() {
        bail!("it names no port; write {}", SocketAddr::new(ip, 80));
    }
    match text.rsplit_once(':') {
        Some((host, port)) if !host.is_empty() && port.parse::<u16>().is_ok() => {}
        Some((_, port)) if !port.is_empty() && port.bytes().all(|it| it.is_ascii_digit()) => {
            bail!("{port} is no port: they end at 65535")
        }
        _ => bail!("it names no port; write {text}:80"),
    }
    let found: Vec<_> = text.to_socket_addrs().context("no such host")?.collect();
    let best = found.iter().find(|it| it.is_ipv4()).or(found.first());
    best.copied().context("no such host")
}

/// Reads an address with a port, or a port alone, `:1989`, which is one of no address (`0.0.0.0`).
pub fn reaching(text: &str) -> Result<SocketAddr> {
    match text.strip_prefix(':').map(str::parse) {
        Some(Ok(port)) => Ok((Ipv4Addr::UNSPECIFIED, port).into()),
        _ => address(text),
    }
}

/// Reads an address with a port, or a port alone, which is one of 127.0.0.1.
pub fn listening(text: &str) -> Result<SocketAddr> {
    match port(text) {
        Some(port) => Ok((Ipv4Addr::LOCALHOST, port).into()),
        None if !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit()) => {
            bail!("{text} is no port: they end at 65535")
        }
        None => address(text),
    }
}

/// Reads `OLD=NEW`: servers of the capture, and what they become. Servers are named by address and
/// port, by the address alone or by the port alone; so is what they become, which keeps the port
/// of each where it names none, and is at 127.0.0.1 where it names no address.
pub fn mapping(text: &str) -> Result<(Servers, Destination)> {
    let Some((old, new)) = text.split_once('=') else {
        bail!("write OLD=NEW: 10.0.0.2:80=127.0.0.1:8080, 10.0.0.2=127.0.0.1 or :80=:8080");
    };
    Ok((servers(old.trim())?, destination(new.trim())?))
}

fn servers(text: &str) -> Result<Servers> {
    if let Some(port) = port(text) {
        return Ok(Servers::Port(port));
    }
    if let Some(address) = bare_address(text) {
        return Ok(Servers::At(address));
    }
    match text.parse() {
        Ok(server) => Ok(Servers::One(server)),
        Err(_) => bail!("\"{text}\" names no server: write 10.0.0.2:80, 10.0.0.2 or :80"),
    }
}

fn destination(text: &str) -> Result<Destination> {
    if let Some(address) = bare_address(text) {
        return Ok(Destination { address, port: None });
    }
    let is_name = !text.is_empty() && !text.contains(':') && port(text).is_none();
    if is_name && text.bytes().any(|it| it.is_ascii_alphabetic()) {
        // Any port will do to ask for the address.
        return Ok(Destination { address: address(&format!("{text}:0"))?.ip(), port: None });
    }
    Ok(listening(text)?.into())
}

/// Reads `8080` or `:8080`.
fn port(text: &str) -> Option<u16> {
    let digits = text.strip_prefix(':').unwrap_or(text);
    let is_number = !digits.is_empty() && digits.bytes().all(|it| it.is_ascii_digit());
    digits.parse().ok().filter(|_| is_number)
}

/// Reads an address without a port, of version 6 also in brackets.
fn bare_address(text: &str) -> Option<IpAddr> {
    let in_brackets = text.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
    match in_brackets {
        Some(v6) => v6.parse().ok().map(IpAddr::V6),
        None => text.parse().ok(),
    }
}

/// Reads a time: `10s`, `500ms`, `1m 30s`. It is more than nothing.
pub fn duration(text: &str) -> Result<Duration> {
    let signed = text.parse::<SignedDuration>().ok();
    let duration = signed.and_then(|it| Duration::try_from(it).ok());
    match duration {
        Some(duration) if !duration.is_zero() => Ok(duration),
        _ => bail!("a time is like 10s, 500ms or 2m, and more than 0"),
    }
}

/// Reads a number above 0.
pub fn rate(text: &str) -> Result<f64> {
    match text.parse() {
        Ok(rate) if rate > 0.0 && f64::is_finite(rate) => Ok(rate),
        _ => bail!("it must be a number above 0"),
    }
}

/// Reads a whole number above 0.
pub fn count(text: &str) -> Result<u64> {
    match text.parse() {
        Ok(count) if count > 0 => Ok(count),
        _ => bail!("it must be a whole number above 0"),
    }
}

/// Reads `FIELD=AMOUNT`.
pub fn amount(text: &str) -> Result<(String, f64)> {
    let parts = text.split_once('=').map(|(field, amount)| (field.trim(), amount.trim().parse()));
    match parts {
        Some((field, Ok(amount)))
            if !field.is_empty() && amount >= 0.0 && f64::is_finite(amount) =>
        {
            Ok((field.to_owned(), amount))
        }
        _ => bail!("write FIELD=AMOUNT: value=2"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_need_a_port() {
        for (text, expected) in [("127.0.0.1:8080", "127.0.0.1:8080"), ("[::1]:80", "[::1]:80")] {
            assert_eq!(address(text).unwrap(), expected.parse().unwrap());
        }
        assert_eq!(address("localhost:8080").unwrap().port(), 8080);
        for (text, expected) in [
            ("127.0.0.1", "it names no port; write 127.0.0.1:80"),
            ("::1", "it names no port; write [::1]:80"),
            ("127.0.0.1:99999", "99999 is no port: they end at 65535"),
            ("localhost", "it names no port; write localhost:80"),
            ("localhost:http", "it names no port; write localhost:http:80"),
            ("", "it names no port; write :80"),
        ] {
            assert_eq!(address(text).unwrap_err().to_string(), expected);
        }
    }

    #[test]
    fn a_port_alone_is_one_of_loopback() {
        for (text, expected) in
            [("8080", "127.0.0.1:8080"), (":8080", "127.0.0.1:8080"), ("[::1]:0", "[::1]:0")]
        {
            assert_eq!(listening(text).unwrap(), expected.parse().unwrap());
        }
        for text in ["", ":", "65536", ":-1", "+1"] {
            assert!(listening(text).is_err(), "{text}");
        }
    }

    #[test]
    fn mappings_name_servers_by_address_by_port_or_by_both() {
        for (text, old, new) in [
            ("10.0.0.2:80=[::1]:8080", "10.0.0.2:80", "[::1]:8080"),
            ("10.0.0.2=127.0.0.1", "10.0.0.2", "127.0.0.1"),
            ("10.0.0.2=127.0.0.1:8080", "10.0.0.2", "127.0.0.1:8080"),
            ("10.0.0.2=:8080", "10.0.0.2", "127.0.0.1:8080"),
            (":80=127.0.0.1:8080", ":80", "127.0.0.1:8080"),
            ("80=8080", ":80", "127.0.0.1:8080"),
            (":80=127.0.0.2", ":80", "127.0.0.2"),
            ("10.0.0.2:80=127.0.0.1", "10.0.0.2:80", "127.0.0.1"),
            ("[fd00::1]:80=[::1]", "[fd00::1]:80", "::1"),
            ("[fd00::1]=[::1]:8080", "fd00::1", "[::1]:8080"),
            ("fd00::1=::1", "fd00::1", "::1"),
            ("224.2.2.2:1989=224.7.7.7:1989", "224.2.2.2:1989", "224.7.7.7:1989"),
        ] {
            let (servers, destination) = mapping(text).unwrap();
            assert_eq!((servers.to_string(), destination.to_string()), (old.into(), new.into()));
        }
        assert_eq!(mapping("10.0.0.2=localhost").unwrap().1.port, None);
        assert_eq!(mapping("10.0.0.2=localhost:80").unwrap().1.port, Some(80));
        for text in [
            "10.0.0.2:80",
            "=",
            "=80",
            "80=",
            "a:1=80",
            "web=80",
            "10.0.0.2:80=10.0.0.3:",
            "10.0.0.2:99999=80",
            "99999=80",
            "80=99999",
            "[10.0.0.2]=80",
            "[fd00::1=80",
            "10.0.0=80",
        ] {
            assert!(mapping(text).is_err(), "{text}");
        }
    }

    #[test]
    fn times_have_a_unit_and_are_not_nothing() {
        for (text, millis) in [("10s", 10_000), ("500ms", 500), ("2m", 120_000), ("1.5s", 1500)] {
            assert_eq!(duration(text).unwrap(), Duration::from_millis(millis), "{text}");
        }
        assert_eq!(duration("100us").unwrap(), Duration::from_micros(100));
        for text in ["", "10", "0s", "-1s", "10 parsecs", "s"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn numbers_are_above_nothing() {
        assert_eq!((rate("0.5").unwrap(), count("3").unwrap()), (0.5, 3));
        for text in ["0", "-1", "inf", "nan", "x", ""] {
            assert!(rate(text).is_err() && count(text).is_err(), "{text}");
        }
        assert_eq!(amount("fields.math=2.5").unwrap(), ("fields.math".to_owned(), 2.5));
        for text in ["math", "=1", "math=", "math=-1", "math=nan"] {
            assert!(amount(text).is_err(), "{text}");
        }
    }
}
