//! Lays panels out one below the other: title, legend, amount axis, bars by date.

use super::{
    axis::Axis,
    flows::Panel,
    text::{Label, Rect, Svg},
};
use crate::input::{date, decimal};
use alloy_primitives::I256;
use std::collections::BTreeMap;

// Okabe and Ito's palette: distinct for colour-blind readers on white.
const COLOURS: [&str; 8] =
    ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#8c8c00", "#444444"];
pub(super) const GRID: &str = "#dddddd";
pub(super) const ZERO_LINE: &str = "#222222";

// Tenths of a pixel.
const LEFT: u64 = 1_300;
const RIGHT: u64 = 300;
const PLOT_WIDTH_MIN: u64 = 6_400;
const PLOT_WIDTH_MAX: u64 = 24_000;
const PLOT_HEIGHT: u64 = 2_800;
const HEAD: u64 = 420;
const PANEL_HEAD: u64 = 480;
const PANEL_FOOT: u64 = 1_150;
const SLOT_MIN: u64 = 240;
const LABEL_WIDTH_MIN: u64 = 220;
const BAR_HEIGHT_MIN: u64 = 12;
/// Slots at least so wide have room for the amount of a single bar.
const LABELLED_SLOT_MIN: u64 = 560;

/// Draws the panels below one title and returns the SVG's text.
pub(crate) fn draw(title: &str, panels: &[Panel]) -> String {
    let slots = panels.iter().map(|panel| panel.flows.dates().len()).max().unwrap_or(0);
    let wanted = u64::try_from(slots).unwrap_or(u64::MAX).saturating_mul(SLOT_MIN);
    let width = wanted.clamp(PLOT_WIDTH_MIN, PLOT_WIDTH_MAX);
    let mut svg = Svg::default();
    svg.label(200, 270, Label::Title, title);
    let mut top = HEAD;
    for panel in panels {
        draw_panel(&mut svg, panel, top, width);
        top += PANEL_HEAD + PLOT_HEIGHT + PANEL_FOOT;
    }
    svg.finish(LEFT + width + RIGHT, top, title)
}

fn draw_panel(svg: &mut Svg, panel: &Panel, top: u64, width: u64) {
    let (low, high) = panel.flows.range();
    let axis = Axis::new(low, high, PLOT_HEIGHT);
    let plot_top = top + PANEL_HEAD;
    legend(svg, panel, top);
    amount_axis(svg, panel, &axis, plot_top, width);
    bars(svg, panel, &axis, plot_top, width);
    svg.rule(LEFT, LEFT + width, plot_top + axis.offset(I256::ZERO), ZERO_LINE);
    date_axis(svg, panel, plot_top + PLOT_HEIGHT, width);
}

pub(super) fn colour(party: usize) -> &'static str {
    COLOURS.get(party % COLOURS.len()).copied().unwrap_or(ZERO_LINE)
}

fn legend(svg: &mut Svg, panel: &Panel, top: u64) {
    svg.label(LEFT, top + 130, Label::Start, &panel.title);
    let mut x = LEFT;
    for (number, party) in panel.flows.parties().iter().enumerate() {
        svg.bar(Rect { x, y: top + 230, width: 110, height: 110 }, colour(number), "");
        svg.label(x + 160, top + 325, Label::Start, party);
        x += 300 + 70 * u64::try_from(party.chars().count()).unwrap_or(0).min(40);
    }
}

fn amount_axis(svg: &mut Svg, panel: &Panel, axis: &Axis, top: u64, width: u64) {
    for tick in axis.ticks() {
        let y = top + axis.offset(tick);
        svg.rule(LEFT, LEFT + width, y, GRID);
        svg.label(LEFT - 80, y + 40, Label::End, &grouped(tick, panel.decimals));
    }
    let caption = format!("out / in, {}", panel.unit);
    svg.label(240, top + PLOT_HEIGHT / 2, Label::Upright, &caption);
}

fn bars(svg: &mut Svg, panel: &Panel, axis: &Axis, top: u64, width: u64) {
    let slot = Slots::new(panel.flows.dates().len(), width);
    for (number, (time, sums)) in panel.flows.dates().enumerate() {
        let (x, bar_width) = slot.bars(number, sums.len());
        let shown = sums.values().filter(|sum| !sum.is_zero()).count();
        let labelled = shown == 1 && slot.width >= LABELLED_SLOT_MIN;
        draw_slot(svg, panel, axis, Origin { time, x, top, bar_width, labelled }, sums);
    }
}

struct Origin {
    time: u64,
    x: u64,
    top: u64,
    bar_width: u64,
    /// Whether amounts are written at the bars.
    labelled: bool,
}

