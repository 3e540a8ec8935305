//! Optimal designs against published ones, and their certificates against designs that are not.

use faer::{Mat, mat};
use fisherinfo::coordinates::link::Link;
use fisherinfo::design::{
    Candidates, Certificate, Criterion, Curve, CurvePoint, DesignError, IntervalDesign,
    OptimalDesign, ResponseCurve, certify, optimal_design, optimal_design_within,
    optimal_on_interval,
};
use fisherinfo::expression::Expression;
use fisherinfo::family::mean::MeanFamily;
use fisherinfo::family::{Bernoulli, Normal, Poisson};
use proptest::prelude::*;

fn polynomial(degree: i32, points: &[f64]) -> Candidates {
    let rows: Vec<Vec<f64>> = points
        .iter()
        .map(|x| (0..=degree).map(|power| x.powi(power)).collect())
        .collect();
    Candidates::from_rows(&rows).unwrap()
}

fn grid(count: usize) -> Vec<f64> {
    (0..count)
        .map(|i| 2.0 * i as f64 / (count - 1) as f64 - 1.0)
        .collect()
}

fn all_criteria(size: usize) -> [Criterion; 4] {
    let combination = (0..size).map(|i| 1.0 - 0.7 * i as f64).collect();
    [
        Criterion::D,
        Criterion::A,
        Criterion::E,
        Criterion::C(combination),
    ]
}

/// The support of a design over `points` and its weights.
fn assert_support(design: &OptimalDesign, points: &[f64], wanted: &[(f64, f64)]) {
    let found: Vec<(f64, f64)> = design.support().map(|(i, w)| (points[i], w)).collect();
    assert_eq!(found.len(), wanted.len(), "{found:?}");
    for (f, w) in found.iter().zip(wanted) {
        assert!(
            (f.0 - w.0).abs() < 1e-12 && (f.1 - w.1).abs() < 1e-8,
            "{found:?} against {wanted:?}"
        );
    }
    assert!(
        design.certificate().holds(1e-8),
        "{}",
        design.certificate().largest - 1.0
    );
}

#[test]
fn published_designs_on_a_grid() {
    let points = grid(201);
    let third = 1.0 / 3.0;
    let line = polynomial(1, &points);
    for criterion in [Criterion::D, Criterion::A, Criterion::C(vec![0.0, 1.0])] {
        let design = optimal_design(&line, &criterion).unwrap();
        assert_support(&design, &points, &[(-1.0, 0.5), (1.0, 0.5)]);
    }
    let parabola = polynomial(2, &points);
    let d = optimal_design(&parabola, &Criterion::D).unwrap();
    assert_support(&d, &points, &[(-1.0, third), (0.0, third), (1.0, third)]);
    // det = 4/27.
    assert!((d.value() - (4.0_f64 / 27.0).ln()).abs() < 1e-12);
    let a = optimal_design(&parabola, &Criterion::A).unwrap();
    assert_support(&a, &points, &[(-1.0, 0.25), (0.0, 0.5), (1.0, 0.25)]);
    assert!((a.value() - 8.0).abs() < 1e-10);
    // E: 1/5, 3/5, 1/5 with λ_min = 1/5; Pukelsheim & Studden, Ann. Statist. 21 (1993).
    let e = optimal_design(&parabola, &Criterion::E).unwrap();
    assert_support(&e, &points, &[(-1.0, 0.2), (0.0, 0.6), (1.0, 0.2)]);
    assert!((e.value() - 0.2).abs() < 1e-9);
    // The curvature alone: ¼, ½, ¼ with variance 4. The slope at zero: two points, a singular M.
    let curvature = optimal_design(&parabola, &Criterion::C(vec![0.0, 0.0, 1.0])).unwrap();
    assert_support(
        &curvature,
        &points,
        &[(-1.0, 0.25), (0.0, 0.5), (1.0, 0.25)],
    );
    assert!((curvature.value() - 4.0).abs() < 1e-12);
    let slope = optimal_design(&parabola, &Criterion::C(vec![0.0, 1.0, 0.0])).unwrap();
    assert_support(&slope, &points, &[(-1.0, 0.5), (1.0, 0.5)]);
    // Extrapolation to x = 2: Chebyshev points with weights |ℓᵢ(2)|/Σ; ℓ(2) = 1, −3, 3.
    let beyond = optimal_design(&parabola, &Criterion::C(vec![1.0, 2.0, 4.0])).unwrap();
    assert_support(
        &beyond,
        &points,
        &[(-1.0, 1.0 / 7.0), (0.0, 3.0 / 7.0), (1.0, 3.0 / 7.0)],
    );
    assert!((beyond.value() - 49.0).abs() < 1e-10);
}

