//! Cuts the text of a documentation comment into tags.

/// Is a tag with its contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tag {
    /// The name behind `@`; text before any tag is a `notice`.
    pub(crate) name: String,
    /// The parameter of a `param`; empty for others.
    pub(crate) param: String,
    /// What follows, lines joined.
    pub(crate) content: String,
}

/// Lists the tags of a comment in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tags(pub(crate) Vec<Tag>);

/// Is why a comment cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Problem {
    /// `@param` without a name.
    NoParam,
    /// `@param` of this name without a description.
    NoDescription(String),
}

impl Tags {
    /// Lists the contents of all tags of a name.
    pub(crate) fn all<'t>(&'t self, name: &'t str) -> impl Iterator<Item = &'t str> {
        self.0.iter().filter(move |t| t.name == name).map(|t| t.content.as_str())
    }

    /// Joins the contents of all tags of a name.
    pub(crate) fn joined(&self, name: &str) -> String {
        self.all(name).collect()
    }

    /// Is true when a tag of this name is given.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|t| t.name == name)
    }
}

/// Reads the tags of a comment's text; stops at the first problem.
pub(crate) fn parse(text: &str) -> (Tags, Option<Problem>) {
    let mut reader = Reader { tags: Vec::new() };
    let mut rest = text;
    let mut first = true;
    while !rest.is_empty() {
        match reader.step(rest, first) {
            Ok(next) => rest = next,
            Err(problem) => return (Tags(reader.tags), Some(problem)),
        }
        first = false;
    }
    (Tags(reader.tags), None)
}

struct Reader {
    tags: Vec<Tag>,
}

impl Reader {
    /// Reads one line, or a tag and its line; returns what follows.
    fn step<'t>(&mut self, rest: &'t str, first: bool) -> Result<&'t str, Problem> {
        let (line, after) = cut_line(rest);
        if let Some(at) = line.find('@') {
            let from = rest.get(at + 1..).unwrap_or("");
            let end = from.find([' ', '\t', '\n']).unwrap_or(from.len());
            let (name, data) = (from.get(..end).unwrap_or(""), from.get(end + 1..).unwrap_or(""));
            if name == "param" {
                return self.param(data);
            }
            let (content, after) = cut_line(data.trim_start_matches([' ', '\t']));
            self.push(name, "", content);
            return Ok(after);
        }
        match self.tags.last_mut() {
            Some(tag) => {
                if !line.is_empty() && !line.starts_with([' ', '\t']) {
                    tag.content.push(' ');
                }
                tag.content.push_str(line);
            }
            None if first => self.push("notice", "", line.trim_start_matches([' ', '\t'])),
            None => {}
        }
        Ok(after)
    }

    fn param<'t>(&mut self, data: &'t str) -> Result<&'t str, Problem> {
        let data = data.trim_start_matches([' ', '\t']);
        if data.is_empty() {
            return Err(Problem::NoParam);
        }
        let named = |(i, c): (usize, char)| {
            !(c.is_ascii_alphabetic() || c == '_' || c == '$' || i > 0 && c.is_ascii_digit())
        };
        let end = data.char_indices().find(|at| named(*at)).map_or(data.len(), |(i, _)| i);
        let (name, rest) = data.split_at(end);
        let (content, after) = cut_line(rest.trim_start_matches([' ', '\t']));
        if content.is_empty() {
            return Err(Problem::NoDescription(name.to_owned()));
        }
        self.push("param", name, content);
        Ok(after)
    }

    fn push(&mut self, name: &str, param: &str, content: &str) {
        let own = |text: &str| text.to_owned();
        self.tags.push(Tag { name: own(name), param: own(param), content: own(content) });
    }
}

fn cut_line(text: &str) -> (&str, &str) {
    text.split_once('\n').unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(&str, &str, &str)]) {
        let (tags, problem) = parse(text);
        let seen: Vec<_> =
            tags.0.iter().map(|t| (t.name.as_str(), t.param.as_str(), t.content.as_str())).collect();
        assert_eq!((seen.as_slice(), problem), (expected, None));
    }

    #[test]
    fn a_tag_takes_its_line_and_the_lines_below() {
        check(" a\n\n b\n @dev c\n\n d", &[("notice", "", "a b"), ("dev", "", "c d")]);
        check("\t@dev\tx\ty", &[("dev", "", "x\ty")]);
        check("@dev\n @notice x", &[("dev", "", "@notice x")]);
        check(" @param   a    b  \n more", &[("param", "a", "b   more")]);
        check(" @param a, b", &[("param", "a", ", b")]);
        check("\n x", &[("notice", "", " x")]);
        check(" @custom:x", &[("custom:x", "", "")]);
    }

    #[test]
    fn parameters_need_a_name_and_a_description() {
        assert_eq!(parse(" @param").1, Some(Problem::NoParam));
        assert_eq!(parse("@param a\n b").1, Some(Problem::NoDescription("a".into())));
    }
}
