//! Design matrices: columns worked out by hand, aligned rows, refusals.

use fisherinfo_table::design::MAXIMUM_COLUMNS;
use fisherinfo_table::{
    Column, Design, DesignError, DesignOptions, Formula, Missing, ResponseKind, Table,
};

fn table(csv: &str) -> Table {
    Table::from_csv_reader(csv.as_bytes(), "t.csv").unwrap()
}

fn make(csv: &str, formula: &str, options: &DesignOptions<'_>) -> Result<Design, DesignError> {
    let formula = Formula::parse(formula).unwrap_or_else(|error| panic!("{error}"));
    Design::new(&table(csv), &formula, options)
}

fn design(csv: &str, formula: &str) -> Design {
    make(csv, formula, &DesignOptions::default())
        .unwrap_or_else(|error| panic!("{formula}: {error}"))
}

fn refused(csv: &str, formula: &str) -> String {
    make(csv, formula, &DesignOptions::default())
        .unwrap_err()
        .to_string()
}

const DROP: DesignOptions<'_> = DesignOptions {
    missing: Missing::Drop,
    also: &[],
    weights: None,
    clusters: None,
    levels: None,
    response: ResponseKind::Numbers,
};

/// Every pair of two levels of `a`, three of `b`, once, with numbers beside them.
const CROSSED: &str = "\
y,a,b,x
1,a1,b1,2
2,a1,b2,3
3,a1,b3,5
4,a2,b1,7
5,a2,b2,11
6,a2,b3,13
";

/// Checks the columns of a design on [`CROSSED`] against cells written as digits.
fn check(formula: &str, expected: &[(&str, [f64; 6])]) {
    let design = design(CROSSED, formula);
    let names: Vec<&str> = expected.iter().map(|(name, _)| *name).collect();
    assert_eq!(design.terms, names, "{formula}");
    for ((name, cells), column) in expected.iter().zip(&design.columns) {
        assert_eq!(column, cells, "{formula}: {name}");
    }
    assert_eq!(design.intercept, names.first() == Some(&"Intercept"));
}

const ONE: [f64; 6] = [1., 1., 1., 1., 1., 1.];
const A1: [f64; 6] = [1., 1., 1., 0., 0., 0.];
const A2: [f64; 6] = [0., 0., 0., 1., 1., 1.];
const B1: [f64; 6] = [1., 0., 0., 1., 0., 0.];
const B2: [f64; 6] = [0., 1., 0., 0., 1., 0.];
const B3: [f64; 6] = [0., 0., 1., 0., 0., 1.];
const X: [f64; 6] = [2., 3., 5., 7., 11., 13.];

fn times(a: [f64; 6], b: [f64; 6]) -> [f64; 6] {
    std::array::from_fn(|i| a[i] * b[i])
}

