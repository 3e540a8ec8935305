//! A pass as a table of sums: one row a partition, each added up where it is read.

use crate::payload::Payload;
use async_trait::async_trait;
use datafusion::arrow::array::{ArrayRef, LargeBinaryArray, RecordBatch};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::{Expr, TableType};
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties,
};
use std::fmt;
use std::sync::Arc;

/// The one column.
pub(crate) const SUMS: &str = "sums";

fn schema() -> SchemaRef {
    Arc::new(Schema::new(vec![Field::new(
        SUMS,
        DataType::LargeBinary,
        false,
    )]))
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
        Ok(Arc::new(PassExec::new(Arc::clone(&self.0))))
    }
}

/// Adds up the rows of a partition.
#[derive(Debug)]
pub(crate) struct PassExec {
    pub(crate) payload: Arc<Payload>,
    properties: Arc<PlanProperties>,
}

impl PassExec {
    pub(crate) fn new(payload: Arc<Payload>) -> Self {
        let properties = PlanProperties::new(
            EquivalenceProperties::new(schema()),
            Partitioning::UnknownPartitioning(payload.partitions()),
            EmissionType::Final,
            Boundedness::Bounded,
        );
        Self {
            payload,
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
        Vec::new()
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(
        self: Arc<Self>,
        _: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn execute(&self, partition: usize, _: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let payload = Arc::clone(&self.payload);
        let sums = async move {
            // Reading and adding up is work, and no waiting.
            let work = tokio::task::spawn_blocking(move || payload.sums_of(partition));
            let sums = work
                .await
                .map_err(|error| DataFusionError::Execution(error.to_string()))?;
            let column: ArrayRef = Arc::new(LargeBinaryArray::from_vec(vec![&sums]));
            Ok(RecordBatch::try_new(schema(), vec![column])?)
        };
        let stream = futures::stream::once(sums);
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema(), stream)))
    }
}
