//! An operation in progress, in the hands of its caller.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use futures_channel::oneshot;
use grantline_core::{CallId, Error, Operation, Outcome, Output};

use crate::client::ClientState;
use crate::fork::Owned;
use crate::pump::Pump;
use crate::telemetry::OperationSpan;

/// An operation that has begun. Await it under any executor, or [`wait`](Self::wait) for it on any thread.
///
/// Dropping it means that its caller went away: a refresh, or a service token, goes on for the others and is
/// kept; a login's exchange is cancelled.
#[must_use = "an operation is begun for somebody who waits for it"]
pub struct Call<T>(State<T>);

enum State<T> {
    Known(Option<Result<T, Error>>),
    Asked(Owned<Asked<T>>),
    Elsewhere(Owned<Elsewhere<T>>),
}

/// A question to the engine. A pump that has ended has told all its callers before.
struct Asked<T> {
    span: OperationSpan,
    pump: Weak<Pump>,
    id: CallId,
    receiver: oneshot::Receiver<Outcome>,
    is_answered: bool,
    form: Form<T>,
}

/// Makes the operation's own result of an engine's.
pub(crate) type Form<T> = Box<dyn Fn(Output) -> Result<T, Error> + Send + Sync>;

type Elsewhere<T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + Sync>>;

impl<T> Call<T> {
    pub(crate) fn known(outcome: Result<T, Error>) -> Self {
        Self(State::Known(Some(outcome)))
    }

    /// Something that goes on by itself, whoever waits for it.
    pub(crate) fn of(waiting: impl Future<Output = Result<T, Error>> + Send + Sync + 'static) -> Self {
        Self(State::Elsewhere(Owned::new(Box::pin(waiting))))
    }

    pub(crate) fn begin(client: &ClientState, operation: Operation, form: Form<T>) -> Self {
        match Asked::of(client, operation, form) {
            Ok(asked) => Self(State::Asked(Owned::new(asked))),
            Err(error) => Self::known(Err(error)),
        }
    }

    /// Waits on this thread. It works on a runtime's thread too, which does nothing else meanwhile.
    pub fn wait(mut self) -> Result<T, Error>
    where
        T: Unpin,
    {
        loop {
            if let Some(outcome) = self.wait_for(Duration::MAX) {
                return outcome;
            }
        }
    }

    /// Waits on this thread for so long at most; `None` if it is not over by then. For hosts that have to look
    /// after signals meanwhile.
    pub fn wait_for(&mut self, limit: Duration) -> Option<Result<T, Error>>
    where
        T: Unpin,
    {
        let began = Instant::now();
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        loop {
            if let Poll::Ready(outcome) = Pin::new(&mut *self).poll(&mut Context::from_waker(&waker)) {
                return Some(outcome);
            }
            match limit.checked_sub(began.elapsed()) {
                Some(left) if !left.is_zero() => thread::park_timeout(left),
                _ => return None,
            }
        }
    }
}

impl<T: Unpin> Future for Call<T> {
    type Output = Result<T, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let polled = match &mut self.0 {
            State::Known(outcome) => {
                let again = Err(Error::Internal("a call was polled after its end"));
                Some(Poll::Ready(outcome.take().unwrap_or(again)))
            }
            State::Asked(asked) => asked.get_mut().map(|asked| asked.poll(context)),
            State::Elsewhere(waiting) => waiting.get_mut().map(|waiting| waiting.as_mut().poll(context)),
        };
        // In a forked child nobody will ever answer: what was asked goes on in the parent.
        let polled = polled.unwrap_or(Poll::Ready(Err(Error::Cancelled)));
        if polled.is_ready() {
            self.0 = State::Known(None);
        }
        polled
    }
}

impl<T> Asked<T> {
    fn of(client: &ClientState, operation: Operation, form: Form<T>) -> Result<Self, Error> {
        let pump = client.pump()?;
        let span = OperationSpan::of(&operation);
        let (id, receiver) = pump.call(operation)?;
        Ok(Self { span, pump: Arc::downgrade(&pump), id, receiver, is_answered: false, form })
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<T, Error>> {
        let outcome = match Pin::new(&mut self.receiver).poll(context) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(Ok(outcome)) => outcome.and_then(&self.form),
            Poll::Ready(Err(_)) => Err(Error::Cancelled),
        };
        self.is_answered = true;
        self.span.end(outcome.as_ref().err());
        Poll::Ready(outcome)
    }
}

impl<T> Drop for Asked<T> {
    fn drop(&mut self) {
        if !self.is_answered
            && let Some(pump) = self.pump.upgrade()
        {
            pump.forget(self.id);
        }
    }
}

impl<T> std::fmt::Debug for Call<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Call").finish_non_exhaustive()
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

#[cfg(test)]
mod tests {
    use futures_executor::block_on;
    use grantline_core::{
        ClientSecret, HttpResponse, Provider, Registration, Scopes, SecretBytes, ServiceTokenRequest,
        TenantChoice, Todo,
    };

    use super::*;
    use crate::pump::tests::service_token;
    use crate::{Client, HttpWork, clock, entropy};

    fn answer() -> HttpResponse {
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        let body = br#"{"access_token":"at","token_type":"Bearer","expires_in":3600}"#;
        HttpResponse { status: 200, headers, body: SecretBytes::new(body.to_vec()) }
    }

    #[test]
    fn who_has_the_answer_leaves_the_engine_alone() {
        let client = Client::builder().http_outside().build().unwrap();
        let registration = Registration::new(Provider::visma_connect(), "isv_other")
            .client_secret(ClientSecret::new("secret"));
        let request = ServiceTokenRequest::new(TenantChoice::no_tenant(), Scopes::all_allowed());
        let call = client.service_app(registration).unwrap().token(request);
        let Some(HttpWork::Perform { id, .. }) = block_on(client.next_http_work()) else {
            panic!("a request waits")
        };
        client.reply_http(id, Ok(answer()));

        let State::Asked(asked) = &call.0 else { panic!("it was asked") };
        let pump = asked.get().unwrap().pump.upgrade().unwrap();
        pump.engine.begin(service_token(), entropy::seed().unwrap(), clock::now());
        call.wait().unwrap();
        assert!(matches!(pump.engine.next(), Some(Todo::Do { .. })), "nobody has come by");
    }
}
