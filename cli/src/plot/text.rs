//! Writes SVG elements; coordinates are tenths of a pixel.

use std::fmt::Write;

/// Collects an SVG document.
#[derive(Debug, Default)]
pub(crate) struct Svg {
    body: String,
}

/// Is a rectangle in tenths of a pixel.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rect {
    pub(crate) x: u64,
    pub(crate) y: u64,
    pub(crate) width: u64,
    pub(crate) height: u64,
}

/// Says how a label is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Label {
    Title,
    Start,
    Middle,
    End,
    /// Turned by 45 degrees, ending at the point.
    Slanted,
    /// Turned by 90 degrees around the point.
    Upright,
}

impl Svg {
    /// Draws a filled rectangle with a tooltip.
    pub(crate) fn bar(&mut self, at: Rect, colour: &str, tooltip: &str) {
        let (x, y, w, h) = (px(at.x), px(at.y), px(at.width), px(at.height));
        let rect = format!(r#"<rect x="{x}" y="{y}" width="{w}" height="{h}" fill="{colour}""#);
        self.line(&match tooltip {
            "" => format!("{rect}/>"),
            text => format!("{rect}><title>{}</title></rect>", escape(text)),
        });
    }

    /// Draws a horizontal line.
    pub(crate) fn rule(&mut self, x1: u64, x2: u64, y: u64, colour: &str) {
        let (x1, x2, y) = (px(x1), px(x2), px(y));
        self.line(&format!(
            r#"<line x1="{x1}" y1="{y}" x2="{x2}" y2="{y}" stroke="{colour}" stroke-width="1"/>"#
        ));
    }

    /// Draws a line through points.
    pub(crate) fn path(&mut self, points: &[(u64, u64)], colour: &str) {
        let points: Vec<String> = points.iter().map(|(x, y)| format!("{},{}", px(*x), px(*y))).collect();
        self.line(&format!(
            r#"<polyline points="{}" fill="none" stroke="{colour}" stroke-width="2"/>"#,
            points.join(" ")
        ));
    }

    /// Writes a label.
    pub(crate) fn label(&mut self, x: u64, y: u64, kind: Label, text: &str) {
        let (x, y, text) = (px(x), px(y), escape(text));
        let (anchor, extra) = match kind {
            Label::Title => ("start", r#" font-size="17" font-weight="600""#.to_string()),
            Label::Start => ("start", String::new()),
            Label::Middle => ("middle", String::new()),
            Label::End => ("end", String::new()),
            Label::Slanted => ("end", format!(r#" transform="rotate(-45 {x} {y})""#)),
            Label::Upright => ("middle", format!(r#" transform="rotate(-90 {x} {y})""#)),
        };
        self.line(&format!(r#"<text x="{x}" y="{y}" text-anchor="{anchor}"{extra}>{text}</text>"#));
    }

    fn line(&mut self, text: &str) {
        self.body.push_str("  ");
        self.body.push_str(text);
        self.body.push('\n');
    }

    /// Closes the document; `width` and `height` are tenths of a pixel.
    pub(crate) fn finish(self, width: u64, height: u64, title: &str) -> String {
        let (w, h) = (px(width), px(height));
        let mut out = String::new();
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            r##"<svg xmlns="http://www.w3.org/2000/svg" width="{w}" height="{h}" viewBox="0 0 {w} {h}" font-family="system-ui, sans-serif" font-size="12" fill="#222222" role="img">"##
        );
        let _ = writeln!(out, "  <title>{}</title>", escape(title));
        let _ = writeln!(out, r##"  <rect width="100%" height="100%" fill="#ffffff"/>"##);
        out.push_str(&self.body);
        out.push_str("</svg>\n");
        out
    }
}

fn px(tenths: u64) -> String {
    match tenths % 10 {
        0 => (tenths / 10).to_string(),
        rest => format!("{}.{rest}", tenths / 10),
    }
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // XML 1.0 has no way to write the other control characters.
            c if c.is_control() && !matches!(c, '\n' | '\t') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_what_xml_reads() {
        let mut svg = Svg::default();
        svg.label(15, 20, Label::Start, "a<b>&\"c\"\u{1}");
        let text = svg.finish(100, 100, "t");
        assert!(
            text.contains(
                "<text x=\"1.5\" y=\"2\" text-anchor=\"start\">a&lt;b&gt;&amp;&quot;c&quot;\u{fffd}"
            )
        );
    }
}
