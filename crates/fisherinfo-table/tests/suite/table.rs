//! Reading tables: what cells are, where they stand, what is refused.

use std::io::Write;

use fisherinfo_table::table::{Cells, Column, Table, TableError};
use proptest::prelude::*;

fn read(csv: impl AsRef<[u8]>) -> Table {
    Table::from_csv_reader(csv.as_ref(), "t.csv").unwrap_or_else(|error| panic!("{error}"))
}

fn refused(csv: impl AsRef<[u8]>) -> String {
    match Table::from_csv_reader(csv.as_ref(), "t.csv") {
        Ok(table) => panic!("{table:?}"),
        Err(error) => error.to_string(),
    }
}

fn numbers<'a>(table: &'a Table, name: &str) -> &'a [f64] {
    match table.column(name).unwrap().cells() {
        Cells::Numeric(values) => values,
        Cells::Text(text) => panic!("{text:?}"),
    }
}

fn texts<'a>(table: &'a Table, name: &str) -> Vec<Option<&'a str>> {
    match table.column(name).unwrap().cells() {
        Cells::Text(text) => (0..table.rows()).map(|row| text.get(row)).collect(),
        Cells::Numeric(values) => panic!("{values:?}"),
    }
}

#[test]
fn columns_are_numeric_or_text() {
    let table =
        read("id,gpa,ward,note\n1, 3.5 ,a,NA\n2,-1e-3,\"b, c\",\n3,+7,\"say \"\"x\"\"\",x\n");
    assert_eq!((table.rows(), table.columns().len()), (3, 4));
    assert_eq!(numbers(&table, "id"), [1.0, 2.0, 3.0]);
    assert_eq!(numbers(&table, "gpa"), [3.5, -0.001, 7.0]);
    assert_eq!(
        texts(&table, "ward"),
        [Some("a"), Some("b, c"), Some("say \"x\"")]
    );
    assert_eq!(texts(&table, "note"), [None, None, Some("x")]);
    assert!(table.column("Gpa").is_none());
}

#[test]
fn missing_cells_are_known() {
    for missing in [
        "", " ", "NA", "N/A", "NaN", "nan", "NAN", "null", ".", "\"\"", "-nan",
    ] {
        let table = read(format!("x,y\n1,2\n{missing},3\n"));
        let x = table.column("x").unwrap();
        assert!(!x.is_missing(0) && x.is_missing(1), "{missing}");
        assert_eq!(numbers(&table, "x")[0], 1.0, "{missing}");
        let table = read(format!("x,y\na,2\n{missing},3\n"));
        assert_eq!(texts(&table, "x"), [Some("a"), None], "{missing}");
    }
    for present in ["na", "-", "?", "none", ".."] {
        let table = read(format!("x,y\n1,2\n{present},3\n"));
        assert_eq!(texts(&table, "x"), [Some("1"), Some(present)], "{present}");
    }
    let table = read("x,y\n,1\nNA,2\n");
    assert!(numbers(&table, "x").iter().all(|x| x.is_nan()));
}

#[test]
fn a_text_column_knows_its_numbers_and_first_text() {
    let table = read("x\n1\nNA\n2.5\n3.2x\n4\n");
    let Cells::Text(text) = table.column("x").unwrap().cells() else {
        panic!("numbers");
    };
    assert_eq!((text.numbers(), text.first_text()), (3, 3));
    assert_eq!(text.levels(), ["1", "2.5", "3.2x", "4"]);
    assert_eq!((text.code(1), text.code(2)), (None, Some(1)));
}

#[test]
fn rows_know_their_lines() {
    for end in ["\n", "\r\n", "\r"] {
        let text = [
            "", "x,y", "1,2", "", "", "3,\"a", "b\"", "  ", "5,6", "7,8", "",
        ]
        .join(end);
        for text in [text.clone(), text.trim_end().to_owned()] {
            let table = read(&text);
            assert_eq!(table.lines(), [3, 6, 9, 10], "{text:?}");
            assert_eq!(table.place(1), "line 6");
            assert_eq!(texts(&table, "y")[1], Some("a\nb"));
        }
    }
}

#[test]
fn lines_hold_in_files_larger_than_a_buffer() {
    let mut text = "x,y\r\n".to_owned();
    for row in 0..60_000 {
        text.push_str(&format!("{row},{}\r\n", f64::from(row) / 7.0));
        if row % 1000 == 0 {
            text.push_str("\r\n");
        }
    }
    let table = read(&text);
    let expected = (0..60_000u64).map(|row| row + 2 + row.div_ceil(1000));
    assert!(table.lines().iter().copied().eq(expected));
    assert_eq!(numbers(&table, "x")[59_999], 59_999.0);
}