fn draw_slot(svg: &mut Svg, panel: &Panel, axis: &Axis, at: Origin, sums: &BTreeMap<usize, I256>) {
    let zero = axis.offset(I256::ZERO);
    let shown = sums.iter().filter(|(_, sum)| !sum.is_zero());
    for (place, (party, sum)) in (0u64..).zip(shown) {
        let end = axis.offset(*sum);
        let height = zero.abs_diff(end).max(BAR_HEIGHT_MIN);
        let y = if sum.is_negative() { zero } else { zero.saturating_sub(height) };
        let x = at.x + place * at.bar_width;
        let name = panel.flows.parties().get(*party).map_or("", String::as_str);
        let amount = grouped(*sum, panel.decimals);
        let tooltip = format!("{}  {name}  {amount} {}", date::show(at.time), panel.unit);
        let rect = Rect { x, y: at.top + y, width: at.bar_width.max(10) - at.bar_width / 10, height };
        svg.bar(rect, colour(*party), &tooltip);
        if at.labelled {
            // Above the bar; above the zero line where the bar hangs down towards the dates.
            svg.label(x + at.bar_width / 2, (at.top + y).saturating_sub(40), Label::Middle, &amount);
        }
    }
}

fn date_axis(svg: &mut Svg, panel: &Panel, y: u64, width: u64) {
    let slot = Slots::new(panel.flows.dates().len(), width);
    let every = usize::try_from(LABEL_WIDTH_MIN.div_ceil(slot.width.max(1))).unwrap_or(1).max(1);
    for (number, (time, _)) in panel.flows.dates().enumerate().step_by(every) {
        svg.label(slot.middle(number) + 40, y + 130, Label::Slanted, &date::show(time));
    }
    svg.label(LEFT + width / 2, y + 1_050, Label::Middle, "date (UTC)");
}

/// Divides the width into one slot per date.
struct Slots {
    width: u64,
}

impl Slots {
    fn new(count: usize, width: u64) -> Self {
        Self { width: width / u64::try_from(count.max(1)).unwrap_or(u64::MAX) }
    }

    fn start(&self, number: usize) -> u64 {
        LEFT + self.width * u64::try_from(number).unwrap_or(0)
    }

    fn middle(&self, number: usize) -> u64 {
        self.start(number) + self.width / 2
    }

    /// Returns where the bars of a slot begin and how wide each is.
    fn bars(&self, number: usize, count: usize) -> (u64, u64) {
        let count = u64::try_from(count.max(1)).unwrap_or(1);
        let bar = (self.width * 7 / 10 / count).min(300);
        let used = bar * count;
        (self.start(number) + (self.width.saturating_sub(used)) / 2, bar)
    }
}

/// Shows an amount with thousands apart.
pub(super) fn grouped(amount: I256, decimals: u8) -> String {
    let text = decimal::show_units(amount.unsigned_abs(), decimals);
    let (whole, fraction) = text.split_once('.').map_or((text.as_str(), None), |(w, f)| (w, Some(f)));
    let mut out = String::new();
    for (i, c) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    let sign = if amount.is_negative() { "-" } else { "" };
    fraction.map_or_else(|| format!("{sign}{out}"), |f| format!("{sign}{out}.{f}"))
}

#[cfg(test)]
mod tests {
    use super::super::flows::Flows;
    use super::*;
    use alloy_primitives::U256;

    fn panel() -> Panel {
        let mut flows = Flows::default();
        flows.pay(1_356_998_400, "alice", "bank", U256::from(3_000));
        flows.pay(1_388_534_400, "bank", "alice", U256::from(3_150));
        Panel { title: "US dollar".into(), unit: "USD".into(), decimals: 0, flows }
    }

    #[test]
    fn draws_a_bar_per_party_and_date() {
        let text = draw("A bond", &[panel()]);
        assert_eq!(text.matches("<title>2013-01-01").count(), 2);
        assert!(text.contains("<title>2014-01-01  alice  3,150 USD</title>"));
        assert!(text.contains("<title>2014-01-01  bank  -3,150 USD</title>"));
        assert!(text.contains("date (UTC)") && text.contains("out / in, USD"));
        assert_eq!(text, draw("A bond", &[panel()]));
    }

    #[test]
    fn draws_nothing_and_much() {
        let empty = Panel { flows: Flows::default(), ..panel() };
        assert!(draw("nothing", &[empty]).ends_with("</svg>\n"));
        let mut flows = Flows::default();
        for day in 0..5_000u64 {
            flows.pay(day * 86_400, "a", "b", U256::MAX);
        }
        let many = Panel { flows, ..panel() };
        assert!(draw("much", &[many]).contains("<rect"));
    }

    #[test]
    fn groups_thousands() {
        let show = |n: i64, d| grouped(I256::try_from(n).unwrap(), d);
        assert_eq!(show(-1_234_567, 0), "-1,234,567");
        assert_eq!(show(1_234_567, 3), "1,234.567");
        assert_eq!(show(999, 0), "999");
    }
}
