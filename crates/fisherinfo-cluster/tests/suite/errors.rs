//! Errors say what is wrong, and where.

use crate::processes::{Executor, Scheduler};
use crate::table::POISSON;
use ballista_scheduler::cluster::BallistaCluster;
use ballista_scheduler::config::SchedulerConfig;
use ballista_scheduler::scheduler_process::{create_scheduler, start_grpc_service_with_listener};
use datafusion_proto::protobuf::{LogicalPlanNode, PhysicalPlanNode};
use fisherinfo_cluster::{Cluster, ClusterError};
use std::sync::Arc;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(2);

#[test]
fn what_is_wrong_with_rows_is_said_as_on_one_machine() {
    let folder = tempfile::tempdir().unwrap();
    let mut text = String::from("count,x,place\n");
    for row in 0..20_000 {
        let count = if row == 17_000 { -1 } else { row % 7 };
        text += &format!("{count},{},{}\n", row % 11, ["a", "b"][row as usize % 2]);
    }
    let paths = [folder.path().join("rows.csv")];
    std::fs::write(&paths[0], text).unwrap();
    let scheduler = Scheduler::start();
    let _executor = Executor::start(&scheduler);
    let cluster = Arc::new(Cluster::connect(&scheduler.address()).unwrap());
    let said = POISSON.there(&paths, cluster).unwrap_err().to_string();
    assert_eq!(said, POISSON.here(&paths).unwrap_err().to_string());
    assert!(said.contains("-1"), "{said}");
}

#[test]
fn nobody_there() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let error = Cluster::connect_within(&format!("df://127.0.0.1:{port}"), SOON).unwrap_err();
    assert!(matches!(error, ClusterError::NoScheduler { .. }), "{error}");
    let scheduler = Scheduler::start();
    let error = Cluster::connect_within(&scheduler.address(), SOON).unwrap_err();
    assert!(matches!(error, ClusterError::NoExecutor { .. }), "{error}");
    assert!(
        error
            .to_string()
            .contains("fisher cluster executor --scheduler df://127.0.0.1:")
    );
}

/// A scheduler of Ballista's own knows neither passes nor the aggregate.
#[test]
fn another_program() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let listener = runtime
        .block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))
        .unwrap();
    let address = format!("df://{}", listener.local_addr().unwrap());
    runtime.spawn(async {
        let config = SchedulerConfig::default();
        let cluster = BallistaCluster::new_from_config(&config).await.unwrap();
        let server =
            create_scheduler::<LogicalPlanNode, PhysicalPlanNode>(cluster, Arc::new(config)).await;
        start_grpc_service_with_listener(listener, server.unwrap()).await
    });
    let error = Cluster::connect_within(&address, SOON).unwrap_err();
    assert!(
        matches!(error, ClusterError::OtherProgram { .. }),
        "{error}"
    );
    assert!(
        error.to_string().contains("`fisher cluster` of version"),
        "{error}"
    );
}
