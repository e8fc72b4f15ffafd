#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proto/base/result.hpp"
#include "server/http/http_fault.hpp"

namespace chiploc {

struct HttpTargetLimits {
  std::size_t bytes = 8'192;     ///< of the target as it was sent; 414 beyond
  std::size_t segments = 64;     ///< of its path
  std::size_t parameters = 100;  ///< of its query
};

/// A target (RFC 9112, section 3.2.1) taken apart and decoded once.
struct HttpTarget {
  /// "/" and the segments with "/" between them. A "/" or "%" that is data of a segment is %2F or %25 here, so that
  /// two targets with other segments never have the same path.
  std::string path;
  std::vector<std::string> segments;  ///< none for "/"; the last is empty where the path ends in "/"
  std::vector<std::pair<std::string, std::string>> query;  ///< "+" is a space; without "=" the value is empty
};

/// Reads a target in origin form ("/v1/chips?limit=5").
///
/// Fails     With 414 where it is too long, else 400: raw bytes that a URI has not (spaces, quotes, "<", ">", "#",
///           backslashes, what is no ASCII); "%" without two digits; what is decoded to a control, a backslash, or no
///           UTF-8; a "." or ".." between slashes, also where the slash is %2F; an empty segment that is not the last;
///           an empty name in the query; too many parts.
[[nodiscard]] Result<HttpTarget, HttpFault> parse_http_target(std::string_view target,
                                                              const HttpTargetLimits& limits = {});

}  // namespace chiploc
