//! Requests beyond all measure: refused, and the emulator goes on.

use grantline_emulator::RequestFilter;
use reqwest::Method;

use crate::checks::refusal;
use crate::support::{FJORD, FORM, visma};

#[tokio::test]
async fn a_body_of_10_mib_is_refused_with_413_and_the_emulator_goes_on() {
    let world = visma();
    for path in ["/connect/token", "/login", "/connect/userinfo"] {
        let answer = world.send(Method::POST, path, &[("content-type", FORM)], vec![b'a'; 10 << 20]).await;
        assert_eq!(answer.status, 413, "{path}");
    }
    let journal = world.emulator.find_requests(&RequestFilter::default());
    let told: Vec<_> = journal.iter().map(|request| (request.status, request.reason.as_deref())).collect();
    assert_eq!(told, [(Some(413), Some("the request body is larger than 64 KiB")); 3]);
    assert_eq!(world.service_token(&[("tenant_id", FJORD)]).await.status, 200);
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused_by_the_test_controls() {
    let headers = [("content-type", "application/json")];
    let answer = visma().send(Method::POST, "/admin/replies", &headers, vec![b' '; 70_000]).await;
    assert_eq!((answer.status, answer.error().as_str()), (413, "the request body is larger than 64 KiB"));
}

#[tokio::test]
async fn bytes_that_are_no_text_are_refused_and_the_emulator_goes_on() {
    let world = visma();
    for body in [&b"\xff\xfe=\x00"[..], b"%", b"%ff%fe&&&==", b"grant_type=%00"] {
        let answer =
            world.send(Method::POST, "/connect/token", &[("content-type", FORM)], body.to_vec()).await;
        assert_eq!(answer.status, 400);
    }
    assert_eq!(world.service_token(&[("tenant_id", FJORD)]).await.status, 200);
}

#[tokio::test]
async fn an_unknown_path_is_a_404_that_names_the_one_that_is_near() {
    let world = visma();
    for (path, words) in [
        ("/connect/tokn", "there is no such endpoint; /connect/token is near"),
        ("/connect/authorize/", "there is no such endpoint; /connect/authorize is near"),
        ("/helth", "there is no such endpoint; /health is near"),
        ("/something/quite/different", "there is no such endpoint"),
    ] {
        assert_eq!(world.get(path).await.status, 404);
        assert_eq!(refusal(&world).await, ("path".to_owned(), words.to_owned()));
    }
}

#[tokio::test]
async fn a_method_that_is_not_taken_is_told_with_those_that_are() {
    let world = visma();
    for (path, allowed, words) in [
        ("/connect/userinfo", "GET,HEAD,POST", "the method is PATCH; GET, HEAD, POST are taken here"),
        ("/connect/endsession/confirm", "POST", "the method is PATCH; POST is taken here"),
    ] {
        let answer = world.send(Method::PATCH, path, &[], "").await;
        assert_eq!((answer.status, answer.header("allow")), (405, Some(allowed)));
        assert_eq!(refusal(&world).await, ("method".to_owned(), words.to_owned()));
    }
}
