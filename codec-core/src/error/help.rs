//! Remedies: one for each error.

use super::WireError;

impl WireError {
    /// The remedy.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        match self {
            Self::Encode { .. } => {
                "change the function so that the family can carry it, or send it by name and register it on the receiver"
            }
            Self::EncodeRefused { .. } => {
                "send it from a session whose keyring holds a key that signs, or as it was received; a function can also go by name"
            }
            Self::EncodeCodec { .. } | Self::EncodeMessage { .. } => {
                "the cause says what DataFusion or the codec lacks; a family that is not refused, or an installed codec, can carry what DataFusion cannot"
            }
            Self::NotCarried { .. } => {
                "do as it says; or enable a family that carries it, write one, or install a codec"
            }
            Self::EncodePanicked { .. } => "the plan meets a bug in DataFusion or in a codec",
            Self::EncodeStore { .. } => {
                "give the session a store in which the receivers find it, or have the function load by itself what makes it large"
            }
            Self::Store { .. } => "give this process the store into which the sender puts its payloads",
            Self::EncodeLimit { .. } => {
                "send less at once, or raise the limit by its name on sender and receiver"
            }
            Self::LimitExceeded { .. } => {
                "if the sender is to be trusted with that much, raise the limit by its name on this session"
            }
            Self::Malformed { .. } | Self::NotAMessage { .. } => {
                "the bytes were cut short or changed on the way: send the message again, whole"
            }
            Self::NotAParcel { .. } => {
                "open what `pack` made, whole; what `to_bytes` wrote goes to `from_bytes` of its class, and a sealed message to `planwire.guard.open` first"
            }
            Self::Version { refuses: true, .. } | Self::Stamp { refuses: true, .. } => {
                "align the versions of sender and receiver, and, since this session refuses the family, also enable it here or send the function by name"
            }
            Self::Unrecognized { .. } => {
                "name the sort of message that they should be, and the error says where they are not; or take the message out of what compressed or stored it"
            }
            Self::Version { .. } => "use releases on both sides that share a frame version",
            Self::Stamp { .. } => {
                "run sender and receiver on the same minor version, or send the function by name"
            }
            Self::WrongKind { .. } => "the message was put together wrongly: encode it again from the plan",
            Self::Refused { kind, .. } if !kind.is_function() => {
                "set the family to `inline` here, if every sender is trusted to run code in this process"
            }
            Self::Refused { .. } => {
                "on the sender, set the family to `refuse` and encode again, then register the function here; or set the family to `inline` here, if every sender is trusted to run code in this process"
            }
            Self::RefusedByFloor { kind, .. } if !kind.is_function() => {
                "a mode of the session does not help, and a floor is never lowered, so only another process decodes it"
            }
            Self::RefusedByFloor { .. } => {
                "on the sender, set the family to `refuse` and encode again, then register the function here; a mode of the session does not help, and a floor is never lowered, so only another process decodes it"
            }
            Self::PolicyRefused { .. } => {
                "have it signed by a key that is held here and for the audience here, or pin it after a look at it; a function can also go by name"
            }
            Self::UnknownFamily { .. } => "link the crate of the family into this process and enable it",
            Self::Unopened { .. } => {
                "run the plan in a process that has the family, e.g. where the plan was made"
            }
            Self::UnknownFunction { .. } => {
                "register the function on this receiver before decoding, or send it inline"
            }
            Self::UnknownCodec { .. } => {
                "install the codec on this receiver under the id that the sender used"
            }
            Self::Payload { .. } => "the cause says what the payload needs that this process lacks",
            Self::NameMismatch { .. } => "encode the plan again with the function that it names",
            Self::Preferred { .. } => {
                "if the payload is what should run, set the precedence of this session to `payload`, or register nothing under its name"
            }
            Self::Writes { .. } => {
                "send plans that read; or, where all plans come sealed from senders that may write, harden the process with writes allowed"
            }
            Self::DecodeCodec { .. } => "the cause says what the codec could not read",
            Self::OtherOption { .. } => {
                "set the option to the sender's value on the session that decodes it; or send the query, a pickled plan or a parcel of either, which bring the options along"
            }
            Self::DecodeMessage { .. } => "the cause says what the message needs that this session lacks",
            Self::Panicked { .. } => {
                "the message is not one that DataFusion wrote, or it meets a bug in DataFusion"
            }
            Self::Lost { .. } => "do as it says, or send the plan of the other layer, logical or physical",
            Self::EncodeFamilyPanicked { .. } | Self::FamilyPanicked { .. } | Self::OtherKind { .. } => {
                "this is a bug in the family: report it to the crate that brings it"
            }
        }
    }
}
