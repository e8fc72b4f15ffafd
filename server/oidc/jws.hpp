#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "proto/base/bytes.hpp"
#include "proto/base/result.hpp"

namespace chiploc {

/// The signatures that tokens may have (RFC 7518, RFC 8037). `none` and all that rest on a shared secret are none of them.
enum class JwsAlgorithm : std::uint8_t { kRs256, kPs256, kEs256, kEdDsa };
[[nodiscard]] std::string_view name_of(JwsAlgorithm algorithm);
[[nodiscard]] std::optional<JwsAlgorithm> jws_algorithm_of(std::string_view name);

/// What a header says that its token is.
enum class JwsType : std::uint8_t { kUnsaid, kJwt, kAccessToken };

enum class JwsFault : std::uint8_t {
  kTooLarge,
  kNotThreeParts,
  kNotBase64url,
  kHeaderNoJson,  ///< or a name twice in it
  kAlgorithm,     ///< absent, or none of JwsAlgorithm's
  kCritical,      ///< `crit`: something that has to be understood, and nothing of that kind is
  kKeyFromHeader,  ///< `jwk`, `jku`, `x5u`, `x5c`: keys come from the issuer's set, never from who sends the token
  kType,           ///< `typ` that is neither JWT nor at+jwt
  kKeyId,          ///< `kid` that is no text of 1 to kKeyIdMax visible characters
};

/// A token taken apart; nobody has looked at its signature. The view borrows from the input.
struct UncheckedJws {
  JwsAlgorithm algorithm{};
  JwsType type = JwsType::kUnsaid;
  std::optional<std::string> kid{};
  std::string_view signed_part;  ///< header and payload as they were sent, with the dot
  std::string payload;           ///< decoded
  ByteVector signature;
};

inline constexpr std::size_t kTokenMax = 16'384;
inline constexpr std::size_t kTokenHeaderMax = 2'048;  ///< decoded
inline constexpr std::size_t kKeyIdMax = 128;

/// A JWS in its compact form (RFC 7515, section 7.1): exactly three parts, base64url without padding. Header parameters
/// that are not named above are ignored, as section 4 asks.
[[nodiscard]] Result<UncheckedJws, JwsFault> parse_jws(std::string_view text);
/// 1 to kKeyIdMax visible ASCII characters.
[[nodiscard]] bool is_key_id(std::string_view text);

}  // namespace chiploc
