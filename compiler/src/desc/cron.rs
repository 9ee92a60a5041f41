//! Reads calendars of five fields (minute, hour, day of month, month, weekday) into bit masks.

/// Holds one bit for each value that passes: minutes 0..60, hours 0..24, days 1..32, months 1..13, weekdays
/// 0..7 with Sunday 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cron {
    pub minutes: u64,
    pub hours: u64,
    pub days: u64,
    pub months: u64,
    pub weekdays: u64,
}

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const LONGEST: [u32; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// Reads a calendar. The error says which field is wrong and how.
pub(super) fn parse(text: &str) -> Result<Cron, String> {
    let fields: Vec<&str> = text.split_whitespace().collect();
    let [minutes, hours, days, months, weekdays] = fields.as_slice() else {
        return Err(format!(
            "a calendar has 5 fields (minute hour day month weekday), this one {}",
            fields.len()
        ));
    };
    Ok(Cron {
        minutes: field("minute", minutes, 0, 59, &[])?,
        hours: field("hour", hours, 0, 23, &[])?,
        days: field("day", days, 1, 31, &[])?,
        months: field("month", months, 1, 12, &MONTHS)?,
        weekdays: weekdays_field(weekdays)?,
    })
}

impl Cron {
    /// Is true when some date passes. As in cron, where both day fields are restricted either suffices.
    pub(super) fn can_fire(&self) -> bool {
        let any_weekday = self.weekdays == 0x7f;
        let any_day = self.days == 0xffff_fffe;
        if !any_weekday || any_day {
            return true;
        }
        (1u32..).zip(LONGEST).any(|(month, last)| {
            self.months >> month & 1 == 1 && (1..=last).any(|day| self.days >> day & 1 == 1)
        })
    }
}

/// Sunday may be written 7.
fn weekdays_field(text: &str) -> Result<u64, String> {
    let mask = field("weekday", text, 0, 7, &WEEKDAYS)?;
    Ok(if mask >> 7 & 1 == 1 { mask & 0x7f | 1 } else { mask })
}

/// field: part { "," part }; part: ( "*" | value [ "-" value ] ) [ "/" step ]
fn field(name: &str, text: &str, low: u32, high: u32, names: &[&str]) -> Result<u64, String> {
    let mut mask = 0u64;
    for part in text.split(',') {
        let (range, step) = part.split_once('/').map_or((part, None), |(range, step)| (range, Some(step)));
        let every = match step {
            None => 1,
            Some(step) => step
                .parse::<u32>()
                .ok()
                .filter(|s| (1..=high).contains(s))
                .ok_or_else(|| format!("{name}: step `{step}` is not a number from 1 to {high}"))?,
        };
        let value = |text: &str| value(name, text, low, high, names);
        let (from, to) = match range.split_once('-') {
            _ if range == "*" => (low, if name == "weekday" { 6 } else { high }),
            Some((from, to)) => (value(from)?, value(to)?),
            None if step.is_some() => (value(range)?, high),
            None => (value(range)?, value(range)?),
        };
        if from > to {
            return Err(format!("{name}: range `{range}` runs backwards"));
        }
        mask |= (from..=to).step_by(every as usize).fold(0, |mask, bit| mask | 1 << bit);
    }
    Ok(mask)
}

fn value(name: &str, text: &str, low: u32, high: u32, names: &[&str]) -> Result<u32, String> {
    if let Some(at) = names.iter().position(|n| n.eq_ignore_ascii_case(text)) {
        return Ok(at as u32 + low);
    }
    let number = text.parse::<u32>().ok().filter(|n| (low..=high).contains(n));
    number.ok_or_else(|| format!("{name}: `{text}` is not a number from {low} to {high}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_become_masks() {
        let cron = parse("0 0 1 * *").unwrap();
        assert_eq!((cron.minutes, cron.hours, cron.days), (1, 1, 2));
        assert_eq!((cron.months, cron.weekdays), (0x1ffe, 0x7f));
        assert_eq!(parse("*/20 9-17/4 * jan,MAR 7").unwrap().minutes, 1 | 1 << 20 | 1 << 40);
        assert_eq!(parse("0 9-17/4 * * *").unwrap().hours, 1 << 9 | 1 << 13 | 1 << 17);
        assert_eq!(parse("0 0 * jan,MAR 7").unwrap().weekdays, 1);
    }

    #[test]
    fn faults_name_the_field() {
        assert!(parse("0 0 1 *").unwrap_err().contains("5 fields"));
        assert!(parse("60 0 1 * *").unwrap_err().starts_with("minute"));
        assert!(parse("0 5-3 1 * *").unwrap_err().contains("backwards"));
        assert!(parse("0 0 1 */0 *").unwrap_err().starts_with("month: step"));
    }

    #[test]
    fn impossible_dates_never_fire() {
        assert!(!parse("0 0 30 2 *").unwrap().can_fire());
        assert!(!parse("0 0 31 4,6,9,11 *").unwrap().can_fire());
        assert!(parse("0 0 29 feb *").unwrap().can_fire());
        assert!(parse("0 0 30 2 mon").unwrap().can_fire(), "either day field suffices");
    }
}
