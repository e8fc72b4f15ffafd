#pragma once
// Many runs of one lab, counted: what came of each behaviour. Pure.

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "server/lab/lab_report.hpp"

namespace chiploc {

/// A share with its 95 % interval after Wilson:
///
///     (p + z^2/2n -+ z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n),   z = 1.959964
///
/// It holds for trials that are independent of each other. Without trials it is 0 to 1.
/// Source    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22
///           (1927) 209-212.
struct LabShare {
  unsigned hits = 0;
  unsigned trials = 0;
  [[nodiscard]] double share() const { return trials == 0 ? 0.0 : static_cast<double>(hits) / trials; }
  [[nodiscard]] double low() const;
  [[nodiscard]] double high() const;
};

/// {"hits","trials","share","low","high"}
[[nodiscard]] nlohmann::ordered_json json_of(const LabShare& share);

/// A trial is one chip in one run (one seed), as long as it behaves so: rounds of one chip over one network
/// are not independent, so a chip counts once however often it is measured.
struct LabBehaviourCount {
  std::map<std::string, unsigned> states;     ///< verdicts; "NONE": rounds without one
  std::map<std::string, unsigned> forecasts;  ///< by geometry alone, a verdict for each round
  LabShare flagged;  ///< OUTSIDE, PROHIBITED or INVALID at least once; of silent chips: SILENT
  LabShare passed;   ///< VERIFIED or CLEARED at least once
  LabShare wrong;    ///< at least one verdict that may not be: a false accusation, or a false clearance
};
struct LabOrderCount {
  LabShare noticed;  ///< runs in which at least one of its chips that were not honest was flagged
  LabShare accused;  ///< of its honest chips, one in one run, flagged at least once
};

/// Adds runs up.
class LabTally {
 public:
  static constexpr std::size_t kWrongMax = 100;

  /// `forecast`: state by chip for each of its turns, beside row.turns; empty where there is none.
  using Forecast = std::vector<std::vector<std::string>>;
  void add(std::uint64_t seed, const LabReport& report, const Forecast& forecast);

  [[nodiscard]] unsigned runs() const { return runs_; }
  [[nodiscard]] const std::map<std::string, LabBehaviourCount>& behaviours() const { return behaviours_; }
  [[nodiscard]] const std::map<std::string, LabOrderCount>& orders() const { return orders_; }
  /// Verdicts that may not be, in words: the first kWrongMax.
  [[nodiscard]] const std::vector<std::string>& wrong() const { return wrong_; }
  [[nodiscard]] std::size_t wrong_total() const { return wrong_total_; }
  /// Rounds with a verdict, in all simulated runs.
  [[nodiscard]] std::uint64_t simulated_rounds() const { return simulated_rounds_; }
  /// SHA-256 over the digests of what each run stored (SimRounds), one after the other: each over the digest so far and the next. One seed gives one
  /// of these whatever the compiler (-ffp-contract=off), with one C library: another may round a logarithm or a sine otherwise, and so a delay.
  [[nodiscard]] const Digest& evidence() const { return evidence_; }

 private:
  std::uint64_t simulated_rounds_ = 0;
  Digest evidence_{};
  unsigned runs_ = 0;
  std::map<std::string, LabBehaviourCount> behaviours_;
  std::map<std::string, LabOrderCount> orders_;
  std::vector<std::string> wrong_;
  std::size_t wrong_total_ = 0;
};

/// For people.
[[nodiscard]] std::string table_of(const LabTally& tally);
/// {"runs":N,"behaviours":{NAME:{"states","forecasts","flagged","passed","wrong"}},"orders":{...},
/// "wrong":[...],"wrong_total":N}, one line; of simulated runs also "rounds" and "evidence_sha256". A share is {"hits","trials","share","low","high"}.
[[nodiscard]] std::string json_of(const LabTally& tally);

}  // namespace chiploc
