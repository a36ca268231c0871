//! Keys: one line of a keyring each.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use strum::{Display, IntoStaticStr, VariantArray};
use zeroize::Zeroizing;

use crate::pair;

/// An algorithm for signatures. A key belongs to one algorithm, so a message cannot choose another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Display, IntoStaticStr, VariantArray)]
pub enum Algorithm {
    /// HMAC with SHA-256, [RFC 2104](https://www.rfc-editor.org/rfc/rfc2104): a key that verifies can sign too.
    #[strum(to_string = "hmac-sha256")]
    HmacSha256,
    /// Ed25519, [RFC 8032](https://www.rfc-editor.org/rfc/rfc8032): receivers hold a key that only verifies.
    #[strum(to_string = "ed25519")]
    Ed25519,
}

impl Algorithm {
    /// All algorithms, in the order of declaration.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The algorithm's name in a keyring: `hmac-sha256` or `ed25519`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// The fewest bytes of an HMAC key: as many as its output has, below which RFC 2104 calls it weak.
const SHORTEST_SECRET: usize = 32;

/// The size limit of a key id, in bytes.
const LONGEST_ID: usize = 64;

/// The fault of a keyring line. No text repeats any part of a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LineFault {
    /// There are not four words.
    #[error("{found} words, a key is `sign|verify hmac-sha256|ed25519 ID BASE64`")]
    Words {
        /// The words found.
        found: usize,
    },
    /// The first word is neither `sign` nor `verify`.
    #[error("the first word is neither `sign` nor `verify`")]
    Use,
    /// The second word is not an algorithm.
    #[error("the second word is neither `hmac-sha256` nor `ed25519`")]
    Algorithm,
    /// The id is too long, or has other characters.
    #[error("a key id has 1 to {LONGEST_ID} letters, digits, `.`, `_` and `-`, all of ASCII")]
    Id,
    /// The last word is not base64.
    #[error("the key is not base64")]
    Base64,
    /// The secret is too short.
    #[error("the secret has {found} bytes, it takes at least {SHORTEST_SECRET}")]
    Short {
        /// Its bytes.
        found: usize,
    },
    /// An Ed25519 key of another length.
    #[error("the key has {found} bytes, an Ed25519 key has 32")]
    Length {
        /// Its bytes.
        found: usize,
    },
    /// 32 bytes that are no public key, or one for which anybody can sign.
    #[error("the bytes are no public key of Ed25519, or one that proves nothing")]
    Weak,
    /// There is a key of this id already.
    #[error("the key id is taken by a line before")]
    Duplicate,
    /// There is a key that signs already.
    #[error("only one key signs, and a line before has it")]
    SecondSigner,
}

/// A key that verifies, and may sign.
pub(crate) struct Key {
    pub(crate) id: String,
    material: Material,
}

enum Material {
    /// The secret and not the state after it, because dropping a state does not wipe it.
    Hmac {
        secret: Zeroizing<Vec<u8>>,
        signs: bool,
    },
    /// Wiped when it is dropped. Boxed, because a key that moves leaves copies behind that nobody wipes.
    Pair(Box<SigningKey>),
    Public(VerifyingKey),
}

impl Key {
    /// Reads a line that is not blank.
    pub(crate) fn parse(line: &str) -> Result<Self, LineFault> {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let [use_of, algorithm, id, text] = words[..] else {
            return Err(LineFault::Words { found: words.len() });
        };
        let signs = match use_of {
            "sign" => true,
            "verify" => false,
            _ => return Err(LineFault::Use),
        };
        let known = Algorithm::ALL.iter().copied().find(|known| known.as_str() == algorithm);
        let algorithm = known.ok_or(LineFault::Algorithm)?;
        check_id(id)?;
        let secret = decode(text).ok_or(LineFault::Base64)?;
        let material = match algorithm {
            Algorithm::HmacSha256 if secret.len() < SHORTEST_SECRET => {
                return Err(LineFault::Short { found: secret.len() });
            }
            Algorithm::HmacSha256 => Material::Hmac { secret, signs },
            Algorithm::Ed25519 => ed25519(&secret, signs)?,
        };
        Ok(Self { id: id.to_owned(), material })
    }

    pub(crate) const fn algorithm(&self) -> Algorithm {
        match self.material {
            Material::Hmac { .. } => Algorithm::HmacSha256,
            Material::Pair(_) | Material::Public(_) => Algorithm::Ed25519,
        }
    }

    pub(crate) const fn signs(&self) -> bool {
        matches!(self.material, Material::Hmac { signs: true, .. } | Material::Pair(_))
    }

    /// Whether the line holds a secret, which is enough to sign.
    pub(crate) const fn is_secret(&self) -> bool {
        matches!(self.material, Material::Hmac { .. } | Material::Pair(_))
    }

    /// Signs a statement, even if the line says `verify`.
    pub(crate) fn sign(&self, statement: &[u8]) -> Option<Vec<u8>> {
        match &self.material {
            Material::Hmac { secret, .. } => Some(hmac(secret, statement)?.finalize().into_bytes().to_vec()),
            Material::Pair(pair) => Some(pair.sign(statement).to_bytes().to_vec()),
            Material::Public(_) => None,
        }
    }

    /// Whether this key made a signature. The time it takes does not tell what is wrong with one.
    pub(crate) fn verifies(&self, statement: &[u8], signature: &[u8]) -> bool {
        let verify = |key: &VerifyingKey| {
            Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify_strict(statement, &signature).is_ok())
        };
        match &self.material {
            Material::Hmac { secret, .. } => {
                hmac(secret, statement).is_some_and(|mac| mac.verify_slice(signature).is_ok())
            }
            Material::Pair(pair) => verify(&pair.verifying_key()),
            Material::Public(key) => verify(key),
        }
    }
}

