//! Holds answers in standard JSON against what tools expect.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

use fusor_compiler::standard_json::{no_files, run};
use serde_json::{Value, json};

fn answer(request: &Value) -> Value {
    serde_json::from_str(&run(&request.to_string(), &no_files)).unwrap()
}

fn request(sources: Value, outputs: &[&str]) -> Value {
    json!({
        "language": "Solidity",
        "sources": sources,
        "settings": { "outputSelection": { "*": { "*": outputs } } },
    })
}

fn one(text: &str, outputs: &[&str]) -> Value {
    answer(&request(json!({ "a.sol": { "content": text } }), outputs))
}

fn errors(answer: &Value) -> Vec<&Value> {
    answer["errors"].as_array().into_iter().flatten().filter(|e| e["severity"] == "error").collect()
}

const HEAD: &str = "// SPDX-License-Identifier: MIT\npragma solidity ^0.8.0;\n";

#[test]
fn only_selected_outputs_are_made() {
    let text = format!("{HEAD}contract C {{ function f() public pure returns (uint) {{ return 1; }} }}");
    let c = &one(&text, &["abi", "evm.bytecode.object"])["contracts"]["a.sol"]["C"];
    assert_eq!(c.as_object().unwrap().keys().collect::<Vec<_>>(), ["abi", "evm"]);
    assert_eq!(c["evm"].as_object().unwrap().len(), 1);
    assert!(c["evm"]["bytecode"]["object"].as_str().unwrap().len() > 10);
    let all = &one(&text, &["*"])["contracts"]["a.sol"]["C"];
    assert_eq!(all["evm"]["methodIdentifiers"], json!({ "f()": "26121ff0" }));
    for key in ["functionDebugData", "generatedSources", "linkReferences", "object", "opcodes", "sourceMap"] {
        assert!(!all["evm"]["bytecode"][key].is_null(), "{key}");
        assert!(!all["evm"]["deployedBytecode"][key].is_null(), "{key}");
    }
    assert!(all["evm"]["deployedBytecode"]["immutableReferences"].is_object() && all["ir"].is_null());
    assert!(one(&text, &["ir"])["contracts"]["a.sol"]["C"]["ir"].is_string());
    let nothing = answer(&json!({ "language": "Solidity", "sources": { "a.sol": { "content": text } } }));
    assert!(nothing["contracts"].is_null() && nothing["sources"]["a.sol"]["id"] == 0);
}

#[test]
fn files_are_numbered_by_name_and_found_as_strings() {
    let b = format!(
        "{HEAD}import \"C/////c.sol\"; import \"/Ext.sol\"; import \"../u.sol\"; contract B is C, E, U {{ uint256 x; function f() external {{ x = 1; }} }}"
    );
    let plain = |name: &str| json!({ "content": format!("{HEAD}contract {name} {{ }}") });
    let sources = json!({
        "b.sol": { "content": b }, "C/////c.sol": plain("C"), "/Ext.sol": plain("E"), "u.sol": plain("U"),
    });
    let answer = answer(&request(sources, &["evm.deployedBytecode"]));
    assert!(errors(&answer).is_empty(), "{answer}");
    let ids: Vec<(&String, i64)> =
        answer["sources"].as_object().unwrap().iter().map(|(n, s)| (n, s["id"].as_i64().unwrap())).collect();
    assert_eq!(
        ids.iter().map(|(n, _)| n.as_str()).collect::<Vec<_>>(),
        ["/Ext.sol", "C/////c.sol", "b.sol", "u.sol"]
    );
    assert_eq!(ids.iter().map(|(_, id)| *id).collect::<Vec<_>>(), [0, 1, 2, 3]);
    let map = answer["contracts"]["b.sol"]["B"]["evm"]["deployedBytecode"]["sourceMap"].as_str().unwrap();
    assert!(map.split(';').any(|entry| entry.split(':').nth(2) == Some("2")), "{map}");
}

#[test]
fn imported_files_come_from_the_reader_and_are_numbered_with_the_others() {
    let text = format!("{HEAD}import \"lib/a.sol\"; contract M is A {{}}");
    let request = request(json!({ "m.sol": { "content": text } }), &["abi"]);
    let read = |name: &str| match name {
        "lib/a.sol" => Ok(format!("{HEAD}contract A {{}}").into_bytes()),
        _ => Err("File not found.".into()),
    };
    let found: Value = serde_json::from_str(&run(&request.to_string(), &read)).unwrap();
    assert_eq!(
        (&found["sources"]["lib/a.sol"]["id"], &found["sources"]["m.sol"]["id"]),
        (&json!(0), &json!(1))
    );
    let missing = answer(&request);
    assert!(errors(&missing)[0]["message"].as_str().unwrap().contains("lib/a.sol"));
}

#[test]
fn remappings_choose_by_context() {
    let file = |what: &str| json!({ "content": format!("{HEAD}contract X {{ uint public {what}; }}") });
    let main =
        |name: &str| json!({ "content": format!("{HEAD}import \"@x/x.sol\"; contract {name} is X {{}}") });
    let mut request = request(
        json!({ "one/x.sol": file("one"), "two/x.sol": file("two"), "m.sol": main("M"), "lib/n.sol": main("N") }),
        &["evm.methodIdentifiers"],
    );
    request["settings"]["remappings"] = json!(["@x/=one/", "lib:@x/=two/"]);
    let answer = answer(&request);
    let methods =
        |file: &str, name: &str| answer["contracts"][file][name]["evm"]["methodIdentifiers"].to_string();
    assert!(
        methods("m.sol", "M").contains("one()") && methods("lib/n.sol", "N").contains("two()"),
        "{answer}"
    );
}

