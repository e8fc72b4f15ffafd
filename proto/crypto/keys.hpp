#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "proto/base/bytes.hpp"
#include "proto/base/ids.hpp"
#include "proto/base/result.hpp"

struct evp_md_ctx_st;
struct evp_pkey_st;

namespace chiploc {

/// The signature algorithms of the protocol. The numbers are stored; never reuse one.
enum class SignatureAlgorithm : std::uint16_t {
  kEd25519 = 1,  ///< RFC 8032, pure
  kEs256 = 2,    ///< ECDSA on P-256 with SHA-256
  kEs384 = 3,    ///< ECDSA on P-384 with SHA-384
};
/// "EdDSA", "ES256", "ES384": the names of the COSE registry.
[[nodiscard]] std::string_view name_of(SignatureAlgorithm algorithm);
/// The COSE algorithm id: -8, -7, -35 (RFC 9053).
[[nodiscard]] std::int64_t cose_id_of(SignatureAlgorithm algorithm);
[[nodiscard]] std::optional<SignatureAlgorithm> algorithm_from_cose_id(std::int64_t id);
/// Bytes of a signature: 64, 64, 96.
[[nodiscard]] std::size_t signature_size_of(SignatureAlgorithm algorithm);

/// What is wrong with a key, and for people a sentence that names the place and what to do.
struct KeyFault {
  enum class Code : std::uint8_t {
    kMalformed,             ///< not the encoding it should be
    kTrailingData,          ///< a key, and then something else
    kUnsupportedAlgorithm,  ///< not Ed25519, P-256 or P-384 as a named curve with an uncompressed point
    kPointOffCurve,         ///< the point is not on its curve
    kSmallOrder,            ///< an Ed25519 point of order 1, 2, 4 or 8
    kNonCanonical,          ///< an Ed25519 y coordinate not below 2^255 - 19
    kUnreadable,            ///< no such file, token or handle, or no right to read it
    kPermissions,           ///< a key file that others may read
    kNoPrivateKey,          ///< the store has something else under this URI
    kBadPin,                ///< the PIN or passphrase is missing or refused
    kProvider,              ///< a provider, engine or module that cannot be loaded
    kSigningFailed,         ///< the key was found, but would not sign
    kWrongAlgorithm,        ///< a good key of an algorithm that this use does not take
    kNotWritable,           ///< a key file that cannot be created
  };
  Code code{};
  std::string text;
};
[[nodiscard]] std::string_view name_of(KeyFault::Code code);

/// A public key, parsed and checked once. Cheap to copy (shared, immutable) and safe to use from any thread.
/// Accepted are exactly three encodings of SubjectPublicKeyInfo (RFC 8410; RFC 5480 with a named curve and an
/// uncompressed point), byte for byte; everything else is a fault.
class PublicKey {
 public:
  /// Fails with kMalformed, kTrailingData, kUnsupportedAlgorithm, kPointOffCurve, kSmallOrder, kNonCanonical.
  [[nodiscard]] static Result<PublicKey, KeyFault> from_spki_der(Bytes der);
  /// A "PUBLIC KEY" PEM block and nothing else but white space.
  [[nodiscard]] static Result<PublicKey, KeyFault> from_pem(std::string_view pem);
  [[nodiscard]] static Result<PublicKey, KeyFault> from_raw_ed25519(Bytes raw);

  [[nodiscard]] SignatureAlgorithm algorithm() const;
  [[nodiscard]] Bytes spki_der() const;
  [[nodiscard]] std::string pem() const;
  /// The 32 raw bytes of an Ed25519 key; nullopt for the others.
  [[nodiscard]] std::optional<ByteArray<32>> raw_ed25519() const;

  /// Strict: the exact size; ECDSA as r || s, both in [1, n-1]; Ed25519 with S < L (RFC 8032, cofactorless).
  /// Takes 50 us (P-256), 72 us (Ed25519), 550 us (P-384) on the reference machine.
  [[nodiscard]] bool verify(Bytes message, Bytes signature) const;

  friend bool operator==(const PublicKey& a, const PublicKey& b) {
    return same_bytes(a.spki_der(), b.spki_der());
  }
  /// Borrowed, for the crypto target only.
  [[nodiscard]] evp_pkey_st* native() const;

 private:
  struct Parsed;
  explicit PublicKey(std::shared_ptr<const Parsed> parsed) : parsed_{std::move(parsed)} {}
  std::shared_ptr<const Parsed> parsed_;
};

/// Something that signs: a key in memory, a TPM, a token. One thread at a time.
class Signer {
 public:
  Signer() = default;
  virtual ~Signer() = default;
  Signer(const Signer&) = delete;
  Signer& operator=(const Signer&) = delete;

  [[nodiscard]] virtual const PublicKey& public_key() const = 0;
  /// Signs the message (not a digest of it). ECDSA comes out as r || s. Fails with kSigningFailed.
  [[nodiscard]] virtual Result<ByteVector, KeyFault> sign(Bytes message) const = 0;

  [[nodiscard]] SignatureAlgorithm algorithm() const { return public_key().algorithm(); }
  [[nodiscard]] Bytes spki_der() const { return public_key().spki_der(); }
  /// For the crypto target only: a new context, the caller's, that signs what is put into it; null if the key
  /// will not.
  [[nodiscard]] virtual evp_md_ctx_st* start_signing() const { return nullptr; }
};

/// A private key in this process's memory, made here or read from PEM: for tests, the lab and issuing
/// certificates. Programs open their own keys with open_signer (key_store.hpp).
class SoftwareKey : public Signer {
 public:
  /// Unencrypted PKCS#8 PEM.
  [[nodiscard]] virtual std::string private_pem() const = 0;
  /// PKCS#8 PEM, encrypted with AES-256 under scrypt (RFC 7914; N = 16384, r = 8, p = 5: OWASP's least cost
  /// within the 16 MiB that OpenSSL spends by itself). Empty if OpenSSL fails.
  [[nodiscard]] virtual std::string encrypted_pem(std::string_view passphrase) const = 0;
  /// Borrowed, for the crypto target only.
  [[nodiscard]] virtual evp_pkey_st* native() const = 0;
};
[[nodiscard]] std::unique_ptr<SoftwareKey> generate_key(SignatureAlgorithm algorithm);
/// One private key in PEM: PKCS#8, or what OpenSSL writes for EC ("EC PRIVATE KEY"). Unencrypted.
[[nodiscard]] Result<std::unique_ptr<SoftwareKey>, KeyFault> key_from_private_pem(std::string_view pem);
/// The private key whose 32-byte Ed25519 seed this is: known answers, reproducible labs.
[[nodiscard]] Result<std::unique_ptr<SoftwareKey>, KeyFault> key_from_ed25519_seed(Bytes seed);
/// Creates the file with mode 0600 and writes the key durably. Fails with kNotWritable, also when it exists:
/// a key is never overwritten. With a passphrase it is encrypted.
[[nodiscard]] Result<Done, KeyFault> write_private_key(const std::filesystem::path& file,
                                                       const SoftwareKey& key,
                                                       std::string_view passphrase = {});

/// The raw Ed25519 public key of an anchor or coordinator. Fails with kWrongAlgorithm.
[[nodiscard]] Result<AnchorId, KeyFault> anchor_id_of(const PublicKey& key);
[[nodiscard]] Result<CoordinatorId, KeyFault> coordinator_id_of(const PublicKey& key);

}  // namespace chiploc
