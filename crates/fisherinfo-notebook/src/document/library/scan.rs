//! The notebooks in a folder and below.

use super::super::DocumentError;
use super::super::limits::{MAX_FOLDER_DEPTH, MAX_FOLDER_ENTRIES, MAX_NOTEBOOKS};
use super::super::read::reason;
use super::order::natural;
use std::cmp::Ordering;
use std::ffi::OsString;
use std::path::Path;

/// What was found.
pub(super) struct Found {
    /// The files, each as its folders and its name, in their natural order.
    pub(super) files: Vec<Vec<OsString>>,
    /// What was left out, and why.
    pub(super) notices: Vec<String>,
}

/// Every `.ipynb` file that is not hidden and in no hidden folder.
///
/// Folders are entered by their own name only: a link to a folder is passed over, so that no loop
/// can be walked.
pub(super) fn notebooks(root: &Path) -> Result<Found, DocumentError> {
    let mut found = Found {
        files: Vec::new(),
        notices: Vec::new(),
    };
    let mut left = MAX_FOLDER_ENTRIES;
    let mut folders: Vec<Vec<OsString>> = vec![Vec::new()];
    while let Some(parts) = folders.pop() {
        let folder = parts
            .iter()
            .fold(root.to_path_buf(), |path, part| path.join(part));
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if parts.is_empty() => {
                return Err(DocumentError::Unreadable {
                    file: folder.display().to_string(),
                    reason: reason(&error),
                });
            }
            Err(error) => {
                let why = reason(&error);
                found
                    .notices
                    .push(format!("{} is left out: {why}", folder.display()));
                continue;
            }
        };
        // An entry that vanished meanwhile is none.
        for entry in entries.flatten() {
            if left == 0 || found.files.len() == MAX_NOTEBOOKS {
                found.notices.push(format!(
                    "not everything was looked at: the limits are {MAX_FOLDER_ENTRIES} files and {MAX_NOTEBOOKS} notebooks"
                ));
                folders.clear();
                break;
            }
            left -= 1;
            let name = entry.file_name();
            let Ok(kind) = entry.file_type() else {
                continue;
            };
            if name.as_encoded_bytes().starts_with(b".") {
                continue;
            }
            let within = || parts.iter().cloned().chain([name.clone()]).collect();
            if kind.is_dir() {
                if parts.len() == MAX_FOLDER_DEPTH {
                    found.notices.push(format!(
                        "{} is left out: it is more than {MAX_FOLDER_DEPTH} folders deep",
                        entry.path().display()
                    ));
                } else {
                    folders.push(within());
                }
            } else if Path::new(&name).extension().is_some_and(|e| e == "ipynb")
                // A link to a file is one, and a link to a folder or to nothing is not.
                && (kind.is_file() || entry.path().is_file())
            {
                found.files.push(within());
            }
        }
    }
    found.files.sort_by(|a, b| by_part(a, b));
    found.notices.sort();
    Ok(found)
}

/// Part by part: a folder's files stay together.
fn by_part(a: &[OsString], b: &[OsString]) -> Ordering {
    a.iter()
        .zip(b)
        .map(|(a, b)| natural(&a.to_string_lossy(), &b.to_string_lossy()))
        .find(|order| order.is_ne())
        .unwrap_or_else(|| a.len().cmp(&b.len()))
        .then_with(|| a.cmp(b))
}
