//! Whole conversations, with damage, and cut anyhow.

use proptest::prelude::*;

use super::super::dialogue::{Act, acts, c, check, play, played, s, sent};
use super::super::unread::Unread;
use super::*;
use crate::flow::Side::{Client, Server};

#[test]
fn commands_and_replies_are_paired_in_order() {
    let acts = [
        c("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\nvalue\r\n*2\r\n$3\r\nGET\r\n$1\r\nk\r\n"),
        s("+OK\r\n$5\r\nvalue\r\n"),
        c("PING\r\n\r\nincr  n\r\n"),
        s("+PONG\r\n:42\r\n"),
        c(b"*1\r\n$4\r\nNOPE\r\n*0\r\n*2\r\n$3\r\nGET\r\n$2\r\n\xff\0\r\n"),
        s("-ERR unknown command 'NOPE'\r\n$-1\r\n"),
    ];
    let seen = check::<Resp>(
        &acts,
        &[
            "1 command command=SET args=( k value ) #31",
            "2 command command=GET args=( k ) #20",
            "1 reply type=simple value=OK #5",
            "2 reply type=bulk value=value #11",
            "3 command command=PING args=( ) #6",
            "4 command command=incr args=( n ) #9",
            "3 reply type=simple value=PONG #7",
            "4 reply type=integer value=42 #5",
            "5 command command=NOPE args=( ) #14",
            "6 command command=GET args=( [ff, 00] ) #21",
            "5 reply type=error value=ERR unknown command 'NOPE' #29",
            "6 reply type=null value=null #5",
        ],
    );
    assert_eq!(seen.skipped, [(Client, Unread::RespEmpty, 6)]);
}

#[test]
fn every_type_has_its_value() {
    let replies: &[(&str, &str)] = &[
        ("$0\r\n\r\n", "bulk value="),
        ("$4\r\na\r\nb\r\n", "bulk value=a\r\nb"),
        ("*-1\r\n", "null value=null"),
        ("_\r\n", "null value=null"),
        ("*0\r\n", "array value=( )"),
        ("*3\r\n:1\r\n$-1\r\n*2\r\n+a\r\n-E b\r\n", "array value=( 1 null ( a E b ) )"),
        (",3.5\r\n", "double value=3.5"),
        (",inf\r\n", "double value=inf"),
        ("#t\r\n", "boolean value=true"),
        ("(12345678901234567890\r\n", "big-number value=12345678901234567890"),
        ("!5\r\nERR x\r\n", "bulk-error value=ERR x"),
        ("=7\r\ntxt:abc\r\n", "verbatim value=txt:abc"),
        (
            "%2\r\n+a\r\n:1\r\n+b\r\n%1\r\n+c\r\n#f\r\n",
            "map value=( ( a 1 ) ( b ( ( c false ) ) ) )",
        ),
        ("%0\r\n", "map value=( )"),
        ("~2\r\n+x\r\n+y\r\n", "set value=( x y )"),
        ("*2\r\n*0\r\n%0\r\n", "array value=( ( ) ( ) )"),
    ];
    for (reply, expected) in replies {
        let expected = format!("1 reply type={expected} #{}", reply.len());
        check::<Resp>(
            &[c("*1\r\n$1\r\nx\r\n"), s(reply)],
            &["1 command command=x args=( ) #11", &expected],
        );
    }
}

#[test]
fn attributes_belong_to_the_reply_behind_them() {
    check::<Resp>(
        &[s("|1\r\n+ttl\r\n:36\r\n*2\r\n|1\r\n+a\r\n%1\r\n+b\r\n:2\r\n:1\r\n:2\r\n")],
        &["- reply attributes=( ( ttl 36 ) ) type=array value=( 1 2 ) #47"],
    );
}

