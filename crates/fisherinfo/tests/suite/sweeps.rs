//! Sweeps and ends of parameter spaces, against closed forms.

use fisherinfo::coordinates::Coordinates;
use fisherinfo::family::{
    Bernoulli, Categorical, DensityFormula, Exponential, Gamma, Geometric, Model, Normal, Value,
};
use fisherinfo::sweep::{Axis, Growth, Quantity, Side, View, boundary_behaviour, sweep};

fn view<'a>(
    model: &'a dyn Model,
    coordinates: Option<&'a Coordinates>,
    quantity: Quantity,
) -> View<'a> {
    View {
        model,
        coordinates,
        quantity,
    }
}

fn coordinates(model: &dyn Model, name: &str) -> Coordinates {
    model
        .alternative_coordinates()
        .into_iter()
        .find(|coordinates| coordinates.name() == name)
        .unwrap()
}

/// Powers of the distance toward a finite end, of the parameter toward an infinite one.
#[test]
fn powers_toward_the_ends() {
    let own = Quantity::Entry(0, 0);
    let logit = coordinates(&Bernoulli, "logit");
    let three = Categorical { categories: 3 };
    let (lower, upper) = (Side::Lower, Side::Upper);
    for (view, theta, parameter, side, diverges, power) in [
        (
            view(&Bernoulli, None, own),
            &[0.3][..],
            0,
            lower,
            true,
            -1.0,
        ),
        (view(&Bernoulli, None, own), &[0.3], 0, upper, true, -1.0),
        (
            view(&Bernoulli, Some(&logit), own),
            &[0.3],
            0,
            lower,
            false,
            1.0,
        ),
        (
            view(&Bernoulli, Some(&logit), own),
            &[0.9],
            0,
            upper,
            false,
            1.0,
        ),
        (view(&Geometric, None, own), &[0.5], 0, lower, true, -2.0),
        (view(&Geometric, None, own), &[0.5], 0, upper, true, -1.0),
        (view(&Exponential, None, own), &[70.0], 0, lower, true, -2.0),
        (
            view(&Exponential, None, own),
            &[70.0],
            0,
            upper,
            false,
            -2.0,
        ),
        (view(&Gamma, None, own), &[2.0, 3.0], 0, lower, true, -2.0),
        (view(&Gamma, None, own), &[2.0, 3.0], 0, upper, false, -1.0),
        (
            view(&Gamma, None, Quantity::Entry(1, 1)),
            &[2.0, 3.0],
            0,
            upper,
            true,
            1.0,
        ),
        (
            view(&Normal, None, Quantity::Determinant),
            &[1.0, 2.0],
            1,
            lower,
            true,
            -4.0,
        ),
        // The other probabilities leave 0.7.
        (view(&three, None, own), &[0.2, 0.3], 0, upper, true, -1.0),
    ] {
        let found = boundary_behaviour(&view, theta, parameter, side);
        match found.growth {
            Growth::Diverges { power: read } if diverges => {
                assert!((read - power).abs() < 5e-3, "{found}: {power}");
            }
            Growth::Vanishes { power: read } if !diverges => {
                assert!((read - power).abs() < 5e-3, "{found}: {power}");
            }
            _ => panic!("{found}: {power}"),
        }
    }
    let arcsine = coordinates(&Bernoulli, "arcsine");
    let level = boundary_behaviour(&view(&Bernoulli, Some(&arcsine), own), &[0.3], 0, lower);
    assert!(matches!(level.growth, Growth::Levels { limit } if (limit - 4.0).abs() < 1e-6));
    let far = boundary_behaviour(&view(&Normal, None, own), &[1.0, 2.0], 0, upper);
    assert!(matches!(far.growth, Growth::Levels { limit } if (limit - 0.25).abs() < 1e-12));
    assert_eq!(far.to_string(), "mu → ∞: tends to 0.250000");
}

#[test]
fn extremes_are_refined_between_the_points() {
    // 1/(p²(1 − p)) is least at ⅔, where it is 6.75, and no point of the grid is there.
    let grid: Vec<f64> = (1..8).map(|k| 0.12 * f64::from(k)).collect();
    let swept = sweep(
        &view(&Geometric, None, Quantity::Entry(0, 0)),
        &[0.5],
        Axis::Parameter(0),
        &grid,
    )
    .unwrap();
    assert!((swept.least.point.at - 2.0 / 3.0).abs() < 1e-6);
    assert!((swept.least.point.value - 6.75).abs() < 1e-12 && !swept.least.is_at_end);
    assert!(swept.greatest.is_at_end && swept.greatest.point.at == 0.12);
    assert_eq!(swept.points.len(), 7);

    // In the logit the swept values are logits.
    let logit = coordinates(&Bernoulli, "logit");
    let grid = [-2.0, -0.9, 0.4, 1.7];
    let swept = sweep(
        &view(&Bernoulli, Some(&logit), Quantity::Entry(0, 0)),
        &[0.1],
        Axis::Coordinate(0),
        &grid,
    )
    .unwrap();
    assert!(swept.greatest.point.at.abs() < 1e-6);
    assert!((swept.greatest.point.value - 0.25).abs() < 1e-14);
    assert!((swept.points[0].theta[0] - 1.0 / (1.0 + 2_f64.exp())).abs() < 1e-15);

    let arcsine = coordinates(&Bernoulli, "arcsine");
    let grid: Vec<f64> = (1..20).map(|k| 0.05 * f64::from(k)).collect();
    let constant = view(&Bernoulli, Some(&arcsine), Quantity::Entry(0, 0));
    assert!(
        sweep(&constant, &[0.5], Axis::Parameter(0), &grid)
            .unwrap()
            .is_constant
    );
    let varying = view(&Bernoulli, None, Quantity::Entry(0, 0));
    assert!(
        !sweep(&varying, &[0.5], Axis::Parameter(0), &grid)
            .unwrap()
            .is_constant
    );
    assert!(sweep(&varying, &[0.5], Axis::Parameter(0), &[0.3]).is_err());
    assert!(sweep(&varying, &[0.5], Axis::Parameter(0), &[0.3, 1.5]).is_err());
}

/// The same by quadrature of a typed density: I(p) of a triangle-like family with a minimum inside.
#[test]
fn typed_densities_are_swept_too() {
    let (model, theta) = DensityFormula::parse("log(p) + x*log1p(-p)", "{0,1,...}")
        .unwrap()
        .within("p", 0.0, 1.0)
        .at(&[("p".into(), Value::Number(0.4))])
        .unwrap();
    let view = view(&model, None, Quantity::Entry(0, 0));
    let grid = [0.3, 0.5, 0.6, 0.8, 0.95];
    let swept = sweep(&view, &theta, Axis::Parameter(0), &grid).unwrap();
    assert!((swept.least.point.at - 2.0 / 3.0).abs() < 1e-5);
    let end = boundary_behaviour(&view, &theta, 0, Side::Upper);
    assert!(matches!(end.growth, Growth::Diverges { power } if (power + 1.0).abs() < 5e-3));
}
