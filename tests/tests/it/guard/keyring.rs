//! Keyrings: where keys come from, what is no key, and that nothing of a key is ever shown.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::process::Command;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use planwire_conformance::crossing::Layer;
use planwire_guard::{Algorithm, Keyring, KeyringError, LineFault, generate};
use planwire_registry::StrictMode;
use zeroize::Zeroizing;

use crate::fixture::guarded::{ID, PUBLIC, SECRET, SEED, Session, line, ring, rings, signed, triple};
use crate::guard::files::file;

fn hmac_line(use_of: &str, id: &str) -> String {
    line(use_of, Algorithm::HmacSha256, id, SECRET)
}

/// Texts that are no keyring, each because of its last line.
fn unsound() -> Vec<String> {
    let secret = STANDARD.encode(SECRET);
    let verify = |algorithm, key: &[u8]| line("verify", algorithm, ID, key);
    vec![
        format!("sign hmac-sha256 {secret}"),
        format!("sign hmac-sha256 {ID} {secret} {secret}"),
        secret.clone(),
        format!("Sign hmac-sha256 {ID} {secret}"),
        format!("{secret} hmac-sha256 {ID} sign"),
        format!("sign hmac-sha512 {ID} {secret}"),
        format!("verify {secret} {ID} hmac-sha256"),
        hmac_line("sign", &"a".repeat(65)),
        hmac_line("sign", "drïver"),
        hmac_line("sign", "driver/1"),
        format!("sign hmac-sha256 {ID} {}", secret.trim_end_matches('=')),
        format!("sign hmac-sha256 {ID} {}", URL_SAFE.encode([0xff; 32])),
        format!("sign hmac-sha256 {ID} {}*", &secret[..secret.len() - 1]),
        format!("sign hmac-sha256 {secret} {ID}"),
        verify(Algorithm::HmacSha256, &SECRET[..31]),
        verify(Algorithm::Ed25519, &PUBLIC[..31]),
        verify(Algorithm::Ed25519, &[&SEED[..], &PUBLIC].concat()),
        verify(Algorithm::Ed25519, &[0; 32]),
        format!("{}{}", hmac_line("sign", ID), hmac_line("verify", ID)),
        format!("{}{}", hmac_line("sign", ID), hmac_line("sign", "driver-2")),
    ]
}

#[test]
fn every_unsound_line_is_named_with_its_fault() {
    let lines: Vec<_> = unsound()
        .iter()
        .map(|text| Keyring::parse(&format!("# a comment\n\n{text}")).unwrap_err().to_string())
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @"
    the keyring given as text is unsound in line 3: 3 words, a key is `sign|verify hmac-sha256|ed25519 ID BASE64`
    the keyring given as text is unsound in line 3: 5 words, a key is `sign|verify hmac-sha256|ed25519 ID BASE64`
    the keyring given as text is unsound in line 3: 1 words, a key is `sign|verify hmac-sha256|ed25519 ID BASE64`
    the keyring given as text is unsound in line 3: the first word is neither `sign` nor `verify`
    the keyring given as text is unsound in line 3: the first word is neither `sign` nor `verify`
    the keyring given as text is unsound in line 3: the second word is neither `hmac-sha256` nor `ed25519`
    the keyring given as text is unsound in line 3: the second word is neither `hmac-sha256` nor `ed25519`
    the keyring given as text is unsound in line 3: a key id has 1 to 64 letters, digits, `.`, `_` and `-`, all of ASCII
    the keyring given as text is unsound in line 3: a key id has 1 to 64 letters, digits, `.`, `_` and `-`, all of ASCII
    the keyring given as text is unsound in line 3: a key id has 1 to 64 letters, digits, `.`, `_` and `-`, all of ASCII
    the keyring given as text is unsound in line 3: the key is not base64
    the keyring given as text is unsound in line 3: the key is not base64
    the keyring given as text is unsound in line 3: the key is not base64
    the keyring given as text is unsound in line 3: a key id has 1 to 64 letters, digits, `.`, `_` and `-`, all of ASCII
    the keyring given as text is unsound in line 3: the secret has 31 bytes, it takes at least 32
    the keyring given as text is unsound in line 3: the key has 31 bytes, an Ed25519 key has 32
    the keyring given as text is unsound in line 3: the key has 64 bytes, an Ed25519 key has 32
    the keyring given as text is unsound in line 3: the bytes are no public key of Ed25519, or one that proves nothing
    the keyring given as text is unsound in line 4: the key id is taken by a line before
    the keyring given as text is unsound in line 4: only one key signs, and a line before has it
    ");
}