fn check_id(id: &str) -> Result<(), LineFault> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if id.is_empty() || id.len() > LONGEST_ID || !id.bytes().all(plain) {
        return Err(LineFault::Id);
    }
    Ok(())
}

/// Decodes base64 into a buffer that is wiped, also after an error half-way.
fn decode(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(vec![0; base64::decoded_len_estimate(text.len())]);
    let length = STANDARD.decode_slice(text, &mut bytes).ok()?;
    bytes.truncate(length);
    Some(bytes)
}

/// The HMAC state after a statement; HMAC takes secrets of any length.
fn hmac(secret: &[u8], statement: &[u8]) -> Option<Hmac<Sha256>> {
    Some(Hmac::new_from_slice(secret).ok()?.chain_update(statement))
}

fn ed25519(key: &[u8], signs: bool) -> Result<Material, LineFault> {
    let key = <&[u8; 32]>::try_from(key).map_err(|_| LineFault::Length { found: key.len() })?;
    if signs {
        return Ok(Material::Pair(pair::of(key)));
    }
    match VerifyingKey::from_bytes(key) {
        Ok(public) if !public.is_weak() => Ok(Material::Public(public)),
        _ => Err(LineFault::Weak),
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let use_of = if self.signs() { "sign" } else { "verify" };
        write!(f, "{use_of} {} {} [redacted]", self.algorithm(), self.id)
    }
}

/// Why no key was made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GenerateError {
    /// The id is invalid.
    #[error(transparent)]
    Id(LineFault),
    /// The operating system has no random bytes to give.
    #[error("there are no random bytes: {0}")]
    Random(getrandom::Error),
}

/// Makes a new key: the line for the keyring that signs, and the line for those that only verify.
///
/// # Errors
///
/// If `id` is invalid, or the operating system has no random bytes.
pub fn generate(algorithm: Algorithm, id: &str) -> Result<[Zeroizing<String>; 2], GenerateError> {
    check_id(id).map_err(GenerateError::Id)?;
    let mut secret = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *secret).map_err(GenerateError::Random)?;
    let line = |use_of: &str, bytes: &[u8]| {
        let text = Zeroizing::new(STANDARD.encode(bytes));
        Zeroizing::new(format!("{use_of} {algorithm} {id} {}", *text))
    };
    let signs = line("sign", &*secret);
    let verifies = match algorithm {
        Algorithm::HmacSha256 => line("verify", &*secret),
        Algorithm::Ed25519 => line("verify", SigningKey::from_bytes(&secret).verifying_key().as_bytes()),
    };
    Ok([signs, verifies])
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a wrong vector is to fail")]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        (0..hex.len() / 2).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap()).collect()
    }

    /// The test cases of RFC 4231, but for the fifth, whose output is cut: key, data, HMAC-SHA-256.
    ///
    /// Some keys are shorter than a keyring takes, so they are not read from one.
    #[test]
    fn hmac_sha256_gives_what_rfc_4231_says() {
        let long = "aa".repeat(131);
        let cases = [
            (
                "0b".repeat(20),
                "4869205468657265".to_owned(),
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
            ),
            (
                "4a656665".to_owned(),
                "7768617420646f2079612077616e7420666f72206e6f7468696e673f".to_owned(),
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (
                "aa".repeat(20),
                "dd".repeat(50),
                "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
            ),
            (
                "0102030405060708090a0b0c0d0e0f10111213141516171819".to_owned(),
                "cd".repeat(50),
                "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
            ),
            (
                long.clone(),
                "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368204b6579204669727374".to_owned(),
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
            (
                long,
                "5468697320697320612074657374207573696e672061206c6172676572207468616e20626c6f636b2d73697a65206b657920616e642061206c6172676572207468616e20626c6f636b2d73697a6520646174612e20546865206b6579206e6565647320746f20626520686173686564206265666f7265206265696e6720757365642062792074686520484d414320616c676f726974686d2e".to_owned(),
                "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
            ),
        ];
        for (secret, data, expected) in cases {
            let secret = Zeroizing::new(bytes(&secret));
            let key = Key { id: "rfc".to_owned(), material: Material::Hmac { secret, signs: true } };
            assert_eq!(key.sign(&bytes(&data)).unwrap(), bytes(expected));
            assert!(key.verifies(&bytes(&data), &bytes(expected)));
        }
    }

    /// The first three and the last of the test vectors of RFC 8032, section 7.1, without the one of 1,023 bytes:
    /// secret key, public key, message, signature.
    #[test]
    fn ed25519_gives_what_rfc_8032_says() {
        let cases = [
            (
                "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
                "",
                "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
            ),
            (
                "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
                "72",
                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
            ),
            (
                "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
                "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
                "af82",
                "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
            ),
            (
                "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
                "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
                "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
                "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
            ),
        ];
        for (secret, public, message, signature) in cases {
            let line = |use_of, key: &str| format!("{use_of} ed25519 rfc {}", STANDARD.encode(bytes(key)));
            let (message, signature) = (bytes(message), bytes(signature));
            let signer = Key::parse(&line("sign", secret)).unwrap();
            assert_eq!(signer.sign(&message).unwrap(), signature);
            let verifier = Key::parse(&line("verify", public)).unwrap();
            assert!(verifier.verifies(&message, &signature) && signer.verifies(&message, &signature));
            assert!(!verifier.verifies(b"another message", &signature));
            assert_eq!(verifier.sign(&message), None);
        }
    }
}