#[test]
fn what_no_command_asked_for_is_paired_with_none() {
    let message = "*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$2\r\nhi\r\n";
    let confirm = |verb: &str, channel: &str, count: u32| {
        let (v, c) = (verb.len(), channel.len());
        format!("*3\r\n${v}\r\n{verb}\r\n${c}\r\n{channel}\r\n:{count}\r\n")
    };
    let pairs = |acts: &[Act]| -> Vec<String> {
        let seen = played::<Resp>(acts);
        let words = |it: &String| it.split(' ').take(2).collect::<Vec<_>>().join(" ");
        seen.messages.iter().map(words).collect()
    };
    let acts = [
        c("SUBSCRIBE a b\r\nPING\r\n"),
        s(confirm("subscribe", "a", 1)),
        s(message),
        s(confirm("subscribe", "b", 2)),
        s(message),
        s("*2\r\n$4\r\npong\r\n$0\r\n\r\n"),
        s(">2\r\n+invalidate\r\n*1\r\n+k\r\n"),
    ];
    let expected = [
        "1 command",
        "2 command",
        "1 reply",
        "- reply",
        "1 reply",
        "- reply",
        "2 reply",
        "- reply",
    ];
    assert_eq!(pairs(&acts), expected);
    let acts = [
        c("MONITOR\r\n"),
        s("+OK\r\n+1714564496.123456 [0 127.0.0.1:4000] \"GET\" \"k\"\r\n"),
        c("PING\r\n"),
        s("+1714564496.2 [0 lua] \"SET\"\r\n+PONG\r\n"),
    ];
    assert_eq!(
        pairs(&acts),
        ["1 command", "1 reply", "- reply", "2 command", "- reply", "2 reply"]
    );
    let acts = [
        c(
            "CLIENT REPLY SKIP\r\nSET a 1\r\nGET a\r\nCLIENT REPLY OFF\r\nSET b 1\r\nclient reply on\r\nPING\r\n",
        ),
        s("$1\r\n1\r\n+OK\r\n+PONG\r\n"),
    ];
    let numbers: Vec<_> = pairs(&acts).split_off(7);
    assert_eq!(numbers, ["3 reply", "6 reply", "7 reply"]);
    let acts = [
        c("*2\r\n$9\r\nSUBSCRIBE\r\n$1\r\na\r\n"),
        s(
            ">3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n>3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nb\r\n",
        ),
    ];
    assert_eq!(pairs(&acts), ["1 command", "1 reply", "- reply"]);
}

#[test]
fn what_cannot_be_read_is_an_error_and_what_follows_is_found_again() {
    let acts =
        [s("$?\r\n;4\r\nHell\r\n;0\r\n+OK\r\n"), s("*2\r\n:1\r\n:x\r\n$3\r\nabcd\r\n:7\r\n")];
    let seen = check::<Resp>(
        &acts,
        &[
            "- reply type=bulk #4 malformed@1 streamed value, which is not read",
            "- reply type=simple value=OK #5",
            "- reply type=array value=( 1 ) #12 malformed@9 integer",
            "- reply type=bulk #9 malformed@4 end of a string",
            "- reply type=integer value=7 #4",
        ],
    );
    let skipped = (";4\r\nHell\r\n;0\r\n".len() + "\n".len()) as u64;
    assert_eq!(seen.skipped.iter().map(|it| it.2).sum::<u64>() + seen.len, sent(&acts));
    assert!(seen.skipped.iter().map(|it| it.2).sum::<u64>() <= skipped + 4, "{seen:?}");
    let acts = [c("*2\r\n$3\r\nGET\r\n:1\r\n*1\r\n$4\r\nPING\r\n\x01\x02\x03\r\n")];
    check::<Resp>(
        &acts,
        &[
            "1 command command=GET args=( ) #17 malformed@13 argument",
            "- command command=PING args=( ) #14",
        ],
    );
}

