//! `fisher families`.

use crate::error::Failure;
use fisherinfo::family::{Arguments, CATALOGUE, Entry, Instance};
use serde_json::{Value, json};

/// The family of an entry at the point of its example.
fn example(entry: &Entry) -> Option<Instance> {
    let values = entry
        .example
        .split_whitespace()
        .filter_map(|word| word.split_once('='))
        .map(|(name, value)| Some((name.to_string(), value.parse().ok()?)))
        .collect::<Option<Vec<_>>>()?;
    entry.instance(Arguments::new(values).ok()?).ok()
}

/// Names of the alternative coordinates.
fn coordinates(instance: &Instance) -> Vec<String> {
    instance
        .model
        .alternative_coordinates()
        .iter()
        .map(|coordinates| coordinates.name())
        .collect()
}

/// How the information is found.
fn information(instance: &Instance) -> &'static str {
    if instance.model.known_irregularity(&instance.theta).is_some() {
        return "none";
    }
    match instance.model.closed_form_information(&instance.theta) {
        Some(_) => "closed",
        None => "numeric",
    }
}

/// How the Fisher–Rao distance to other points is found.
fn distance(instance: &Instance) -> &'static str {
    let (model, from) = (&instance.model, &instance.theta);
    if information(instance) == "none" {
        return "none";
    }
    let open = model.space().unconstrained();
    let start = open.forward(from);
    let has_formula = |moves: &dyn Fn(usize) -> bool| {
        let to: Vec<f64> = start
            .iter()
            .enumerate()
            .map(|(i, u)| if moves(i) { u + 0.1 } else { *u })
            .collect();
        model
            .closed_form_geodesic(from, &open.inverse(&to))
            .is_some()
    };
    if has_formula(&|_| true) {
        "closed"
    } else if (0..start.len()).any(|axis| has_formula(&|i| i == axis)) {
        "closed in part"
    } else {
        "numeric"
    }
}

/// Is Jeffreys' prior a distribution?
fn jeffreys(entry: &Entry) -> &'static str {
    match entry.jeffreys_is_proper {
        Some(true) => "proper",
        Some(false) => "improper",
        None => "none",
    }
}

pub(crate) fn run(as_json: bool) -> Result<String, Failure> {
    let built = CATALOGUE
        .iter()
        .filter_map(|entry| Some((entry, example(entry)?)));
    if as_json {
        let list: Value = built
            .map(|(entry, instance)| {
                json!({
                    "name": entry.name,
                    "aliases": entry.aliases,
                    "summary": entry.summary,
                    "example": format!("fisher info {}", entry.example),
                    "coordinates": coordinates(&instance),
                    "information": information(&instance),
                    "distance": distance(&instance),
                    "jeffreys": jeffreys(entry),
                })
            })
            .collect();
        return Ok(format!("{list:#}\n"));
    }
    let rows = built
        .map(|(entry, instance)| {
            vec![
                entry.name.to_string(),
                information(&instance).to_string(),
                distance(&instance).to_string(),
                jeffreys(entry).to_string(),
                coordinates(&instance).join(", "),
                entry.example.to_string(),
                entry.summary.to_string(),
            ]
        })
        .collect();
    let header = [
        "family",
        "information",
        "distance",
        "Jeffreys",
        "coordinates besides its own",
        "example",
        "what it is",
    ];
    let mut text = String::from("Families\n");
    text.push_str(&aligned_left(header.map(String::from).to_vec(), rows));
    text.push_str(
        "\nclosed: by a formula, held against the numeric route; numeric: with an error bound\n\
         Jeffreys: whether the prior of all parameters together is a distribution\n\
         Try: fisher info bernoulli p=0.3 --coordinates logit\n",
    );
    Ok(text)
}

/// Text reads from the left.
fn aligned_left(header: Vec<String>, rows: Vec<Vec<String>>) -> String {
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header(header);
    for row in rows {
        table.add_row(row);
    }
    let lines: Vec<String> = table
        .lines()
        .map(|line| format!(" {}", line.trim_end()))
        .collect();
    lines.join("\n") + "\n"
}
