#pragma once
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "proto/base/result.hpp"

namespace chiploc {

inline constexpr const char* kFormType = "application/x-www-form-urlencoded";

/// One request: a GET, or with a content type a POST of the body.
struct FetchRequest {
  std::string url;
  std::string content_type{};  ///< empty: a GET
  std::string body{};
  std::string accept = "application/json";
  std::vector<std::pair<std::string, std::string>> fields{};
};
/// Of a field that comes several times the last counts.
struct FetchReply {
  int status = 0;
  std::string body;
  std::string content_type{};
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
