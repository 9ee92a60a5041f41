//! Asks a node by JSON-RPC over plain HTTP, bounded in time and bytes.

use crate::{
    config::{ConfigError, Connection},
    error::OuterError,
};
use base64::Engine;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json, value::RawValue};
use std::time::Duration;

/// Calls in one batch; nodes and their proxies bound theirs.
const BATCH: usize = 100;

/// Is a connection to a node.
#[derive(Debug)]
pub(crate) struct Rpc {
    connection: Connection,
    agent: ureq::Agent,
}

/// Is what a node says when it refuses.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Fault {
    pub(crate) code: i64,
    #[serde(default)]
    pub(crate) message: String,
}

#[derive(Deserialize)]
struct Reply {
    #[serde(default)]
    id: Option<u64>,
    #[serde(default)]
    result: Option<Box<RawValue>>,
    #[serde(default)]
    error: Option<Fault>,
}

impl Rpc {
    /// Prepares a connection; nothing is sent.
    pub(crate) fn new(connection: Connection) -> Result<Self, ConfigError> {
        connection.validate()?;
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(Duration::from_millis(connection.timeout_ms)))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .build();
        Ok(Self { connection, agent: config.new_agent() })
    }

    pub(crate) fn url(&self) -> &str {
        &self.connection.url
    }

    /// Calls a method; an error of the node is an error.
    pub(crate) fn call<T: DeserializeOwned>(&self, method: &str, params: Value) -> Result<T, OuterError> {
        self.attempt(method, params)?.map_err(|fault| self.fault(method, fault))
    }

    /// Calls a method and returns the node's error for the caller to judge.
    pub(crate) fn attempt<T: DeserializeOwned>(
        &self,
        method: &str,
        params: Value,
    ) -> Result<Result<T, Fault>, OuterError> {
        let body = json!({"jsonrpc": "2.0", "id": 0, "method": method, "params": params});
        let bytes = self.post(method, &body)?;
        let reply = serde_json::from_slice(&bytes).map_err(|error| self.nonsense(method, error))?;
        self.open(method, reply)
    }

    /// Calls a method many times; the answers are in the order of the parameters.
    pub(crate) fn batch<T: DeserializeOwned>(
        &self,
        method: &str,
        params: &[Value],
    ) -> Result<Vec<T>, OuterError> {
        let mut answers = Vec::with_capacity(params.len());
        for chunk in params.chunks(BATCH) {
            for answer in self.chunk(method, chunk)? {
                answers.push(answer.map_err(|fault| self.fault(method, fault))?);
            }
        }
        Ok(answers)
    }

    fn chunk<T: DeserializeOwned>(
        &self,
        method: &str,
        params: &[Value],
    ) -> Result<Vec<Result<T, Fault>>, OuterError> {
        let calls = params
            .iter()
            .enumerate()
            .map(|(id, params)| json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}))
            .collect();
        let bytes = self.post(method, &Value::Array(calls))?;
        let mut replies: Vec<Reply> =
            serde_json::from_slice(&bytes).map_err(|error| self.nonsense(method, error))?;
        replies.sort_by_key(|reply| reply.id);
        let right = replies.len() == params.len()
            && replies.iter().zip(0u64..).all(|(reply, id)| reply.id == Some(id));
        if !right {
            return Err(self.nonsense(method, "the answers do not match the calls"));
        }
        replies.into_iter().map(|reply| self.open(method, reply)).collect()
    }

    fn open<T: DeserializeOwned>(&self, method: &str, reply: Reply) -> Result<Result<T, Fault>, OuterError> {
        if let Some(fault) = reply.error {
            return Ok(Err(fault));
        }
        let text = reply.result.as_ref().map_or("null", |raw| raw.get());
        serde_json::from_str(text).map(Ok).map_err(|error| self.nonsense(method, error))
    }

    fn post(&self, method: &str, body: &Value) -> Result<Vec<u8>, OuterError> {
        let mut request = self.agent.post(&self.connection.url).header("content-type", "application/json");
        if let Some(header) = self.authorization()? {
            request = request.header("authorization", header);
        }
        let mut response =
            request.send(body.to_string().as_bytes()).map_err(|error| self.transport(method, error))?;
        if matches!(response.status().as_u16(), 401 | 403) {
            return Err(self.credentials("it answers 401 or 403"));
        }
        let limited = response.body_mut().with_config().limit(self.connection.response_bytes_max);
        limited.read_to_vec().map_err(|error| self.transport(method, error))
    }

    fn authorization(&self) -> Result<Option<String>, OuterError> {
        let pair = match (&self.connection.user, &self.connection.password, &self.connection.cookie) {
            (Some(user), Some(password), _) => format!("{user}:{password}"),
            (_, _, Some(path)) => std::fs::read_to_string(path)
                .map(|text| text.trim().to_string())
                .map_err(|error| self.credentials(format!("{}: {error}", path.display())))?,
            _ => return Ok(None),
        };
        Ok(Some(format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair))))
    }

    fn transport(&self, method: &str, error: ureq::Error) -> OuterError {
        let url = self.connection.url.clone();
        match error {
            ureq::Error::Timeout(_) => OuterError::Slow { url, millis: self.connection.timeout_ms },
            ureq::Error::BodyExceedsLimit(most) => {
                OuterError::Oversized { url, method: method.to_string(), most }
            }
            ureq::Error::Protocol(error) => self.nonsense(method, error),
            error => OuterError::Down { url, reason: error.to_string() },
        }
    }

    fn credentials(&self, reason: impl ToString) -> OuterError {
        OuterError::Credentials { url: self.connection.url.clone(), reason: reason.to_string() }
    }

    /// Says that an answer makes no sense.
    pub(crate) fn nonsense(&self, method: &str, reason: impl ToString) -> OuterError {
        OuterError::Nonsense {
            url: self.connection.url.clone(),
            method: method.to_string(),
            reason: clip(&reason.to_string()),
        }
    }

    /// Says that the node refused.
    pub(crate) fn fault(&self, method: &str, fault: Fault) -> OuterError {
        OuterError::Node {
            url: self.connection.url.clone(),
            method: method.to_string(),
            code: fault.code,
            message: clip(&fault.message),
        }
    }
}

/// Keeps what a node says short enough for a log.
pub(crate) fn clip(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(300).collect()
}
