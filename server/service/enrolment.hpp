#pragma once
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "proto/base/ids.hpp"
#include "proto/crypto/keys.hpp"
#include "server/service/secret_text.hpp"

namespace chiploc {

/// What tokens of enrolment are for: a certificate of a role, or a chip's row in the registry.
struct EnrolmentKind {
  std::string_view word;  ///< "anchor", "site", "agent"
  std::string_view role;  ///< the certificate's OU; empty: a chip, whose certificate is its maker's
  bool has_holder;        ///< it is a holder's own, and sees its rows alone
  [[nodiscard]] bool is_chip() const { return role.empty(); }
};
/// nullptr: no such kind.
[[nodiscard]] const EnrolmentKind* enrolment_kind(std::string_view word);

/// What the machine of a chip brings along with its token.
struct ArrivedChip {
  std::string certificate_pem;  ///< as a row of `chips` has it
  std::string reach;            ///< likewise
  PublicKey key;                ///< of the certificate request, which only its private key can have signed
};

/// Whether this coordinator enrols, and by which limits.
struct EnrolmentRules {
  bool has_authority = false;  ///< [enrol] authority of chiplocd.toml: for certificates
  bool has_http = false;       ///< where newcomers come
  std::chrono::seconds valid_usually = std::chrono::hours{24};
  std::chrono::seconds valid_least = std::chrono::minutes{1};
  std::chrono::seconds valid_most = std::chrono::hours{24 * 30};
  std::size_t open_most = 10'000;
  SecretDice dice{};  ///< of tokens
};

/// 260 bits.
inline constexpr std::size_t kTokenSymbols = 52;
/// What the store knows of a token, however it was typed; nullopt: it can be none.
[[nodiscard]] std::optional<Digest> token_digest(std::string_view typed);

}  // namespace chiploc
