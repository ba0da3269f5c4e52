use super::super::Leaving;
use super::*;

const NEVER: &dyn Fn() -> bool = &|| false;

fn pair() -> (UdpSocket, UdpSocket, SocketAddr) {
    let listener = UdpSocket::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let to = listener.local_addr().unwrap();
    let mut socket = UdpSocket::to(to, &Leaving::default()).unwrap();
    socket.connect(to).unwrap();
    (listener, socket, to)
}

/// Datagrams that can be told apart, of these lengths.
fn batch(to: Option<SocketAddr>, lens: &[usize]) -> Batch {
    let mut batch = Batch::default();
    for (number, len) in lens.iter().enumerate() {
        batch.push(to, &vec![number as u8; *len]);
    }
    batch
}

fn received(listener: &UdpSocket) -> Vec<Vec<u8>> {
    let mut bytes = vec![0; super::super::MAX_DATAGRAM];
    std::iter::from_fn(|| listener.recv(&mut bytes).unwrap().map(|(len, _)| bytes[..len].to_vec()))
        .collect()
}

#[test]
fn each_way_of_sending_delivers_exactly_the_datagrams_in_order() {
    let equal = vec![19; 200];
    let mixed: Vec<usize> = (0..200).map(|it| [19, 0, 700, 19, 19, 5, 1400][it % 7]).collect();
    for offload in [Offload::None, Offload::Batches, Offload::Segments] {
        for lens in [&equal, &mixed] {
            for is_named in [true, false] {
                let (listener, socket, to) = pair();
                let batch = batch(is_named.then_some(to), lens);
                let mut sender = Sender::new(offload, Duration::from_secs(5), NEVER);
                sender.send(&socket, &batch);
                let sent = sender.take_sent();
                assert_eq!(sent.datagrams, 200, "{offload:?} {sent:?}");
                assert_eq!(sent.bytes, lens.iter().sum::<usize>() as u64);
                let expected: Vec<_> = (0..200).map(|it| batch.datagram(it).to_vec()).collect();
                assert_eq!(received(&listener), expected, "{offload:?}");
                assert_eq!(sender.take_sent(), Sent::default());
            }
        }
    }
}

#[test]
fn several_destinations_get_their_own() {
    let [(one, socket, to_one), (other, _, to_other)] = [pair(), pair()];
    drop(socket);
    let socket = UdpSocket::to(to_one, &Leaving::default()).unwrap();
    let mut batch = Batch::default();
    for (to, bytes) in [(to_one, b"1"), (to_one, b"2"), (to_other, b"3"), (to_one, b"4")] {
        batch.push(Some(to), bytes);
    }
    let mut sender = Sender::new(Offload::Segments, Duration::from_secs(5), NEVER);
    sender.send(&socket, &batch);
    assert_eq!(sender.take_sent().datagrams, 4);
    assert_eq!(received(&one), [b"1", b"2", b"4"]);
    assert_eq!(received(&other), [b"3"]);
}

#[test]
fn what_the_kernel_cannot_cut_leaves_all_the_same() {
    let (listener, socket, _) = pair();
    let mut sender = Sender::new(Offload::Segments, Duration::from_secs(5), NEVER);
    let Some(segments) = &mut sender.segments else {
        return eprintln!("skipped: this kernel has no UDP_SEGMENT");
    };
    // Longer than the loopback's MTU of 65,536 leaves room for with headers.
    assert!(segments.narrow(Errno::INVAL, 101));
    sender.send(&socket, &batch(None, &[101, 101, 101, 100, 100, 100]));
    assert_eq!(sender.take_sent().datagrams, 6);
    assert_eq!(sender.segments.as_ref().unwrap().max_len, 100);
    assert_eq!(received(&listener).len(), 6);
    assert!(!sender.segments.as_mut().unwrap().narrow(Errno::IO, 100));
}

#[test]
fn a_datagram_that_is_too_long_is_counted_and_the_others_leave() {
    for offload in [Offload::None, Offload::Batches, Offload::Segments] {
        let (listener, socket, _) = pair();
        let mut sender = Sender::new(offload, Duration::from_secs(5), NEVER);
        sender.send(&socket, &batch(None, &[4, 65_508, 5, 65_508, 65_508, 6]));
        let sent = sender.take_sent();
        assert_eq!((sent.datagrams, sent.bytes), (3, 15));
        assert_eq!(sent.faults, [(Unsent::TooLong, 3)]);
        assert_eq!(received(&listener).iter().map(Vec::len).collect::<Vec<_>>(), [4, 5, 6]);
    }
}

/// How many refusals of a destination were told in all.
fn refusals(socket: &UdpSocket, sent: &Sent, to: SocketAddr) -> u64 {
    let told = sent.undelivered.iter().copied();
    let left = std::iter::from_fn(|| socket.take_undelivered().map(|it| (it, 1)));
    let of_it = told.chain(left).filter(|(it, _)| it.is_refusal() && it.to == Some(to));
    of_it.map(|(_, count)| count).sum()
}

