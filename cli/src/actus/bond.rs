//! Translates the terms of a case into the fields of the template `Bond` (`fusor/finance/Bond.md`).

use super::case::Case;
use crate::input::{
    decimal::{self, Excess},
    view::{View, ViewError},
};
use alloy_primitives::{B256, I256, keccak256};
use alloy_sol_types::sol;

sol! {
    /// Is an ACTUS cycle: unit D 1, W 2, M 3, Q 4, H 5, Y 6.
    #[derive(Debug, Default, PartialEq, Eq)]
    struct Cycle {
        uint16 count;
        uint8 unit;
        bool longStub;
    }

    /// Is the template's terms, field by field.
    #[derive(Debug)]
    struct PamTerms {
        uint64 statusDate;
        uint64 initialExchangeDate;
        uint64 maturityDate;
        uint64 capitalizationEndDate;
        uint64 purchaseDate;
        uint64 terminationDate;
        uint64 interestAnchor;
        uint64 resetAnchor;
        uint64 feeAnchor;
        uint64 scalingAnchor;
        uint8 role;
        uint8 dayCount;
        uint8 businessDay;
        uint8 calendar;
        uint8 endOfMonth;
        uint8 feeBasis;
        bool scalesInterest;
        bool scalesNotional;
        bool hasNextResetRate;
        Cycle interestCycle;
        Cycle resetCycle;
        Cycle feeCycle;
        Cycle scalingCycle;
        int256 notionalPrincipal;
        int256 premiumDiscountAtIED;
        int256 nominalInterestRate;
        int256 accruedInterest;
        int256 priceAtPurchaseDate;
        int256 priceAtTerminationDate;
        int256 rateSpread;
        int256 rateMultiplier;
        int256 lifeCap;
        int256 lifeFloor;
        int256 periodCap;
        int256 periodFloor;
        int256 nextResetRate;
        int256 feeRate;
        int256 feeAccrued;
        int256 scalingIndexAtDealDate;
        int256 interestScaling;
        int256 notionalScaling;
    }

    /// Is who and what a bond binds.
    #[derive(Debug)]
    struct BondParties {
        address issuer;
        address holder;
        address observer;
        bytes32 rateObject;
        bytes32 indexObject;
        uint256 cash;
        uint64 gracePeriod;
    }
}

