//! Prints rows as aligned columns.

/// Says on which side a column's text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Left,
    Right,
}

/// Collects rows; lines between them may span all columns.
#[derive(Debug)]
pub(crate) struct Table {
    sides: Vec<Side>,
    lines: Vec<Line>,
}

#[derive(Debug)]
enum Line {
    Row(Vec<String>),
    Note(String),
}

impl Table {
    /// Starts a table with a head row.
    pub(crate) fn new(columns: &[(&str, Side)]) -> Self {
        let sides = columns.iter().map(|(_, side)| *side).collect();
        let head = columns.iter().map(|(name, _)| (*name).to_string()).collect();
        Self { sides, lines: vec![Line::Row(head)] }
    }

    /// Adds a row; missing cells are blank.
    pub(crate) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.lines.push(Line::Row(cells.into()));
    }

    /// Adds a line that is not divided into columns.
    pub(crate) fn note(&mut self, text: String) {
        self.lines.push(Line::Note(text));
    }

    /// Returns the text, without blanks at line ends.
    pub(crate) fn text(&self) -> String {
        let widths = self.widths();
        let mut out = String::new();
        for line in &self.lines {
            let text = match line {
                Line::Note(text) => text.clone(),
                Line::Row(cells) => self.align(cells, &widths),
            };
            out.push_str(text.trim_end());
            out.push('\n');
        }
        out
    }

    fn widths(&self) -> Vec<usize> {
        let mut widths = vec![0; self.sides.len()];
        for line in &self.lines {
            let Line::Row(cells) = line else { continue };
            for (width, cell) in widths.iter_mut().zip(cells) {
                *width = cell.chars().count().max(*width);
            }
        }
        widths
    }

    fn align(&self, cells: &[String], widths: &[usize]) -> String {
        let columns = cells.iter().zip(widths).zip(&self.sides);
        let aligned = columns.map(|((cell, width), side)| match side {
            Side::Left => format!("{cell:<width$}"),
            Side::Right => format!("{cell:>width$}"),
        });
        aligned.collect::<Vec<_>>().join("  ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aligns_columns() {
        let mut table = Table::new(&[("date", Side::Left), ("gas", Side::Right), ("end", Side::Left)]);
        table.row(["2013-01-01".into(), "7".into(), "executed".into()]);
        table.note("  a note that is longer than all columns together".into());
        table.row(["2014-01-01".into(), "12345".into(), "x".into()]);
        let expected = "date          gas  end\n2013-01-01      7  executed\n  a note that is longer than all \
                        columns together\n2014-01-01  12345  x\n";
        assert_eq!(table.text(), expected);
    }
}
