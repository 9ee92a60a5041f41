//! Builds folders that are Foundry projects: settings, remappings and packages.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use common::{Folder, fusor_in};

const HEAD: &str = "// SPDX-License-Identifier: MIT\npragma solidity ^0.8.20;\n";

fn source(folder: &Folder, name: &str, text: &str) {
    folder.write(name, &format!("{HEAD}{text}\n"));
}

/// Makes a project that imports by every kind of remapping.
fn project() -> Folder {
    let folder = Folder::new();
    folder.write(
        "foundry.toml",
        "# settings\n[profile.default]\nsrc = 'src'\nout = \"made\"\nlibs = [\n  \"lib\", # ours\n  'node_modules',\n]\n\
         remappings = [\"own/=deps/own\"]\nevm_version = \"Cancun\"\noptimizer = true\noptimizer_runs = 10_000\n\
         fs_permissions = [{ access = \"read\", path = \"./\" }]\n\n[rpc_endpoints]\nmain = \"${URL}\"\n",
    );
    folder.write("remappings.txt", "own/=nowhere/\nlisted/=deps/listed/\n");
    source(&folder, "deps/own/Own.sol", "contract Own {}");
    source(&folder, "deps/listed/Listed.sol", "contract Listed {}");
    source(
        &folder,
        "node_modules/@scope/pack/token/Token.sol",
        "import '../Base.sol'; contract Token is Base {}",
    );
    source(&folder, "node_modules/@scope/pack/Base.sol", "contract Base {}");
    source(&folder, "lib/mate/src/Mate.sol", "import 'deep/Deep.sol'; contract Mate is Deep {}");
    source(&folder, "lib/mate/lib/deep/contracts/Deep.sol", "contract Deep {}");
    folder.write("lib/mate/remappings.txt", "@alias/=src/\n");
    source(&folder, "lib/broken/src/Broken.sol", "contract {");
    source(
        &folder,
        "src/inner/All.sol",
        "import 'own/Own.sol'; import 'listed/Listed.sol'; import '@scope/pack/token/Token.sol';\n\
         import {Mate} from 'mate/Mate.sol'; import {Mate as Same} from 'mate/src/Mate.sol';\n\
         import {Mate as Again} from '@alias/Mate.sol'; import {Deep} from 'deep/contracts/Deep.sol';\n\
         import {Other} from 'src/Other.sol';\n\
         contract All is Own, Listed, Token, Mate { Same same; Again again;\n\
         function f() external view returns (Mate, Mate, Deep) { return (same, again, again); } }",
    );
    source(&folder, "src/Other.sol", "contract Other {}");
    source(&folder, "test/All.t.sol", "contract {");
    folder
}

#[test]
fn a_project_is_built_from_its_own_folder_and_from_above() {
    let folder = project();
    assert_eq!(fusor_in(folder.path(), &["check", "."]).succeeds(), "2 files checked, no errors\n");
    let out = fusor_in(folder.path(), &["build"]).succeeds();
    assert!(out.ends_with("written to ./made\n"), "{out}");
    let made = std::fs::read_to_string(folder.path().join("made/All.sol/All.json")).unwrap();
    assert!(made.contains("\"file\": \"src/inner/All.sol\""), "{made}");
    assert!(folder.files().contains(&"made/Deep.sol/Deep.json".to_owned()));
    let above = folder.path().parent().unwrap();
    let name = folder.path().file_name().unwrap().to_str().unwrap();
    assert!(fusor_in(above, &["build", name]).succeeds().contains("/made\n"));
    assert_eq!(std::fs::read_to_string(folder.path().join("made/All.sol/All.json")).unwrap(), made);
    fusor_in(folder.path(), &["build", ".", "--out", "else"]).succeeds();
    assert!(folder.files().contains(&"else/All.sol/All.json".to_owned()));
}

#[test]
fn a_second_build_makes_what_depends_on_an_edit() {
    let folder = Folder::new();
    source(
        &folder,
        "a.sol",
        "import './b.sol'; contract A { function f() external returns (B) { return new B(); } }",
    );
    source(&folder, "b.sol", "contract B { function g() external pure returns (uint) { return 1; } }");
    source(&folder, "c.sol", "contract C {}");
    let build = |more: &[&str]| fusor_in(folder.path(), &[&["build", "."], more].concat()).succeeds();
    let text = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    assert_eq!(build(&[]), "3 artifacts written to out\n");
    let (a, c) = (text("out/a.sol/A.json"), text("out/c.sol/C.json"));
    assert_eq!(build(&[]), "0 artifacts written to out, 3 up to date\n");
    source(&folder, "b.sol", "contract B { function g() external pure returns (uint) { return 2; } }");
    assert_eq!(build(&[]), "2 artifacts written to out, 1 up to date\n");
    assert_ne!(text("out/a.sol/A.json"), a);
    assert_eq!(text("out/c.sol/C.json"), c);
    // What was made so is what a first build makes.
    build(&["--out", "anew"]);
    for name in ["a.sol/A.json", "b.sol/B.json", "c.sol/C.json"] {
        assert_eq!(text(&format!("out/{name}")), text(&format!("anew/{name}")), "{name}");
    }
    // An artifact that was changed or lost is made again; so is everything without a record.
    folder.write("out/c.sol/C.json", "{}");
    assert_eq!(build(&[]), "1 artifact written to out, 2 up to date\n");
    assert_eq!(text("out/c.sol/C.json"), c);
    folder.write("out/.fusor-build.json", "[");
    assert_eq!(build(&[]), "3 artifacts written to out\n");
    // A mistake leaves everything as it was.
    source(&folder, "c.sol", "contract C { uint x = true; }");
    fusor_in(folder.path(), &["build", "."]).fails(1);
    assert_eq!(text("out/c.sol/C.json"), c);
}

