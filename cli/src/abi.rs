//! Encodes calls and decodes results, events and errors by a contract's JSON ABI.

use crate::{
    input::view::{View, ViewError},
    scenario::{Names, Written, dyn_value, show_named, show_value},
};
use alloy_dyn_abi::{DynSolValue, ErrorExt, EventExt, FunctionExt, JsonAbiExt};
use alloy_json_abi::{Function, JsonAbi, Param};
use alloy_primitives::{Address, Bytes, Log};
use alloy_sol_types::{Panic, Revert, SolError};
use thiserror::Error;

/// Is a released contract with its ABI.
#[derive(Debug, Clone)]
pub(crate) struct Contract {
    pub(crate) name: String,
    pub(crate) address: Address,
    pub(crate) abi: JsonAbi,
}

/// Says why a call cannot be encoded or a result not be decoded.
#[derive(Debug, Error)]
pub(crate) enum AbiError {
    #[error("`{contract}` has no function `{function}`; it has {known}")]
    NoFunction { contract: String, function: String, known: String },
    #[error("`{contract}` has no event `{event}`; it has {known}")]
    NoEvent { contract: String, event: String, known: String },
    #[error("the event `{event}` has no parameter `{parameter}`; it has {known}")]
    NoParameter { event: String, parameter: String, known: String },
    #[error("`{function}` has several forms; write one of {forms}")]
    Ambiguous { function: String, forms: String },
    #[error("`{what}` takes {wanted} ({types}), not {given}")]
    Count { what: String, wanted: String, types: String, given: usize },
    #[error(transparent)]
    Value(#[from] ViewError),
    #[error("`{what}` gave data that its ABI does not describe: {reason}")]
    Data { what: String, reason: String },
}

/// Is an event in words of its contract.
#[derive(Debug, Clone)]
pub(crate) struct Decoded {
    pub(crate) contract: String,
    pub(crate) name: String,
    /// Parameters in the order of their declaration.
    pub(crate) values: Vec<(String, DynSolValue)>,
}

impl Decoded {
    /// Finds a parameter by its name.
    pub(crate) fn value(&self, name: &str) -> Option<&DynSolValue> {
        self.values.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// Shows the event as `contract.Name(parameter value, ...)`.
    pub(crate) fn show(&self, names: &Names) -> String {
        let one =
            |(name, value): &(String, DynSolValue)| format!("{name} {}", show_named(name, value, names));
        let values: Vec<_> = self.values.iter().map(one).collect();
        format!("{}.{}({})", self.contract, self.name, values.join(", ").replace("  ", " "))
    }
}

impl Contract {
    /// Finds a function by name, or by its full signature where several share the name.
    pub(crate) fn function(&self, name: &str) -> Result<&Function, AbiError> {
        let all = || self.abi.functions();
        let found: Vec<_> = all().filter(|f| f.name == name || f.signature() == name).collect();
        match found.as_slice() {
            [one] => Ok(one),
            [] => Err(AbiError::NoFunction {
                contract: self.name.clone(),
                function: name.to_string(),
                // Entries of descriptions are the network's to call.
                known: list(all().map(|f| f.name.clone()).filter(|name| !name.starts_with("__fusor_"))),
            }),
            several => Err(AbiError::Ambiguous {
                function: name.to_string(),
                forms: list(several.iter().map(|f| f.signature())),
            }),
        }
    }

    /// Encodes a call.
    pub(crate) fn call(&self, name: &str, args: &[Written], names: &Names) -> Result<Bytes, AbiError> {
        let function = self.function(name)?;
        let values = values(&function.signature(), &function.inputs, args, names)?;
        let what = || function.signature();
        let data = function.abi_encode_input(&values);
        data.map(Bytes::from).map_err(|error| AbiError::Data { what: what(), reason: error.to_string() })
    }

    /// Decodes what a function returned.
    pub(crate) fn returned(&self, name: &str, data: &[u8]) -> Result<Vec<DynSolValue>, AbiError> {
        let function = self.function(name)?;
        let decoded = function.abi_decode_output(data);
        decoded.map_err(|error| AbiError::Data { what: function.signature(), reason: error.to_string() })
    }

