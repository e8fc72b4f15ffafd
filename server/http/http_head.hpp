#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "proto/base/result.hpp"
#include "server/http/http_fault.hpp"
#include "server/http/http_target.hpp"

namespace chiploc {

struct HttpHeadLimits {
  std::size_t bytes = 16'384;  ///< from the request line to the empty line; 431 beyond
  std::size_t fields = 100;    ///< 431 beyond
  HttpTargetLimits target{};
};

/// Finds the end of a head while its bytes come, and refuses at once what no line of one may have, so that nobody waits
/// for an end that does not come: a NUL, a CR or an LF without the other, a first line that is empty.
class HttpHeadScan {
 public:
  /// `bytes` is what came so far, from the head's first byte; at each call the same and more.
  ///
  /// Returns   the head's size with its empty line; nullopt: not all of it is there yet.
  /// Fails     With 400; with 414 or 431 where it is too long already.
  [[nodiscard]] Result<std::optional<std::size_t>, HttpFault> scan(std::string_view bytes,
                                                                   const HttpHeadLimits& limits);

 private:
  std::size_t seen_ = 0;   ///< bytes that were looked at
  std::size_t lines_ = 0;  ///< that have ended
  std::size_t line_ = 0;   ///< where the current one begins
};

/// The lines of a head, taken apart.
struct HttpHeadLines {
  std::string method;
  std::string target;
  HttpFields fields;
};
/// Reads a whole head whose lines are those of RFC 9112 in its strict form: "METHOD SP target SP HTTP/1.1", then fields
/// whose names are tokens with the colon right behind, values without controls, none folded. Parsers are lenient here,
/// each in its own way, and that is what smuggling lives on.
[[nodiscard]] Result<HttpHeadLines, HttpFault> read_head_lines(std::string_view head,
                                                               const HttpHeadLimits& limits);

/// What a head means.
struct HttpHead {
  std::string method;
  HttpTarget target;
  bool whole_server = false;  ///< OPTIONS *; the target is empty then
  HttpFields fields;
  std::optional<std::uint64_t> content_length;  ///< of its field
  bool chunked = false;
  bool keep_alive = true;
  bool expects_continue = false;
};

/// Judges a head: methods, Host, the form of the target, how the body is framed.
///
/// Fails     With 400, 405 (CONNECT, TRACE), 414, 417, 501 (other methods, codings of a transfer).
[[nodiscard]] Result<HttpHead, HttpFault> judge_head(HttpHeadLines lines, const HttpHeadLimits& limits);

/// "GET, HEAD, ...": the methods that get as far as a handler, and OPTIONS.
[[nodiscard]] std::string_view http_methods();

/// Whether the entity tag is in a list of If-None-Match (RFC 9110, section 13.1.2), by weak comparison; "*" has all. A
/// list that cannot be read has none.
[[nodiscard]] bool in_entity_tags(std::string_view list, std::string_view etag);

}  // namespace chiploc
