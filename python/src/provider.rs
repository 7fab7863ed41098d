//! Providers.

use pyo3::prelude::*;

use crate::error::raised;

/// An authorization server, ready to be asked.
///
/// >>> import grantline
/// >>> grantline.Provider.visma_connect().issuer
/// 'https://connect.visma.com'
#[pyclass(frozen, eq, module = "grantline")]
#[derive(PartialEq)]
pub(crate) struct Provider(pub(crate) grantline::Provider);

#[pymethods]
impl Provider {
    /// Visma Connect, production.
    #[staticmethod]
    fn visma_connect() -> Self {
        Self(grantline::Provider::visma_connect())
    }

    /// Visma Connect, the staging environment that the Developer Portal calls sandbox.
    #[staticmethod]
    fn visma_connect_staging() -> Self {
        Self(grantline::Provider::visma_connect_staging())
    }

    /// A server that behaves like Visma Connect at another address: the emulator.
    ///
    /// `issuer`: its base URL, without a trailing slash. Raises `MisuseError` (`invalid_issuer`).
    #[staticmethod]
    fn visma_connect_at(issuer: &str) -> PyResult<Self> {
        grantline::Provider::visma_connect_at(issuer).map(Self).map_err(raised)
    }

    /// Any standards-based provider, by its issuer alone. Its metadata document (OpenID Connect Discovery section 4, RFC
    /// 8414 section 3) is fetched when it is first needed, and again after a day; a server that is down when the
    /// application starts does no harm.
    ///
    /// `issuer`: an https URL, or http on loopback, character by character as the server calls itself. Raises
    /// `MisuseError` (`invalid_issuer`).
    #[staticmethod]
    fn discover(issuer: &str) -> PyResult<Self> {
        grantline::Provider::discover(issuer).map(Self).map_err(raised)
    }

    /// Any standards-based provider, by the metadata document (RFC 8414, OpenID Connect Discovery) that the
    /// application fetched from it. It is not fetched again.
    ///
    /// `issuer`: as the application knows it; the document has to name the same, character by character.
    /// `document`: the JSON text. Raises `MisuseError` (`invalid_issuer`, `insecure_endpoint`, `invalid_endpoint`)
    /// and `ServerMisbehaved` (`metadata_issuer_mismatch`, `metadata_malformed`).
    #[staticmethod]
    fn from_metadata(issuer: &str, document: &str) -> PyResult<Self> {
        grantline::Provider::from_metadata(issuer, document).map(Self).map_err(raised)
    }

    /// The same provider with a parameter that names the tenant in a service token's request.
    fn with_tenant_parameter(&self, name: String) -> Self {
        Self(self.0.clone().with_tenant_parameter(name))
    }

    /// The issuer identifier.
    #[getter]
    fn issuer(&self) -> &str {
        self.0.issuer()
    }

    fn __repr__(&self) -> String {
        format!("<grantline.Provider issuer={:?}>", self.issuer())
    }
}
