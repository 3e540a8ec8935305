//! Folders of notebooks.

use super::notebook;
use fisherinfo_notebook::document::limits::MAX_FOLDER_DEPTH;
use fisherinfo_notebook::document::{CellCounts, Library, library};
use serde_json::json;
use std::path::Path;
use std::time::{Duration, Instant};

fn put(folder: &Path, path: &str, title: &str) {
    let path = folder.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let cells = json!([
        { "cell_type": "markdown", "source": format!("# {title}") },
        { "cell_type": "code", "source": "x", "outputs": [{ "output_type": "stream", "text": "y" }] },
        { "cell_type": "code", "source": "x" },
        { "cell_type": "raw", "source": "x" },
    ]);
    std::fs::write(path, notebook(cells)).unwrap();
}

#[test]
fn order_titles_breadcrumbs_and_counts() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    for (path, title) in [
        ("10 priors/1.ipynb", "Jeffreys"),
        ("2 scores/b.ipynb", "B"),
        ("2 scores/A.ipynb", "A"),
        ("2 scores/deeper/x10.ipynb", "Ten"),
        ("2 scores/deeper/x9.ipynb", "Nine"),
        ("index.ipynb", "Index"),
    ] {
        put(root, path, title);
    }
    put(root, ".ipynb_checkpoints/index-checkpoint.ipynb", "old");
    put(root, ".hidden.ipynb", "hidden");
    std::fs::write(root.join("notes.txt"), "x").unwrap();
    std::fs::create_dir(root.join("a folder.ipynb")).unwrap();

    let library = library(root).unwrap();
    let found: Vec<(&str, &str, String)> = library
        .entries
        .iter()
        .map(|entry| {
            (
                entry.slug.as_str(),
                entry.title.as_str(),
                entry.breadcrumb.join("/"),
            )
        })
        .collect();
    let expected = [
        ("2-scores-a", "A", "2 scores"),
        ("2-scores-b", "B", "2 scores"),
        ("2-scores-deeper-x9", "Nine", "2 scores/deeper"),
        ("2-scores-deeper-x10", "Ten", "2 scores/deeper"),
        ("10-priors-1", "Jeffreys", "10 priors"),
        ("index", "Index", ""),
    ]
    .map(|(slug, title, breadcrumb)| (slug, title, breadcrumb.to_string()));
    assert_eq!(found, expected);
    assert_eq!(library.title, root.file_name().unwrap().to_str().unwrap());
    assert!(library.notices.is_empty());
    for entry in &library.entries {
        let counts = CellCounts {
            markdown: 1,
            code: 2,
            other: 1,
        };
        assert_eq!(entry.cells, Ok(counts));
        assert_eq!(counts.total(), 4);
        let document = library.entry(&entry.slug).unwrap().open().unwrap();
        assert_eq!(document.title, entry.title);
        assert_eq!(CellCounts::of(&document), counts);
    }
    assert_eq!(library.entry("none"), None);
}

#[test]
fn a_broken_notebook_is_an_entry() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "b.ipynb", "B");
    std::fs::write(folder.path().join("a broken.ipynb"), "{\n").unwrap();
    let library = library(folder.path()).unwrap();
    let [broken, whole] = &library.entries[..] else {
        panic!("{library:?}");
    };
    assert_eq!(
        (broken.title.as_str(), broken.slug.as_str()),
        ("a broken", "a-broken")
    );
    let message = broken.cells.clone().unwrap_err().to_string();
    assert!(
        message.contains("a broken.ipynb, line 2, column 0: EOF"),
        "{message}"
    );
    assert_eq!(broken.open().unwrap_err().to_string(), message);
    assert!(whole.cells.is_ok());
}

