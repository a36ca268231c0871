//! Opaque functions: held with the description that plans need, and never opened.
//!
//! There are three sorts. A function in a native frame of a family that is not linked here can be planned with,
//! shown, and sent on as it came, for example by a scheduler; it refuses to run. So does a function that could
//! not be decoded in a session whose failures come [late](crate::Settings::with_late_failures). In a message that has
//! failed, a stand-in without a payload takes the place of a function until the call ends with the fault.
//! Without stand-ins, DataFusion would turn an error inside an argument into text, once for each level around
//! it, and escape it each time, so that a message of a kilobyte would take gigabytes. A caller never gets a
//! stand-in.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, SchemaRef};
use datafusion::catalog::TableProvider;
use datafusion::common::{ScalarValue, TableReference, not_impl_err};
use datafusion::error::Result;
use datafusion::execution::TaskContext;
use datafusion::logical_expr::function::{
    AccumulatorArgs, PartitionEvaluatorArgs, StateFieldsArgs, WindowUDFFieldArgs,
};
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, ColumnarValue, Extension, HigherOrderFunctionArgs,
    HigherOrderReturnFieldArgs, HigherOrderSignature, HigherOrderUDF, HigherOrderUDFImpl,
    LambdaParametersProgress, LogicalPlan, PartitionEvaluator, ReturnFieldArgs, ScalarFunctionArgs,
    ScalarUDF, ScalarUDFImpl, Signature, ValueOrLambda, Volatility, WindowUDF, WindowUDFImpl,
};
use datafusion_proto::logical_plan::LogicalExtensionCodec;

use crate::error::{Failure, WireError};
use crate::plan::described::Described;
use crate::plan::kind::Kind;
use crate::plan::node::{FromNode, Node, NodeRef};

/// A function that is held and not opened.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Opaque {
    kind: Kind,
    described: Described,
    signature: Signature,
    higher_order: HigherOrderSignature,
    /// The frame that the function came in; `None` if it could not be decoded.
    received: Option<Received>,
    /// Why it was not opened, if its family is linked here.
    failure: Option<Arc<Failure>>,
}

/// A frame as it came; two functions are the same if their frames are.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Received {
    family: String,
    frame: Bytes,
}

impl Opaque {
    /// Holds the function of a native frame, if it is of a kind that its header can describe.
    pub(crate) fn hold(
        kind: Kind,
        described: Described,
        family: &str,
        frame: Bytes,
        failure: Option<Failure>,
    ) -> Option<Node> {
        let types = described.arguments.iter().map(|field| field.data_type().clone()).collect();
        let signature = Signature::exact(types, described.volatility);
        let received = Received { family: family.to_owned(), frame };
        let higher_order = HigherOrderSignature::variadic_any(described.volatility);
        match kind {
            Kind::ScalarUdf | Kind::AggregateUdf | Kind::WindowUdf => {
                let (received, failure) = (Some(received), failure.map(Arc::new));
                Self { kind, described, signature, higher_order, received, failure }.into_node()
            }
            _ => None,
        }
    }

    /// Makes a stand-in for a function of any kind; `None` for a kind that is no function.
    pub(crate) fn stand_in(kind: Kind) -> Option<Node> {
        let volatility = Volatility::Volatile;
        let described = Described {
            name: "undecoded".to_owned(),
            arguments: Vec::new(),
            result: Arc::new(Field::new("undecoded", DataType::Null, true)),
            state: Vec::new(),
            volatility,
        };
        let (signature, higher_order) =
            (Signature::variadic_any(volatility), HigherOrderSignature::variadic_any(volatility));
        Self { kind, described, signature, higher_order, received: None, failure: None }.into_node()
    }

    fn into_node(self) -> Option<Node> {
        match self.kind {
            Kind::ScalarUdf => Some(Node::ScalarUdf(Arc::new(ScalarUDF::new_from_impl(self)))),
            Kind::AggregateUdf => Some(Node::AggregateUdf(Arc::new(AggregateUDF::new_from_impl(self)))),
            Kind::WindowUdf => Some(Node::WindowUdf(Arc::new(WindowUDF::new_from_impl(self)))),
            Kind::HigherOrderUdf => Some(Node::HigherOrderUdf(Arc::new(HigherOrderUDF::new_from_impl(self)))),
            _ => None,
        }
    }

    /// The frame of a function that is held, and the name of its family.
    pub(crate) fn received(node: NodeRef<'_>) -> Option<(&str, &Bytes)> {
        let held: &Self = match node {
            NodeRef::ScalarUdf(udf) => udf.inner().downcast_ref(),
            NodeRef::AggregateUdf(udf) => udf.inner().downcast_ref(),
            NodeRef::WindowUdf(udf) => udf.inner().downcast_ref(),
            _ => None,
        }?;
        held.received.as_ref().map(|Received { family, frame }| (family.as_str(), frame))
    }

    /// Returns the error for an attempt to run the function.
    fn unopened<T>(&self) -> Result<T> {
        let (kind, name) = (self.kind, self.described.name.clone());
        if let Some(failure) = &self.failure {
            return Err(failure.as_ref().clone().into());
        }
        let Some(Received { family, .. }) = &self.received else {
            return not_impl_err!("a function that could not be decoded does nothing");
        };
        Err(WireError::Unopened { family: family.clone(), kind, name }.into())
    }