#[test]
fn a_multiple_smallest_eigenvalue_has_its_certificate() {
    // The corners of a cube without intercept: M is the unit matrix, its eigenvalue three-fold, and
    // no single eigenvector proves anything.
    let corners: Vec<Vec<f64>> = (0..8)
        .map(|bits| {
            (0..3)
                .map(|axis| if bits >> axis & 1 == 1 { 1.0 } else { -1.0 })
                .collect()
        })
        .collect();
    let cube = Candidates::from_rows(&corners).unwrap();
    let design = optimal_design(&cube, &Criterion::E).unwrap();
    assert!((design.value() - 1.0).abs() < 1e-9);
    assert!(
        design.certificate().holds(1e-9),
        "{:e}",
        design.certificate().largest - 1.0
    );
    // One observation of each coordinate with different precisions: λ_min is largest where all are
    // equal, at weights in proportion to the variances.
    let rows = [
        vec![1.0, 0.0, 0.0],
        vec![0.0, 2.0, 0.0],
        vec![0.0, 0.0, 0.5],
    ];
    let design = optimal_design(&Candidates::from_rows(&rows).unwrap(), &Criterion::E).unwrap();
    for (weight, wanted) in design.weights().iter().zip([1.0, 0.25, 4.0]) {
        assert!((weight - wanted / 5.25).abs() < 1e-9);
    }
    assert!(design.certificate().holds(1e-8));
}

#[test]
fn a_perturbed_weight_loses_its_certificate() {
    let points = grid(41);
    let parabola = polynomial(2, &points);
    for criterion in all_criteria(3) {
        let design = optimal_design(&parabola, &criterion).unwrap();
        let check = |weights: &[f64]| {
            let matrix = design.certificate_matrix();
            Certificate::new(&parabola, &criterion, weights, matrix).unwrap()
        };
        assert!(check(design.weights()).holds(1e-8), "{criterion}");
        let mut perturbed = design.weights().to_vec();
        let support: Vec<usize> = design.support().map(|(i, _)| i).collect();
        perturbed[support[0]] += 1e-2;
        perturbed[support[1]] -= 1e-2;
        assert!(!check(&perturbed).holds(1e-5), "{criterion}");
        // The bound is one: the true loss is not above it.
        let loss = |weights: &[f64]| {
            criterion
                .goodness(parabola.information(weights).unwrap().as_ref())
                .unwrap()
                / criterion.goodness(design.information()).unwrap()
        };
        assert!(loss(&perturbed) >= check(&perturbed).efficiency_bound() * (1.0 - 1e-9));
        let by_itself = certify(&parabola, &criterion, &perturbed).unwrap();
        assert!(!by_itself.holds(1e-4), "{criterion}");
        assert!(
            loss(&perturbed) >= by_itself.efficiency_bound() * (1.0 - 1e-9),
            "{criterion}"
        );
    }
}

fn curve<F: MeanFamily>(
    formula: &str,
    assumed: &[(&str, f64)],
    family: F,
    link: Link,
) -> ResponseCurve<F> {
    let assumed: Vec<(String, f64)> = assumed
        .iter()
        .map(|(name, value)| ((*name).to_string(), *value))
        .collect();
    ResponseCurve::new(
        &Expression::parse(formula).unwrap(),
        "x",
        &assumed,
        family,
        link,
    )
    .unwrap()
}

fn on_interval(curve: &dyn Curve, range: [f64; 2], criterion: &Criterion) -> IntervalDesign {
    let design = optimal_on_interval(curve, range, criterion).unwrap();
    assert!(
        design.certificate().holds(1e-8),
        "{:e}",
        design.certificate().largest - 1.0
    );
    design
}

const COMPARTMENT: [(&str, f64); 3] = [("a", 0.05884), ("b", 4.298), ("c", 21.80)];

