//! The figure in words, for those who do not see it.

use super::FitFigure;
use super::ellipses::in_words;
use crate::picture::label::significant;

pub(crate) fn summary(figure: &FitFigure) -> String {
    let mut sentences = vec![
        "Coefficients with 95 % confidence intervals, the estimate ± 1.96 standard errors."
            .to_owned(),
    ];
    for (index, (term, &coefficient)) in figure.terms.iter().zip(&figure.coefficients).enumerate() {
        let errors: Vec<String> = figure
            .standard_errors
            .iter()
            .map(|(kind, errors)| {
                let error = errors.get(index).copied().flatten().unwrap_or(f64::NAN);
                format!("{} ({kind})", significant(error))
            })
            .collect();
        let estimate = significant(coefficient);
        sentences.push(if errors.is_empty() {
            format!("{term}: {estimate}.")
        } else {
            format!("{term}: {estimate}, standard error {}.", errors.join(", "))
        });
    }
    if let Some(ellipses) = &figure.ellipse {
        sentences.push(format!("{}.", in_words(ellipses)));
    }
    sentences.join(" ")
}
