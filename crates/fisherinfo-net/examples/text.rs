//! A small GPT on this repository's own documents: trained here, then its Fisher information every way.
//!
//! ```text
//! cargo run --release -p fisherinfo-net --example text
//! ```
//!
//! Prints tables before and after training, with error bars; a few minutes on two cores.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use fisherinfo_net::audit::{Audit, AuditReport, Measure, audit};
use fisherinfo_net::backend::Cpu;
use fisherinfo_net::estimator::{
    Estimation, Estimator, Reduction, Representation, Settings, Sharing,
};
use fisherinfo_net::representation::Damping;
use fisherinfo_net::text::stretches;
use fisherinfo_net::train::{Optimiser, Training, evaluate, train};
use fisherinfo_net::{Architecture, Consolidation, Dataset, Fisher, Network};
use std::path::Path;
use std::time::Instant;

type Net = Network<Cpu<f32>>;

const LENGTH: usize = 32;
const FILES: [&str; 5] = [
    "README.md",
    "ARCHITECTURE.md",
    "BENCHMARKS.md",
    "CONTRIBUTING.md",
    "docs/cluster.md",
];

/// The texts as numbers of characters, those that are rare as one; how many characters there are.
fn tokens() -> (Vec<u32>, usize) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let read = |file: &&str| std::fs::read_to_string(root.join(file)).expect("a document");
    let text: Vec<char> = FILES.iter().map(read).collect::<String>().chars().collect();
    let mut counts = std::collections::BTreeMap::new();
    for c in &text {
        *counts.entry(*c).or_insert(0) += 1;
    }
    let known: Vec<char> = counts.iter().filter(|c| *c.1 > 20).map(|c| *c.0).collect();
    let rare = known.len();
    let number = |c: &char| known.binary_search(c).unwrap_or(rare) as u32;
    (text.iter().map(number).collect(), rare + 1)
}

/// GPT-2's layers, small: embedding and positions, two blocks, a tied head.
fn architecture(vocabulary: usize) -> Architecture {
    let block = |i: usize| {
        format!(
            r#"
[[layer]]
kind = "residual"
[[layer.layer]]
kind = "layer-norm"
name = "{i}.before_attention"
[[layer.layer]]
kind = "attention"
name = "{i}.attention"
heads = 4
causal = true
[[layer]]
kind = "residual"
[[layer.layer]]
kind = "layer-norm"
name = "{i}.before_mlp"
[[layer.layer]]
kind = "linear"
name = "{i}.wide"
outputs = 192
[[layer.layer]]
kind = "gelu-tanh"
[[layer.layer]]
kind = "linear"
name = "{i}.narrow"
outputs = 48
"#
        )
    };
    let text = format!(
        r#"
input = {{ tokens = {{ length = {LENGTH}, padding = -1 }} }}
output = "categorical"
[[layer]]
kind = "embedding"
name = "characters"
vocabulary = {vocabulary}
features = 48
[[layer]]
kind = "position"
name = "positions"
{}{}
[[layer]]
kind = "layer-norm"
name = "last"
[[layer]]
kind = "linear"
name = "head"
outputs = {vocabulary}
bias = false
weight = "characters.weight"
"#,
        block(0),
        block(1)
    );
    Architecture::from_toml("text", &text).unwrap()
}

fn main() {
    let (tokens, vocabulary) = tokens();
    // Every tenth stretch is held out.
    let all = stretches(&[tokens], LENGTH).unwrap();
    let places = |held: bool| {
        let of = |i: &usize| (i % 10 == 9) == held;
        (0..all.len()).filter(of).collect::<Vec<_>>()
    };
    let (learnt, held) = (all.select(&places(false)), all.select(&places(true)));
    let net = Network::initialised(&architecture(vocabulary), Cpu::new(), 1).unwrap();
    println!(
        "{} parameters, {vocabulary} characters; {} stretches of {LENGTH} to learn from, {} held out\n",
        net.dimension(),
        learnt.len(),
        held.len()
    );
    let sample = held.select(&(0..held.len().min(128)).collect::<Vec<_>>());
    println!("before training");
    looked_at(&net, &held, &sample);
    let begun = Instant::now();
    let training = Training {
        optimiser: Optimiser::Adam,
        rate: 0.003,
        epochs: 12,
        batch: 32,
        seed: 1,
    };
    let none = Consolidation::default();
    let net = train(net, &learnt, &training, &none, |epoch, loss| {
        eprintln!("epoch {epoch}: {loss:.3} nats");
        true
    })
    .unwrap();
    let seconds = begun.elapsed().as_secs_f64();
    println!("after training for {seconds:.0} s");
    looked_at(&net, &held, &sample);
    blocks(&net, &sample);
}

