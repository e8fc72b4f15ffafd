#pragma once
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "proto/base/result.hpp"

namespace chiploc {

/// One request: a GET, or with a form a POST of it.
struct FetchRequest {
  std::string url;
  std::string form{};  ///< application/x-www-form-urlencoded; empty: a GET
  std::vector<std::pair<std::string, std::string>> fields{};
};
struct FetchReply {
  int status = 0;
  std::string body;
  std::string cache_control{};
};
/// Or why there is none: the end of a sentence, without anything that was sent.
using FetchOutcome = Result<FetchReply, std::string>;

/// What asks others. Thread-safe.
class HttpFetch {
 public:
  virtual ~HttpFetch() = default;
  /// Returns at once. `ended` is called once, on a thread of the fetcher's, which it must not hold up; never if this goes
  /// away before. False, and nothing happens: too many wait.
  [[nodiscard]] virtual bool fetch(FetchRequest request, std::function<void(FetchOutcome)> ended) = 0;
};

}  // namespace chiploc
