//! The conformance suite that every wire family can run, and the common code of tests of frames.
//!
//! A plugin's own test is one call:
//!
//! ```
//! use std::sync::Arc;
//!
//! use planwire_registry::Node;
//! use planwire_conformance::{Sample, check};
//! # mod family {
//! #     use planwire_registry::frame::{Payload, Tag};
//! #     use planwire_registry::*;
//! #     #[derive(Debug)]
//! #     pub struct MathFamily;
//! #     impl WireFamily for MathFamily {
//! #         fn name(&self) -> FamilyName { FamilyName::new("math") }
//! #         fn tag(&self, kind: Kind) -> Option<Tag> {
//! #             (kind == Kind::ScalarUdf).then_some(Tag::new(b"DFABSFN", 1))
//! #         }
//! #         fn encode(&self, node: NodeRef<'_>, _: &EncodeContext<'_>) -> Result<Option<Payload>, WireError> {
//! #             let NodeRef::ScalarUdf(udf) = node else { return Ok(None) };
//! #             Ok(["abs", "sqrt"].contains(&udf.name()).then(|| Payload::from(udf.name().as_bytes())))
//! #         }
//! #         fn decode(&self, frame: AuthorizedFrame<'_>, _: &DecodeContext<'_>) -> Result<Node, WireError> {
//! #             match frame.payload() {
//! #                 b"abs" => Ok(Node::ScalarUdf(datafusion::functions::math::abs())),
//! #                 b"sqrt" => Ok(Node::ScalarUdf(datafusion::functions::math::sqrt())),
//! #                 _ => Err(frame.malformed("not `abs` nor `sqrt`")),
//! #             }
//! #         }
//! #     }
//! # }
//! # use family::MathFamily;
//!
//! let abs = Sample::new("abs", Node::ScalarUdf(datafusion::functions::math::abs()));
//! let sqrt = Sample::new("sqrt", Node::ScalarUdf(datafusion::functions::math::sqrt()));
//! check(Arc::new(MathFamily), &[abs, sqrt]);
//! ```

pub mod crossing;
mod hexdump;
mod promises;

pub use hexdump::hexdump;
pub use promises::{Sample, check};
