#include "server/lab/lab_report.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
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

nlohmann::ordered_json turns_of(const LabRow& row) {
  auto out = nlohmann::ordered_json::array();
  for (const LabTurn& turn : row.turns) {
    out.push_back({{"round", turn.round + 1},
                   {"at_s", rounded(static_cast<double>(turn.at.count()) / 1e9, 1000.0)},
                   {"behaviour", turn.behaviour},
                   {"state", turn.state},
                   {"expected", turn.expected},
                   {"ok", turn.ok}});
  }
  return out;
}

std::vector<double> round_trips_of(const LabPlan& plan, const v1::Verdict& verdict) {
  std::vector<double> out(plan.file.anchors.size(), std::numeric_limits<double>::quiet_NaN());
  for (const v1::AnchorEvidence& anchor : verdict.anchors()) {
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (plan.file.anchors[i].name == anchor.anchor() && anchor.answered() && anchor.rtt_min_ns() > 0)
        out[i] = static_cast<double>(anchor.rtt_min_ns()) / 1e6;
    }
  }
  return out;
}

std::optional<double> licensed_odds_of(const v1::Verdict& verdict) {
  if (!verdict.has_posterior()) return std::nullopt;
  double sum = 0.0;
  for (const v1::Posterior::Country& country : verdict.posterior().countries()) {
    const auto& licensed = verdict.licensed();
    if (std::find(licensed.begin(), licensed.end(), country.country()) != licensed.end())
      sum += country.probability();
  }
  return sum;
}

LabRow empty_row(const LabPlan& plan, std::size_t chip) {
  const LabChip& c = plan.file.chips[chip];
  const LabPlaces& places = plan.file.licence(c.licence)->places;
  LabRow row;
  row.id = plan.chip_ids[chip].hex();
  row.serial = c.serial;
  row.behaviour = std::string{name_of(c.behaviour)};
  for (const CountryCode code : places.countries) row.licensed.push_back(code.text());
  row.licensed.insert(row.licensed.end(), places.territories.begin(), places.territories.end());
  row.true_country = c.true_country.text();
  row.order = c.order;
  row.state = "NONE";
  row.reasons = {"no_verdict"};
  row.reason_texts = {"no round measured it"};
  return row;
}

void add_turn(LabRow& row, const LabPlan& plan, const std::vector<LabSpan>& carried_out,
              const LabSeen& seen) {
  const LabExpectation expected = expectation_of(plan.file, carried_out, seen.chip, seen.span);
  LabTurn turn{.round = seen.round,
               .at = seen.span.began,
               .behaviour = std::string{name_of(expected.behaviour)},
               .state = seen.verdict ? v1::VerdictState_Name(seen.verdict->state()) : "NONE",
               .expected = expected.states,
               .ok = false,
               .reason = seen.problem,
               .ended = seen.span.ended};
  turn.ok = std::find(turn.expected.begin(), turn.expected.end(), turn.state) != turn.expected.end();
  row.anchors = 0;
  row.reasons = {"no_verdict"};
  row.reason_texts = {seen.problem};
  if (seen.verdict) {
    ++row.rounds;
    row.reasons.clear();
    row.reason_texts.clear();
    for (const v1::Reason& reason : seen.verdict->reasons()) {
      row.reasons.push_back(reason.code());
      row.reason_texts.push_back(reason.text());
    }
    for (const v1::AnchorEvidence& anchor : seen.verdict->anchors()) row.anchors += anchor.used() ? 1U : 0U;
    turn.reason = row.reason_texts.empty() ? "" : row.reason_texts.front();
    turn.code = row.reasons.empty() ? "" : row.reasons.front();
    turn.decided = WallTime{Nanoseconds{seen.verdict->decided_unix_ns()}};
    turn.expires = WallTime{Nanoseconds{seen.verdict->expires_unix_ns()}};
    turn.anchors = static_cast<std::size_t>(seen.verdict->anchors().size());
    turn.rtt_ms = round_trips_of(plan, *seen.verdict);
    turn.licensed_odds = licensed_odds_of(*seen.verdict);
    turn.relay_score = seen.verdict->posterior().relay_score();
  }
  row.ok = turn.ok && (row.turns.empty() || row.ok);
  row.behaviour = turn.behaviour;
  row.state = turn.state;
  row.expected = turn.expected;
  row.turns.push_back(std::move(turn));
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

std::vector<LabRow> rows_of(const LabPlan& plan, const std::vector<LabSpan>& carried_out,
                            const std::vector<LabSeen>& seen) {
  std::vector<LabRow> rows;
  for (std::size_t chip = 0; chip < plan.file.chips.size(); ++chip) rows.push_back(empty_row(plan, chip));
  for (const LabSeen& one : seen) add_turn(rows[one.chip], plan, carried_out, one);
  return rows;
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
    for (const LabTurn& turn : row.turns) {
      if (turn.ok || &turn == &row.turns.back()) continue;
      out << "          in round " << turn.round + 1 << " " << turn.behaviour << " and " << turn.state << ": "
          << turn.reason << "\n";
    }
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
                            {"anchors", row.anchors},
                            {"serial", row.serial},
                            {"turns", turns_of(row)}});
    if (!row.order.empty()) out["chips"].back()["order"] = row.order;
  }
  out["relay_error_us"] = {{"p50", rounded(report.relay_p50_us, 10.0)},
                           {"p99", rounded(report.relay_p99_us, 10.0)}};
  out["seconds"] = rounded(report.seconds, 100.0);
  return out.dump();
}

}  // namespace chiploc
