//! The aggregate: partial sums merged, in whatever order they come.

use datafusion::arrow::array::{ArrayRef, AsArray};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::ScalarValue;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, Signature, Volatility,
};
use fisherinfo_table::distributed::PartialSums;
use std::sync::Arc;

/// The name of the aggregate.
pub(crate) const NAME: &str = "merge_sums";

/// Merges sums; its state is sums as well.
#[derive(Debug, PartialEq, Eq, Hash)]
struct MergeSums {
    signature: Signature,
}

/// The aggregate function.
pub(crate) fn merge_sums() -> AggregateUDF {
    let signature = Signature::exact(vec![DataType::LargeBinary], Volatility::Immutable);
    AggregateUDF::from(MergeSums { signature })
}

impl AggregateUDFImpl for MergeSums {
    fn name(&self) -> &str {
        NAME
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::LargeBinary)
    }

    fn accumulator(&self, _: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(Merged(PartialSums::nothing())))
    }

    fn state_fields(&self, _: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        let field = Field::new("merged_sums", DataType::LargeBinary, false);
        Ok(vec![Arc::new(field)])
    }
}

/// What has been merged so far.
#[derive(Debug)]
struct Merged(PartialSums);

impl Merged {
    fn value(&self) -> ScalarValue {
        ScalarValue::LargeBinary(Some(self.0.encode()))
    }
}

impl Accumulator for Merged {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let Some(sums) = values
            .first()
            .and_then(|array| array.as_binary_opt::<i64>())
        else {
            return Err(DataFusionError::Execution("these are no sums".into()));
        };
        for part in sums.iter().flatten() {
            let part = PartialSums::decode(part);
            self.0
                .merge(part.map_err(|error| DataFusionError::External(Box::new(error)))?);
        }
        Ok(())
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.update_batch(states)
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![self.value()])
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        Ok(self.value())
    }

    fn size(&self) -> usize {
        size_of_val(self)
    }
}
