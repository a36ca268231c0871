//! A family of another crate: tables of consecutive numbers, which DataFusion cannot serialise.
//!
//! It is what a plugin looks like: one file, one [`register_family!`], and no edit anywhere else.

use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::array::{Int64Array, RecordBatch};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::catalog::{Session, TableProvider};
use datafusion::datasource::{MemTable, TableType};
use datafusion::error::Result;
use datafusion::logical_expr::Expr;
use datafusion::physical_plan::ExecutionPlan;
use planwire_registry::frame::Frame;
use planwire_registry::{
    AuthorizedFrame, DecodeContext, EncodeContext, FamilyName, Kind, Nested, Node, NodeRef, Payload, Tag,
    WireError, WireFamily, register_family,
};

/// A table with one column `n` that counts from zero up to an excluded end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RangeTable {
    /// The first number that is left out.
    pub end: i64,
}

#[async_trait]
impl TableProvider for RangeTable {
    fn schema(&self) -> SchemaRef {
        Arc::new(Schema::new(vec![Field::new("n", DataType::Int64, false)]))
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let numbers = Int64Array::from_iter_values(0..self.end);
        let batch = RecordBatch::try_new(self.schema(), vec![Arc::new(numbers)])?;
        MemTable::try_new(self.schema(), vec![vec![batch]])?.scan(state, projection, filters, limit).await
    }
}

/// Carries a [`RangeTable`] as its end, in eight bytes.
#[derive(Debug)]
pub struct RangeFamily;

register_family!(RangeFamily);

impl WireFamily for RangeFamily {
    fn name(&self) -> FamilyName {
        FamilyName::new("range")
    }

    fn tag(&self, kind: Kind) -> Option<Tag> {
        (kind == Kind::TableProvider).then_some(Tag::new(b"DFRANGE", 1))
    }

    fn encode(&self, node: NodeRef<'_>, _: &EncodeContext<'_>) -> Result<Option<Payload>, WireError> {
        let NodeRef::TableProvider { provider, .. } = node else { return Ok(None) };
        Ok(provider.downcast_ref::<RangeTable>().map(|table| Payload::from(&table.end.to_le_bytes())))
    }

    fn nested<'a>(&self, _: Kind, _: &Frame<'a>) -> Nested<'a> {
        Nested::Nothing
    }

    fn decode(&self, frame: AuthorizedFrame<'_>, _: &DecodeContext<'_>) -> Result<Node, WireError> {
        let Ok(end) = <[u8; 8]>::try_from(frame.payload()) else {
            return Err(frame.malformed(format!("an end takes 8 bytes, not {}", frame.payload().len())));
        };
        Ok(Node::TableProvider(Arc::new(RangeTable { end: i64::from_le_bytes(end) })))
    }
}
