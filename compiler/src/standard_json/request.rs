//! Reads a request into typed form; what it does not understand is an error, as with solc.

use super::selection::Selection;
use super::settings::Settings;
use alloy_primitives::{hex, keccak256};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Says why a request cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// The text is not JSON.
    #[error("parse error: {0}")]
    Syntax(String),
    /// A part has the wrong form.
    #[error("`{key}` must be {wanted}")]
    Form {
        /// The path of the part.
        key: String,
        /// What it must be.
        wanted: &'static str,
    },
    /// A key is not known.
    #[error("Unknown key \"{0}\"")]
    UnknownKey(String),
    /// There is no source.
    #[error("No input sources specified.")]
    NoSources,
    /// Sources are in another language.
    #[error("the language \"{0}\" is not supported; it must be \"Solidity\" or \"Yul\"")]
    Language(String),
    /// A value is outside its set.
    #[error("{0}")]
    Value(String),
}

/// Names the language of the sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    Solidity,
    Yul,
}

/// Is where a source's text comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    /// The request holds it.
    Content(String),
    /// It is read from the first of these that can be read.
    Urls(Vec<String>),
}

/// Is a request.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) language: Language,
    pub(super) sources: BTreeMap<String, Origin>,
    pub(super) settings: Settings,
    pub(super) selection: Selection,
}

impl Request {
    /// Reads a request.
    pub(super) fn parse(input: &str) -> Result<Self, RequestError> {
        let value: Value = serde_json::from_str(input).map_err(|e| RequestError::Syntax(e.to_string()))?;
        let root = object(&value, "the request")?;
        known_keys(root, &["language", "sources", "settings", "auxiliaryInput"])?;
        let language = language(root.get("language"))?;
        let sources = sources(root.get("sources"))?;
        let none = Map::new();
        let settings = match root.get("settings") {
            Some(settings) => object(settings, "settings")?,
            None => &none,
        };
        let selection = Selection::parse(settings.get("outputSelection"))?;
        let settings = Settings::parse(settings)?;
        if settings.parse_only && selection.needs_more_than_parsing() {
            let message = "Requested output selection conflicts with \"settings.stopAfter\".";
            return Err(RequestError::Value(message.into()));
        }
        Ok(Self { language, sources, settings, selection })
    }
}

fn language(value: Option<&Value>) -> Result<Language, RequestError> {
    match text(value.unwrap_or(&Value::Null), "language")? {
        "Solidity" => Ok(Language::Solidity),
        "Yul" => Ok(Language::Yul),
        other => Err(RequestError::Language(other.into())),
    }
}

fn sources(value: Option<&Value>) -> Result<BTreeMap<String, Origin>, RequestError> {
    let Some(list) = value.map(|v| object(v, "sources")).transpose()?.filter(|list| !list.is_empty()) else {
        return Err(RequestError::NoSources);
    };
    list.iter().map(|(name, source)| Ok((name.clone(), origin(name, source)?))).collect()
}

fn origin(name: &str, source: &Value) -> Result<Origin, RequestError> {
    let key = format!("sources.{name}");
    let source = object(source, &key)?;
    known_keys(source, &["content", "urls", "keccak256"])?;
    match (source.get("content"), source.get("urls")) {
        (Some(content), _) => {
            let content = text(content, &format!("{key}.content"))?;
            check_hash(name, content, source.get("keccak256"))?;
            Ok(Origin::Content(content.to_owned()))
        }
        (None, Some(urls)) => Ok(Origin::Urls(texts(urls, &format!("{key}.urls"))?)),
        (None, None) => Err(RequestError::Form { key, wanted: "an object with `content` or `urls`" }),
    }
}

fn check_hash(name: &str, content: &str, hash: Option<&Value>) -> Result<(), RequestError> {
    let Some(hash) = hash else { return Ok(()) };
    let given = text(hash, &format!("sources.{name}.keccak256"))?;
    if hex::decode(given).is_ok_and(|bytes| bytes == keccak256(content).as_slice()) {
        return Ok(());
    }
    Err(RequestError::Value(format!("the content of \"{name}\" does not have the hash {given}")))
}

/// Reads an object.
pub(super) fn object<'v>(value: &'v Value, key: &str) -> Result<&'v Map<String, Value>, RequestError> {
    value.as_object().ok_or_else(|| form(key, "an object"))
}

/// Reads a text.
pub(super) fn text<'v>(value: &'v Value, key: &str) -> Result<&'v str, RequestError> {
    value.as_str().ok_or_else(|| form(key, "a string"))
}

/// Reads a list of texts.
pub(super) fn texts(value: &Value, key: &str) -> Result<Vec<String>, RequestError> {
    let list = value.as_array().ok_or_else(|| form(key, "a list of strings"))?;
    list.iter().map(|item| text(item, key).map(str::to_owned)).collect()
}

/// Makes the error for a part of the wrong form.
pub(super) fn form(key: &str, wanted: &'static str) -> RequestError {
    RequestError::Form { key: key.to_owned(), wanted }
}

/// Refuses keys that are not listed.
pub(super) fn known_keys(object: &Map<String, Value>, known: &[&str]) -> Result<(), RequestError> {
    match object.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => Err(RequestError::UnknownKey(key.clone())),
        None => Ok(()),
    }
}
