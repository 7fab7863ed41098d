//! Test controls: what became of the grants, logins without pages, grants without a login, lifetimes, answers that get
//! lost.

use std::collections::HashMap;
use std::time::Duration;

use grantline_emulator::{CannedReply, GrantEnd, GrantError, GrantReport, GrantRequest};
use reqwest::Method;
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::requests::{Request, refresh};
use crate::support::{Answer, World, both, claims, visma};

const ANNA: &str = "anna@example.com";

async fn post(world: &World, path: &str, body: Value) -> Answer {
    world.send(Method::POST, path, &[("content-type", "application/json")], body.to_string()).await
}

fn begin(world: &World, client_id: &str) -> String {
    let begun = world.emulator.begin_grants(&GrantRequest::new(client_id, ANNA)).unwrap();
    begun[0].refresh_token.clone()
}

fn only(world: &World, client_id: &str) -> GrantReport {
    let mut grants = world.emulator.grants(client_id);
    assert_eq!(grants.len(), 1, "{grants:?}");
    grants.remove(0)
}

fn counts(grant: &GrantReport) -> [u64; 4] {
    [grant.rotation, grant.refreshes, grant.replays_in_grace, grant.replays_refused]
}

#[tokio::test]
async fn a_login_is_listed_with_how_often_it_was_refreshed_and_replayed() {
    for world in both() {
        let tokens = Request::web().tokens(&world).await;
        assert_eq!(counts(&only(&world, "isv_web")), [0, 0, 0, 0]);
        let first = tokens["refresh_token"].as_str().unwrap();
        refresh(&world, "isv_web", first).await;
        refresh(&world, "isv_web", first).await;
        assert_eq!(counts(&only(&world, "isv_web")), [2, 1, 1, 0]);
        world.emulator.advance_clock(Duration::from_secs(60));
        refresh(&world, "isv_web", first).await;
        let listed = world.get("/admin/grants?client_id=isv_web").await;
        let expected = json!({
            "id": 1, "client_id": "isv_web", "sub": "a0a0a0a0-0000-4000-8000-000000000001",
            "sid": claims(&tokens["access_token"])["sid"],
            "scopes": ["openid", "offline_access", "visma_api:read"],
            "rotation": 2, "refreshes": 1, "replays_in_grace": 1, "replays_refused": 1, "ended": null,
        });
        assert_eq!(listed.json(), json!({"count": 1, "grants": [expected]}));
        assert!(!listed.body.contains(first));
    }
}

#[tokio::test]
async fn under_re_use_every_exchange_counts_and_nothing_rotates() {
    let world = visma();
    let token = begin(&world, "isv_web_reuse");
    for _ in 0..3 {
        assert_eq!(refresh(&world, "isv_web_reuse", &token).await.status, 200);
    }
    assert_eq!(counts(&only(&world, "isv_web_reuse")), [0, 3, 0, 0]);
}

#[tokio::test]
async fn the_list_tells_why_a_grant_ended() {
    let world = World::changed("isv_web", |app| {
        app.grace_s = 0;
        app.revoke_family_on_reuse = true;
    });
    let token = begin(&world, "isv_web");
    assert_eq!(only(&world, "isv_web").ended, None);
    refresh(&world, "isv_web", &token).await;
    refresh(&world, "isv_web", &token).await;
    assert_eq!(only(&world, "isv_web").ended, Some(GrantEnd::Replayed));
    begin(&world, "isv_native");
    world.emulator.advance_clock(Duration::from_secs(366 * 86_400));
    assert_eq!(only(&world, "isv_native").ended, Some(GrantEnd::Expired));
}

#[tokio::test]
async fn a_grant_without_a_login_is_refreshed_like_any_other() {
    for world in both() {
        let request =
            json!({"client_id": "isv_web", "username": ANNA, "scopes": ["openid", "offline_access"]});
        let begun = post(&world, "/admin/grants", request).await.json();
        assert_eq!(begun["grants"][0]["id"], 1);
        let token = begun["grants"][0]["refresh_token"].as_str().unwrap();
        let tokens = refresh(&world, "isv_web", token).await.json();
        assert_eq!(tokens["scope"], "openid offline_access");
        assert_eq!(claims(&tokens["id_token"])["sub"], "a0a0a0a0-0000-4000-8000-000000000001");
        assert_eq!(claims(&tokens["access_token"])["tenant_id"], "11111111-1111-4111-8111-111111111111");
    }
}

#[tokio::test]
async fn many_grants_are_begun_at_once_and_each_is_of_its_own_login() {
    let world = visma();
    let begun = world.emulator.begin_grants(&GrantRequest::new("isv_web", ANNA).count(1000)).unwrap();
    assert_eq!(begun.iter().map(|grant| grant.id).collect::<Vec<_>>(), (1..=1000).collect::<Vec<_>>());
    refresh(&world, "isv_web", &begun[999].refresh_token).await;
    let one = world.get("/admin/grants?id=1000").await.json();
    assert_eq!((&one["count"], &one["grants"][0]["refreshes"]), (&json!(1), &json!(1)));
    let sids: std::collections::HashSet<_> =
        world.emulator.grants("isv_web").into_iter().map(|grant| grant.sid).collect();
    assert_eq!(sids.len(), 1000);
}

