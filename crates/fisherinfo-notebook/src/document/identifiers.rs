//! The names of cells.

use super::slug::Names;

/// The longest name that nbformat allows.
const LONGEST: usize = 64;

/// A name for each cell: its own where it has one that is valid and new, else `cell-N` after its
/// place, so that the same file gives the same names every time.
pub(super) fn unique<'a>(
    own: impl ExactSizeIterator<Item = Option<&'a str>> + Clone,
) -> Vec<String> {
    let mut names = Names::default();
    // The first cell of a name keeps it, even where an earlier one has none of its own.
    let kept: Vec<bool> = own
        .clone()
        .map(|id| id.is_some_and(|id| is_valid(id) && names.take(id)))
        .collect();
    own.zip(kept)
        .enumerate()
        .map(|(index, (id, kept))| match id {
            Some(id) if kept => id.to_string(),
            _ => names.unique(format!("cell-{}", index + 1)),
        })
        .collect()
}

fn is_valid(id: &str) -> bool {
    (1..=LONGEST).contains(&id.len())
        && id
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::unique;

    #[test]
    fn missing_invalid_and_repeated_names_are_replaced() {
        let long = "a".repeat(65);
        let own = [
            Some("a"),
            None,
            Some("a"),
            Some("b c"),
            Some(""),
            Some(&long),
            Some("cell-2"),
            Some("ü"),
        ];
        assert_eq!(
            unique(own.into_iter()),
            [
                "a", "cell-2-2", "cell-3", "cell-4", "cell-5", "cell-6", "cell-2", "cell-8"
            ]
        );
    }
}
