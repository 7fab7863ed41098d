//! A session as it is stored: a versioned record.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::error::{Error, Misuse};
use crate::flow::Io;
use crate::login::{Grant, Held};
use crate::scopes::Scopes;
use crate::secret::{BearerToken, RawIdToken, RefreshToken, SecretBytes};
use crate::seed::Draws;
use crate::store::{Record, RecordKey};
use crate::time::{Now, UnixMillis};
use crate::token::{AccessToken, Generation, Life};

/// What is kept of a session.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SessionRecord {
    pub(crate) access_token: AccessToken,
    pub(crate) refresh_token: Option<RefreshToken>,
    pub(crate) id_token: Option<RawIdToken>,
    pub(crate) app_data: Option<String>,
}

/// The record as it is written, version 1. Members may be added; none changes its meaning within a version.
#[derive(Serialize, Deserialize)]
struct RecordV1 {
    v: u64,
    access_token: Zeroizing<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    obtained_ms: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lifetime_s: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refresh_token: Option<Zeroizing<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id_token: Option<Zeroizing<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    app_data: Option<String>,
}

#[derive(Deserialize)]
struct AnyVersion {
    v: u64,
}

impl SessionRecord {
    pub(crate) fn new(grant: Grant, app_data: Option<String>) -> Self {
        let Grant { access_token, refresh_token, id_token } = grant;
        Self { access_token, refresh_token, id_token, app_data }
    }

    /// A service token, which has nothing beside it.
    pub(crate) fn of_service(access_token: AccessToken) -> Self {
        Self { access_token, refresh_token: None, id_token: None, app_data: None }
    }

    /// This session after a refresh: what the server left out stays as it was (RFC 6749 section 6). So does the ID token:
    /// that of the login was verified, and the one of a refresh is only compared with it.
    pub(crate) fn rotated(self, grant: Grant) -> Self {
        Self {
            access_token: grant.access_token,
            refresh_token: grant.refresh_token.or(self.refresh_token),
            id_token: self.id_token,
            app_data: self.app_data,
        }
    }

    /// What there is to refresh.
    pub(super) fn held(&self) -> Option<Held<'_>> {
        let refresh_token = self.refresh_token.as_ref()?;
        Some(Held { refresh_token, scopes: &self.access_token.scopes, id_token: self.id_token.as_ref() })
    }

    /// Reads what the store keeps under a key.
    pub(crate) fn open(io: &Io, key: &RecordKey, record: &Record) -> Result<Self, Error> {
        let bytes = io.environment().sealing.open(key, record)?;
        Self::read(&bytes, record.generation, io.now())
    }

    /// Makes the record for the store to keep under a key.
    pub(crate) fn seal(&self, io: &Io, key: &RecordKey) -> Result<Record, Error> {
        let (generation, nonce) = (self.access_token.generation, io.draw(Draws::nonce));
        let bytes = io.environment().sealing.seal(key, generation, &self.write()?, nonce)?;
        Ok(Record::new(generation, bytes))
    }

    fn write(&self) -> Result<SecretBytes, Error> {
        let copy = |text: &str| Zeroizing::new(text.to_owned());
        let record = RecordV1 {
            v: 1,
            access_token: copy(self.access_token.expose_secret()),
            scope: self.access_token.scopes.parameter(),
            obtained_ms: self.access_token.obtained.0,
            lifetime_s: self.access_token.life.map(|life| life.lifetime.as_secs()),
            refresh_token: self.refresh_token.as_ref().map(|token| copy(token.expose_secret())),
            id_token: self.id_token.as_ref().map(|token| copy(token.expose_secret())),
            app_data: self.app_data.clone(),
        };
        // A buffer that grows leaves copies behind: it is measured first.
        let unwritten = |_| Error::broken("a session could not be written as JSON");
        let mut length = Length(0);
        serde_json::to_writer(&mut length, &record).map_err(unwritten)?;
        let mut bytes = Zeroizing::new(Vec::with_capacity(length.0));
        serde_json::to_writer(&mut *bytes, &record).map_err(unwritten)?;
        Ok(SecretBytes::new(std::mem::take(&mut *bytes)))
    }

    /// Reads a record of this release or an older one; `now` turns its wall-clock times into a life.
    fn read(bytes: &SecretBytes, generation: Generation, now: Now) -> Result<Self, Error> {
        let bytes = bytes.expose_secret();
        let AnyVersion { v } = serde_json::from_slice(bytes).map_err(|_| Misuse::RecordMalformed)?;
        match v {
            1 => {
                let v1: RecordV1 = serde_json::from_slice(bytes).map_err(|_| Misuse::RecordMalformed)?;
                Ok(v1.into_session(generation, now))
            }
            0 => Err(Misuse::RecordMalformed.into()),
            newer => Err(Misuse::RecordTooNew { version: newer }.into()),
        }
    }
}

