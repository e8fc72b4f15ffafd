#include "server/rest/rest_metrics.hpp"

#include <regex>
#include <set>
#include <sstream>

#include "proto/v1/operator_service.pb.h"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace rest_metrics_test {

const std::vector<ReadRoute>& routes() {
  static const std::vector<ReadRoute> kRoutes = read_routes(rest_routes());
  return kRoutes;
}

v1::GetStatusResponse status() {
  v1::GetStatusResponse out;
  out.set_software_version("0.1.0");
  out.set_chips(3);
  out.set_started_unix_ns(1'500'000'000);
  (*out.mutable_chips_by_state())["VERIFIED"] = 2;
  (*out.mutable_counters())["reports_rejected"] = 7;
  (*out.mutable_gauges())["certificate_days_left"] = 2;
  (*out.mutable_gauges())["odd name"] = 1;
  return out;
}

bool has(const std::string& text, const std::string& line) {
  return text.find(line + "\n") != std::string::npos;
}

TEST_CASE("metrics: what GetStatus says, in base units", "[rest]") {
  const std::string text = RestMetrics{routes()}.text(status());
  CHECK(has(text, "chiploc_reports_rejected_total 7"));
  CHECK(has(text, "chiploc_certificate_left_seconds 172800"));
  CHECK(has(text, "chiploc_odd_name 1"));
  CHECK(has(text, "chiploc_chips 3"));
  CHECK(has(text, "chiploc_chips_by_state{state=\"VERIFIED\"} 2"));
  CHECK(has(text, "chiploc_chips_by_state{state=\"SILENT\"} 0"));
  CHECK(has(text, "chiploc_chips_by_state{state=\"never_measured\"} 1"));
  CHECK(has(text, "chiploc_chips_by_status{status=\"drifted\"} 0"));
  CHECK(has(text, "chiploc_start_time_seconds 1.5"));
  CHECK(text.find("chiploc_build_info{version=\"0.1.0\"") != std::string::npos);
}

TEST_CASE("metrics: requests by route and class of status, from 0 on", "[rest]") {
  RestMetrics metrics{routes()};
  CHECK(has(metrics.text(status()), "chiploc_http_requests_total{code=\"5xx\",operation=\"GetChip\"} 0"));
  CHECK(has(metrics.text(status()), "chiploc_http_rate_limited_total{by=\"caller\"} 0"));
  metrics.answered("GetChip", 200, std::chrono::milliseconds{2});
  metrics.answered("GetChip", 404, std::chrono::milliseconds{2});
  metrics.answered("", 404, std::chrono::milliseconds{2});
  metrics.answered("no such operation", 200, std::chrono::milliseconds{2});
  metrics.limited(RestMetrics::LimitedBy::kCaller);
  const std::string text = metrics.text(status());
  CHECK(has(text, "chiploc_http_requests_total{code=\"2xx\",operation=\"GetChip\"} 1"));
  CHECK(has(text, "chiploc_http_requests_total{code=\"4xx\",operation=\"GetChip\"} 1"));
  CHECK(has(text, "chiploc_http_requests_total{code=\"4xx\",operation=\"none\"} 1"));
  CHECK(has(text, "chiploc_http_rate_limited_total{by=\"caller\"} 1"));
  CHECK(has(text, "chiploc_http_rate_limited_total{by=\"address\"} 0"));
  CHECK(has(text, "chiploc_http_request_duration_seconds_count 4"));
  CHECK(has(text, "chiploc_http_request_duration_seconds_bucket{le=\"0.001\"} 0"));
  CHECK(has(text, "chiploc_http_request_duration_seconds_bucket{le=\"0.003\"} 4"));
}

TEST_CASE("metrics: what is counted beside the API has its names and is there from 0 on", "[rest]") {
  const std::string text =
      RestMetrics{routes()}.text(status(), {{"oidc_tokens_refused", 3}, {"page_codes_good", 0}});
  CHECK(has(text, "chiploc_oidc_tokens_refused_total 3"));
  CHECK(has(text, "chiploc_page_codes_good_total 0"));
  CHECK(has(text, "# TYPE chiploc_page_codes_good_total counter"));
}

TEST_CASE("metrics: every line is of the text format, every family described once", "[rest]") {
  std::istringstream lines{RestMetrics{routes()}.text(status())};
  const std::regex sample{R"(chiploc_[a-zA-Z0-9_]+(\{([a-z]+="[^"]*",?)*\})? \S+)"};
  std::set<std::string> described;
  std::string line;
  int samples = 0;
  while (std::getline(lines, line)) {
    if (line.empty()) continue;
    INFO(line);
    if (line.starts_with("# TYPE ")) {
      CHECK(described.insert(line.substr(7, line.find(' ', 7) - 7)).second);
    } else if (!line.starts_with("# HELP ")) {
      CHECK(std::regex_match(line, sample));
      ++samples;
    }
  }
  CHECK(samples > 300);
}

}  // namespace rest_metrics_test
}  // namespace chiploc
