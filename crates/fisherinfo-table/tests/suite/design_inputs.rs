//! What a design takes beside its columns: offsets, weights, clusters, reference categories and
//! the categories of an earlier fit.

use fisherinfo_table::formula::FormulaProblem;
use fisherinfo_table::{Design, DesignError, DesignOptions, Formula, Levels, Missing, Table};

fn make(csv: &str, formula: &str, options: &DesignOptions<'_>) -> Result<Design, DesignError> {
    let table = Table::from_csv_reader(csv.as_bytes(), "test.csv").unwrap();
    Design::new(&table, &Formula::parse(formula).unwrap(), options)
}

fn problem(text: &str) -> FormulaProblem {
    Formula::parse(text).unwrap_err().problem
}

const WARDS: &str = "\
y,ward,block,t
1,a,1,1
2,b,2,2
3,c,3,4
4,a,2,8
5,b,1,16
";

/// The names are those of formulaic 1.1 but for its `T.`; the columns are its columns.
#[test]
fn a_reference_is_chosen() {
    let plain = DesignOptions::default();
    for formula in [
        "y ~ C(ward, Treatment(\"b\"))",
        "y ~ C(ward,Treatment( reference = 'b' ))",
    ] {
        let design = make(WARDS, formula, &plain).unwrap();
        assert_eq!(
            design.terms,
            [
                "Intercept",
                "C(ward, Treatment(\"b\"))[a]",
                "C(ward, Treatment(\"b\"))[c]"
            ]
        );
        assert_eq!(design.columns[1], [1.0, 0.0, 0.0, 1.0, 0.0]);
        assert_eq!(design.columns[2], [0.0, 0.0, 1.0, 0.0, 0.0]);
        assert_eq!(design.levels[0].levels, ["a", "b", "c"]);
        assert_eq!(design.levels[0].reference, 1);
    }
    let numbers = make(WARDS, "y ~ C(block, Treatment(3))", &plain).unwrap();
    assert_eq!(
        numbers.terms[1..],
        [
            "C(block, Treatment(\"3\"))[1]",
            "C(block, Treatment(\"3\"))[2]"
        ]
    );
    assert_eq!(numbers.columns[2], [0.0, 1.0, 0.0, 1.0, 0.0]);
    // Without an intercept every category has its column, in the usual order.
    let all = make(WARDS, "y ~ 0 + C(ward, Treatment(\"b\"))", &plain).unwrap();
    assert_eq!(
        all.terms,
        ["a", "b", "c"].map(|level| format!("C(ward, Treatment(\"b\"))[{level}]"))
    );
    // Crossed with a number, the reference has no slope of its own.
    let slopes = make(WARDS, "y ~ t*C(ward, Treatment(\"c\"))", &plain).unwrap();
    assert_eq!(slopes.terms[4], "t:C(ward, Treatment(\"c\"))[a]");
    assert_eq!(slopes.columns[5], [0.0, 2.0, 0.0, 0.0, 16.0]);
    let error = make(WARDS, "y ~ C(ward, Treatment(\"d\"))", &plain).unwrap_err();
    assert!(error.to_string().contains("no category `d`"), "{error}");
    assert!(error.to_string().contains("`a`, `b`, `c`"), "{error}");
}

#[test]
fn references_are_printed_as_they_are_read() {
    for text in [
        "y ~ 1 + C(ward, Treatment(\"b\"))",
        "y ~ 1 + C(ward, Treatment('say \"b\"')) + x",
        "y ~ 0 + C(`the ward`, Treatment(\"b, c)\")):x + offset(log(t))",
    ] {
        assert_eq!(Formula::parse(text).unwrap().to_string(), text);
    }
    for text in [
        "y ~ C(a, b)",
        "y ~ C(a, Treatment)",
        "y ~ C(a, Treatment(\"b)",
        "y ~ C(a, Treatment())",
        "y ~ C(a, Treatment(\"\"))",
        "y ~ C(a, Treatment(reference \"b\"))",
        "y ~ C(a, Treatment(\"b\")",
        "y ~ C(a, Sum)",
    ] {
        assert!(
            matches!(problem(text), FormulaProblem::Unexpected { .. }),
            "{text}"
        );
    }
}

