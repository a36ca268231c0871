//! A codec at the border of the library, whichever side of it asks.

use std::sync::Arc;

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::TableProvider;
use datafusion::common::TableReference;
use datafusion::datasource::file_format::FileFormatFactory;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::TaskContext;
use datafusion::logical_expr::{AggregateUDF, Extension, HigherOrderUDF, LogicalPlan, ScalarUDF, WindowUDF};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr_common::physical_expr::proto_decode::PhysicalExprDecodeCtx;
use datafusion::physical_expr_common::physical_expr::proto_encode::PhysicalExprEncodeCtx;
use datafusion::physical_plan::ExecutionPlan;
use datafusion_proto::logical_plan::LogicalExtensionCodec;
use datafusion_proto::physical_plan::{PhysicalExtensionCodec, PhysicalProtoConverterExtension};
use planwire_registry::panics;

use super::translation;

/// A codec whose errors are translated for the other side, and whose panics end here.
#[derive(Debug)]
pub(super) struct Border<C: ?Sized> {
    codec: Arc<C>,
    translate: fn(DataFusionError) -> DataFusionError,
}

impl<C: ?Sized> Border<C> {
    /// A codec of ours that other libraries ask.
    pub(super) fn outward(codec: Arc<C>) -> Self {
        Self { codec, translate: translation::outward }
    }

    /// A codec of theirs that we ask.
    pub(super) fn inward(codec: Arc<C>) -> Self {
        Self { codec, translate: translation::inward }
    }

    fn ask<T>(&self, question: impl FnOnce(&C) -> Result<T>) -> Result<T> {
        match panics::catch(|| question(&self.codec)) {
            Ok(answer) => answer.map_err(self.translate),
            Err(panic) => Err(translation::panicked(&*panic)),
        }
    }
}

/// The methods for functions, which both traits have in the same words.
macro_rules! function_methods {
    ($($node:ident $try_encode:ident $try_decode:ident;)+) => {$(
        fn $try_encode(&self, node: &$node, buf: &mut Vec<u8>) -> Result<()> {
            self.ask(|codec| codec.$try_encode(node, buf))
        }

        fn $try_decode(&self, name: &str, buf: &[u8]) -> Result<Arc<$node>> {
            self.ask(|codec| codec.$try_decode(name, buf))
        }
    )+};
    () => {
        function_methods! {
            ScalarUDF try_encode_udf try_decode_udf;
            AggregateUDF try_encode_udaf try_decode_udaf;
            WindowUDF try_encode_udwf try_decode_udwf;
            HigherOrderUDF try_encode_higher_order_function try_decode_higher_order_function;
        }
    };
}

#[deny(clippy::missing_trait_methods)]
impl LogicalExtensionCodec for Border<dyn LogicalExtensionCodec> {
    function_methods!();

    fn try_encode(&self, node: &Extension, buf: &mut Vec<u8>) -> Result<()> {
        self.ask(|codec| codec.try_encode(node, buf))
    }

    fn try_decode(&self, buf: &[u8], inputs: &[LogicalPlan], task: &TaskContext) -> Result<Extension> {
        self.ask(|codec| codec.try_decode(buf, inputs, task))
    }

    fn try_encode_table_provider(
        &self,
        table: &TableReference,
        provider: Arc<dyn TableProvider>,
        buf: &mut Vec<u8>,
    ) -> Result<()> {
        self.ask(|codec| codec.try_encode_table_provider(table, provider, buf))
    }

    fn try_decode_table_provider(
        &self,
        buf: &[u8],
        table: &TableReference,
        schema: SchemaRef,
        task: &TaskContext,
    ) -> Result<Arc<dyn TableProvider>> {
        self.ask(|codec| codec.try_decode_table_provider(buf, table, schema, task))
    }

    fn try_encode_file_format(&self, buf: &mut Vec<u8>, format: Arc<dyn FileFormatFactory>) -> Result<()> {
        self.ask(|codec| codec.try_encode_file_format(buf, format))
    }

    fn try_decode_file_format(&self, buf: &[u8], task: &TaskContext) -> Result<Arc<dyn FileFormatFactory>> {
        self.ask(|codec| codec.try_decode_file_format(buf, task))
    }
}

#[deny(clippy::missing_trait_methods)]
impl PhysicalExtensionCodec for Border<dyn PhysicalExtensionCodec> {
    function_methods!();

    fn try_encode(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        buf: &mut Vec<u8>,
        converter: &dyn PhysicalProtoConverterExtension,
    ) -> Result<()> {
        self.ask(|codec| codec.try_encode(plan, buf, converter))
    }

    fn try_decode(
        &self,
        buf: &[u8],
        inputs: &[Arc<dyn ExecutionPlan>],
        task: &TaskContext,
        converter: &dyn PhysicalProtoConverterExtension,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        self.ask(|codec| codec.try_decode(buf, inputs, task, converter))
    }

    fn try_encode_expr(
        &self,
        expr: &Arc<dyn PhysicalExpr>,
        buf: &mut Vec<u8>,
        cx: &PhysicalExprEncodeCtx<'_>,
    ) -> Result<()> {
        self.ask(|codec| codec.try_encode_expr(expr, buf, cx))
    }

    fn try_decode_expr(
        &self,
        buf: &[u8],
        inputs: &[Arc<dyn PhysicalExpr>],
        cx: &PhysicalExprDecodeCtx<'_>,
    ) -> Result<Arc<dyn PhysicalExpr>> {
        self.ask(|codec| codec.try_decode_expr(buf, inputs, cx))
    }
}