    /// Reads the values that a function ought to return.
    pub(crate) fn expected(
        &self,
        name: &str,
        written: &[Written],
        names: &Names,
    ) -> Result<Vec<DynSolValue>, AbiError> {
        let function = self.function(name)?;
        values(&format!("{} returns", function.signature()), &function.outputs, written, names)
    }

    /// Finds an event and checks that it has these parameters.
    pub(crate) fn check_event(&self, name: &str, parameters: &[&str]) -> Result<(), AbiError> {
        let events: Vec<_> = self.abi.events().filter(|event| event.name == name).collect();
        let Some(event) = events.first() else {
            let known = list(self.abi.events().map(|event| event.name.clone()));
            return Err(AbiError::NoEvent { contract: self.name.clone(), event: name.to_string(), known });
        };
        let unknown = parameters.iter().find(|name| event.inputs.iter().all(|input| input.name != **name));
        match unknown {
            None => Ok(()),
            Some(parameter) => Err(AbiError::NoParameter {
                event: name.to_string(),
                parameter: (*parameter).to_string(),
                known: list(event.inputs.iter().map(|input| input.name.clone())),
            }),
        }
    }

    /// Decodes a log of this contract; none if its ABI does not describe it.
    pub(crate) fn event(&self, log: &Log) -> Option<Decoded> {
        let event = self.abi.events().find(|event| log.topics().first() == Some(&event.selector()))?;
        let decoded = event.decode_log_parts(log.topics().iter().copied(), &log.data.data).ok()?;
        let (mut indexed, mut body) = (decoded.indexed.into_iter(), decoded.body.into_iter());
        let value = |indexed_: bool| if indexed_ { indexed.next() } else { body.next() };
        let values: Option<Vec<_>> = event.inputs.iter().map(|input| input.indexed).map(value).collect();
        let names = event.inputs.iter().map(|input| input.name.clone());
        let values = names.zip(values?).collect();
        Some(Decoded { contract: self.name.clone(), name: event.name.clone(), values })
    }

    /// Finds the function that call data name.
    pub(crate) fn called(&self, data: &[u8]) -> Option<String> {
        let selector = data.get(..4)?;
        self.abi.functions().find(|f| f.selector() == selector).map(|f| f.name.clone())
    }

    /// Encodes the constructor's arguments.
    pub(crate) fn constructor(&self, args: &[Written], names: &Names) -> Result<Bytes, AbiError> {
        let inputs = self.abi.constructor.as_ref().map(|c| c.inputs.as_slice()).unwrap_or_default();
        let values = values(&format!("{}'s constructor", self.name), inputs, args, names)?;
        Ok(DynSolValue::Tuple(values).abi_encode_params().into())
    }
}

fn list(names: impl Iterator<Item = String>) -> String {
    let names: Vec<_> = names.collect();
    if names.is_empty() { "none".to_string() } else { names.join(", ") }
}

fn values(
    what: &str,
    params: &[Param],
    args: &[Written],
    names: &Names,
) -> Result<Vec<DynSolValue>, AbiError> {
    if params.len() != args.len() {
        let plural = if params.len() == 1 { "value" } else { "values" };
        return Err(AbiError::Count {
            what: what.to_string(),
            wanted: format!("{} {plural}", params.len()),
            types: list(params.iter().map(|param| format!("{} {}", param.ty, param.name))),
            given: args.len(),
        });
    }
    let one = |(param, arg): (&Param, &Written)| {
        let view = View { value: &arg.value, path: arg.path.clone() };
        dyn_value(&view, param, names)
    };
    Ok(params.iter().zip(args).map(one).collect::<Result<_, _>>()?)
}

/// Is why a call reverted: the custom error's name or the text, and how to show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reason {
    /// What a scenario may expect: a custom error's name, or the text of `Error(string)`.
    pub(crate) key: String,
    pub(crate) shown: String,
}

/// Decodes revert data by the errors of all given contracts.
pub(crate) fn reason(data: &[u8], contracts: &[Contract], names: &Names) -> Reason {
    let plain = |text: String| Reason { key: text.clone(), shown: text };
    if data.is_empty() {
        return plain("without a reason".to_string());
    }
    if let Ok(revert) = Revert::abi_decode(data) {
        return Reason { shown: format!("{:?}", revert.reason), key: revert.reason };
    }
    if let Ok(panic) = Panic::abi_decode(data) {
        return plain(panic.to_string());
    }
    let errors = contracts.iter().flat_map(|contract| contract.abi.errors());
    for error in errors.filter(|error| data.get(..4) == Some(error.selector().as_slice())) {
        let Ok(decoded) = error.decode_error(data) else { continue };
        let values: Vec<_> = decoded.body.iter().map(|value| show_value(value, names)).collect();
        return Reason { key: error.name.clone(), shown: format!("{}({})", error.name, values.join(", ")) };
    }
    plain(alloy_primitives::hex::encode_prefixed(data))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::json;
    use alloy_primitives::{LogData, U256, keccak256};

    fn contract() -> Contract {
        let abi = r#"[
            {"type":"function","name":"pay","inputs":[{"name":"to","type":"address"},{"name":"n","type":"uint256"}],
             "outputs":[{"name":"","type":"bool"}],"stateMutability":"nonpayable"},
            {"type":"event","name":"Paid","anonymous":false,"inputs":[{"name":"n","type":"uint256","indexed":false},
             {"name":"to","type":"address","indexed":true}]},
            {"type":"error","name":"TooMuch","inputs":[{"name":"n","type":"uint256"}]}]"#;
        let abi = serde_json::from_str(abi).unwrap();
        Contract { name: "bond".into(), address: Address::with_last_byte(9), abi }
    }

