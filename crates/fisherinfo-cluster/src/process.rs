//! The processes of a cluster.

use crate::ClusterError;
use crate::client::{Address, LARGEST_MESSAGE};
use crate::codec::{LogicalCodec, PhysicalCodec};
use ballista_core::config::TaskSchedulingPolicy;
use ballista_executor::executor_process::{ExecutorProcessConfig, start_executor_process};
use ballista_scheduler::cluster::BallistaCluster;
use ballista_scheduler::config::SchedulerConfig;
use ballista_scheduler::scheduler_process::{create_scheduler, start_grpc_service_with_listener};
use clap::{Args, Subcommand};
use datafusion_proto::protobuf::{LogicalPlanNode, PhysicalPlanNode};
use std::fmt::Display;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::runtime::Builder;

/// A process of a cluster; it runs until it is ended.
///
/// Whoever reaches its port may use it: there are no passwords, and executors read every file that the
/// user who started them can read. Let it listen on networks only where all are trusted.
#[derive(Clone, Debug, Subcommand)]
pub enum Process {
    /// Shares out the rows of fits among executors
    Scheduler(SchedulerOptions),
    /// Reads rows and adds them up
    Executor(ExecutorOptions),
}

/// What a scheduler is told.
#[derive(Args, Clone, Debug)]
pub struct SchedulerOptions {
    /// The address to listen on; 0.0.0.0 for every network, where whoever reaches the port may use it
    #[arg(long, default_value = "127.0.0.1")]
    pub host: String,
    /// The port to listen on; 0 for any
    #[arg(long, default_value_t = Address::USUAL_PORT)]
    pub port: u16,
    /// The name by which executors and clients reach this machine
    #[arg(long, value_name = "NAME", default_value = "localhost")]
    pub name: String,
    /// After how many silent seconds an executor counts as lost, and what it did is done again; they say
    /// something every 5 seconds at least
    #[arg(long, value_name = "SECONDS", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..))]
    pub executor_timeout: u64,
}

/// What an executor is told.
#[derive(Args, Clone, Debug)]
pub struct ExecutorOptions {
    /// The scheduler
    #[arg(
        long,
        value_name = "df://HOST:PORT",
        default_value = "df://127.0.0.1:50050"
    )]
    pub scheduler: String,
    /// The address to listen on; 0.0.0.0 for every network, where whoever reaches the port may use it
    #[arg(long, default_value = "127.0.0.1")]
    pub host: String,
    /// The port on which others fetch sums
    #[arg(long, default_value_t = 50051)]
    pub port: u16,
    /// The name by which others reach this machine; without it the address that the scheduler sees
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// How many parts it adds up at a time; without it as many as there are processors
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    pub parts: Option<u32>,
    /// Where sums wait to be fetched; without it a new folder among the temporary ones
    #[arg(long, value_name = "FOLDER")]
    pub folder: Option<PathBuf>,
}

fn failed(what: &str) -> impl Fn(&dyn Display) -> ClusterError {
    let what = what.to_owned();
    move |reason| ClusterError::Process {
        what: what.clone(),
        reason: reason.to_string(),
    }
}

/// Says on standard output that a process is there; whoever does not listen need not.
fn say(line: &str) {
    let mut out = std::io::stdout();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

impl Process {
    /// Runs until it is ended. The first line on standard output says where a scheduler listens.
    ///
    /// # Errors
    /// What stands in the way of its beginning.
    pub fn run(self) -> Result<(), ClusterError> {
        let runtime = Builder::new_multi_thread().enable_all().build();
        let runtime = runtime.map_err(|error| failed("threads could not be started")(&error))?;
        match self {
            Self::Scheduler(options) => runtime.block_on(scheduler(options)),
            Self::Executor(options) => runtime.block_on(executor(options)),
        }
    }
}

async fn scheduler(options: SchedulerOptions) -> Result<(), ClusterError> {
    let failed = failed("the scheduler could not be started");
    let place = (options.host.as_str(), options.port);
    let listener = TcpListener::bind(place)
        .await
        .map_err(|error| failed(&error))?;
    let port = listener
        .local_addr()
        .map_err(|error| failed(&error))?
        .port();
    let seconds = options.executor_timeout;
    let config = SchedulerConfig {
        external_host: options.name.clone(),
        bind_host: options.host,
        bind_port: port,
        // Executors that ask for work find a scheduler that was started again by themselves.
        scheduling_policy: TaskSchedulingPolicy::PullStaged,
        executor_timeout_seconds: seconds,
        expire_dead_executor_interval_seconds: (seconds / 4).max(1),
        no_executors_grace_period_seconds: seconds,
        grpc_server_max_decoding_message_size: LARGEST_MESSAGE,
        grpc_server_max_encoding_message_size: LARGEST_MESSAGE,
        grpc_client_max_message_size: LARGEST_MESSAGE,
        override_logical_codec: Some(Arc::new(LogicalCodec::default())),
        override_physical_codec: Some(Arc::new(PhysicalCodec::default())),
        ..SchedulerConfig::default()
    };
    let cluster = BallistaCluster::new_from_config(&config).await;
    let cluster = cluster.map_err(|error| failed(&error))?;
    let server = create_scheduler::<LogicalPlanNode, PhysicalPlanNode>(cluster, Arc::new(config));
    let server = server.await.map_err(|error| failed(&error))?;
    say(&format!("scheduler: df://{}:{port}", options.name));
    tokio::select! {
        served = start_grpc_service_with_listener(listener, server) => {
            served.map_err(|error| failed(&error))
        }
        _ = tokio::signal::ctrl_c() => Ok(()),
    }
}

async fn executor(options: ExecutorOptions) -> Result<(), ClusterError> {
    let failed = failed("the executor could not be started");
    let address: Address = options.scheduler.parse()?;
    let folder = options.folder.unwrap_or_else(|| {
        let name = format!("fisher-executor-{}", std::process::id());
        std::env::temp_dir().join(name)
    });
    std::fs::create_dir_all(&folder).map_err(|error| failed(&error))?;
    // Before it is said to be there: a port that another has is an error of this process.
    let place = (options.host.as_str(), options.port);
    drop(
        TcpListener::bind(place)
            .await
            .map_err(|error| failed(&error))?,
    );
    let every = std::thread::available_parallelism().map_or(1, usize::from);
    let config = ExecutorProcessConfig {
        bind_host: options.host,
        external_host: options.name,
        port: options.port,
        scheduler_host: address.host.clone(),
        scheduler_port: address.port,
        scheduler_connect_timeout_seconds: 60,
        vcores: options.parts.map_or(every, |parts| parts as usize),
        task_scheduling_policy: TaskSchedulingPolicy::PullStaged,
        work_dir: Some(folder.display().to_string()),
        job_data_ttl_seconds: 3600,
        job_data_clean_up_interval_seconds: 300,
        grpc_max_decoding_message_size: LARGEST_MESSAGE,
        grpc_max_encoding_message_size: LARGEST_MESSAGE,
        override_logical_codec: Some(Arc::new(LogicalCodec::default())),
        override_physical_codec: Some(Arc::new(PhysicalCodec::default())),
        ..ExecutorProcessConfig::default()
    };
    say(&format!("executor of {address} on port {}", options.port));
    let ended = start_executor_process(Arc::new(config)).await;
    ended.map_err(|error| failed(&error))
}
