use crate::fisher;

/// Exit code and what was printed.
fn check(arguments: &[&str]) -> (i32, String, String) {
    let mut all = vec!["check"];
    all.extend(arguments);
    let output = fisher(&all).output().unwrap();
    (
        output.status.code().unwrap(),
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

#[test]
fn right_wrong_and_not_understood() {
    let (code, shown, _) = check(&["1a", "x/p - (1-x)/(1-p)"]);
    assert_eq!((code, shown.as_str()), (0, "Right.\n"));
    let (code, shown, _) = check(&["1a", "(1-x)/(1-p) - x/p"]);
    assert_eq!(code, 1);
    assert!(shown.starts_with("Not right: at "), "{shown}");
    assert!(shown.contains("−1 times the right answer"), "{shown}");
    assert!(
        !shown.contains("(1 - p)"),
        "the formula is not given away: {shown}"
    );
    for (text, reason) in [
        ("x/p -", "expected"),
        ("x/q", "q"),
        ("[1,2] + [1,2,3]", "+"),
    ] {
        let (code, shown, message) = check(&["1a", text]);
        assert_eq!((code, shown.as_str()), (2, ""), "{text}");
        assert!(message.contains(reason), "{text}: {message}");
    }
}

#[test]
fn data_answers_in_several_lines() {
    let hessian = "p = sigmoid(X @ w)\nX' @ (p*(1-p)*X) / n";
    assert_eq!(check(&["7a", hessian]).0, 0);
    let (code, shown, _) = check(&["7b", hessian]);
    assert_eq!(code, 1);
    assert!(shown.contains("Hessian"), "{shown}");
}

#[test]
fn choices_by_number() {
    let (code, shown, _) = check(&["1c", "2"]);
    assert_eq!(code, 0);
    assert!(shown.starts_with("Right. "));
    let (code, shown, _) = check(&["1c", "1"]);
    assert_eq!((code, shown.as_str()), (1, "Not right.\n"));
    for text in ["0", "5", "both", ""] {
        let (code, shown, message) = check(&["1c", text]);
        assert_eq!((code, shown.as_str()), (2, ""));
        assert!(message.contains("1 "), "{message}");
    }
    // Without an answer, the question.
    let (code, shown, _) = check(&["1c"]);
    assert_eq!(code, 0);
    assert!(
        shown.starts_with("1c ") && shown.contains("\n  2  "),
        "{shown}"
    );
}

#[test]
fn answers_that_are_not_there() {
    for name in ["11a", "1z", "", "a1"] {
        let (code, shown, message) = check(&[name, "1"]);
        assert_eq!((code, shown.as_str()), (2, ""), "{name}: {message}");
    }
}

#[test]
fn verdicts_for_programs() {
    let (code, shown, _) = check(&["1b", "p*(1-p)", "--json"]);
    assert_eq!(code, 1);
    let value: serde_json::Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(value["verdict"], "wrong");
    let p = value["counter_example"]["point"]["p"].as_f64().unwrap();
    let wanted = value["counter_example"]["wanted"].as_f64().unwrap();
    assert!((wanted * p * (1.0 - p) - 1.0).abs() < 1e-12);
    assert!(
        value["diagnosis"]
            .as_str()
            .unwrap()
            .contains("one over the right answer"),
        "{value}"
    );
}
