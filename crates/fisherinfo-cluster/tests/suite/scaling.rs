//! How long a fit takes on one, two and four executors. Ignored unless asked for:
//! `cargo test -p fisherinfo-cluster --test suite -- --ignored --nocapture scaling`.

use crate::processes::{Executor, Scheduler};
use crate::table::{POISSON, ROWS, files, poisson_here};
use fisherinfo_cluster::Cluster;
use fisherinfo_table::distributed::{PartialSums, Request, Workers};
use fisherinfo_table::glm::RowsError;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// A cluster that counts.
#[derive(Debug)]
struct Counted {
    cluster: Cluster,
    passes: AtomicUsize,
    /// Bytes of the last request and of its sums, and its partitions.
    last: Mutex<(usize, usize, usize)>,
}

impl Workers for Counted {
    fn sum(&self, pass: &str, request: &Request) -> Result<PartialSums, RowsError> {
        self.passes.fetch_add(1, Ordering::Relaxed);
        let sums = self.cluster.sum(pass, request)?;
        *self.last.lock().unwrap() = (
            request.encode().len(),
            sums.encode().len(),
            request.partitions(),
        );
        Ok(sums)
    }
}

#[test]
#[ignore = "it measures, and takes a machine that does nothing else"]
fn scaling() {
    let begun = Instant::now();
    let here = POISSON.here(files()).unwrap();
    println!(
        "one machine, every thread: {:.1} s",
        begun.elapsed().as_secs_f64()
    );
    assert_eq!(here, poisson_here());
    for count in [1, 2, 4] {
        let scheduler = Scheduler::start();
        let _executors: Vec<Executor> = (0..count).map(|_| Executor::start(&scheduler)).collect();
        let workers = Arc::new(Counted {
            cluster: Cluster::connect(&scheduler.address()).unwrap(),
            passes: AtomicUsize::new(0),
            last: Mutex::new((0, 0, 0)),
        });
        let begun = Instant::now();
        assert_eq!(POISSON.there(files(), workers.clone()).unwrap(), here);
        let seconds = begun.elapsed().as_secs_f64();
        let passes = workers.passes.load(Ordering::Relaxed);
        let (request, sums, partitions) = *workers.last.lock().unwrap();
        println!(
            "{count} executors: {seconds:.1} s, {passes} passes of {partitions} partitions, {:.2} million \
             rows/s, request {request} bytes, sums {sums} bytes",
            1e-6 * (ROWS * passes) as f64 / seconds
        );
    }
}
