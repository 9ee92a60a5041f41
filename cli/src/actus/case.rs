//! Reads reference cases: terms, observed data and expected events, each with its key path.

use super::dictionary;
use crate::input::{
    decimal::Excess,
    json::{Place, Value},
    view::{View, ViewError},
};
use alloy_primitives::I256;

/// Is one reference case.
#[derive(Debug)]
pub(crate) struct Case<'a> {
    pub(crate) id: String,
    pub(crate) place: Place,
    pub(crate) terms: Vec<Term<'a>>,
    /// The last moment to compare; none compares all.
    pub(crate) to: Option<u64>,
    pub(crate) series: Vec<Series>,
    /// Events observed outside, which no template takes yet.
    pub(crate) observed: Vec<View<'a>>,
    pub(crate) results: Vec<Expected>,
}

/// Is one term of the contract as written.
#[derive(Debug, Clone)]
pub(crate) struct Term<'a> {
    pub(crate) name: &'a str,
    pub(crate) view: View<'a>,
}

/// Is a market series: values at points in time.
#[derive(Debug, Clone)]
pub(crate) struct Series {
    pub(crate) code: String,
    pub(crate) points: Vec<(u64, I256)>,
}

/// Is one event as the reference has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Expected {
    pub(crate) time: u64,
    pub(crate) kind: String,
    pub(crate) payoff: I256,
    /// The state after the event, as far as the case tells it.
    pub(crate) notional: Option<I256>,
    pub(crate) rate: Option<I256>,
    pub(crate) accrued: Option<I256>,
}

impl<'a> Case<'a> {
    /// Finds a term.
    pub(crate) fn term(&self, name: &str) -> Option<&View<'a>> {
        self.terms.iter().find(|term| term.name == name).map(|term| &term.view)
    }
}

/// Reads all cases of a document. Every fault of the file is reported, not only the first.
pub(crate) fn read(document: &Value) -> Result<Vec<Case<'_>>, Vec<ViewError>> {
    let entries = View::root(document).entries().map_err(|error| vec![error])?;
    let mut faults = Vec::new();
    let mut cases = Vec::new();
    for (id, view) in entries {
        match case(id, &view) {
            Ok(case) => cases.push(case),
            Err(mut found) => faults.append(&mut found),
        }
    }
    if faults.is_empty() { Ok(cases) } else { Err(faults) }
}

fn case<'a>(id: &str, view: &View<'a>) -> Result<Case<'a>, Vec<ViewError>> {
    let one = |error| vec![error];
    let mut fields = view.fields().map_err(one)?;
    if let Some(identifier) = fields.take("identifier") {
        identifier.text().map_err(one)?;
    }
    let terms = terms(&fields.need("terms").map_err(one)?)?;
    let to = fields.take("to").map_or(Ok(None), |view| end(&view)).map_err(one)?;
    let series = fields.take("dataObserved").map_or(Ok(Vec::new()), |view| series(&view)).map_err(one)?;
    let observed = fields.take("eventsObserved").map_or(Ok(Vec::new()), |view| view.list()).map_err(one)?;
    let results = fields.need("results").and_then(|view| view.list()).map_err(one)?;
    let results = results.iter().map(expected).collect::<Result<_, _>>().map_err(one)?;
    fields.finish().map_err(one)?;
    let (id, place) = (id.to_string(), view.value.place);
    Ok(Case { id, place, terms, to, series, observed, results })
}

fn terms<'a>(view: &View<'a>) -> Result<Vec<Term<'a>>, Vec<ViewError>> {
    let entries = view.entries().map_err(|error| vec![error])?;
    let unknown: Vec<_> = entries
        .iter()
        .filter(|(name, _)| !dictionary::knows(name))
        .map(|(name, view)| stranger(name, view))
        .collect();
    if !unknown.is_empty() {
        return Err(unknown);
    }
    Ok(entries.into_iter().map(|(name, view)| Term { name, view }).collect())
}

fn stranger(name: &str, view: &View<'_>) -> ViewError {
    let expected = match dictionary::nearest(name) {
        Some(near) => format!("a term of the ACTUS dictionary (perhaps `{near}`)"),
        None => "a term of the ACTUS dictionary".to_string(),
    };
    view.error_found(expected, format!("the unknown term `{name}`"))
}

/// Reads `to`: an empty text means no end.
fn end(view: &View<'_>) -> Result<Option<u64>, ViewError> {
    if view.string()?.trim().is_empty() { Ok(None) } else { view.date().map(Some) }
}

