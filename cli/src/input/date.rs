//! Converts between seconds since 1970 and dates of the proleptic Gregorian calendar, in UTC.
//!
//! Only reads and prints points in time; schedules are computed by contracts.

use thiserror::Error;

const DAY: u64 = 86_400;

/// Says why a text is not a point in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum DateError {
    #[error("not of the form 2013-01-31 or 2013-01-31T23:59:59")]
    Malformed,
    #[error("no such day or time")]
    NoSuchTime,
    #[error("before 1970")]
    BeforeEpoch,
}

/// Parses `2013-01-31`, `2013-01-31T23:59` or `2013-01-31T23:59:59` (a trailing `Z` allowed) as UTC.
pub(crate) fn parse(text: &str) -> Result<u64, DateError> {
    let text = text.trim();
    let text = text.strip_suffix('Z').unwrap_or(text);
    let (date, time) = text.split_once(['T', ' ']).unwrap_or((text, "00:00"));
    let [year, month, day] = numbers::<3>(date, '-', &[4, 2, 2])?;
    let [hour, minute, second] = match time.len() {
        5 => numbers::<2>(time, ':', &[2, 2]).map(|[h, m]| [h, m, 0])?,
        _ => numbers::<3>(time, ':', &[2, 2, 2])?,
    };
    if !(1..=12).contains(&month) || day < 1 || day > days_in(year, month) {
        return Err(DateError::NoSuchTime);
    }
    if hour > 23 || minute > 59 || second > 59 {
        return Err(DateError::NoSuchTime);
    }
    let days = days_from_epoch(year, month, day).ok_or(DateError::BeforeEpoch)?;
    Ok(days * DAY + hour * 3600 + minute * 60 + second)
}

fn numbers<const N: usize>(text: &str, separator: char, widths: &[usize; N]) -> Result<[u64; N], DateError> {
    let mut parts = text.split(separator);
    let mut out = [0; N];
    for (slot, width) in out.iter_mut().zip(widths) {
        let part = parts.next().filter(|p| p.len() == *width && p.bytes().all(|b| b.is_ascii_digit()));
        *slot = part.and_then(|p| p.parse().ok()).ok_or(DateError::Malformed)?;
    }
    if parts.next().is_some() { Err(DateError::Malformed) } else { Ok(out) }
}

fn leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn days_in(year: u64, month: u64) -> u64 {
    match month {
        2 if leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Counts the days before 1 January of `year` from 1 January of year 1.
fn days_before(year: u64) -> u64 {
    let past = year.saturating_sub(1);
    past * 365 + past / 4 - past / 100 + past / 400
}

fn days_from_epoch(year: u64, month: u64, day: u64) -> Option<u64> {
    let years = days_before(year).checked_sub(days_before(1970))?;
    let months: u64 = (1..month).map(|m| days_in(year, m)).sum();
    Some(years + months + day - 1)
}

/// Writes a point in time: the date alone at midnight, else with the time. Years past 9999 stay seconds.
pub(crate) fn show(seconds: u64) -> String {
    let Some((year, month, day)) = civil(seconds / DAY) else { return format!("{seconds}s") };
    let date = format!("{year:04}-{month:02}-{day:02}");
    match seconds % DAY {
        0 => date,
        rest => format!("{date} {:02}:{:02}:{:02}", rest / 3600, rest / 60 % 60, rest % 60),
    }
}

/// Turns days since 1970 into (year, month, day); nothing past the year 9999.
fn civil(days: u64) -> Option<(u64, u64, u64)> {
    let days = days.checked_add(days_before(1970))?;
    if days >= days_before(10_000) {
        return None;
    }
    let mut year = days * 400 / 146_097 + 1;
    while days_before(year) > days {
        year -= 1;
    }
    while days_before(year + 1) <= days {
        year += 1;
    }
    let mut rest = days - days_before(year);
    for month in 1..=12 {
        let length = days_in(year, month);
        if rest < length {
            return Some((year, month, rest + 1));
        }
        rest -= length;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_known_points() {
        assert_eq!(parse("1970-01-01"), Ok(0));
        assert_eq!(parse("2013-01-01T00:00:00"), Ok(1_356_998_400));
        assert_eq!(parse("2013-12-31T23:59:59"), Ok(1_388_534_399));
        assert_eq!(parse("2000-02-29T12:30Z"), Ok(951_827_400));
    }

    #[test]
    fn refuses_what_is_no_date() {
        for text in ["", "2013", "2013-1-01", "2013-01-01T1:00", "2013-01-01T00:00:00:00", "a013-01-01"] {
            assert_eq!(parse(text), Err(DateError::Malformed), "{text}");
        }
        for text in ["2013-02-29", "1900-02-29", "2013-13-01", "2013-00-10", "2013-01-01T24:00"] {
            assert_eq!(parse(text), Err(DateError::NoSuchTime), "{text}");
        }
        assert_eq!(parse("1969-12-31"), Err(DateError::BeforeEpoch));
    }

    #[test]
    fn shows_what_it_reads_for_every_day_of_four_centuries() {
        for day in 0..146_097 {
            let text = show(day * DAY);
            assert_eq!(parse(&text), Ok(day * DAY), "{text}");
        }
        assert_eq!(show(1_388_534_399), "2013-12-31 23:59:59");
        assert_eq!(show(u64::MAX), format!("{}s", u64::MAX));
    }
}
