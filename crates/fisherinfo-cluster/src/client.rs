//! A fit's side of the cluster.

use crate::ClusterError;
use crate::codec::{LogicalCodec, PhysicalCodec};
use crate::merge::merge_sums;
use crate::payload::Payload;
use crate::plan::{PassTable, SUMS};
use ballista::prelude::{SessionConfigExt, SessionContextExt};
use ballista_core::config::{BALLISTA_CLIENT_PULL, BALLISTA_SCHEDULER_MAX_PARTITIONS_PER_TASK};
use ballista_core::execution_plans::DistributedQueryExec;
use ballista_core::serde::protobuf::scheduler_grpc_client::SchedulerGrpcClient;
use ballista_core::serde::protobuf::{CancelJobParams, GetJobStatusParams};
use ballista_core::utils::create_grpc_client_endpoint;
use datafusion::arrow::array::AsArray;
use datafusion::error::DataFusionError;
use datafusion::execution::SessionStateBuilder;
use datafusion::logical_expr::col;
use datafusion::physical_plan::{ExecutionPlan, collect};
use datafusion::prelude::{SessionConfig, SessionContext};
use datafusion_proto::protobuf::LogicalPlanNode;
use fisherinfo_table::distributed::{DistributedError, PartialSums, Request, Workers};
use fisherinfo_table::glm::RowsError;
use std::any::Any;
use std::error::Error;
use std::fmt;
use std::net::{TcpStream, ToSocketAddrs};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Runtime};

/// The largest message, in bytes: a pass with its coefficients and levels, or sums.
pub(crate) const LARGEST_MESSAGE: u32 = 1 << 30;

/// How often a pass is begun before it is given up.
const ATTEMPTS: usize = 4;

/// How long it is waited for a cluster that does not answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long between two questions whether it is there again.
const PAUSE: Duration = Duration::from_millis(300);

/// How long between two questions whether the scheduler still knows a pass.
const LOOK: Duration = Duration::from_secs(1);

/// How long an accepted pass may be unknown at its beginning.
const BEGINNING: Duration = Duration::from_secs(10);

/// The scheduler of a cluster, as `df://host:port`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl Address {
    /// Where a scheduler listens unless another port is said.
    pub const USUAL_PORT: u16 = 50050;
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "df://{}:{}", self.host, self.port)
    }
}

impl std::str::FromStr for Address {
    type Err = ClusterError;

    fn from_str(text: &str) -> Result<Self, ClusterError> {
        let wrong = || ClusterError::Address { text: text.into() };
        let rest = text.strip_prefix("df://").ok_or_else(wrong)?;
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (host, port) = match rest.rsplit_once(':') {
            // The colons of a bare IPv6 address are in brackets.
            Some((host, port)) if !port.ends_with(']') => {
                (host, port.parse().map_err(|_| wrong())?)
            }
            _ => (rest, Self::USUAL_PORT),
        };
        let inside = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        let is_host = match inside {
            Some(inside) => inside.parse::<std::net::Ipv6Addr>().is_ok(),
            None => !host.is_empty() && host.chars().all(is_name),
        };
        if !is_host || port == 0 {
            return Err(wrong());
        }
        Ok(Self {
            host: host.into(),
            port,
        })
    }
}

/// A cluster of a scheduler and executors, which adds up the rows of fits.
///
/// A pass whose scheduler is lost, or that fails for another reason than its rows, is made again from
/// its beginning; sums of half a pass are never used (see [`fisherinfo_table::distributed`]).
#[derive(Debug)]
pub struct Cluster {
    address: Address,
    patience: Duration,
    runtime: Runtime,
    /// Asked while a pass is made.
    ended: fn() -> bool,
}

impl Cluster {
    /// Asks the scheduler at `df://host:port`, and through it an executor, whether they know what a pass
    /// is; waits for them as long as a minute.
    ///
    /// # Errors
    /// No address, nobody who answers, or others than processes of this version of the program.
    pub fn connect(address: &str) -> Result<Self, ClusterError> {
        Self::connect_within(address, PATIENCE)
    }

    /// As [`Cluster::connect`], waiting no longer than `patience`, now and whenever the cluster is lost.
    ///
    /// # Errors
    /// As there.
    pub fn connect_within(address: &str, patience: Duration) -> Result<Self, ClusterError> {
        let address = address.parse()?;
        let runtime = runtime(2)?;
        let cluster = Self {
            address,
            patience,
            runtime,
            ended: || false,
        };
        cluster.answers()?;
        Ok(cluster)
    }

    /// Ends the pass at hand, and the fit with [`GlmError::Interrupted`], as soon as `ended` says so; what
    /// executors have not begun of it is not done.
    ///
    /// [`GlmError::Interrupted`]: fisherinfo_table::glm::GlmError::Interrupted
    pub fn ended_when(self, ended: fn() -> bool) -> Self {
        Self { ended, ..self }
    }

