//! A certificate authority of one's own, and what it signs.

use std::io::{Error, Result};
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// An authority whose key is forgotten with it.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// Its own certificate, in PEM.
    pub(crate) certificate: String,
}

impl Authority {
    pub(crate) fn new() -> Result<Self> {
        let mut params = CertificateParams::new(Vec::new()).map_err(Error::other)?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "grantline fault server");
        let key = KeyPair::generate().map_err(Error::other)?;
        let certificate = params.self_signed(&key).map_err(Error::other)?.pem();
        Ok(Self { issuer: Issuer::new(params, key), certificate })
    }

    /// Speaks TLS in the name of these hosts.
    pub(crate) fn acceptor(&self, hosts: &[&str]) -> Result<TlsAcceptor> {
        self.accept_as(&CertificateParams::new(owned(hosts)).map_err(Error::other)?)
    }

    /// Speaks TLS with a certificate that was over long ago.
    pub(crate) fn expired_acceptor(&self, hosts: &[&str]) -> Result<TlsAcceptor> {
        let mut params = CertificateParams::new(owned(hosts)).map_err(Error::other)?;
        params.not_before = date_time_ymd(2000, 1, 1);
        params.not_after = date_time_ymd(2001, 1, 1);
        self.accept_as(&params)
    }

    fn accept_as(&self, params: &CertificateParams) -> Result<TlsAcceptor> {
        let key = KeyPair::generate().map_err(Error::other)?;
        let certificate = params.signed_by(&key, &self.issuer).map_err(Error::other)?;
        let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|config| {
                config.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], key)
            })
            .map_err(Error::other)?;
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

fn owned(hosts: &[&str]) -> Vec<String> {
    hosts.iter().map(|&host| host.to_owned()).collect()
}
