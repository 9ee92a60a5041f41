//! Reads written values by the type of the parameter they fill, and shows values with the scenario's names.

use crate::input::{
    date, decimal,
    json::Kind,
    view::{View, ViewError},
};
use alloy_dyn_abi::{DynSolType, DynSolValue};
use alloy_json_abi::Param;
use alloy_primitives::{Address, B256, I256, U256, hex};
use std::collections::BTreeMap;
use thiserror::Error;

/// Knows the addresses of accounts and releases and the ids of assets by their names.
#[derive(Debug, Default, Clone)]
pub(crate) struct Names {
    addresses: BTreeMap<String, Address>,
    assets: BTreeMap<String, U256>,
    kept: BTreeMap<String, DynSolValue>,
}

impl Names {
    /// Adds an account or a release.
    pub(crate) fn add_address(&mut self, name: &str, address: Address) {
        self.addresses.insert(name.to_string(), address);
    }

    /// Adds an asset.
    pub(crate) fn add_asset(&mut self, name: &str, id: U256) {
        self.assets.insert(name.to_string(), id);
    }

    /// Keeps a result.
    pub(crate) fn keep(&mut self, name: &str, value: DynSolValue) {
        self.kept.insert(name.to_string(), value);
    }

    /// Finds a kept result.
    pub(crate) fn kept(&self, name: &str) -> Option<&DynSolValue> {
        self.kept.get(name)
    }

    /// Finds the address of an account or release, or a kept one.
    pub(crate) fn address(&self, name: &str) -> Option<Address> {
        let kept = || self.kept(name).and_then(DynSolValue::as_address);
        self.addresses.get(name).copied().or_else(kept)
    }

    /// Finds the id of an asset, or a kept number.
    pub(crate) fn asset(&self, name: &str) -> Option<U256> {
        let kept = || self.kept(name).and_then(DynSolValue::as_uint).map(|(value, _)| value);
        self.assets.get(name).copied().or_else(kept)
    }

    /// Shows an address by its name, if it has one.
    pub(crate) fn show_address(&self, address: Address) -> String {
        let named = self.addresses.iter().find(|(_, known)| **known == address);
        named.map_or_else(|| address.to_string(), |(name, _)| name.clone())
    }

    /// Finds the name of an asset, or of a kept number, by its id.
    pub(crate) fn asset_name(&self, id: U256) -> Option<&str> {
        let named = self.assets.iter().find(|(_, known)| **known == id).map(|(name, _)| name.as_str());
        let is_id = |value: &DynSolValue| value.as_uint().is_some_and(|(kept, _)| kept == id);
        named.or_else(|| self.kept.iter().find(|(_, value)| is_id(value)).map(|(name, _)| name.as_str()))
    }
}

/// Says why a text is no amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum ValueError {
    #[error("not an integer")]
    Malformed,
    #[error("it does not come out whole")]
    NotWhole,
    #[error("too large")]
    TooLarge,
}

/// Reads an unsigned amount: `12`, `1_000`, `0xff`, `1.5e18`, `5 ether`, `3 gwei`.
pub(crate) fn amount(text: &str) -> Result<U256, ValueError> {
    match integer(text)? {
        (false, magnitude) | (true, magnitude @ U256::ZERO) => Ok(magnitude),
        _ => Err(ValueError::Malformed),
    }
}

/// Reads an integer as sign and magnitude.
fn integer(text: &str) -> Result<(bool, U256), ValueError> {
    let text = text.trim();
    let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    if let Some(digits) = text.strip_prefix("0x") {
        let magnitude = U256::from_str_radix(digits, 16).map_err(|_| ValueError::Malformed)?;
        return if digits.is_empty() { Err(ValueError::Malformed) } else { Ok((negative, magnitude)) };
    }
    let (number, unit) = text.split_once(' ').unwrap_or((text, "wei"));
    let unit = match unit.trim() {
        "wei" => 0,
        "gwei" => 9,
        "ether" => 18,
        _ => return Err(ValueError::Malformed),
    };
    Ok((negative, scaled(&number.replace('_', ""), unit)?))
}

/// Multiplies a decimal such as `1.5e3` by ten to the `unit`; the result must be whole.
fn scaled(number: &str, unit: i64) -> Result<U256, ValueError> {
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let exponent: i64 = exponent.parse::<i16>().map_err(|_| ValueError::Malformed)?.into();
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(ValueError::Malformed);
    }
    let places = i64::try_from(fraction.len()).map_err(|_| ValueError::TooLarge)?;
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() {
        return Ok(U256::ZERO);
    }
    whole_number(digits, exponent + unit - places)
}

