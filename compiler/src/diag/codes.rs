//! Is the one table of diagnostic codes. `docs/errors/README.md` is generated from it.

use std::fmt::Write as _;

/// Is a stable diagnostic code. Codes are never given a new meaning.
#[derive(Debug, Clone, Copy)]
pub struct Code {
    /// The identifier, for example `E0201`.
    pub id: &'static str,
    /// What is wrong in a few words.
    pub title: &'static str,
}

impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Code {}

impl Code {
    /// Joins the number that solc gives to the same finding.
    pub const fn solc(self, number: u16) -> Finding {
        Finding { code: self, solc: Some(number) }
    }
}

/// Is what a diagnostic finds: our code, and solc's number for it where solc has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finding {
    /// The stable code; it covers a group of rules.
    pub code: Code,
    /// The number of solc; it stands for one rule.
    pub solc: Option<u16>,
}

impl From<Code> for Finding {
    fn from(code: Code) -> Self {
        Self { code, solc: None }
    }
}

macro_rules! codes {
    ($($name:ident $id:literal $title:literal;)*) => {
        $(#[doc = $title] pub const $name: Code = Code { id: $id, title: $title };)*
        /// Lists every code in order.
        pub const TABLE: &[Code] = &[$($name),*];
    };
}

codes! {
    UNKNOWN_CHARACTER "E0101" "no token starts here";
    UNCLOSED_COMMENT "E0102" "unclosed comment";
    UNCLOSED_STRING "E0103" "unclosed string";
    BAD_ESCAPE "E0104" "bad escape sequence";
    BAD_NUMBER "E0105" "malformed number";
    BAD_HEX_STRING "E0106" "malformed hex string";
    NON_ASCII_STRING "E0107" "character not allowed in this string";
    FILE_TOO_LARGE "E0108" "file too large";
    NOT_UTF8 "E0109" "not UTF-8 text";
    TEXT_DIRECTION "E0110" "text direction changed unseen";

    UNEXPECTED_TOKEN "E0201" "not expected here";
    NESTED_TOO_DEEPLY "E0202" "nested too deeply";
    RESERVED_WORD "E0203" "reserved word";
    DUPLICATE_MODIFIER "E0204" "given twice";
    BAD_DATA_LOCATION_SYNTAX "E0205" "data location not allowed here";
    DESCRIPTION_OUTSIDE_CSC "E0206" "description section outside a .csc file";
    BAD_YUL_LITERAL "E0207" "bad literal in assembly";
    VERSION_PRAGMA "E0208" "language version not supported";
    BAD_DOC "E0209" "bad documentation tag";
    BAD_LICENCE "E0210" "bad licence";

    IMPORT_NOT_FOUND "E0301" "cannot be read";
    IMPORT_NAME_NOT_FOUND "E0302" "not declared in the imported file";
    UNDECLARED "E0303" "not declared";
    ALREADY_DECLARED "E0304" "declared twice";
    AMBIGUOUS "E0305" "more than one candidate fits";
    NOT_A_TYPE "E0306" "not a type";
    NOT_VISIBLE "E0307" "not visible here";
    NO_SUCH_MEMBER "E0308" "no such member";
    CYCLE "E0309" "defined through itself";

    TYPE_MISMATCH "E0401" "mismatched types";
    NOT_CALLABLE "E0402" "cannot be called";
    WRONG_ARGUMENT_COUNT "E0403" "wrong number of arguments";
    BAD_OPERATOR "E0404" "operator does not apply";
    BAD_CONVERSION "E0405" "explicit conversion not allowed";
    NOT_ASSIGNABLE "E0406" "cannot be assigned to";
    BAD_INDEX "E0407" "cannot be indexed";
    DATA_LOCATION "E0408" "wrong data location";
    NO_MATCHING_OVERLOAD "E0409" "no overload fits";
    BAD_ARRAY_LENGTH "E0410" "bad array length";
    BAD_TYPE_HERE "E0411" "type not allowed here";
    NAMED_ARGUMENT "E0412" "bad named argument";
    NOT_CONSTANT "E0413" "not a compile-time constant";
    LITERAL_OUT_OF_RANGE "E0414" "literal does not fit";
    DIVISION_BY_ZERO "E0415" "division by zero";
    WRONG_RETURN "E0416" "wrong return values";
    BAD_TUPLE "E0417" "tuple does not fit";
    BAD_CALL_OPTION "E0419" "call option not allowed";
    USING_FOR "E0420" "bad using directive";
    UNASSIGNED_STORAGE_POINTER "E0421" "storage pointer without a value";
    BAD_EVENT "E0422" "not an event";
    BAD_REVERT "E0423" "not an error";
    OUTSIDE_LOOP "E0424" "not inside a loop";
    PLACEHOLDER "E0425" "placeholder outside a modifier";
    BAD_CHECKSUM "E0426" "bad address checksum";
    OLD_CODER "E0427" "needs the second ABI coder";

    BAD_BASE "E0501" "cannot inherit from this";
    LINEARISATION "E0502" "inheritance order contradicts itself";
    OVERRIDE_MISSING "E0503" "`override` is missing";
    OVERRIDE_NOTHING "E0504" "overrides nothing";
    OVERRIDE_NOT_VIRTUAL "E0505" "base is not virtual";
    OVERRIDE_SIGNATURE "E0506" "override changes the signature";
    OVERRIDE_LIST "E0507" "wrong override list";
    NOT_ABSTRACT "E0508" "contract must be abstract";
    NOT_IMPLEMENTED "E0509" "function without a body";
    INSTANTIATE_ABSTRACT "E0510" "cannot be created";
    BASE_ARGUMENTS "E0511" "base constructor arguments";
    SELECTOR_CLASH "E0512" "selectors clash";
    SPECIAL_FUNCTION "E0513" "bad special function";
    INTERFACE_RULE "E0514" "not allowed in an interface";
    LIBRARY_RULE "E0515" "not allowed in a library";
    SHADOWED_STATE "E0516" "shadows an inherited variable";
    MISSING_VISIBILITY "E0517" "visibility is missing";
    BAD_FUNCTION_MODIFIER "E0518" "not allowed on this function";
    BAD_MODIFIER_USE "E0519" "not a modifier";
    TOO_MANY_INDEXED "E0520" "too many indexed parameters";
    STORAGE_LAYOUT_AT "E0521" "bad storage layout base";
    EVENT_SIGNATURE "E0522" "bad event or error definition";

    MUTABILITY_VIEW "E0601" "reads state in a pure function";
    MUTABILITY_WRITE "E0602" "writes state in a view function";
    MUTABILITY_VALUE "E0603" "reads the call value outside a payable function";
    IMMUTABLE_USE "E0604" "immutable used wrongly";
    CONSTANT_USE "E0605" "constant used wrongly";

    ASM_UNDECLARED "E0701" "not declared in assembly";
    ASM_ARGUMENTS "E0702" "wrong number of operands";
    ASM_VALUES "E0703" "wrong number of values";
    ASM_ACCESS "E0704" "cannot be used in assembly this way";
    ASM_DECLARED "E0705" "declared twice in assembly";
    ASM_CONTROL "E0706" "control flow outside its construct";
    ASM_SWITCH "E0707" "bad switch";

    UNSUPPORTED "E0901" "not supported yet";
    CODE_TOO_LARGE "E0902" "over a limit of the virtual machine";

    DESC_SYNTAX "D0101" "not expected in a description";
    DESC_UNKNOWN_CONTRACT "D0102" "contract not found";
    DESC_DUPLICATE "D0103" "given twice";
    DESC_NEEDS_DATA "D0104" "needs off-chain data, not yet available";
    DESC_UNKNOWN_FUNCTION "D0201" "unknown function";
    DESC_HANDLER "D0202" "cannot be a handler";
    DESC_SIDE_EFFECT "D0204" "side effect in a condition";
    DESC_EVENT "D0205" "unknown event";
    DESC_NEVER "D0301" "can never fire";
    DESC_CRON "D0302" "bad calendar expression";
    DESC_NO_WAY_OUT "D0303" "wait without a way out";
    DESC_NOT_FUNDED "D0304" "not funded";
    DESC_POLICY "D0305" "bad policy";
    DESC_ABSTRACT "D0306" "contract cannot be released";

    NOT_LOWERED "E0911" "not supported by the code generator yet";
    INTERNAL "E0912" "fault of the compiler";
    NO_CODE "E0913" "no code can be generated";

    UNUSED_RESULT "W0101" "result is not used";
    UNREACHABLE "W0102" "never runs";
    SHADOWING "W0103" "hides another declaration";
    SHADOWED_BUILTIN "W0105" "hides a name of the language";
    SAME_NAME "W0106" "has the name of another declaration";
    UNUSED_LOCAL "W0107" "variable is not used";
    UNUSED_PARAMETER "W0108" "parameter is not used";
    UNASSIGNED_RESULT "W0109" "result may have no value";
    NO_EFFECT "W0110" "has no effect";
    LOOSE_MUTABILITY "W0111" "state mutability can be restricted";
    NO_RECEIVE "W0112" "payable fallback without receive";
    THIS_IN_CONSTRUCTOR "W0113" "`this` in a constructor";
    STORAGE_COPIES "W0114" "several copies within storage";
    LARGE_STORAGE "W0115" "covers much of storage";
    TRANSIENT_STORAGE "W0116" "transient storage outlives the call";
    SPECIAL_NAME "W0117" "not the special function of this name";
    NEEDLESS_WORD "W0118" "word without a meaning";
    NARROW_RESULT "W0120" "narrower than its operands";

    NO_LICENCE "W0201" "licence is missing";
    NO_VERSION "W0202" "language version is missing";
    OLD_PRAGMA "W0203" "deprecated pragma";
    FUTURE_KEYWORD "W0204" "will become a keyword";
    VIRTUAL_MODIFIER "W0205" "virtual modifiers are deprecated";
    NAMED_TYPE_PARAMETER "W0206" "name in a function type";
    DEPRECATED "W0207" "deprecated";
    ASM_COMMENT "W0208" "deprecated comment on assembly";
    ASM_ANNOTATION "W0209" "annotation of assembly without a meaning";
}

/// Returns the generated index of all codes in Markdown.
pub fn index() -> String {
    let mut out = String::from(
        "# Diagnostic codes\n\nGenerated from `compiler/src/diag/codes.rs`; a code never changes its meaning.\n`fusor explain CODE` prints its page.\n\n| Code | Meaning |\n|---|---|\n",
    );
    for code in TABLE {
        let _ = match super::pages::page(code.id) {
            Some(_) => writeln!(out, "| [{0}]({0}.md) | {1} |", code.id, code.title),
            None => writeln!(out, "| {} | {} |", code.id, code.title),
        };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn codes_are_unique() {
        let ids: BTreeSet<_> = TABLE.iter().map(|c| c.id).collect();
        assert_eq!(ids.len(), TABLE.len());
    }

    /// `FUSOR_BLESS=1 cargo test -p fusor-compiler` writes the file anew.
    #[test]
    fn the_index_in_docs_is_current() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/errors/README.md");
        if std::env::var_os("FUSOR_BLESS").is_some() {
            std::fs::create_dir_all(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/errors")).unwrap();
            std::fs::write(path, index()).unwrap();
        }
        assert_eq!(std::fs::read_to_string(path).unwrap_or_default(), index());
    }
}