    /// Waits until the cluster answers.
    fn answers(&self) -> Result<(), ClusterError> {
        let begun = Instant::now();
        loop {
            let left = self.patience.saturating_sub(begun.elapsed());
            let error = match self.listens() {
                Ok(()) => match self.asked(left) {
                    Ok(()) => return Ok(()),
                    Err(error) => error,
                },
                Err(error) => error,
            };
            if begun.elapsed() + PAUSE >= self.patience || (self.ended)() {
                return Err(error);
            }
            std::thread::sleep(PAUSE);
        }
    }

    /// Whether anybody listens there.
    fn listens(&self) -> Result<(), ClusterError> {
        let place = (
            self.address.host.trim_matches(['[', ']']),
            self.address.port,
        );
        let tried = place.to_socket_addrs().and_then(|mut places| {
            let nowhere = std::io::Error::other("the name is of no machine");
            let place = places.next().ok_or(nowhere)?;
            TcpStream::connect_timeout(&place, self.patience.max(PAUSE))
        });
        tried.map(drop).map_err(|error| ClusterError::NoScheduler {
            address: self.address.to_string(),
            reason: error.to_string(),
        })
    }

    /// Whether scheduler and executor know what a pass is.
    fn asked(&self, patience: Duration) -> Result<(), ClusterError> {
        let address = self.address.to_string();
        let answer = self.runtime.block_on(async {
            let patience = patience.max(Duration::from_secs(1));
            tokio::time::timeout(patience, self.made(Payload::question())).await
        });
        match answer {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(ClusterError::OtherProgram {
                address,
                reason: error.to_string(),
            }),
            Err(_) => Err(ClusterError::NoExecutor {
                address,
                seconds: self.patience.as_secs(),
            }),
        }
    }

    async fn made(&self, payload: Payload) -> Result<PartialSums, DataFusionError> {
        let config = SessionConfig::new_with_ballista()
            .with_ballista_logical_extension_codec(Arc::new(LogicalCodec::default()))
            .with_ballista_physical_extension_codec(Arc::new(PhysicalCodec::default()))
            .with_ballista_grpc_client_max_message_size(LARGEST_MESSAGE as usize)
            // Who is told of a job by its end alone does not know what to cancel.
            .set_bool(BALLISTA_CLIENT_PULL, true)
            .set_usize(BALLISTA_SCHEDULER_MAX_PARTITIONS_PER_TASK, 1);
        let state = SessionStateBuilder::new()
            .with_config(config)
            .with_default_features()
            .build();
        let url = self.address.to_string();
        let context = SessionContext::remote_with_state(&url, state).await?;
        let plan = plan(&context, payload).await?;
        tokio::select! {
            sums = summed(&context, Arc::clone(&plan)) => sums,
            () = self.forgotten(plan.as_ref()) => {
                let reason = "the scheduler was started again and does not know the pass any more";
                Err(DataFusionError::Execution(reason.into()))
            }
            () = self.interruption() => {
                // A job whose answer nobody reads; if it cannot be told, it is done in vain.
                let _ = self.cancel(plan.as_ref()).await;
                Err(DataFusionError::External(Box::new(DistributedError::Interrupted)))
            }
        }
    }

