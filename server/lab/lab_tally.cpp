#include "server/lab/lab_tally.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <sstream>

#include "proto/base/joined.hpp"
#include "proto/crypto/digest.hpp"

namespace chiploc {
namespace {

constexpr double kZ = 1.959964;  // the 97.5 % quantile of the standard normal distribution
constexpr std::array<const char*, 8> kStates{"VERIFIED",   "CLEARED", "UNRESOLVED", "OUTSIDE",
                                             "PROHIBITED", "INVALID", "SILENT",     "NONE"};

bool flags(const std::string& behaviour, const std::string& state) {
  if (behaviour == "silent") return state == "SILENT";
  return state == "OUTSIDE" || state == "PROHIBITED" || state == "INVALID";
}
bool passes(const std::string& state) { return state == "VERIFIED" || state == "CLEARED"; }

double wilson(const LabShare& share, double sign) {
  if (share.trials == 0) return sign < 0.0 ? 0.0 : 1.0;
  const double n = share.trials;
  const double p = share.share();
  const double middle = p + kZ * kZ / (2.0 * n);
  const double half = kZ * std::sqrt(p * (1.0 - p) / n + kZ * kZ / (4.0 * n * n));
  return std::clamp((middle + sign * half) / (1.0 + kZ * kZ / n), 0.0, 1.0);
}

void count(LabShare& share, bool hit) {
  ++share.trials;
  share.hits += hit ? 1 : 0;
}

std::string text_of(const LabShare& share) {
  std::array<char, 64> out{};
  std::snprintf(out.data(), out.size(), "%5.1f %% (%.1f to %.1f)", 100.0 * share.share(), 100.0 * share.low(),
                100.0 * share.high());
  return share.trials == 0 ? "-" : out.data();
}

std::string counts_of(const std::map<std::string, unsigned>& states) {
  std::vector<std::string> words;
  for (const char* state : kStates) {
    const auto at = states.find(state);
    if (at != states.end()) words.push_back(std::string{state} + " " + std::to_string(at->second));
  }
  return words.empty() ? "-" : joined(words, ", ");
}

}  // namespace

nlohmann::ordered_json json_of(const LabShare& share) {
  const auto rounded = [](double x) { return std::round(x * 1e6) / 1e6; };
  return {{"hits", share.hits},
          {"trials", share.trials},
          {"share", rounded(share.share())},
          {"low", rounded(share.low())},
          {"high", rounded(share.high())}};
}

double LabShare::low() const { return wilson(*this, -1.0); }
double LabShare::high() const { return wilson(*this, 1.0); }

void LabTally::add(std::uint64_t seed, const LabReport& report, const Forecast& forecast) {
  struct Seen {
    bool flagged = false, passed = false, wrong = false;
  };
  ++runs_;
  if (report.stored.rounds > 0) {
    simulated_rounds_ += report.stored.rounds;
    evidence_ = sha256_of({evidence_.bytes, report.stored.sha256.bytes});
  }
  std::map<std::string, bool> noticed;  // by order
  for (std::size_t i = 0; i < report.rows.size(); ++i) {
    const LabRow& row = report.rows[i];
    std::map<std::string, Seen> as;  // by behaviour
    for (std::size_t t = 0; t < row.turns.size(); ++t) {
      const LabTurn& turn = row.turns[t];
      LabBehaviourCount& behaviour = behaviours_[turn.behaviour];
      ++behaviour.states[turn.state];
      if (i < forecast.size() && t < forecast[i].size()) ++behaviour.forecasts[forecast[i][t]];
      Seen& seen = as[turn.behaviour];
      seen.flagged = seen.flagged || flags(turn.behaviour, turn.state);
      seen.passed = seen.passed || passes(turn.state);
      seen.wrong = seen.wrong || !turn.ok;
      if (turn.ok) continue;
      ++wrong_total_;
      if (wrong_.size() < kWrongMax) {
        wrong_.push_back("seed " + std::to_string(seed) + ", round " + std::to_string(turn.round + 1) + ": " +
                         row.serial + ", " + turn.behaviour + ", was " + turn.state + "; it may be " +
                         joined(turn.expected, " ") + " (" + turn.reason + ")");
      }
    }
    for (const auto& [name, seen] : as) {
      LabBehaviourCount& behaviour = behaviours_[name];
      count(behaviour.flagged, seen.flagged);
      count(behaviour.passed, seen.passed);
      count(behaviour.wrong, seen.wrong);
      if (row.order.empty()) continue;
      LabOrderCount& order = orders_[row.order];
      if (name == "honest")
        count(order.accused, seen.flagged);
      else
        noticed[row.order] = noticed[row.order] || seen.flagged;
    }
  }
  for (const auto& [name, was] : noticed) count(orders_[name].noticed, was);
}

std::string table_of(const LabTally& tally) {
  std::ostringstream out;
  out << tally.runs() << (tally.runs() == 1 ? " run" : " runs")
      << ". A trial is one chip in one run; shares with their 95 % interval (Wilson).\n";
  std::array<char, 256> line{};
  const auto row = [&](const char* a, const char* b, const char* c, const char* d, const char* e) {
    std::snprintf(line.data(), line.size(), "%-10.10s  %6.6s  %-24.24s  %-24.24s  %s\n", a, b, c, d, e);
    out << line.data();
  };
  row("BEHAVIOUR", "TRIALS", "FLAGGED", "VERIFIED OR CLEARED", "WRONG");
  for (const auto& [name, behaviour] : tally.behaviours()) {
    row(name.c_str(), std::to_string(behaviour.flagged.trials).c_str(), text_of(behaviour.flagged).c_str(),
        text_of(behaviour.passed).c_str(), text_of(behaviour.wrong).c_str());
    out << "            verdicts: " << counts_of(behaviour.states) << "\n";
    if (!behaviour.forecasts.empty())
      out << "            forecast: " << counts_of(behaviour.forecasts) << "\n";
  }
  for (const auto& [name, order] : tally.orders()) {
    out << "order " << name << ": noticed in " << text_of(order.noticed) << " of " << order.noticed.trials
        << " runs; honest chips of it accused: " << text_of(order.accused) << " of " << order.accused.trials
        << "\n";
  }
  for (const std::string& wrong : tally.wrong()) out << "WRONG: " << wrong << "\n";
  out << "verdicts that may not be: " << tally.wrong_total() << "\n";
  return out.str();
}

std::string json_of(const LabTally& tally) {
  nlohmann::ordered_json out;
  out["runs"] = tally.runs();
  out["behaviours"] = nlohmann::ordered_json::object();
  for (const auto& [name, behaviour] : tally.behaviours()) {
    out["behaviours"][name] = {{"states", behaviour.states},
                               {"forecasts", behaviour.forecasts},
                               {"flagged", json_of(behaviour.flagged)},
                               {"passed", json_of(behaviour.passed)},
                               {"wrong", json_of(behaviour.wrong)}};
  }
  out["orders"] = nlohmann::ordered_json::object();
  for (const auto& [name, order] : tally.orders())
    out["orders"][name] = {{"noticed", json_of(order.noticed)}, {"accused", json_of(order.accused)}};
  out["wrong"] = tally.wrong();
  out["wrong_total"] = tally.wrong_total();
  if (tally.simulated_rounds() > 0) {
    out["rounds"] = tally.simulated_rounds();
    out["evidence_sha256"] = tally.evidence().hex();
  }
  return out.dump();
}

}  // namespace chiploc
