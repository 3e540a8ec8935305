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
                    "closed_form": instance.model.closed_form_information(&instance.theta).is_some(),
                })
            })
            .collect();
        return Ok(format!("{list:#}\n"));
    }
    let rows = built
        .map(|(entry, instance)| {
            vec![
                entry.name.to_string(),
                entry.summary.to_string(),
                coordinates(&instance).join(", "),
                entry.example.to_string(),
            ]
        })
        .collect();
    let header = [
        "family",
        "what it is",
        "coordinates besides its own",
        "example",
    ];
    let mut text = String::from("Families\n");
    text.push_str(&aligned_left(header.map(String::from).to_vec(), rows));
    text.push_str("\nTry: fisher info bernoulli p=0.3 --coordinates logit\n");
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
