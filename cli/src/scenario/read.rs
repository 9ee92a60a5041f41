//! Turns a scenario's JSON into its model: unknown keys, unknown names and impossible values are errors.

use super::model::{
    Account, Asset, Call, Check, Plot, Release, Run, RunUntil, Scenario, Step, StepKind, Target, Written,
};
use super::value::amount;
use crate::input::{
    json::Value,
    view::{Fields, View, ViewError},
};
use alloy_primitives::U256;
use std::collections::BTreeMap;

/// Lists the names of system accounts that a scenario may call, with the interfaces they answer.
pub(crate) const SYSTEM: [(&str, &str); 4] =
    [("ledger", "ILedger"), ("usufruct", "IUsufruct"), ("triggers", "ITriggers"), ("nested", "INested")];

/// Reads a scenario. Amounts and dates are checked here; arguments wait for their parameters' types.
pub(crate) fn read(document: &Value) -> Result<Scenario, ViewError> {
    let mut fields = View::root(document).fields()?;
    let title = fields.need("title")?.string()?.to_string();
    let start = fields.need("start")?.date()?;
    let mut names = Names::default();
    names.0.extend(SYSTEM.map(|(name, _)| (name.to_string(), Role::System)));
    let accounts = accounts(&fields.need("accounts")?, &mut names)?;
    let assets = fields.take("assets").map_or(Ok(Vec::new()), |view| assets(&view, &mut names))?;
    let releases = releases(&fields.need("releases")?, &mut names)?;
    let steps =
        fields.need("steps")?.list()?.iter().map(|view| step(view, &mut names)).collect::<Result<_, _>>()?;
    let plot = fields.take("plot").map(|view| plot(&view, &names)).transpose()?;
    fields.finish()?;
    Ok(Scenario { title, start, accounts, assets, releases, steps, plot })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Account,
    Asset,
    Release,
    System,
    /// A value kept from an earlier step.
    Value,
}

impl Role {
    fn name(self) -> &'static str {
        match self {
            Self::Account => "an account",
            Self::Asset => "an asset",
            Self::Release => "a release",
            Self::System => "a system account",
            Self::Value => "a kept value",
        }
    }
}

/// Knows what each name of the scenario stands for; a name has one meaning.
#[derive(Default)]
struct Names(BTreeMap<String, Role>);

impl Names {
    fn add(&mut self, name: &str, role: Role, view: &View<'_>) -> Result<(), ViewError> {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if name.is_empty() || !name.chars().all(plain) {
            return Err(view.error_found("a name of letters, digits, `_` and `-`", format!("{name:?}")));
        }
        match self.0.insert(name.to_string(), role) {
            None => Ok(()),
            Some(first) => Err(view.error_found("a new name", format!("{name:?}, already {}", first.name()))),
        }
    }

    fn check(&self, name: &str, roles: &[Role], view: &View<'_>) -> Result<String, ViewError> {
        if self.0.get(name).is_some_and(|role| roles.contains(role)) {
            return Ok(name.to_string());
        }
        let wanted: Vec<_> = roles.iter().map(|role| role.name()).collect();
        let known: Vec<_> =
            self.0.iter().filter(|(_, role)| roles.contains(role)).map(|(name, _)| name.as_str()).collect();
        let known = if known.is_empty() { "none".to_string() } else { known.join(", ") };
        Err(view.error_found(format!("the name of {} ({known})", wanted.join(" or ")), format!("{name:?}")))
    }

    fn take(&self, roles: &[Role], view: &View<'_>) -> Result<String, ViewError> {
        self.check(view.string()?, roles, view)
    }

    /// Takes `$name`.
    fn reference(&self, roles: &[Role], view: &View<'_>) -> Result<String, ViewError> {
        let text = view.string()?;
        let name = text.strip_prefix('$').ok_or_else(|| view.error("a name after `$`"))?;
        self.check(name, roles, view)
    }
}

