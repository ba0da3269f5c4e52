//! Whole conversations, with damage, and cut anyhow.

use proptest::prelude::*;

use super::super::dialogue::{Act, acts, c, check, play, played, s, sent};
use super::super::unread::Unread;
use super::*;
use crate::flow::Side::{Client, Server};

#[test]
fn a_line_is_a_message_with_its_words() {
    let acts = [
        c("get  a\tb\r\n"),
        s("1 2\n"),
        c("\r\n"),
        c("caf\u{e9}\n"),
        s("x"),
        Act::Close(Server, true),
    ];
    check::<Lines>(
        &acts,
        &[
            "1 command line=get  a\tb words=( get a b ) #10",
            "1 reply line=1 2 words=( 1 2 ) #4",
            "2 command line= words=( ) #2",
            "3 command line=café words=( café ) #6",
            "3 reply line=x words=( x ) #1 close",
        ],
    );
    check::<Lines>(
        &[s(b"caf\xe9\n"), s("1714"), Act::Close(Server, false)],
        &[
            "- reply line=[63, 61, 66, e9] words=( [63, 61, 66, e9] ) #5",
            "- reply line=1714 words=( 1714 ) #4 !cut-short short@4 line end",
        ],
    );
}

#[test]
fn replies_with_codes_are_joined_and_paired() {
    let acts = [
        s("220 mx ESMTP\r\n"),
        c("EHLO a\r\n"),
        s("250-mx\r\n250-SIZE 1000\r\n250 HELP\r\n"),
        c("DATA\r\n"),
        s("354 go on\r\n"),
        c("Subject: x\r\n\r\nhello\r\n.\r\nQUIT\r\n"),
        s("250 queued as 42\r\n221 bye\r\n"),
    ];
    check::<Lines>(
        &acts,
        &[
            "- reply code=220 line=220 mx ESMTP words=( 220 mx ESMTP ) #14",
            "1 command line=EHLO a words=( EHLO a ) #8",
            "1 reply code=250 line=250-mx words=( 250-mx ) more=( ( line=250-SIZE 1000 words=( 250-SIZE 1000 ) ) \
             ( line=250 HELP words=( 250 HELP ) ) ) #33",
            "2 command line=DATA words=( DATA ) #6",
            "2 reply code=354 line=354 go on words=( 354 go on ) #11",
            "3 command line=Subject: x words=( Subject: x ) #12",
            "4 command line= words=( ) #2",
            "5 command line=hello words=( hello ) #7",
            "6 command line=. words=( . ) #3",
            "7 command line=QUIT words=( QUIT ) #6",
            "6 reply code=250 line=250 queued as 42 words=( 250 queued as 42 ) #18",
            "7 reply code=221 line=221 bye words=( 221 bye ) #9",
        ],
    );
    // FTP has free text within, and a line that only looks like more than one is one.
    check::<Lines>(
        &[
            s("211-Features:\r\n MDTM\r\nSIZE\r\n211 End\r\n555-1234\r\n555-1235"),
            Act::Close(Server, true),
        ],
        &[
            "- reply code=211 line=211-Features: words=( 211-Features: ) more=( ( line= MDTM words=( MDTM ) ) \
             ( line=SIZE words=( SIZE ) ) ( line=211 End words=( 211 End ) ) ) #37",
            "- reply code=555 line=555-1234 words=( 555-1234 ) more=( ( line=555-1235 words=( 555-1235 ) ) ) #18 close",
        ],
    );
    check::<Lines>(
        &[s("555-1234\r\n"), Act::Close(Server, false)],
        &["- reply code=555 line=555-1234 words=( 555-1234 ) #10"],
    );
    check::<Lines>(
        &[s("250-a\r\n250-b\r\n"), Act::Close(Server, true)],
        &[
            "- reply code=250 line=250-a words=( 250-a ) more=( ( line=250-b words=( 250-b ) ) ) #14 \
           !cut-short short@14 last line of the reply",
        ],
    );
}

