//! Least squares where products of the columns lose all digits, and where variances grow.
// Figures as their sources print them.
#![allow(clippy::excessive_precision)]

use crate::common::assert_close;
use crate::common::data;
use fisherinfo::coordinates::link::Link;
use fisherinfo_table::glm::{Family, Fit, Heteroscedasticity, Regression};

fn regression(name: &str, formula: &str) -> Regression {
    let design = data(name, formula);
    Regression::new(
        &design.response.values,
        &design.columns,
        &design.terms,
        Some(0),
    )
    .unwrap()
}

/// NIST StRD, Filip: a polynomial of degree ten, condition 1.8·10¹⁵.
///
/// Powers rounded to double precision already move the estimates, solved for in rational arithmetic,
/// by 2.5·10⁻⁸ of themselves from the certified ones. So the tolerance is 10⁻⁷, not that of the
/// digits certified.
#[test]
fn filippelli_polynomial() {
    let powers: Vec<String> = (2..=10).map(|k| format!("I(x**{k})")).collect();
    let regression = regression("filip", &format!("y ~ x + {}", powers.join(" + ")));
    let fit = regression.fit(Family::Gaussian, Link::Identity).unwrap();
    let beta = [
        -1467.48961422980,
        -2772.17959193342,
        -2316.37108160893,
        -1127.97394098372,
        -354.478233703349,
        -75.1242017393757,
        -10.8753180355343,
        -1.06221498588947,
        -0.670191154593408E-01,
        -0.246781078275479E-02,
        -0.402962525080404E-04,
    ];
    assert_close(fit.coefficients(), &beta, 1e-7);
    let deviations = [
        298.084530995537,
        559.779865474950,
        466.477572127796,
        227.204274477751,
        71.6478660875927,
        15.2897178747400,
        2.23691159816033,
        0.221624321934227,
        0.142363763154724E-01,
        0.535617408889821E-03,
        0.896632837373868E-05,
    ];
    assert_close(&fit.standard_errors().expected, &deviations, 1e-7);
    assert_close(&[fit.dispersion().sqrt()], &[0.00334801051324544], 1e-8);
    // Of rounded powers exactly: what is left is the solver's own, as much as the rounding's.
    let rounded = [
        -1467.48964065752,
        -2772.17964284023,
        -2316.37112510511,
        -1127.97396269317,
        -354.478240713521,
        -75.1242032698854,
        -10.8753182643888,
        -1.06221500903778,
        -0.0670191169755987,
        -0.00246781084085182,
        -4.02962534972228e-05,
    ];
    assert_close(fit.coefficients(), &rounded, 5e-8);
}

/// Engel's households. Koenker & Bassett (1982) and quantreg print 147.4754 and 0.4852; all digits
/// of least squares are those of R's `lm` with `vcovHC` of sandwich. R's `glm`, which stops by the
/// deviance, leaves the gamma's at ten digits: those here are Newton's with 50 decimal places.
#[test]
fn engel_food_expenditure() {
    let regression = regression("engel", "foodexp ~ income");
    let fit = regression.fit(Family::Gaussian, Link::Identity).unwrap();
    assert_close(
        fit.coefficients(),
        &[147.475388523705334, 0.485178423676923],
        1e-12,
    );
    let errors = fit.standard_errors();
    assert_close(
        &errors.expected,
        &[15.9570780915460571, 0.0143663816630762],
        1e-12,
    );
    assert_close(&[fit.dispersion().sqrt()], &[114.107933565636], 1e-12);
    let robust = |fit: &Fit<'_>, kind| fit.heteroscedasticity_consistent(kind).unwrap();
    for (kind, expected) in [
        (
            Heteroscedasticity::Hc0,
            [46.4488344893829392, 0.0517724124726344],
        ),
        (
            Heteroscedasticity::Hc1,
            [46.6477597442751133, 0.0519941368810231],
        ),
        (
            Heteroscedasticity::Hc2,
            [52.6624449600681857, 0.0584904544719165],
        ),
        (
            Heteroscedasticity::Hc3,
            [59.9552742089097919, 0.0663895463544638],
        ),
    ] {
        assert_close(&robust(&fit, kind).standard_errors(), &expected, 1e-11);
    }

    let fit = regression.fit(Family::Gamma, Link::Log).unwrap();
    assert_close(
        fit.coefficients(),
        &[5.66683984596802103, 0.000717898567085086229],
        1e-11,
    );
    assert_close(
        &fit.standard_errors().expected,
        &[0.0249324409598234576, 2.24470269911571957e-05],
        1e-11,
    );
    assert_close(&[fit.deviance()], &[8.81520313164293405], 1e-12);
}
