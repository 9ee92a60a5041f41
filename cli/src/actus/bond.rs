//! Translates the terms of a case into the fields of the template `Bond` (`fusor/finance/Bond.md`).

use super::case::Case;
use crate::input::{
    decimal::{self, Excess},
    view::{View, ViewError},
};
use alloy_dyn_abi::{DynSolValue, Specifier};
use alloy_json_abi::Param;
use alloy_primitives::{I256, U256};

/// Is an ACTUS cycle: unit D 1, W 2, M 3, Q 4, H 5, Y 6.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Cycle {
    count: u16,
    unit: u8,
    long_stub: bool,
}

/// Is the value of one of the template's fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    /// Seconds since 1970; 0 is absent.
    Date(u64),
    /// The code of an enum.
    Code(u8),
    Flag(bool),
    Cycle(Cycle),
    /// An amount or a rate of 18 decimals.
    Number(I256),
}

impl Field {
    fn value(self) -> DynSolValue {
        let uint = |value: u64, bits| DynSolValue::Uint(U256::from(value), bits);
        match self {
            Self::Date(seconds) => uint(seconds, 64),
            Self::Code(code) => uint(code.into(), 8),
            Self::Flag(flag) => DynSolValue::Bool(flag),
            Self::Number(number) => DynSolValue::Int(number, 256),
            Self::Cycle(cycle) => DynSolValue::Tuple(vec![
                uint(cycle.count.into(), 16),
                uint(cycle.unit.into(), 8),
                DynSolValue::Bool(cycle.long_stub),
            ]),
        }
    }
}

/// Is a case translated for the template.
#[derive(Debug)]
pub(crate) struct Bond {
    /// The template's terms by the name of the field.
    pub(crate) terms: Vec<(&'static str, Field)>,
    /// The market objects that resets and scaling are fixed to.
    pub(crate) rate_object: Option<String>,
    pub(crate) index_object: Option<String>,
}

impl Bond {
    /// Finds a field.
    pub(crate) fn field(&self, name: &str) -> Option<Field> {
        self.terms.iter().find(|(known, _)| *known == name).map(|(_, field)| *field)
    }

    /// Arranges the fields as the constructor's parameter wants them. Returns the name of a field that the
    /// template wants and the table lacks, or of one whose type differs, or the other way round.
    pub(crate) fn tuple(&self, param: &Param) -> Result<DynSolValue, String> {
        let fields: Vec<_> = self.terms.iter().map(|(name, field)| (*name, field.value())).collect();
        arrange(param, &fields)
    }
}

/// Arranges values by the names of a tuple's components; see [`Bond::tuple`].
pub(crate) fn arrange(param: &Param, fields: &[(&str, DynSolValue)]) -> Result<DynSolValue, String> {
    let named = |part: &Param| {
        let (_, value) =
            fields.iter().find(|(name, _)| *name == part.name).ok_or_else(|| part.name.clone())?;
        let fits = part.resolve().is_ok_and(|kind| kind.matches(value));
        if fits { Ok(value.clone()) } else { Err(part.name.clone()) }
    };
    let values = param.components.iter().map(named).collect::<Result<_, _>>()?;
    let surplus = fields.iter().find(|(name, _)| param.components.iter().all(|part| part.name != *name));
    surplus.map_or(Ok(DynSolValue::Tuple(values)), |(name, _)| Err((*name).to_string()))
}

/// Says why a case cannot be run.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// A value is malformed: the file is wrong.
    Malformed(ViewError),
    /// The template lacks something: each is named.
    Unsupported(Vec<String>),
}

impl From<ViewError> for Refusal {
    fn from(error: ViewError) -> Self {
        Self::Malformed(error)
    }
}

/// Says what to make of a term's word.
#[derive(Clone, Copy)]
enum Word {
    /// The template takes it.
    Code(u8),
    /// ACTUS knows it, the template does not.
    Lacking,
}

use Word::{Code, Lacking};