    async fn interruption(&self) {
        while !(self.ended)() {
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Waits until the scheduler does not know the job of a plan. One that is started again between two questions
    /// of the client's is never missed by it, and it would wait for the answer to a forgotten job for ever.
    async fn forgotten(&self, plan: &dyn ExecutionPlan) {
        let mut unknown_since = None;
        let mut was_known = false;
        loop {
            tokio::time::sleep(LOOK).await;
            let Some(job) = job_of(plan) else { continue };
            match self.knows(&job).await {
                Ok(true) => (was_known, unknown_since) = (true, None),
                Ok(false) => {
                    let since = *unknown_since.get_or_insert_with(Instant::now);
                    if was_known || since.elapsed() > BEGINNING {
                        return;
                    }
                }
                // Whoever waits for the answer finds this out too.
                Err(_) => {}
            }
        }
    }

    /// Whether the scheduler knows a job.
    async fn knows(&self, job: &str) -> Result<bool, Box<dyn Error + Send + Sync>> {
        let job_id = job.to_owned();
        let asked = GetJobStatusParams { job_id };
        let channel = create_grpc_client_endpoint(self.url(), None)?;
        let mut scheduler = SchedulerGrpcClient::new(channel.connect().await?);
        let answer = scheduler.get_job_status(asked).await?;
        Ok(answer.into_inner().status.is_some())
    }

    /// Tells the scheduler that the job of a plan is not wanted any more.
    async fn cancel(&self, plan: &dyn ExecutionPlan) -> Result<(), Box<dyn Error + Send + Sync>> {
        let Some(job_id) = job_of(plan) else {
            return Ok(());
        };
        let asked = CancelJobParams { job_id };
        let channel = create_grpc_client_endpoint(self.url(), None)?;
        let mut scheduler = SchedulerGrpcClient::new(channel.connect().await?);
        scheduler.cancel_job(asked).await?;
        Ok(())
    }

    fn url(&self) -> String {
        format!("http://{}:{}", self.address.host, self.address.port)
    }
}

/// The job that a plan was sent as, once it was accepted.
fn job_of(plan: &dyn ExecutionPlan) -> Option<String> {
    let sent = (plan as &dyn Any).downcast_ref::<DistributedQueryExec<LogicalPlanNode>>();
    Some(sent?.job_id()?.to_string())
}

/// DataFusion in this process: the same plans without other processes.
#[derive(Debug)]
pub struct InProcess {
    runtime: Runtime,
}

impl InProcess {
    /// On so many threads, each of which adds up a partition at a time.
    ///
    /// # Errors
    /// Threads that cannot be had.
    pub fn new(threads: NonZeroUsize) -> Result<Self, ClusterError> {
        Ok(Self {
            runtime: runtime(threads.get())?,
        })
    }
}

impl Workers for InProcess {
    fn sum(&self, _: &str, request: &Request) -> Result<PartialSums, RowsError> {
        let context = SessionContext::new();
        let sums = async {
            let plan = plan(&context, Payload::new(request)).await?;
            summed(&context, plan).await
        };
        self.runtime.block_on(sums).map_err(RowsError::new)
    }
}

fn runtime(threads: usize) -> Result<Runtime, ClusterError> {
    Builder::new_multi_thread()
        .worker_threads(threads)
        .max_blocking_threads(threads)
        .enable_all()
        .build()
        .map_err(|error| ClusterError::Process {
            what: "threads for the cluster could not be started".into(),
            reason: error.to_string(),
        })
}

/// A pass whose sums are merged.
async fn plan(
    context: &SessionContext,
    payload: Payload,
) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
    context
        .read_table(Arc::new(PassTable(Arc::new(payload))))?
        .aggregate(vec![], vec![merge_sums().call(vec![col(SUMS)])])?
        .create_physical_plan()
        .await
}

/// What they merge into.
async fn summed(
    context: &SessionContext,
    plan: Arc<dyn ExecutionPlan>,
) -> Result<PartialSums, DataFusionError> {
    let batches = collect(plan, context.task_ctx()).await?;
    let mut values = batches
        .iter()
        .filter_map(|batch| batch.columns().first()?.as_binary_opt::<i64>())
        .flat_map(|column| column.iter().flatten());
    let (Some(sums), None) = (values.next(), values.next()) else {
        let reason = "the answer is not one value".into();
        return Err(DataFusionError::Execution(reason));
    };
    PartialSums::decode(sums).map_err(|error| DataFusionError::External(Box::new(error)))
}

impl Workers for Cluster {
    fn sum(&self, pass: &str, request: &Request) -> Result<PartialSums, RowsError> {
        let mut reason = String::new();
        for _ in 0..ATTEMPTS {
            let made = self.runtime.block_on(self.made(Payload::new(request)));
            let answers = match made {
                Ok(sums) => return Ok(sums),
                Err(error) => {
                    reason = error.to_string();
                    if (self.ended)() {
                        Ok(())
                    } else {
                        self.answers()
                    }
                }
            };
            if (self.ended)() {
                return Err(RowsError::new(DistributedError::Interrupted));
            }
            answers.map_err(RowsError::new)?;
        }
        Err(RowsError::new(ClusterError::Pass {
            pass: pass.into(),
            address: self.address.to_string(),
            attempts: ATTEMPTS,
            reason,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::Address;

    #[test]
    fn addresses() {
        let read = |text: &str| text.parse::<Address>().map(|address| address.to_string());
        for (text, address) in [
            ("df://localhost:50050", "df://localhost:50050"),
            ("df://node-1.cluster/", "df://node-1.cluster:50050"),
            ("df://[::1]:7", "df://[::1]:7"),
            ("df://[::1]", "df://[::1]:50050"),
        ] {
            assert_eq!(read(text), Ok(address.to_owned()));
        }
        for text in [
            "",
            "localhost:50050",
            "df://",
            "df://a:b",
            "df://a:0",
            "df://::1",
            "df://a b",
            "df://[x]",
        ] {
            let said = read(text).map_err(|error| error.to_string());
            assert!(
                said.is_err_and(|said| said.contains("df://host:port")),
                "{text}"
            );
        }
    }
}
