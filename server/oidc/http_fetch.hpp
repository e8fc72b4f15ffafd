#pragma once
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "proto/base/result.hpp"

namespace chiploc {

/// One request to an issuer: a GET, or with a form a POST of it.
struct IssuerRequest {
  std::string url;
  std::string form{};  ///< application/x-www-form-urlencoded; empty: a GET
  std::vector<std::pair<std::string, std::string>> fields{};
};
struct IssuerReply {
  int status = 0;
  std::string body;
  std::string cache_control{};
};
/// Or why there is none: the end of a sentence, without anything that was sent.
using IssuerOutcome = Result<IssuerReply, std::string>;

/// What asks an issuer. Thread-safe.
class HttpFetch {
 public:
  virtual ~HttpFetch() = default;
  /// Returns at once. `ended` is called once, on a thread of the fetcher's, which it must not hold up; never if this goes
  /// away before. False, and nothing happens: too many wait.
  [[nodiscard]] virtual bool fetch(IssuerRequest request, std::function<void(IssuerOutcome)> ended) = 0;
};

}  // namespace chiploc