/// Is a case translated for the template.
#[derive(Debug)]
pub(crate) struct Bond {
    pub(crate) terms: PamTerms,
    /// What resets and scaling are fixed to; zero when absent.
    pub(crate) rate_object: B256,
    pub(crate) index_object: B256,
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
    "seniority",
];
/// Lists terms that are supported with one value only, the one that changes nothing.
const NEUTRAL_VALUES: &[(&str, &str)] =
    &[("contractPerformance", "PF"), ("prepaymentEffect", "N"), ("cyclePointOfInterestPayment", "E")];

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
        let terms = PamTerms {
            statusDate: self.needed_date("statusDate")?,
            initialExchangeDate: self.needed_date("initialExchangeDate")?,
            maturityDate: self.needed_date("maturityDate")?,
            capitalizationEndDate: self.date("capitalizationEndDate")?,
            purchaseDate: self.date("purchaseDate")?,
            terminationDate: self.date("terminationDate")?,
            interestAnchor: self.date("cycleAnchorDateOfInterestPayment")?,
            resetAnchor: self.date("cycleAnchorDateOfRateReset")?,
            feeAnchor: self.date("cycleAnchorDateOfFee")?,
            scalingAnchor: self.date("cycleAnchorDateOfScalingIndex")?,
            role: self.needed_word("contractRole", ROLES)?,
            dayCount: self.needed_word("dayCountConvention", DAY_COUNTS)?,
            businessDay: self.word("businessDayConvention", BUSINESS_DAYS, 0)?,
            calendar: self.word("calendar", CALENDARS, 0)?,
            endOfMonth: self.word("endOfMonthConvention", MONTH_ENDS, 0)?,
            feeBasis: self.word("feeBasis", FEE_BASES, 1)?,
            scalesInterest: scaling.0,
            scalesNotional: scaling.1,
            hasNextResetRate: self.case.term("nextResetRate").is_some(),
            interestCycle: self.cycle("cycleOfInterestPayment")?,
            resetCycle: self.cycle("cycleOfRateReset")?,
            feeCycle: self.cycle("cycleOfFee")?,
            scalingCycle: self.cycle("cycleOfScalingIndex")?,
            notionalPrincipal: self.needed_number("notionalPrincipal")?,
            premiumDiscountAtIED: self.number("premiumDiscountAtIED", I256::ZERO)?,
            nominalInterestRate: self.number("nominalInterestRate", I256::ZERO)?,
            accruedInterest: self.number("accruedInterest", I256::ZERO)?,
            priceAtPurchaseDate: self.number("priceAtPurchaseDate", I256::ZERO)?,
            priceAtTerminationDate: self.number("priceAtTerminationDate", I256::ZERO)?,
            rateSpread: self.number("rateSpread", I256::ZERO)?,
            rateMultiplier: self.number("rateMultiplier", one())?,
            lifeCap: self.number("lifeCap", I256::MAX)?,
            lifeFloor: self.number("lifeFloor", I256::MIN)?,
            periodCap: self.number("periodCap", I256::MAX)?,
            periodFloor: self.number("periodFloor", I256::MIN)?,
            nextResetRate: self.number("nextResetRate", I256::ZERO)?,
            feeRate: self.number("feeRate", I256::ZERO)?,
            feeAccrued: self.number("feeAccrued", I256::ZERO)?,
            scalingIndexAtDealDate: self.number("scalingIndexAtContractDealDate", I256::ZERO)?,
            interestScaling: self.number("interestScalingMultiplier", one())?,
            notionalScaling: self.number("notionalScalingMultiplier", one())?,
        };
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

    fn date(&mut self, name: &'static str) -> Result<u64, Refusal> {
        Ok(self.term(name).map(|view| view.date()).transpose()?.unwrap_or(0))
    }

    fn needed_date(&mut self, name: &'static str) -> Result<u64, Refusal> {
        Ok(self.needed(name)?.date()?)
    }

    fn number(&mut self, name: &'static str, absent: I256) -> Result<I256, Refusal> {
        Ok(self.term(name).map(|view| view.decimal(Excess::Refuse)).transpose()?.unwrap_or(absent))
    }

    fn needed_number(&mut self, name: &'static str) -> Result<I256, Refusal> {
        Ok(self.needed(name)?.decimal(Excess::Refuse)?)
    }

    fn word(&mut self, name: &'static str, words: &[(&str, Word)], absent: u8) -> Result<u8, Refusal> {
        let Some(view) = self.term(name) else { return Ok(absent) };
        match view.one_of(words)? {
            Code(code) => Ok(code),
            Lacking => {
                self.lacking.push(format!("{name} {}", view.text()?));
                Ok(absent)
            }
        }
    }

    fn needed_word(&mut self, name: &'static str, words: &[(&str, Word)]) -> Result<u8, Refusal> {
        self.needed(name)?;
        self.word(name, words, 0)
    }

    fn cycle(&mut self, name: &'static str) -> Result<Cycle, Refusal> {
        let Some(view) = self.term(name) else { return Ok(Cycle::default()) };
        let text = view.string()?;
        Ok(cycle(text).ok_or_else(|| view.error("a cycle such as P1ML0"))?)
    }

    fn object(&mut self, name: &'static str) -> Result<B256, Refusal> {
        let view = self.term(name);
        Ok(view.map(|view| view.string().map(keccak256)).transpose()?.unwrap_or_default())
    }

    /// Reads which of interest and notional are scaled (`000`, `I00`, `0N0`, `IN0`).
    fn scaling(&mut self) -> Result<(bool, bool), Refusal> {
        let Some(view) = self.term("scalingEffect") else { return Ok((false, false)) };
        let mut letters = view.string()?.trim().chars();
        let parts = (letters.next(), letters.next(), letters.next(), letters.next());
        let (Some(interest @ ('I' | '0')), Some(notional @ ('N' | '0')), Some(rest @ ('M' | '0')), None) =
            parts
        else {
            return Err(view.error("one of 000, I00, 0N0, IN0").into());
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
    Some(Cycle { count, unit, longStub: long })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{actus, input::json};

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
            "marketObjectCodeOfRateReset":"USD_SWP","scalingEffect":"IN0","businessDayConvention":"SCMP""#;
        let bond = outcome(&format!("{BASE}{more}"), "").unwrap();
        let terms = &bond.terms;
        assert_eq!(terms.notionalPrincipal.to_string(), "3000000000000000000000");
        assert_eq!(terms.nominalInterestRate.to_string(), "100000000000000000");
        assert_eq!(terms.rateMultiplier, one());
        assert_eq!(terms.interestCycle, Cycle { count: 1, unit: 3, longStub: true });
        assert_eq!((terms.dayCount, terms.businessDay, terms.role), (2, 6, 0));
        assert!(terms.scalesInterest && terms.scalesNotional && !terms.hasNextResetRate);
        assert_eq!((terms.lifeCap, terms.periodFloor), (I256::MAX, I256::MIN));
        assert_eq!(bond.rate_object, keccak256("USD_SWP"));
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
            |text, count, unit, long| assert_eq!(cycle(text), Some(Cycle { count, unit, longStub: long }));
        is("P27DL1", 27, 1, false);
        is("P6ML0", 6, 3, true);
        is("P1Y", 1, 6, false);
        for text in ["", "P", "1M", "P1", "PM", "P0M", "P1ML", "P1ML2", "P1ML0x", "P99999M", "P1MM"] {
            assert_eq!(cycle(text), None, "{text}");
        }
    }
}