#[tokio::test]
async fn refuses_a_grant_that_no_login_could_give() {
    let world = visma();
    let refused = |request: &GrantRequest| world.emulator.begin_grants(request).unwrap_err();
    for client_id in ["unheard of", "isv_service", "isv_spa"] {
        let request = GrantRequest::new(client_id, ANNA);
        assert_eq!(refused(&request), GrantError::Application(client_id.to_owned()));
    }
    let nobody = GrantRequest::new("isv_web", "nobody@example.com");
    assert_eq!(refused(&nobody), GrantError::User("nobody@example.com".to_owned()));
    for scopes in [vec!["openid"], vec!["offline_access", "other:read"]] {
        let scopes = Some(scopes.into_iter().map(str::to_owned).collect());
        assert_eq!(
            refused(&GrantRequest { scopes, ..GrantRequest::new("isv_web", ANNA) }),
            GrantError::Scopes
        );
    }
    for count in [0, 100_001] {
        assert_eq!(refused(&GrantRequest::new("isv_web", ANNA).count(count)), GrantError::Count(count));
    }
    let answer = post(&world, "/admin/grants", json!({"client_id": "isv_spa", "username": ANNA})).await;
    assert_eq!(answer.status, 400);
    assert!(answer.json()["error"].as_str().unwrap().contains("isv_spa"), "{}", answer.body);
}

#[tokio::test]
async fn a_login_without_its_pages_gives_what_the_browser_would_bring_back() {
    for world in both() {
        for mode in ["query", "form_post"] {
            let request = Request::web().with("response_mode", mode);
            let login = json!({"url": world.url(&request.path()), "username": ANNA});
            let landing = post(&world, "/admin/logins", login).await.json();
            assert_eq!(landing["redirect_uri"], "https://app.example/callback");
            let response = landing["response"].as_str().unwrap();
            let response: HashMap<_, _> = form_urlencoded::parse(response.as_bytes()).into_owned().collect();
            assert_eq!(
                (response["state"].as_str(), response["iss"].as_str()),
                ("the-state", world.emulator.issuer())
            );
            let tokens = request.exchange(&world, &response["code"]).await.json();
            assert_eq!(claims(&tokens["id_token"])["nonce"], "the-nonce");
            assert_eq!(claims(&tokens["id_token"])["sub"], "a0a0a0a0-0000-4000-8000-000000000001");
        }
        assert_eq!(world.emulator.grants("isv_web").len(), 2);
    }
}

#[tokio::test]
async fn a_login_without_its_pages_is_refused_where_a_browser_would_be() {
    let world = visma();
    let refused = |request: Request, user: &str| {
        world.emulator.log_in(&world.url(&request.path()), user).unwrap_err().to_string()
    };
    assert!(refused(Request::web(), "nobody@example.com").contains("nobody@example.com"));
    assert!(refused(Request::web().without("scope"), ANNA).contains("invalid_scope"));
    assert!(
        refused(Request::web().with("redirect_uri", "https://evil.example"), ANNA).contains("not registered")
    );
    let mfa = Request::web().with("acr_values", "urn:idp:vismaconnect:mfa");
    assert!(refused(mfa.clone(), "bo@example.com").contains("multi-factor"));
    world.emulator.log_in(&world.url(&mfa.path()), ANNA).unwrap();
}

#[tokio::test]
async fn the_lifetime_of_access_tokens_is_set_for_one_application_from_then_on() {
    for world in both() {
        let lifetime = json!({"client_id": "isv_web", "access_token_s": 0});
        assert_eq!(post(&world, "/admin/lifetimes", lifetime).await.status, 204);
        let tokens = refresh(&world, "isv_web", &begin(&world, "isv_web")).await.json();
        let claims = claims(&tokens["access_token"]);
        assert_eq!((&tokens["expires_in"], &claims["exp"]), (&json!(0), &claims["iat"]));
        let expired = world.get_with_token("/api/invoices", tokens["access_token"].as_str().unwrap()).await;
        assert_eq!(expired.status, 401);
        let other = refresh(&world, "isv_native", &begin(&world, "isv_native")).await.json();
        assert_eq!(other["expires_in"], 3600);
        world.emulator.set_access_token_lifetime("isv_web", 7);
        let tokens = refresh(&world, "isv_web", tokens["refresh_token"].as_str().unwrap()).await.json();
        assert_eq!(tokens["expires_in"], 7);
    }
}

#[tokio::test]
async fn an_answer_is_dropped_after_the_token_was_rotated() {
    let world = visma();
    let token = begin(&world, "isv_web");
    let reply = json!({"path": "/connect/token", "client_id": "isv_web", "drop_answer": true});
    assert_eq!(post(&world, "/admin/replies", reply).await.status, 204);
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", &*token),
        ("client_id", "isv_web"),
        ("client_secret", "web:secret+100%25&more"),
    ];
    world.token_without_answer(&form).await;
    assert_eq!(counts(&only(&world, "isv_web")), [1, 1, 0, 0]);
    assert_eq!(refresh(&world, "isv_web", &token).await.status, 200);
    assert_eq!(counts(&only(&world, "isv_web")), [2, 1, 1, 0]);
}

#[tokio::test]
async fn a_prepared_answer_can_be_dropped_without_the_request_being_processed() {
    let world = visma();
    let token = begin(&world, "isv_web");
    let reply = CannedReply { drop_answer: true, ..CannedReply::json("/connect/token", 500, "{}") };
    world.emulator.reply_next(reply).unwrap();
    world.token_without_answer(&[("refresh_token", &token)]).await;
    assert_eq!(counts(&only(&world, "isv_web")), [0, 0, 0, 0]);
}
