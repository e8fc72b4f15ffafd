#pragma once
// What `chiploc sim cost` says of an answer. Pure.

#include <ostream>
#include <string>
#include <vector>

#include "server/cost/answer.hpp"

namespace chiploc {

struct CostReport {
  std::string policy;                 ///< the file's name, and the policy's version
  std::vector<std::string> defaults;  ///< sections that the file lacks: "[status]"
  CostAnswer answer;
  CostAssumptions assumptions;
};

/// "1,230,000": three digits that count, with commas.
[[nodiscard]] std::string money_text(double dollars);
/// For people: what is cheapest, in sentences; then what has to be known to read them rightly.
[[nodiscard]] std::vector<std::string> sentences_of(const CostReport& report);
[[nodiscard]] std::vector<std::string> warnings_of(const CostReport& report);

/// Sentences, ways, what cannot be gone and why, what moves the answer, all assumptions with their sources.
void write_cost_table(std::ostream& out, const CostReport& report);
void write_cost_markdown(std::ostream& out, const CostReport& report);
void write_cost_json(std::ostream& out, const CostReport& report);
/// The ways alone, a row each.
void write_cost_csv(std::ostream& out, const CostReport& report);

}  // namespace chiploc