#[test]
fn columns_are_those_written_by_hand() {
    check("y ~ x", &[("Intercept", ONE), ("x", X)]);
    check("y ~ x - 1", &[("x", X)]);
    check("y ~ 1", &[("Intercept", ONE)]);
    check("y ~ a", &[("Intercept", ONE), ("a[a2]", A2)]);
    check("y ~ 0 + a", &[("a[a1]", A1), ("a[a2]", A2)]);
    check(
        "y ~ b + a",
        &[
            ("Intercept", ONE),
            ("b[b2]", B2),
            ("b[b3]", B3),
            ("a[a2]", A2),
        ],
    );
    check(
        "y ~ 0 + a + b",
        &[("a[a1]", A1), ("a[a2]", A2), ("b[b2]", B2), ("b[b3]", B3)],
    );
    check(
        "y ~ a*b",
        &[
            ("Intercept", ONE),
            ("a[a2]", A2),
            ("b[b2]", B2),
            ("b[b3]", B3),
            ("a[a2]:b[b2]", times(A2, B2)),
            ("a[a2]:b[b3]", times(A2, B3)),
        ],
    );
    // Without main effects, as patsy and formulaic have it.
    check(
        "y ~ a:b",
        &[
            ("Intercept", ONE),
            ("b[b2]", B2),
            ("b[b3]", B3),
            ("a[a2]:b[b1]", times(A2, B1)),
            ("a[a2]:b[b2]", times(A2, B2)),
            ("a[a2]:b[b3]", times(A2, B3)),
        ],
    );
    check(
        "y ~ 0 + a:b",
        &[
            ("a[a1]:b[b1]", times(A1, B1)),
            ("a[a2]:b[b1]", times(A2, B1)),
            ("a[a1]:b[b2]", times(A1, B2)),
            ("a[a2]:b[b2]", times(A2, B2)),
            ("a[a1]:b[b3]", times(A1, B3)),
            ("a[a2]:b[b3]", times(A2, B3)),
        ],
    );
    check(
        "y ~ a + a:b",
        &[
            ("Intercept", ONE),
            ("a[a2]", A2),
            ("a[a1]:b[b2]", times(A1, B2)),
            ("a[a2]:b[b2]", times(A2, B2)),
            ("a[a1]:b[b3]", times(A1, B3)),
            ("a[a2]:b[b3]", times(A2, B3)),
        ],
    );
    // Slopes: crossed with a number, the categories keep all levels unless its own slope is there.
    check(
        "y ~ a:x",
        &[
            ("Intercept", ONE),
            ("a[a1]:x", times(A1, X)),
            ("a[a2]:x", times(A2, X)),
        ],
    );
    check(
        "y ~ x*a",
        &[
            ("Intercept", ONE),
            ("x", X),
            ("a[a2]", A2),
            ("x:a[a2]", times(X, A2)),
        ],
    );
    check(
        "y ~ 0 + a + x:a",
        &[
            ("a[a1]", A1),
            ("a[a2]", A2),
            ("x:a[a1]", times(X, A1)),
            ("x:a[a2]", times(X, A2)),
        ],
    );
    check(
        "y ~ x + I(x - 1):x^2",
        &[
            ("Intercept", ONE),
            ("x", X),
            ("I(x - 1):x^2", X.map(|x| (x - 1.0) * x * x)),
        ],
    );
}

#[test]
fn the_response_may_be_a_formula() {
    let csv = "killed,n,dose,group name\n6,59,1.69,a\n13,60,1.72,b\n18,62,1.75,a\n";
    let design = design(csv, "killed/n ~ dose");
    assert_eq!(design.response.name, "killed/n");
    assert_eq!(
        design.response.values,
        [6.0 / 59.0, 13.0 / 60.0, 18.0 / 62.0]
    );
    let options = DesignOptions {
        also: &["n".to_owned(), "killed".to_owned()],
        ..DesignOptions::default()
    };
    let design = make(csv, "log(killed) ~ `group name`", &options).unwrap();
    assert_eq!(design.response.values[1], 13f64.ln());
    assert_eq!(design.terms, ["Intercept", "`group name`[b]"]);
    assert_eq!(design.also[0], ("n".to_owned(), vec![59.0, 60.0, 62.0]));
    assert_eq!(design.also[1].0, "killed");
}

#[test]
fn categories_are_in_order() {
    let csv = "y,n,t,u\n1,10,10th,b\n2,9,9th,B\n3,-1,1st,a\n4,9,9th,a\n";
    assert_eq!(
        design(csv, "y ~ 0 + C(n)").terms,
        ["C(n)[-1]", "C(n)[9]", "C(n)[10]"]
    );
    assert_eq!(
        design(csv, "y ~ 0 + t").terms,
        ["t[10th]", "t[1st]", "t[9th]"]
    );
    assert_eq!(design(csv, "y ~ u").terms, ["Intercept", "u[a]", "u[b]"]);
    // A column of text whose levels are numbers in the rows that are kept.
    let csv = "y,g,x\n1,10,1\n2,9,1\n3,none,\n4,9,2\n5,2.5,3\n";
    assert_eq!(
        make(csv, "y ~ 0 + C(g) + x", &DROP).unwrap().terms,
        ["C(g)[2.5]", "C(g)[9]", "C(g)[10]", "x"]
    );
    let zero = design("y,z\n1,0\n2,-0\n3,1\n", "y ~ 0 + C(z)");
    assert_eq!(zero.terms, ["C(z)[0]", "C(z)[1]"]);
    assert_eq!(zero.columns[0], [1.0, 1.0, 0.0]);
}

