//! Fits on other processes are those of this one, bit by bit.

use crate::processes::{Executor, Scheduler};
use crate::table::{GAMMA, POISSON, files, poisson_here};
use fisherinfo_cluster::{Cluster, InProcess};
use std::num::NonZeroUsize;
use std::sync::Arc;

#[test]
fn two_executors_fit_as_one_machine_does() {
    let scheduler = Scheduler::start();
    let executors = [Executor::start(&scheduler), Executor::start(&scheduler)];
    let cluster = Arc::new(Cluster::connect(&scheduler.address()).unwrap());
    let there = POISSON.there(files(), cluster.clone()).unwrap();
    assert_eq!(there, poisson_here());
    for executor in &executors {
        assert!(!executor.done().is_empty(), "each has had its part");
    }
    let there = GAMMA.there(files(), cluster).unwrap();
    assert_eq!(there, GAMMA.here(files()).unwrap());
}

#[test]
fn datafusion_in_this_process_fits_the_same() {
    let three = InProcess::new(NonZeroUsize::new(3).unwrap()).unwrap();
    assert_eq!(
        POISSON.there(files(), Arc::new(three)).unwrap(),
        poisson_here()
    );
}