#[test]
fn links_are_safe_and_unique() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    for path in [
        "a b.ipynb",
        "a-b.ipynb",
        "a/b.ipynb",
        "матрица.ipynb",
        "вектор.ipynb",
        "über.ipynb",
        "?.ipynb",
        "--.ipynb",
    ] {
        put(root, path, "T");
    }
    let slugs = |root: &Path| -> Vec<(String, String)> {
        let library = library(root).unwrap();
        let name = |path: &Path| path.strip_prefix(root).unwrap().display().to_string();
        library
            .entries
            .iter()
            .map(|e| (name(&e.path), e.slug.clone()))
            .collect()
    };
    let found = slugs(root);
    assert_eq!(found.len(), 8);
    let mut unique: Vec<&String> = found.iter().map(|(_, slug)| slug).collect();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), 8, "{found:?}");
    for (path, slug) in &found {
        assert!(
            slug.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'),
            "{path}: {slug}"
        );
        assert!(!slug.is_empty());
    }
    // The name of one does not hang on what else is there.
    std::fs::remove_file(root.join("вектор.ipynb")).unwrap();
    put(root, "алгебра.ipynb", "T");
    let later = slugs(root);
    let slug = |list: &[(String, String)]| list.iter().find(|(p, _)| p == "матрица.ipynb").cloned();
    assert_eq!(slug(&later), slug(&found));
}

#[test]
fn a_file_alone_and_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "course/Coins 1.ipynb", "Coins");
    put(folder.path(), "course/other.ipynb", "Other");
    let alone = Library::from_path(folder.path().join("course/Coins 1.ipynb")).unwrap();
    assert_eq!(alone.entries.len(), 1);
    assert_eq!(
        (alone.title.as_str(), alone.entries[0].slug.as_str()),
        ("Coins", "coins-1")
    );
    let all = Library::from_path(folder.path().join("course")).unwrap();
    assert_eq!((all.title.as_str(), all.entries.len()), ("course", 2));
    let error = Library::from_path(folder.path().join("none")).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("none cannot be read: there is no such file")
    );
    assert!(library(folder.path().join("course/other.ipynb")).is_err());
    let text = folder.path().join("text.txt");
    std::fs::write(&text, "x").unwrap();
    assert!(Library::from_path(text).unwrap().entries[0].cells.is_err());
}

#[cfg(unix)]
#[test]
fn links_to_folders_are_passed_over_and_depth_is_limited() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    put(root, "a/one.ipynb", "One");
    symlink(root, root.join("a/loop")).unwrap();
    symlink("..", root.join("a/up")).unwrap();
    symlink(root.join("a/one.ipynb"), root.join("linked.ipynb")).unwrap();
    symlink(root.join("nowhere"), root.join("dangling.ipynb")).unwrap();
    let deep: String = (1..=MAX_FOLDER_DEPTH).map(|n| format!("d{n}/")).collect();
    put(root, &format!("{deep}in.ipynb"), "In");
    put(root, &format!("{deep}over/out.ipynb"), "Out");
    let library = library(root).unwrap();
    let titles: Vec<&str> = library.entries.iter().map(|e| e.title.as_str()).collect();
    assert_eq!(titles, ["One", "In", "One"]);
    assert_eq!(library.notices.len(), 1);
    assert!(library.notices[0].ends_with("over is left out: it is more than 8 folders deep"));
}

/// Two hundred notebooks with figures, of half a megabyte each.
#[test]
fn two_hundred_titles_are_read_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let image = "A".repeat(500_000);
    let cells = json!([
        { "cell_type": "code", "outputs": [{ "output_type": "display_data", "data": { "image/png": image } }] },
        { "cell_type": "markdown", "source": "# Title" },
    ]);
    let bytes = notebook(cells);
    for number in 0..200 {
        std::fs::write(folder.path().join(format!("{number}.ipynb")), &bytes).unwrap();
    }
    let began = Instant::now();
    let library = library(folder.path()).unwrap();
    let elapsed = began.elapsed();
    assert_eq!(library.entries.len(), 200);
    assert!(library.entries.iter().all(|entry| entry.title == "Title"));
    assert_eq!(
        library.entries[10].slug, "10",
        "in the order of their numbers"
    );
    assert!(elapsed < Duration::from_secs(2), "{elapsed:?}");
}
