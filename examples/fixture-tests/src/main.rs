//! Answers questions over UDP, at the port that is its argument.

use std::{env, error::Error, net::UdpSocket};

fn main() -> Result<(), Box<dyn Error>> {
    let port: u16 = env::args().nth(1).ok_or("usage: fixture-tests PORT")?.parse()?;
    let socket = UdpSocket::bind(("127.0.0.1", port))?;
    let mut question = [0; 1500];
    loop {
        let (len, from) = socket.recv_from(&mut question)?;
        if let Some(answer) = fixture_tests::answer(&question[..len]) {
            socket.send_to(&answer, from)?;
        }
    }
}