#[test]
fn each_refusal_is_counted_with_its_destination_however_datagrams_leave() {
    for host in ["127.0.0.1:0", "[::1]:0"] {
        let host: SocketAddr = host.parse().unwrap();
        let [one, other, open] = [(); 3].map(|()| UdpSocket::bind(host));
        let (Ok(one), Ok(other), Ok(open)) = (one, other, open) else {
            eprintln!("skipped: this host has no {host}");
            continue;
        };
        let [to_one, to_other, to_open] = [&one, &other, &open].map(|it| it.local_addr().unwrap());
        drop((one, other));
        let mut mixed = Batch::default();
        for number in 0..30_usize {
            let to = [to_one, to_other, to_open][number % 3];
            mixed.push(Some(to), &vec![7; 5 + number % 4]);
        }
        let mut in_runs = Batch::default();
        for to in [to_one, to_open, to_other] {
            (0..10).for_each(|_| in_runs.push(Some(to), b"equal"));
        }
        for (offload, batch) in [
            (Offload::None, &mixed),
            (Offload::Batches, &mixed),
            (Offload::Segments, &mixed),
            (Offload::Batches, &in_runs),
            (Offload::Segments, &in_runs),
        ] {
            let socket = UdpSocket::to(to_one, &Leaving::default()).unwrap();
            let mut sender = Sender::new(offload, Duration::from_secs(5), NEVER);
            sender.send(&socket, batch);
            let sent = sender.take_sent();
            assert_eq!((sent.datagrams, &*sent.faults), (30, &[][..]), "{offload:?}");
            assert_eq!(refusals(&socket, &sent, to_other), 10, "{offload:?} {sent:?}");
            assert!(sent.undelivered.iter().all(|(it, _)| it.to != Some(to_open)));
            assert_eq!(received(&open).len(), 10, "{offload:?}");
        }
    }
}

#[test]
fn refusals_of_a_peer_are_all_counted_and_it_is_sent_to_all_the_same() {
    for offload in [Offload::None, Offload::Batches, Offload::Segments] {
        let (listener, socket, to) = pair();
        drop(listener);
        let mut sender = Sender::new(offload, Duration::from_secs(5), NEVER);
        sender.send(&socket, &batch(None, &[9; 100]));
        let sent = sender.take_sent();
        assert_eq!(sent.datagrams, 100, "{sent:?}");
        assert_eq!(refusals(&socket, &sent, to), 100, "{offload:?} {sent:?}");
    }
}

#[test]
fn a_destination_without_a_route_is_a_fault_with_the_kernels_words() {
    let (_, _, _) = pair();
    let to: SocketAddr = "[ff02::1]:9".parse().unwrap();
    let Ok(socket) = UdpSocket::to("[::1]:9".parse().unwrap(), &Leaving::default()) else {
        return eprintln!("skipped: this host has no IPv6");
    };
    let no_socket = UdpSocket::to("127.0.0.1:9".parse().unwrap(), &Leaving::default()).unwrap();
    drop(socket);
    let mut sender = Sender::new(Offload::Segments, Duration::from_secs(5), NEVER);
    sender.send(&no_socket, &batch(Some(to), &[3, 3]));
    let sent = sender.take_sent();
    assert_eq!(sent.datagrams, 0);
    assert_eq!(sent.faults.iter().map(|(_, count)| count).sum::<u64>(), 2, "{sent:?}");
    assert!(sent.faults[0].0.to_string().starts_with("cannot be sent: "), "{sent:?}");
}

#[test]
fn a_full_buffer_is_waited_for_within_the_timeout() {
    let (ours, theirs) = std::os::unix::net::UnixDatagram::pair().unwrap();
    ours.set_nonblocking(true).unwrap();
    while ours.send(&[0; 1024]).is_ok() {}
    let begin = Instant::now();
    let full = UdpSocket::of_descriptor(ours.into());
    let mut sender = Sender::new(Offload::Batches, Duration::from_millis(30), NEVER);
    sender.send(&full, &batch(None, &[1024]));
    let sent = sender.take_sent();
    assert!(begin.elapsed() >= Duration::from_millis(30));
    assert_eq!((sent.datagrams, sent.faults), (0, vec![(Unsent::BufferFull, 1)]));
    assert!(sent.retries > 0);
    // With room again it leaves.
    theirs.recv(&mut [0; 1024]).unwrap();
    sender.send(&full, &batch(None, &[7]));
    assert_eq!(sender.take_sent().datagrams, 1);
}

#[test]
fn a_halted_sender_sends_nothing_more() {
    let (listener, socket, _) = pair();
    let mut sender = Sender::new(Offload::Segments, Duration::from_secs(5), &|| true);
    sender.send(&socket, &batch(None, &[9; 9]));
    assert_eq!((sender.take_sent(), received(&listener).len()), (Sent::default(), 0));
}
