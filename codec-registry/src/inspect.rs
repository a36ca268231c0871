//! Inspection of bytes whose sort of message is unknown.

use datafusion::execution::TaskContext;
use planwire_core::error::Message;
use planwire_core::parcel::Parcel;
use planwire_core::{Content, Contents, Part, Reading, WireError};

use crate::SessionCodecs;

impl SessionCodecs {
    /// Shows the contents of some bytes and the verdict on each part in this session, without decoding them.
    ///
    /// What sort of message they are is not on the wire, so without being told, every sort is tried that
    /// they could be decoded as. One that fits only with fields that this build does not know is left out
    /// if another fits without, unless it carries something inline: what could be decoded is not hidden.
    ///
    /// ```
    /// use planwire_registry::{Content, Registry, SessionCodecs};
    /// use datafusion::functions::expr_fn::abs;
    /// use datafusion::prelude::{SessionContext, col};
    ///
    /// let codecs = SessionCodecs::new(Registry::linked()?);
    /// let bytes = codecs.logical().expr_to_bytes(&abs(col("a")))?;
    /// let contents = codecs.inspect(&bytes, None, &SessionContext::new().task_ctx())?;
    /// let [reading] = &contents.readings[..] else { panic!("the sort is clear") };
    /// let [part] = &reading.parts[..] else { panic!("there is one function") };
    /// assert_eq!((part.name.as_str(), &part.content), ("abs", &Content::Name));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`WireError::Unrecognized`] if the bytes are no message and no frame, [`WireError::NotAMessage`] if
    /// they are not of the sort asked for, [`WireError::LimitExceeded`] if they are more than this session
    /// takes.
    pub fn inspect(
        &self,
        bytes: &[u8],
        what: Option<Message>,
        task: &TaskContext,
    ) -> Result<Contents, WireError> {
        if let Some(what) = what {
            return Ok(Contents::new(bytes.len(), vec![self.reading(bytes, what, task)?]));
        }
        if Parcel::is_one(bytes) {
            let content = Parcel::from_bytes(bytes, self.limits())?;
            let messages = content.messages().into_iter();
            let readings = messages.map(|(what, message)| self.reading(message, what, task));
            return Ok(Contents::new(bytes.len(), readings.collect::<Result<_, _>>()?));
        }
        let sorts = [Message::Expr, Message::LogicalPlan, Message::PhysicalPlan];
        let (mut readings, mut excess) = (Vec::new(), None);
        for outcome in sorts.map(|what| self.reading(bytes, what, task)) {
            match outcome {
                Ok(reading) => readings.push(reading),
                Err(error @ WireError::LimitExceeded { .. }) => excess = excess.or(Some(error)),
                Err(_) => {}
            }
        }
        // Bytes that fit one sort may claim the impossible if they are taken for another.
        let is_claimed = |reading: &Reading| {
            matches!(&reading.refused, Some(WireError::NotAMessage { .. } | WireError::LimitExceeded { .. }))
        };
        if readings.iter().any(|reading| !is_claimed(reading)) {
            readings.retain(|reading| !is_claimed(reading));
        }
        if readings.iter().any(|reading| !reading.unknown_fields) {
            readings.retain(|reading| !reading.unknown_fields || reading.iter().any(Part::is_inline));
        }
        let is_known = |part: &Part| !matches!(part.content, Content::UnknownFamily(_));
        let frame = self.logical().inspect_frame(bytes);
        readings.extend(frame.filter(|frame| readings.is_empty() || frame.iter().any(is_known)));
        match (readings.is_empty(), excess) {
            (false, _) => Ok(Contents::new(bytes.len(), readings)),
            (true, Some(excess)) => Err(excess),
            (true, None) => Err(WireError::Unrecognized { size: bytes.len() }),
        }
    }

    fn reading(&self, bytes: &[u8], what: Message, task: &TaskContext) -> Result<Reading, WireError> {
        match what {
            Message::Expr | Message::LogicalPlan => self.logical().inspect(what, bytes, task),
            Message::PhysicalPlan | Message::PhysicalExpr => self.physical().inspect(what, bytes, task),
        }
    }
}
