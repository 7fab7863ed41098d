//! A login from a known seed, byte for byte: the `ChaCha20` key stream of RFC 8439 under the key 00 01 .. 1f, worked out
//! by another implementation, in the order verifier, state, nonce, cookie, session.

use grantline_core::{
    BegunLogin, LoginApp, LoginRequest, NativeApp, Provider, Registration, Reply, Scopes, Seed, Step, WebApp,
};
use serde_json::Value;

use crate::NOW;

const VERIFIER: &str = "Of0rfdnFGWqNvQN3uNxKSYo12G-83mrMssx9TNjqJJI";
const STATE: &str = "KyPM56JgI6s_Du9pOsh_ZCWCNeqx96MtwidioEhbQQw";
const COOKIE: &str = "cggIbdHuPF2dgVgkZA4APJug9l7eXVnODSpKfzGVWs0";

fn registration() -> Registration {
    Registration::new(Provider::visma_connect(), "isv_invoices").redirect_uri("https://app.example/callback")
}

fn begin(app: &LoginApp, scopes: &[&str]) -> BegunLogin {
    let request = LoginRequest::new(Scopes::list(scopes.iter().copied()).unwrap());
    let seed = Seed::new(std::array::from_fn(|place| u8::try_from(place).unwrap()));
    match app.begin_login(request, seed).step(Reply::Start, NOW) {
        Step::Done(Ok(begun)) => begun,
        other => panic!("a login begins at once, and came to {other:?}"),
    }
}

fn member(begun: &BegunLogin, name: &str) -> Value {
    let record = begun.pending.to_record().unwrap();
    serde_json::from_str::<Value>(record.expose_secret()).unwrap()[name].clone()
}

#[test]
fn a_web_login_comes_out_byte_for_byte() {
    let begun = begin(&WebApp::new(registration()).unwrap(), &["openid", "visma_api:read"]);
    assert_eq!(
        begun.url,
        "https://connect.visma.com/connect/authorize?response_type=code&client_id=isv_invoices\
         &redirect_uri=https%3A%2F%2Fapp.example%2Fcallback&scope=openid+visma_api%3Aread\
         &state=KyPM56JgI6s_Du9pOsh_ZCWCNeqx96MtwidioEhbQQw\
         &nonce=GLhCMa3mptETYVxhr0NOJ_ix8_XhrVtc7Pj8Eio1dVw\
         &code_challenge=m1OKzDdsuHS0RHAhfGb0rDvKNucCfsUElMiZx_PfuTE&code_challenge_method=S256"
    );
    assert_eq!(member(&begun, "code_verifier"), VERIFIER);
    assert_eq!(member(&begun, "session"), "d5924aa7dc2df2423b728e29ef8aa76c");
    let binding = begun.binding.unwrap();
    assert_eq!(binding.expose_value(), COOKIE);
    assert_eq!(
        binding.set_cookie().expose_secret(),
        format!(
            "__Host-grantline-3_CYpXTvU5Qj={COOKIE}; Path=/; Max-Age=600; Secure; HttpOnly; SameSite=None"
        )
    );
}

#[test]
fn a_native_login_without_openid_draws_neither_nonce_nor_cookie() {
    let begun = begin(&NativeApp::new(registration()).unwrap(), &["api"]);
    assert_eq!(
        begun.url,
        "https://connect.visma.com/connect/authorize?response_type=code&client_id=isv_invoices\
         &redirect_uri=https%3A%2F%2Fapp.example%2Fcallback&scope=api\
         &state=KyPM56JgI6s_Du9pOsh_ZCWCNeqx96MtwidioEhbQQw\
         &code_challenge=m1OKzDdsuHS0RHAhfGb0rDvKNucCfsUElMiZx_PfuTE&code_challenge_method=S256"
    );
    assert_eq!(begun.pending.state(), STATE);
    assert_eq!(member(&begun, "nonce"), Value::Null);
    assert_eq!(member(&begun, "binding_hash"), Value::Null);
    assert_eq!(begun.binding, None);
}
