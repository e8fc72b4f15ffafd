#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "server/rest/route.hpp"

namespace chiploc::v1 {
class GetStatusResponse;
}

namespace chiploc {

/// What this edge counts, and what GetStatus says, as Prometheus reads it: names chiploc_*, base units, every counter there
/// from 0 on. Nothing of it names a chip, a place, an anchor or a person. Thread-safe.
///
///     chiploc_http_requests_total{operation, code}  code: 2xx, 3xx, 4xx, 5xx
///     chiploc_http_request_duration_seconds         from the handler's call to the answer; of streams to their beginning
///     chiploc_http_rate_limited_total{by}           address, caller
///     chiploc_NAME_total, chiploc_NAME              counters and gauges of GetStatus, by their names
///     chiploc_chips{state}, chiploc_chips_by_status{status}, chiploc_build_info{..}, ..
class RestMetrics {
 public:
  explicit RestMetrics(const std::vector<ReadRoute>& routes);
  ~RestMetrics();

  /// `operation`: a route's, or "" for what is no route.
  void answered(const std::string& operation, int status, Nanoseconds took);
  enum class LimitedBy : std::uint8_t { kAddress, kCaller };
  void limited(LimitedBy by);

  /// The text format, version 0.0.4. `beside`: further counters, by names that are none of GetStatus's.
  [[nodiscard]] std::string text(const v1::GetStatusResponse& status,
                                 const std::map<std::string, std::uint64_t>& beside = {}) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace chiploc