#[test]
fn nesting_is_bounded() {
    let deep = |depth: usize| format!("{}:1\r\n", "*1\r\n".repeat(depth));
    let seen = played::<Resp>(&[s(deep(MAX_DEPTH))]);
    assert!(seen.messages[0].ends_with(&format!(
        "{} #{}",
        " )".repeat(MAX_DEPTH),
        4 * MAX_DEPTH + 4
    )));
    let seen = played::<Resp>(&[s(deep(MAX_DEPTH + 1))]);
    assert!(seen.messages[0].contains("limit@128 aggregates within each other"), "{seen:?}");
    let maps = format!("{}:1\r\n", "%1\r\n+k\r\n".repeat(MAX_DEPTH));
    assert!(played::<Resp>(&[s(maps)]).messages[0].ends_with(&format!("#{}", 8 * MAX_DEPTH + 4)));
}

#[test]
fn long_strings_keep_their_beginning_and_are_digested() {
    let value = [b'x'; MAX_STRING + 5];
    let reply = [format!("${}\r\n", value.len()).as_bytes(), &value, b"\r\n:1\r\n"].concat();
    let seen = played::<Resp>(&[s(&reply)]);
    let expected = format!(
        "- reply type=bulk value=<{MAX_STRING}> cut=( ( len=5 sha256=<64> ) ) #{}",
        reply.len() - 4
    );
    let digest = "eaf16bc07968e013f3f94ab1342472434a39fc3475f11cf341a6c3965974f8e9";
    assert_eq!(seen.messages[0], expected.replace("<64>", digest));
    assert_eq!(seen.messages[1], "- reply type=integer value=1 #4");
    // A character is not cut apart.
    let value = format!("x{}", "é".repeat(MAX_STRING / 2));
    let reply = format!("${}\r\n{value}\r\n", value.len());
    let seen = played::<Resp>(&[s(&reply)]);
    assert!(seen.messages[0].contains(&format!("value=<{}>", MAX_STRING - 1)), "{seen:?}");
}

#[test]
fn long_messages_list_their_beginning_and_the_rest_is_digested() {
    let many = MAX_ITEMS + 1000;
    let reply = format!("*{many}\r\n{}+OK\r\n", ":1\r\n".repeat(many));
    for at_once in [usize::MAX, 1, 7, 4096] {
        let seen = play::<Resp>(&[s(&reply)], at_once);
        assert_eq!(seen.messages.len(), 2);
        assert!(
            seen.messages[0].contains("cut=( ( len=4008 sha256="),
            "{}",
            &seen.messages[0][seen.messages[0].len() - 200..]
        );
        assert!(seen.messages[0].ends_with(&format!(" ) ) #{}", reply.len() - 5)));
        assert_eq!(seen.messages[1], "- reply type=simple value=OK #5");
    }
    let value = vec![b'y'; MAX_STRING];
    let one = [format!("${}\r\n", value.len()).as_bytes(), &value, b"\r\n"].concat();
    let reply = [b"*40\r\n".as_slice(), &one.repeat(40)].concat();
    let whole = play::<Resp>(&[s(&reply)], usize::MAX);
    assert_eq!(whole, play::<Resp>(&[s(&reply)], 1460));
    let cut = (40 - MAX_KEPT.div_ceil(one.len())) * one.len();
    assert!(whole.messages[0].contains(&format!("cut=( ( len={cut} sha256=")), "{whole:?}");
}

#[test]
fn a_gap_within_a_string_is_known_to_lie_there() {
    let acts =
        [c("GET k\r\nPING\r\n"), s("$10\r\nabc"), Act::Gap(Server, 4), s("hij\r\n+PONG\r\n")];
    check::<Resp>(
        &acts,
        &[
            "1 command command=GET args=( k ) #7",
            "2 command command=PING args=( ) #6",
            "1 reply type=bulk value=abc cut=( ( len=7 ) ) #17 !gap",
            "2 reply type=simple value=PONG #7",
        ],
    );
}

