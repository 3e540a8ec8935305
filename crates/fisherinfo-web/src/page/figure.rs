//! The figures of an exercise: drawn here, from the data that its solution gave.

use fisherinfo_notebook::exercise::Exercise;
use fisherinfo_notebook::run::Request;
use fisherinfo_notebook::solution::{Figure, Inputs};
use fisherinfo_plot::chart::{Chart, Handle};
use maud::{Markup, PreEscaped, html};

/// The figures of an exercise with its inputs at their defaults.
pub(super) fn initial(exercise: &'static Exercise) -> Markup {
    let request = Request {
        exercise,
        inputs: exercise.inputs(),
    };
    match figures(&request) {
        Ok(figures) => html! { @for figure in &figures { (block(&request, figure, WIDTH)) } },
        Err(message) => html! { p.notice { (message) } },
    }
}

/// The data of the figures of an exercise.
pub(crate) fn figures(request: &Request) -> Result<Vec<Figure>, String> {
    let findings = request
        .exercise
        .solve(&request.inputs)
        .map_err(|error| error.to_string())?;
    request
        .exercise
        .figures(&request.inputs, &findings)
        .map_err(|error| error.to_string())
}

/// A figure as it can be drawn.
pub(crate) fn chart(request: &Request, figure: &Figure) -> Chart {
    let mut chart = Chart::from(figure);
    if is_draggable(request.exercise.number, figure.name) {
        chart.handles = covariance_handles(&request.inputs);
        // The same axes at every covariance, so that nothing moves but what is moved.
        let most = 1.06 * 10_f64.sqrt();
        chart.x_limits = Some((-most, most));
        chart.y_limits = Some((-most, most));
    }
    chart
}

/// The width of a figure in a page, in pixels, until the page says how much room it has.
pub(crate) const WIDTH: f64 = 640.0;

/// A figure with its text, its numbers and its files, for a place so many pixels wide: letters keep
/// their size, and a phone gets fewer ticks.
pub(crate) fn block(request: &Request, figure: &Figure, width: f64) -> Markup {
    let number = request.exercise.number;
    let chart = Chart {
        width: width.clamp(280.0, 960.0),
        ..chart(request, figure)
    };
    let query: Vec<String> = request
        .inputs
        .iter()
        .filter(|(input, _)| !request.inputs.is_default(input.name))
        .map(|(input, value)| format!("{}={value}", input.name))
        .collect();
    let address = |kind: &str| {
        let question = if query.is_empty() { "" } else { "?" };
        format!(
            "/figures/{number}/{}.{kind}{question}{}",
            figure.name,
            query.join("&")
        )
    };
    let id = format!("figure-{number}-{}", figure.name);
    html! {
        figure.figure id=(id) data-figure=(figure.name) {
            @match chart.svg() {
                Ok(svg) => { (PreEscaped(svg)) }
                Err(error) => { p.notice { (error) } }
            }
            figcaption {
                p { (chart.description().unwrap_or_else(|_| figure.summary.clone())) }
                @if !chart.handles.is_empty() {
                    p.small { "Drag the two points of the ellipse, or move them with the arrow keys." }
                }
                div.row {
                    @for kind in ["svg", "png", "csv"] {
                        a.button.quiet href=(address(kind)) download={ (number) "-" (figure.name) "." (kind) } {
                            span.hidden-label { (figure.title) ": " } (kind.to_uppercase())
                        }
                    }
                }
                details {
                    summary { "Numbers of «" (figure.title) "»" }
                    div.table tabindex="0" role="group" aria-label={ "Numbers of " (figure.title) } {
                        table {
                            thead { tr {
                                th scope="col" { "series" }
                                th scope="col" { (figure.x_label) }
                                th scope="col" { (figure.y_label) }
                            } }
                            tbody { @for row in chart.thinned_rows(24) {
                                tr { td { (row.series) } td { (short(row.x)) } td { (short(row.y)) } }
                            } }
                        }
                    }
                    p.small { "Every row, to all digits, is in the CSV." }
                }
            }
        }
    }
}

/// A number of a table for reading.
fn short(number: f64) -> String {
    let rounded: f64 = format!("{number:.5e}").parse().unwrap_or(number);
    fisherinfo_notebook::solution::plain(rounded)
}

/// Is this the figure in which the covariance of exercise 4 can be moved?
fn is_draggable(exercise: u8, figure: &str) -> bool {
    (exercise, figure) == (4, "uncertainty")
}

