//! Reads documentation comments (NatSpec) and writes them as the user's and the developer's JSON.

mod inherit;
mod json;
mod tags;
mod text;

pub(crate) use inherit::base_in;
pub(crate) use json::{devdoc, result_names, userdoc};
pub(crate) use tags::{Problem, Tags, parse};
pub use text::comment;
