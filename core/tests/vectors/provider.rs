//! Providers as the cases describe them.

use grantline_core::{Error, Provider};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(untagged)]
pub enum ProviderChoice {
    Discover { discover: String },
    Profile { profile: String, issuer: Option<String> },
    Metadata { issuer: String, metadata: Value },
}

impl ProviderChoice {
    pub fn make(&self) -> Result<Provider, Error> {
        match self {
            Self::Discover { discover } => Provider::discover(discover),
            Self::Metadata { issuer, metadata } => Provider::from_metadata(issuer, &metadata.to_string()),
            Self::Profile { profile, issuer } => match (profile.as_str(), issuer) {
                ("visma_connect", None) => Ok(Provider::visma_connect()),
                ("visma_connect_staging", None) => Ok(Provider::visma_connect_staging()),
                ("visma_connect_at", Some(issuer)) => Provider::visma_connect_at(issuer),
                other => panic!("no such profile: {other:?}"),
            },
        }
    }
}
