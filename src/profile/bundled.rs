//! Profiles of well-known protocols, as the folder `profiles` has them: headers and profiles, as a user
//! would write them.
//!
//! They are many, and most captures have none of them: each is a row of a table, its name and its ports, and is
//! read when it is asked for.

use std::path::Path;

use super::source::Source;
use super::{Options, ProfileError, ProfileFile, ProfileLine, Protocol, Protocols};

/// One protocol of the folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bundled {
    /// What output calls it.
    pub name: &'static str,
    /// The name of its files, without what says which is the header.
    file: &'static str,
    /// The rules of its `decode_as`.
    pub ports: &'static [&'static str],
}

/// All of them, in the order in which they are tried on a port that several have.
pub(super) const ALL: [Bundled; 29] = [
    Bundled { name: "apex", file: "apex", ports: &["udp.port==20777"] },
    Bundled { name: "bfd", file: "bfd", ports: &["udp.port==3784", "udp.port==4784"] },
    Bundled { name: "bgp", file: "bgp", ports: &["tcp.port==179"] },
    Bundled {
        name: "cflow",
        file: "cflow",
        ports: &["udp.port==2055", "udp.port==4739", "udp.port==9995", "udp.port==9996"],
    },
    Bundled { name: "coap", file: "coap", ports: &["udp.port==5683"] },
    Bundled { name: "dhcp", file: "dhcp", ports: &["udp.port==67", "udp.port==68"] },
    Bundled { name: "dns", file: "dns", ports: &["udp.port==53", "udp.port==5353"] },
    Bundled { name: "dns-tcp", file: "dns", ports: &["tcp.port==53"] },
    Bundled { name: "gtp", file: "gtp", ports: &["udp.port==2152"] },
    Bundled { name: "hsrp", file: "hsrp", ports: &["udp.port==1985"] },
    Bundled { name: "hsrp2", file: "hsrp", ports: &["udp.port==1985"] },
    Bundled { name: "lifx", file: "lifx", ports: &["udp.port==56700"] },
    Bundled { name: "mavlink", file: "mavlink", ports: &["udp.port==14550", "tcp.port==5760"] },
    Bundled { name: "mbtcp", file: "mbtcp", ports: &["tcp.port==502"] },
    Bundled { name: "mqtt", file: "mqtt", ports: &["tcp.port==1883"] },
    Bundled { name: "mqtt5", file: "mqtt", ports: &[] },
    Bundled { name: "ntp", file: "ntp", ports: &["udp.port==123"] },
    Bundled { name: "openflow", file: "openflow", ports: &["tcp.port==6653", "tcp.port==6633"] },
    Bundled { name: "ptp", file: "ptp", ports: &["udp.port==319", "udp.port==320"] },
    Bundled {
        name: "radius",
        file: "radius",
        ports: &[
            "udp.port==1812",
            "udp.port==1813",
            "udp.port==1645",
            "udp.port==1646",
            "udp.port==3799",
        ],
    },
    Bundled { name: "rtcp", file: "rtcp", ports: &["udp.port==5005"] },
    Bundled { name: "rtp", file: "rtp", ports: &["udp.port==5004"] },
    Bundled { name: "sflow", file: "sflow", ports: &["udp.port==6343"] },
    Bundled {
        name: "someip",
        file: "someip",
        ports: &[
            "udp.port==30490",
            "udp.port==30491",
            "udp.port==30501",
            "udp.port==30509",
            "tcp.port==30501",
            "tcp.port==30509",
        ],
    },
    Bundled { name: "stun", file: "stun", ports: &["udp.port==3478", "tcp.port==3478"] },
    Bundled { name: "tftp", file: "tftp", ports: &["udp.port==69"] },
    Bundled {
        name: "tls",
        file: "tls",
        ports: &[
            "tcp.port==443",
            "tcp.port==465",
            "tcp.port==636",
            "tcp.port==853",
            "tcp.port==993",
            "tcp.port==995",
            "tcp.port==5061",
            "tcp.port==8883",
        ],
    },
    Bundled { name: "vxlan", file: "vxlan", ports: &["udp.dstport==4789"] },
    Bundled { name: "wg", file: "wg", ports: &["udp.port==51820"] },
];