#[test]
fn the_last_length_that_is_none_and_the_first_that_is() {
    let verify = |bytes| Keyring::parse(&line("verify", Algorithm::HmacSha256, ID, &vec![7; bytes]));
    let Err(KeyringError::Line { fault, .. }) = verify(31) else { panic!("31 bytes are a secret") };
    assert_eq!(fault, LineFault::Short { found: 31 });
    for bytes in [32, 33, 64, 65, 1000] {
        verify(bytes).unwrap();
    }
    for id in ["a", "A.b_c-9", &"a".repeat(64)] {
        assert_eq!(Keyring::parse(&hmac_line("sign", id)).unwrap().key_ids(), [id]);
    }
}

/// The points of small order, for which one signature counts for many statements, in all encodings,
/// and bytes that are no point.
#[test]
fn public_keys_that_prove_nothing_are_refused() {
    let hex = |text: &str| -> Vec<u8> {
        (0..32).map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap()).collect()
    };
    let plus = |last: u8, first: u8, middle: u8| -> Vec<u8> {
        let mut bytes = vec![middle; 32];
        (bytes[0], bytes[31]) = (first, last);
        bytes
    };
    for key in [
        plus(0, 0, 0),
        plus(0x80, 0, 0),
        plus(0, 1, 0),
        plus(0x80, 1, 0),
        plus(0x7f, 0xec, 0xff),
        plus(0xff, 0xec, 0xff),
        plus(0x7f, 0xed, 0xff),
        plus(0xff, 0xed, 0xff),
        plus(0x7f, 0xee, 0xff),
        plus(0xff, 0xee, 0xff),
        plus(0, 2, 0),
        hex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
        hex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85"),
        hex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
        hex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"),
    ] {
        let outcome = Keyring::parse(&line("verify", Algorithm::Ed25519, ID, &key));
        assert!(
            matches!(outcome, Err(KeyringError::Line { fault: LineFault::Weak, .. })),
            "{key:02x?} became a key"
        );
    }
    Keyring::parse(&line("verify", Algorithm::Ed25519, ID, &PUBLIC)).unwrap();
}

#[test]
fn comments_blank_lines_and_windows_line_ends_do_not_count() {
    let text = format!(
        "# keys of the cluster\r\n\r\n  {}\r\n\t# old\r\n{}\r\n",
        hmac_line("sign", "new").trim_end(),
        hmac_line("verify", "old").trim_end().replace(' ', "\t "),
    );
    let keyring = Keyring::parse(&text).unwrap();
    assert_eq!(keyring.key_ids(), ["new", "old"]);
    assert_eq!(keyring.signing_key_id().as_deref(), Some("new"));
    assert_eq!(ring(&hmac_line("verify", "old")).signing_key_id(), None);
}

