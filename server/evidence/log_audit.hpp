#pragma once
// What a log lacks, by its entries alone: rounds that were begun and have no end, and numbers that nobody has. Pure.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/base/time.hpp"
#include "server/evidence/leaf.hpp"

namespace chiploc {

/// A round whose intent is in the log and whose end is not.
struct UnendedRound {
  std::uint64_t index = 0;   ///< of the intent's entry
  std::uint64_t number = 0;  ///< of the round
  std::string round;         ///< its id in hex
  WallTime at;               ///< of the intent
};
/// Numbers from `first` to `last` that have no entry: rounds, versions of the registry, policies, lines of a case.
struct MissingNumbers {
  std::string what;  ///< "round", "registry version", "policy", "line of case 7"
  std::uint64_t first = 0, last = 0;
};

/// Takes the entries of a log one after another, from the first. Keeps the rounds that are under way and one number a case.
class LogAudit {
 public:
  static constexpr std::size_t kToldMax = 1'000;  ///< of each list; the rest is counted

  /// The next entry.
  void add(std::string_view entry);

  struct Report {
    std::uint64_t entries = 0;
    std::map<std::string, std::uint64_t> of_kind{};
    std::uint64_t unended_count = 0;      ///< begun at or before the time that was asked for
    std::vector<UnendedRound> unended{};  ///< oldest first
    std::uint64_t under_way = 0;          ///< begun later: they may still end
    std::uint64_t missing_count = 0;
    std::vector<MissingNumbers> missing{};
    std::uint64_t problem_count = 0;
    std::vector<std::string>
        problems{};  ///< "entry 7: ..": unreadable, an end without its intent, a second end
    [[nodiscard]] bool all_there() const {
      return unended_count == 0 && missing_count == 0 && problem_count == 0;
    }
  };
  /// Rounds that were begun at `begun_by` or before, and have no end yet, are unended.
  [[nodiscard]] Report report(WallTime begun_by) const;

 private:
  void problem(std::string text);
  /// The next number of a row that has no gap.
  void count(std::optional<std::uint64_t>& last, std::uint64_t number, const std::string& what);
  void add_round(const Leaf& leaf, bool begins);
  Report so_far_{};
  std::uint64_t first_round_ = 1;
  std::optional<std::uint64_t> last_round_{}, last_version_{}, last_policy_{};
  std::map<std::uint64_t, std::uint64_t> last_lines_{};  ///< by case
  std::map<std::uint64_t, UnendedRound> open_{};         ///< by number
};

}  // namespace chiploc