#[test]
fn a_byte_order_mark_is_dropped() {
    let table = read("\u{feff}x,y\n1,2\n");
    assert_eq!(numbers(&table, "x"), [1.0]);
    let table = read("\u{feff}\"x\",y\n1,2\n");
    assert_eq!(numbers(&table, "x"), [1.0]);
}

#[test]
fn columns_without_a_name_are_kept_apart() {
    let table = read(",x,\n1,2,3\n");
    assert_eq!(numbers(&table, "x"), [2.0]);
    assert!(table.column("").is_none());
}

#[test]
fn faulty_files_are_refused_with_place_and_remedy() {
    for (csv, message) in [
        (
            "",
            "t.csv: the file is empty; a table needs a row of column names and rows of values",
        ),
        (
            "\u{feff}\n\r\n",
            "t.csv: the file is empty; a table needs a row of column names and rows of values",
        ),
        ("x,y\n", "t.csv: there are no rows under the column names"),
        ("x,y", "t.csv: there are no rows under the column names"),
        (
            "x,y\r\n1,2\r\n\r\n3\r\n",
            "t.csv: line 4 has 1 cells where line 1 names 2 columns; put quotation marks around a \
             cell that holds a comma",
        ),
        (
            "\nx,y\n1,2\n3,4,5",
            "t.csv: line 4 has 3 cells where line 2 names 2 columns; put quotation marks around a \
             cell that holds a comma",
        ),
        (
            "x,y\n1,2\n3,\"4\n5,6\n",
            "t.csv: a quotation mark in the row of line 3 is never closed; close it there",
        ),
        (
            "x,y\n1,2\n3,\"4\n5,6",
            "t.csv: a quotation mark in the row of line 3 is never closed; close it there",
        ),
        (
            "x,y,x\n1,2,3\n",
            "t.csv: columns 1 and 3 are both called `x`; rename one of them",
        ),
        (
            "x;y\n1;2\n",
            "t.csv: line 1 has no comma but semicolons; save the table with commas between its \
             columns",
        ),
        (
            "x\ty\n1\t2\n",
            "t.csv: line 1 has no comma but tabs; save the table with commas between its columns",
        ),
    ] {
        assert_eq!(refused(csv), message, "{csv:?}");
    }
    assert_eq!(
        refused(b"x,y\n1,2\n\n3,\xff\n"),
        "t.csv: line 4, column y: this is not UTF-8; save the table as UTF-8"
    );
    assert_eq!(
        refused(b"x,\xe9\n1,2\n"),
        "t.csv: line 1, column 2: this is not UTF-8; save the table as UTF-8"
    );
}

/// 16 MiB with the line end, the limit of files that are read in parts.
#[test]
fn the_longest_row() {
    let row = |length: usize| format!("y,a\n1,2\n0,{}\n", "x".repeat(length - 3));
    assert_eq!(read(row(16 << 20)).rows(), 2);
    let error = refused(row((16 << 20) + 1));
    assert!(
        error.contains("the row of line 3 is longer than 16777216 bytes"),
        "{error}"
    );
}

#[test]
fn numbers_beyond_double_precision_are_kept_as_written() {
    let table = read("a,b\n1,1\n1e400,inf\n");
    assert_eq!(texts(&table, "a"), [Some("1"), Some("1e400")]);
    assert_eq!(numbers(&table, "b"), [1.0, f64::INFINITY]);
}

#[test]
fn a_quoted_cell_may_end_the_file() {
    for end in ["", "\n", "\r\n", "\n\n"] {
        let table = read(format!("x,y\n1,\"a\nb\n\"{end}"));
        assert_eq!(texts(&table, "y"), [Some("a\nb")]);
        assert_eq!(table.lines(), [2]);
    }
}

#[test]
fn files_are_opened() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("spector.csv");
    assert!(matches!(
        Table::read_csv(&path),
        Err(TableError::NoSuchFile { .. })
    ));
    let message = Table::read_csv(folder.path()).unwrap_err().to_string();
    assert!(message.ends_with("this is a folder; name a CSV file in it"));
    let mut file = std::fs::File::create(&path).unwrap();
    file.write_all(b"gpa,grade\n2.66,0\n").unwrap();
    let table = Table::read_csv(&path).unwrap();
    assert_eq!(numbers(&table, "gpa"), [2.66]);
    assert_eq!(table.source(), path.display().to_string());
}

#[test]
fn a_reader_that_fails_is_told() {
    struct Failing;
    impl std::io::Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("the disk is gone"))
        }
    }
    let error = Table::from_csv_reader(Failing, "t.csv").unwrap_err();
    assert_eq!(error.to_string(), "t.csv: cannot be read: the disk is gone");
}