#[test]
fn offsets_are_added_up_and_are_no_terms() {
    let plain = DesignOptions::default();
    let design = make(WARDS, "y ~ ward + offset(log2(t))", &plain).unwrap();
    assert_eq!(design.terms, ["Intercept", "ward[b]", "ward[c]"]);
    assert_eq!(design.offset.unwrap(), [0.0, 1.0, 2.0, 3.0, 4.0]);
    let two = make(WARDS, "y ~ offset(log2(t)) + ward + offset(block)", &plain).unwrap();
    assert_eq!(two.offset.unwrap(), [1.0, 3.0, 5.0, 5.0, 5.0]);
    // The same offset twice is one, as a term is.
    let twice = make(WARDS, "y ~ offset(block) + offset(block)", &plain).unwrap();
    assert_eq!(twice.offset.unwrap(), [1.0, 2.0, 3.0, 2.0, 1.0]);
    assert_eq!(make(WARDS, "y ~ ward", &plain).unwrap().offset, None);
    for text in [
        "y ~ a*offset(t)",
        "y ~ offset(t):a",
        "y ~ a - offset(t)",
        "y ~ (a + offset(t))*b",
    ] {
        assert_eq!(problem(text), FormulaProblem::OffsetInside, "{text}");
    }
    assert!(matches!(problem("y ~ offset(2)"), FormulaProblem::NoColumn));
    // A column may have that name.
    let formula = Formula::parse("y ~ offset + a").unwrap();
    assert_eq!(formula.offsets().len(), 0);
    let text = make(WARDS, "y ~ t + offset(ward)", &plain).unwrap_err();
    assert!(matches!(text, DesignError::NotANumber { .. }), "{text}");
}

/// A missing cell of anything takes the whole row, of everything, and is counted where it is.
#[test]
fn what_is_dropped_is_dropped_everywhere() {
    let csv = "\
y,x,w,t,g,m
1,10,1,1,a,5
,20,2,2,b,6
3,,3,3,c,7
4,40,NA,4,d,8
5,50,5,,e,9
6,60,6,6,,10
7,70,7,7,g,NA
8,80,8,8,h,12
9,90,0,9,i,13
10,100,10,10,j,14
";
    let also = ["m".to_owned()];
    let options = DesignOptions {
        missing: Missing::Drop,
        also: &also,
        weights: Some("w"),
        clusters: Some("g"),
        ..DesignOptions::default()
    };
    let design = make(csv, "y ~ x + offset(t)", &options).unwrap();
    assert_eq!(design.lines, [2, 9, 11]);
    assert_eq!(design.response.values, [1.0, 8.0, 10.0]);
    assert_eq!(design.columns[1], [10.0, 80.0, 100.0]);
    assert_eq!(design.offset.unwrap(), [1.0, 8.0, 10.0]);
    assert_eq!(design.weights.unwrap(), [1.0, 8.0, 10.0]);
    assert_eq!(design.also[0].1, [5.0, 12.0, 14.0]);
    let clusters = design.clusters.unwrap();
    let groups: Vec<&str> = clusters
        .codes
        .iter()
        .map(|&code| clusters.levels[code].as_str())
        .collect();
    assert_eq!(groups, ["a", "h", "j"]);
    assert_eq!((design.dropped_rows, design.rows_without_weight), (6, 1));
    let counted: Vec<(&str, usize)> = design
        .missing
        .iter()
        .map(|(column, count)| (column.as_str(), *count))
        .collect();
    assert_eq!(
        counted,
        [("y", 1), ("x", 1), ("t", 1), ("m", 1), ("w", 1), ("g", 1)]
    );
    let refused = DesignOptions {
        missing: Missing::Fail,
        ..options
    };
    let error = make(csv, "y ~ x + offset(t)", &refused).unwrap_err();
    assert!(error.to_string().contains("`w`: 1 (first on line 5)"));
    assert!(error.to_string().contains("`g`: 1 (first on line 7)"));
}