fn whole_number(digits: &str, power: i64) -> Result<U256, ValueError> {
    let text = if power >= 0 {
        let zeros = usize::try_from(power).ok().filter(|n| *n <= 80).ok_or(ValueError::TooLarge)?;
        format!("{digits}{}", "0".repeat(zeros))
    } else {
        let cut = usize::try_from(-power).map_err(|_| ValueError::NotWhole)?;
        let Some((kept, dropped)) = digits.len().checked_sub(cut).and_then(|at| digits.split_at_checked(at))
        else {
            return Err(ValueError::NotWhole);
        };
        if dropped.bytes().any(|b| b != b'0') {
            return Err(ValueError::NotWhole);
        }
        kept.to_string()
    };
    U256::from_str_radix(&text, 10).map_err(|_| ValueError::TooLarge)
}

/// Reads a written value as the parameter's type.
pub(crate) fn dyn_value(view: &View<'_>, param: &Param, names: &Names) -> Result<DynSolValue, ViewError> {
    use alloy_dyn_abi::Specifier;
    let kind = param.resolve().map_err(|_| view.error(format!("a known type instead of `{}`", param.ty)))?;
    Reader { names }.read(view, &kind, &param.components)
}

struct Reader<'n> {
    names: &'n Names,
}

impl Reader<'_> {
    fn read(&self, view: &View<'_>, kind: &DynSolType, parts: &[Param]) -> Result<DynSolValue, ViewError> {
        match kind {
            DynSolType::Bool => match view.value.kind {
                Kind::Bool(value) => Ok(DynSolValue::Bool(value)),
                _ => Err(view.error("true or false")),
            },
            DynSolType::Uint(bits) => Ok(DynSolValue::Uint(self.uint(view, *bits)?, *bits)),
            DynSolType::Int(bits) => Ok(DynSolValue::Int(self.int(view, *bits)?, *bits)),
            DynSolType::Address => Ok(DynSolValue::Address(self.address(view)?)),
            DynSolType::FixedBytes(size) => self.fixed_bytes(view, *size),
            DynSolType::Bytes => Ok(DynSolValue::Bytes(bytes(view)?)),
            DynSolType::String => Ok(DynSolValue::String(view.string()?.to_string())),
            DynSolType::Array(item) => Ok(DynSolValue::Array(self.items(view, item, parts)?)),
            DynSolType::FixedArray(item, size) => {
                let items = self.items(view, item, parts)?;
                if items.len() != *size {
                    return Err(view.error_found(format!("{size} items"), items.len().to_string()));
                }
                Ok(DynSolValue::FixedArray(items))
            }
            DynSolType::Tuple(kinds) => self.tuple(view, kinds, parts),
            other => Err(view.error(format!("a type that a scenario can write, not `{other}`"))),
        }
    }

    fn uint(&self, view: &View<'_>, bits: usize) -> Result<U256, ViewError> {
        let expected = || view.error(format!("a uint{bits}"));
        let text = view.text()?;
        if let Some(name) = text.strip_prefix('$') {
            let id = self.names.asset(name).filter(|id| id.bit_len() <= bits);
            return id.ok_or_else(|| view.error("the name of an asset or of a kept number after `$`"));
        }
        let value = match date::parse(text) {
            Ok(seconds) => U256::from(seconds),
            Err(_) => amount(text).map_err(|_| expected())?,
        };
        if value.bit_len() > bits { Err(expected()) } else { Ok(value) }
    }

    fn int(&self, view: &View<'_>, bits: usize) -> Result<I256, ViewError> {
        let expected = || view.error(format!("an int{bits}"));
        let text = view.text()?;
        let (negative, magnitude) = match date::parse(text) {
            Ok(seconds) => (false, U256::from(seconds)),
            Err(_) => integer(text).map_err(|_| expected())?,
        };
        let sign = if negative { alloy_primitives::Sign::Negative } else { alloy_primitives::Sign::Positive };
        let value = I256::checked_from_sign_and_abs(sign, magnitude).ok_or_else(expected)?;
        if value.bits() as usize > bits { Err(expected()) } else { Ok(value) }
    }

    fn address(&self, view: &View<'_>) -> Result<Address, ViewError> {
        let text = view.string()?;
        let found = match text.strip_prefix('$') {
            Some(name) => self.names.address(name),
            None => text.strip_prefix("0x").and_then(|_| text.parse().ok()),
        };
        found.ok_or_else(|| view.error("an address, or `$` and the name of an account or an earlier release"))
    }

    fn fixed_bytes(&self, view: &View<'_>, size: usize) -> Result<DynSolValue, ViewError> {
        let name = view.string()?.strip_prefix('$');
        if let Some(kept @ DynSolValue::FixedBytes(_, width)) = name.and_then(|name| self.names.kept(name)) {
            return if *width == size { Ok(kept.clone()) } else { Err(view.error(format!("{size} bytes"))) };
        }
        if let (Some(id), 32) = (name.and_then(|name| self.names.asset(name)), size) {
            return Ok(DynSolValue::FixedBytes(B256::from(id), 32));
        }
        let given = bytes(view)?;
        if given.len() != size || size > 32 {
            return Err(view.error(format!("{size} bytes in hexadecimal")));
        }
        Ok(DynSolValue::FixedBytes(B256::right_padding_from(&given), size))
    }

    fn items(
        &self,
        view: &View<'_>,
        item: &DynSolType,
        parts: &[Param],
    ) -> Result<Vec<DynSolValue>, ViewError> {
        view.list()?.iter().map(|view| self.read(view, item, parts)).collect()
    }

    fn tuple(
        &self,
        view: &View<'_>,
        kinds: &[DynSolType],
        parts: &[Param],
    ) -> Result<DynSolValue, ViewError> {
        let views = match &view.value.kind {
            Kind::Object(_) => by_field(view, parts)?,
            _ => view.list()?,
        };
        if views.len() != kinds.len() {
            return Err(view.error_found(format!("{} fields", kinds.len()), views.len().to_string()));
        }
        let nothing: &[Param] = &[];
        let inner = |i: usize| parts.get(i).map_or(nothing, |part| part.components.as_slice());
        let fields = views.iter().zip(kinds).enumerate();
        let values = fields.map(|(i, (view, kind))| self.read(view, kind, inner(i)));
        Ok(DynSolValue::Tuple(values.collect::<Result<_, _>>()?))
    }
}