#[test]
fn the_compartment_model() {
    let model = curve(
        "c*(exp(-a*x) - exp(-b*x))",
        &COMPARTMENT,
        Normal,
        Link::Identity,
    );
    let design = on_interval(&model, [0.0, 30.0], &Criterion::D);
    // Atkinson, Donev & Tobias (2007), table 17.1.
    for (point, wanted) in design.points().iter().zip([0.2288, 1.3886, 18.417]) {
        assert!(
            (point - wanted).abs() <= 0.6e-4 * wanted.max(1.0),
            "{:?}",
            design.points()
        );
    }
    for weight in design.weights() {
        assert!((weight - 1.0 / 3.0).abs() < 1e-9);
    }
    assert!((design.value() - 7.3887).abs() < 5e-5, "{}", design.value());
    assert!((3.0 * design.certificate().largest - 3.0).abs() < 1e-9);
    assert_eq!(design.points().len(), 3);
    // c-optimal for the area under the curve c(1/a − 1/b): two points, 0.2327 and 17.6339 with
    // weights 0.0135 and 0.9865 (Atkinson et al. 1993, Biometrics 49, table 2).
    let (a, b, c) = (0.05884_f64, 4.298_f64, 21.80_f64);
    let area = Criterion::C(vec![-c / (a * a), c / (b * b), 1.0 / a - 1.0 / b]);
    let design = on_interval(&model, [0.0, 30.0], &area);
    for (point, wanted) in design.points().iter().zip([0.2327, 17.6339]) {
        assert!((point - wanted).abs() <= 2e-4, "{:?}", design.points());
    }
    assert!(
        (design.weights()[0] - 0.0135).abs() < 1e-4,
        "{:?}",
        design.weights()
    );
}

#[test]
fn regressions_of_other_families() {
    let logit = curve("a + b*x", &[("a", 0.0), ("b", 1.0)], Bernoulli, Link::Logit);
    let design = on_interval(&logit, [-6.0, 6.0], &Criterion::D);
    assert_eq!(design.points().len(), 2);
    for (point, wanted) in design
        .points()
        .iter()
        .zip([-1.543_404_638_418_21, 1.543_404_638_418_21])
    {
        assert!((point - wanted).abs() < 1e-9, "{:?}", design.points());
    }
    // In other parameters the same predictors.
    let other = curve(
        "k*(x - m)",
        &[("m", 2.0), ("k", -3.0)],
        Bernoulli,
        Link::Logit,
    );
    let design = on_interval(&other, [0.0, 5.0], &Criterion::D);
    for (point, wanted) in design.points().iter().zip([-1.0, 1.0]) {
        assert!((-3.0 * (point - 2.0) * -wanted - 1.543_404_638_418_21).abs() < 1e-8);
    }
    // Poisson with slope b: the upper end, and 2/b under it.
    let counts = curve("a + b*x", &[("a", 1.0), ("b", 2.0)], Poisson, Link::Log);
    let design = on_interval(&counts, [0.0, 4.0], &Criterion::D);
    assert!((design.points()[0] - 3.0).abs() < 1e-9 && (design.points()[1] - 4.0).abs() < 1e-12);
}

/// A polynomial in x.
struct Polynomial(i32);

impl Curve for Polynomial {
    fn parameters(&self) -> Vec<String> {
        (0..=self.0).map(|power| format!("b{power}")).collect()
    }
    fn at(&self, x: f64) -> CurvePoint {
        CurvePoint {
            row: (0..=self.0).map(|power| x.powi(power)).collect(),
            slope: (0..=self.0)
                .map(|power| f64::from(power) * x.powi((power - 1).max(0)))
                .collect(),
        }
    }
}

