#include "server/rest/rest_metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <array>
#include <map>
#include <nlohmann/json.hpp>

#include "proto/v1/operator_service.pb.h"
#include "server/service/json_view.hpp"

namespace chiploc {
namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;

constexpr std::array<const char*, 4> kClasses{"2xx", "3xx", "4xx", "5xx"};
constexpr double kSecondsOfDay = 86'400;

std::string metric_name(const std::string& name) {
  std::string out = "chiploc_";
  for (const char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    out += plain ? c : '_';
  }
  return out;
}

using Labels = std::vector<std::pair<std::string, std::string>>;

void add(MetricFamily& family, double value, const Labels& labels = {}) {
  prometheus::ClientMetric metric;
  for (const auto& [name, label] : labels) metric.label.push_back({name, label});
  (family.type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
  family.metric.push_back(std::move(metric));
}

MetricFamily family(std::string name, std::string help, MetricType type) {
  return {std::move(name), std::move(help), type, {}};
}

/// One number by itself.
MetricFamily single(std::string name, std::string help, MetricType type, double value) {
  MetricFamily out = family(std::move(name), std::move(help), type);
  add(out, value);
  return out;
}

/// {"VERIFIED": 2, ..}: a label for each.
MetricFamily by_key(std::string name, std::string help, const std::string& label, const Json& counts) {
  MetricFamily out = family(std::move(name), std::move(help), MetricType::Gauge);
  for (const auto& item : counts.items()) add(out, item.value().get<double>(), {{label, item.key()}});
  return out;
}

template <class Counts>
std::map<std::string, std::uint64_t> sorted(const Counts& counts) {
  return {counts.begin(), counts.end()};
}

std::vector<MetricFamily> families_of(const v1::GetStatusResponse& status) {
  const Json view = json_of(status);
  std::vector<MetricFamily> out;
  out.push_back(family("chiploc_build_info", "What runs and by what it judges", MetricType::Gauge));
  add(out.back(), 1,
      {{"version", status.software_version()},
       {"borders", status.borders_version()},
       {"policy", status.policy_version()},
       {"calibration", status.calibration_version()}});
  out.push_back(single("chiploc_start_time_seconds", "Since 1970", MetricType::Gauge,
                       static_cast<double>(status.started_unix_ns()) / 1e9));
  out.push_back(single("chiploc_anchors_connected", "Anchors attached now", MetricType::Gauge,
                       status.anchors_connected()));
  out.push_back(single("chiploc_rounds_in_flight", "Rounds that run now", MetricType::Gauge,
                       status.rounds_in_flight()));
  out.push_back(
      single("chiploc_chips", "Chips registered", MetricType::Gauge, static_cast<double>(status.chips())));
  out.push_back(by_key("chiploc_chips_by_state", "Chips by their newest verdict, expired or not", "state",
                       view.at("chips_by_state")));
  out.push_back(by_key("chiploc_chips_by_status", "Chips by what they are held for", "status",
                       view.at("chips_by_status")));
  for (const auto& [name, value] : sorted(status.counters()))
    out.push_back(single(metric_name(name) + "_total", "GetStatus, counters", MetricType::Counter,
                         static_cast<double>(value)));
  for (const auto& [name, value] : sorted(status.gauges())) {
    constexpr std::string_view kDays = "_days_left";
    const bool days = name.ends_with(kDays);
    const std::string base = days ? name.substr(0, name.size() - kDays.size()) + "_left_seconds" : name;
    out.push_back(single(metric_name(base), "GetStatus, gauges", MetricType::Gauge,
                         static_cast<double>(value) * (days ? kSecondsOfDay : 1.0)));
  }
  return out;
}

}  // namespace

struct RestMetrics::State {
  using Counter = prometheus::Counter;
  prometheus::Registry registry{};
  std::map<std::pair<std::string, std::size_t>, Counter*>
      requests{};  // operation and class; complete at the start
  Counter* limited_address = nullptr;
  Counter* limited_caller = nullptr;
  prometheus::Histogram* duration = nullptr;
};

RestMetrics::RestMetrics(const std::vector<ReadRoute>& routes) : state_{std::make_unique<State>()} {
  auto& requests = prometheus::BuildCounter()
                       .Name("chiploc_http_requests_total")
                       .Help("Answers by operation and class of status")
                       .Register(state_->registry);
  const auto add_operation = [&](const std::string& operation) {
    for (std::size_t i = 0; i < kClasses.size(); ++i) {
      state_->requests[{operation, i}] =
          &requests.Add({{"operation", operation.empty() ? "none" : operation}, {"code", kClasses.at(i)}});
    }
  };
  add_operation("");
  for (const ReadRoute& route : routes) add_operation(route.operation());
  auto& limited = prometheus::BuildCounter()
                      .Name("chiploc_http_rate_limited_total")
                      .Help("Requests refused for their number")
                      .Register(state_->registry);
  state_->limited_address = &limited.Add({{"by", "address"}});
  state_->limited_caller = &limited.Add({{"by", "caller"}});
  state_->duration = &prometheus::BuildHistogram()
                          .Name("chiploc_http_request_duration_seconds")
                          .Help("From the handler's call to the answer")
                          .Register(state_->registry)
                          .Add({}, prometheus::Histogram::BucketBoundaries{0.001, 0.003, 0.01, 0.03, 0.1, 0.3,
                                                                           1, 3, 10, 30});
}

RestMetrics::~RestMetrics() = default;

void RestMetrics::answered(const std::string& operation, int status, Nanoseconds took) {
  const int first = status / 100;
  const std::size_t index = first >= 2 && first <= 5 ? static_cast<std::size_t>(first - 2) : 3;
  const auto at = state_->requests.find({operation, index});
  if (at != state_->requests.end()) at->second->Increment();
  state_->duration->Observe(std::chrono::duration<double>{took}.count());
}

void RestMetrics::limited(LimitedBy by) {
  (by == LimitedBy::kAddress ? state_->limited_address : state_->limited_caller)->Increment();
}

std::string RestMetrics::text(const v1::GetStatusResponse& status,
                              const std::map<std::string, std::uint64_t>& beside) const {
  std::vector<MetricFamily> all = state_->registry.Collect();
  std::vector<MetricFamily> more = families_of(status);
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  for (const auto& [name, value] : beside)
    all.push_back(single(metric_name(name) + "_total", "Of people's way in", MetricType::Counter,
                         static_cast<double>(value)));
  return prometheus::TextSerializer{}.Serialize(all);
}

}  // namespace chiploc