#[test]
fn blocks_of_data_are_those_that_crlf_ends() {
    let acts = [
        c("set k 0 0 7\r\na\r\nb\r\n!\r\n"),
        s("STORED\r\n"),
        c("gets k l\r\nset n 0 0 0 noreply\r\n\r\nincr n 1\r\n"),
        s(b"VALUE k 0 7 17\r\na\r\nb\r\n!\r\nVALUE l 0 2 18\r\n\xff\0\r\nEND\r\n5\r\n"),
        c("stats\r\n"),
        s("STAT pid 9\r\nSTAT time 10\r\nEND\r\n"),
    ];
    check::<Lines>(
        &acts,
        &[
            "1 command line=set k 0 0 7 words=( set k 0 0 7 ) data=a\r\nb\r\n! #22",
            "1 reply line=STORED words=( STORED ) #8",
            "2 command line=gets k l words=( gets k l ) #10",
            "3 command line=set n 0 0 0 noreply words=( set n 0 0 0 noreply ) data= #23",
            "4 command line=incr n 1 words=( incr n 1 ) #10",
            "2 reply line=VALUE k 0 7 17 words=( VALUE k 0 7 17 ) data=a\r\nb\r\n! \
             more=( ( line=VALUE l 0 2 18 words=( VALUE l 0 2 18 ) data=[ff, 00] ) ( line=END words=( END ) ) ) #50",
            "4 reply line=5 words=( 5 ) #3",
            "5 command line=stats words=( stats ) #7",
            "5 reply line=STAT pid 9 words=( STAT pid 9 ) more=( ( line=STAT time 10 words=( STAT time 10 ) ) \
             ( line=END words=( END ) ) ) #31",
        ],
    );
}

#[test]
fn what_is_no_block_is_lines() {
    check::<Lines>(
        &[
            c("set k 0 0 3\r\nhello\r\nset k 0 0 2\r\nhi\r\nset k 0 0 9\r\nhi\r\n"),
            Act::Close(Client, true),
        ],
        &[
            "1 command line=set k 0 0 3 words=( set k 0 0 3 ) #13",
            "2 command line=hello words=( hello ) #7",
            "3 command line=set k 0 0 2 words=( set k 0 0 2 ) data=hi #17",
            "4 command line=set k 0 0 9 words=( set k 0 0 9 ) #13",
            "5 command line=hi words=( hi ) #4",
        ],
    );
    // Each is read twice, which is why not many are.
    let lines = "set k 0 0 60000\r\n".repeat(5000);
    let seen = play::<Lines>(&[c(&lines)], 1000);
    assert_eq!((seen.messages.len(), seen.skipped.len()), (5000, 0));
}

#[test]
fn long_blocks_keep_their_beginning_and_are_digested() {
    let data = "é".repeat(MAX_DATA / 2 + 4);
    let command = format!("set k 0 0 {}\r\nx{data}\r\nget k\r\n", data.len() + 1);
    let seen = played::<Lines>(&[c(&command)]);
    let start = format!("1 command line=set k 0 0 {} words=( ", data.len() + 1);
    assert!(seen.messages[0].starts_with(&start), "{seen:?}");
    assert!(
        seen.messages[0].contains(&format!("data=<{}> cut=( ( len=9 sha256=", MAX_DATA - 1)),
        "{seen:?}"
    );
    assert_eq!(seen.messages[1], "2 command line=get k words=( get k ) #7");
    let broken = format!("set k 0 0 {}\r\nx{data}!!\r\nget k\r\n", data.len() + 1);
    let seen = played::<Lines>(&[c(&broken)]);
    let error = format!("malformed@{} end of the data", command.len() - 9);
    assert!(seen.messages[0].contains(&format!("data=<{}>", MAX_DATA - 1)), "{seen:?}");
    assert!(seen.messages[0].ends_with(&error), "{seen:?}");
}

