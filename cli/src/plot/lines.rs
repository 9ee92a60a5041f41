//! Draws graphs one below the other: title, legend, both axes, a line with its points for each series.

use super::{
    axis::Axis,
    chart::{GRID, ZERO_LINE, colour, grouped},
    text::{Label, Rect, Svg},
};
use alloy_primitives::I256;

// Tenths of a pixel.
const LEFT: u64 = 1_300;
const RIGHT: u64 = 400;
const WIDTH: u64 = 6_400;
const HEIGHT: u64 = 2_400;
const HEAD: u64 = 420;
const GRAPH_HEAD: u64 = 480;
const GRAPH_FOOT: u64 = 560;
const DOT: u64 = 50;

/// Is a series of points (x, y) in ascending order of x.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) points: Vec<(u64, u64)>,
}

/// Is a graph with its own axes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Graph {
    pub(crate) title: String,
    /// What is counted to the right.
    pub(crate) across: String,
    /// What is counted upwards.
    pub(crate) up: String,
    pub(crate) lines: Vec<Line>,
    /// Whether a value holds until the next point.
    pub(crate) steps: bool,
}

/// Draws graphs below one title and returns the SVG's text.
pub(crate) fn draw_lines(title: &str, graphs: &[Graph]) -> String {
    let mut svg = Svg::default();
    svg.label(200, 270, Label::Title, title);
    let mut top = HEAD;
    for graph in graphs {
        draw_graph(&mut svg, graph, top);
        top += GRAPH_HEAD + HEIGHT + GRAPH_FOOT;
    }
    svg.finish(LEFT + WIDTH + RIGHT, top, title)
}

fn draw_graph(svg: &mut Svg, graph: &Graph, top: u64) {
    let points = || graph.lines.iter().flat_map(|line| &line.points);
    let across = Axis::new(I256::ZERO, number(points().map(|(x, _)| *x).max().unwrap_or(0)), WIDTH);
    let up = Axis::new(I256::ZERO, number(points().map(|(_, y)| *y).max().unwrap_or(0)), HEIGHT);
    let plot_top = top + GRAPH_HEAD;
    legend(svg, graph, top);
    for tick in up.ticks() {
        let y = plot_top + up.offset(tick);
        svg.rule(LEFT, LEFT + WIDTH, y, GRID);
        svg.label(LEFT - 80, y + 40, Label::End, &grouped(tick, 0));
    }
    svg.rule(LEFT, LEFT + WIDTH, plot_top + HEIGHT, ZERO_LINE);
    for tick in across.ticks() {
        let x = LEFT + WIDTH - across.offset(tick);
        svg.label(x, plot_top + HEIGHT + 170, Label::Middle, &grouped(tick, 0));
    }
    svg.label(LEFT + WIDTH / 2, plot_top + HEIGHT + 380, Label::Middle, &graph.across);
    svg.label(240, plot_top + HEIGHT / 2, Label::Upright, &graph.up);
    let place =
        |(x, y): (u64, u64)| (LEFT + WIDTH - across.offset(number(x)), plot_top + up.offset(number(y)));
    for (place_of_line, line) in graph.lines.iter().enumerate() {
        draw_line(svg, graph, line, colour(place_of_line), place);
    }
}

fn draw_line(
    svg: &mut Svg,
    graph: &Graph,
    line: &Line,
    colour: &str,
    place: impl Fn((u64, u64)) -> (u64, u64),
) {
    let mut path: Vec<(u64, u64)> = Vec::new();
    for at in line.points.iter().copied().map(&place) {
        let corner = path.last().filter(|_| graph.steps).map(|(_, y)| (at.0, *y));
        path.extend(corner);
        path.push(at);
    }
    svg.path(&path, colour);
    if graph.steps {
        return;
    }
    for (x, y) in &line.points {
        let at = place((*x, *y));
        let tooltip = format!("{}  {} {x}  {} {y}", line.name, graph.across, graph.up);
        let (x, y) = (at.0.saturating_sub(DOT / 2), at.1.saturating_sub(DOT / 2));
        svg.bar(Rect { x, y, width: DOT, height: DOT }, colour, &tooltip);
    }
}

fn legend(svg: &mut Svg, graph: &Graph, top: u64) {
    svg.label(LEFT, top + 130, Label::Start, &graph.title);
    // One line needs no name beside the axis's.
    if graph.lines.len() < 2 {
        return;
    }
    let mut x = LEFT;
    for (place, line) in graph.lines.iter().enumerate() {
        svg.bar(Rect { x, y: top + 230, width: 110, height: 110 }, colour(place), "");
        svg.label(x + 160, top + 325, Label::Start, &line.name);
        x += 300 + 70 * u64::try_from(line.name.chars().count()).unwrap_or(0).min(40);
    }
}

fn number(n: u64) -> I256 {
    I256::try_from(n).unwrap_or(I256::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(points: Vec<(u64, u64)>, steps: bool) -> Graph {
        let lines = vec![Line { name: "votes".into(), points }];
        Graph { title: "Messages".into(), across: "nodes".into(), up: "messages".into(), lines, steps }
    }

    #[test]
    fn draws_a_point_for_each_value_and_a_corner_for_each_step() {
        let points = vec![(0, 10), (10, 0)];
        let text = draw_lines("Network", &[graph(points.clone(), false)]);
        assert!(text.contains("votes  nodes 10  messages 0"));
        assert!(text.contains(r#"points="130,90 770,330""#), "{text}");
        let text = draw_lines("Network", &[graph(points, true)]);
        assert!(text.contains(r#"points="130,90 770,90 770,330""#), "{text}");
    }

    #[test]
    fn draws_nothing_and_much() {
        assert!(draw_lines("nothing", &[graph(Vec::new(), false)]).ends_with("</svg>\n"));
        assert!(draw_lines("much", &[graph(vec![(0, 0), (u64::MAX, u64::MAX)], false)]).contains("polyline"));
    }
}
