//! One exercise: the problem, what is asked, hints, the solution, and its figures.

use super::figure;
use crate::render::code::highlighted;
use crate::render::markdown::{inline, markdown};
use crate::render::math::{Place, typeset};
use fisherinfo_notebook::exercise::{Answer, AnswerKind, Exercise};
use fisherinfo_notebook::solution::{Input, InputKind, plain};
use maud::{Markup, html};

pub(super) fn render(exercise: &'static Exercise) -> Markup {
    let number = exercise.number;
    let title_id = format!("title-{number}");
    html! {
        article.exercise id=(exercise.slug) data-exercise=(number) aria-labelledby=(title_id) {
            header {
                p.small {
                    (exercise.part.title()) " · " (exercise.topic) " · "
                    "difficulty " (exercise.stars) " of 3"
                }
                h2 id=(title_id) { "Exercise " (number) ": " (exercise.title) }
            }
            div.problem { (markdown(exercise.problem)) }
            section aria-label={ "Your solution of exercise " (number) } {
                h3 { "Your solution" }
                @for answer in exercise.answers { (answer_form(answer)) }
            }
            @if !exercise.hints.is_empty() { (hints(exercise)) }
            details.solution data-solution=(number) {
                summary { "Show solution" }
                p { "This Rust code runs when you press «Run», with the inputs below." }
                (highlighted(exercise.solution.source, "rust"))
                details {
                    summary { "How its results are checked" }
                    (highlighted(exercise.solution.checks_source, "rust"))
                }
                div.takeaway { h4 { "Takeaway" } (markdown(exercise.takeaway)) }
            }
            section.experiment aria-label={ "Run and figures of exercise " (number) } {
                h3 { "Try it" }
                (inputs(exercise))
                div.row {
                    button type="button" data-run=(number) { "Run exercise " (number) }
                    button type="button" data-inputs-reset=(number) { "Reset inputs" }
                }
                p.notice data-inputs-error=(number) role="status" hidden {}
                div.results data-results=(number) aria-live="polite" {}
                div.figures data-figures=(number) { (figure::initial(exercise)) }
            }
        }
    }
}

fn inputs(exercise: &Exercise) -> Markup {
    html! {
        div.inputs data-inputs=(exercise.number) {
            @for input in exercise.inputs { (input_field(exercise.number, input)) }
        }
    }
}

fn input_field(exercise: u8, input: &Input) -> Markup {
    let id = format!("input-{exercise}-{}", input.name);
    let slider = format!("{id}-slider");
    let (least, most) = input.range;
    let step = match input.kind {
        InputKind::Count => 1.0,
        InputKind::Real => 10_f64.powi(((most - least) / 200.0).log10().floor() as i32),
    };
    html! {
        div.input {
            label for=(id) {
                @if input.symbol.is_empty() { (input.name) } @else { (typeset(input.symbol, Place::Inline)) }
                span.small { ", " (input.description) }
            }
            div.row {
                input type="range" id=(slider) aria-label={ (input.name) ", " (input.description) }
                    min=(least) max=(most) step=(step) value=(input.default) data-slider-of=(id);
                input type="number" id=(id) name=(input.name) min=(least) max=(most) step="any"
                    value=(input.default) data-default=(input.default) data-kind=(match input.kind {
                        InputKind::Count => "count",
                        InputKind::Real => "real",
                    }) title={ "from " (plain(least)) " to " (plain(most)) };
            }
        }
    }
}

fn answer_form(answer: &Answer) -> Markup {
    let name = answer.to_string();
    let field = format!("answer-{name}");
    let described = format!("form-{name} echo-{name} verdict-{name}");
    html! {
        form.answer data-answer=(name) autocomplete="off" {
            @match answer.kind {
                AnswerKind::Choice { options, .. } => {
                    fieldset aria-describedby={ "verdict-" (name) } {
                        legend { (name) ". " (inline(answer.prompt)) }
                        @for (index, option) in options.iter().enumerate() {
                            label.option {
                                input type="radio" name=(field) value=(index + 1);
                                span { (inline(option)) }
                            }
                        }
                    }
                }
                AnswerKind::Formula { variables, .. } => {
                    label for=(field) { (name) ". " (inline(answer.prompt)) }
                    p.small id={ "form-" (name) } {
                        @if variables.is_empty() { "Numbers only." } @else {
                            "You may use "
                            @for (index, variable) in variables.iter().enumerate() {
                                @if index > 0 { "; " }
                                code { (variable.name) } ", " (inline(variable.meaning))
                            }
                            "."
                        }
                    }
                    textarea.formula id=(field) name=(field) rows="1" spellcheck="false" autocapitalize="off"
                        autocorrect="off" aria-describedby=(described) {}
                }
                AnswerKind::Number => {
                    label for=(field) { (name) ". " (inline(answer.prompt)) }
                    p.small id={ "form-" (name) } { "A number, or a formula for it." }
                    textarea.formula id=(field) name=(field) rows="1" spellcheck="false" autocapitalize="off"
                        autocorrect="off" aria-describedby=(described) {}
                }
            }
            @if !matches!(answer.kind, AnswerKind::Choice { .. }) {
                div.echo id={ "echo-" (name) } tabindex="0" role="group" aria-label={ "Answer " (name) ", typeset" } {}
            }
            div.row {
                button type="submit" { "Check " (name) }
                button.quiet type="reset" { "Reset " (name) }
            }
            p.verdict id={ "verdict-" (name) } role="status" {}
        }
    }
}

fn hints(exercise: &Exercise) -> Markup {
    let count = exercise.hints.len();
    html! {
        section.hints data-hints=(exercise.number) aria-label={ "Hints for exercise " (exercise.number) } {
            @for (index, hint) in exercise.hints.iter().enumerate() {
                details data-hint=(index + 1) {
                    summary { "Hint " (index + 1) " of " (count) }
                    (markdown(hint))
                }
            }
        }
    }
}