fn accounts(view: &View<'_>, names: &mut Names) -> Result<Vec<Account>, ViewError> {
    let one = |(name, view): (&str, View<'_>)| {
        names.add(name, Role::Account, &view)?;
        Ok(Account { name: name.to_string(), balance: whole(&view)? })
    };
    view.entries()?.into_iter().map(one).collect()
}

fn assets(view: &View<'_>, names: &mut Names) -> Result<Vec<Asset>, ViewError> {
    let entries = view.entries()?;
    entries.into_iter().map(|(name, view)| asset(name, &view, names)).collect()
}

fn asset(name: &str, view: &View<'_>, names: &mut Names) -> Result<Asset, ViewError> {
    names.add(name, Role::Asset, view)?;
    let mut fields = view.fields()?;
    let issuer = names.take(&[Role::Account], &fields.need("issuer")?)?;
    let sub = whole(&fields.need("sub")?)?;
    let title = fields.need("name")?.string()?.to_string();
    let symbol = fields.need("symbol")?.string()?.to_string();
    let decimals = decimals(&fields.need("decimals")?)?;
    let mint = fields.take("mint").map_or(Ok(Vec::new()), |view| mints(&view, names))?;
    fields.finish()?;
    Ok(Asset { name: name.to_string(), issuer, sub, title, symbol, decimals, mint })
}

fn mints(view: &View<'_>, names: &Names) -> Result<Vec<(String, U256)>, ViewError> {
    let one =
        |(name, view): (&str, View<'_>)| Ok((names.check(name, &[Role::Account], &view)?, whole(&view)?));
    view.entries()?.into_iter().map(one).collect()
}

fn decimals(view: &View<'_>) -> Result<u8, ViewError> {
    let count = view.count()?;
    u8::try_from(count).ok().filter(|n| *n <= 18).ok_or_else(|| view.error("a number of decimals up to 18"))
}

fn releases(view: &View<'_>, names: &mut Names) -> Result<Vec<Release>, ViewError> {
    view.list()?.iter().map(|view| release(view, names)).collect()
}

fn release(view: &View<'_>, names: &mut Names) -> Result<Release, ViewError> {
    let mut fields = view.fields()?;
    let name_view = fields.need("name")?;
    let name = name_view.string()?.to_string();
    let source = fields.need("contract")?;
    let (file, contract) = source
        .string()?
        .rsplit_once(':')
        .filter(|(file, contract)| !file.is_empty() && !contract.is_empty())
        .ok_or_else(|| source.error("`file:Contract`"))?;
    let from = names.take(&[Role::Account], &fields.need("from")?)?;
    let value = fields.take("value").map_or(Ok(U256::ZERO), |view| whole(&view))?;
    let args = written(fields.take("args"))?;
    fields.finish()?;
    names.add(&name, Role::Release, &name_view)?;
    let (file, contract) = (file.to_string(), contract.to_string());
    Ok(Release { name, file, contract, from, value, args, place: view.value.place })
}

fn written(view: Option<View<'_>>) -> Result<Vec<Written>, ViewError> {
    let Some(view) = view else { return Ok(Vec::new()) };
    Ok(view.list()?.into_iter().map(|view| Written { value: view.value.clone(), path: view.path }).collect())
}

fn whole(view: &View<'_>) -> Result<U256, ViewError> {
    amount(view.text()?)
        .map_err(|why| view.error(format!("an amount such as \"5 ether\" or \"1.5e18\" ({why})")))
}

fn step(view: &View<'_>, names: &mut Names) -> Result<Step, ViewError> {
    let mut fields = view.fields()?;
    let kinds: Vec<_> = ["call", "run", "check", "holds"].into_iter().filter(|key| fields.has(key)).collect();
    let kind = match kinds.as_slice() {
        ["call"] => StepKind::Call(call(&mut fields, names)?),
        ["run"] => StepKind::Run(run(&mut fields)?),
        ["check"] => check(&mut fields, names)?,
        ["holds"] => holds(&mut fields, names)?,
        [] => return Err(view.error_found("one of the keys call, run, check, holds", "none of them")),
        several => {
            let found = several.join(" and ");
            return Err(view.error_found("only one of the keys call, run, check, holds", found));
        }
    };
    fields.finish()?;
    Ok(Step { place: view.value.place, path: view.path.clone(), kind })
}

fn target(view: &View<'_>, names: &Names) -> Result<Target, ViewError> {
    let (release, function) = view
        .string()?
        .split_once('.')
        .filter(|(_, function)| !function.is_empty())
        .ok_or_else(|| view.error("`release.name`"))?;
    Ok(Target {
        release: names.check(release, &[Role::Release, Role::System], view)?,
        function: function.to_string(),
    })
}

fn call(fields: &mut Fields<'_>, names: &mut Names) -> Result<Call, ViewError> {
    let target = target(&fields.need("call")?, names)?;
    let from = names.take(&[Role::Account], &fields.need("from")?)?;
    let args = written(fields.take("args"))?;
    let assets = fields.take("assets").map_or(Ok(Vec::new()), |view| attached(&view, names))?;
    let value = fields.take("value").map_or(Ok(U256::ZERO), |view| whole(&view))?;
    let reverts = fields.take("reverts").map(|view| view.string().map(str::to_string)).transpose()?;
    let keep = keep(fields, names)?;
    Ok(Call { target, from, args, assets, value, reverts, keep })
}

fn attached(view: &View<'_>, names: &Names) -> Result<Vec<(String, U256)>, ViewError> {
    let one = |view: &View<'_>| match view.list()?.as_slice() {
        [asset, amount] => Ok((names.reference(&[Role::Asset, Role::Value], asset)?, whole(amount)?)),
        _ => Err(view.error("a pair of an asset and an amount")),
    };
    view.list()?.iter().map(one).collect()
}

