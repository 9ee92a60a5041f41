//! Reads how nodes are named and reached: `KEY@HOST:PORT`.

use crate::hhcm::public_key;
use alloy_primitives::B256;
use commonware_cryptography::ed25519::PublicKey;
use commonware_p2p::Ingress;
use commonware_utils::Hostname;
use std::net::SocketAddr;
use thiserror::Error;

/// Says why a text names no node.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AddressError {
    /// There is no `@`.
    #[error("expected KEY@HOST:PORT, found `{0}`")]
    Form(String),
    /// The key is none.
    #[error("expected the 64 hexadecimal digits of a node's key, found `{0}`")]
    Key(String),
    /// Host or port is none.
    #[error("expected HOST:PORT, found `{0}`")]
    Host(String),
}

/// Reads `KEY@HOST:PORT`. Errors: it has another form.
pub fn peer(text: &str) -> Result<(PublicKey, Ingress), AddressError> {
    let (key, host) = text.split_once('@').ok_or_else(|| AddressError::Form(text.into()))?;
    Ok((node_key(key)?, ingress(host)?))
}

/// Reads the key that names a node, in hexadecimal. Errors: it is none.
pub fn node_key(text: &str) -> Result<PublicKey, AddressError> {
    let key: Option<B256> = text.parse().ok();
    key.and_then(public_key).ok_or_else(|| AddressError::Key(text.into()))
}

/// Reads `HOST:PORT`, where the host is an address or a name. Errors: it has another form.
pub fn ingress(text: &str) -> Result<Ingress, AddressError> {
    if let Ok(socket) = text.parse::<SocketAddr>() {
        return Ok(Ingress::Socket(socket));
    }
    let fail = || AddressError::Host(text.into());
    let (host, port) = text.rsplit_once(':').ok_or_else(fail)?;
    let host = Hostname::new(host).map_err(|_| fail())?;
    Ok(Ingress::Dns { host, port: port.parse().map_err(|_| fail())? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::NodeKeys;

    #[test]
    fn reads_names_and_addresses_and_refuses_the_rest() {
        let keys = NodeKeys::from_seed(1);
        let key = keys.id();
        let socket = Ingress::Socket(SocketAddr::from(([10, 0, 0, 1], 7)));
        assert_eq!(peer(&format!("{key}@10.0.0.1:7")), Ok((keys.public(), socket)));
        let bare = key.to_string().trim_start_matches("0x").to_owned();
        let (found, named) = peer(&format!("{bare}@node.example:30333")).unwrap();
        assert_eq!(found, keys.public());
        assert!(matches!(named, Ingress::Dns { port: 30_333, .. }));
        assert_eq!(peer("10.0.0.1:7"), Err(AddressError::Form("10.0.0.1:7".into())));
        assert_eq!(peer("12@10.0.0.1:7"), Err(AddressError::Key("12".into())));
        for host in ["", "host", "host:", "host:70000", ":1", "ho st:1"] {
            assert_eq!(ingress(host), Err(AddressError::Host(host.into())), "{host}");
        }
    }
}
