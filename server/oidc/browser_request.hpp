#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "server/http/http_message.hpp"

namespace chiploc {

/// The value of the only cookie of that name; nullopt: none, or several (another site of our domain may have set one).
[[nodiscard]] std::optional<std::string_view> cookie_of(const HttpRequest& request, std::string_view name);

/// GET and HEAD: asks, and changes nothing.
[[nodiscard]] bool only_asks(const HttpRequest& request);

/// Whether a call with our session's cookie came from our own page, as far as the browser says:
///
///     Sec-Fetch-Site   same-origin, or none (typed by hand) for what only asks; absent: an old browser
///     Origin           ours to the letter; may be absent for what only asks
///
/// For anything that changes something one of the two has to be there. `origin` is "https://HOST[:PORT]".
[[nodiscard]] bool is_of_our_page(const HttpRequest& request, std::string_view origin);

/// "NAME=VALUE; Path=/; Secure; HttpOnly; SameSite=..": without Max-Age it ends with the browser; 0 deletes it.
[[nodiscard]] std::string set_cookie(std::string_view name, std::string_view value,
                                     std::string_view same_site, std::optional<long> max_age_s);

/// The value behind a key of a query that is there once; nullopt: not at all, or several times.
[[nodiscard]] std::optional<std::string> query_of(const HttpRequest& request, std::string_view key);

/// A text in a query or a form (RFC 3986): everything but unreserved characters as %XX.
[[nodiscard]] std::string percent_encoded(std::string_view text);

}  // namespace chiploc
