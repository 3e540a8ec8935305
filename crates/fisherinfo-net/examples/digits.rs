//! What the Fisher information is good for, on the digits: consolidation, merging, pruning, natural gradients.
//!
//! ```text
//! cargo run --release -p fisherinfo-net --example digits -- ewc        # or merge, prune, optimisers
//! ```
//!
//! Prints a table, means and standard errors over seeds, and writes `digits-NAME.svg`; for `optimisers` one by step and one by second.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use fisherinfo_net::backend::Cpu;
use fisherinfo_net::estimator::{
    Estimation, Estimator, Reduction, Representation, Settings, Sharing,
};
use fisherinfo_net::file::read_csv;
use fisherinfo_net::merge::{Merged, average, merge};
use fisherinfo_net::prune::{Saliency, prune};
use fisherinfo_net::representation::{Diagonal, Form};
use fisherinfo_net::train::{Natural, Optimiser, Training, evaluate, train};
use fisherinfo_net::{Architecture, Consolidation, Dataset, Fisher, Network};
use fisherinfo_plot::chart::{Chart, Series};
use std::path::Path;
use std::time::Instant;

type Net = Network<Cpu<f32>>;

const SEEDS: u64 = 5;

fn main() {
    let table = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../notebooks/data/digits.csv");
    let all = read_csv(&table, &["digit".to_owned()]).expect("notebooks/data/digits.csv");
    let (learnt, held) = split(&scaled(&all));
    match std::env::args().nth(1).as_deref() {
        Some("ewc") => consolidation(&learnt, &held),
        Some("merge") => merging(&learnt, &held),
        Some("prune") => pruning(&learnt, &held),
        Some("optimisers") => optimisers(&learnt, &held),
        _ => eprintln!("give one of ewc, merge, prune, optimisers"),
    }
}

/// Ink from 0 to 1.
fn scaled(data: &Dataset) -> Dataset {
    let n = data.len();
    let inputs = data.inputs(0..n).iter().map(|x| x / 16.0).collect();
    Dataset::new(inputs, data.width(), data.labels(0..n).to_vec()).unwrap()
}

/// Four of five to learn from, the fifth to test on.
fn split(data: &Dataset) -> (Dataset, Dataset) {
    let of = |held: bool| {
        (0..data.len())
            .filter(|i| (i % 5 == 4) == held)
            .collect::<Vec<_>>()
    };
    (data.select(&of(false)), data.select(&of(true)))
}

fn with_digits(data: &Dataset, digits: &[usize]) -> Dataset {
    let wanted = |i: &usize| digits.contains(&(data.labels(*i..i + 1)[0] as usize));
    data.select(&(0..data.len()).filter(wanted).collect::<Vec<_>>())
}

fn begun(seed: u64) -> Net {
    let text = "input={features=64}\noutput=\"categorical\"\n[[layer]]\nkind=\"linear\"\nname=\"hidden\"\noutputs=64\n\
        [[layer]]\nkind=\"tanh\"\n[[layer]]\nkind=\"linear\"\nname=\"classes\"\noutputs=10\n";
    let architecture = Architecture::from_toml("digits", text).unwrap();
    Network::initialised(&architecture, Cpu::new(), seed).unwrap()
}

fn by(optimiser: Optimiser, rate: f64, epochs: usize, seed: u64) -> Training {
    Training {
        optimiser,
        rate,
        epochs,
        batch: 32,
        seed,
    }
}

fn taught(net: Net, data: &Dataset, training: &Training, penalty: &Consolidation) -> Net {
    train(net, data, training, penalty, |_, _| true).unwrap()
}

fn right(net: &Net, data: &Dataset) -> f64 {
    evaluate(net, data).unwrap().accuracy.unwrap()
}

fn fisher(
    net: &Net,
    data: &Dataset,
    estimator: Estimator,
    representation: Representation,
) -> Fisher {
    let settings = Settings {
        estimator,
        representation,
        reduction: Reduction::Mean,
    };
    Estimation::whole(net, data, settings, 256).unwrap()
}

const KFAC: Representation = Representation::Kronecker(Sharing::Expand);

