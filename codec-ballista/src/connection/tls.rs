//! Encrypted connections between the processes of a cluster.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::cause;
use ballista_core::error::BallistaError;
use ballista_core::extension::EndpointOverrideFn;
use ballista_core::utils::{GrpcClientConfig, create_grpc_client_endpoint};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use tonic::codegen::http::Uri;
use tonic::codegen::http::uri::Scheme;
use tonic::transport::{Certificate, ClientTlsConfig, Endpoint, Error, Identity, Server, ServerTlsConfig};

/// Files in PEM with the certificates that a process shows, and those of the authorities that it trusts.
///
/// Without any of them it neither offers nor uses TLS.
#[derive(Debug, Clone, Default)]
pub struct TlsFiles {
    /// The authorities that the certificates of servers have to be from.
    pub ca: Option<PathBuf>,
    /// The certificate that this process shows.
    pub cert: Option<PathBuf>,
    /// The private key of the certificate.
    pub key: Option<PathBuf>,
    /// The authorities that the certificates of clients have to be from; without it, every client is let in.
    pub client_ca: Option<PathBuf>,
    /// The name that the certificates of all servers carry; without it, each carries its own address.
    pub server_name: Option<String>,
}

impl TlsFiles {
    /// Reads what a server needs, if it is to offer TLS.
    ///
    /// # Errors
    ///
    /// [`BallistaError::IoError`] if a file cannot be read; [`BallistaError::Configuration`] if one is missing or
    /// holds something else.
    pub fn server(&self) -> Result<Option<ServerTlsConfig>, BallistaError> {
        let Some(identity) = self.identity()? else {
            return match self.client_ca {
                Some(_) => Err(missing("a server that asks clients for certificates shows one of its own")),
                None => Ok(None),
            };
        };
        let tls = ServerTlsConfig::new().identity(identity);
        let tls = match &self.client_ca {
            Some(path) => tls.client_ca_root(authorities(path)?),
            None => tls,
        };
        Server::builder().tls_config(tls.clone()).map_err(|error| self.unusable(&error))?;
        Ok(Some(tls))
    }

    /// Reads what a client needs, if it is to use TLS.
    ///
    /// # Errors
    ///
    /// As [`TlsFiles::server`].
    pub fn client(&self) -> Result<Option<ClientTls>, BallistaError> {
        let identity = self.identity()?;
        let Some(ca) = &self.ca else {
            return match (identity, &self.server_name) {
                (None, None) => Ok(None),
                _ => Err(missing("a client trusts the authorities of a file (tls_ca)")),
            };
        };
        let mut tls = ClientTlsConfig::new().ca_certificate(authorities(ca)?);
        if let Some(identity) = identity {
            tls = tls.identity(identity);
        }
        if let Some(name) = &self.server_name {
            tls = tls.domain_name(name);
        }
        let endpoint = Endpoint::from_static("https://localhost");
        endpoint.tls_config(tls.clone()).map_err(|error| self.unusable(&error))?;
        Ok(Some(ClientTls(tls)))
    }

    fn identity(&self) -> Result<Option<Identity>, BallistaError> {
        match (&self.cert, &self.key) {
            (Some(cert), Some(key)) => Ok(Some(Identity::from_pem(read(cert)?, read(key)?))),
            (None, None) => Ok(None),
            _ => Err(missing("a certificate (tls_cert) and its private key (tls_key) go together")),
        }
    }

    fn unusable(&self, error: &Error) -> BallistaError {
        let files = [&self.ca, &self.cert, &self.key, &self.client_ca];
        let files: Vec<_> = files.into_iter().flatten().map(|path| path.display().to_string()).collect();
        missing(&format!("no TLS with the files {}: {}", files.join(", "), cause(error)))
    }
}

fn missing(text: &str) -> BallistaError {
    BallistaError::Configuration(text.to_owned())
}

fn read(path: &Path) -> Result<Vec<u8>, BallistaError> {
    fs::read(path).map_err(|error| {
        io::Error::new(error.kind(), format!("cannot read {}: {error}", path.display())).into()
    })
}

/// Reads certificates of authorities; without one, tonic would go on and trust nobody.
fn authorities(path: &Path) -> Result<Certificate, BallistaError> {
    let pem = read(path)?;
    match CertificateDer::pem_slice_iter(&pem).next() {
        Some(Ok(_)) => Ok(Certificate::from_pem(pem)),
        _ => Err(missing(&format!("{} holds no certificate in PEM", path.display()))),
    }
}

/// What a client trusts and shows.
#[derive(Clone)]
pub struct ClientTls(ClientTlsConfig);

impl fmt::Debug for ClientTls {
    // Without the private key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientTls")
    }
}

/// Has every connection of a process encrypted, whichever address Ballista makes for it.
pub(crate) fn encrypting(ClientTls(tls): ClientTls) -> EndpointOverrideFn {
    Arc::new(move |endpoint| Ok(over_https(endpoint)?.tls_config(tls.clone())?))
}

/// Ballista spells the address of a scheduler `http`, for which no TLS is used.
fn over_https(endpoint: Endpoint) -> Result<Endpoint, Box<dyn std::error::Error + Send + Sync>> {
    if endpoint.uri().scheme() == Some(&Scheme::HTTPS) {
        return Ok(endpoint);
    }
    let mut parts = endpoint.uri().clone().into_parts();
    parts.scheme = Some(Scheme::HTTPS);
    let uri = Uri::from_parts(parts)?.to_string();
    Ok(create_grpc_client_endpoint(uri, Some(&GrpcClientConfig::default()))?)
}
