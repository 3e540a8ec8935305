//! A run as a stream of server-sent events: the solutions in order, and after each the answers
//! that the learner has given to its questions.

use super::answers::{LONGEST, graded};
use super::{inputs, refused};
use crate::app::App;
use crate::render::markdown::inline;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::sse::{Event as Sent, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use fisherinfo_notebook::course::course;
use fisherinfo_notebook::run::{Event, Request, json::object, text::lines};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;
use tokio::sync::{mpsc, oneshot};
use tokio_stream::wrappers::ReceiverStream;

/// What is to be run.
#[derive(Deserialize)]
pub(crate) struct Asked {
    exercises: Vec<AskedExercise>,
}

#[derive(Deserialize)]
struct AskedExercise {
    number: u8,
    #[serde(default)]
    inputs: BTreeMap<String, f64>,
    /// By name: `1a`.
    #[serde(default)]
    answers: BTreeMap<String, String>,
}

/// The runs in progress, by number, so that they can be stopped.
#[derive(Default)]
pub(crate) struct Stops {
    next: AtomicU64,
    running: Mutex<HashMap<u64, oneshot::Sender<()>>>,
}

impl Stops {
    fn begin(&self) -> (u64, oneshot::Receiver<()>) {
        let number = self.next.fetch_add(1, Ordering::Relaxed) + 1;
        let (stop, stopped) = oneshot::channel();
        self.lock().insert(number, stop);
        (number, stopped)
    }

    fn end(&self, number: u64) -> Option<oneshot::Sender<()>> {
        self.lock().remove(&number)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<u64, oneshot::Sender<()>>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One exercise, made sure of before anything runs.
struct Cell {
    request: Request,
    answers: Vec<(&'static fisherinfo_notebook::exercise::Answer, String)>,
}

/// Begins a run and streams what happens.
pub(crate) async fn start(State(app): State<Arc<App>>, Json(asked): Json<Asked>) -> Response {
    let cells = match cells(asked) {
        Ok(cells) => cells,
        Err(message) => return refused(StatusCode::UNPROCESSABLE_ENTITY, message),
    };
    let (send, receive) = mpsc::channel(64);
    tokio::spawn(async move {
        let (number, stopped) = app.stops.begin();
        tell(&app, cells, number, stopped, &send).await;
        app.stops.end(number);
    });
    Sse::new(ReceiverStream::new(receive))
        .keep_alive(KeepAlive::default())
        .into_response()
}

/// Stops a run: what has ended stays, and its summary comes at once.
pub(crate) async fn stop(State(app): State<Arc<App>>, Path(number): Path<u64>) -> StatusCode {
    match app.stops.end(number) {
        Some(stop) => {
            // It may have ended by itself in between.
            let _ = stop.send(());
            StatusCode::NO_CONTENT
        }
        None => StatusCode::NOT_FOUND,
    }
}

fn cells(asked: Asked) -> Result<Vec<Cell>, String> {
    if asked.exercises.is_empty() || asked.exercises.len() > course().exercises().count() {
        return Err("Name between one and ten exercises.".into());
    }
    asked
        .exercises
        .into_iter()
        .map(|asked| {
            let request =
                inputs::request(asked.number, &asked.inputs).map_err(|e| e.to_string())?;
            let answers = asked
                .answers
                .into_iter()
                .map(|(name, text)| {
                    let answer = course().answer(&name).map_err(|error| error.to_string())?;
                    if answer.exercise != asked.number {
                        return Err(format!("{name} is no answer of exercise {}.", asked.number));
                    }
                    if text.len() > LONGEST {
                        return Err(format!("Answer {name} may have {LONGEST} bytes at most."));
                    }
                    Ok((answer, text))
                })
                .collect::<Result<_, String>>()?;
            Ok(Cell { request, answers })
        })
        .collect()
}

/// The reader has gone.
struct Gone;

type Channel = mpsc::Sender<Result<Sent, Infallible>>;

async fn send(channel: &Channel, event: &Value) -> Result<(), Gone> {
    let sent = Sent::default().data(event.to_string());
    channel.send(Ok(sent)).await.map_err(|_| Gone)
}

#[derive(Default)]
struct Count {
    passed: usize,
    failed: usize,
    exercises: usize,
    right: usize,
    answers: usize,
}

/// The whole run; ends early when it is stopped or nobody reads any more.
async fn tell(
    app: &App,
    cells: Vec<Cell>,
    number: u64,
    mut stopped: oneshot::Receiver<()>,
    channel: &Channel,
) {
    let began = Instant::now();
    let mut count = Count::default();
    let begun = json!({ "event": "run", "run": number, "exercises": cells.len() });
    if send(channel, &begun).await.is_err() {
        return;
    }
    let mut was_stopped = false;
    for cell in cells {
        let told = tokio::select! {
            // A run that is stopped while a cell is at work does not wait for it.
            biased;
            _ = &mut stopped => { was_stopped = true; break }
            () = channel.closed() => return,
            told = tell_cell(app, cell, channel, &mut count) => told,
        };
        if told.is_err() {
            return;
        }
    }
    let summary = json!({
        "event": "summary",
        "passed": count.passed,
        "failed": count.failed,
        "exercises": count.exercises,
        "right": count.right,
        "answers": count.answers,
        "stopped": was_stopped,
        "seconds": began.elapsed().as_secs_f64(),
    });
    let _ = send(channel, &summary).await;
}

async fn tell_cell(
    app: &App,
    cell: Cell,
    channel: &Channel,
    count: &mut Count,
) -> Result<(), Gone> {
    let exercise = cell.request.exercise;
    send(
        channel,
        &json!({ "event": "waiting", "exercise": exercise.number }),
    )
    .await?;
    let Some(story) = app.runs.run(cell.request).await else {
        return Err(Gone);
    };
    for event in story.iter() {
        match event {
            Event::Finished { passed, failed, .. } => {
                count.passed += passed;
                count.failed += failed;
            }
            Event::Takeaway { .. } => continue,
            _ => {}
        }
        let mut object = object(event);
        object["text"] = lines(event).trim_end().into();
        if let Event::FigureOfMerit { finding, .. } = event {
            object["shown"] = finding.value.to_string().into();
            object["meaning"] = inline(finding.meaning).into_string().into();
        }
        if !matches!(event, Event::Finished { .. }) {
            send(channel, &object).await?;
        }
    }
    for (answer, text) in cell.answers {
        let Some(mut verdict) = app.runs.work(move || graded(answer, &text)).await else {
            return Err(Gone);
        };
        count.answers += 1;
        count.right += usize::from(verdict["right"] == true);
        verdict["event"] = "answer".into();
        verdict["exercise"] = exercise.number.into();
        send(channel, &verdict).await?;
    }
    count.exercises += 1;
    send(
        channel,
        &json!({ "event": "finished", "exercise": exercise.number }),
    )
    .await
}