/// Counts what is written.
struct Length(usize);

impl std::io::Write for Length {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl RecordV1 {
    fn into_session(self, generation: Generation, now: Now) -> SessionRecord {
        let obtained = UnixMillis(self.obtained_ms);
        let life = |seconds| Life::resumed(obtained, Duration::from_secs(seconds), now);
        let access_token = AccessToken {
            secret: BearerToken::new(self.access_token.as_str()),
            scopes: self.scope.as_deref().and_then(Scopes::granted).unwrap_or_else(Scopes::all_allowed),
            obtained,
            life: self.lifetime_s.map(life),
            generation,
            saved: true,
        };
        SessionRecord {
            access_token,
            refresh_token: self.refresh_token.map(|token| RefreshToken::new(token.as_str())),
            id_token: self.id_token.map(|token| RawIdToken::new(token.as_str())),
            app_data: self.app_data,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Millis;
    use crate::token::Freshness;

    const NOW: Now = Now { wall: UnixMillis(1_000_000_000), boot: Millis(7) };

    fn read(json: &str, now: Now) -> Result<SessionRecord, Error> {
        let bytes = SecretBytes::new(json.as_bytes().to_vec());
        SessionRecord::read(&bytes, Generation(3), now)
    }

    /// A record of version 1 as the first release wrote it: it has to stay readable for ever.
    const FIRST_V1: &str = r#"{"v":1,"access_token":"at","scope":"openid a","obtained_ms":1000000000,"lifetime_s":3600,"refresh_token":"rt","id_token":"it","app_data":"{}"}"#;

    #[test]
    fn the_first_release_s_record_is_read_and_written_back_unchanged() {
        let session = read(FIRST_V1, NOW).unwrap();
        assert_eq!(session.access_token.freshness(NOW), Freshness::Fresh);
        assert_eq!(session.write().unwrap().expose_secret(), FIRST_V1.as_bytes());
    }

    #[test]
    fn a_record_from_the_future_is_read_and_its_token_is_not_fresh() {
        let earlier = Now { wall: UnixMillis(NOW.wall.0 - 1), boot: NOW.boot };
        let session = read(FIRST_V1, earlier).unwrap();
        assert_eq!(session.access_token.freshness(earlier), Freshness::Expired);
    }

    #[test]
    fn a_stored_token_counts_its_age_although_the_machine_restarted() {
        let later = Now { wall: UnixMillis(NOW.wall.0 + 3_595_000), boot: Millis(1) };
        assert_eq!(read(FIRST_V1, later).unwrap().access_token.freshness(later), Freshness::Expired);
    }

    #[test]
    fn a_truncated_or_newer_record_is_told_apart_and_refused() {
        let code = |json: &str| read(json, NOW).unwrap_err().code().into_owned();
        assert_eq!(code(&FIRST_V1[..40]), "record_malformed");
        assert_eq!(code(r#"{"v":1}"#), "record_malformed");
        assert_eq!(code(r#"{"v":2,"anything":1}"#), "record_too_new");
    }
}
