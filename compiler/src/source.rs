//! Keeps the texts of a compilation and turns byte offsets into lines and columns.

use std::sync::Arc;

/// Names a file of the [`SourceMap`] by its number in the compilation.
pub type FileId = u32;

/// Is a half-open range of byte offsets within one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// The first byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// Makes a span.
    pub const fn new(file: FileId, start: u32, end: u32) -> Self {
        Self { file, start, end }
    }

    /// Returns the smallest span that covers `self` and `other`; both are of one file.
    pub fn to(self, other: Span) -> Span {
        Span { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// Returns the empty span right behind this one.
    pub fn after(self) -> Span {
        Span { start: self.end, ..self }
    }

    /// Returns the length in bytes.
    pub fn len(self) -> u32 {
        self.end.saturating_sub(self.start)
    }

    /// Is true when the span covers nothing.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }
}

/// Is a place as an editor shows it; both count from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineCol {
    /// The line.
    pub line: u32,
    /// The column.
    pub column: u32,
}

/// Is one text with its name as imports and messages spell it.
#[derive(Debug, Clone)]
pub struct SourceFile {
    name: String,
    text: Arc<str>,
    line_starts: Vec<u32>,
}

impl SourceFile {
    fn new(name: String, text: Arc<str>) -> Self {
        let mut line_starts = vec![0];
        line_starts.extend(text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i as u32 + 1));
        Self { name, text, line_starts }
    }

    /// Returns the source unit name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns a shared handle of the text.
    pub fn shared_text(&self) -> Arc<str> {
        self.text.clone()
    }

    /// Returns the place of a byte offset; offsets past the end count as the end.
    pub fn line_col(&self, offset: u32) -> LineCol {
        let offset = offset.min(self.text.len() as u32);
        let line = self.line_starts.partition_point(|start| *start <= offset).saturating_sub(1);
        let start = self.line_starts.get(line).copied().unwrap_or(0);
        let prefix = self.text.get(start as usize..offset as usize).unwrap_or("");
        LineCol { line: line as u32 + 1, column: prefix.chars().count() as u32 + 1 }
    }
}

/// Owns every file of a compilation.
#[derive(Debug, Clone, Default)]
pub struct SourceMap {
    files: Vec<SourceFile>,
}

/// Is the largest file that the compiler reads, in bytes.
pub const FILE_SIZE_MAX: usize = 16 << 20;

impl SourceMap {
    /// Adds a file. The caller keeps texts at or below [`FILE_SIZE_MAX`].
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<Arc<str>>) -> FileId {
        let id = self.files.len() as u32;
        self.files.push(SourceFile::new(name.into(), text.into()));
        id
    }

    /// Returns a file.
    pub fn file(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(id as usize)
    }

    /// Finds a file by its name.
    pub fn by_name(&self, name: &str) -> Option<FileId> {
        self.files.iter().position(|file| file.name == name).map(|i| i as u32)
    }

    /// Lists the files with their ids, in the order they were added.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files.iter().enumerate().map(|(i, file)| (i as u32, file))
    }

    /// Returns the text a span covers; empty when the span is not of this map.
    pub fn text(&self, span: Span) -> &str {
        self.file(span.file).and_then(|f| f.text.get(span.start as usize..span.end as usize)).unwrap_or("")
    }

    /// Returns the place where a span starts.
    pub fn line_col(&self, span: Span) -> Option<LineCol> {
        self.file(span.file).map(|file| file.line_col(span.start))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_characters() {
        let mut map = SourceMap::default();
        let id = map.add("a.sol", "ab\nüx\n");
        let file = map.file(id).unwrap();
        assert_eq!(file.line_col(0), LineCol { line: 1, column: 1 });
        assert_eq!(file.line_col(3), LineCol { line: 2, column: 1 });
        assert_eq!(file.line_col(5), LineCol { line: 2, column: 2 });
        assert_eq!(file.line_col(99), LineCol { line: 3, column: 1 });
    }
}
