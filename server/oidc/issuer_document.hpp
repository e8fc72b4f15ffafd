#pragma once
#include <string>
#include <string_view>

#include "proto/base/result.hpp"

namespace chiploc {

/// Why an address of the issuer is not asked, as the end of a sentence; empty if it may be:
///
///     https://HOST[:PORT][/PATH][?QUERY]
///
/// Visible ASCII without quotes, angle brackets and backslashes, at most kEndpointMax bytes; no user and password (they
/// would stand in logs), no fragment. With `plain_loopback` also http, to 127.0.0.1 and [::1] alone: for tests and for
/// an issuer beside us, never over a network.
[[nodiscard]] std::string refusal_of_endpoint(std::string_view url, bool plain_loopback);
inline constexpr std::size_t kEndpointMax = 1'000;

/// What an issuer says of itself (OpenID Connect Discovery 1.0, section 3), as far as it is needed.
struct IssuerDocument {
  std::string issuer;
  std::string jwks_uri;
  std::string authorization_endpoint;  ///< empty: nobody can sign in at a page
  std::string token_endpoint;          ///< empty with it
  std::string end_session_endpoint{};  ///< empty: it has none
  bool names_itself = false;           ///< its answers at the page have `iss` (RFC 9207)
};

/// Where that lies: ISSUER/.well-known/openid-configuration.
[[nodiscard]] std::string discovery_url(std::string_view issuer);

/// Fails with a sentence that holds nothing of the document but names of its members: no JSON object of 64 KiB, another
/// issuer than the one asked (to the letter), an address that refusal_of_endpoint refuses, no PKCE with S256 where it
/// lists its methods.
[[nodiscard]] Result<IssuerDocument, std::string> parse_issuer_document(std::string_view text,
                                                                        std::string_view issuer,
                                                                        bool plain_loopback);

}  // namespace chiploc