/// The profile and the header of a name.
fn texts(file: &str) -> Option<(&'static str, &'static str)> {
    macro_rules! text {
        ($name:literal) => {
            (
                include_str!(concat!("../../profiles/", $name, ".toml")),
                include_str!(concat!("../../profiles/", $name, ".h")),
            )
        };
    }
    Some(match file {
        "apex" => text!("apex"),
        "bfd" => text!("bfd"),
        "bgp" => text!("bgp"),
        "cflow" => text!("cflow"),
        "coap" => text!("coap"),
        "dhcp" => text!("dhcp"),
        "dns" => text!("dns"),
        "gtp" => text!("gtp"),
        "hsrp" => text!("hsrp"),
        "lifx" => text!("lifx"),
        "mavlink" => text!("mavlink"),
        "mbtcp" => text!("mbtcp"),
        "mqtt" => text!("mqtt"),
        "ntp" => text!("ntp"),
        "openflow" => text!("openflow"),
        "ptp" => text!("ptp"),
        "radius" => text!("radius"),
        "rtcp" => text!("rtcp"),
        "rtp" => text!("rtp"),
        "sflow" => text!("sflow"),
        "someip" => text!("someip"),
        "stun" => text!("stun"),
        "tftp" => text!("tftp"),
        "tls" => text!("tls"),
        "vxlan" => text!("vxlan"),
        "wg" => text!("wg"),
        _ => return None,
    })
}

impl Bundled {
    /// Reads its profile and its header.
    ///
    /// # Errors
    ///
    /// None that a test of this room has not seen.
    pub fn read(&self) -> Result<Protocol, ProfileError> {
        let (profile, _) = texts(self.file).unwrap_or_default();
        let path = format!("profiles/{}.toml", self.file);
        let path = Path::new(&path);
        let file = ProfileFile::parse(path, profile)?;
        let entry = file.protocols.iter().find(|it| it.name.get_ref() == self.name);
        let entry = entry.ok_or_else(|| {
            let names = file.protocols.iter().map(|it| it.name.get_ref().as_str());
            ProfileError::unknown_message(self.name, Vec::new(), names)
        })?;
        // What the command line says of order and ABI is meant for the user's own.
        let mut protocols = Protocols::bare(&Options::default());
        let place = |offset| ProfileLine::of(path, profile, offset);
        let protocol = protocols.protocol_of(entry, Source::Bundled, place)?;
        Ok(Protocol { declared: None, ..protocol })
    }
}

/// The text of a bundled header.
pub(super) fn header(name: &str) -> Option<&'static str> {
    texts(name.strip_suffix(".h")?).map(|it| it.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_profile_is_read_and_has_the_ports_of_its_row() {
        for bundled in ALL {
            let (profile, _) = texts(bundled.file).unwrap();
            let file = ProfileFile::parse(Path::new(bundled.file), profile).unwrap();
            let entry = file.protocols.iter().find(|it| it.name.get_ref() == bundled.name).unwrap();
            let ports: Vec<_> = entry.decode_as.iter().map(|it| it.get_ref().as_str()).collect();
            assert_eq!(ports, bundled.ports, "{}", bundled.name);
            if let Err(error) = bundled.read() {
                panic!("{}: {error}", bundled.name);
            }
        }
    }

    #[test]
    fn no_profile_of_the_folder_is_left_out() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles");
        let files = std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().path());
        for path in files.filter(|it| it.extension().is_some_and(|it| it == "toml")) {
            let text = std::fs::read_to_string(&path).unwrap();
            for entry in ProfileFile::parse(&path, &text).unwrap().protocols {
                let name = entry.name.get_ref();
                assert!(ALL.iter().any(|it| it.name == name), "{name} of {}", path.display());
            }
        }
    }
}
