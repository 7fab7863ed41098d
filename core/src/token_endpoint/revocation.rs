//! The revocation endpoint (RFC 7009).

use super::{TokenRequest, post, response};
use crate::directory;
use crate::error::Error;
use crate::flow::Io;
use crate::provider::Asking;
use crate::registration::Registration;
use crate::secret::RefreshToken;

/// Has the server forget a refresh token, and with it the grant. It is done as well if the server does not know that
/// token (RFC 7009 section 2.2).
///
/// Errors: `endpoint_missing`, if the provider offers no revocation.
pub(crate) async fn revoke(io: &Io, registration: &Registration, token: &RefreshToken) -> Result<(), Error> {
    let server = directory::metadata(io, &registration.provider).await?;
    let endpoint = server.revocation_endpoint()?;
    let method = registration.revocation_method(&server);
    let request = TokenRequest::revocation(token);
    let request = request.into_http(endpoint, registration, method, io.http_timeout());
    post(io, registration, Asking::Revocation, request, response::revocation).await
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde_json::{Value, json};

    use super::*;
    use crate::effect::{Effect, Reply};
    use crate::error::{Advice, Endpoint};
    use crate::flow::{Flow, Step};
    use crate::http::{HttpFailure, HttpFailureKind, HttpReply, HttpRequest, HttpResponse, Method, Sent};
    use crate::provider::{ClientAuthenticationMethod, Provider};
    use crate::secret::{ClientSecret, SecretBytes};
    use crate::seed::Seed;
    use crate::time::{Millis, Now, UnixMillis};

    const NOW: Now = Now { wall: UnixMillis(1_000_000_000), boot: Millis(7) };
    const TOKEN: &str = "refresh/token+1";

    fn confidential() -> Registration {
        Registration::new(Provider::visma_connect(), "isv_web").client_secret(ClientSecret::new("s3cret"))
    }

    fn public(provider: Provider) -> Registration {
        Registration::new(provider, "isv_native")
    }

    fn standard() -> Provider {
        let document = r#"{"issuer":"https://a.example","revocation_endpoint":"https://a.example/revoke"}"#;
        Provider::from_metadata("https://a.example", document).unwrap()
    }

    /// The flow, and the request that it sends.
    fn sent(registration: Registration) -> (Flow<()>, HttpRequest) {
        let registration = Arc::new(registration);
        let mut flow = Flow::new(Seed::new([1; 32]), async move |io| {
            revoke(&io, &registration, &RefreshToken::new(TOKEN)).await
        });
        match flow.step(Reply::Start, NOW) {
            Step::Do(Effect::Http(request)) => (flow, request),
            other => panic!("a revocation is sent, and came to {other:?}"),
        }
    }

    fn answered(response: HttpResponse) -> Result<(), Error> {
        outcome(Ok(response))
    }

    fn outcome(reply: HttpReply) -> Result<(), Error> {
        let (mut flow, _) = sent(confidential());
        match flow.step(Reply::Http(reply), NOW) {
            Step::Done(outcome) => outcome,
            other => panic!("one answer is enough, and it came to {other:?}"),
        }
    }

    fn response(status: u16, headers: &[(&str, &str)], body: &str) -> HttpResponse {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        HttpResponse { status, headers, body: SecretBytes::new(body.into()) }
    }

    fn json(status: u16, body: &Value) -> HttpResponse {
        response(status, &[("content-type", "application/json")], &body.to_string())
    }

    fn form(request: &HttpRequest) -> &str {
        std::str::from_utf8(request.body.as_ref().unwrap().expose_secret()).unwrap()
    }

    fn authorization(request: &HttpRequest) -> Option<&str> {
        let header = request.headers.iter().find(|(name, _)| *name == "authorization");
        header.map(|(_, value)| value.expose_secret())
    }

    #[test]
    fn a_client_with_a_secret_authenticates_as_at_the_token_endpoint() {
        let (_, request) = sent(confidential());
        assert_eq!(
            (request.method, &*request.url),
            (Method::Post, "https://connect.visma.com/connect/revocation")
        );
        assert_eq!(
            form(&request),
            "token=refresh%2Ftoken%2B1&token_type_hint=refresh_token&client_id=isv_web&client_secret=s3cret"
        );
        assert_eq!(authorization(&request), None);

        let basic = confidential().client_authentication(ClientAuthenticationMethod::ClientSecretBasic);
        let (_, request) = sent(basic);
        assert_eq!(form(&request), "token=refresh%2Ftoken%2B1&token_type_hint=refresh_token");
        assert_eq!(authorization(&request), Some(&*format!("Basic {}", STANDARD.encode("isv_web:s3cret"))));
    }

    #[test]
    fn a_public_client_names_itself_and_at_visma_connect_by_basic_with_an_empty_secret() {
        let (_, request) = sent(public(standard()));
        assert_eq!(&*request.url, "https://a.example/revoke");
        assert!(form(&request).ends_with("&client_id=isv_native"), "{}", form(&request));
        assert_eq!(authorization(&request), None);

        let (_, request) = sent(public(Provider::visma_connect_staging()));
        assert_eq!(form(&request), "token=refresh%2Ftoken%2B1&token_type_hint=refresh_token");
        assert_eq!(authorization(&request), Some(&*format!("Basic {}", STANDARD.encode("isv_native:"))));
    }

    #[test]
    fn a_good_status_is_all_that_a_good_answer_needs() {
        assert_eq!(answered(response(200, &[], "")), Ok(()));
        assert_eq!(answered(response(200, &[("content-type", "text/html")], "<p>gone</p>")), Ok(()));
        assert_eq!(answered(response(204, &[], "")), Ok(()));
    }

    #[test]
    fn a_refusal_comes_in_the_server_s_words_and_without_the_token() {
        let error =
            json!({"error": "unsupported_token_type", "error_description": format!("no {TOKEN} here")});
        let Err(Error::Server(refusal)) = answered(json(400, &error)) else { panic!("it is refused") };
        assert_eq!((refusal.endpoint, refusal.status), (Endpoint::Revocation, Some(400)));
        assert_eq!(refusal.error, "unsupported_token_type");
        assert_eq!(refusal.description.as_deref(), Some("no [redacted] here"));
        assert_eq!(refusal.advice, Advice::FixConfiguration);
        assert!(
            refusal.to_string().starts_with("the revocation endpoint refused with unsupported_token_type")
        );

        let unauthorized = json(401, &json!({"error": "invalid_client"}));
        assert_eq!(answered(unauthorized).unwrap_err().code(), "invalid_client");
    }

    #[test]
    fn a_server_that_cannot_answer_now_says_when_to_come_again() {
        for response in [
            response(503, &[("Retry-After", "7")], ""),
            response(503, &[("Retry-After", "7"), ("content-type", "text/html")], "<h1>sorry</h1>"),
            response(429, &[("Retry-After", "7"), ("content-type", "application/json")], "{}"),
        ] {
            let error = answered(response).unwrap_err();
            assert_eq!(error.code(), "server_unavailable");
            assert_eq!(error.advice(), Advice::Retry { after: Some(Duration::from_secs(7)) });
        }
    }

    #[test]
    fn what_is_no_answer_to_a_revocation_is_told_apart() {
        let code = |response| answered(response).unwrap_err().code().into_owned();
        assert_eq!(code(response(302, &[("location", "https://evil.example")], "")), "unexpected_redirect");
        assert_eq!(code(response(404, &[("content-type", "text/html")], "<h1>no</h1>")), "not_json");
        assert_eq!(code(response(405, &[], "")), "unexpected_status");
        assert_eq!(code(json(400, &json!({}))), "unexpected_status");
    }

    #[test]
    fn a_request_that_is_lost_names_the_endpoint() {
        let detail = "connection reset".to_owned();
        let lost = HttpFailure { kind: HttpFailureKind::ConnectionLost, sent: Sent::Maybe, detail };
        let Err(Error::Transport(transport)) = outcome(Err(lost)) else { panic!("it is lost") };
        assert_eq!(transport.to, "https://connect.visma.com/connect/revocation");
    }

    #[test]
    fn a_provider_without_revocation_is_sent_nothing() {
        let document = r#"{"issuer":"https://a.example"}"#;
        let registration = Arc::new(public(Provider::from_metadata("https://a.example", document).unwrap()));
        let mut flow = Flow::new(Seed::new([1; 32]), async move |io| {
            revoke(&io, &registration, &RefreshToken::new(TOKEN)).await
        });
        let Step::Done(Err(error)) = flow.step(Reply::Start, NOW) else { panic!("nothing is sent") };
        assert_eq!(error.code(), "endpoint_missing");
        assert!(error.to_string().contains("revocation_endpoint"), "{error}");
    }
}
