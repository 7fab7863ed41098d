//! TLS to the servers of stores.

use std::sync::Arc;

use grantline_core::{StoreFailure, StoreFailureKind};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

/// Chooses the cryptography for whoever asks rustls for the process's choice, unless the application has chosen:
/// where another crate has enabled a second kind, rustls would panic instead of choosing.
pub(super) fn choose_provider() {
    if CryptoProvider::get_default().is_none() {
        // Somebody else may have been faster, which is as good.
        let _ = aws_lc_rs::default_provider().install_default();
    }
}

/// `root_certificates`: PEM; the system's if there are none.
pub(super) fn config(root_certificates: Option<&[u8]>) -> Result<ClientConfig, StoreFailure> {
    let roots = match root_certificates {
        Some(pem) => given(pem)?,
        None => of_the_system(),
    };
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
    let builder =
        builder.with_safe_default_protocol_versions().map_err(|error| refused(error.to_string()))?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

/// What is not one, or none, is refused: `Denied`.
pub(super) fn given(pem: &[u8]) -> Result<RootCertStore, StoreFailure> {
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

/// What of the system's cannot be read is not trusted, which a handshake will tell.
fn of_the_system() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}

fn refused(detail: impl Into<String>) -> StoreFailure {
    StoreFailure::new(StoreFailureKind::Denied, detail)
}