fn measured(values: &[f64]) -> String {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let spread = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0);
    format!(
        "{:5.1} ± {:.1} %",
        100.0 * mean,
        100.0 * (spread / n).sqrt()
    )
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn plot(name: &str, title: &str, (x, y): (&str, &str), series: Vec<Series>) {
    let chart = Chart {
        x_label: x.into(),
        y_label: y.into(),
        ..Chart::new(title, series)
    };
    let file = format!("digits-{name}.svg");
    chart.write(Path::new(&file)).unwrap();
    println!("\n{file}");
}

/// What holds earlier tasks.
#[derive(Clone, Copy, PartialEq)]
enum Rule {
    None,
    Distance,
    Exact,
    Kfac,
    /// avalanche: the square of a batch's mean gradient.
    SquareOfMean,
    /// mammoth: squares of the scores of the labels seen, weighted by p(y|x).
    WeightedLabel,
}

/// A diagonal of the rule's numbers, on the parameters of a right one.
fn held_by(rule: Rule, net: &Net, data: &Dataset) -> Option<Fisher> {
    let exact = fisher(net, data, Estimator::Exact, Representation::Diagonal);
    let numbers = match rule {
        Rule::None => return None,
        Rule::Exact => return Some(exact),
        Rule::Kfac => return Some(fisher(net, data, Estimator::Exact, KFAC)),
        Rule::Distance => vec![1.0; net.dimension()],
        Rule::SquareOfMean | Rule::WeightedLabel => wrong(rule, net, data),
    };
    let mut changed = exact.reduced(Reduction::Sum);
    let mut from = 0;
    for block in &mut changed.blocks {
        let n = block.form.dimension();
        block.form = Form::Diagonal(Diagonal {
            values: numbers[from..from + n].to_vec(),
        });
        from += n;
    }
    Some(changed)
}

fn wrong(rule: Rule, net: &Net, data: &Dataset) -> Vec<f64> {
    let output = net.output();
    let k = output.coordinates();
    let mut sums = vec![0.0; net.dimension()];
    let batch = if rule == Rule::SquareOfMean { 32 } else { 1 };
    let mut batches = 0.0;
    for from in (0..data.len()).step_by(batch) {
        let range = from..(from + batch).min(data.len());
        let there = net.linearise(data, range.clone()).unwrap();
        let (z, labels) = (there.coordinates(), data.labels(range));
        let mut u = vec![0.0; z.len()];
        for (row, label) in labels.iter().enumerate() {
            let part = row * k..(row + 1) * k;
            output.score(&z[part.clone()], &[*label], &mut u[part.clone()]);
            if rule == Rule::WeightedLabel {
                let root = (0.5 * output.log_density(&z[part.clone()], &[*label])).exp();
                u[part].iter_mut().for_each(|u| *u *= root);
            }
        }
        for (sum, g) in sums.iter_mut().zip(there.gradient(&u)) {
            *sum += (g / labels.len() as f64).powi(2);
        }
        batches += 1.0;
    }
    sums.iter().map(|s| s / batches).collect()
}