    fn names() -> Names {
        let mut names = Names::default();
        names.add_address("al", Address::with_last_byte(7));
        names
    }

    fn written(text: &str) -> Vec<Written> {
        let value = json::parse(text).unwrap();
        let views = View::root(&value).list().unwrap();
        views
            .into_iter()
            .map(|v| Written { value: v.value.clone(), path: format!("args{}", v.path) })
            .collect()
    }

    #[test]
    fn encodes_calls_and_decodes_results() {
        let data = contract().call("pay", &written(r#"["$al","5"]"#), &names()).unwrap();
        assert_eq!(data.get(..4).unwrap(), &keccak256("pay(address,uint256)")[..4]);
        assert_eq!((data.len(), data[35], data[67]), (68, 7, 5));
        let word = U256::ONE.to_be_bytes::<32>();
        assert_eq!(contract().returned("pay", &word).unwrap(), [DynSolValue::Bool(true)]);
        assert_eq!(contract().called(&data), Some("pay".into()));
    }

    #[test]
    fn names_what_cannot_be_called() {
        let message =
            |name: &str, args: &str| contract().call(name, &written(args), &names()).unwrap_err().to_string();
        assert_eq!(message("pa", "[]"), "`bond` has no function `pa`; it has pay");
        assert_eq!(
            message("pay", "[\"$al\"]"),
            "`pay(address,uint256)` takes 2 values (address to, uint256 n), not 1"
        );
        assert!(message("pay", r#"["$al","x"]"#).contains("args[1]: expected a uint256, found \"x\""));
    }

    #[test]
    fn decodes_events_in_the_order_of_declaration() {
        let topics = vec![keccak256("Paid(uint256,address)"), Address::with_last_byte(7).into_word()];
        let data = U256::from(5).to_be_bytes_vec().into();
        let log = Log { address: contract().address, data: LogData::new_unchecked(topics, data) };
        let event = contract().event(&log).unwrap();
        assert_eq!(event.show(&names()), "bond.Paid(n 5, to al)");
        assert!(contract().check_event("Paid", &["n"]).is_ok());
        let error = contract().check_event("Paid", &["m"]).unwrap_err().to_string();
        assert_eq!(error, "the event `Paid` has no parameter `m`; it has n, to");
    }

    #[test]
    fn shows_reasons() {
        let shown = |data: &[u8]| reason(data, &[contract()], &names());
        let mut custom = keccak256("TooMuch(uint256)")[..4].to_vec();
        custom.extend(U256::from(5).to_be_bytes_vec());
        assert_eq!(shown(&custom), Reason { key: "TooMuch".into(), shown: "TooMuch(5)".into() });
        let text = Revert::from("no").abi_encode();
        assert_eq!(shown(&text), Reason { key: "no".into(), shown: "\"no\"".into() });
        assert_eq!(shown(&[]).key, "without a reason");
        assert_eq!(shown(&[1, 2]).key, "0x0102");
    }
}
