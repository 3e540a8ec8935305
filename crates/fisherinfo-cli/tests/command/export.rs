use crate::{fisher, text};
use std::fs;
use std::path::Path;

/// The notebook as it is committed.
fn committed() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    fs::read_to_string(root.join("notebooks/workbook.ipynb")).unwrap()
}

/// What the command says when it refuses, in one line.
fn refusal(arguments: &[&str]) -> String {
    let output = fisher(arguments).assert().code(2).get_output().clone();
    assert!(output.stdout.is_empty());
    let message = String::from_utf8(output.stderr).unwrap();
    let words: Vec<&str> = message
        .split_whitespace()
        .filter(|word| !["│", "╰─▶"].contains(word))
        .collect();
    words.join(" ")
}

#[test]
fn to_the_standard_output() {
    for arguments in [&["export"][..], &["export", "-"]] {
        assert!(
            text(arguments) == committed(),
            "renew it with: cargo run -p fisherinfo-cli -- export notebooks/workbook.ipynb --force"
        );
    }
    assert!(!Path::new("-").exists());
}

#[test]
fn to_a_file_that_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("workbook.ipynb");
    let shown = text(&["export", path.to_str().unwrap()]);
    assert_eq!(
        shown,
        format!("{}: «Fisher Information», 55 cells\n", path.display())
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), committed());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_file_that_is_there_is_replaced_by_force_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("workbook.ipynb");
    let name = path.to_str().unwrap();
    fs::write(&path, "notes of a whole week").unwrap();
    let message = refusal(&["export", name]);
    assert!(
        message.contains("workbook.ipynb is there already") && message.contains("with --force"),
        "{message}"
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), "notes of a whole week");
    text(&["export", name, "--force"]);
    assert_eq!(fs::read_to_string(&path).unwrap(), committed());
}

#[cfg(unix)]
#[test]
fn a_link_to_nothing_is_there_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("workbook.ipynb");
    std::os::unix::fs::symlink(folder.path().join("elsewhere"), &path).unwrap();
    assert!(refusal(&["export", path.to_str().unwrap()]).contains("is there already"));
    assert!(path.symlink_metadata().unwrap().is_symlink());
}

#[test]
fn places_that_cannot_be_written_to() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("none/workbook.ipynb");
    let message = refusal(&["export", missing.to_str().unwrap()]);
    assert!(
        message.contains("cannot be written") && message.contains("a folder that is there"),
        "{message}"
    );
    let message = refusal(&["export", folder.path().to_str().unwrap(), "--force"]);
    assert!(message.contains("cannot be written"), "{message}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}
