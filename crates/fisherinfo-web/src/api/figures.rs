//! Figures, with the inputs of the moment: all of an exercise for the page, or one as a file.

use super::{ending, inputs, refused};
use crate::app::App;
use crate::page::{WIDTH, block, chart, dragged, figures};
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use fisherinfo_notebook::run::Request;
use maud::html;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

type Questions = Query<BTreeMap<String, String>>;

/// The figures of an exercise as HTML, and the inputs that they show.
///
/// With `drag`, `x` and `y` in the query a point of a figure is moved first, and the inputs follow.
/// `width` is how many pixels wide their place is.
pub(crate) async fn all(
    State(app): State<Arc<App>>,
    Path(exercise): Path<u8>,
    Query(mut query): Questions,
) -> Response {
    let width = query.remove("width").and_then(|text| text.parse().ok());
    let width = width
        .filter(|width: &f64| width.is_finite())
        .unwrap_or(WIDTH);
    let request = match request(exercise, query) {
        Ok(request) => request,
        Err(message) => return refused(StatusCode::UNPROCESSABLE_ENTITY, message),
    };
    match app.runs.work(move || drawn(&request, width)).await {
        Some(Ok(answer)) => Json(answer).into_response(),
        Some(Err(message)) => refused(StatusCode::UNPROCESSABLE_ENTITY, message),
        None => ending(),
    }
}

/// One figure as SVG, PNG or CSV.
pub(crate) async fn file(
    State(app): State<Arc<App>>,
    Path((exercise, file)): Path<(u8, String)>,
    Query(query): Questions,
) -> Response {
    let request = match request(exercise, query) {
        Ok(request) => request,
        Err(message) => return refused(StatusCode::UNPROCESSABLE_ENTITY, message),
    };
    match app.runs.work(move || written(&request, &file)).await {
        Some(Ok((kind, bytes))) => ([(header::CONTENT_TYPE, kind)], bytes).into_response(),
        Some(Err((status, message))) => refused(status, message),
        None => ending(),
    }
}

fn request(exercise: u8, mut query: BTreeMap<String, String>) -> Result<Request, String> {
    let drag = query.remove("drag");
    let number = |name: &str, text: String| {
        text.parse::<f64>()
            .map_err(|_| format!("{name} is not a number"))
    };
    let mut place = |name: &str| {
        let text = query.remove(name).unwrap_or_default();
        number(name, text)
    };
    let drag = match drag {
        Some(handle) => Some((handle, place("x")?, place("y")?)),
        None => None,
    };
    let values = query
        .into_iter()
        .map(|(name, text)| Ok((number(&name, text)?, name)))
        .map(|pair| pair.map(|(value, name)| (name, value)))
        .collect::<Result<BTreeMap<_, _>, String>>()?;
    let request = inputs::request(exercise, &values).map_err(|error| error.to_string())?;
    match drag {
        None => Ok(request),
        Some((handle, x, y)) => dragged(&request, &handle, x, y)
            .ok_or_else(|| format!("«{handle}» cannot be moved there")),
    }
}

fn drawn(request: &Request, width: f64) -> Result<Value, String> {
    let figures = figures(request)?;
    let inputs: Map<String, Value> = request
        .inputs
        .iter()
        .map(|(input, value)| (input.name.to_owned(), value.into()))
        .collect();
    let markup = html! { @for figure in &figures { (block(request, figure, width)) } };
    Ok(json!({ "inputs": inputs, "figures": markup.into_string() }))
}

fn written(request: &Request, file: &str) -> Result<(&'static str, Vec<u8>), (StatusCode, String)> {
    let failed = |message: String| (StatusCode::UNPROCESSABLE_ENTITY, message);
    let missing = || {
        let message = format!(
            "There is no file «{file}» of exercise {}.",
            request.exercise.number
        );
        (StatusCode::NOT_FOUND, message)
    };
    let (name, kind) = file.rsplit_once('.').ok_or_else(missing)?;
    let figures = figures(request).map_err(failed)?;
    let figure = figures
        .iter()
        .find(|figure| figure.name == name)
        .ok_or_else(missing)?;
    let mut chart = chart(request, figure);
    // A file cannot be dragged.
    chart.handles.clear();
    let drawing = |error: fisherinfo_plot::PlotError| failed(error.to_string());
    match kind {
        "svg" => Ok((
            "image/svg+xml",
            chart.svg_document().map_err(drawing)?.into_bytes(),
        )),
        "png" => Ok(("image/png", chart.png(2.0).map_err(drawing)?)),
        "csv" => Ok(("text/csv; charset=utf-8", chart.csv().into_bytes())),
        _ => Err(missing()),
    }
}
