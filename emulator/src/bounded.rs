//! Request bodies within limits, whoever reads them or does not.

use std::pin::Pin;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::limits;

/// What is told of it.
pub(crate) const TOO_LARGE: &str = "the request body is larger than 64 KiB";

/// A body that is larger than the limit, or that broke off.
pub(crate) struct TooLarge;

impl IntoResponse for TooLarge {
    fn into_response(self) -> Response {
        (StatusCode::PAYLOAD_TOO_LARGE, format!("{TOO_LARGE}\n")).into_response()
    }
}

/// Refuses what is too large, also where a handler would not look at it.
pub(crate) async fn bounded(request: Request, next: Next) -> Response {
    match whole(request).await {
        Ok(request) => next.run(request).await,
        Err(too_large) => too_large.into_response(),
    }
}

/// The request with all of its body.
pub(crate) async fn whole(request: Request) -> Result<Request, TooLarge> {
    let (parts, body) = request.into_parts();
    Ok(Request::from_parts(parts, Body::from(read(body).await?)))
}

/// The whole body. The rest of one that is too large is read and dropped: a client that is still sending would otherwise
/// see a reset connection in the place of the 413.
pub(crate) async fn read(mut body: Body) -> Result<Bytes, TooLarge> {
    let mut kept = Vec::new();
    let mut total = 0;
    while let Some(frame) = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        let Ok(data) = frame.map_err(|_| TooLarge)?.into_data() else {
            continue;
        };
        total += data.len();
        if total > limits::DRAIN {
            return Err(TooLarge);
        }
        if total <= limits::BODY {
            kept.extend_from_slice(&data);
        }
    }
    if total <= limits::BODY { Ok(kept.into()) } else { Err(TooLarge) }
}
