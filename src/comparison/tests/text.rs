//! RESP and lines: by message and field, with one word or value left out.

use super::*;

#[test]
fn a_word_of_a_line_may_differ() {
    use Event::{Asks, Live, Recorded};
    let events = [
        Asks(b"gets k\r\n"),
        Recorded(b"VALUE k 0 5 17\r\nhello\r\nEND\r\n"),
        Live(b"VALUE k 0 5 290\r\nhello\r\nEND\r\n"),
        Asks(b"get l\r\n"),
        Recorded(b"VALUE l 0 1\r\nx\r\nEND\r\n"),
        Live(b"END\r\n"),
        Asks(b"version\r\n"),
        Recorded(b"VERSION  1.6\r\n"),
        Live(b"VERSION 1.6\r\n"),
    ];
    let missed = [
        ("words[0]", Some("VALUE"), Some("END")),
        ("words", Some("4 elements"), Some("1 elements")),
        ("data", Some("x"), None),
        ("more", Some("[{\"line\":\"END\",\"words\":[\"END\"]}]"), None),
        ("line", Some("VERSION  1.6"), Some("VERSION 1.6")),
    ];
    let compared = run(9, &fields(), &events);
    assert_eq!(told(&compared)[0], ("words[4]", Some("17"), Some("290")));
    assert_eq!((&told(&compared)[1..], counts(&compared)), (&missed[..], [0, 3, 0, 0]));
    for name in ["words[4]", "reply.words[4]", "lines.reply.words[4]", "lines.words[4]"] {
        let expectation = Expectation { ignore: vec![name.to_owned()], ..fields() };
        let compared = run(9, &expectation, &events);
        assert_eq!(
            (&told(&compared)[..], counts(&compared)),
            (&missed[..], [1, 2, 0, 0]),
            "{name}"
        );
    }
}

#[test]
fn a_value_of_a_reply_may_differ() {
    use Event::{Asks, Live, Recorded};
    let events = [
        Asks(b"*2\r\n$4\r\nINCR\r\n$1\r\nn\r\n"),
        Recorded(b":7\r\n"),
        Live(b":9\r\n"),
        Asks(b"*2\r\n$3\r\nGET\r\n$1\r\nk\r\n"),
        Recorded(b"$1\r\nv\r\n"),
        Live(b"$-1\r\n"),
        Asks(b"*1\r\n$4\r\nTIME\r\n"),
        Recorded(b"*2\r\n$2\r\n17\r\n$1\r\n5\r\n"),
        Live(b"*2\r\n$2\r\n18\r\n$1\r\n5\r\n"),
    ];
    let all = [
        ("value", Some("7"), Some("9")),
        ("type", Some("bulk"), Some("null")),
        ("value", Some("v"), Some("null")),
        ("value[0]", Some("17"), Some("18")),
    ];
    let compared = run(9, &fields(), &events);
    assert_eq!((told(&compared), counts(&compared)), (all.to_vec(), [0, 3, 0, 0]));
    let tolerance = vec![("value".to_owned(), 2.0)];
    let expectation =
        Expectation { ignore: vec!["resp.value[0]".to_owned()], tolerance, ..fields() };
    let compared = run(9, &expectation, &events);
    assert_eq!((told(&compared), counts(&compared)), (all[1..3].to_vec(), [2, 1, 0, 0]));
}

#[test]
fn long_values_differ_by_what_is_not_kept() {
    let value = |last: u8| {
        let mut value = vec![b'x'; 100_000];
        value.push(last);
        [format!("${}\r\n", value.len()).as_bytes(), &value, b"\r\n"].concat()
    };
    let (recorded, other) = (value(b'a'), value(b'b'));
    let events =
        |live| [Event::Asks(b"*2\r\n$3\r\nGET\r\n$1\r\nk\r\n"), Event::Recorded(&recorded), live];
    assert_eq!(counts(&run(9, &fields(), &events(Event::Live(&recorded)))), [1, 0, 0, 0]);
    let compared = run(9, &fields(), &events(Event::Live(&other)));
    assert_eq!(compared.differences.len(), 1);
    assert_eq!(compared.differences[0].field, "cut[0].sha256");
}

#[test]
fn as_many_replies_as_were_recorded_are_an_answer() {
    let protocols = protocols(&[]);
    let mut comparator = Comparator::new(&protocols, &fields()).unwrap();
    let mut it = comparator.begin(parties(9), Side::Server);
    let ask = b"*1\r\n$4\r\nPING\r\n*2\r\n$3\r\nGET\r\n$1\r\nk\r\n";
    feed(&mut comparator, &mut it, Event::Asks(ask));
    feed(&mut comparator, &mut it, Event::Recorded(b"+PONG\r\n$10\r\n0123456789\r\n"));
    feed(&mut comparator, &mut it, Event::Live(b"+PONG\r\n$1\r\n"));
    assert!(!it.has_caught_up(), "the second reply is under way");
    feed(&mut comparator, &mut it, Event::Live(b"0\r\n"));
    assert!(it.has_caught_up(), "shorter, but complete");
}
