#pragma once
// What a lab shows in the end. Pure.

#include <optional>
#include <string>
#include <vector>

#include "proto/v1/evidence.pb.h"
#include "server/lab/lab_plan.hpp"
#include "server/lab/lab_sim_rounds.hpp"
#include "server/lab/lab_timeline.hpp"

namespace chiploc {

/// One round of one chip, as it was seen.
struct LabSeen {
  std::size_t chip = 0;
  std::size_t round = 0;  ///< index in rounds_of()
  LabSpan span;           ///< lab time
  std::optional<v1::Verdict> verdict{};
  std::string problem{};  ///< why there is no verdict
};

/// The same beside what it may be.
struct LabTurn {
  std::size_t round = 0;
  Nanoseconds at{0};  ///< lab time of its beginning
  std::string behaviour;
  std::string state;  ///< as in the API; "NONE" when the round gave no verdict
  std::vector<std::string> expected;
  bool ok = false;
  std::string reason;    ///< the first one, for people
  Nanoseconds ended{0};  ///< lab time
  std::string code{};    ///< of the first reason; empty without a verdict
  WallTime decided{};    ///< of the verdict
  WallTime expires{};
  std::size_t anchors = 0;  ///< that were asked
  /// Beside LabFile::anchors: the round trip that counts, in milliseconds; NaN where none was measured.
  std::vector<double> rtt_ms{};
  /// The verdict's own odds (v1::Posterior) that the chip is in a licensed country; nullopt: it has none.
  std::optional<double> licensed_odds{};
  double relay_score = 0.0;  ///< of the same
};

/// One chip: its last verdict, and all of them.
struct LabRow {
  std::string id;
  std::string serial;
  std::string behaviour;
  std::vector<std::string> licensed;
  std::string true_country;
  std::string state;  ///< of the last turn; "NONE" when no round was
  std::vector<std::string> expected;
  bool ok = false;                        ///< all turns are, and there is one
  std::vector<std::string> reasons;       ///< stable codes
  std::vector<std::string> reason_texts;  ///< beside them, for people
  unsigned rounds = 0;                    ///< rounds that gave a verdict
  unsigned anchors = 0;                   ///< that counted in the last one
  std::string order;                      ///< empty: none
  std::vector<LabTurn> turns;
};

struct LabReport {
  std::vector<LabRow> rows;
  double relay_p50_us = 0.0;
  double relay_p99_us = 0.0;
  double seconds = 0.0;  ///< from the start of the lab to the last verdict
  WallTime began{};      ///< when lab time began; of a simulated lab alone
  SimRounds stored{};    ///< likewise

  [[nodiscard]] bool all_ok() const;
  [[nodiscard]] std::size_t honest_in(const std::string& state) const;
};

/// A row for each chip, from what was seen of it in the order of the rounds. `carried_out` stands beside the
/// first of the file's events.
[[nodiscard]] std::vector<LabRow> rows_of(const LabPlan& plan, const std::vector<LabSpan>& carried_out,
                                          const std::vector<LabSeen>& seen);

/// For people: one line per chip and a summary.
[[nodiscard]] std::string table_of(const LabReport& report);
/// {"chips":[...],"relay_error_us":{"p50","p99"},"seconds":...}, one line. `licensed` is one text, codes
/// separated by blanks; `reasons` are the codes; `turns` has every round.
[[nodiscard]] std::string json_of(const LabReport& report);

}  // namespace chiploc