const ROLES: &[(&str, Word)] = &[
    ("RPA", Code(0)),
    ("RPL", Code(1)),
    ("CLO", Lacking),
    ("CNO", Lacking),
    ("COL", Lacking),
    ("LG", Lacking),
    ("ST", Lacking),
    ("BUY", Lacking),
    ("SEL", Lacking),
    ("RFL", Lacking),
    ("PFL", Lacking),
    ("RF", Lacking),
    ("PF", Lacking),
    ("GUA", Lacking),
    ("OBL", Lacking),
];
const DAY_COUNTS: &[(&str, Word)] = &[
    ("AA", Code(0)),
    ("A360", Code(1)),
    ("A365", Code(2)),
    ("30E360ISDA", Code(3)),
    ("30E360", Code(4)),
    ("28E336", Code(5)),
    ("B252", Code(6)),
];
const BUSINESS_DAYS: &[(&str, Word)] = &[
    ("NOS", Code(0)),
    ("SCF", Code(1)),
    ("SCMF", Code(2)),
    ("CSF", Code(3)),
    ("CSMF", Code(4)),
    ("SCP", Code(5)),
    ("SCMP", Code(6)),
    ("CSP", Code(7)),
    ("CSMP", Code(8)),
];
const CALENDARS: &[(&str, Word)] = &[("NC", Code(0)), ("MF", Code(1)), ("CC", Lacking)];
const MONTH_ENDS: &[(&str, Word)] = &[("SD", Code(0)), ("EOM", Code(1))];
const FEE_BASES: &[(&str, Word)] = &[("A", Code(0)), ("N", Code(1))];

/// Lists terms without influence on the cash flows of PAM.
const NEUTRAL: &[&str] = &[
    "contractType",
    "contractID",
    "contractDealDate",
    "currency",
    "counterpartyID",
    "creatorID",
    "marketObjectCode",
    "marketValueObserved",
    // Observed series are keyed by the reset's date, whenever the fixing was.
    "fixingDays",
    "fixingPeriod",
    "seniority",
];
/// Lists terms that are supported with one value only, the one that changes nothing.
const NEUTRAL_VALUES: &[(&str, &str)] = &[
    ("contractPerformance", "PF"),
    ("prepaymentEffect", "N"),
    ("cyclePointOfInterestPayment", "E"),
    ("cyclePointOfRateReset", "B"),
];

/// Translates a case.
pub(crate) fn translate(case: &Case<'_>) -> Result<Bond, Refusal> {
    let kind = case.term("contractType").map(View::text).transpose()?.unwrap_or("none").trim();
    if kind != "PAM" {
        return Err(Refusal::Unsupported(vec![format!("contractType {kind}")]));
    }
    let mut reader = Reader { case, asked: Vec::new(), lacking: Vec::new() };
    let bond = reader.bond()?;
    reader.look_at_the_rest()?;
    if reader.lacking.is_empty() { Ok(bond) } else { Err(Refusal::Unsupported(reader.lacking)) }
}

struct Reader<'c, 'a> {
    case: &'c Case<'a>,
    asked: Vec<&'static str>,
    lacking: Vec<String>,
}

