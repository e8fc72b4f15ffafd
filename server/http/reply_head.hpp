#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "proto/base/result.hpp"
#include "proto/base/time.hpp"
#include "server/http/http_message.hpp"

namespace chiploc {

/// "Wed, 02 Dec 2026 09:00:00 GMT" (RFC 9110, section 5.6.7).
[[nodiscard]] std::string http_date(WallTime at);

/// What an answer depends on besides the reply.
struct ReplySetting {
  WallTime now{};
  std::string_view content_security_policy;  ///< where the reply has none of its own
  bool last = false;                         ///< the connection ends behind it
  bool stream = false;                       ///< events follow until the connection ends
};

/// The head of an answer, and the only place where fields are added to it.
///
/// Every answer has Date, Strict-Transport-Security, X-Content-Type-Options, Referrer-Policy, Cross-Origin-Opener-Policy,
/// Cross-Origin-Resource-Policy and Permissions-Policy: these are the server's, and a reply's own are not sent.
/// Cache-Control is no-store and Content-Security-Policy the setting's where the reply has none. No Server field. The
/// length is that of the body, which is not sent to HEAD; 204 and 304 have none.
///
/// Fails     With a sentence, where the handler went wrong: a status that is no final one, a name that is no token in
///           lower case, a value with controls, a field that frames the answer (Content-Length, Transfer-Encoding,
///           Connection, Keep-Alive, Trailer, Upgrade).
[[nodiscard]] Result<std::string, std::string> reply_head(const HttpReply& reply,
                                                          const ReplySetting& setting);

/// The bytes of the body, wherever they are.
[[nodiscard]] std::string_view body_of(const HttpReply& reply);

/// 304 in place of the reply, where the request says that it has it (If-None-Match): of a reply with status 200 and an
/// "etag" to GET. It keeps of the fields what RFC 9110, section 15.4.5, wants.
[[nodiscard]] std::optional<HttpReply> not_modified(const HttpRequest& request, const HttpReply& reply);

}  // namespace chiploc