fn run(fields: &mut Fields<'_>) -> Result<Run, ViewError> {
    let view = fields.need("run")?;
    let until = match view.string()? {
        "next" => RunUntil::Next,
        "quiet" => RunUntil::Quiet,
        _ => RunUntil::Date(view.date().map_err(|_| view.error("a date, \"next\" or \"quiet\""))?),
    };
    let limit = fields.take("limit").map(|view| view.date()).transpose()?;
    if until == RunUntil::Quiet && limit.is_none() {
        fields.need("limit")?;
    }
    Ok(Run { until, limit })
}

fn check(fields: &mut Fields<'_>, names: &mut Names) -> Result<StepKind, ViewError> {
    let target = target(&fields.need("check")?, names)?;
    let args = written(fields.take("args"))?;
    let returns = written(Some(fields.need("returns")?))?;
    let keep = keep(fields, names)?;
    // With a name and nothing to compare, the step only keeps the result.
    let returns = (keep.is_none() || !returns.is_empty()).then_some(returns);
    Ok(StepKind::Check(Check { target, args, returns, keep }))
}

/// Reads the name under which a result is kept; later steps may write it after `$`.
fn keep(fields: &mut Fields<'_>, names: &mut Names) -> Result<Option<String>, ViewError> {
    let Some(view) = fields.take("as") else { return Ok(None) };
    let name = view.string()?;
    names.add(name, Role::Value, &view)?;
    Ok(Some(name.to_string()))
}

fn holds(fields: &mut Fields<'_>, names: &Names) -> Result<StepKind, ViewError> {
    let who = names.take(&[Role::Account, Role::Release], &fields.need("holds")?)?;
    let asset =
        fields.take("asset").map(|view| names.reference(&[Role::Asset, Role::Value], &view)).transpose()?;
    let amount = whole(&fields.need("amount")?)?;
    Ok(StepKind::Holds { who, asset, amount })
}

