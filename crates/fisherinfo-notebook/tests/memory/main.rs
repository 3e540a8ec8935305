//! How much memory a large notebook takes: in a binary of its own, so that nothing else counts.

#![allow(clippy::unwrap_used)]

#[cfg(target_os = "linux")]
#[test]
fn a_small_multiple_of_the_file() {
    use fisherinfo_notebook::document::Document;

    /// A line of what the system knows of this process, in bytes.
    fn status(name: &str) -> usize {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        let kilobytes: usize = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        1024 * kilobytes
    }

    const MEBI: usize = 1 << 20;
    let text = r#"[{"output_type": "stream", "text": @}]"#;
    let data = r#"[{"output_type": "display_data", "data": {"application/json": @}}]"#;
    let image = r#"[{"output_type": "display_data", "data": {"image/png": @}}]"#;
    let bundle = r#"{"data": {"a": 1, "b": 2}, "output_type": "display_data"}"#;
    for (what, output, value, count) in [
        (
            "a long text",
            text,
            format!("\"{}\"", "é\\n".repeat(12 * MEBI)),
            1,
        ),
        ("short lines", text, r#""x\n""#.into(), 8 * MEBI),
        ("numbers", data, "1".into(), 25 * MEBI),
        ("not even outputs", "@", "{}".into(), 16 * MEBI),
        ("outputs", "@", bundle.into(), 800_000),
        (
            "an image",
            image,
            format!("\"{}\"", "A".repeat(50 * MEBI)),
            1,
        ),
        // Read a second time, for what is not JSON in it.
        ("not numbers", data, "NaN".into(), 12 * MEBI),
    ] {
        let mut list = format!("{value},").repeat(count);
        list.pop();
        if count > 1 {
            list = format!("[{list}]");
        }
        let outputs = output.replace('@', &list);
        drop((value, list));
        let cell = format!(r#"{{"cell_type": "code", "source": "x", "outputs": {outputs}}}"#);
        drop(outputs);
        let file = format!(r#"{{"cells": [{cell}], "nbformat": 4}}"#);
        drop(cell);
        assert!(
            (40 * MEBI..64 * MEBI).contains(&file.len()),
            "{what}: {}",
            file.len()
        );

        // From here on the most memory is counted afresh.
        std::fs::write("/proc/self/clear_refs", "5").unwrap();
        let before = status("VmRSS:");
        let began = std::time::Instant::now();
        let document = Document::parse(file.as_bytes()).unwrap();
        let elapsed = began.elapsed();
        let taken = status("VmHWM:").saturating_sub(before);
        println!(
            "{what}: {} MB take {} MB, {elapsed:?}",
            file.len() / MEBI,
            taken / MEBI
        );
        assert_eq!(document.cells.len(), 1);
        assert!(
            taken < 2 * file.len(),
            "{what}: {taken} bytes for {}",
            file.len()
        );
        assert!(elapsed.as_secs() < 20, "{what}: {elapsed:?}");
    }
}
