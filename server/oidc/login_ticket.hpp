#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "proto/base/time.hpp"
#include "proto/crypto/mac_key.hpp"
#include "server/oidc/session_table.hpp"

namespace chiploc {

/// A login under way, kept by the browser alone: a cookie of 256 random bits, the time at which it ends and where to go
/// then. What the issuer is told follows from it under a key of ours, so strangers who begin logins fill no table, and one
/// who knows the state from a URL has neither the cookie nor the verifier:
///
///     state, nonce, verifier = HMAC-SHA-256 pieces of (label, cookie), 256 bits each, in base64url
struct LoginTicket {
  std::string cookie, state, nonce, verifier;
  std::string challenge;    ///< S256 of the verifier (RFC 7636)
  std::string return_path;  ///< "/cases?state=open"
};

/// Makes tickets and knows its own again. Thread-safe. The key lives as long as this: a login that spans a restart begins
/// anew.
class LoginTickets {
 public:
  LoginTickets(const Dice& dice, Nanoseconds lives);
  [[nodiscard]] LoginTicket begin(const Dice& dice, std::string_view return_path, WallTime now) const;
  /// The ticket of a cookie, if `state` (compared in constant time) is its own and its time is not over.
  [[nodiscard]] std::optional<LoginTicket> find(std::string_view cookie, std::string_view state,
                                                WallTime now) const;

 private:
  [[nodiscard]] std::string derived(std::string_view label, std::string_view cookie) const;
  [[nodiscard]] LoginTicket of(std::string cookie) const;
  MacKey key_;
  Nanoseconds lives_;
};

/// A path of this site to go to after a login: begins with one '/', visible ASCII without what could make another site or
/// another header of it, at most 512 bytes. Anything else is "/".
[[nodiscard]] std::string safe_return_path(std::string_view path);

}  // namespace chiploc