#[test]
fn dropped_rows_are_dropped_everywhere() {
    let csv = "y,x,g,n,unused\n1,1,a,10,\n,2,b,20,\n3,NA,b,30,\n4,4,,40,\n5,5,b,50,\n6,6,a,,\n7,7,a,70,\n";
    let also = ["n".to_owned()];
    let options = DesignOptions {
        missing: Missing::Drop,
        also: &also,
        ..DesignOptions::default()
    };
    let design = make(csv, "y ~ x*g", &options).unwrap();
    assert_eq!(design.lines, [2, 6, 8]);
    assert_eq!(design.response.values, [1.0, 5.0, 7.0]);
    assert_eq!(design.terms, ["Intercept", "x", "g[b]", "x:g[b]"]);
    assert_eq!(design.columns[1], [1.0, 5.0, 7.0]);
    assert_eq!(design.columns[2], [0.0, 1.0, 0.0]);
    assert_eq!(design.columns[3], [0.0, 5.0, 0.0]);
    assert_eq!(design.also, [("n".to_owned(), vec![10.0, 50.0, 70.0])]);
    assert_eq!(design.dropped_rows, 4);
    let counts = [("y", 1), ("x", 1), ("g", 1), ("n", 1)];
    assert_eq!(
        design.missing,
        counts.map(|(name, count)| (name.to_owned(), count))
    );
    // A column asked for that is also a term counts once.
    let options = DesignOptions {
        missing: Missing::Drop,
        also: &["x".to_owned()],
        ..DesignOptions::default()
    };
    let design = make(csv, "y ~ x", &options).unwrap();
    assert_eq!(design.missing.len(), 2);
    assert_eq!(design.dropped_rows, 2);
}

#[test]
fn missing_cells_are_counted_and_refused() {
    assert_eq!(
        refused("y,x,z\n1,,1\n2,NA,\n3,4,5\n", "y ~ x + log(z)"),
        "2 of 3 rows have missing cells (`x`: 2 (first on line 2), `z`: 1 (first on line 3)); to \
         leave these rows out, use --missing drop"
    );
    let error = make("y,x\n1,\n,2\n", "y ~ x", &DROP).unwrap_err();
    assert_eq!(
        error.to_string(),
        "no row is left: each has a missing cell (`y`: 1 (first on line 3), `x`: 1 (first on line \
         2)); leave out a column"
    );
}