/// Orders an object's values by the struct's fields.
fn by_field<'a>(view: &View<'a>, parts: &[Param]) -> Result<Vec<View<'a>>, ViewError> {
    let entries = view.entries()?;
    if let Some((name, unknown)) = entries.iter().find(|(name, _)| parts.iter().all(|p| p.name != *name)) {
        let known: Vec<_> = parts.iter().map(|part| part.name.as_str()).collect();
        let expected = format!("one of the fields {}", known.join(", "));
        return Err(unknown.error_found(expected, format!("the unknown field `{name}`")));
    }
    let find = |part: &Param| {
        let found = entries.iter().find(|(name, _)| *name == part.name).map(|(_, view)| view.clone());
        found.ok_or_else(|| view.error_found(format!("the field `{}`", part.name), "none"))
    };
    parts.iter().map(find).collect()
}

fn bytes(view: &View<'_>) -> Result<Vec<u8>, ViewError> {
    let text = view.string()?;
    let digits = text.strip_prefix("0x").ok_or_else(|| view.error("bytes in hexadecimal after `0x`"))?;
    hex::decode(digits).map_err(|_| view.error("bytes in hexadecimal after `0x`"))
}

/// Shows a parameter of an event: as [`show_value`], but 64-bit numbers that are called dates as dates.
pub(crate) fn show_named(name: &str, value: &DynSolValue, names: &Names) -> String {
    const DATES: [&str; 6] = ["date", "time", "due", "start", "end", "deadline"];
    match value {
        DynSolValue::Uint(value, 64) if DATES.contains(&name) => date::show(value.saturating_to()),
        // Ids of grants, triggers and unnamed assets: their head tells them apart.
        DynSolValue::FixedBytes(word, 32) => head(*word),
        DynSolValue::Uint(value, 256) if value.bit_len() > 160 && names.asset_name(*value).is_none() => {
            head(B256::from(*value))
        }
        other => show_value(other, names),
    }
}

fn head(word: B256) -> String {
    format!("{}...", hex::encode_prefixed(word.get(..4).unwrap_or_default()))
}

/// Shows an integer; a large one as a multiple of 1e18, which a scenario reads as well.
fn show_integer(negative: bool, magnitude: U256) -> String {
    let sign = if negative { "-" } else { "" };
    if magnitude < U256::from(1_000_000_000_000u64) || magnitude.bit_len() > 160 {
        return format!("{sign}{magnitude}");
    }
    format!("{sign}{}e18", decimal::show_units(magnitude, 18))
}

