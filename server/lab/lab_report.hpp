#pragma once
// What a lab shows in the end. Pure.

#include <string>
#include <vector>

#include "proto/v1/evidence.pb.h"
#include "server/lab/lab_plan.hpp"

namespace chiploc {

/// One chip's last verdict beside what it may be.
struct LabRow {
  std::string id;
  std::string serial;
  std::string behaviour;
  std::vector<std::string> licensed;
  std::string true_country;
  std::string state;  ///< as in the API; "NONE" when no round gave a verdict
  std::vector<std::string> expected;
  bool ok = false;
  std::vector<std::string> reasons;       ///< stable codes
  std::vector<std::string> reason_texts;  ///< beside them, for people
  unsigned rounds = 0;                    ///< rounds that gave a verdict
  unsigned anchors = 0;                   ///< that counted in the last one
};

struct LabReport {
  std::vector<LabRow> rows;
  double relay_p50_us = 0.0;
  double relay_p99_us = 0.0;
  double seconds = 0.0;  ///< from the start of the lab to the last verdict

  [[nodiscard]] bool all_ok() const;
  [[nodiscard]] std::size_t honest_in(const std::string& state) const;
};

/// The row of a chip. `verdict` is its last one, nullptr if there is none (then `problem` says why).
[[nodiscard]] LabRow row_of(const LabPlan& plan, std::size_t chip, const v1::Verdict* verdict,
                            unsigned rounds, const std::string& problem);

/// For people: one line per chip and a summary.
[[nodiscard]] std::string table_of(const LabReport& report);
/// {"chips":[...],"relay_error_us":{"p50","p99"},"seconds":...}, one line. `licensed` is one text, codes
/// separated by blanks; `reasons` are the codes.
[[nodiscard]] std::string json_of(const LabReport& report);

}  // namespace chiploc
