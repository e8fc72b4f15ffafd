#pragma once
#include <string>
#include <string_view>

#include "server/http/http_message.hpp"

namespace chiploc {

/// Why a request is answered by the server itself.
struct HttpFault {
  int status = 400;
  std::string code;    ///< stable, for programs: "http.two_lengths"
  std::string detail;  ///< one sentence for people: what is wrong, and what to do
};

/// "Bad Request"; "Unknown" for a status that has no name here.
[[nodiscard]] std::string_view reason_phrase(int status);

/// A problem (RFC 9457) as the body: type about:blank, title, status, detail, code. A detail that is not UTF-8 has
/// U+FFFD in its place.
[[nodiscard]] HttpReply problem_reply(const HttpFault& fault);

}  // namespace chiploc
