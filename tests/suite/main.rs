//! What the program and the library do with bundled captures, with frames that are made here, and
//! with live peers on loopback.
//!
//! One binary, because each links the whole crate. A test of its own process (its memory, its
//! `main`) cannot be here: `mutants` and `trials` are such.

mod check {
    mod command;
    mod framing;
    mod infer;
    mod lies;
    mod malformed;
    mod ranges;
    mod traffic;
}
mod decode {
    mod fitting;
    mod flow;
    mod half_seen;
    mod plain;
    mod reassembly;
    mod shown;
    mod stopping;
    mod streams;
    mod ticking;
}
mod generate {
    mod bad_input;
    mod command;
    mod fields;
    mod frames;
    mod like;
    mod stage;
}
mod listen {
    mod command;
    mod figures;
    mod reach;
}
mod replay {
    mod choosing;
    mod command;
    mod dry_run;
    mod live;
    mod opaque;
    mod other_ports;
    mod plan;
    mod signals;
    mod tcp;
}
mod schema {
    mod cplusplus;
    mod preprocessing;
    mod stand_ins;
    mod unused;
}
mod serve {
    mod command;
    mod echo;
    mod web;
    mod websocket;
}
mod bundled;
mod cargo_test;
mod cli;
mod compat;
mod demo;
mod diff;
mod examples;
mod exchanges;
mod framing;
mod guide;
mod headers;
mod inspect;
mod inspect_as_tshark;
mod pausing;
mod profile;
mod redact;
mod reduce;
mod sums;
mod test;
mod words;

#[path = "../datagram/mod.rs"]
mod datagram;
mod exchange;
#[path = "../wire/frame.rs"]
#[expect(dead_code, reason = "ICMP is for the comparison with tshark")]
mod frame;
#[path = "../listening/mod.rs"]
mod listening;
#[path = "../generator/random.rs"]
#[expect(dead_code, reason = "the generators of captures and headers use the rest")]
mod random;
#[path = "../serving/mod.rs"]
#[expect(dead_code, reason = "other hosts are for `trials`")]
mod serving;
mod talk;
mod tape;
