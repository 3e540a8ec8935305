//! Runs of exercises for many readers at once.
//!
//! Solutions are run on as many threads as there are workers. A run that waits for its turn is
//! shared by everyone who has asked for the same exercise with the same inputs since: each of them
//! still sees a run that began after they pressed the button, and a class that presses it together
//! costs one run and not two hundred.

use fisherinfo_notebook::run::{Event, Request, Stop, run};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Semaphore, watch};

/// What happened in the run of one exercise, without the summary.
pub(crate) type Story = Arc<Vec<Event>>;

/// An exercise with its inputs, bit by bit.
type Key = (u8, Vec<u64>);

type Told = watch::Receiver<Option<Story>>;

/// The queue of runs.
#[derive(Clone)]
pub(crate) struct Runs {
    workers: Arc<Semaphore>,
    waiting: Arc<Mutex<HashMap<Key, Told>>>,
}

impl Runs {
    /// On so many threads.
    pub(crate) fn new(workers: usize) -> Self {
        Self {
            workers: Arc::new(Semaphore::new(workers.max(1))),
            waiting: Arc::default(),
        }
    }

    /// Runs one exercise, in its turn. Whoever drops the future stops waiting; a run that nobody
    /// waits for any more is not begun.
    pub(crate) async fn run(&self, request: Request) -> Option<Story> {
        let mut told = self.enqueue(request);
        let story = told.wait_for(Option::is_some).await.ok()?;
        story.clone()
    }

    /// Does other work in the same turns: gradings and figures.
    pub(crate) async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let permit = self.workers.clone().acquire_owned().await.ok()?;
        tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work()
        })
        .await
        .ok()
    }

    fn enqueue(&self, request: Request) -> Told {
        let key = (
            request.exercise.number,
            request
                .inputs
                .iter()
                .map(|(_, value)| value.to_bits())
                .collect(),
        );
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(told) = waiting.get(&key) {
            return told.clone();
        }
        let (tell, told) = watch::channel(None);
        waiting.insert(key.clone(), told.clone());
        drop(waiting);
        let runs = self.clone();
        tokio::spawn(async move {
            let Ok(permit) = runs.workers.clone().acquire_owned().await else {
                return;
            };
            // From here on it has begun, and who asks now gets another.
            let kept = runs.forget(&key);
            drop(kept);
            if tell.receiver_count() == 0 {
                return;
            }
            let story = tokio::task::spawn_blocking(move || {
                let _permit = permit;
                told_of(&request)
            });
            if let Ok(story) = story.await {
                let _ = tell.send(Some(story));
            }
        });
        told
    }

    fn forget(&self, key: &Key) -> Option<Told> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.remove(key)
    }
}

fn told_of(request: &Request) -> Story {
    let mut story = Vec::new();
    run(std::slice::from_ref(request), &Stop::new(), |event| {
        if !matches!(event, Event::Summary(_)) {
            story.push(event);
        }
    });
    Arc::new(story)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::Runs;
    use fisherinfo_notebook::course::course;
    use fisherinfo_notebook::run::{Event, Request};
    use std::sync::Arc;

    fn request(p: f64) -> Request {
        Request::new(course(), 1, &[("p", p)]).unwrap()
    }

    #[tokio::test]
    async fn those_who_wait_share_a_run_and_later_ones_do_not() {
        let runs = Runs::new(1);
        let busy = runs.workers.clone().acquire_owned().await.unwrap();
        let both = [runs.clone(), runs.clone()]
            .map(|runs| tokio::spawn(async move { runs.run(request(0.25)).await.unwrap() }));
        let other = {
            let runs = runs.clone();
            tokio::spawn(async move { runs.run(request(0.5)).await.unwrap() })
        };
        // Until all three wait.
        while runs.waiting.lock().unwrap().len() < 2 {
            tokio::task::yield_now().await;
        }
        tokio::task::yield_now().await;
        drop(busy);
        let [first, second] = both;
        let (first, second, other) = (
            first.await.unwrap(),
            second.await.unwrap(),
            other.await.unwrap(),
        );
        assert!(Arc::ptr_eq(&first, &second));
        assert!(!Arc::ptr_eq(&first, &other));
        let again = runs.run(request(0.25)).await.unwrap();
        assert!(!Arc::ptr_eq(&first, &again));
        let inputs = other.iter().find_map(|event| match event {
            Event::Started { inputs, .. } => Some(inputs.number("p").unwrap()),
            _ => None,
        });
        assert_eq!(inputs, Some(0.5));
    }

    #[tokio::test]
    async fn a_run_that_nobody_waits_for_is_not_begun() {
        let runs = Runs::new(1);
        let busy = runs.workers.clone().acquire_owned().await.unwrap();
        let asked = tokio::spawn({
            let runs = runs.clone();
            async move { runs.run(request(0.25)).await }
        });
        while runs.waiting.lock().unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
        asked.abort();
        let _ = asked.await;
        drop(busy);
        // The worker is free again at once, and what is asked next is run.
        assert!(runs.run(request(0.3)).await.is_some());
        assert!(runs.waiting.lock().unwrap().is_empty());
    }
}