/// How well it says what comes next, and the estimators and representations against each other.
fn looked_at(net: &Net, held: &Dataset, sample: &Dataset) {
    let fit = evaluate(net, held).unwrap();
    println!(
        "held-out loss {:.3} nats a character, {:.0} % right\n",
        fit.loss,
        100.0 * fit.accuracy.unwrap()
    );
    let how = Audit {
        draws: 8,
        batch: 16,
        most_passes: 0,
        ..Audit::default()
    };
    let begun = Instant::now();
    let report = audit(net, sample, &how).unwrap();
    show(&report, begun.elapsed().as_secs_f64());
}

fn show(report: &AuditReport, seconds: f64) {
    let said = |m: &Measure| format!("{:.3} ± {:.3}", m.value, m.error);
    println!(
        "| estimator | trace a stretch | by the first | cosine of the diagonals |\n|---|---|---|---|"
    );
    for one in &report.estimators {
        let (trace, ratio) = (said(&one.trace), said(&one.ratio));
        println!("| {} | {trace} | {ratio} | {:.4} |", one.name, one.cosine);
    }
    println!("\n| form | its vᵀFv by the true one, random v | along the gradient |\n|---|---|---|");
    for one in &report.representations {
        println!(
            "| {} | {} | {:.3} |",
            one.name,
            said(&one.ratio),
            one.gradient
        );
    }
    println!("\n{seconds:.0} s\n");
}

fn estimated(net: &Net, data: &Dataset, representation: Representation) -> (Fisher, f64) {
    let settings = Settings {
        estimator: Estimator::MonteCarlo { draws: 4, seed: 3 },
        representation,
        reduction: Reduction::MeanOverObservations,
    };
    let begun = Instant::now();
    let fisher = Estimation::whole(net, data, settings, 16).unwrap();
    (fisher, begun.elapsed().as_secs_f64())
}

/// Diagonal and EK-FAC layer by layer.
fn blocks(net: &Net, data: &Dataset) {
    let (diagonal, quick) = estimated(net, data, Representation::Diagonal);
    let (moments, slow) = estimated(net, data, Representation::EigenKronecker(Sharing::Expand));
    println!(
        "| tensors | parameters | form | share of the trace | greatest eigenvalue |\n|---|---|---|---|---|"
    );
    for (block, about) in moments.blocks.iter().zip(moments.coverage()) {
        let share = 100.0 * moments.scale() * block.form.trace() / moments.trace();
        let greatest = block.form.greatest_eigenvalues(1).unwrap()[0] * moments.scale();
        let (names, n) = (about.tensors.join(" + "), about.parameters);
        println!(
            "| {names} | {n} | {} | {share:.1} % | {greatest:.3} |",
            about.form
        );
    }
    let errors = diagonal.standard_errors().unwrap();
    let numbers = diagonal.diagonal();
    let mut relative: Vec<f64> = errors
        .iter()
        .zip(&numbers)
        .filter(|p| *p.1 > 0.0)
        .map(|(e, d)| e / d)
        .collect();
    relative.sort_by(f64::total_cmp);
    println!(
        "\ntrace {:.3} by the diagonal in {quick:.1} s (median standard error of a number {:.0} %), {:.3} by EK-FAC in {slow:.1} s",
        diagonal.trace(),
        100.0 * relative[relative.len() / 2],
        moments.trace()
    );
    let determinant = |fisher: &Fisher| {
        fisher.log_determinant(Damping::Absolute(1e-4)).unwrap() / net.dimension() as f64
    };
    println!(
        "ln det(F + 1e-4) a parameter: {:.3} by the diagonal, {:.3} by EK-FAC",
        determinant(&diagonal),
        determinant(&moments)
    );
}