    /// The result under the name of the function.
    fn result(&self, name: &str) -> FieldRef {
        Arc::new(self.described.result.as_ref().clone().with_name(name))
    }
}

impl ScalarUDFImpl for Opaque {
    fn name(&self) -> &str {
        &self.described.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.described.result.data_type().clone())
    }

    fn return_field_from_args(&self, _: ReturnFieldArgs) -> Result<FieldRef> {
        Ok(self.result(&self.described.name))
    }

    fn invoke_with_args(&self, _: ScalarFunctionArgs) -> Result<ColumnarValue> {
        self.unopened()
    }
}

impl AggregateUDFImpl for Opaque {
    fn name(&self) -> &str {
        &self.described.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.described.result.data_type().clone())
    }

    fn return_field(&self, _: &[FieldRef]) -> Result<FieldRef> {
        Ok(self.result(&self.described.name))
    }

    fn is_nullable(&self) -> bool {
        self.described.result.is_nullable()
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        // The names must tell the states of several aggregates in one plan apart.
        let named = |field: &FieldRef| {
            let name = format!("{}[{}]", args.name, field.name());
            Arc::new(field.as_ref().clone().with_name(name))
        };
        Ok(self.described.state.iter().map(named).collect())
    }

    fn accumulator(&self, _: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        self.unopened()
    }
}

impl WindowUDFImpl for Opaque {
    fn name(&self) -> &str {
        &self.described.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn partition_evaluator(&self, _: PartitionEvaluatorArgs) -> Result<Box<dyn PartitionEvaluator>> {
        Ok(Box::new(Unopened(self.clone())))
    }

    fn field(&self, args: WindowUDFFieldArgs) -> Result<FieldRef> {
        Ok(self.result(args.name()))
    }
}

/// The evaluator of a window function that is held. Planning asks it for what it can do, and the answer that it can do
/// the least holds for every function.
#[derive(Debug)]
struct Unopened(Opaque);

impl PartitionEvaluator for Unopened {
    fn evaluate_all(&mut self, _: &[ArrayRef], _: usize) -> Result<ArrayRef> {
        self.0.unopened()
    }

    fn evaluate(&mut self, _: &[ArrayRef], _: &Range<usize>) -> Result<ScalarValue> {
        self.0.unopened()
    }
}

impl HigherOrderUDFImpl for Opaque {
    fn name(&self) -> &str {
        &self.described.name
    }

    fn signature(&self) -> &HigherOrderSignature {
        &self.higher_order
    }

    fn lambda_parameters(
        &self,
        _: usize,
        _: &[ValueOrLambda<FieldRef, Option<FieldRef>>],
    ) -> Result<LambdaParametersProgress> {
        self.unopened()
    }

    fn return_field_from_args(&self, _: HigherOrderReturnFieldArgs) -> Result<FieldRef> {
        Ok(self.result(&self.described.name))
    }

    fn invoke_with_args(&self, _: HigherOrderFunctionArgs) -> Result<ColumnarValue> {
        self.unopened()
    }
}

/// A codec that decodes every function as a stand-in, so that the shape of expressions can be tried.
#[derive(Debug)]
pub(crate) struct StandIns;

fn any<T: FromNode>(kind: Kind) -> Result<T> {
    match Opaque::stand_in(kind).and_then(T::from_node) {
        Some(function) => Ok(function),
        None => not_impl_err!("there is no stand-in for a {kind}"),
    }
}

impl LogicalExtensionCodec for StandIns {
    fn try_decode_udf(&self, _: &str, _: &[u8]) -> Result<Arc<ScalarUDF>> {
        any(Kind::ScalarUdf)
    }

    fn try_decode_udaf(&self, _: &str, _: &[u8]) -> Result<Arc<AggregateUDF>> {
        any(Kind::AggregateUdf)
    }

    fn try_decode_udwf(&self, _: &str, _: &[u8]) -> Result<Arc<WindowUDF>> {
        any(Kind::WindowUdf)
    }

    fn try_decode_higher_order_function(&self, _: &str, _: &[u8]) -> Result<Arc<HigherOrderUDF>> {
        any(Kind::HigherOrderUdf)
    }

    fn try_decode(&self, _: &[u8], _: &[LogicalPlan], _: &TaskContext) -> Result<Extension> {
        any(Kind::LogicalNode)
    }

    fn try_encode(&self, _: &Extension, _: &mut Vec<u8>) -> Result<()> {
        not_impl_err!("stand-ins are not encoded")
    }

    fn try_decode_table_provider(
        &self,
        _: &[u8],
        _: &TableReference,
        _: SchemaRef,
        _: &TaskContext,
    ) -> Result<Arc<dyn TableProvider>> {
        any(Kind::TableProvider)
    }

    fn try_encode_table_provider(
        &self,
        _: &TableReference,
        _: Arc<dyn TableProvider>,
        _: &mut Vec<u8>,
    ) -> Result<()> {
        not_impl_err!("stand-ins are not encoded")
    }
}
