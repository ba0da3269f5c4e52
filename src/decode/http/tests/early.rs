//! Answers that were captured before what they answer.

use super::*;

const ASKED: &str = "GET /a 0.9 headers() body( 0) #10";
const BODY: &str = "\x7fPNG\r\n\x1a\nimage\n";

fn from_start(acts: &[Act]) -> Seen {
    let play = |at_once| {
        let mut http = Http::new(false);
        http.is_captured(true);
        play_with(&mut http, &mut Scratch::default(), acts, at_once)
    };
    let whole = play(usize::MAX);
    for at_once in [1, 2, 3, 7] {
        assert_eq!(play(at_once), whole, "{acts:?} cut to {at_once}");
    }
    whole
}

#[test]
fn an_answer_without_a_head_waits_for_its_request() {
    let answer = format!("0.9 headers() body( {0}) #{0} <- GET /a ", BODY.len());
    let (request, closes) =
        (c("GET /a\r\n\r\n"), [Act::Close(Client, true), Act::Close(Server, true)]);
    let [close_client, close_server] = closes;
    for acts in [
        vec![s(BODY), request.clone(), close_server.clone(), close_client.clone()],
        vec![s(BODY), close_server.clone(), request.clone(), close_client.clone()],
        vec![s(BODY), close_server.clone(), c("GET /a\r\n"), c("\r\n"), close_client.clone()],
        vec![s(&BODY[..3]), request.clone(), s(&BODY[3..]), close_client, close_server],
    ] {
        let seen =
            check(&acts, &[ASKED, &answer], &["", &BODY.as_bytes().escape_ascii().to_string()]);
        assert_eq!(seen.skipped, [], "{acts:?}");
    }
}

#[test]
fn what_is_no_answer_to_the_first_request_is_passed_over_as_ever() {
    let get = "GET /a 1.1 headers() body( 0) #19";
    for (acts, messages, skipped) in [
        // The request has a version, so that its answer has a head.
        (vec![s(BODY), c("GET /a HTTP/1.1\r\n\r\n")], vec![get.to_owned()], BODY.len()),
        // The client asks nothing.
        (vec![s(BODY), Act::Close(Client, true), Act::Close(Server, true)], vec![], BODY.len()),
        // Bytes are missing, so that what followed them is not known.
        (vec![s("ab\n"), Act::Gap(Server, 4), c("GET /a\r\n\r\n")], vec![ASKED.to_owned()], 7),
        // It is too much.
        (
            vec![s(vec![b'x'; MAX_EARLY + 1]), c("GET /a\r\n\r\n")],
            vec![ASKED.to_owned()],
            MAX_EARLY,
        ),
    ] {
        let seen = played(&acts);
        assert_eq!(seen.messages, messages);
        assert_eq!(seen.skipped.iter().map(|it| it.2).sum::<u64>(), skipped as u64, "{acts:?}");
    }
}

#[test]
fn a_response_with_a_head_does_not_wait_and_its_request_awaits_no_other() {
    let acts = [
        s("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"),
        c("GET /a HTTP/1.1\r\n\r\n"),
        c("HEAD /b HTTP/1.1\r\n\r\n"),
        s("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"),
        c("GET /c HTTP/1.1\r\n\r\n"),
        s("HTTP/1.1 204 No\r\n\r\n"),
    ];
    let seen = from_start(&acts);
    let answers: Vec<_> = seen.messages.iter().filter(|it| it.starts_with("1.1")).collect();
    assert!(!answers[0].contains("<-"), "{answers:?}");
    assert!(answers[1].ends_with("<- HEAD /b ") && answers[2].ends_with("<- GET /c "));
    // A capture that begins in the middle, or lacks bytes, has an answer first by itself.
    let [answer, first, second, ..] = acts;
    for (acts, asked) in [
        (vec![answer.clone(), first.clone(), s("HTTP/1.1 204 No\r\n\r\n")], "GET /a "),
        (vec![answer, Act::Gap(Client, 9), first, second, s("HTTP/1.1 204 No\r\n\r\n")], "GET /a "),
    ] {
        let seen = if acts.len() == 3 { played(&acts) } else { from_start(&acts) };
        assert!(seen.messages.last().unwrap().ends_with(asked), "{seen:?}");
    }
}

#[test]
fn a_capture_that_begins_within_a_body_shows_no_malformed_request() {
    for (first, is_request) in [
        ("the rest of a body\n", false),
        ("\x01\x02\n", false),
        ("the rest", false),
        ("GET  /a b\n", true),
        ("get /a\n", true),
        ("GET", true),
        ("what is this HTTP/7.0\n\n", true),
    ] {
        let mut http = Http::new(false);
        http.is_captured(false);
        let acts = [c(first), Act::Close(Client, true)];
        let seen = play_with(&mut http, &mut Scratch::default(), &acts, usize::MAX);
        assert_eq!(
            (seen.messages.len(), seen.skipped.len()),
            match is_request {
                true => (1, 0),
                false => (0, 1),
            },
            "{first:?} {seen:?}"
        );
    }
    // Behind a request the next line must be one.
    let mut http = Http::new(false);
    http.is_captured(false);
    let acts = [c("rest\nGET / HTTP/1.1\r\n\r\nwhat is this\n")];
    let seen = play_with(&mut http, &mut Scratch::default(), &acts, usize::MAX);
    assert_eq!(seen.messages.len(), 2, "{seen:?}");
}
