//! Writes structured logs to standard error; `FUSOR_LOG` chooses what, as in `warn,fusor_chain_lite=debug`.

use crate::error::{CliError, Outcome};
use tracing_subscriber::{EnvFilter, fmt};

/// Is the variable that chooses what is logged.
const VARIABLE: &str = "FUSOR_LOG";

/// Starts logging; `usual` applies where the variable is not set. Errors: a variable that names no levels.
pub(crate) fn start(usual: &str, json: bool) -> Outcome {
    let chosen = std::env::var(VARIABLE).unwrap_or_else(|_| usual.to_owned());
    let filter = EnvFilter::builder()
        .parse(&chosen)
        .map_err(|error| CliError::Option { option: VARIABLE, message: format!("`{chosen}`: {error}") })?;
    let lines = fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match json {
        true => lines.json().init(),
        false => lines.init(),
    }
    Ok(())
}
