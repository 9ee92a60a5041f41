//! Makes a program that shows a difference smaller: drops calls, blocks and lines, simplifies expressions.

use super::server::{Mode, Solc};
use super::{Finding, Script, judge, ours};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// Tries smaller programs.
pub struct Reducer<'s> {
    solc: &'s mut Solc,
    kind: String,
    pub source: String,
    pub finding: Finding,
    tried: BTreeSet<String>,
    deadline: Instant,
}

impl<'s> Reducer<'s> {
    pub fn new(solc: &'s mut Solc, source: String, finding: Finding, limit: Duration) -> Self {
        let kind = finding.kind.clone();
        Self { solc, kind, source, finding, tried: BTreeSet::new(), deadline: Instant::now() + limit }
    }

    /// Reduces until nothing helps or time is up.
    pub fn run(&mut self) {
        self.steps();
        loop {
            let before = self.source.len();
            self.blocks();
            self.lines();
            self.steps();
            self.expressions();
            if self.source.len() >= before || Instant::now() > self.deadline {
                return;
            }
        }
    }

    /// Takes a candidate when it still shows the same difference.
    fn take(&mut self, source: String) -> bool {
        if Instant::now() > self.deadline || !self.tried.insert(source.clone()) {
            return false;
        }
        if !self.kind.starts_with("refused") && ours(&source, false).is_err() {
            return false;
        }
        match self.check(&source, &self.finding.steps.clone()) {
            Some(finding) => {
                (self.source, self.finding) = (source, finding);
                true
            }
            None => false,
        }
    }

    fn check(&mut self, source: &str, steps: &[super::calls::Step]) -> Option<Finding> {
        let output = self.solc.ask(source, Mode::ViaIr).ok()?;
        judge(source, &output, &Script::Given(steps)).finding.filter(|f| f.kind == self.kind)
    }

    /// Drops calls before the one that differs.
    fn steps(&mut self) {
        let mut at = 1;
        while at + 1 < self.finding.steps.len() && Instant::now() < self.deadline {
            let mut fewer = self.finding.steps.clone();
            fewer.remove(at);
            match self.check(&self.source.clone(), &fewer) {
                Some(finding) => self.finding = finding,
                None => at += 1,
            }
        }
    }

    /// Drops whole blocks, largest first, or the frame around them.
    fn blocks(&mut self) {
        let mut at = 0;
        loop {
            let lines: Vec<String> = self.source.lines().map(str::to_owned).collect();
            let Some(start) = (at..lines.len()).find(|i| lines[*i].ends_with('{')) else { return };
            at = start + 1;
            let Some(end) = closing(&lines, start) else { continue };
            let without = [&lines[..start], &lines[end + 1..]].concat();
            if self.take(join(&without)) {
                at = start;
                continue;
            }
            let unwrapped = [&lines[..start], &lines[start + 1..end], &lines[end + 1..]].concat();
            self.take(join(&unwrapped));
        }
    }

    /// Drops runs of lines, then single lines.
    fn lines(&mut self) {
        let mut run = self.source.lines().count() / 2;
        while run > 0 {
            let mut at = 0;
            loop {
                let lines: Vec<String> = self.source.lines().map(str::to_owned).collect();
                if at + run > lines.len() {
                    break;
                }
                let without = [&lines[..at], &lines[at + run..]].concat();
                if !self.take(join(&without)) {
                    at += run;
                }
            }
            run /= 2;
        }
    }

    /// Replaces what stands in parentheses by a part of it or by a literal, and drops arguments.
    fn expressions(&mut self) {
        let mut at = 0;
        while at < self.source.len() && Instant::now() < self.deadline {
            let Some(open) = self.source[at..].find(['(', ',']).map(|i| i + at) else { return };
            at = open + 1;
            let candidates = simpler(&self.source, open);
            for candidate in candidates {
                if candidate.len() < self.source.len() && self.take(candidate) {
                    at = open;
                    break;
                }
            }
        }
    }
}

fn join(lines: &[String]) -> String {
    lines.join("\n") + "\n"
}

/// Finds the line that closes a block: the first one with the same indent that begins with a brace and opens nothing.
fn closing(lines: &[String], start: usize) -> Option<usize> {
    let indent = |l: &str| l.len() - l.trim_start().len();
    let own = indent(&lines[start]);
    (start + 1..lines.len()).find(|i| {
        indent(&lines[*i]) == own && lines[*i].trim_start().starts_with('}') && !lines[*i].ends_with('{')
    })
}

/// Lists simpler texts for the group that opens at a byte.
fn simpler(source: &str, open: usize) -> Vec<String> {
    let Some(close) = group_end(source, open + 1) else { return Vec::new() };
    let put = |from: usize, to: usize, text: &str| format!("{}{text}{}", &source[..from], &source[to..]);
    let inner = &source[open + 1..close];
    if source[open..].starts_with(',') {
        return ["", ", 0", ", 1", ", true", ", \"\""].iter().map(|t| put(open, close, t)).collect();
    }
    let word =
        source[..open].rfind(|c: char| !c.is_alphanumeric() && c != '_' && c != '.').map_or(0, |i| i + 1);
    let mut all = vec![put(word, close + 1, "0"), put(word, close + 1, "1"), put(word, close + 1, "true")];
    all.push(put(word, close + 1, inner));
    for operator in [
        " ? ", " : ", " && ", " || ", " + ", " - ", " * ", " / ", " % ", " << ", " >> ", " ^ ", " | ", " & ",
        " ** ", " == ", " = ",
    ] {
        for (i, _) in inner.match_indices(operator) {
            all.push(put(open + 1, close, &inner[..i]));
            all.push(put(open + 1, close, &inner[i + operator.len()..]));
        }
    }
    all.push(put(open + 1, close, "0"));
    all.push(put(open + 1, close, ""));
    all.sort_by_key(String::len);
    all
}

/// Finds where an expression that begins at a byte ends: at its closing bracket or a comma.
fn group_end(source: &str, from: usize) -> Option<usize> {
    let comma_ends = source.as_bytes().get(from - 1) == Some(&b',');
    let mut depth = 0_usize;
    for (i, c) in source[from..].char_indices() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' if depth == 0 => return Some(from + i),
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 && comma_ends => return Some(from + i),
            '\n' | ';' if depth == 0 => return None,
            _ => {}
        }
    }
    None
}
