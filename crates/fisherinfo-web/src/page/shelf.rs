//! What can be read here, rendered when first asked for and kept.

use super::{index, reading, workbook};
use fisherinfo_notebook::document::Library;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::SystemTime;

/// The workbook and the library beside it.
pub(crate) struct Shelf {
    library: Option<Library>,
    /// Can readers have accounts?
    accounts: bool,
    index: OnceLock<String>,
    workbook: OnceLock<String>,
    read: Mutex<VecDeque<Rendered>>,
}

/// A notebook as it was at some time.
struct Rendered {
    slug: String,
    changed: Option<(SystemTime, u64)>,
    page: Arc<String>,
}

/// Rendered notebooks that are kept, and how large they may be together, in bytes.
const KEPT: usize = 32;
const KEPT_BYTES: usize = 64 << 20;

impl Shelf {
    pub(crate) fn new(library: Option<Library>, accounts: bool) -> Self {
        Self {
            library,
            accounts,
            index: OnceLock::new(),
            workbook: OnceLock::new(),
            read: Mutex::default(),
        }
    }

    /// Where a reader begins: at the only notebook that was asked for, at the library if there are
    /// several, at the workbook if there is nothing else.
    pub(crate) fn start(&self) -> String {
        match self.library.as_ref().map(|it| it.entries.as_slice()) {
            None => "/workbook".into(),
            Some([only]) => format!("/notebooks/{}", only.slug),
            Some(_) => "/".into(),
        }
    }

    pub(crate) fn index(&self) -> &str {
        self.index
            .get_or_init(|| index::render(self.library.as_ref(), self.accounts).into_string())
    }

    pub(crate) fn workbook(&self) -> &str {
        self.workbook
            .get_or_init(|| workbook::render(self.library.is_some(), self.accounts).into_string())
    }

    /// A notebook by its slug, as its file is now.
    pub(crate) fn notebook(&self, slug: &str) -> Option<Arc<String>> {
        let entry = self.library.as_ref()?.entry(slug)?;
        let changed = std::fs::metadata(&entry.path)
            .ok()
            .and_then(|data| Some((data.modified().ok()?, data.len())));
        let kept = self
            .lock()
            .iter()
            .find(|read| read.slug == slug && read.changed == changed && changed.is_some())
            .map(|read| read.page.clone());
        if kept.is_some() {
            return kept;
        }
        let page = Arc::new(reading::render(entry, self.accounts).into_string());
        let mut read = self.lock();
        read.retain(|read| read.slug != slug);
        read.push_front(Rendered {
            slug: slug.to_owned(),
            changed,
            page: page.clone(),
        });
        let mut bytes = 0;
        let fits = read
            .iter()
            .take(KEPT)
            .take_while(|read| {
                bytes += read.page.len();
                bytes <= KEPT_BYTES
            })
            .count();
        read.truncate(fits);
        Some(page)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<Rendered>> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