fn plot(view: &View<'_>, names: &Names) -> Result<Plot, ViewError> {
    let mut fields = view.fields()?;
    let event = target(&fields.need("event")?, names)?;
    let time = match fields.take("time").map(|view| view.string()).transpose()? {
        None | Some("block") => None,
        Some(name) => Some(name.to_string()),
    };
    let amount = fields.need("amount")?.string()?.to_string();
    let decimals = fields.take("decimals").map_or(Ok(18), |view| decimals(&view))?;
    fields.finish()?;
    Ok(Plot { event, time, amount, decimals, place: view.value.place })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::{json, mutate};

    const HEAD: &str = r#"{"title":"t","start":"2026-01-01","accounts":{"bank":"1 ether","al":"0"},
"assets":{"USD":{"issuer":"bank","sub":"1","name":"Dollar","symbol":"USD","decimals":18,"mint":{"al":"5e18"}}},
"releases":[{"name":"bond","contract":"bond.csc:Bond","from":"bank","args":["$USD"]}],"#;

    fn outcome(rest: &str) -> Result<Scenario, ViewError> {
        let text = format!("{HEAD}\n{rest}}}");
        read(&json::parse(&text).unwrap())
    }

    fn fails(rest: &str, message: &str) {
        assert_eq!(outcome(rest).map(|_| ()).unwrap_err().to_string(), message);
    }

    #[test]
    fn reads_every_kind_of_step() {
        let scenario = outcome(
            r#""steps":[{"call":"bond.buy","from":"al","args":["1"],"assets":[["$USD","2e18"]],"value":"3"},
{"run":"2027-01-01"},{"run":"next"},{"run":"quiet","limit":"2030-01-01"},
{"check":"bond.left","returns":["0"]},{"check":"bond.unit","returns":[],"as":"UNIT"},
{"call":"usufruct.uset","from":"al","args":["$UNIT","1"],"assets":[["$UNIT","1"]],"as":"done"},{"holds":"al","asset":"$USD","amount":"1"}],
"plot":{"event":"bond.Paid","time":"date","amount":"payoff"}"#,
        )
        .unwrap();
        assert_eq!(scenario.steps.len(), 8);
        assert_eq!(scenario.assets[0].mint[0].1, U256::from(5_000_000_000_000_000_000u64));
        let StepKind::Call(call) = &scenario.steps[0].kind else { panic!() };
        assert_eq!((call.value, call.assets.len()), (U256::from(3), 1));
        assert_eq!(scenario.plot.unwrap().time.as_deref(), Some("date"));
    }

    #[test]
    fn no_damaged_scenario_panics() {
        let text = include_str!("../../../examples/usufruct/scenario.json");
        let mut read_well = 0;
        for damaged in mutate::damaged(text, 4_000) {
            let outcome = json::parse(&damaged).map(|document| read(&document).is_ok());
            read_well += u32::from(outcome == Ok(true));
        }
        assert!(read_well > 20, "the damage is so great that nothing is tested");
    }

    #[test]
    fn names_what_is_wrong_and_where() {
        fails(
            r#""steps":[{"call":"bond.buy","from":"bob"}]"#,
            "4:36: steps[0].from: expected the name of an account (al, bank), found \"bob\"",
        );
        fails(
            r#""steps":[{"call":"bond","from":"al"}]"#,
            "4:18: steps[0].call: expected `release.name`, found \"bond\"",
        );
        fails(
            r#""steps":[{"run":"soon"}]"#,
            "4:17: steps[0].run: expected a date, \"next\" or \"quiet\", found \"soon\"",
        );
        fails(r#""steps":[{"run":"quiet"}]"#, "4:10: steps[0]: expected the key `limit`, found none");
        fails(
            r#""steps":[{"from":"al"}]"#,
            "4:10: steps[0]: expected one of the keys call, run, check, holds, found none of them",
        );
        fails(
            r#""steps":[{"run":"next","wait":1}]"#,
            "4:31: steps[0].wait: expected one of the keys limit, run, found the unknown key `wait`",
        );
    }
}
