//! The algebra of information matrices, by the laws it has to obey on random matrices.

use faer::linalg::solvers::DenseSolveCore;
use faer::{Mat, mat};
use fisherinfo::ewc::{AnchorError, AnchorKind, Consolidation};
use fisherinfo::information::{
    Accuracy, Damping, Definition, Estimator, Information, InformationError, Provenance, Route,
};
use proptest::prelude::*;

const NAMES: [&str; 3] = ["a", "b", "c"];

/// A positive definite 3 × 3 matrix with rows of very different units.
fn positive_definite() -> impl Strategy<Value = Mat<f64>> {
    positive_definite_of(6.0)
}

/// A positive definite 3 × 3 matrix with units up to 10^±spread.
fn positive_definite_of(spread: f64) -> impl Strategy<Value = Mat<f64>> {
    (
        prop::collection::vec(-1.0..1.0_f64, 9),
        prop::collection::vec(-spread..spread, 3),
    )
        .prop_map(|(entries, exponents)| {
            let a = Mat::from_fn(3, 3, |i, j| {
                (entries[3 * i + j] + if i == j { 2.0 } else { 0.0 }) * 10f64.powf(exponents[i])
            });
            &a * a.transpose()
        })
}

fn invertible() -> impl Strategy<Value = Mat<f64>> {
    prop::collection::vec(-1.0..1.0_f64, 9).prop_map(|entries| {
        Mat::from_fn(3, 3, |i, j| {
            entries[3 * i + j] + if i == j { 2.5 } else { 0.0 }
        })
    })
}

fn information(matrix: &Mat<f64>) -> Information {
    Information::expected(matrix.clone(), &NAMES).unwrap()
}