#[test]
fn settings_are_part_of_what_an_artifact_is_made_from() {
    let folder = Folder::new();
    folder.write("foundry.toml", "[profile.default]\noptimizer_runs = 1\n");
    source(&folder, "src/A.sol", "contract A {}");
    let build = || fusor_in(folder.path(), &["build"]).succeeds();
    assert!(build().starts_with("1 artifact written"));
    assert!(build().starts_with("0 artifacts written"));
    folder.write("foundry.toml", "[profile.default]\noptimizer_runs = 1000\n");
    assert!(build().starts_with("1 artifact written"));
}

#[test]
fn settings_reach_the_compiler() {
    let folder = Folder::new();
    source(
        &folder,
        "contracts/A.sol",
        "contract A { function f() external pure { assembly { mcopy(0, 0, 0) } } }",
    );
    folder.write("fusor.toml", "evm_version = 'cancun'\n");
    let code = || {
        fusor_in(folder.path(), &["build"]).succeeds();
        let text = std::fs::read_to_string(folder.path().join("out/A.sol/A.json")).unwrap();
        text.lines().find(|line| line.contains("\"object\"")).unwrap().to_owned()
    };
    let plain = code();
    folder.write("foundry.toml", "[profile.default]\nevm_version = 'shanghai'\ncbor_metadata = true\n");
    let hashed = code();
    assert!(!plain.contains("64736f6c63") && hashed.contains("64736f6c63"), "{plain}\n{hashed}");
    folder.write("fusor.toml", "[profile.default]\nsrc = 'contracts/'\n");
    assert!(fusor_in(folder.path(), &["check"]).fails(1).contains("mcopy"));
}

#[test]
fn a_wrong_value_is_named_with_file_and_line() {
    let folder = Folder::new();
    source(&folder, "src/A.sol", "contract A {}");
    for (text, message) in [
        ("optimizer_runs = -1", "2: `optimizer_runs`: write a number from 0 to 4294967295"),
        ("optimizer = 'yes'", "2: `optimizer`: write true or false"),
        ("src = 1", "2: `src`: write a string"),
        ("libs = [\n'a',\n1]", "4: `libs`: write a list of strings"),
        ("remappings = ['a']", "2: `a` is not a remapping; write `[context:]prefix=target`"),
        ("evm_version = 'mars'", "2: `evm_version`: `mars` names no version of the EVM"),
        ("bytecode_hash = 'x'", "2: `bytecode_hash`: write \"ipfs\", \"bzzr1\" or \"none\""),
        ("\nsrc 'x'", "3: `=` is missing after `src`"),
    ] {
        folder.write("foundry.toml", &format!("[profile.default]\n{text}\n"));
        let error = fusor_in(folder.path(), &["build", "."]).fails(1);
        assert!(error.starts_with(&format!("error: ./foundry.toml:{message}")), "{error}");
    }
    folder.write("foundry.toml", "[profile.default]\nunknown = 1\n");
    folder.write("remappings.txt", "a/=b/\n\nz\n");
    assert!(
        fusor_in(folder.path(), &["check"]).fails(1).starts_with("error: ./remappings.txt:3: `z` is not")
    );
}

#[test]
fn contracts_of_one_name_go_to_places_of_their_own_and_libraries_are_linked() {
    let folder = Folder::new();
    folder.write("foundry.toml", "");
    source(&folder, "src/a/X.sol", "library X { function f() external pure returns (uint) { return 1; } }");
    source(
        &folder,
        "src/b/X.sol",
        "import {X as Y} from 'src/a/X.sol';\n\
        contract X { function f() external pure returns (uint) { return Y.f(); } }",
    );
    fusor_in(folder.path(), &["build"]).succeeds();
    let read = || std::fs::read_to_string(folder.path().join("out/src/b/X.sol/X.json")).unwrap();
    assert!(read().contains("__$"));
    let address = "0x00000000000000000000000000000000DeaDBeef";
    fusor_in(folder.path(), &["build", "--libraries", &format!("src/a/X.sol:X={address}")]).succeeds();
    assert!(!read().contains("__$") && read().contains("deadbeef"));
    fusor_in(folder.path(), &["build", "--libraries", "X=0x1"]).fails(2);
}

#[test]
fn code_above_the_limit_is_a_warning_in_a_project_only() {
    let folder = Folder::new();
    let text = "x".repeat(25_000);
    source(
        &folder,
        "src/A.sol",
        &format!(
            "contract A {{ function f() external pure returns (string memory) {{ return \"{text}\"; }} }}"
        ),
    );
    assert!(fusor_in(folder.path(), &["build"]).fails(1).contains("above the limit of 24576 (EIP-170)"));
    folder.write("foundry.toml", "");
    let ran = fusor_in(folder.path(), &["build"]);
    assert!(ran.err.contains("Warning: the runtime code of `A`"), "{}", ran.err);
    ran.succeeds();
}
