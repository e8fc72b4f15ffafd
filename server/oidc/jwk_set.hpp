#pragma once
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/crypto/keys.hpp"
#include "server/oidc/jws.hpp"

namespace chiploc {

/// One key of an issuer. Cheap to copy (shared, immutable), safe to use from any thread.
class Jwk {
 public:
  [[nodiscard]] const std::optional<std::string>& kid() const { return kid_; }
  /// RSA: RS256 and PS256, unless the key itself names one of them. P-256: ES256. Ed25519: EdDSA.
  [[nodiscard]] bool fits(JwsAlgorithm algorithm) const;
  /// Strict: the size that the algorithm has; PS256 with a salt of 32 bytes (RFC 7518, 3.5). False if it does not fit.
  [[nodiscard]] bool verify(JwsAlgorithm algorithm, Bytes message, Bytes signature) const;

 private:
  friend class JwkReader;
  std::optional<std::string> kid_;
  std::optional<JwsAlgorithm> only_;        ///< `alg`
  std::optional<PublicKey> elliptic_;       ///< of P-256 or Ed25519
  std::shared_ptr<const evp_pkey_st> rsa_;  ///< otherwise
};

/// Why a key of a set is left out.
enum class JwkSkip : std::uint8_t {
  kKind,       ///< of another type or curve: no fault, the issuer has other customers too
  kUse,        ///< `use`, `key_ops` or `alg` say that it is for something else
  kMalformed,  ///< a parameter is missing, no base64url, or too long
  kWeak,       ///< RSA below 2048 bits or above 8192, or an exponent that is even or below 65537
  kBadPoint,   ///< not on its curve, or of small order
  kPrivate,    ///< the issuer publishes its private half
  kTwice,      ///< two keys of one name: nobody can tell which is meant; both are left out
};
inline constexpr std::size_t kJwkSkips = 7;
[[nodiscard]] std::string_view name_of(JwkSkip why);

enum class JwkSetFault : std::uint8_t { kNoJson, kNoKeys, kTooMany };

/// The keys that an issuer signs with (RFC 7517, section 5).
class JwkSet {
 public:
  static constexpr std::size_t kSizeMax = 65'536;
  static constexpr std::size_t kKeysMax = 64;

  /// Fails with kNoJson (no JSON object of kSizeMax bytes at most), kNoKeys (no array `keys`), kTooMany. A key that is of
  /// no use is skipped and counted: the others go on working. A set in which none is left is no fault here.
  [[nodiscard]] static Result<JwkSet, JwkSetFault> parse(std::string_view text);

  /// The key of this name, if it fits. Without a name: the only key of the set that fits; null if several do.
  [[nodiscard]] const Jwk* find(const std::optional<std::string>& kid, JwsAlgorithm algorithm) const;
  [[nodiscard]] bool has(std::string_view kid) const;
  [[nodiscard]] std::size_t size() const { return keys_.size(); }
  [[nodiscard]] std::size_t skipped(JwkSkip why) const { return skipped_[static_cast<std::size_t>(why)]; }
  [[nodiscard]] std::size_t skipped() const;

 private:
  std::vector<Jwk> keys_;
  std::array<std::size_t, kJwkSkips> skipped_{};
};

}  // namespace chiploc
