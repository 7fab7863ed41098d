//! The pump with an engine and a store, and no server.

use std::sync::Arc;

use grantline_core::{
    Attempt, ClientSecret, Effect, Millis, Now, Operation, Provider, RecordOperation, Registration, Reply,
    Scopes, ServiceApp, ServiceTokenRequest, Settings, StoreReply, StoreRequest, TenantChoice, Todo,
};

use super::{Http, Pump};
use crate::outside::Outside;
use crate::stores::Store;
use crate::{clock, entropy, runtime};

pub(crate) fn service_token() -> Operation {
    let registration = Registration::new(Provider::visma_connect(), "isv_service")
        .client_secret(ClientSecret::new("secret"));
    let scopes = Scopes::list(["visma_api:read"]).unwrap();
    let request = ServiceTokenRequest::new(TenantChoice::no_tenant(), scopes);
    Operation::ServiceToken { app: ServiceApp::new(registration).unwrap(), request, newer_than: None }
}

impl Pump {
    fn sharing_service_tokens() -> Arc<Self> {
        let http = Http::Outside(Arc::new(Outside::default()));
        let settings = Settings::default().share_service_tokens();
        Self::start(&settings, http, Store::memory(), runtime::shared().unwrap()).unwrap()
    }

    /// Has the memory do what the engine asks of the store next.
    fn ask_store_once(&self, now: Now) -> StoreRequest {
        let Some(Todo::Do { id, effect: Effect::Store(request), .. }) = self.engine.next() else {
            panic!("the store is asked")
        };
        let reply = self.memory(request.clone());
        self.engine.reply(id, Reply::Store(reply), now);
        request
    }

    fn memory(&self, request: StoreRequest) -> StoreReply {
        self.store.perform(request, &self.stores, |_| ()).unwrap()
    }
}

#[test]
fn a_lease_is_not_taken_on_a_decision_that_is_too_old() {
    let pump = Pump::sharing_service_tokens();
    let now = clock::now();
    let decided = Now { boot: Millis(now.boot.0 - 3000), ..now };
    pump.engine.begin(service_token(), entropy::seed().unwrap(), decided);
    for _load_and_create in 0..2 {
        pump.ask_store_once(decided);
    }
    let Some(Todo::Do { id, effect: Effect::Store(begin), deadline }) = pump.engine.next() else {
        panic!("the store is asked")
    };
    let StoreRequest::On { key, operation: RecordOperation::Begin { ttl, .. } } = &begin else {
        panic!("{begin:?}")
    };
    let another = RecordOperation::Begin { attempt: Attempt(7), ttl: *ttl };
    let another = StoreRequest::On { key: key.clone(), operation: another };
    pump.perform(id, Effect::Store(begin), deadline);
    assert!(matches!(pump.memory(another), StoreReply::Begun { .. }), "the lease is free");
}