/// Five tasks of two digits each, one after the other, all ten classes open throughout.
fn consolidation(learnt: &Dataset, held: &Dataset) {
    let tasks: Vec<[usize; 2]> = (0..5).map(|t| [2 * t, 2 * t + 1]).collect();
    // Strengths are chosen on a quarter of what there is to learn from, which is then learnt too.
    let of = |quarter: bool| {
        let wanted = |i: &usize| (i % 4 == 3) == quarter;
        learnt.select(&(0..learnt.len()).filter(wanted).collect::<Vec<_>>())
    };
    let (rest, validation) = (of(false), of(true));
    let run =
        |rule: Rule, strength: f64, seed: u64, (learnt, held): (&Dataset, &Dataset)| -> Vec<f64> {
            let mut net = begun(seed);
            let mut penalty = Consolidation::default();
            let mut seen = Vec::new();
            let mut averages = Vec::new();
            for task in &tasks {
                let data = with_digits(learnt, task);
                net = taught(net, &data, &by(Optimiser::Adam, 0.002, 15, seed), &penalty);
                if let Some(fisher) = held_by(rule, &net, &data) {
                    penalty = penalty.and(fisher, net.theta(), strength).unwrap();
                }
                seen.push(with_digits(held, task));
                averages.push(mean(
                    &seen
                        .iter()
                        .map(|data| right(&net, data))
                        .collect::<Vec<_>>(),
                ));
            }
            averages
        };
    println!("five tasks of two digits; average accuracy over the tasks seen, after the last\n");
    println!("| rule | strength | accuracy, {SEEDS} seeds |\n|---|---|---|");
    let mut series = Vec::new();
    for (name, rule) in [
        ("none", Rule::None),
        ("distance (L2)", Rule::Distance),
        ("EWC, exact diagonal", Rule::Exact),
        ("EWC, exact K-FAC", Rule::Kfac),
        ("square of the batch's mean", Rule::SquareOfMean),
        ("true label weighted by p", Rule::WeightedLabel),
    ] {
        // Each rule at the strength that serves it best on seeds and data of their own.
        let strengths: Vec<f64> = match rule {
            Rule::None => vec![0.0],
            _ => (-4..=9).map(|power| 10.0_f64.powi(power)).collect(),
        };
        let aside = (&rest, &validation);
        let score = |s: f64| mean(&[100, 101, 102].map(|seed| run(rule, s, seed, aside)[4]));
        let best = strengths.iter().copied().map(|s| (score(s), s));
        let best = best.max_by(|a, b| a.0.total_cmp(&b.0)).unwrap().1;
        let end = [strengths.first(), strengths.last()].contains(&Some(&best));
        if end && rule != Rule::None {
            eprintln!("{name}: {best} lies at the end of the strengths that were tried");
        }
        let whole = (learnt, held);
        let runs: Vec<Vec<f64>> = (0..SEEDS)
            .map(|seed| run(rule, best, seed, whole))
            .collect();
        let last: Vec<f64> = runs.iter().map(|r| r[4]).collect();
        println!("| {name} | {best} | {} |", measured(&last));
        let at = |t: usize| mean(&runs.iter().map(|r| r[t]).collect::<Vec<_>>());
        series.push(Series::line(
            name,
            (0..5).map(|t| ((t + 1) as f64, 100.0 * at(t))),
        ));
    }
    plot(
        "ewc",
        "Digits, two at a time",
        ("tasks learnt", "average accuracy, %"),
        series,
    );
}

/// Two models from one beginning, each taught half of the digits again.
fn merging(learnt: &Dataset, held: &Dataset) {
    println!("| rule | accuracy on all digits, {SEEDS} seeds |\n|---|---|");
    let mut found: Vec<Vec<f64>> = vec![Vec::new(); 5];
    for seed in 0..SEEDS {
        let none = Consolidation::default();
        let base = taught(
            begun(seed),
            learnt,
            &by(Optimiser::Adam, 0.002, 2, seed),
            &none,
        );
        let halves = [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9]].map(|half| with_digits(learnt, &half));
        let nets = [0, 1].map(|i| {
            let start = base.at(&base.theta()).unwrap();
            taught(
                start,
                &halves[i],
                &by(Optimiser::Adam, 0.002, 10, seed + 7),
                &none,
            )
        });
        let thetas = [nets[0].theta(), nets[1].theta()];
        found[0].push(right(&nets[0], held));
        found[1].push(right(&nets[1], held));
        for (place, form) in [(3, Representation::Diagonal), (4, KFAC)] {
            let fishers = [0, 1].map(|i| fisher(&nets[i], &halves[i], Estimator::Exact, form));
            let models = [0, 1].map(|i| Merged {
                fisher: &fishers[i],
                theta: &thetas[i],
                weight: 1.0,
            });
            found[2].push(right(&base.at(&average(&models).unwrap()).unwrap(), held));
            let one = merge(&models, 1e-3).unwrap();
            found[place].push(right(&base.at(&one).unwrap(), held));
        }
    }
    let names = [
        "the first model",
        "the second model",
        "plain average",
        "Fisher, diagonal",
        "Fisher, K-FAC",
    ];
    for (name, values) in names.iter().zip(&found) {
        println!("| {name} | {} |", measured(values));
    }
    let series = names.iter().zip(&found).map(|(name, values)| {
        Series::points(
            *name,
            values
                .iter()
                .enumerate()
                .map(|(i, v)| (i as f64, 100.0 * v)),
        )
    });
    plot(
        "merge",
        "Two halves merged",
        ("seed", "accuracy, %"),
        series.collect(),
    );
}