/// Shows a value, addresses and asset ids by their names.
pub(crate) fn show_value(value: &DynSolValue, names: &Names) -> String {
    let list = |items: &[DynSolValue]| {
        let shown: Vec<_> = items.iter().map(|item| show_value(item, names)).collect();
        shown.join(", ")
    };
    match value {
        DynSolValue::Bool(value) => value.to_string(),
        DynSolValue::Int(value, _) => show_integer(value.is_negative(), value.unsigned_abs()),
        DynSolValue::Uint(value, 256) => {
            let name = names.asset_name(*value).filter(|_| value.bit_len() > 64);
            name.map_or_else(|| show_integer(false, *value), |name| format!("${name}"))
        }
        DynSolValue::Uint(value, _) => show_integer(false, *value),
        DynSolValue::Address(value) => names.show_address(*value),
        DynSolValue::FixedBytes(word, size) => hex::encode_prefixed(word.get(..*size).unwrap_or_default()),
        DynSolValue::Bytes(value) => hex::encode_prefixed(value),
        DynSolValue::String(value) => format!("{value:?}"),
        DynSolValue::Array(items) | DynSolValue::FixedArray(items) => format!("[{}]", list(items)),
        DynSolValue::Tuple(items) => format!("({})", list(items)),
        other => format!("{other:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::json;

    fn names() -> Names {
        let mut names = Names::default();
        names.add_address("al", Address::with_last_byte(7));
        names.add_asset("USD", U256::from(99) << 200);
        names
    }

    fn read(text: &str, param: &str) -> Result<String, String> {
        let value = json::parse(text).unwrap();
        let param: Param = serde_json::from_str(param).unwrap();
        dyn_value(&View::root(&value), &param, &names())
            .map(|value| show_value(&value, &names()))
            .map_err(|error| error.expected)
    }

    fn simple(text: &str, kind: &str) -> Result<String, String> {
        read(text, &format!("{{\"name\":\"x\",\"type\":\"{kind}\"}}"))
    }

    #[test]
    fn reads_amounts() {
        for (text, value) in [
            ("12", "12"),
            ("1_000", "1000"),
            ("0xff", "255"),
            ("1.5e18", "1500000000000000000"),
            ("5 ether", "5000000000000000000"),
            ("0.25 gwei", "250000000"),
            ("120e-1", "12"),
        ] {
            assert_eq!(amount(text).map(|n| n.to_string()), Ok(value.to_string()), "{text}");
        }
        assert_eq!(amount("1.5"), Err(ValueError::NotWhole));
        assert_eq!(amount("0.1 wei"), Err(ValueError::NotWhole));
        assert_eq!(amount("1e99"), Err(ValueError::TooLarge));
        for text in ["", "-5", "x", "1 dollar", "0x", "1e", "."] {
            assert_eq!(amount(text), Err(ValueError::Malformed), "{text}");
        }
    }

    #[test]
    fn reads_by_type() {
        assert_eq!(simple("\"255\"", "uint8"), Ok("255".into()));
        assert_eq!(simple("\"256\"", "uint8"), Err("a uint8".into()));
        assert_eq!(simple("\"-128\"", "int8"), Ok("-128".into()));
        assert_eq!(simple("\"-129\"", "int8"), Err("an int8".into()));
        assert_eq!(simple("\"2013-01-01\"", "uint64"), Ok("1356998400".into()));
        assert_eq!(simple("\"$USD\"", "uint256"), Ok("$USD".into()));
        assert_eq!(simple("\"-22875.5e18\"", "int256"), Ok("-22875.5e18".into()));
        assert_eq!(simple("\"$al\"", "address"), Ok("al".into()));
        assert_eq!(simple("\"0x0102\"", "bytes2"), Ok("0x0102".into()));
        assert_eq!(simple("\"0x01\"", "bytes2"), Err("2 bytes in hexadecimal".into()));
        assert_eq!(simple("\"hello\"", "string"), Ok("\"hello\"".into()));
        assert_eq!(simple("[1, 2]", "uint256[2]"), Ok("[1, 2]".into()));
        assert_eq!(simple("[1]", "uint256[2]"), Err("2 items".into()));
        assert!(simple("\"$bob\"", "address").is_err());
    }

    #[test]
    fn reads_structs_by_name_and_by_order() {
        let param = r#"{"name":"t","type":"tuple[]","components":[{"name":"a","type":"uint8"},{"name":"b","type":"bool"}]}"#;
        assert_eq!(read(r#"[{"b":true,"a":"3"},["4",false]]"#, param), Ok("[(3, true), (4, false)]".into()));
        assert_eq!(read(r#"[{"b":true}]"#, param), Err("the field `a`".into()));
        assert_eq!(read(r#"[{"c":true}]"#, param), Err("one of the fields a, b".into()));
    }
}
