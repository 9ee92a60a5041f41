//! Parses standalone Yul: objects with their code and data.

use super::{P, Parser, Reported};
use crate::ast::yul::{YulBlock, YulData, YulObject};
use crate::diag::{Diagnostic, codes};
use crate::lexer::{T, Tokens};
use crate::source::{FileId, Span};

/// The name of a program that is a mere block.
const BARE_NAME: &str = "object";

/// Parses a file of standalone Yul: an object, or a block that is the code of one.
pub(crate) fn parse_object(
    file: FileId,
    text: &str,
    tokens: &Tokens,
) -> (Option<YulObject>, Vec<Diagnostic>) {
    let mut parser = Parser::new(file, text, tokens);
    parser.dotted = true;
    let object = parser.yul_source().ok();
    (object, parser.diags)
}

impl Parser<'_> {
    /// yul-source: yul-object | yul-block
    fn yul_source(&mut self) -> P<YulObject> {
        let start = self.span();
        let object = if self.at(T::LBrace) {
            let code = self.yul_block()?;
            bare(code, start)
        } else {
            self.yul_object()?
        };
        if !self.at(T::Eof) {
            return Err(self.unexpected("the end of the file"));
        }
        Ok(object)
    }

    /// yul-object: "object" string "{" "code" yul-block { yul-object | yul-data } "}"
    fn yul_object(&mut self) -> P<YulObject> {
        self.deeper(|p| {
            let start = p.span();
            p.yul_keyword("object")?;
            let (name, name_span) = p.yul_object_name()?;
            p.expect(T::LBrace, "`{`")?;
            p.yul_keyword("code")?;
            let code = p.yul_block()?;
            let (mut objects, mut data) = (Vec::new(), Vec::new());
            loop {
                match p.word_at(0) {
                    "object" => objects.push(p.yul_object()?),
                    "data" => data.push(p.yul_data()?),
                    _ => break,
                }
            }
            p.expect(T::RBrace, "`object`, `data` or `}`")?;
            Ok(YulObject { name, name_span, code, objects, data, span: p.since(start) })
        })
    }

    /// yul-data: "data" string ( string | hex-string )
    fn yul_data(&mut self) -> P<YulData> {
        self.bump();
        let (name, name_span) = self.yul_object_name()?;
        let bytes = match self.peek() {
            T::Str => self.yul_string(),
            T::HexStr => {
                let token = self.bump();
                self.hex_string(token, 1465)
            }
            _ => return Err(self.unexpected("a string or hex string")),
        };
        Ok(YulData { name, name_span, bytes })
    }

    fn yul_object_name(&mut self) -> P<(String, Span)> {
        let span = self.span();
        if !self.at(T::Str) {
            return Err(self.unexpected("a name in quotes"));
        }
        match String::from_utf8(self.yul_string()) {
            Ok(name) if !name.is_empty() => Ok((name, span)),
            _ => self.error(Diagnostic::error(codes::UNEXPECTED_TOKEN, span, "this is not a name")),
        }
    }

    fn yul_keyword(&mut self, word: &str) -> Result<(), Reported> {
        if self.word_at(0) != word {
            return Err(self.unexpected(&format!("`{word}`")));
        }
        self.bump();
        Ok(())
    }
}

fn bare(code: YulBlock, start: Span) -> YulObject {
    let span = code.span;
    YulObject { name: BARE_NAME.into(), name_span: start, code, objects: Vec::new(), data: Vec::new(), span }
}
