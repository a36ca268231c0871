//! DataFusion's two codec traits: every method of both, over one body.

use std::sync::Arc;

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::TableProvider;
use datafusion::common::TableReference;
use datafusion::datasource::file_format::FileFormatFactory;
use datafusion::error::Result;
use datafusion::execution::TaskContext;
use datafusion::logical_expr::{AggregateUDF, Extension, HigherOrderUDF, LogicalPlan, ScalarUDF, WindowUDF};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr_common::physical_expr::proto_decode::PhysicalExprDecodeCtx;
use datafusion::physical_expr_common::physical_expr::proto_encode::PhysicalExprEncodeCtx;
use datafusion::physical_plan::ExecutionPlan;
use datafusion_proto::logical_plan::LogicalExtensionCodec;
use datafusion_proto::physical_plan::{PhysicalExtensionCodec, PhysicalProtoConverterExtension};

use crate::call::Call;
use crate::call::chain::CodecChain;
use crate::family::context::{CodecRef, Place};
use crate::plan::node::NodeRef;

/// A function that turns a call into the codec of its layer.
pub(crate) type AsCodec<C> = for<'x> fn(&'x Call<C>) -> CodecRef<'x>;

/// The methods for functions, which are the same in both traits.
macro_rules! function_methods {
    ($layer:ident: $($kind:ident $node:ident $try_encode:ident $try_decode:ident;)+) => {$(
        fn $try_encode(&self, node: &$node, buf: &mut Vec<u8>) -> Result<()> {
            self.encode_node(NodeRef::$kind(node), |call| CodecRef::$layer(call), buf, &|codec, buf| {
                codec.$try_encode(node, buf)
            })
        }

        fn $try_decode(&self, name: &str, buf: &[u8]) -> Result<Arc<$node>> {
            self.decode_node(buf, Place::$kind { name }, |call| CodecRef::$layer(call), &|codec, buf| {
                codec.$try_decode(name, buf)
            })
        }
    )+};
    ($layer:ident) => {
        function_methods! { $layer:
            ScalarUdf ScalarUDF try_encode_udf try_decode_udf;
            AggregateUdf AggregateUDF try_encode_udaf try_decode_udaf;
            WindowUdf WindowUDF try_encode_udwf try_decode_udwf;
            HigherOrderUdf HigherOrderUDF try_encode_higher_order_function try_decode_higher_order_function;
        }
    };
}

/// Both codec traits, for a call and for a chain, which makes a call for each buffer.
macro_rules! codecs {
    ($($type:ident)+) => {$(
        #[deny(clippy::missing_trait_methods)]
        impl<C: LogicalExtensionCodec + ?Sized> LogicalExtensionCodec for $type<C> {
            function_methods!(Logical);

            fn try_encode(&self, node: &Extension, buf: &mut Vec<u8>) -> Result<()> {
                self.encode_node(NodeRef::LogicalNode(node), |call| CodecRef::Logical(call), buf, &|codec, buf| {
                    codec.try_encode(node, buf)
                })
            }

            fn try_decode(&self, buf: &[u8], inputs: &[LogicalPlan], task: &TaskContext) -> Result<Extension> {
                let place = Place::LogicalNode { inputs, task };
                self.decode_node(buf, place, |call| CodecRef::Logical(call), &|codec, buf| {
                    codec.try_decode(buf, inputs, task)
                })
            }

            fn try_encode_table_provider(
                &self,
                table: &TableReference,
                provider: Arc<dyn TableProvider>,
                buf: &mut Vec<u8>,
            ) -> Result<()> {
                let node = NodeRef::TableProvider { table, provider: &provider };
                self.encode_node(node, |call| CodecRef::Logical(call), buf, &|codec, buf| {
                    codec.try_encode_table_provider(table, Arc::clone(&provider), buf)
                })
            }

            fn try_decode_table_provider(
                &self,
                buf: &[u8],
                table: &TableReference,
                schema: SchemaRef,
                task: &TaskContext,
            ) -> Result<Arc<dyn TableProvider>> {
                let place = Place::TableProvider { table, schema: &schema, task };
                self.decode_node(buf, place, |call| CodecRef::Logical(call), &|codec, buf| {
                    codec.try_decode_table_provider(buf, table, Arc::clone(&schema), task)
                })
            }

            fn try_encode_file_format(&self, buf: &mut Vec<u8>, format: Arc<dyn FileFormatFactory>) -> Result<()> {
                self.encode_node(NodeRef::FileFormat(&format), |call| CodecRef::Logical(call), buf, &|codec, buf| {
                    codec.try_encode_file_format(buf, Arc::clone(&format))
                })
            }

            fn try_decode_file_format(&self, buf: &[u8], task: &TaskContext) -> Result<Arc<dyn FileFormatFactory>> {
                self.decode_node(buf, Place::FileFormat { task }, |call| CodecRef::Logical(call), &|codec, buf| {
                    codec.try_decode_file_format(buf, task)
                })
            }
        }

        #[deny(clippy::missing_trait_methods)]
        impl<C: PhysicalExtensionCodec + ?Sized> PhysicalExtensionCodec for $type<C> {
            function_methods!(Physical);

            fn try_encode(
                &self,
                plan: Arc<dyn ExecutionPlan>,
                buf: &mut Vec<u8>,
                converter: &dyn PhysicalProtoConverterExtension,
            ) -> Result<()> {
                let node = NodeRef::PhysicalNode { plan: &plan, converter };
                self.encode_node(node, |call| CodecRef::Physical(call), buf, &|codec, buf| {
                    codec.try_encode(Arc::clone(&plan), buf, converter)
                })
            }

            fn try_decode(
                &self,
                buf: &[u8],
                inputs: &[Arc<dyn ExecutionPlan>],
                task: &TaskContext,
                converter: &dyn PhysicalProtoConverterExtension,
            ) -> Result<Arc<dyn ExecutionPlan>> {
                let place = Place::PhysicalNode { inputs, task, converter };
                self.decode_node(buf, place, |call| CodecRef::Physical(call), &|codec, buf| {
                    codec.try_decode(buf, inputs, task, converter)
                })
            }

            fn try_encode_expr(
                &self,
                expr: &Arc<dyn PhysicalExpr>,
                buf: &mut Vec<u8>,
                cx: &PhysicalExprEncodeCtx<'_>,
            ) -> Result<()> {
                let node = NodeRef::PhysicalExpr { expr, cx };
                self.encode_node(node, |call| CodecRef::Physical(call), buf, &|codec, buf| {
                    codec.try_encode_expr(expr, buf, cx)
                })
            }

            fn try_decode_expr(
                &self,
                buf: &[u8],
                inputs: &[Arc<dyn PhysicalExpr>],
                cx: &PhysicalExprDecodeCtx<'_>,
            ) -> Result<Arc<dyn PhysicalExpr>> {
                let place = Place::PhysicalExpr { inputs, cx };
                self.decode_node(buf, place, |call| CodecRef::Physical(call), &|codec, buf| {
                    codec.try_decode_expr(buf, inputs, cx)
                })
            }
        }
    )+};
}

codecs!(Call CodecChain);
