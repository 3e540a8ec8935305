//! A pass as a table of sums: one row a partition, each added up where it is read.

use crate::payload::Payload;
use async_trait::async_trait;
use datafusion::arrow::array::{ArrayRef, AsArray, LargeBinaryArray, RecordBatch, UInt64Array};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, UInt64Type};
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::{Expr, TableType};
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties, Partitioning,
    PlanProperties,
};
use futures::TryStreamExt;
use std::fmt;
use std::sync::Arc;

/// The one column of the answer.
pub(crate) const SUMS: &str = "sums";

/// The one column of the table of partitions.
const PARTITION: &str = "partition";

fn schema_of(name: &str, kind: DataType) -> SchemaRef {
    Arc::new(Schema::new(vec![Field::new(name, kind, false)]))
}

fn schema() -> SchemaRef {
    schema_of(SUMS, DataType::LargeBinary)
}

/// A table in memory of the numbers of the partitions, each in a partition of its own.
///
/// A scheduler gives every task some partitions of a plan, and cuts the plan down to them at its leaves,
/// as far as it knows these: a leaf of a kind of our own would be read in full by every task.
fn numbers(count: usize) -> Result<Arc<dyn ExecutionPlan>> {
    let schema = schema_of(PARTITION, DataType::UInt64);
    let number = |partition: usize| {
        let column: ArrayRef = Arc::new(UInt64Array::from(vec![partition as u64]));
        Ok(vec![RecordBatch::try_new(
            Arc::clone(&schema),
            vec![column],
        )?])
    };
    let batches: Vec<Vec<RecordBatch>> = (0..count).map(number).collect::<Result<_>>()?;
    Ok(MemorySourceConfig::try_new_exec(&batches, schema, None)?)
}

/// A pass, for plans that are not yet physical.
#[derive(Debug)]
pub(crate) struct PassTable(pub(crate) Arc<Payload>);

#[async_trait]
impl TableProvider for PassTable {
    fn schema(&self) -> SchemaRef {
        schema()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        _: &dyn Session,
        _: Option<&Vec<usize>>,
        _: &[Expr],
        _: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let numbers = numbers(self.0.partitions())?;
        Ok(Arc::new(PassExec::new(Arc::clone(&self.0), numbers)))
    }
}

/// Adds up the rows of the partitions whose numbers come in.
#[derive(Debug)]
pub(crate) struct PassExec {
    pub(crate) payload: Arc<Payload>,
    numbers: Arc<dyn ExecutionPlan>,
    properties: Arc<PlanProperties>,
}

impl PassExec {
    pub(crate) fn new(payload: Arc<Payload>, numbers: Arc<dyn ExecutionPlan>) -> Self {
        let partitions = numbers.output_partitioning().partition_count();
        let properties = PlanProperties::new(
            EquivalenceProperties::new(schema()),
            Partitioning::UnknownPartitioning(partitions),
            EmissionType::Incremental,
            Boundedness::Bounded,
        );
        Self {
            payload,
            numbers,
            properties: Arc::new(properties),
        }
    }
}

impl DisplayAs for PassExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PassExec: partitions={}", self.payload.partitions())
    }
}

impl ExecutionPlan for PassExec {
    fn name(&self) -> &'static str {
        "PassExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.numbers]
    }

    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        vec![false]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let numbers = only(&children)?;
        Ok(Arc::new(Self::new(Arc::clone(&self.payload), numbers)))
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let numbers = self.numbers.execute(partition, context)?;
        let payload = Arc::clone(&self.payload);
        let sums = numbers.and_then(move |batch| sums(Arc::clone(&payload), batch));
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema(), sums)))
    }
}

/// The only child of a plan.
pub(crate) fn only(children: &[Arc<dyn ExecutionPlan>]) -> Result<Arc<dyn ExecutionPlan>> {
    match children {
        [numbers] => Ok(Arc::clone(numbers)),
        _ => Err(failed("a pass has one table of partitions")),
    }
}

fn failed(reason: impl ToString) -> DataFusionError {
    DataFusionError::Execution(reason.to_string())
}

/// The sums of the partitions of these numbers, one after the other.
async fn sums(payload: Arc<Payload>, batch: RecordBatch) -> Result<RecordBatch> {
    // Reading and adding up is work, and no waiting.
    let work = tokio::task::spawn_blocking(move || {
        let numbers = batch.columns().first()?.as_primitive_opt::<UInt64Type>()?;
        let sums = numbers.values().iter();
        Some(
            sums.map(|&partition| {
                payload.sums_of(usize::try_from(partition).unwrap_or(usize::MAX))
            })
            .collect::<Vec<_>>(),
        )
    });
    let sums = work.await.map_err(failed)?;
    let sums = sums.ok_or_else(|| failed("these are no numbers of partitions"))?;
    let column: ArrayRef = Arc::new(LargeBinaryArray::from_iter_values(sums));
    Ok(RecordBatch::try_new(schema(), vec![column])?)
}