impl<'a> Reader<'_, 'a> {
    fn bond(&mut self) -> Result<Bond, Refusal> {
        let scaling = self.scaling()?;
        let terms = vec![
            ("statusDate", self.needed_date("statusDate")?),
            ("initialExchangeDate", self.needed_date("initialExchangeDate")?),
            ("maturityDate", self.needed_date("maturityDate")?),
            ("capitalizationEndDate", self.date("capitalizationEndDate")?),
            ("purchaseDate", self.date("purchaseDate")?),
            ("terminationDate", self.date("terminationDate")?),
            ("interestAnchor", self.date("cycleAnchorDateOfInterestPayment")?),
            ("resetAnchor", self.date("cycleAnchorDateOfRateReset")?),
            ("feeAnchor", self.date("cycleAnchorDateOfFee")?),
            ("scalingAnchor", self.date("cycleAnchorDateOfScalingIndex")?),
            ("role", self.needed_word("contractRole", ROLES)?),
            ("dayCount", self.needed_word("dayCountConvention", DAY_COUNTS)?),
            ("businessDay", self.word("businessDayConvention", BUSINESS_DAYS, 0)?),
            ("calendar", self.word("calendar", CALENDARS, 0)?),
            ("endOfMonth", self.word("endOfMonthConvention", MONTH_ENDS, 0)?),
            ("feeBasis", self.word("feeBasis", FEE_BASES, 1)?),
            ("scalesInterest", Field::Flag(scaling.0)),
            ("scalesNotional", Field::Flag(scaling.1)),
            ("hasNextResetRate", Field::Flag(self.case.term("nextResetRate").is_some())),
            ("interestCycle", self.cycle("cycleOfInterestPayment")?),
            ("resetCycle", self.cycle("cycleOfRateReset")?),
            ("feeCycle", self.cycle("cycleOfFee")?),
            ("scalingCycle", self.cycle("cycleOfScalingIndex")?),
            ("notionalPrincipal", self.needed_number("notionalPrincipal")?),
            ("premiumDiscountAtIED", self.number("premiumDiscountAtIED", I256::ZERO)?),
            ("nominalInterestRate", self.number("nominalInterestRate", I256::ZERO)?),
            ("accruedInterest", self.number("accruedInterest", I256::ZERO)?),
            ("priceAtPurchaseDate", self.number("priceAtPurchaseDate", I256::ZERO)?),
            ("priceAtTerminationDate", self.number("priceAtTerminationDate", I256::ZERO)?),
            ("rateSpread", self.number("rateSpread", I256::ZERO)?),
            ("rateMultiplier", self.number("rateMultiplier", one())?),
            ("lifeCap", self.number("lifeCap", I256::MAX)?),
            ("lifeFloor", self.number("lifeFloor", I256::MIN)?),
            ("periodCap", self.number("periodCap", I256::MAX)?),
            ("periodFloor", self.number("periodFloor", I256::MIN)?),
            ("nextResetRate", self.number("nextResetRate", I256::ZERO)?),
            ("feeRate", self.number("feeRate", I256::ZERO)?),
            ("feeAccrued", self.number("feeAccrued", I256::ZERO)?),
            ("scalingIndexAtDealDate", self.number("scalingIndexAtContractDealDate", I256::ZERO)?),
            ("interestScaling", self.number("interestScalingMultiplier", one())?),
            ("notionalScaling", self.number("notionalScalingMultiplier", one())?),
        ];
        let rate_object = self.object("marketObjectCodeOfRateReset")?;
        let index_object = self.object("marketObjectCodeOfScalingIndex")?;
        Ok(Bond { terms, rate_object, index_object })
    }

    fn term(&mut self, name: &'static str) -> Option<View<'a>> {
        self.asked.push(name);
        self.case.term(name).cloned()
    }

    fn needed(&mut self, name: &'static str) -> Result<View<'a>, Refusal> {
        let found = self.term(name);
        // The case's own terms give the place; a case without any has none to give.
        found.ok_or_else(|| Refusal::Malformed(self.missing(name)))
    }

    fn missing(&self, name: &str) -> ViewError {
        let path = format!("{}.terms", self.case.id);
        ViewError {
            place: self.case.place,
            path,
            expected: format!("the term `{name}`"),
            found: "none".into(),
        }
    }

    fn date(&mut self, name: &'static str) -> Result<Field, Refusal> {
        Ok(Field::Date(self.term(name).map(|view| view.date()).transpose()?.unwrap_or(0)))
    }

    fn needed_date(&mut self, name: &'static str) -> Result<Field, Refusal> {
        Ok(Field::Date(self.needed(name)?.date()?))
    }

    fn number(&mut self, name: &'static str, absent: I256) -> Result<Field, Refusal> {
        let given = self.term(name).map(|view| view.decimal(Excess::Refuse)).transpose()?;
        Ok(Field::Number(given.unwrap_or(absent)))
    }

    fn needed_number(&mut self, name: &'static str) -> Result<Field, Refusal> {
        Ok(Field::Number(self.needed(name)?.decimal(Excess::Refuse)?))
    }

    fn word(&mut self, name: &'static str, words: &[(&str, Word)], absent: u8) -> Result<Field, Refusal> {
        let Some(view) = self.term(name) else { return Ok(Field::Code(absent)) };
        match view.one_of(words)? {
            Code(code) => Ok(Field::Code(code)),
            Lacking => {
                self.lacking.push(format!("{name} {}", view.text()?));
                Ok(Field::Code(absent))
            }
        }
    }

    fn needed_word(&mut self, name: &'static str, words: &[(&str, Word)]) -> Result<Field, Refusal> {
        self.needed(name)?;
        self.word(name, words, 0)
    }

    fn cycle(&mut self, name: &'static str) -> Result<Field, Refusal> {
        let Some(view) = self.term(name) else { return Ok(Field::Cycle(Cycle::default())) };
        let text = view.string()?;
        Ok(Field::Cycle(cycle(text).ok_or_else(|| view.error("a cycle such as P1ML0"))?))
    }

    fn object(&mut self, name: &'static str) -> Result<Option<String>, Refusal> {
        Ok(self.term(name).map(|view| view.string().map(str::to_string)).transpose()?)
    }

    /// Reads which of interest and notional are scaled (`OOO`, `IOO`, `ONO`, `INO`; zeros serve as well).
    fn scaling(&mut self) -> Result<(bool, bool), Refusal> {
        let Some(view) = self.term("scalingEffect") else { return Ok((false, false)) };
        let mut letters = view.string()?.trim().chars();
        let parts = (letters.next(), letters.next(), letters.next(), letters.next());
        let (
            Some(interest @ ('I' | 'O' | '0')),
            Some(notional @ ('N' | 'O' | '0')),
            Some(rest @ ('M' | 'O' | '0')),
            None,
        ) = parts
        else {
            return Err(view.error("one of OOO, IOO, ONO, INO").into());
        };
        if rest == 'M' {
            self.lacking.push(format!("scalingEffect {}", view.string()?));
        }
        Ok((interest == 'I', notional == 'N'))
    }

    /// Names every term that the template does not take.
    fn look_at_the_rest(&mut self) -> Result<(), Refusal> {
        for term in &self.case.terms {
            let plain = || term.view.text().map_or("", str::trim);
            let harmless = NEUTRAL_VALUES.contains(&(term.name, plain()));
            if !self.asked.contains(&term.name) && !NEUTRAL.contains(&term.name) && !harmless {
                self.lacking.push(format!("{} {}", term.name, plain()).trim().to_string());
            }
        }
        for event in &self.case.observed {
            let kind = event.fields()?.take("type").map(|view| view.text()).transpose()?.unwrap_or("event");
            self.lacking.push(format!("observed {kind}"));
        }
        Ok(())
    }
}

fn one() -> I256 {
    decimal::parse("1", Excess::Refuse).unwrap_or(I256::ZERO)
}

fn cycle(text: &str) -> Option<Cycle> {
    let body = text.trim().strip_prefix('P')?;
    let (body, long) = match body.split_once('L') {
        None => (body, false),
        Some((body, "0")) => (body, true),
        Some((body, "1")) => (body, false),
        Some(_) => return None,
    };
    let unit = body.chars().last()?;
    let count: u16 = body.strip_suffix(unit)?.parse().ok().filter(|count| *count > 0)?;
    let unit = (1u8..).zip("DWMQHY".chars()).find(|(_, letter)| *letter == unit)?.0;
    Some(Cycle { count, unit, long_stub: long })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        actus,
        input::{json, mutate},
    };

    const BASE: &str = r#""contractType":"PAM","statusDate":"2012-12-30T00:00:00","contractRole":"RPA",
        "initialExchangeDate":"2013-01-01T00:00:00","maturityDate":"2014-01-01T00:00:00",
        "notionalPrincipal":"3000","dayCountConvention":"A365""#;

    fn outcome(terms: &str, rest: &str) -> Result<Bond, Refusal> {
        let text = format!(r#"{{"c":{{"terms":{{{terms}}},"results":[]{rest}}}}}"#);
        let document = json::parse(&text).unwrap();
        let cases = actus::read(&document).unwrap();
        translate(&cases[0])
    }

    fn lacking(more: &str, rest: &str) -> Vec<String> {
        match outcome(&format!("{BASE}{more}"), rest) {
            Err(Refusal::Unsupported(names)) => names,
            other => panic!("{other:?}"),
        }
    }

    fn malformed(terms: &str) -> String {
        match outcome(terms, "") {
            Err(Refusal::Malformed(error)) => format!("{}: expected {}", error.path, error.expected),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn translates_terms_exactly() {
        let more = r#","cycleOfInterestPayment":"P1ML0","premiumDiscountAtIED":"   0","nominalInterestRate":0.1,
            "marketObjectCodeOfRateReset":"USD_SWP","scalingEffect":"INO","businessDayConvention":"SCMP""#;
        let bond = outcome(&format!("{BASE}{more}"), "").unwrap();
        let number = |name| match bond.field(name) {
            Some(Field::Number(number)) => number,
            other => panic!("{name}: {other:?}"),
        };
        assert_eq!(number("notionalPrincipal").to_string(), "3000000000000000000000");
        assert_eq!(number("nominalInterestRate").to_string(), "100000000000000000");
        assert_eq!((number("rateMultiplier"), number("premiumDiscountAtIED")), (one(), I256::ZERO));
        assert_eq!((number("lifeCap"), number("periodFloor")), (I256::MAX, I256::MIN));
        let monthly = Cycle { count: 1, unit: 3, long_stub: true };
        assert_eq!(bond.field("interestCycle"), Some(Field::Cycle(monthly)));
        let codes = ["dayCount", "businessDay", "role"].map(|name| bond.field(name));
        assert_eq!(codes, [2, 6, 0].map(|code| Some(Field::Code(code))));
        let flags = ["scalesInterest", "scalesNotional", "hasNextResetRate"].map(|name| bond.field(name));
        assert_eq!(flags, [true, true, false].map(|flag| Some(Field::Flag(flag))));
        assert_eq!(bond.rate_object.as_deref(), Some("USD_SWP"));
    }

    #[test]
    fn arranges_fields_by_the_templates_names() {
        let bond = outcome(BASE, "").unwrap();
        let part = |name: &str, ty: &str| format!(r#"{{"name":"{name}","type":"{ty}"}}"#);
        let tuple = |parts: &[String]| {
            let text = format!(r#"{{"name":"t","type":"tuple","components":[{}]}}"#, parts.join(","));
            bond.tuple(&serde_json::from_str(&text).unwrap())
        };
        assert_eq!(tuple(&[part("role", "uint16")]), Err("role".into()));
        assert_eq!(tuple(&[part("colour", "uint8")]), Err("colour".into()));
        assert_eq!(tuple(&[part("role", "uint8")]), Err("statusDate".into()));
    }

    #[test]
    fn names_what_the_template_lacks() {
        assert_eq!(
            lacking(r#","delinquencyRate":"0.1","calendar":"CC""#, ""),
            ["calendar CC", "delinquencyRate 0.1"]
        );
        assert_eq!(lacking(r#","prepaymentEffect":"A""#, ""), ["prepaymentEffect A"]);
        let observed = r#","eventsObserved":[{"type":"PP","time":"2013-02-01T00:00:00"}]"#;
        assert_eq!(lacking("", observed), ["observed PP"]);
        assert!(outcome(&format!(r#"{BASE},"prepaymentEffect":"N""#), "").is_ok());
        match outcome(r#""contractType":"LAM""#, "") {
            Err(Refusal::Unsupported(names)) => assert_eq!(names, ["contractType LAM"]),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn no_damaged_case_panics() {
        let more = r#","cycleOfInterestPayment":"P1ML0","nominalInterestRate":"1e-2","scalingEffect":"INO""#;
        let text = format!(
            r#"{{"c":{{"terms":{{{BASE}{more}}},"to":"2013-01-01","dataObserved":{{"R":{{"data":[{{"timestamp":"2013-01-01",
            "value":"1"}}]}}}},"results":[{{"eventDate":"2013-01-01","eventType":"IP","payoff":1.5}}]}}}}"#
        );
        let mut translated = 0;
        for damaged in mutate::damaged(&text, 4_000) {
            let Ok(document) = json::parse(&damaged) else { continue };
            let cases = actus::read(&document).unwrap_or_default();
            translated += cases.iter().filter(|case| translate(case).is_ok()).count();
        }
        assert!(translated > 5, "the damage is so great that nothing is tested");
    }

    #[test]
    fn names_malformed_values_by_path() {
        assert_eq!(malformed(r#""contractType":"PAM""#), "c.terms: expected the term `statusDate`");
        let with = |more: &str| malformed(&format!("{BASE},{more}"));
        assert_eq!(with(r#""cycleOfFee":"P1X""#), "c.terms.cycleOfFee: expected a cycle such as P1ML0");
        assert!(with(r#""feeRate":"much""#).starts_with("c.terms.feeRate: expected a decimal number"));
        assert!(with(r#""calendar":"XX""#).starts_with("c.terms.calendar: expected one of NC, MF"));
        assert!(with(r#""purchaseDate":"soon""#).starts_with("c.terms.purchaseDate: expected a date"));
    }

    #[test]
    fn reads_cycles() {
        let is =
            |text, count, unit, long| assert_eq!(cycle(text), Some(Cycle { count, unit, long_stub: long }));
        is("P27DL1", 27, 1, false);
        is("P6ML0", 6, 3, true);
        is("P1Y", 1, 6, false);
        for text in ["", "P", "1M", "P1", "PM", "P0M", "P1ML", "P1ML2", "P1ML0x", "P99999M", "P1MM"] {
            assert_eq!(cycle(text), None, "{text}");
        }
    }
}