#[test]
fn a_keyring_that_cannot_be_had_is_no_keyring() {
    let callback = |text: &'static str| Keyring::from_callback(move || Err(text.into()));
    let texts = [
        Keyring::from_file("no/such/keys.txt"),
        Keyring::from_file(file("binary.txt", b"sign \xff")),
        Keyring::from_file(file("comments.txt", "# nothing\n")),
        Keyring::from_env("PLANWIRE_TESTS_NO_SUCH_VARIABLE"),
        Keyring::from_env(""),
        Keyring::from_env("CARGO_PKG_NAME"),
        callback("the vault is closed"),
        Keyring::from_callback(|| Ok(Zeroizing::default())),
        Keyring::parse(""),
    ]
    .map(|outcome| outcome.unwrap_err().to_string().replace(env!("CARGO_TARGET_TMPDIR"), "TMP"));
    insta::assert_snapshot!(texts.join("\n"), @"
    the keyring in no/such/keys.txt cannot be read: No such file or directory (os error 2)
    the keyring in TMP/binary.txt cannot be read: stream did not contain valid UTF-8
    the keyring in TMP/comments.txt holds no key
    the keyring in the environment variable PLANWIRE_TESTS_NO_SUCH_VARIABLE cannot be read: environment variable not found
    the keyring in the environment variable  cannot be read: environment variable not found
    the keyring in the environment variable CARGO_PKG_NAME is unsound in line 1: 1 words, a key is `sign|verify hmac-sha256|ed25519 ID BASE64`
    the keyring of the callback cannot be read: the vault is closed
    the keyring of the callback holds no key
    the keyring given as text holds no key
    ");
}

/// Only a new process can be given a variable without a race.
#[test]
fn a_variable_is_read_and_never_shown() {
    const VARIABLE: &str = "PLANWIRE_TESTS_KEYRING";
    const NAME: &str = "guard::keyring::a_variable_is_read_and_never_shown";
    if std::env::var_os(VARIABLE).is_some() {
        println!("<{:?}>", Keyring::from_env(VARIABLE));
    } else {
        let read = |value: &[u8]| {
            let mut child = Command::new(std::env::current_exe().unwrap());
            child.args(["--exact", NAME, "--nocapture"]).env(VARIABLE, OsStr::from_bytes(value));
            let output = String::from_utf8(child.output().unwrap().stdout).unwrap();
            let (_, rest) = output.split_once('<').unwrap();
            rest.split_once('>').unwrap().0.to_owned()
        };
        let text = hmac_line("sign", ID);
        assert_eq!(read(text.as_bytes()), "Ok(Keyring([sign hmac-sha256 driver-1 [redacted]]))");
        let unreadable = read(&[text.as_bytes(), b"\xff"].concat());
        assert_eq!(
            unreadable,
            r#"Err(Unreadable { keyring: "in the environment variable PLANWIRE_TESTS_KEYRING", source: "it is not UTF-8" })"#
        );
    }
}

#[test]
fn a_file_without_an_end_is_no_keyring() {
    let key = line("verify", Algorithm::HmacSha256, "k1", SECRET);
    let padded = |size: usize| format!("#{}\n{key}", "-".repeat(size - key.len() - 2));
    let longest = 1024 * 1024;
    let fits = file("fits.txt", padded(longest));
    assert_eq!(Keyring::from_file(fits).unwrap().key_ids(), ["k1"]);
    let error = Keyring::from_file(file("longer.txt", padded(longest + 1))).unwrap_err().to_string();
    assert!(error.ends_with("it is longer than 1048576 bytes"), "{error}");
}

#[test]
fn nothing_of_a_key_is_in_any_text() {
    let mut texts: Vec<String> = unsound()
        .iter()
        .map(|text| Keyring::parse(text).unwrap_err())
        .flat_map(|error| [error.to_string(), format!("{error:?}"), format!("{error:#?}")])
        .collect();
    let mut keys = vec![SECRET.to_vec(), SEED.to_vec()];
    for &algorithm in Algorithm::ALL {
        let [signs, _] = rings(algorithm);
        let mode: Arc<dyn StrictMode> = Arc::new(signed(&signs));
        let session = Session::guarded(signed(&signs));
        texts.extend([format!("{signs:?} {mode:?}"), format!("{mode:#?}"), session.debug()]);

        let [made, verifies] = generate(algorithm, "made").unwrap();
        let last = made.rsplit(' ').next().unwrap();
        keys.push(STANDARD.decode(last).unwrap());
        texts.push(format!("{:?}{:?}", Keyring::parse(&made), Keyring::parse(&verifies)));
        texts.push(generate(algorithm, "no id").unwrap_err().to_string());
    }
    assert!(texts.iter().any(|text| text.contains("sign ed25519 driver-1 [redacted]")), "{texts:#?}");
    for key in keys {
        let shown = [
            STANDARD.encode(&key),
            format!("{key:?}"),
            key.iter().map(|byte| format!("{byte:02x}")).collect(),
            key.escape_ascii().to_string(),
        ];
        for (text, shown) in texts.iter().flat_map(|text| shown.iter().map(move |shown| (text, shown))) {
            // A quarter of it would be too much.
            let part = shown.trim_matches(['[', ']']).get(..shown.len() / 4).unwrap();
            assert!(!text.contains(part), "{part} is in {text}");
        }
    }
}

#[test]
fn a_reload_changes_the_keys_of_sessions_that_are_there() {
    let new = line("sign", Algorithm::HmacSha256, "new", &[7; 32]);
    let path = file("reloaded.txt", hmac_line("sign", "old"));
    let keyring = Arc::new(Keyring::from_file(&path).unwrap());
    let session = Session::guarded(signed(&keyring));
    let by_old = session.encode(Layer::Logical, &triple()).unwrap();

    std::fs::write(&path, format!("{new}unsound")).unwrap();
    keyring.reload().unwrap_err();
    session.decode(Layer::Logical, &triple(), &by_old).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert!(matches!(keyring.reload(), Err(KeyringError::Unreadable { .. })));
    assert_eq!(keyring.signing_key_id().as_deref(), Some("old"));
    session.decode(Layer::Logical, &triple(), &by_old).unwrap();

    file("reloaded.txt", new);
    keyring.reload().unwrap();
    assert_eq!(keyring.key_ids(), ["new"]);
    session.refusal(Layer::Logical, &triple(), &by_old);
    let by_new = session.encode(Layer::Logical, &triple()).unwrap();
    session.decode(Layer::Logical, &triple(), &by_new).unwrap();
}

#[test]
fn a_key_is_rotated_in_four_steps_without_a_gap() {
    let secret = |id: &str| if id == "old" { [1; 32] } else { [2; 32] };
    let text = |use_of: &str, id: &str| line(use_of, Algorithm::HmacSha256, id, &secret(id));
    let both = text("verify", "old") + &text("verify", "new");
    let held = Arc::new(Mutex::new(text("verify", "old")));
    let keyring = {
        let held = Arc::clone(&held);
        Arc::new(Keyring::from_callback(move || Ok(Zeroizing::new(held.lock().unwrap().clone()))).unwrap())
    };
    let receiver = Session::guarded(signed(&keyring));
    let frame = |id: &str| {
        let sender = Session::guarded(signed(&ring(&text("sign", id))));
        sender.encode(Layer::Logical, &triple()).unwrap()
    };
    for (receives, sends, accepts) in [
        (text("verify", "old"), "old", ["old"].as_slice()),
        (both.clone(), "old", &["old", "new"]),
        (both, "new", &["old", "new"]),
        (text("verify", "new"), "new", &["new"]),
    ] {
        *held.lock().unwrap() = receives;
        keyring.reload().unwrap();
        assert!(accepts.contains(&sends));
        for id in ["old", "new"] {
            if accepts.contains(&id) {
                receiver.decode(Layer::Logical, &triple(), &frame(id)).unwrap();
            } else {
                receiver.refusal(Layer::Logical, &triple(), &frame(id));
            }
        }
    }
}

#[test]
fn a_new_key_signs_what_its_other_line_verifies() {
    for &algorithm in Algorithm::ALL {
        let [signs, verifies] = generate(algorithm, ID).unwrap();
        let [sender, receiver] = [&signs, &verifies].map(|text| Session::guarded(signed(&ring(text))));
        let frame = sender.encode(Layer::Logical, &triple()).unwrap();
        receiver.decode(Layer::Logical, &triple(), &frame).unwrap();
        receiver.encode(Layer::Logical, &triple()).unwrap_err();
        let [other, _] = generate(algorithm, ID).unwrap();
        Session::guarded(signed(&ring(&other))).refusal(Layer::Logical, &triple(), &frame);
    }
    let texts =
        ["", "no id", &"a".repeat(65)].map(|id| generate(Algorithm::Ed25519, id).unwrap_err().to_string());
    insta::assert_snapshot!(texts.join("\n"), @"
    a key id has 1 to 64 letters, digits, `.`, `_` and `-`, all of ASCII
    a key id has 1 to 64 letters, digits, `.`, `_` and `-`, all of ASCII
    a key id has 1 to 64 letters, digits, `.`, `_` and `-`, all of ASCII
    ");
}
