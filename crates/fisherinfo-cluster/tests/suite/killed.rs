//! Processes that are killed in the middle of a pass.

use crate::processes::{Executor, Scheduler};
use crate::table::{POISSON, files, poisson_here};
use fisherinfo_cluster::Cluster;
use fisherinfo_table::distributed::{PartialSums, Request, Workers};
use fisherinfo_table::glm::{GlmError, RowsError};
use std::fmt;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

/// The pass that is interrupted, an iteration of scoring: levels, scales and products come before.
const INTERRUPTED: usize = 5;

/// The processes of a cluster.
struct Processes {
    scheduler: Scheduler,
    executors: Vec<Executor>,
}

impl Processes {
    fn start() -> Self {
        let scheduler = Scheduler::start();
        let executors = (0..2).map(|_| Executor::start(&scheduler)).collect();
        Self {
            scheduler,
            executors,
        }
    }

    fn done(&self) -> Vec<PathBuf> {
        self.executors.iter().flat_map(Executor::done).collect()
    }
}

/// What is killed, told which of the executors has something done.
type Kill = fn(&mut Processes, usize);

/// A cluster in one of whose passes something is killed, as soon as a part of it is done.
struct Interrupted {
    cluster: Cluster,
    processes: Arc<Mutex<Processes>>,
    kill: Kill,
    passes: AtomicUsize,
    /// How many parts were done then, and of how many.
    killed: Mutex<Option<(usize, usize)>>,
}

impl fmt::Debug for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Interrupted")
    }
}

impl Interrupted {
    fn kill_in_the_middle(&self, before: &[PathBuf], partitions: usize) {
        let mut processes = self
            .processes
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let is_new =
            |executor: &Executor| executor.done().iter().any(|file| !before.contains(file));
        let busy = loop {
            if let Some(busy) = processes.executors.iter().position(is_new) {
                break busy;
            }
            std::thread::sleep(Duration::from_millis(1));
        };
        (self.kill)(&mut processes, busy);
        let done = processes
            .done()
            .into_iter()
            .filter(|file| !before.contains(file));
        *self.killed.lock().unwrap() = Some((done.count(), partitions));
    }
}

impl Workers for Interrupted {
    fn sum(&self, pass: &str, request: &Request) -> Result<PartialSums, RowsError> {
        if self.passes.fetch_add(1, Ordering::Relaxed) != INTERRUPTED {
            return self.cluster.sum(pass, request);
        }
        let before = self.processes.lock().unwrap().done();
        std::thread::scope(|scope| {
            scope.spawn(|| self.kill_in_the_middle(&before, request.partitions()));
            self.cluster.sum(pass, request)
        })
    }
}

/// The fit, in whose middle something is killed.
fn fit(processes: Processes, patience: Duration, kill: Kill) -> Result<Vec<u64>, String> {
    let cluster = Cluster::connect_within(&processes.scheduler.address(), patience).unwrap();
    let workers = Arc::new(Interrupted {
        cluster,
        processes: Arc::new(Mutex::new(processes)),
        kill,
        passes: AtomicUsize::new(0),
        killed: Mutex::new(None),
    });
    let there = POISSON.there(files(), workers.clone());
    let (done, all) = workers.killed.lock().unwrap().unwrap();
    assert!(done < all, "the pass was over: {done} of {all}");
    there.map_err(|error| error.to_string())
}

#[test]
fn an_executor_killed_in_mid_fit_changes_no_bit() {
    let there = fit(
        Processes::start(),
        Duration::from_secs(120),
        |processes, busy| {
            processes.executors[busy].process.kill();
        },
    );
    assert_eq!(there.unwrap(), poisson_here());
}

#[test]
fn a_scheduler_killed_and_started_again_changes_no_bit() {
    let there = fit(
        Processes::start(),
        Duration::from_secs(120),
        |processes, _| {
            processes.scheduler.process.kill();
            processes.scheduler.again();
        },
    );
    assert_eq!(there.unwrap(), poisson_here());
}

#[test]
fn a_scheduler_that_stays_away_is_one_clear_error() {
    let there = fit(
        Processes::start(),
        Duration::from_secs(5),
        |processes, _| {
            processes.scheduler.process.kill();
        },
    );
    let said = there.unwrap_err();
    assert!(
        said.starts_with("no scheduler answers at df://127.0.0.1:"),
        "{said}"
    );
    assert!(said.contains("fisher cluster scheduler"), "{said}");
}

/// Whether the fit of the test below is to end.
static ENDED: AtomicBool = AtomicBool::new(false);

/// The pass is not waited for, and what was not begun of it is not done.
#[test]
fn a_fit_that_is_ended_ends_in_mid_pass() {
    let processes = Processes::start();
    let address = processes.scheduler.address();
    let cluster = Cluster::connect_within(&address, Duration::from_secs(120)).unwrap();
    let processes = Arc::new(Mutex::new(processes));
    let workers = Arc::new(Interrupted {
        cluster: cluster.ended_when(|| ENDED.load(Ordering::Relaxed)),
        processes: Arc::clone(&processes),
        kill: |_, _| ENDED.store(true, Ordering::Relaxed),
        passes: AtomicUsize::new(0),
        killed: Mutex::new(None),
    });
    let said = POISSON.there(files(), workers.clone()).unwrap_err();
    let interrupted = matches!(said.downcast_ref(), Some(GlmError::Interrupted));
    assert!(interrupted, "{said}");
    let (done, all) = workers.killed.lock().unwrap().unwrap();
    assert!(done < all, "the pass was over: {done} of {all}");
    // The executors are free for another fit.
    ENDED.store(false, Ordering::Relaxed);
    std::thread::sleep(Duration::from_secs(3));
    let there = processes.lock().unwrap().done().len();
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(processes.lock().unwrap().done().len(), there);
    let cluster = Arc::new(Cluster::connect_within(&address, Duration::from_secs(60)).unwrap());
    assert_eq!(POISSON.there(files(), cluster).unwrap(), poisson_here());
}