#[test]
fn faults_are_told_with_place_and_remedy() {
    let csv = "y,gpa,sex,tax,dose,inf\n1,3.1,f,\"1,5\",0,1\n0,3.2x,m,2.5,2,inf\n1,2.9,f,\"3,5\",-1,2\n0,3.3,m,4,3,3\n";
    for (formula, message) in [
        (
            "y ~ gpa",
            "line 3, column gpa: \"3.2x\" is not a number; correct the cell, or leave it empty to \
             mark it as missing; C(gpa) takes the column as categories",
        ),
        (
            "y ~ log(gpa)",
            "line 3, column gpa: \"3.2x\" is not a number; correct the cell, or leave it empty to \
             mark it as missing",
        ),
        (
            "y ~ tax",
            "line 2, column tax: \"1,5\" is not a number; write a point before the decimals; \
             C(tax) takes the column as categories",
        ),
        (
            "y ~ log(sex)",
            "line 2, column sex: \"f\" is not a number; correct the cell, or leave it empty to \
             mark it as missing",
        ),
        (
            "gpa ~ dose",
            "line 3, column gpa: \"3.2x\" is not a number; correct the cell, or leave it empty to \
             mark it as missing",
        ),
        (
            "sex ~ dose",
            "the response sex is categories, where a number is needed; give it as a column of \
             numbers, such as 0 and 1",
        ),
        (
            "C(y) ~ dose",
            "the response C(y) is categories, where a number is needed; give it as a column of \
             numbers, such as 0 and 1",
        ),
        (
            "y ~ inf",
            "line 3, column inf: inf is not a finite number; correct the cell, or leave it empty \
             to mark it as missing",
        ),
        (
            "y ~ sex + log(dose)",
            "line 2: log(dose) is -inf where dose = 0; leave such rows out, or use a function that \
             has a value there",
        ),
        (
            "y ~ sqrt(dose*y)",
            "line 4: sqrt(dose*y) is NaN where dose = -1, y = 1; leave such rows out, or use a \
             function that has a value there",
        ),
        (
            "log(y) ~ dose",
            "line 3: log(y) is -inf where y = 0; leave such rows out, or use a function that has a \
             value there",
        ),
        (
            "y ~ I(1e200*dose):I(1e200*dose - 1)",
            "line 3: I(1e200*dose):I(1e200*dose - 1) is inf where I(1e200*dose) = 2e200, \
             I(1e200*dose - 1) = 2e200; leave such rows out, or use a function that has a value \
             there",
        ),
        (
            "y ~ dsoe + sex",
            "t.csv has no column `dsoe`; did you mean `dose`? its columns are `y`, `gpa`, `sex`, \
             `tax`, `dose`, `inf`\n  y ~ dsoe + sex\n      ^^^^",
        ),
        (
            "y ~ sex:log(income)",
            "t.csv has no column `income`; its columns are `y`, `gpa`, `sex`, `tax`, `dose`, \
             `inf`\n  y ~ sex:log(income)\n              ^^^^^^",
        ),
    ] {
        assert_eq!(refused(csv, formula), message, "{formula}");
    }
    let options = DesignOptions {
        also: &["trials".to_owned()],
        ..DesignOptions::default()
    };
    let message = make(csv, "y ~ dose", &options).unwrap_err().to_string();
    assert!(message.starts_with("t.csv has no column `trials`; its columns"));
    assert!(!message.contains('\n'));
    let options = DesignOptions {
        also: &["gpa".to_owned()],
        ..DesignOptions::default()
    };
    let message = make(csv, "y ~ dose", &options).unwrap_err().to_string();
    assert!(message.starts_with("line 3, column gpa: \"3.2x\""));
}

#[test]
fn doubtful_columns_need_a_decision() {
    // Half numbers, half text: neither a number nor, silently, categories.
    let csv = "y,code\n1,1\n2,a\n3,b\n4,2\n";
    assert!(refused(csv, "y ~ code").starts_with("line 3, column code: \"a\" is not a number"));
    assert_eq!(
        design(csv, "y ~ C(code)").terms,
        ["Intercept", "C(code)[2]", "C(code)[a]", "C(code)[b]"]
    );
    assert_eq!(
        refused("y,g\n1,a\n2,a\n", "y ~ g"),
        "g has only one category, `a`, in the rows that are used; there is nothing to compare it \
         with: take it out of the formula"
    );
    let error = make("y,g,x\n1,a,1\n2,b,\n3,a,2\n", "y ~ g:x", &DROP).unwrap_err();
    assert!(matches!(error, DesignError::OneCategory { level, .. } if level == "a"));
    let csv = "y,pi\n1,2\n2,3\n";
    assert_eq!(
        refused(csv, "y ~ I(2*pi*y + 1)"),
        "t.csv has a column of that name: `pi` is a value here, but in the formula a bare pi is \
         the number π; write it in back quotes to mean the value"
    );
    assert!(refused(csv, "pi*y ~ 1").starts_with("t.csv has a column of that name"));
    assert_eq!(design(csv, "y ~ I(2*`pi`)").columns[1], [4.0, 6.0]);
}

