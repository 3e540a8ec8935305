//! A file written whole or not at all.

use crate::error::PlotError;
use std::io::{self, Write};
use std::path::Path;

/// What a figure is written as.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Format {
    Svg,
    Png,
}

impl Format {
    /// The format that the extension of a path names.
    pub(crate) fn of(path: &Path) -> Result<Self, PlotError> {
        match path.extension() {
            Some(extension) if extension.eq_ignore_ascii_case("svg") => Ok(Self::Svg),
            Some(extension) if extension.eq_ignore_ascii_case("png") => Ok(Self::Png),
            _ => Err(PlotError::UnknownExtension {
                path: path.to_path_buf(),
            }),
        }
    }
}

/// Writes the bytes of a figure to the path, whole or not at all.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), PlotError> {
    replace(path, bytes).map_err(|source| PlotError::NotWritable {
        path: path.to_path_buf(),
        source,
    })
}

/// Writes the bytes into a new file of the same folder and moves it to the path in one step.
///
/// An older file is replaced with its permissions kept, unless it is read-only; of a symbolic
/// link the target is replaced, not the link.
///
/// # Errors
/// A folder that is missing or closed, a full disk, a file that is read-only.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let resolved = path.canonicalize();
    let target = resolved.as_deref().unwrap_or(path);
    let older = std::fs::metadata(target).ok();
    if older.as_ref().is_some_and(std::fs::Metadata::is_dir) {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    let kept = older.map(|metadata| metadata.permissions());
    if kept.as_ref().is_some_and(std::fs::Permissions::readonly) {
        return Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            "the file is read-only",
        ));
    }
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".unfinished-");
    // A temporary file is its owner's alone; this one is as open as any new file.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut temporary = builder.tempfile_in(folder)?;
    temporary.write_all(bytes)?;
    if let Some(kept) = kept {
        temporary.as_file().set_permissions(kept)?;
    }
    temporary.as_file().sync_all()?;
    temporary.persist(target)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::fs;

    #[test]
    fn a_new_file_holds_the_bytes_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("figure.svg");
        replace(&path, b"whole").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_reader_of_the_older_file_keeps_it_whole() {
        use std::io::Read;
        use std::os::unix::fs::{MetadataExt, PermissionsExt};
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("figure.svg");
        fs::write(&path, b"older").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let inode = fs::metadata(&path).unwrap().ino();
        let mut reader = fs::File::open(&path).unwrap();
        replace(&path, b"newer").unwrap();
        let mut seen = String::new();
        reader.read_to_string(&mut seen).unwrap();
        assert_eq!(seen, "older", "the older file was written over in place");
        assert_eq!(fs::read(&path).unwrap(), b"newer");
        let metadata = fs::metadata(&path).unwrap();
        assert_ne!(metadata.ino(), inode);
        assert_eq!(metadata.permissions().mode() & 0o777, 0o640);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let (target, link) = (folder.path().join("a.svg"), folder.path().join("b.svg"));
        fs::write(&target, b"older").unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        replace(&link, b"newer").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&target).unwrap(), b"newer");
    }

    #[test]
    fn a_protected_file_a_folder_and_a_missing_folder_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("figure.svg");
        fs::write(&path, b"older").unwrap();
        let mut permissions = fs::metadata(&path).unwrap().permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&path, permissions).unwrap();
        let refusal = replace(&path, b"newer").unwrap_err();
        assert_eq!(refusal.kind(), io::ErrorKind::PermissionDenied);
        assert_eq!(fs::read(&path).unwrap(), b"older");
        assert!(replace(folder.path(), b"newer").is_err());
        assert!(replace(&folder.path().join("none/figure.svg"), b"newer").is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
