//! The envelope that planwire's codec gets in a session of another library.

use std::sync::Arc;

use planwire_conformance::crossing::{Layer, decode, encode};
use planwire_registry::Node;
use planwire_registry::envelope::{self, Envelope};

use crate::fixture::nodes::{Answer, Probe, wire_error, with_installed};
use crate::fixture::{inline, scalar, strict};

#[test]
fn an_envelope_of_planwires_own_is_opened_by_every_chain_under_its_own_modes() {
    let enclose = |bytes: &[u8]| envelope::encode(Envelope { id: "planwire", bytes });
    let triple = Node::ScalarUdf(Arc::new(scalar("triple")));
    let mut frame = Vec::new();
    encode(&inline(), Layer::Logical, "triple", &triple, &mut frame).unwrap();
    for layer in [Layer::Logical, Layer::Physical] {
        let decoded = decode(&inline(), layer, "triple", &triple, &enclose(&enclose(&frame))).unwrap();
        assert_eq!(decoded.kind(), triple.kind());
        for (bytes, code) in [
            (enclose(&frame), "PW-D005"),
            (enclose(b"DFNOONE\x01"), "PW-D007"),
            ((0..20_000).fold(frame.clone(), |bytes, _| enclose(&bytes)), "PW-D001"),
        ] {
            let error = decode(&strict(), layer, "triple", &triple, &bytes).unwrap_err();
            assert_eq!(wire_error(&error).code(), code, "{error}");
        }
    }
    // Whoever installs a codec under that id gets what it wrote.
    let probe = Probe::new(Answer::Decline);
    let codecs = with_installed(&inline(), "planwire", &probe);
    decode(&codecs, Layer::Logical, "triple", &triple, &enclose(&frame)).unwrap_err();
    assert_eq!(probe.methods(), ["try_decode_udf"]);
}