#[test]
fn columns_of_a_program_make_a_table() {
    let table = Table::from_columns(vec![
        Column::numeric("x", vec![1.0, f64::NAN]),
        Column::text("g", [Some("NA"), None]),
    ])
    .unwrap();
    assert_eq!(texts(&table, "g"), [Some("NA"), None]);
    assert_eq!(table.place(1), "row 2");
    let error = Table::from_columns(vec![
        Column::numeric("x", vec![1.0]),
        Column::numeric("y", vec![]),
    ]);
    assert_eq!(
        error.unwrap_err().to_string(),
        "column `y` has 0 rows, the columns before it have 1"
    );
    let twice = vec![Column::numeric("x", vec![]), Column::numeric("x", vec![])];
    assert!(matches!(
        Table::from_columns(twice),
        Err(TableError::DuplicateColumn { .. })
    ));
}

/// A cell, as a number or text, and whether to quote it.
fn cells() -> impl Strategy<Value = (Option<f64>, bool)> {
    (
        prop::option::of(prop_oneof![
            any::<f64>().prop_filter("finite", |x| x.is_finite()),
            -1e6..1e6f64,
            (-50i32..50).prop_map(f64::from),
        ]),
        any::<bool>(),
    )
}

proptest! {
    #[test]
    fn numbers_survive_the_file(
        (width, rows) in (1usize..5).prop_flat_map(|width| {
            let row = prop::collection::vec(cells(), width);
            (Just(width), prop::collection::vec(row, 1..20))
        }),
        end in prop::sample::select(vec!["\n", "\r\n", "\r"]),
        last_end in any::<bool>(),
    ) {
        let names: Vec<String> = (0..width).map(|i| format!("c{i}")).collect();
        let mut lines = vec![names.join(",")];
        for row in &rows {
            let cells: Vec<String> = row
                .iter()
                .map(|(number, quoted)| {
                    let text = number.map_or("NA".to_owned(), |number| format!("{number:e}"));
                    if *quoted { format!("\"{text}\"") } else { format!(" {text}\t") }
                })
                .collect();
            lines.push(cells.join(","));
        }
        let mut text = lines.join(end);
        if last_end {
            text.push_str(end);
        }
        let table = read(&text);
        prop_assert_eq!(table.rows(), rows.len());
        for (position, name) in names.iter().enumerate() {
            for (row, value) in numbers(&table, name).iter().enumerate() {
                match rows[row][position].0 {
                    Some(number) => prop_assert_eq!(value.to_bits(), number.to_bits()),
                    None => prop_assert!(value.is_nan()),
                }
            }
        }
    }

    #[test]
    fn text_survives_the_file(
        cells in prop::collection::vec("[a-zé\",; .0-9\n]{0,6}", 1..12),
        end in prop::sample::select(vec!["\n", "\r\n"]),
    ) {
        let mut text = format!("n,c{end}");
        let mut line = 2;
        let mut lines = Vec::new();
        for cell in &cells {
            text.push_str(&format!("7,\"{}\"{end}", cell.replace('"', "\"\"")));
            lines.push(line);
            line += 1 + cell.matches('\n').count() as u64;
        }
        let table = read(&text);
        prop_assert_eq!(table.lines(), &lines[..]);
        for (row, cell) in cells.iter().enumerate() {
            let cell = cell.trim();
            match table.column("c").unwrap().cells() {
                Cells::Numeric(values) => {
                    let number = cell.parse::<f64>();
                    prop_assert!(number.map_or(values[row].is_nan(), |n| n == values[row]));
                }
                Cells::Text(text) => {
                    let expected = (!matches!(cell, "" | ".")).then_some(cell);
                    prop_assert_eq!(text.get(row), expected);
                }
            }
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Err(error) = Table::from_csv_reader(&bytes[..], "t") {
            prop_assert!(error.to_string().starts_with("t: "));
        }
    }

    #[test]
    fn a_quotation_mark_alone_on_the_last_line_is_open(rows in 1..5_usize) {
        let text = format!("a\n{}\"\n", "1\n".repeat(rows));
        let refused = Table::from_csv_reader(text.as_bytes(), "t");
        let open = matches!(refused, Err(TableError::UnclosedQuote { .. }));
        prop_assert!(open, "{refused:?}");
    }

    #[test]
    fn any_csv_like_text_is_read_or_refused(text in "[ab,\"\r\n1. \u{feff};]{0,60}") {
        if let Ok(table) = Table::from_csv_reader(text.as_bytes(), "t") {
            prop_assert!(table.columns().iter().all(|column| column.len() == table.rows()));
            prop_assert!(table.lines().is_sorted_by(|a, b| a < b));
            // Every row begins on a line that exists and is not blank.
            let lines: Vec<&str> = text.split(['\n', '\r']).collect();
            prop_assert!(table.lines().iter().all(|&line| line as usize <= lines.len()));
        }
    }
}
