//! Estimators and representations of one network on the same data, against each other.

use crate::backend::Backend;
use crate::dataset::Dataset;
use crate::estimator::{
    Estimation, EstimationError, Estimator, MatrixFree, Reduction, Representation, Settings,
    Sharing, count,
};
use crate::fisher::Fisher;
use crate::network::Network;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

/// A number with its standard error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measure {
    /// The number.
    pub value: f64,
    /// Its standard error.
    pub error: f64,
}

/// How to compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Audit {
    /// Labels drawn an example.
    pub draws: u32,
    /// What draws and directions follow from.
    pub seed: u64,
    /// Parts of the data whose differences give the errors.
    pub parts: usize,
    /// Examples at a time.
    pub batch: usize,
    /// Random directions for the representations.
    pub directions: usize,
    /// Passes backwards that an exact estimate may take.
    pub most_passes: usize,
}

impl Default for Audit {
    fn default() -> Self {
        Self {
            draws: 4,
            seed: 0,
            parts: 8,
            batch: 16,
            directions: 8,
            most_passes: 200,
        }
    }
}

impl Audit {
    fn estimators<B: Backend>(&self, network: &Network<B>) -> Vec<Estimator> {
        let monte_carlo = Estimator::MonteCarlo {
            draws: self.draws,
            seed: self.seed,
        };
        let mut all = vec![monte_carlo, Estimator::Empirical];
        if network.output_positions() * network.output().rank() <= self.most_passes {
            all.insert(0, Estimator::Exact);
        }
        all
    }

    /// How many vectors are sent backwards at each example, in all.
    pub fn passes<B: Backend>(&self, network: &Network<B>) -> usize {
        let all = self.estimators(network);
        let counts: Vec<usize> = all.iter().map(|one| count(*one, network).0).collect();
        // Directions and the gradient, matrix-free, and four representations, one of them in two passes.
        let reference = counts.first().copied().unwrap_or(0);
        counts.iter().sum::<usize>() + reference * (self.directions.max(2) + 1 + 5)
    }

    /// How many numbers in double precision are held for each parameter, at most: diagonals, directions, and
    /// what a product is summed in.
    pub fn vectors(&self) -> usize {
        self.directions.max(2) + 1 + 3 + 4
    }
}

/// One estimator beside the reference.
#[derive(Clone, Debug, PartialEq)]
pub struct EstimatorReport {
    /// Its name.
    pub name: String,
    /// The trace an example, by the spread over parts of the data.
    pub trace: Measure,
    /// The trace by the reference's, by the jackknife over the same parts.
    pub ratio: Measure,
    /// ‖d − r‖/‖r‖ of the diagonals.
    pub distance: f64,
    /// The cosine between the diagonals.
    pub cosine: f64,
    /// The trace of each block.
    pub blocks: Vec<(String, Measure)>,
}

/// One representation beside the matrix that it stands for.
#[derive(Clone, Debug, PartialEq)]
pub struct RepresentationReport {
    /// Its name.
    pub name: String,
    /// Its vᵀFv by the true one along random directions, with the error of the mean.
    pub ratio: Measure,
    /// The same along the gradient of the data.
    pub gradient: f64,
}

/// What came out.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditReport {
    /// What the others are held against: the exact estimate, or Monte Carlo where that takes too many passes.
    pub reference: String,
    /// The estimators, the reference first.
    pub estimators: Vec<EstimatorReport>,
    /// The representations.
    pub representations: Vec<RepresentationReport>,
}

/// Compares exact (where it can be had), Monte Carlo and empirical diagonals, and the diagonal, K-FAC and EK-FAC
/// along directions.
///
/// # Errors
/// As [`Estimation::new`] and [`Estimation::update`].
pub fn audit<B: Backend>(
    network: &Network<B>,
    data: &Dataset,
    how: &Audit,
) -> Result<AuditReport, EstimationError> {
    data.check(network)?;
    let estimators = how.estimators(network);
    let reference = estimators[0];
    let mut all = Vec::new();
    for estimator in &estimators {
        all.push(Parts::of(network, data, *estimator, how)?);
    }
    let reports = all.iter().zip(&estimators);
    let reports = reports.map(|(parts, estimator)| parts.report(estimator.to_string(), &all[0]));
    Ok(AuditReport {
        reference: reference.to_string(),
        estimators: reports.collect(),
        representations: representations(network, data, reference, how)?,
    })
}

/// The sums over parts of the data.
struct Parts {
    diagonal: Vec<f64>,
    /// Part × block.
    traces: Vec<Vec<f64>>,
    examples: Vec<f64>,
    names: Vec<String>,
}

impl Parts {
    fn of<B: Backend>(
        network: &Network<B>,
        data: &Dataset,
        estimator: Estimator,
        how: &Audit,
    ) -> Result<Self, EstimationError> {
        let parts = how.parts.clamp(1, data.len());
        let mut all = Self {
            diagonal: vec![0.0; network.dimension()],
            traces: Vec::new(),
            examples: Vec::new(),
            names: Vec::new(),
        };
        for part in 0..parts {
            let (from, to) = (part * data.len() / parts, (part + 1) * data.len() / parts);
            let places: Vec<usize> = (from..to).collect();
            let shard = data.select(&places).starting_at(data.first() + from as u64);
            let settings = settings(estimator, Representation::Diagonal);
            let fisher = Estimation::whole(network, &shard, settings, how.batch)?;
            for (total, more) in all.diagonal.iter_mut().zip(fisher.diagonal()) {
                *total += more;
            }
            all.names = (0..fisher.blocks.len())
                .map(|i| fisher.block_name(i))
                .collect();
            let traces = fisher.blocks.iter().map(|block| block.form.trace());
            all.traces.push(traces.collect());
            all.examples.push(shard.len() as f64);
        }
        Ok(all)
    }

