#pragma once
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "proto/base/ids.hpp"
#include "server/service/secret_text.hpp"

namespace chiploc {

/// What tokens of enrolment are for, and the role that a certificate has which comes of one.
struct EnrolmentKind {
  std::string_view word;  ///< "anchor", "site"
  std::string_view role;  ///< its OU
  bool has_holder;        ///< it is a holder's own, and sees its rows alone
};
/// nullptr: no such kind.
[[nodiscard]] const EnrolmentKind* enrolment_kind(std::string_view word);

/// Whether this coordinator enrols, and by which limits.
struct EnrolmentRules {
  bool has_authority = false;  ///< [enrol] authority of chiplocd.toml
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
