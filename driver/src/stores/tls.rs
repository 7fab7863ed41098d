//! Root certificates that the application gives for the server of a store.

use grantline_core::{StoreFailure, StoreFailureKind};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

/// Reads PEM. What holds no certificate, or one that cannot be read, is refused: `Denied`.
pub(super) fn roots(pem: &[u8]) -> Result<RootCertStore, StoreFailure> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let added = certificate
            .map_err(|error| error.to_string())
            .and_then(|certificate| roots.add(certificate).map_err(|error| error.to_string()));
        added.map_err(|error| refused(format!("a root certificate cannot be read: {error}")))?;
    }
    match roots.is_empty() {
        true => Err(refused("there is no root certificate in what was given")),
        false => Ok(roots),
    }
}

fn refused(detail: impl Into<String>) -> StoreFailure {
    StoreFailure::new(StoreFailureKind::Denied, detail)
}