/// Equal relative to the scale that the diagonal sets.
fn close(a: &Mat<f64>, b: &Mat<f64>, tolerance: f64) -> bool {
    (0..a.nrows()).all(|i| {
        (0..a.ncols()).all(|j| {
            let scale = (b[(i, i)] * b[(j, j)]).sqrt();
            (a[(i, j)] - b[(i, j)]).abs() <= tolerance * scale
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { ..ProptestConfig::default() })]

    #[test]
    fn the_bound_is_the_inverse(matrix in positive_definite()) {
        let bound = information(&matrix).cramer_rao_bound().unwrap();
        prop_assert!(bound.unidentified().is_empty());
        let product = bound.covariance() * &matrix;
        for i in 0..3 {
            for j in 0..3 {
                let unit = f64::from(u8::from(i == j));
                let scale = (matrix[(j, j)] / matrix[(i, i)]).sqrt();
                prop_assert!((product[(i, j)] - unit).abs() <= 1e-9 * scale);
            }
        }
    }

    /// Length and volume do not depend on coordinates: δᵀIδ with δ = Jφ, det(JᵀIJ) = det(J)²·det I;
    /// and the bound moves the other way, J⁻¹ C J⁻ᵀ.
    #[test]
    fn coordinates_change_numbers_and_not_meaning(
        matrix in positive_definite_of(1.0), jacobian in invertible(), step in prop::collection::vec(-1.0..1.0_f64, 3)
    ) {
        let here = information(&matrix);
        let there = here.reparameterised(jacobian.as_ref(), &["u", "v", "w"], "other").unwrap();
        let moved: Vec<f64> = (0..3).map(|i| (0..3).map(|j| jacobian[(i, j)] * step[j]).sum()).collect();
        let (length, other) = (here.quadratic_form(&moved).unwrap(), there.quadratic_form(&step).unwrap());
        prop_assert!((length - other).abs() <= 1e-9 * length.max(1e-300));
        let volume = there.log_determinant().unwrap() - here.log_determinant().unwrap();
        prop_assert!((volume - 2.0 * jacobian.determinant().abs().ln()).abs() < 1e-7);
        let back = there.reparameterised(jacobian.partial_piv_lu().inverse().as_ref(), &NAMES, "a,b,c").unwrap();
        let (before, after) = (here.matrix().to_owned(), back.matrix().to_owned());
        prop_assert!((before.norm_l2() - after.norm_l2()).abs() <= 1e-9 * before.norm_l2());
        prop_assert!(here.add(&back).is_ok() && here.add(&there).is_err());
    }

    #[test]
    fn sums_commute_and_repeat(one in positive_definite(), two in positive_definite(), n in 1..9_u8) {
        let (one, two) = (information(&one), information(&two));
        let sum = one.add(&two).unwrap();
        prop_assert_eq!(sum.matrix().to_owned(), two.add(&one).unwrap().matrix().to_owned());
        prop_assert_eq!(sum.sample_size(), 2.0);
        let mut repeated = one.clone();
        for _ in 1..n {
            repeated = repeated.add(&one).unwrap();
        }
        let times = one.repeated(f64::from(n)).unwrap();
        prop_assert_eq!(times.sample_size(), repeated.sample_size());
        prop_assert!(close(&times.matrix().to_owned(), &repeated.matrix().to_owned(), 1e-14));
    }

    /// I = B Bᵀ with B of rank 2 has one null direction, known by construction. What it involves
    /// has no finite bound; what it does not involve keeps the bound of the smaller problem.
    #[test]
    fn null_directions_are_named_and_never_zero(
        weights in prop::collection::vec(0.3..2.0_f64, 2), scale in 0.1..10.0_f64
    ) {
        // c alone is identified beside the combination v·a − u·b that is not.
        let (u, v) = (weights[0], weights[1]);
        let singular = mat![
            [u * u, u * v, 0.0],
            [u * v, v * v, 0.0],
            [0.0, 0.0, scale]
        ];
        let information = information(&singular);
        let null = information.null_space().unwrap();
        prop_assert_eq!(null.len(), 1);
        let direction = null[0].weights();
        prop_assert!((direction[0] * u + direction[1] * v).abs() < 1e-9);
        prop_assert!(direction[2].abs() < 1e-9);
        let bound = information.cramer_rao_bound().unwrap();
        let variances = bound.variances();
        prop_assert_eq!(&variances[..2], &[f64::INFINITY, f64::INFINITY]);
        prop_assert!((variances[2] * scale - 1.0).abs() < 1e-12);
        prop_assert_eq!(information.log_determinant().unwrap(), f64::NEG_INFINITY);
        // u·a + v·b is identified: its variance is (u, v)(BBᵀ)⁺(u, v)ᵀ = 1.
        prop_assert!((information.variance_bound_of(&[u, v, 0.0]).unwrap() - 1.0).abs() < 1e-9);
        prop_assert_eq!(information.variance_bound_of(&[1.0, 0.0, 0.0]).unwrap(), f64::INFINITY);
        let solved = information.damped_solve(&[1.0, 1.0, 1.0], Damping::NONE);
        let refused = matches!(solved, Err(InformationError::Singular { .. }));
        prop_assert!(refused, "{solved:?}");
    }

    #[test]
    fn damped_solutions_solve(
        matrix in positive_definite(), b in prop::collection::vec(-1.0..1.0_f64, 3), strength in 0.01..2.0_f64
    ) {
        for (damping, diagonal) in [
            (Damping::NONE, [0.0; 3]),
            (Damping::Absolute(strength), [strength; 3]),
            (Damping::Relative(strength), [0, 1, 2].map(|i| strength * matrix[(i, i)])),
        ] {
            let x = information(&matrix).damped_solve(&b, damping).unwrap();
            for i in 0..3 {
                let mut left = diagonal[i] * x[i];
                let mut size = (diagonal[i] * x[i]).abs();
                for j in 0..3 {
                    left += matrix[(i, j)] * x[j];
                    size += (matrix[(i, j)] * x[j]).abs();
                }
                prop_assert!((left - b[i]).abs() <= 1e-9 * (size + b[i].abs()), "{damping:?}");
            }
        }
    }

    /// Σ λ vvᵀ gives the matrix back, and each direction in words is its eigenvector.
    #[test]
    fn the_spectrum_rebuilds_the_matrix(matrix in positive_definite()) {
        let information = information(&matrix);
        let spectrum = information.spectrum().unwrap();
        prop_assert!(spectrum.values.windows(2).all(|pair| pair[0] <= pair[1]));
        let rebuilt = Mat::from_fn(3, 3, |i, j| {
            (0..3).map(|e| spectrum.values[e] * spectrum.vectors[(i, e)] * spectrum.vectors[(j, e)]).sum::<f64>()
        });
        prop_assert!((&rebuilt - &matrix).norm_l2() <= 1e-12 * matrix.norm_l2());
    }
}

#[test]
fn what_is_no_information_is_refused() {
    let refused = |matrix: Mat<f64>| Information::expected(matrix, &["a", "b"]).unwrap_err();
    assert!(matches!(
        refused(mat![[1.0]]),
        InformationError::Shape {
            rows: 1,
            parameters: 2,
            ..
        }
    ));
    assert!(matches!(
        refused(mat![[1.0, f64::NAN], [f64::NAN, 1.0]]),
        InformationError::NotFinite { .. }
    ));
    assert!(matches!(
        refused(mat![[1.0, 0.2], [0.3, 1.0]]),
        InformationError::NotSymmetric { .. }
    ));
    let indefinite = mat![[1.0, 2.0], [2.0, 1.0]];
    assert_eq!(
        refused(indefinite.clone()).to_string(),
        "the information is not positive semi-definite: it is negative along a − b (scaled \
         eigenvalue -1.000e0); take it at a maximum of the likelihood"
    );
    // Observed information may be indefinite; bounds of it may not be asked for.
    let observed = Information::new(
        indefinite,
        &["a", "b"],
        Provenance::exact(Estimator::Observed, Route::Data),
    )
    .unwrap();
    assert!(observed.cramer_rao_bound().is_err());
    assert!(observed.log_determinant().is_err());
    let at = observed.at(&[0.0, 0.0]).unwrap();
    assert!(Consolidation::anchor(&at, AnchorKind::Full, 1.0).is_err());
}

#[test]
fn different_things_do_not_add() {
    let one = information(&Mat::identity(3, 3))
        .at(&[1.0, 2.0, 3.0])
        .unwrap();
    let renamed = Information::expected(Mat::identity(3, 3), &["a", "b", "x"]).unwrap();
    assert!(matches!(
        one.add(&renamed),
        Err(InformationError::DifferentParameters { .. })
    ));
    let elsewhere = information(&Mat::identity(3, 3))
        .at(&[1.0, 2.0, 3.5])
        .unwrap();
    assert!(matches!(
        one.add(&elsewhere),
        Err(InformationError::DifferentPoints { .. })
    ));
    let other = information(&Mat::identity(3, 3)).in_coordinates("log");
    assert!(matches!(
        one.add(&other),
        Err(InformationError::DifferentCoordinates { .. })
    ));
    assert!(matches!(
        one.at(&[1.0]),
        Err(InformationError::Length {
            expected: 3,
            found: 1
        })
    ));
}

/// A bound of half a per cent on a matrix that is singular but for two tenths of a per cent: all
/// that is known is that it may be singular, and the answer must not pretend otherwise.
#[test]
fn an_error_bound_widens_the_null_space() {
    let nearly = mat![[1.0, 0.999], [0.999, 1.0]];
    let with = |accuracy| {
        let provenance = Provenance {
            estimator: Estimator::Expected,
            route: Route::Mixed,
            accuracy,
        };
        Information::new(nearly.clone(), &["a", "b"], provenance).unwrap()
    };
    assert!(with(Accuracy::Exact).null_space().unwrap().is_empty());
    let uncertain = with(Accuracy::Bound(Mat::full(2, 2, 0.005)));
    assert_eq!(uncertain.null_space().unwrap()[0].to_string(), "a − b");
    // Errors move with the matrix: twice the sample, twice the error.
    let doubled = uncertain.repeated(2.0).unwrap();
    assert_eq!(doubled.provenance().accuracy.of_entry(0, 1), 0.01);
    let sum = uncertain.add(&uncertain).unwrap();
    assert_eq!(sum.provenance().accuracy.of_entry(1, 1), 0.01);
    let stretched = uncertain
        .reparameterised(mat![[3.0], [-1.0]].as_ref(), &["t"], "line")
        .unwrap();
    assert!((stretched.provenance().accuracy.of_entry(0, 0) - 16.0 * 0.005).abs() < 1e-15);
}

#[test]
fn tasks_of_other_models_do_not_join() {
    let one = information(&Mat::identity(3, 3)).at(&[0.0; 3]).unwrap();
    let other = Information::expected(Mat::identity(1, 1), &["z"])
        .unwrap()
        .at(&[0.0])
        .unwrap();
    let anchor = |information: &Information| {
        Consolidation::anchor(information, AnchorKind::Full, 1.0).unwrap()
    };
    assert!(matches!(
        anchor(&one).and(anchor(&other)),
        Err(AnchorError::DifferentParameters { .. })
    ));
    let both = anchor(&one).and(anchor(&one)).unwrap();
    assert_eq!(both.tasks(), 2);
    assert_eq!(both.penalty(&[1.0, 2.0, 0.0]).unwrap(), 5.0);
    assert!(both.penalty(&[1.0]).is_err());
    assert!(Consolidation::anchor(&one, AnchorKind::Full, -1.0).is_err());
    let placeless = information(&Mat::identity(3, 3));
    assert!(matches!(
        Consolidation::anchor(&placeless, AnchorKind::Full, 1.0),
        Err(AnchorError::NoPoint)
    ));
}

/// A model whose two definitions disagree is refused, with both numbers: the uniform density on
/// (0, θ), whose mean score is −1/θ.
#[test]
fn an_irregular_model_is_refused() {
    use fisherinfo::dual::{Datum, Dual};
    use fisherinfo::expectation::{
        ExpectationError, Method, expected_information, expected_information_by_definition,
    };
    use fisherinfo::family::{Family, Parameter, ParameterSpace, SamplingError, Support};
    use fisherinfo::regularity::{Verdict, certify};
    use rand::{Rng, RngExt};

    #[derive(Clone, Debug)]
    struct Uniform;
    impl Family for Uniform {
        fn name(&self) -> String {
            "Uniform(0, θ)".into()
        }
        fn space(&self) -> ParameterSpace {
            ParameterSpace::product(vec![Parameter::positive("theta")])
        }
        fn support(&self, theta: &[f64]) -> Support {
            Support::Interval {
                lower: 0.0,
                upper: theta[0],
            }
        }
        fn log_density<D: Dual>(&self, theta: &[D], _: &[Datum<D>]) -> D {
            -theta[0].ln()
        }
        fn sample(
            &self,
            theta: &[f64],
            rng: &mut dyn Rng,
            x: &mut [f64],
        ) -> Result<(), SamplingError> {
            x[0] = theta[0] * rng.random::<f64>();
            Ok(())
        }
    }

    match expected_information(&Uniform, &[2.0], Method::Automatic) {
        Err(ExpectationError::Irregular {
            score_product,
            negative_hessian,
            ..
        }) => {
            assert!((score_product - 0.25).abs() < 1e-12, "E[s²] = 1/θ²");
            assert!((negative_hessian + 0.25).abs() < 1e-12, "−E[H] = −1/θ²");
        }
        other => unreachable!("{other:?}"),
    }
    let alone = expected_information_by_definition(
        &Uniform,
        &[2.0],
        Definition::ScoreProduct,
        Method::Numeric,
    )
    .unwrap();
    assert!((alone.matrix()[(0, 0)] - 0.25).abs() < 1e-12);
    let certificate = certify(&Uniform, &[2.0], Method::Automatic).unwrap();
    assert_eq!(certificate.verdict(), Verdict::Fails);
    assert!(!certificate.support_is_fixed);
    let failed: Vec<&str> = certificate
        .conditions
        .iter()
        .filter(|condition| condition.verdict != Verdict::Holds)
        .map(|condition| condition.statement.as_str())
        .collect();
    assert_eq!(
        failed,
        [
            "E[∂ log f/∂theta] = 0",
            "E[s sᵀ] = −E[∂² log f] at (theta, theta)"
        ]
    );
}

/// Where no rule can reach, the answer is a reason, never a number.
#[test]
fn what_no_double_can_hold_is_refused() {
    use fisherinfo::expectation::{ExpectationError, Method, expected_information};
    use fisherinfo::family::{Exponential, Gamma, Geometric, Model, Poisson};
    let by = |model: &dyn Model, theta: &[f64], method| expected_information(model, theta, method);
    for (model, theta) in [
        (&Geometric as &dyn Model, &[1e-25][..]),
        (&Geometric, &[1e-19]),
        (&Poisson, &[1e18]),
        (&Gamma, &[1e100, 1.0]),
    ] {
        let refused = by(model, theta, Method::Numeric);
        assert!(
            matches!(
                refused,
                Err(ExpectationError::NoNumericRoute { .. } | ExpectationError::Mass { .. })
            ),
            "{model:?} {theta:?}: {refused:?}"
        );
    }
    assert!(matches!(
        by(&Exponential, &[1e200], Method::Automatic),
        Err(ExpectationError::OutOfRange { .. })
    ));
    let draws = 99_999_999_999_999_999;
    assert!(matches!(
        by(&Poisson, &[1.0], Method::MonteCarlo { draws, seed: 1 }),
        Err(ExpectationError::Draws { .. })
    ));
    assert!(matches!(
        by(&Poisson, &[1e6], Method::NumericWithin(100)),
        Err(ExpectationError::NoNumericRoute { .. })
    ));
}

/// A gradient that no step along it can follow is an error, not a step of zero.
#[test]
fn a_natural_step_needs_a_direction_that_matters() {
    use fisherinfo::natural_gradient::{Metric, NaturalGradient, StepLength};
    let sum_only = Information::expected(mat![[4.0, 4.0], [4.0, 4.0]], &["a", "b"]).unwrap();
    let rule = NaturalGradient {
        metric: Metric::Dense,
        damping: Damping::Absolute(1.0),
    };
    let step =
        |gradient: [f64; 2]| rule.descent_step(&sum_only, &gradient, StepLength::Divergence(0.1));
    assert!(step([1.0, 1.0]).is_ok());
    assert_eq!(step([0.0, 0.0]).unwrap(), vec![0.0, 0.0]);
    assert!(matches!(
        step([1.0, -1.0]),
        Err(InformationError::Singular { .. })
    ));
}
