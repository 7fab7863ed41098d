//! Reading a response, up to the limit.

use grantline_core::{
    HttpFailure, HttpFailureKind, HttpReply, HttpResponse, MAX_RESPONSE_BODY, SecretBytes, Sent,
};
use reqwest::Response;
use zeroize::Zeroizing;

use super::failure;

/// Enough for nearly every token response whose length is not told, so that it is seldom copied.
const USUAL_BODY: usize = 4 * 1024;

/// Reads the response to its end.
pub(super) async fn read(mut response: Response) -> HttpReply {
    let status = response.status().as_u16();
    let headers = response
        .headers()
        .iter()
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    Ok(HttpResponse { status, headers, body: body(&mut response).await? })
}

async fn body(response: &mut Response) -> Result<SecretBytes, HttpFailure> {
    // What is reserved is wiped afterwards, so it is no more than is needed.
    let told = response.content_length().and_then(|length| usize::try_from(length).ok());
    let mut body = Zeroizing::new(Vec::with_capacity(told.unwrap_or(USUAL_BODY).min(MAX_RESPONSE_BODY)));
    while let Some(chunk) = response.chunk().await.map_err(|error| failure::while_reading(&error))? {
        if body.len() + chunk.len() > MAX_RESPONSE_BODY {
            return Err(too_large());
        }
        append(&mut body, &chunk);
    }
    Ok(SecretBytes::new(std::mem::take(&mut *body)))
}

/// As `extend_from_slice`, which would leave the outgrown buffer behind with what is in it.
fn append(body: &mut Zeroizing<Vec<u8>>, chunk: &[u8]) {
    let needed = body.len() + chunk.len();
    if needed > body.capacity() {
        let mut larger = Zeroizing::new(Vec::with_capacity(needed.next_power_of_two()));
        larger.extend_from_slice(body);
        *body = larger;
    }
    body.extend_from_slice(chunk);
}

fn too_large() -> HttpFailure {
    let detail = format!("reading stopped at {MAX_RESPONSE_BODY} bytes");
    HttpFailure { kind: HttpFailureKind::BodyTooLarge, sent: Sent::Maybe, detail }
}
