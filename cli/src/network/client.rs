//! Asks a node by JSON-RPC over HTTP.

use crate::error::{CliError, Outcome};
use base64::Engine as _;
use serde_json::{Value, json};
use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

/// Longest time for a question and its answer.
const TIME_MAX: Duration = Duration::from_secs(10);
/// Longest answer in bytes.
const ANSWER_LEN_MAX: u64 = 32 << 20;

/// Is a node that can be asked.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    url: String,
    host: String,
    path: String,
    /// An HTTP header that authorises, with its line end; empty for none.
    authorization: String,
}

impl Client {
    /// Reads `http://HOST:PORT/PATH`. Errors: another form.
    pub(crate) fn new(url: &str) -> Outcome<Self> {
        let rest = url.strip_prefix("http://").unwrap_or(url);
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let port = host.rsplit_once(':').and_then(|(_, port)| port.parse::<u16>().ok());
        if rest.contains("://") || port.is_none() {
            let message = format!("expected http://HOST:PORT, found `{url}`");
            return Err(CliError::Option { option: "--rpc", message });
        }
        let (url, host, path) = (url.to_owned(), host.to_owned(), format!("/{path}"));
        Ok(Self { url, host, path, authorization: String::new() })
    }

    /// Authorises by user name and password (RFC 7617).
    pub(crate) fn with_basic(self, user: &str, password: &str) -> Self {
        let words = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
        Self { authorization: format!("authorization: Basic {words}\r\n"), ..self }
    }

    /// Asks and returns the result. Errors: no answer, or a refusal.
    pub(crate) fn ask(&self, method: &str, params: &Value) -> Outcome<Value> {
        let fail = |message: String| CliError::Rpc { url: self.url.clone(), message };
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string();
        let text = self.post(&body).map_err(|error| fail(format!("no answer: {error}")))?;
        let mut answer: Value =
            serde_json::from_str(&text).map_err(|error| fail(format!("not an answer: {error}")))?;
        match answer.pointer("/error/message").and_then(Value::as_str) {
            Some(message) => Err(fail(message.to_owned())),
            None => Ok(answer.get_mut("result").map(Value::take).unwrap_or_default()),
        }
    }

    /// Makes an error about this node.
    pub(crate) fn refuse(&self, message: impl Into<String>) -> CliError {
        CliError::Rpc { url: self.url.clone(), message: message.into() }
    }

    fn post(&self, body: &str) -> std::io::Result<String> {
        let mut stream = TcpStream::connect(&self.host)?;
        stream.set_read_timeout(Some(TIME_MAX))?;
        stream.set_write_timeout(Some(TIME_MAX))?;
        let Self { host, path, authorization, .. } = self;
        let len = body.len();
        write!(
            stream,
            "POST {path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\nconnection: close\r\n\
             {authorization}content-length: {len}\r\n\r\n{body}"
        )?;
        let mut answer = String::new();
        stream.take(ANSWER_LEN_MAX).read_to_string(&mut answer)?;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head.lines().next().unwrap_or_default();
        match status.split(' ').nth(1) {
            Some("200") => Ok(body.to_owned()),
            _ => Err(std::io::Error::other(status.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Client;

    #[test]
    fn takes_http_addresses_with_a_port_only() {
        assert_eq!(Client::new("http://127.0.0.1:8545").unwrap().path, "/");
        assert_eq!(Client::new("localhost:8545/x").unwrap().path, "/x");
        for url in ["", "localhost", "https://localhost:8545", "http://localhost:x", "ftp://a:1"] {
            let message = Client::new(url).unwrap_err().to_string();
            assert!(message.contains("expected http://HOST:PORT"), "{message}");
        }
    }
}
