//! The reference figures of the logistic exercises, on the very draws they were published for,
//! built from the engine's parts: the Bernoulli information of each row pulled back through the
//! row of the design, Σ Jᵀ F J.

use faer::Mat;
use fisherinfo::estimate::Sandwich;
use fisherinfo::ewc::{AnchorKind, Consolidation};
use fisherinfo::expectation::{Method, expected_information};
use fisherinfo::family::{Bernoulli, Model};
use fisherinfo::information::{Estimator, Information, Provenance, Route};
use fisherinfo::natural_gradient::{Metric, NaturalGradient, StepLength};
use fisherinfo::special::logistic;

fn rows(csv: &str) -> Vec<[f64; 3]> {
    csv.lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<f64> = line.split(',').map(|cell| cell.parse().unwrap()).collect();
            [cells[0], cells[1], cells[2]]
        })
        .collect()
}

/// Expected (equal to observed under the logit link) and empirical information of one observation
/// on average, at w.
fn logistic_informations(csv: &str, w: [f64; 2]) -> (Information, Information) {
    let names = ["w1", "w2"];
    let rows = rows(csv);
    assert_eq!(rows.len(), 300);
    let mut expected: Option<Information> = None;
    let mut empirical: Option<Information> = None;
    let add = |total: &mut Option<Information>, part: Information| {
        *total = Some(match total.take() {
            None => part,
            Some(sum) => sum.add(&part).unwrap(),
        });
    };
    for [x1, x2, y] in rows {
        let x = [x1, x2];
        let p = logistic(w[0] * x1 + w[1] * x2);
        // dp/dw = p(1 − p) xᵀ.
        let jacobian = Mat::from_fn(1, 2, |_, j| p * (1.0 - p) * x[j]);
        let about_p = expected_information(&Bernoulli, &[p], Method::Automatic).unwrap();
        let about_w = about_p
            .reparameterised(jacobian.as_ref(), &names, "w1,w2")
            .unwrap();
        add(&mut expected, about_w.at(&w).unwrap());
        let score = Bernoulli.score(&[p], &[y])[0];
        let s: Vec<f64> = (0..2).map(|j| score * jacobian[(0, j)]).collect();
        let product = Mat::from_fn(2, 2, |i, j| s[i] * s[j]);
        let provenance = Provenance::exact(Estimator::Empirical, Route::Data);
        let one = Information::new(product, &names, provenance).unwrap();
        add(&mut empirical, one.at(&w).unwrap());
    }
    let mean = |sum: Option<Information>| sum.unwrap().repeated(1.0 / 300.0).unwrap();
    (mean(expected), mean(empirical))
}

#[test]
fn empirical_fisher_against_the_hessian() {
    let csv = include_str!("../../../../notebooks/data/exercise7.csv");
    let (hessian, empirical) = logistic_informations(csv, [0.8, -0.4]);
    let distance = (empirical.matrix() - hessian.matrix()).norm_l2();
    assert!(
        (distance - 0.040_518_535_003_959_51).abs() < 1e-14,
        "{distance}"
    );
    // The information of 300 means is that of one observation: the sizes add up and divide.
    assert!((hessian.sample_size() - 1.0).abs() < 1e-12);
    // The same sandwich by hand: H⁻¹ E H⁻¹ in the 2 × 2 formula for an inverse.
    let sandwich = Sandwich::new(&hessian, &empirical).unwrap();
    let (h, e) = (hessian.matrix(), empirical.matrix());
    let determinant = h[(0, 0)] * h[(1, 1)] - h[(0, 1)] * h[(1, 0)];
    let inverse = [
        [h[(1, 1)] / determinant, -h[(0, 1)] / determinant],
        [-h[(1, 0)] / determinant, h[(0, 0)] / determinant],
    ];
    for i in 0..2 {
        for j in 0..2 {
            let mut entry = 0.0;
            for a in 0..2 {
                for b in 0..2 {
                    entry += inverse[i][a] * e[(a, b)] * inverse[b][j];
                }
            }
            assert!((sandwich.covariance[(i, j)] / entry - 1.0).abs() < 1e-12);
        }
    }
}

#[test]
fn penalties_of_two_moves() {
    let csv = include_str!("../../../../notebooks/data/exercise8.csv");
    let (_, empirical) = logistic_informations(csv, [0.9, -0.7]);
    let memory = Consolidation::anchor(&empirical, AnchorKind::Diagonal, 1.0).unwrap();
    let big = memory.penalty(&[1.4, -0.1]).unwrap();
    let small = memory.penalty(&[0.95, -0.65]).unwrap();
    assert!(
        (big / 0.047_206_051_047_425_94 - 1.0).abs() < 1e-13,
        "{big}"
    );
    assert!(
        (small / 0.000_379_268_979_679_124_27 - 1.0).abs() < 1e-12,
        "{small}"
    );
    // The gradient is the slope of the penalty.
    let gradient = memory.gradient(&[1.4, -0.1]).unwrap();
    for i in 0..2 {
        let mut up = [1.4, -0.1];
        let mut down = up;
        up[i] += 1e-4;
        down[i] -= 1e-4;
        let slope = (memory.penalty(&up).unwrap() - memory.penalty(&down).unwrap()) / 2e-4;
        assert!((slope - gradient[i]).abs() < 1e-11);
    }
}

#[test]
fn natural_step_of_the_tenth_exercise() {
    let information =
        Information::expected(faer::mat![[10.0, 0.0], [0.0, 0.5]], &["a", "b"]).unwrap();
    let step = |metric, length| {
        NaturalGradient {
            metric,
            damping: fisherinfo::information::Damping::NONE,
        }
        .descent_step(&information, &[2.0, 2.0], length)
        .unwrap()
    };
    for metric in [Metric::Dense, Metric::Diagonal] {
        let taken = step(metric, StepLength::LearningRate(0.1));
        assert!((taken[0] + 0.02).abs() < 1e-16 && (taken[1] + 0.4).abs() < 1e-15);
        let nats = step(metric, StepLength::Divergence(0.01));
        assert!((0.5 * information.quadratic_form(&nats).unwrap() - 0.01).abs() < 1e-16);
        assert!((nats[1] / nats[0] - 20.0).abs() < 1e-12, "same direction");
    }
}
