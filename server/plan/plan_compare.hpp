#pragma once
// The same number of anchors chosen in other ways, and scored alike.

#include <cstdint>
#include <string>
#include <vector>

#include "proto/base/result.hpp"
#include "server/plan/plan.hpp"
#include "server/plan/plan_files.hpp"

namespace chiploc {

/// How somebody else might choose.
struct OtherChoice {
  std::string name;  ///< "population", "random 1"
  std::vector<std::size_t> anchors;
};

/// population: the most populous candidates, then by name. random-K: K draws, by the seed.
/// Fails     A sentence, for a word that is neither.
[[nodiscard]] Result<std::vector<OtherChoice>, std::string> other_choices(
    const std::vector<std::string>& words, const std::vector<PlanPlace>& places, std::size_t standing,
    std::size_t add, std::uint64_t seed);

/// One line of the comparison: sites proved by what was measured.
struct ComparedChoice {
  std::string name;
  std::size_t anchors = 0;  ///< added
  std::size_t proved = 0;
};

/// Scores by `truth`: what stands with each choice added.
[[nodiscard]] std::vector<ComparedChoice> score_choices(const PlanProblem& truth,
                                                        const std::vector<OtherChoice>& choices,
                                                        const Borders& borders, const ForEach& for_each);

}  // namespace chiploc