#[test]
fn polynomials_on_an_interval() {
    // D: zeros of (1 − x²)P′ₙ: for n = 4 ±√(3/7), 0 (Guest 1958), equal weights.
    let design = on_interval(&Polynomial(4), [-1.0, 1.0], &Criterion::D);
    let inner = (3.0_f64 / 7.0).sqrt();
    assert_eq!(design.points().len(), 5);
    for (point, wanted) in design.points().iter().zip([-1.0, -inner, 0.0, inner, 1.0]) {
        assert!((point - wanted).abs() < 1e-8, "{:?}", design.points());
    }
    // The highest coefficient: Chebyshev points cos(jπ/n), weights 1/n inside and half at the ends.
    let highest = Criterion::C(vec![0.0, 0.0, 0.0, 1.0]);
    let design = on_interval(&Polynomial(3), [-1.0, 1.0], &highest);
    for (point, wanted) in design.points().iter().zip([-1.0, -0.5, 0.5, 1.0]) {
        assert!((point - wanted).abs() < 1e-8, "{:?}", design.points());
    }
    for (weight, wanted) in design.weights().iter().zip([1.0, 2.0, 2.0, 1.0]) {
        assert!(
            (weight - wanted / 6.0).abs() < 1e-8,
            "{:?}",
            design.weights()
        );
    }
    assert!((design.value() - 16.0).abs() < 1e-9);
    // E is c-optimal for Chebyshev's coefficients, whose squares sum to 1/λ_min:
    // (0, −3, 0, 4) for the cubic (Pukelsheim & Studden 1993).
    let design = on_interval(&Polynomial(3), [-1.0, 1.0], &Criterion::E);
    assert!(
        (design.value() - 1.0 / 25.0).abs() < 1e-9,
        "{}",
        design.value()
    );
    for (point, wanted) in design.points().iter().zip([-1.0, -0.5, 0.5, 1.0]) {
        assert!((point - wanted).abs() < 1e-6, "{:?}", design.points());
    }
    // A: as efficient as the fine grid says.
    let design = on_interval(&Polynomial(3), [-1.0, 1.0], &Criterion::A);
    let on_grid = optimal_design(&polynomial(3, &grid(2001)), &Criterion::A).unwrap();
    assert!(design.value() <= on_grid.value() * (1.0 + 1e-12));
    assert!(design.value() >= on_grid.value() * (1.0 - 1e-5));
    assert!(design.uniform_efficiency().unwrap() < 1.0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn designs_over_random_candidates_are_certified(
        entries in prop::collection::vec(-3.0..3.0_f64, 3 * 40),
        units in prop::collection::vec(-4.0..4.0_f64, 3),
    ) {
        let units: Vec<f64> = units.iter().map(|u| 10f64.powf(*u)).collect();
        let rows: Vec<Vec<f64>> = entries.chunks(3).map(<[f64]>::to_vec).collect();
        let candidates = Candidates::from_rows(&rows).unwrap();
        for criterion in all_criteria(3) {
            let design = optimal_design(&candidates, &criterion).map_err(|error| TestCaseError::fail(format!("{criterion}: {error}")))?;
            prop_assert!(design.certificate().holds(1e-8), "{criterion} {:e}", design.certificate().largest - 1.0);
            // Caratheodory: not more points than entries of M, unless several designs are best.
            prop_assert!(design.support().count() <= 6);
        }
        // Other units, and other parameters: the same D-optimal weights, and det M times a constant.
        let change = mat![[units[0], 0.3, 0.0], [0.0, units[1], -0.7], [0.0, 0.0, units[2]]];
        let moved: Vec<Vec<f64>> = rows
            .iter()
            .map(|row| (0..3).map(|j| (0..3).map(|i| row[i] * change[(i, j)]).sum()).collect())
            .collect();
        let moved = Candidates::from_rows(&moved).unwrap();
        let (d, e) = (
            optimal_design(&candidates, &Criterion::D).unwrap(),
            optimal_design(&moved, &Criterion::D).unwrap(),
        );
        for (a, b) in d.weights().iter().zip(e.weights()) {
            prop_assert!((a - b).abs() < 1e-6, "{a} against {b}");
        }
        let volume = 2.0 * units.iter().map(|u| u.ln()).sum::<f64>();
        prop_assert!((d.value() + volume - e.value()).abs() < 1e-7);
    }

    #[test]
    fn many_candidates_are_as_good_as_few(seed in 0.0..1.0_f64) {
        // A dense grid in two factors: the working set has to find the corners and the centre.
        let rows: Vec<Vec<f64>> = (0..60 * 60)
            .map(|i| {
                let (x, y) = ((i % 60) as f64 / 59.0, (i / 60) as f64 / 59.0);
                vec![1.0, x, y, x * y * (1.0 + seed)]
            })
            .collect();
        let candidates = Candidates::from_rows(&rows).unwrap();
        let design = optimal_design(&candidates, &Criterion::D).unwrap();
        let corners: Vec<usize> = design.support().map(|(i, _)| i).collect();
        prop_assert_eq!(corners, vec![0, 59, 59 * 60, 3599]);
        for criterion in [Criterion::A, Criterion::E] {
            let design = optimal_design(&candidates, &criterion).unwrap();
            prop_assert!(design.certificate().holds(1e-8), "{}", criterion);
        }
    }
}

#[test]
fn several_outputs_of_a_candidate() {
    // Two responses of variances ¼ and 1 with a correlation, both linear in two parameters.
    let information = mat![[4.0, 1.0], [1.0, 1.0]];
    let mut candidates = Candidates::new(&["a", "b"]);
    let jacobian = |x: f64| mat![[1.0, x], [0.0, 1.0]];
    for x in [-1.0, -0.5, 0.0, 0.5, 1.0] {
        candidates
            .add(jacobian(x).as_ref(), information.as_ref())
            .unwrap();
    }
    let design = optimal_design(&candidates, &Criterion::D).unwrap();
    assert!(design.certificate().holds(1e-9));
    let mut wanted = Mat::<f64>::zeros(2, 2);
    for (i, weight) in design.support() {
        let j = jacobian(f64::from(i as u32) * 0.5 - 1.0);
        wanted += faer::Scale(weight) * (j.transpose() * &information * &j);
    }
    assert!((&wanted - design.information()).norm_max() < 1e-12);
    assert!(matches!(
        optimal_design(&candidates, &Criterion::C(vec![1.0, 0.0])),
        Err(DesignError::SeveralOutputs {
            candidate: 1,
            outputs: 2
        })
    ));
}

#[test]
fn what_has_no_design_is_said() {
    let rows = |rows: &[[f64; 3]]| {
        Candidates::from_rows(&rows.iter().map(|row| row.to_vec()).collect::<Vec<_>>()).unwrap()
    };
    let singular = rows(&[
        [1.0, 2.0, 3.0],
        [1.0, 0.0, 1.0],
        [1.0, 5.0, 6.0],
        [1.0, 1.0, 2.0],
    ]);
    for criterion in all_criteria(3) {
        let Err(DesignError::Singular {
            rank,
            parameters,
            direction,
        }) = optimal_design(&singular, &criterion)
        else {
            panic!("a collinear column")
        };
        assert_eq!((rank, parameters), (2, 3));
        assert!(
            ["θ1 + θ2 − θ3", "−θ1 − θ2 + θ3"].contains(&direction.as_str()),
            "{direction}"
        );
    }
    let few = rows(&[[1.0, 2.0, 3.0], [0.0, 1.0, 0.0]]);
    assert!(matches!(
        optimal_design(&few, &Criterion::D),
        Err(DesignError::Singular { rank: 2, .. })
    ));
    assert_eq!(
        optimal_design(&rows(&[[0.0; 3], [0.0; 3]]), &Criterion::D).unwrap_err(),
        DesignError::NoInformation
    );
    assert_eq!(
        optimal_design(&Candidates::new(&["a"]), &Criterion::D).unwrap_err(),
        DesignError::NoCandidates
    );
    let line = polynomial(1, &grid(5));
    assert_eq!(
        optimal_design(&line, &Criterion::C(vec![0.0, 0.0])).unwrap_err(),
        DesignError::NoCombination
    );
    assert!(matches!(
        optimal_design(&line, &Criterion::C(vec![1.0])),
        Err(DesignError::Length {
            expected: 2,
            found: 1,
            ..
        })
    ));
    assert!(matches!(
        certify(&line, &Criterion::D, &[0.5, 0.5, 0.5, 0.0, 0.0]),
        Err(DesignError::Weights { .. })
    ));
    assert_eq!(
        certify(&line, &Criterion::D, &[1.0, 0.0, 0.0, 0.0, 0.0]).unwrap_err(),
        DesignError::NotEstimable
    );
    assert!(Candidates::new(&["a"]).add_row(&[1.0], -1.0).is_err());
    assert!(Candidates::new(&["a"]).add_row(&[f64::NAN], 1.0).is_err());
    // Chebyshev points far from the first basis take more than one step.
    let high = polynomial(6, &grid(101));
    let highest = Criterion::C(vec![0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0]);
    assert!(matches!(
        optimal_design_within(&high, &highest, 1),
        Err(DesignError::NotConverged { steps: 2, efficiency }) if efficiency < 1.0
    ));
    assert!(matches!(
        optimal_on_interval(&Polynomial(1), [1.0, 1.0], &Criterion::D),
        Err(DesignError::Interval { .. })
    ));
    let root = curve("a*sqrt(x)", &[("a", 1.0)], Normal, Link::Identity);
    assert!(matches!(
        optimal_on_interval(&root, [-1.0, 1.0], &Criterion::D),
        Err(DesignError::NotDefined { place }) if place < 0.0
    ));
}
