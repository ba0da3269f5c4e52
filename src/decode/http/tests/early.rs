//! Answers that were captured before what they answer.

use super::*;

const ASKED: &str = "GET /a 0.9 headers() body( 0) #10";
const BODY: &str = "\x7fPNG\r\n\x1a\nimage\n";

fn from_start(acts: &[Act]) -> Seen {
    let play = |at_once| {
        let mut http = Http::new(false);
        http.begins_connection();
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
fn a_response_with_a_head_waits_only_where_its_request_cannot_be_lost() {
    let acts = [
        s("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"),
        c("HEAD /a HTTP/1.1\r\n\r\n"),
        c("GET /b HTTP/1.1\r\n\r\n"),
        s("HTTP/1.1 204 No\r\n\r\n"),
    ];
    let seen = from_start(&acts);
    let shown: Vec<_> =
        seen.messages.iter().map(|it| it.split(" headers").next().unwrap()).collect();
    assert_eq!(shown, ["HEAD /a 1.1", "1.1 200 OK", "GET /b 1.1", "1.1 204 No"]);
    assert!(seen.messages[1].ends_with("<- HEAD /a ") && seen.messages[3].ends_with("<- GET /b "));
    // A capture that begins in the middle has an answer first by itself.
    let half = played(&[s("HTTP/1.1 204 No\r\n\r\n"), c("GET /b HTTP/1.1\r\n\r\n")]);
    assert_eq!(half.messages[0], "1.1 204 No headers() body( 0) #19");
}

#[test]
fn an_answer_that_nothing_asks_for_is_given_out_with_the_end() {
    let seen = from_start(&[
        s("HTTP/1.1 408 Late\r\n\r\n"),
        Act::Close(Server, true),
        Act::Close(Client, true),
    ]);
    assert_eq!(seen.messages, ["1.1 408 Late headers() body( 0) #21"]);
    let asked_late = from_start(&[
        s("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"),
        c("POST /a HTTP/1.1\r\nContent-Length: 3\r\n\r\na"),
        c("bc"),
    ]);
    assert!(asked_late.messages[0].ends_with("<- POST /a "), "{asked_late:?}");
    assert_eq!(asked_late.bodies, [&b"hi"[..], b"abc"]);
}