#[test]
fn libraries_are_linked_or_referenced() {
    let text = format!(
        "{HEAD}library L {{ function f() external pure returns (uint) {{ return 1; }} }} \
         contract C {{ function g() public pure returns (uint) {{ return L.f(); }} }}"
    );
    let mut request =
        request(json!({ "a.sol": { "content": text } }), &["evm.bytecode", "evm.deployedBytecode"]);
    let open = answer(&request);
    let code = &open["contracts"]["a.sol"]["C"]["evm"]["deployedBytecode"];
    let start = code["linkReferences"]["a.sol"]["L"][0]["start"].as_u64().unwrap() as usize;
    assert!(code["object"].as_str().unwrap()[start * 2..].starts_with("__$"));
    request["settings"]["libraries"] = json!({ "a.sol": { "L": format!("0x{}", "12".repeat(20)) } });
    let linked = answer(&request);
    let code = &linked["contracts"]["a.sol"]["C"]["evm"]["deployedBytecode"];
    assert!(code["object"].as_str().unwrap()[start * 2..].starts_with(&"12".repeat(20)));
    assert_eq!(code["linkReferences"], json!({}));
}

#[test]
fn findings_have_a_class_a_place_and_a_text() {
    let answer = one(&format!("{HEAD}contract C {{ uint x = y; }}"), &["abi"]);
    let error = errors(&answer)[0];
    assert_eq!(error["type"], "DeclarationError");
    assert_eq!(error["component"], "general");
    let at = HEAD.len() + "contract C { uint x = ".len();
    assert_eq!(error["sourceLocation"], json!({ "file": "a.sol", "start": at, "end": at + 1 }));
    let text = error["formattedMessage"].as_str().unwrap();
    assert!(text.starts_with("DeclarationError: ") && text.contains("--> a.sol:3:23:"), "{text}");
    assert!(error["errorCode"].is_null() || error["errorCode"].as_str().unwrap().parse::<u64>().is_ok());
    assert!(answer["contracts"].is_null());
}

#[test]
fn wrong_requests_are_refused_as_json_errors() {
    let fine = json!({ "a.sol": { "content": "" } });
    let with = |settings: Value| {
        json!({ "language": "Solidity", "sources": fine, "settings": settings }).to_string()
    };
    for text in [
        String::new(),
        "{".into(),
        "[]".into(),
        "[".repeat(100_000),
        "{}".into(),
        json!({ "language": "Solidity" }).to_string(),
        json!({ "language": "Solidity", "sources": {} }).to_string(),
        json!({ "language": "Vyper", "sources": fine }).to_string(),
        json!({ "language": "Solidity", "sources": fine, "more": 1 }).to_string(),
        json!({ "language": "Solidity", "sources": { "a.sol": { "content": 1 } } }).to_string(),
        json!({ "language": "Solidity", "sources": { "a.sol": { "content": "", "keccak256": "0x12" } } })
            .to_string(),
        with(json!({ "remappings": ["x"] })),
        with(json!({ "evmVersion": "moon" })),
        with(json!({ "fly": true })),
        with(json!({ "stopAfter": "lunch" })),
        with(json!({ "stopAfter": "parsing", "outputSelection": { "*": { "*": ["abi"] } } })),
        with(json!({ "outputSelection": { "*": ["abi"] } })),
        with(json!({ "libraries": { "a.sol": { "L": "0x12" } } })),
        with(json!({ "optimizer": { "runs": -1 } })),
        with(json!({ "metadata": { "bytecodeHash": "md5" } })),
        with(json!({ "debug": { "revertStrings": "loud" } })),
    ] {
        let answer: Value = serde_json::from_str(&run(&text, &no_files)).unwrap();
        assert_eq!(answer["errors"][0]["type"], "JSONError", "{}", text.get(..80).unwrap_or(&text));
    }
}

#[test]
fn parsing_alone_does_not_check() {
    let mut request =
        request(json!({ "a.sol": { "content": format!("{HEAD}contract C {{ uint x = y; }}") } }), &[]);
    request["settings"] = json!({ "stopAfter": "parsing" });
    assert!(errors(&answer(&request)).is_empty());
    request["sources"]["a.sol"]["content"] = json!("contract {");
    assert!(!errors(&answer(&request)).is_empty());
}

#[test]
fn yul_is_compiled_too() {
    let text = "object \"O\" { code { mstore(0, 42) return(0, 32) } }";
    let mut request = request(json!({ "o.yul": { "content": text } }), &["evm.bytecode.object"]);
    request["language"] = json!("Yul");
    let answer = answer(&request);
    assert!(answer["contracts"]["o.yul"]["O"]["evm"]["bytecode"]["object"].is_string(), "{answer}");
}

#[test]
fn cyclic_imports_end() {
    let answer = answer(&request(
        json!({
            "a.sol": { "content": format!("{HEAD}import \"./b.sol\"; contract A {{ B b; }}") },
            "b.sol": { "content": format!("{HEAD}import \"./a.sol\"; contract B {{ A a; }}") },
        }),
        &["evm.bytecode.object"],
    ));
    assert!(errors(&answer).is_empty(), "{answer}");
}