fn pruning(learnt: &Dataset, held: &Dataset) {
    let shares = [0.5, 0.7, 0.8, 0.9, 0.95];
    println!("| zeros | by Fisher | by magnitude |\n|---|---|---|");
    let none = Consolidation::default();
    let nets: Vec<(Net, Fisher)> = (0..SEEDS)
        .map(|seed| {
            let net = taught(
                begun(seed),
                learnt,
                &by(Optimiser::Adam, 0.002, 30, seed),
                &none,
            );
            let fisher = fisher(&net, learnt, Estimator::Exact, Representation::Diagonal);
            (net, fisher)
        })
        .collect();
    let of = |share: f64, saliency| -> Vec<f64> {
        let pruned = |(net, fisher): &(Net, Fisher)| {
            let theta = prune(fisher, &net.theta(), share, saliency).unwrap().0;
            right(&net.at(&theta).unwrap(), held)
        };
        nets.iter().map(pruned).collect()
    };
    let (mut a, mut b) = (Vec::new(), Vec::new());
    for share in shares {
        let (fisher, size) = (of(share, Saliency::Fisher), of(share, Saliency::Magnitude));
        println!(
            "| {:.0} % | {} | {} |",
            100.0 * share,
            measured(&fisher),
            measured(&size)
        );
        a.push((100.0 * share, 100.0 * mean(&fisher)));
        b.push((100.0 * share, 100.0 * mean(&size)));
    }
    let series = vec![
        Series::line("by Fisher", a),
        Series::line("by magnitude", b),
    ];
    plot(
        "prune",
        "Weights set to zero",
        ("zeros, %", "accuracy, %"),
        series,
    );
}

fn optimisers(learnt: &Dataset, held: &Dataset) {
    let natural = |kronecker| Optimiser::Natural {
        information: Natural {
            kronecker,
            ..Natural::default()
        },
        momentum: 0.9,
    };
    println!(
        "| optimiser | rate | loss after 1, 3, 10 epochs | seconds | accuracy |\n|---|---|---|---|---|"
    );
    let (mut series, mut timed) = (Vec::new(), Vec::new());
    for (name, optimiser) in [
        ("Adam", Optimiser::Adam),
        ("K-FAC", natural(true)),
        ("diagonal", natural(false)),
        ("SGD", Optimiser::Sgd { momentum: 0.9 }),
    ] {
        let run = |rate: f64, seed: u64| {
            let begin = Instant::now();
            let mut losses = Vec::new();
            let trained = train(
                begun(seed),
                learnt,
                &by(optimiser, rate, 10, seed),
                &Consolidation::default(),
                |_, loss| {
                    losses.push((begin.elapsed().as_secs_f64(), loss));
                    true
                },
            );
            trained.ok().map(|net| (losses, right(&net, held)))
        };
        // The rate with the least loss after ten epochs, on a seed of its own.
        let end = |rate: f64| run(rate, 100).map_or(f64::INFINITY, |(losses, _)| losses[9].1);
        let rates = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0].map(|rate| (end(rate), rate));
        let best = rates.iter().min_by(|a, b| a.0.total_cmp(&b.0)).unwrap().1;
        let runs: Vec<_> = (0..SEEDS).filter_map(|seed| run(best, seed)).collect();
        let loss = |epoch: usize| mean(&runs.iter().map(|r| r.0[epoch].1).collect::<Vec<_>>());
        let seconds = mean(&runs.iter().map(|r| r.0[9].0).collect::<Vec<_>>());
        let accuracy: Vec<f64> = runs.iter().map(|r| r.1).collect();
        println!(
            "| {name} | {best} | {:.4}, {:.4}, {:.4} | {seconds:.2} | {} |",
            loss(0),
            loss(2),
            loss(9),
            measured(&accuracy)
        );
        series.push(Series::line(
            name,
            (0..10).map(|e| ((e + 1) as f64, loss(e).log10())),
        ));
        let second = |epoch: usize| mean(&runs.iter().map(|r| r.0[epoch].0).collect::<Vec<_>>());
        timed.push(Series::line(
            name,
            (0..10).map(|e| (second(e), loss(e).log10())),
        ));
    }
    for (file, x, series) in [
        ("optimisers-steps", "epoch of 45 steps", series),
        ("optimisers-seconds", "seconds", timed),
    ] {
        let title = "Mean loss of an epoch";
        plot(file, title, (x, "log₁₀ of the loss in nats"), series);
    }
}
