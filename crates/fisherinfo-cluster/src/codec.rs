//! How passes and the aggregate travel: Ballista's own codecs, which know everything else.

use crate::merge::{NAME, merge_sums};
use crate::payload::Payload;
use crate::plan::{PassExec, PassTable, only};
use ballista_core::serde::{BallistaLogicalExtensionCodec, BallistaPhysicalExtensionCodec};
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::TableProvider;
use datafusion::common::TableReference;
use datafusion::datasource::file_format::FileFormatFactory;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::TaskContext;
use datafusion::logical_expr::{AggregateUDF, Extension, LogicalPlan, ScalarUDF, WindowUDF};
use datafusion::physical_plan::ExecutionPlan;
use datafusion_proto::logical_plan::LogicalExtensionCodec;
use datafusion_proto::physical_plan::{PhysicalExtensionCodec, PhysicalProtoConverterExtension};
use std::sync::Arc;

/// Marks what is ours, and is no tag of a protocol buffer's message.
const MARK: &[u8] = b"\0fisherinfo\0";

fn payload(bytes: &[u8]) -> Option<Result<Arc<Payload>>> {
    let bytes = bytes.strip_prefix(MARK)?;
    let payload = Payload::read(bytes).map(Arc::new);
    Some(payload.map_err(|error| DataFusionError::External(Box::new(error))))
}

fn write(payload: &Payload, out: &mut Vec<u8>) {
    out.extend_from_slice(MARK);
    out.extend_from_slice(payload.bytes());
}

fn write_aggregate(node: &AggregateUDF, out: &mut Vec<u8>) -> bool {
    let ours = node.name() == NAME;
    if ours {
        // Without a byte it would be looked up among functions that are registered.
        out.extend_from_slice(MARK);
    }
    ours
}

fn read_aggregate(name: &str, bytes: &[u8]) -> Option<Arc<AggregateUDF>> {
    (name == NAME && bytes == MARK).then(|| Arc::new(merge_sums()))
}

/// For plans as they are asked for.
#[derive(Debug, Default)]
pub(crate) struct LogicalCodec(BallistaLogicalExtensionCodec);

impl LogicalExtensionCodec for LogicalCodec {
    fn try_decode(
        &self,
        buf: &[u8],
        inputs: &[LogicalPlan],
        ctx: &TaskContext,
    ) -> Result<Extension> {
        self.0.try_decode(buf, inputs, ctx)
    }

    fn try_encode(&self, node: &Extension, buf: &mut Vec<u8>) -> Result<()> {
        self.0.try_encode(node, buf)
    }

    fn try_decode_table_provider(
        &self,
        buf: &[u8],
        table_ref: &TableReference,
        schema: SchemaRef,
        ctx: &TaskContext,
    ) -> Result<Arc<dyn TableProvider>> {
        match payload(buf) {
            Some(payload) => Ok(Arc::new(PassTable(payload?))),
            None => self
                .0
                .try_decode_table_provider(buf, table_ref, schema, ctx),
        }
    }

    fn try_encode_table_provider(
        &self,
        table_ref: &TableReference,
        node: Arc<dyn TableProvider>,
        buf: &mut Vec<u8>,
    ) -> Result<()> {
        let any: &dyn TableProvider = node.as_ref();
        match (any as &dyn std::any::Any).downcast_ref::<PassTable>() {
            Some(pass) => {
                write(&pass.0, buf);
                Ok(())
            }
            None => self.0.try_encode_table_provider(table_ref, node, buf),
        }
    }

    fn try_decode_file_format(
        &self,
        buf: &[u8],
        ctx: &TaskContext,
    ) -> Result<Arc<dyn FileFormatFactory>> {
        self.0.try_decode_file_format(buf, ctx)
    }

    fn try_encode_file_format(
        &self,
        buf: &mut Vec<u8>,
        node: Arc<dyn FileFormatFactory>,
    ) -> Result<()> {
        self.0.try_encode_file_format(buf, node)
    }

    fn try_decode_udf(&self, name: &str, buf: &[u8]) -> Result<Arc<ScalarUDF>> {
        self.0.try_decode_udf(name, buf)
    }

    fn try_encode_udf(&self, node: &ScalarUDF, buf: &mut Vec<u8>) -> Result<()> {
        self.0.try_encode_udf(node, buf)
    }

    fn try_decode_udaf(&self, name: &str, buf: &[u8]) -> Result<Arc<AggregateUDF>> {
        match read_aggregate(name, buf) {
            Some(aggregate) => Ok(aggregate),
            None => self.0.try_decode_udaf(name, buf),
        }
    }

    fn try_encode_udaf(&self, node: &AggregateUDF, buf: &mut Vec<u8>) -> Result<()> {
        if write_aggregate(node, buf) {
            return Ok(());
        }
        self.0.try_encode_udaf(node, buf)
    }

    fn try_decode_udwf(&self, name: &str, buf: &[u8]) -> Result<Arc<WindowUDF>> {
        self.0.try_decode_udwf(name, buf)
    }

    fn try_encode_udwf(&self, node: &WindowUDF, buf: &mut Vec<u8>) -> Result<()> {
        self.0.try_encode_udwf(node, buf)
    }
}

/// For plans as they are executed.
#[derive(Debug, Default)]
pub(crate) struct PhysicalCodec(BallistaPhysicalExtensionCodec);

impl PhysicalExtensionCodec for PhysicalCodec {
    fn try_decode(
        &self,
        buf: &[u8],
        inputs: &[Arc<dyn ExecutionPlan>],
        ctx: &TaskContext,
        converter: &dyn PhysicalProtoConverterExtension,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        match payload(buf) {
            Some(payload) => Ok(Arc::new(PassExec::new(payload?, only(inputs)?))),
            None => self.0.try_decode(buf, inputs, ctx, converter),
        }
    }

    fn try_encode(
        &self,
        node: Arc<dyn ExecutionPlan>,
        buf: &mut Vec<u8>,
        converter: &dyn PhysicalProtoConverterExtension,
    ) -> Result<()> {
        let any: &dyn ExecutionPlan = node.as_ref();
        match (any as &dyn std::any::Any).downcast_ref::<PassExec>() {
            Some(pass) => {
                write(&pass.payload, buf);
                Ok(())
            }
            None => self.0.try_encode(node, buf, converter),
        }
    }

    fn try_decode_udf(&self, name: &str, buf: &[u8]) -> Result<Arc<ScalarUDF>> {
        self.0.try_decode_udf(name, buf)
    }

    fn try_encode_udf(&self, node: &ScalarUDF, buf: &mut Vec<u8>) -> Result<()> {
        self.0.try_encode_udf(node, buf)
    }

    fn try_decode_udaf(&self, name: &str, buf: &[u8]) -> Result<Arc<AggregateUDF>> {
        match read_aggregate(name, buf) {
            Some(aggregate) => Ok(aggregate),
            None => self.0.try_decode_udaf(name, buf),
        }
    }

    fn try_encode_udaf(&self, node: &AggregateUDF, buf: &mut Vec<u8>) -> Result<()> {
        if write_aggregate(node, buf) {
            return Ok(());
        }
        self.0.try_encode_udaf(node, buf)
    }
}