fn series(view: &View<'_>) -> Result<Vec<Series>, ViewError> {
    let one = |(code, view): (&str, View<'_>)| {
        let mut fields = view.fields()?;
        if let Some(identifier) = fields.take("identifier") {
            identifier.text()?;
        }
        let points = fields.need("data")?.list()?.iter().map(point).collect::<Result<_, _>>()?;
        fields.finish()?;
        Ok(Series { code: code.to_string(), points })
    };
    view.entries()?.into_iter().map(one).collect()
}

fn point(view: &View<'_>) -> Result<(u64, I256), ViewError> {
    let mut fields = view.fields()?;
    let time = fields.need("timestamp")?.date()?;
    let value = fields.need("value")?.decimal(Excess::Drop)?;
    fields.finish()?;
    Ok((time, value))
}

/// Reads an event. States of contract types that no template covers yet may stand beside the known ones.
fn expected(view: &View<'_>) -> Result<Expected, ViewError> {
    let mut fields = view.fields()?;
    let time = fields.need("eventDate")?.date()?;
    let kind = fields.need("eventType")?.string()?.to_string();
    let payoff = fields.need("payoff")?.decimal(Excess::Drop)?;
    let mut state = |key| fields.take(key).map(|view| view.decimal(Excess::Drop)).transpose();
    let (notional, rate, accrued) =
        (state("notionalPrincipal")?, state("nominalInterestRate")?, state("accruedInterest")?);
    for key in ["currency", "exerciseAmount", "exerciseDate"] {
        if let Some(view) = fields.take(key) {
            view.text()?;
        }
    }
    fields.finish()?;
    Ok(Expected { time, kind, payoff, notional, rate, accrued })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::json;

    fn faults(text: &str) -> Vec<String> {
        let document = json::parse(text).unwrap();
        read(&document).map(|_| ()).unwrap_err().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn reads_a_case_exactly() {
        let text = r#"{"p":{"terms":{"notionalPrincipal":"  3000"},"to":"","dataObserved":
            {"R":{"identifier":"R","data":[{"timestamp":"2013-02-01T00:00:00","value":"0.015938271604938273"}]}},
            "eventsObserved":[],"results":[{"eventDate":"2013-12-31T23:59:59","eventType":"IP",
            "payoff":25.4794520547945,"currency":"USD","accruedInterest":0}]}}"#;
        let document = json::parse(text).unwrap();
        let cases = read(&document).unwrap();
        let case = &cases[0];
        assert_eq!((case.id.as_str(), case.to), ("p", None));
        assert_eq!(case.series[0].points[0].1.to_string(), "15938271604938273");
        assert_eq!(case.results[0].payoff.to_string(), "25479452054794500000");
        assert_eq!(case.results[0].time, 1_388_534_399);
        assert_eq!((case.results[0].notional, case.results[0].accrued), (None, Some(I256::ZERO)));
        assert_eq!(case.term("notionalPrincipal").unwrap().path, "p.terms.notionalPrincipal");
    }

    #[test]
    fn names_every_fault_by_its_path() {
        let found = faults(
            r#"{"pam01":{"terms":{"foo":1,"maturityDat":""},"results":[]},"pam02":{"results":[]},"pam03":7}"#,
        );
        assert_eq!(
            found,
            [
                "1:26: pam01.terms.foo: expected a term of the ACTUS dictionary, found the unknown term `foo`",
                "1:42: pam01.terms.maturityDat: expected a term of the ACTUS dictionary (perhaps \
                 `maturityDate`), found the unknown term `maturityDat`",
                "1:68: pam02: expected the key `terms`, found none",
                "1:91: pam03: expected an object, found 7",
            ]
        );
    }

    #[test]
    fn refuses_values_that_are_no_numbers_or_dates() {
        let event = |date: &str, payoff: &str| {
            format!(
                r#"{{"a":{{"terms":{{}},"results":[{{"eventDate":"{date}","eventType":"IP","payoff":{payoff}}}]}}}}"#
            )
        };
        assert!(faults(&event("2013-02-30", "1"))[0].contains("a.results[0].eventDate: expected a date"));
        assert!(faults(&event("2013-02-03", "\"x\""))[0].contains("a.results[0].payoff: expected a decimal"));
        assert_eq!(faults("[]"), ["1:1: the document: expected an object, found a list"]);
    }
}
