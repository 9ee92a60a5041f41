//! Draws as SVG: cash flows as bars per party and date, above the axis for what comes in, below for what goes out;
//! measurements as lines.
//!
//! All geometry is integer arithmetic, so equal flows give equal text on every machine.

mod axis;
mod chart;
mod flows;
mod lines;
mod text;

pub(crate) use chart::draw;
pub(crate) use flows::{Flows, Panel};
pub(crate) use lines::{Graph, Line, draw_lines};