    fn totals(&self) -> Vec<f64> {
        self.traces
            .iter()
            .map(|blocks| blocks.iter().sum())
            .collect()
    }

    fn report(&self, name: String, reference: &Self) -> EstimatorReport {
        let (totals, others) = (self.totals(), reference.totals());
        let block = |i: usize| {
            let traces: Vec<f64> = self.traces.iter().map(|blocks| blocks[i]).collect();
            (self.names[i].clone(), jackknife(&traces, &self.examples))
        };
        let (d, r) = (&self.diagonal, &reference.diagonal);
        let away: Vec<f64> = d.iter().zip(r).map(|(d, r)| d - r).collect();
        let (norm, size) = (dot(r, r).sqrt(), dot(d, d).sqrt());
        EstimatorReport {
            name,
            trace: jackknife(&totals, &self.examples),
            ratio: jackknife(&totals, &others),
            distance: dot(&away, &away).sqrt() / norm,
            cosine: dot(d, r) / (norm * size),
            blocks: (0..self.names.len()).map(block).collect(),
        }
    }
}

/// Σa/Σb with its standard error by the jackknife over the pairs.
fn jackknife(a: &[f64], b: &[f64]) -> Measure {
    let (all, whole): (f64, f64) = (a.iter().sum(), b.iter().sum());
    let without: Vec<f64> = a
        .iter()
        .zip(b)
        .map(|(a, b)| (all - a) / (whole - b))
        .collect();
    let n = without.len() as f64;
    let mean = without.iter().sum::<f64>() / n;
    let squares: f64 = without.iter().map(|w| (w - mean).powi(2)).sum();
    Measure {
        value: all / whole,
        error: ((n - 1.0) / n * squares).sqrt(),
    }
}

fn representations<B: Backend>(
    network: &Network<B>,
    data: &Dataset,
    estimator: Estimator,
    how: &Audit,
) -> Result<Vec<RepresentationReport>, EstimationError> {
    let n = network.dimension();
    let mut rng = ChaCha8Rng::seed_from_u64(how.seed);
    let mut directions: Vec<Vec<f64>> = (0..how.directions.max(2))
        .map(|_| (0..n).map(|_| StandardNormal.sample(&mut rng)).collect())
        .collect();
    directions.push(gradient(network, data, how.batch)?);
    let free = MatrixFree::new(network, data, estimator, Reduction::Sum, how.batch)?;
    let mut wanted = Vec::new();
    for direction in &directions {
        wanted.push(free.quadratic_form(direction)?);
    }
    let forms = [
        Representation::Diagonal,
        Representation::Kronecker(Sharing::Expand),
        Representation::Kronecker(Sharing::Reduce),
        Representation::EigenKronecker(Sharing::Expand),
    ];
    let mut reports = Vec::new();
    for form in forms {
        let fisher = Estimation::whole(network, data, settings(estimator, form), how.batch)?;
        let ratios = directions.iter().zip(&wanted);
        let ratios: Vec<f64> = ratios.map(|(v, w)| quadratic(&fisher, v) / w).collect();
        let (gradient, random) = (ratios[ratios.len() - 1], &ratios[..ratios.len() - 1]);
        let count = random.len() as f64;
        let mean = random.iter().sum::<f64>() / count;
        let squares: f64 = random.iter().map(|r| (r - mean).powi(2)).sum();
        reports.push(RepresentationReport {
            name: form.to_string(),
            ratio: Measure {
                value: mean,
                error: (squares / (count - 1.0) / count).sqrt(),
            },
            gradient,
        });
    }
    Ok(reports)
}

/// The sum of the scores of the labels seen.
fn gradient<B: Backend>(
    network: &Network<B>,
    data: &Dataset,
    batch: usize,
) -> Result<Vec<f64>, EstimationError> {
    let output = network.output();
    let (k, width) = (output.coordinates(), output.label_width());
    let mut total = vec![0.0; network.dimension()];
    for from in (0..data.len()).step_by(batch.max(1)) {
        let range = from..(from + batch.max(1)).min(data.len());
        let there = network.linearise(data, range.clone())?;
        let labels = data.labels(range);
        let z = there.coordinates();
        let mut u = vec![0.0; z.len()];
        for row in (0..z.len() / k).filter(|row| there.is_observed(*row)) {
            let part = row * k..(row + 1) * k;
            let label = &labels[row * width..(row + 1) * width];
            output.score(&z[part.clone()], label, &mut u[part]);
        }
        for (total, g) in total.iter_mut().zip(there.gradient(&u)) {
            *total += g;
        }
    }
    Ok(total)
}

fn settings(estimator: Estimator, representation: Representation) -> Settings {
    Settings {
        estimator,
        representation,
        reduction: Reduction::Sum,
    }
}

fn quadratic(fisher: &Fisher, v: &[f64]) -> f64 {
    fisher.quadratic_form(v).unwrap_or(f64::NAN)
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