#[test]
fn rows_of_weight_zero_bring_no_category() {
    let csv = "y,a,w\n1,p,1\n2,q,2\n3,r,0\n4,p,3\n";
    let weighted = |csv: &str| {
        let options = DesignOptions {
            weights: Some("w"),
            ..DesignOptions::default()
        };
        make(csv, "y ~ a", &options)
    };
    let design = weighted(csv).unwrap();
    assert_eq!(design.terms, ["Intercept", "a[q]"]);
    assert_eq!((design.dropped_rows, design.rows_without_weight), (0, 1));
    let negative = weighted("y,a,w\n1,p,1\n2,q,-2\n").unwrap_err();
    assert!(matches!(
        negative,
        DesignError::NegativeWeight { value: -2.0, .. }
    ));
    assert!(negative.to_string().starts_with("line 3, column w"));
    let none = weighted("y,a,w\n1,p,0\n2,q,0\n").unwrap_err();
    assert!(matches!(none, DesignError::NoWeightLeft { .. }));
    let text = weighted("y,a,w\n1,p,heavy\n2,q,0\n").unwrap_err();
    assert!(matches!(text, DesignError::NotANumber { .. }));
}

#[test]
fn categories_of_an_earlier_fit_are_kept() {
    let plain = DesignOptions::default();
    let formula = "y ~ ward*t + C(block, Treatment(2))";
    let fitted = make(WARDS, formula, &plain).unwrap();
    let again = |csv: &str| {
        let table = Table::from_csv_reader(csv.as_bytes(), "new.csv").unwrap();
        let options = DesignOptions {
            levels: Some(&fitted.levels),
            ..DesignOptions::default()
        };
        Design::new(
            &table,
            &Formula::parse(formula).unwrap().without_response(),
            &options,
        )
    };
    // One category only, in another order, and no response.
    let new = again("t,block,ward\n3,3,c\n5,1,c\n").unwrap();
    assert_eq!(new.terms, fitted.terms);
    let column = |name: &str| {
        let position = new.terms.iter().position(|term| term == name).unwrap();
        new.columns[position].clone()
    };
    assert_eq!(column("ward[b]"), [0.0, 0.0]);
    assert_eq!(column("ward[c]:t"), [3.0, 5.0]);
    assert_eq!(column("C(block, Treatment(\"2\"))[3]"), [1.0, 0.0]);
    let unknown = again("t,block,ward\n3,3,c\n5,1,z\n").unwrap_err();
    assert_eq!(
        unknown.to_string(),
        "line 3, column ward: the fit knows no category `z`, and nothing can be said about it; it \
         knows `a`, `b`, `c`"
    );
    // Text where the fit had a number is not taken as new categories.
    let text = again("t,block,ward\nlong,3,c\n5,1,a\n").unwrap_err();
    assert!(matches!(text, DesignError::NotANumber { .. }), "{text}");
    let levels: Vec<&str> = fitted.levels.iter().map(|l| l.factor.as_str()).collect();
    assert_eq!(levels, ["ward", "C(block, Treatment(\"2\"))"]);
    assert_eq!(
        Levels {
            reference: 0,
            ..fitted.levels[1].clone()
        }
        .levels,
        ["1", "2", "3"]
    );
    let terms: Vec<(&str, std::ops::Range<usize>)> = fitted
        .term_columns
        .iter()
        .map(|term| (term.term.as_str(), term.columns.clone()))
        .collect();
    assert_eq!(
        terms,
        [
            ("ward", 1..3),
            ("t", 3..4),
            ("C(block, Treatment(\"2\"))", 4..6),
            ("ward:t", 6..8)
        ]
    );
}
