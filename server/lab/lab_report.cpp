#include "server/lab/lab_report.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <sstream>

#include "proto/base/joined.hpp"

namespace chiploc {
namespace {

std::string shortened(const std::vector<std::string>& words, std::size_t words_max) {
  if (words.size() <= words_max) return joined(words, " ");
  return joined(std::span{words}.first(words_max), " ") + " +" + std::to_string(words.size() - words_max);
}

double rounded(double value, double steps_per_unit) {
  return std::round(value * steps_per_unit) / steps_per_unit;
}

}  // namespace

bool LabReport::all_ok() const {
  return std::all_of(rows.begin(), rows.end(), [](const LabRow& row) { return row.ok; });
}

std::size_t LabReport::honest_in(const std::string& state) const {
  return static_cast<std::size_t>(std::count_if(rows.begin(), rows.end(), [&](const LabRow& row) {
    return row.behaviour == "honest" && row.state == state;
  }));
}

LabRow row_of(const LabPlan& plan, std::size_t chip, const v1::Verdict* verdict, unsigned rounds,
              const std::string& problem) {
  const LabChip& c = plan.file.chips[chip];
  const LabLicence& licence = *plan.file.licence(c.licence);
  LabRow row;
  row.id = plan.chip_ids[chip].hex();
  row.serial = c.serial;
  row.behaviour = std::string{name_of(c.behaviour)};
  for (const CountryCode code : licence.countries) row.licensed.push_back(code.text());
  row.true_country = c.true_country.text();
  row.expected = expected_states(c, licence, plan.file.prohibited);
  row.rounds = rounds;
  if (verdict == nullptr) {
    row.state = "NONE";
    row.reasons = {"no_verdict"};
    row.reason_texts = {problem};
    return row;
  }
  row.state = v1::VerdictState_Name(verdict->state());
  for (const v1::Reason& reason : verdict->reasons()) {
    row.reasons.push_back(reason.code());
    row.reason_texts.push_back(reason.text());
  }
  for (const v1::AnchorEvidence& anchor : verdict->anchors()) row.anchors += anchor.used() ? 1U : 0U;
  row.ok = std::find(row.expected.begin(), row.expected.end(), row.state) != row.expected.end();
  return row;
}

std::string table_of(const LabReport& report) {
  std::ostringstream out;
  char line[256];
  const auto columns = [&](const char* id, const char* serial, const char* behaviour, const char* licensed,
                           const char* where, const char* state, const char* expected, const char* ok) {
    std::snprintf(line, sizeof line, "%-8.8s  %-10s  %-9s  %-12s  %-4s  %-10s  %-28s  %-3s  ", id, serial,
                  behaviour, licensed, where, state, expected, ok);
    out << line;
  };
  columns("ID", "SERIAL", "BEHAVIOUR", "LICENSED", "TRUE", "VERDICT", "MAY BE", "OK");
  out << "REASON\n";
  for (const LabRow& row : report.rows) {
    columns(row.id.c_str(), row.serial.c_str(), row.behaviour.c_str(), shortened(row.licensed, 3).c_str(),
            row.true_country.c_str(), row.state.c_str(), shortened(row.expected, 3).c_str(),
            row.ok ? "yes" : "NO");
    out << (row.reason_texts.empty() ? "" : row.reason_texts.front()) << "\n";
  }
  const auto honest = std::count_if(report.rows.begin(), report.rows.end(),
                                    [](const LabRow& r) { return r.behaviour == "honest"; });
  const auto wrong =
      std::count_if(report.rows.begin(), report.rows.end(), [](const LabRow& r) { return !r.ok; });
  std::snprintf(line, sizeof line, "%.1f", report.seconds);
  out << "\nhonest chips: " << honest << ", of them " << report.honest_in("VERIFIED") << " VERIFIED, "
      << report.honest_in("CLEARED") << " CLEARED, " << report.honest_in("UNRESOLVED")
      << " UNRESOLVED; verdicts that should not be: " << wrong << "; " << line
      << " s since the lab's start\n";
  std::snprintf(line, sizeof line,
                "relay's own timing error: p50 %.1f us, p99 %.1f us (always late, never early)\n",
                report.relay_p50_us, report.relay_p99_us);
  out << line;
  return out.str();
}

std::string json_of(const LabReport& report) {
  nlohmann::ordered_json out;
  out["chips"] = nlohmann::ordered_json::array();
  for (const LabRow& row : report.rows) {
    out["chips"].push_back({{"id", row.id},
                            {"behaviour", row.behaviour},
                            {"licensed", joined(row.licensed, " ")},
                            {"true_country", row.true_country},
                            {"state", row.state},
                            {"expected", row.expected},
                            {"ok", row.ok},
                            {"reasons", row.reasons},
                            {"rounds", row.rounds},
                            {"anchors", row.anchors}});
  }
  out["relay_error_us"] = {{"p50", rounded(report.relay_p50_us, 10.0)},
                           {"p99", rounded(report.relay_p99_us, 10.0)}};
  out["seconds"] = rounded(report.seconds, 100.0);
  return out.dump();
}

}  // namespace chiploc
