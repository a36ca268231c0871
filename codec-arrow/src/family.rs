//! The family `arrow`: in-memory tables as frames.

use std::sync::Arc;

use datafusion::datasource::MemTable;
use planwire_registry::frame::Frame;
use planwire_registry::{
    AuthorizedFrame, DecodeContext, EncodeContext, FamilyName, Kind, Nested, Node, NodeRef, Payload, Tag,
    WireError, WireFamily, register_family,
};

use crate::table::{self, Fault};

/// Carries [`MemTable`]s with all their partitions.
#[derive(Debug)]
pub struct ArrowFamily;

register_family!(ArrowFamily);

const NAME: FamilyName = FamilyName::new("arrow");
const TABLE: Tag = Tag::new(b"DFARROW", 1);

impl WireFamily for ArrowFamily {
    fn name(&self) -> FamilyName {
        NAME
    }

    fn tag(&self, kind: Kind) -> Option<Tag> {
        (kind == Kind::TableProvider).then_some(TABLE)
    }

    fn encode(&self, node: NodeRef<'_>, cx: &EncodeContext<'_>) -> Result<Option<Payload>, WireError> {
        let NodeRef::TableProvider { provider, .. } = node else { return Ok(None) };
        let Some(table) = provider.downcast_ref::<MemTable>() else { return Ok(None) };
        let payload = table::encode(table).map_err(|error| cx.cannot_carry(error))?;
        match table::check(&payload.as_bytes(), cx.limits()) {
            Ok(_) => Ok(Some(payload)),
            Err(Fault::Excess { limit, found, most }) => Err(WireError::EncodeLimit { limit, found, most }),
            Err(Fault::Unsound(fault)) => Err(cx.cannot_carry(fault)),
        }
    }

    fn nested<'a>(&self, _: Kind, _: &Frame<'a>) -> Nested<'a> {
        Nested::Nothing
    }

    fn decode(&self, frame: AuthorizedFrame<'_>, cx: &DecodeContext<'_>) -> Result<Node, WireError> {
        match table::decode(frame.payload(), cx.limits()) {
            Ok(table) => Ok(Node::TableProvider(Arc::new(table))),
            Err(Fault::Excess { limit, found, most }) => Err(WireError::LimitExceeded { limit, found, most }),
            Err(Fault::Unsound(fault)) => Err(frame.malformed(fault)),
        }
    }
}
