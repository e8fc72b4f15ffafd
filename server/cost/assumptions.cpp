#include "server/cost/assumptions.hpp"

#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "server/config/toml_reader.hpp"

// The build put the file into the program.
extern "C" const char chiploc_assumptions_begin[];
extern "C" const char chiploc_assumptions_end[];

namespace chiploc {
namespace {

struct KeyRule {
  std::string_view name;
  std::string_view unit;
  double least, most;
};
constexpr double kMostMoney = 1e12;
constexpr std::array<KeyRule, kCostKeys> kRules{{
    {"chip_price", "USD", 0.0, kMostMoney},
    {"chip_weight", "kg", 0.0, 1e6},
    {"market_premium", "share", 0.0, 100.0},
    {"rent_hour", "USD an hour", 0.0, kMostMoney},
    {"engineer_month", "USD a month", 0.0, kMostMoney},
    {"colocation_kw", "USD a kW and month", 0.0, kMostMoney},
    {"server_price", "USD", 0.0, kMostMoney},
    {"vm_month", "USD a month", 0.0, kMostMoney},
    {"relay_build", "months", 0.0, 1e4},
    {"relay_delay", "us", 0.0, 1e9},
    {"relay_card", "USD", 0.0, kMostMoney},
    {"line_month", "USD a month", 0.0, kMostMoney},
    {"line_km_month", "USD a km and month", 0.0, kMostMoney},
    {"route_public", "times", 1.0, 100.0},
    {"route_leased", "times", 1.0, 100.0},
    {"route_straight", "times", 1.0, 100.0},
    {"straight_km", "USD a km", 0.0, kMostMoney},
    {"margin_verified", "km", 0.0, 20'100.0},
    {"margin_cleared", "km", 0.0, 20'100.0},
    {"key_interposer", "USD", 0.0, kMostMoney},
    {"key_interposer_months", "months", 0.0, 1e4},
    {"key_lab", "USD", 0.0, kMostMoney},
    {"key_lab_months", "months", 0.0, 1e4},
    {"key_each", "USD", 0.0, kMostMoney},
    {"key_spoils", "share", 0.0, 1.0},
    {"freight_kg", "USD a kg", 0.0, kMostMoney},
    {"trip_handling", "USD", 0.0, kMostMoney},
    {"trip_hours", "h", 0.0, 1e4},
    {"trip_speed", "km/h", 1.0, 1e5},
    {"home_hours", "h", 0.0, 1e4},
    {"dummy_price", "USD", 0.0, kMostMoney},
    {"anchor_bribe", "USD", 0.0, kMostMoney},
    {"anchor_month", "USD a month", 0.0, kMostMoney},
    {"front_price", "USD", 0.0, kMostMoney},
    {"chips_to_come", "times", 0.0, 1e6},
    {"noticed_share", "share", 0.0, 1.0},
    {"penalty_times", "times", 0.0, 1e3},
    {"penalty_least", "USD", 0.0, kMostMoney},
    {"penalty_collected", "share", 0.0, 1.0},
}};

const KeyRule& rule_of(CostKey key) { return kRules.at(static_cast<std::size_t>(key)); }

std::string number_text(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.12g", value);
  return text;
}

/// As TOML writes it, between quotes.
std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    char escape[8];
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20U || c == 0x7f) {
      std::snprintf(escape, sizeof escape, "\\u%04X", static_cast<unsigned>(static_cast<unsigned char>(c)));
      out += escape;
    } else {
      out += c;
    }
  }
  return out + '"';
}

Assumption read_one(TomlSection section, const KeyRule& rule) {
  Assumption out;
  bool whole = true;  // no fault of one number is told twice
  const auto number = [&](const char* key) {
    const double value = section.number(key, rule.least, rule.most,
                                        section.has(key) ? std::optional{std::nan("")} : std::nullopt);
    whole = whole && section.has(key) && !std::isnan(value);
    return whole ? value : rule.least;
  };
  out.value = number("value");
  out.low = number("low");
  out.high = number("high");
  if (whole && !(out.low <= out.value && out.value <= out.high))
    section.fault("value", "is not between low and high; order them low <= value <= high");
  const std::string unit = section.text("unit");
  if (!unit.empty() && unit != rule.unit)
    section.fault("unit", "is not the one that is reckoned in; write \"" + std::string{rule.unit} + "\"");
  out.about = section.text("about");
  out.source = section.text("source");
  const bool has_range = section.has("range");
  out.range_ours = section.choice("range", {"source", "ours"}) == "ours" || out.ours();
  out.year = static_cast<int>(section.integer("year", {.min = 1900, .max = 2200, .otherwise = 0}));
  out.url = section.text("url", "");
  if (!section.has("year")) out.year = 0;
  if (out.ours()) {
    for (const char* key : {"range", "year", "url"}) {
      if (section.has(key))
        section.fault(key, "is of a public source, and this is none; remove it, or name the source");
    }
  } else if (!has_range && !out.source.empty()) {
    section.fault(
        "range",
        R"(missing: a source needs it; write "source" if it says low and high as well, else "ours")");
  }
  return out;
}

}  // namespace

CostValues central_values(const CostAssumptions& assumptions) {
  CostValues out;
  for (std::size_t i = 0; i < kCostKeys; ++i) out.all[i] = assumptions.all[i].value;
  return out;
}

std::string_view name_of(CostKey key) { return rule_of(key).name; }
std::string_view unit_of(CostKey key) { return rule_of(key).unit; }

AssumptionsRead parse_assumptions(std::string_view text, const std::filesystem::path& name,
                                  const CostAssumptions* before) {
  AssumptionsRead out;
  TomlReader file = TomlReader::parse(text, name);
  for (std::size_t i = 0; i < kCostKeys; ++i) {
    const TomlSection section = file.section(kRules[i].name);
    if (section.present() || before == nullptr)
      out.assumptions.all[i] = read_one(section, kRules[i]);
    else
      out.assumptions.all[i] = before->all[i];
  }
  out.faults = file.finish();
  return out;
}

const CostAssumptions& built_in_assumptions() {
  static const CostAssumptions built_in = [] {
    const std::string_view text{
        chiploc_assumptions_begin,
        static_cast<std::size_t>(chiploc_assumptions_end - chiploc_assumptions_begin)};
    AssumptionsRead read = parse_assumptions(text, "assumptions.toml");
    if (!read.faults.empty()) std::abort();  // the tests read the same bytes
    return read.assumptions;
  }();
  return built_in;
}

std::string assumptions_text(const CostAssumptions& assumptions) {
  std::string out;
  for (std::size_t i = 0; i < kCostKeys; ++i) {
    const Assumption& one = assumptions.all[i];
    out += (out.empty() ? "[" : "\n[") + std::string{kRules[i].name} +
           "]\nvalue = " + number_text(one.value) + "\nlow = " + number_text(one.low) +
           "\nhigh = " + number_text(one.high) + "\nunit = " + in_quotes(kRules[i].unit) +
           "\nabout = " + in_quotes(one.about) + "\nsource = " + in_quotes(one.source) + '\n';
    if (one.ours()) continue;
    if (one.year != 0) out += "year = " + std::to_string(one.year) + '\n';
    if (!one.url.empty()) out += "url = " + in_quotes(one.url) + '\n';
    out += std::string{"range = "} + (one.range_ours ? "\"ours\"" : "\"source\"") + '\n';
  }
  return out;
}

}  // namespace chiploc