#[test]
fn an_infinite_cell_that_is_not_used_does_no_harm() {
    let csv = "y,x,z\n1,inf,\n2,3,1\n3,4,2\n";
    assert_eq!(design(csv, "y ~ 1").response.values, [1.0, 2.0, 3.0]);
    let design = make(csv, "y ~ x + z", &DROP).unwrap();
    assert_eq!(design.columns[1], [3.0, 4.0]);
}

#[test]
fn too_many_columns_are_refused_before_they_are_made() {
    let rows = 200;
    let levels: Vec<String> = (0..rows).map(|row| format!("g{row}")).collect();
    let column = |name: &str| Column::text(name, levels.iter().map(Some));
    let table = Table::from_columns(vec![
        Column::numeric("y", vec![1.0; rows]),
        column("a"),
        column("b"),
    ])
    .unwrap();
    let formula = Formula::parse("y ~ a*b").unwrap();
    let error = Design::new(&table, &formula, &DesignOptions::default()).unwrap_err();
    assert_eq!(
        error,
        DesignError::TooManyColumns {
            term: "a:b".to_owned(),
            found: 40_000,
            limit: MAXIMUM_COLUMNS,
        }
    );
}

#[test]
fn a_response_of_labels() {
    let csv = "alive,sex,stage,x\nyes,f,2,1\nno,m,1,2\nyes,f,10,3\n,m,1,4\n";
    let table = Table::from_csv_reader(csv.as_bytes(), "mice.csv").unwrap();
    let design = |formula: &str, response| {
        let options = DesignOptions {
            missing: Missing::Drop,
            response,
            ..DesignOptions::default()
        };
        Design::new(&table, &Formula::parse(formula).unwrap(), &options)
    };
    // Text is refused where a number is needed.
    let refused = design("alive ~ x", ResponseKind::Numbers).unwrap_err();
    assert!(matches!(refused, DesignError::CategoricalResponse { .. }));
    let alive = design("alive ~ x", ResponseKind::NumbersOrLabels).unwrap();
    assert_eq!(alive.response.values, [1.0, 0.0, 1.0]);
    assert_eq!(alive.response.levels.as_ref().unwrap(), &["no", "yes"]);
    assert_eq!((alive.dropped_rows, alive.missing[0].1), (1, 1));
    // Numbers stay numbers unless they are declared to be labels; then they are in order of size.
    let stage = design("stage ~ x", ResponseKind::NumbersOrLabels).unwrap();
    assert_eq!(
        (stage.response.values.as_slice(), stage.response.levels),
        ([2.0, 1.0, 10.0, 1.0].as_slice(), None)
    );
    for (formula, kind) in [
        ("stage ~ x", ResponseKind::Labels),
        ("C(stage) ~ x", ResponseKind::NumbersOrLabels),
    ] {
        let stage = design(formula, kind).unwrap().response;
        assert_eq!(stage.values, [1.0, 0.0, 2.0, 0.0]);
        assert_eq!(stage.levels.as_ref().unwrap(), &["1", "2", "10"]);
        let error = stage.successes(None).unwrap_err().to_string();
        assert!(
            error.contains("has 3: `1`, `2`, `10`") && error.contains("multinomial"),
            "{error}"
        );
    }
    let error = alive
        .response
        .successes(Some("maybe"))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("no level `maybe`; it has 2: `no`, `yes`"),
        "{error}"
    );
    let other = alive.response.successes(Some("no")).unwrap();
    assert_eq!(
        (other.values.as_slice(), other.failure.as_str()),
        ([0.0, 1.0, 0.0].as_slice(), "yes")
    );
}