#[test]
fn lines_and_replies_are_bounded() {
    let long = format!("{}\nnext\n", "x".repeat(MAX_LINE + 10));
    let seen = check::<Lines>(
        &[c(&long)],
        &[
            &format!(
                "1 command line=<{MAX_LINE}> words=( <{MAX_LINE}> ) #{MAX_LINE} !cut-short limit@{MAX_LINE} bytes of a line"
            ),
            "2 command line=next words=( next ) #5",
        ],
    );
    assert_eq!(seen.skipped, [(Client, Unread::LineTooLong, 11)]);
    let reply = "250-x\r\n".repeat(MAX_LINES + 3) + "250 y\r\n";
    let seen = played::<Lines>(&[s(&reply)]);
    assert_eq!(seen.messages.len(), 2);
    assert!(seen.messages[0].ends_with(&format!("#{}", 7 * MAX_LINES)));
    assert!(seen.messages[1].ends_with("#28"));
    let words = "w ".repeat(MAX_WORDS + 2) + "\r\n";
    let seen = played::<Lines>(&[c(&words)]);
    assert!(seen.messages[0].contains("w w w w w ) #"), "{seen:?}");
}

#[test]
fn a_side_that_turns_binary_is_passed_over() {
    let acts = [
        c("STARTTLS\r\n"),
        s("220 go\r\n"),
        c(b"\x16\x03\x01\x00\x05\x01\n\n\n\n\n"),
        s("250-a\r\n\0\0\0\n250 b\r\n"),
        Act::Gap(Server, 9),
        s("250 c\r\n"),
    ];
    let seen = check::<Lines>(
        &acts,
        &[
            "1 command line=STARTTLS words=( STARTTLS ) #10",
            "1 reply code=220 line=220 go words=( 220 go ) #8",
            "- reply code=250 line=250-a words=( 250-a ) #7",
        ],
    );
    assert_eq!(seen.skipped, [(Client, Unread::LinesTls, 11), (Server, Unread::LinesBinary, 18)]);
}

#[test]
fn a_gap_drops_its_line_unless_it_lies_in_a_block() {
    let acts = [
        c("get k\r\nget l\r\n"),
        s("VALUE k 0 9\r\nabc"),
        Act::Gap(Server, 4),
        s("hi\r\nEND\r\nVA"),
        Act::Gap(Server, 2),
        s("E l 0 1\r\nEND\r\n"),
    ];
    let seen = check::<Lines>(
        &acts,
        &[
            "1 command line=get k words=( get k ) #7",
            "2 command line=get l words=( get l ) #7",
            "1 reply line=VALUE k 0 9 words=( VALUE k 0 9 ) data=abc more=( ( line=END words=( END ) ) ) cut=( ( len=6 ) ) #29 !gap",
            "- reply line=END words=( END ) #5",
        ],
    );
    assert_eq!(seen.skipped, [(Server, Unread::LineGap, 11)]);
}

const PIECES: [&[u8]; 22] = [
    b"get k\r\n",
    b"set k 0 0 3\r\nabc\r\n",
    b"set k 0 0 3\r\nabcd\r\n",
    b"set k 0 0 30\r\n",
    b"cas k 0 0 0 1 noreply\r\n\r\n",
    b"VALUE k 0 3 1\r\nabc\r\n",
    b"VALUE k 0 20\r\n",
    b"END\r\n",
    b"STAT pid 1\r\n",
    b"250-a\r\n",
    b"250 b\r\n",
    b"354 go\r\n",
    b".\r\n",
    b"line\n",
    b"\r\n",
    b"\n",
    b"\r",
    b"ab",
    b"caf\xe9 \xe9",
    b"\0",
    b"\x16\x03",
    b"251-c\r\n",
];

proptest! {
    #[test]
    fn any_segmentation_decodes_alike(acts in acts(PIECES.to_vec()), cut in 1usize..20) {
        prop_assert_eq!(play::<Lines>(&acts, cut), play::<Lines>(&acts, usize::MAX));
    }

    #[test]
    fn every_byte_is_accounted_for(acts in acts(PIECES.to_vec())) {
        let mut acts = acts;
        acts.extend([Act::Close(Client, true), Act::Close(Server, true)]);
        let seen = play::<Lines>(&acts, usize::MAX);
        let skipped: u64 = seen.skipped.iter().map(|it| it.2).sum();
        // A gap within a block counts as part of its message.
        let gaps: u64 = acts.iter().map(|it| if let Act::Gap(_, len) = it { *len } else { 0 }).sum();
        prop_assert!((sent(&acts)..=sent(&acts) + gaps).contains(&(seen.len + skipped)), "{:?}", seen);
    }
}
