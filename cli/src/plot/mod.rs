//! Draws cash flows as SVG: bars per party and date above the axis for what comes in, below for what goes out.
//!
//! All geometry is integer arithmetic, so equal flows give equal text on every machine.

mod axis;
mod chart;
mod flows;
mod text;

pub(crate) use chart::draw;
pub(crate) use flows::{Flows, Panel};
