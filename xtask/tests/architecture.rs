//! What ARCHITECTURE.md claims of the tests is compared with the tests.

use std::fs;
use std::io;
use std::path::Path;

const ARCHITECTURE: &str = include_str!("../../ARCHITECTURE.md");

/// The names in the last column of the table of invariants.
fn tests_named() -> Vec<&'static str> {
    let (_, section) = ARCHITECTURE.split_once("## Invariants\n").expect("ARCHITECTURE.md has a section Invariants");
    let section = section.split("\n#").next().unwrap_or_default();
    let columns = section.lines().filter_map(|line| line.strip_suffix(" |")?.rsplit_once("| "));
    // Of text in which names stand between grave accents, every second piece is a name.
    columns.flat_map(|(_, tests)| tests.split('`').skip(1).step_by(2)).collect()
}

/// All Rust sources below a folder, as one text.
fn sources(folder: &Path) -> io::Result<String> {
    let mut text = String::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            text += &sources(&path)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            text += &fs::read_to_string(&path)?;
        }
    }
    Ok(text)
}

#[test]
fn the_tests_that_hold_the_invariants_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let sources = sources(&root.join("crates")).unwrap() + &sources(&root.join("xtask")).unwrap();
    let named = tests_named();
    assert!(named.len() > 10, "found only {named:?} in the table of invariants");
    let missing = named.into_iter().filter(|name| !sources.contains(&format!("fn {name}("))).collect::<Vec<_>>();
    assert!(missing.is_empty(), "ARCHITECTURE.md names tests that are not there: {missing:?}");
}
