#include "server/scenario/figure_text.hpp"

#include <array>
#include <cmath>
#include <cstdio>

#include "proto/base/joined.hpp"
#include "server/scenario/expectation.hpp"

namespace chiploc {

std::string figure(double value) {
  std::array<char, 40> out{};
  std::snprintf(out.data(), out.size(), "%.4g", value);
  return out.data();
}

std::string exact(double value) {
  std::array<char, 40> out{};
  std::snprintf(out.data(), out.size(), "%.17g", value);
  return out.data();
}

std::string share_of(const LabShare& share) { return share_text(share.hits, share.trials); }

std::string share_of_trials(const LabShare& share) {
  return share_of(share) + (share.trials == 0 ? "" : " of " + std::to_string(share.trials));
}

std::string time_of(const std::vector<Nanoseconds>& times, const LabShare& share, double p) {
  const auto value = quantile_of(times, share.trials, p);
  return value ? duration_text(*value) : "never";
}

std::string times_text(const std::vector<Nanoseconds>& times, const LabShare& share) {
  if (share.trials == 0) return "-";
  return "median " + time_of(times, share, 0.5) + ", 90 % " + time_of(times, share, 0.9);
}

std::string rate_text(const EventRate& rate) {
  if (rate.exposure <= 0.0) return "-";
  return std::to_string(rate.events) + " in " + figure(rate.exposure) +
         " chip-years: " + figure(rate.rate()) + " a chip-year (" + figure(rate.low()) + " to " +
         figure(rate.high()) + ")";
}

Json seconds_json(const std::vector<Nanoseconds>& times, const LabShare& share, double p) {
  const auto value = quantile_of(times, share.trials, p);
  if (!value) return nullptr;
  return std::round(static_cast<double>(value->count()) / 1e6) / 1e3;
}

Json rate_json(const EventRate& rate) {
  return {{"events", rate.events},
          {"chip_years", rate.exposure},
          {"rate", rate.rate()},
          {"low", rate.low()},
          {"high", rate.high()}};
}

std::string csv_row(const std::vector<std::string>& fields) {
  return joined(fields, ",", [](const std::string& field) { return csv_field(field); }) + "\n";
}

std::string seconds_text(const std::vector<Nanoseconds>& times, const LabShare& share, double p) {
  const Json value = seconds_json(times, share, p);
  return value.is_null() ? "" : value.dump();
}

std::string csv_value_of(const std::string& toml) {
  const Json value = Json::parse(toml, nullptr, false);
  return value.is_string() ? value.get<std::string>() : toml;
}

}  // namespace chiploc