#[test]
fn a_gap_elsewhere_loses_the_framing_and_the_pairing() {
    let acts = [
        c("GET k\r\n"),
        s("*2\r\n:1\r\n"),
        Act::Gap(Server, 9),
        s("rest of it\r\n:5\r\n"),
        c("PING\r\n"),
        s("+PONG\r\n"),
    ];
    let seen = check::<Resp>(
        &acts,
        &[
            "1 command command=GET args=( k ) #7",
            "1 reply type=array value=( 1 ) #8 !gap !cut-short short@8 elements",
            "- reply type=integer value=5 #4",
            "- command command=PING args=( ) #6",
            "- reply type=simple value=PONG #7",
        ],
    );
    assert_eq!(seen.skipped, [(Server, Unread::RespGap, 12)]);
}

#[test]
fn a_close_within_a_message_is_an_error_of_it() {
    for (bytes, expected) in [
        ("$5\r\nhel", "- reply type=bulk #7 !cut-short short@7 string"),
        ("$5\r\n", "- reply type=bulk #4 !cut-short short@4 elements"),
        ("*2\r\n:1\r\n", "- reply type=array value=( 1 ) #8 !cut-short short@8 elements"),
        ("*2\r\n:1\r\n:2", "- reply type=array value=( 1 ) #10 !cut-short short@10 line"),
        (":2", "- reply type=integer #2 !cut-short short@2 line"),
    ] {
        for clean in [true, false] {
            check::<Resp>(&[s(bytes), Act::Close(Server, clean)], &[expected]);
        }
    }
    check::<Resp>(
        &[c("*2\r\n$3\r\nGET\r\n$1\r\n"), Act::Close(Client, true)],
        &["1 command command=GET args=( ) #17 !cut-short short@17 elements"],
    );
}

#[test]
fn ten_thousand_pipelined_commands_keep_their_numbers() {
    let commands = "*1\r\n$4\r\nPING\r\n".repeat(16);
    let acts: Vec<_> = (0..625).flat_map(|_| [c(&commands), s("+PONG\r\n".repeat(16))]).collect();
    let seen = play::<Resp>(&acts, 1448);
    assert_eq!(seen.messages.len(), 20_000);
    assert_eq!(seen.messages.last().unwrap(), "10000 reply type=simple value=PONG #7");
    assert_eq!(seen.skipped, []);
}

const PIECES: [&[u8]; 24] = [
    b"*1\r\n$4\r\nPING\r\n",
    b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$2\r\n\r\n\r\n",
    b"*2\r\n$9\r\nSUBSCRIBE\r\n$1\r\na\r\n",
    b"PING\r\n",
    b"CLIENT REPLY SKIP\r\n",
    b"\r\n",
    b"+OK\r\n",
    b"-ERR x\r\n",
    b":1\r\n",
    b"$-1\r\n",
    b"$3\r\nabc\r\n",
    b"$0\r\n\r\n",
    b"*2\r\n",
    b"%1\r\n+a\r\n",
    b"|1\r\n+a\r\n:1\r\n",
    b">2\r\n+message\r\n+x\r\n",
    b"*0\r\n",
    b"$?\r\n",
    b"$12\r\nabc",
    b"(1",
    b"#t\r\n",
    b",1.5\r\n",
    b"*1\r\n*1\r\n*1\r\n",
    b"\n",
];

proptest! {
    #[test]
    fn any_segmentation_decodes_alike(acts in acts(PIECES.to_vec()), cut in 1usize..20) {
        prop_assert_eq!(play::<Resp>(&acts, cut), play::<Resp>(&acts, usize::MAX));
    }

    #[test]
    fn every_byte_is_accounted_for(acts in acts(PIECES.to_vec())) {
        let mut acts = acts;
        acts.extend([Act::Close(Client, true), Act::Close(Server, true)]);
        let seen = play::<Resp>(&acts, usize::MAX);
        let skipped: u64 = seen.skipped.iter().map(|it| it.2).sum();
        // A gap within a string counts as part of its message.
        let gaps: u64 = acts.iter().map(|it| if let Act::Gap(_, len) = it { *len } else { 0 }).sum();
        prop_assert!((sent(&acts)..=sent(&acts) + gaps).contains(&(seen.len + skipped)), "{:?}", seen);
    }
}