/// The rightmost and the topmost point of the ellipse vᵀΣ⁻¹v = 1: Σe₁/√Σ₁₁ and Σe₂/√Σ₂₂.
fn covariance_handles(inputs: &Inputs) -> Vec<Handle> {
    let number = |name: &str| inputs.number(name).unwrap_or(f64::NAN);
    let (s11, s12, s22) = (number("s11"), number("s12"), number("s22"));
    let correlation = s12 / (s11 * s22).sqrt();
    let handle = |name: &str, label: &str, at: (f64, f64), variance: f64| Handle {
        name: name.into(),
        label: label.into(),
        at,
        value: variance,
        range: (0.1, 10.0),
        value_text: format!(
            "variance {}, correlation {}",
            short(variance),
            short((correlation * 1e3).round() / 1e3)
        ),
    };
    vec![
        handle(
            "right",
            "rightmost point of the ellipse",
            (s11.sqrt(), s12 / s11.sqrt()),
            s11,
        ),
        handle(
            "top",
            "topmost point of the ellipse",
            (s12 / s22.sqrt(), s22.sqrt()),
            s22,
        ),
    ]
}

/// The inputs with which a point of the ellipse has been moved to (x, y): the nearest that are in
/// range and go together.
pub(crate) fn dragged(request: &Request, handle: &str, x: f64, y: f64) -> Option<Request> {
    /// How close the correlation may come to ±1.
    const CORRELATION: f64 = 0.98;
    if !(is_draggable(request.exercise.number, "uncertainty") && x.is_finite() && y.is_finite()) {
        return None;
    }
    let name = match handle {
        "right" => "s11",
        "top" => "s22",
        _ => return None,
    };
    let other = if name == "s11" { "s22" } else { "s11" };
    // Along the own axis is the standard deviation, across it the covariance in units of it.
    let (along, across) = if name == "s11" { (x, y) } else { (y, x) };
    let rounded = |value: f64| (value * 1e4).round() / 1e4;
    let variance = rounded((along.max(0.0) * along.max(0.0)).clamp(0.1, 10.0));
    let rest = request.inputs.number(other).ok()?;
    let most = CORRELATION * (variance * rest).sqrt();
    let covariance = rounded(
        (across * variance.sqrt())
            .clamp(-most, most)
            .clamp(-5.0, 5.0),
    );
    let inputs = request
        .inputs
        .clone()
        .with(name, variance)
        .and_then(|inputs| inputs.with("s12", covariance))
        .ok()?;
    request.exercise.admissible(&inputs).ok()?;
    Some(Request {
        exercise: request.exercise,
        inputs,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{chart, covariance_handles, dragged, figures};
    use fisherinfo_notebook::course::course;
    use fisherinfo_notebook::run::Request;

    #[test]
    fn every_figure_is_drawn() {
        for request in Request::all(course()) {
            let drawn = figures(&request).unwrap();
            assert!(!drawn.is_empty());
            for figure in &drawn {
                let chart = chart(&request, figure);
                assert!(chart.svg().unwrap().starts_with("<svg"), "{}", figure.name);
                assert!(!chart.description().unwrap().is_empty());
            }
        }
    }

    #[test]
    fn a_point_that_is_dragged_lands_where_it_is_dropped() {
        let request = Request::new(course(), 4, &[]).unwrap();
        for (index, name, x, y) in [(0, "right", 1.7, -0.3), (1, "top", 0.4, 1.3)] {
            let moved = dragged(&request, name, x, y).unwrap();
            let at = covariance_handles(&moved.inputs)[index].at;
            assert!(
                (at.0 - x).abs() < 1e-3 && (at.1 - y).abs() < 1e-3,
                "{name} {at:?}"
            );
        }
    }

    #[test]
    fn a_point_cannot_be_dragged_out_of_the_covariances() {
        let request = Request::new(course(), 4, &[]).unwrap();
        for (x, y) in [(-3.0, 9.0), (100.0, -100.0), (0.0, 0.0), (1.0, 1e300)] {
            for name in ["right", "top"] {
                let moved = dragged(&request, name, x, y).unwrap();
                assert!(figures(&moved).is_ok(), "{}", moved.inputs);
            }
        }
        assert!(dragged(&request, "left", 1.0, 1.0).is_none());
        assert!(dragged(&request, "right", f64::NAN, 1.0).is_none());
        let coin = Request::new(course(), 1, &[]).unwrap();
        assert!(dragged(&coin, "right", 1.0, 1.0).is_none());
    }
}
