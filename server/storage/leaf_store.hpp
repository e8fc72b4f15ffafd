#pragma once
// What goes into the evidence log, in the order in which it was committed. Which words it becomes there is server/logbook's.

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "server/storage/event_store.hpp"
#include "server/storage/policy_store.hpp"
#include "server/storage/records.hpp"
#include "server/storage/store_fault.hpp"

namespace chiploc {

/// The log was begun; rounds of before are not in it.
struct LogBegin {
  WallTime at;
  std::uint64_t next_round = 1;  ///< the number of the first that is
};
/// Rounds are numbered from 1 without a gap, in the order of their intents.
struct RoundIntended {
  std::uint64_t number = 0;
  RoundIntent intent;  ///< with its context
};
struct RoundJudged {
  std::uint64_t number = 0;
  VerdictRecord verdict;
  RoundEvidenceRecord evidence;  ///< what came before the verdict; without knocks and verdict
};
struct RoundGivenUp {
  std::uint64_t number = 0;
  WallTime at;
  RoundEvidenceRecord evidence;  ///< likewise, and why
};
struct RegistryMade {
  ImportJournalEntry import;
  Digest
      changes{};  ///< SHA-256 of what it changed, each row's fields behind their lengths (sqlite/leaves.cpp)
};

struct StoredLeaf {
  std::uint64_t index = 0;  ///< of the entry, from 0
  std::variant<LogBegin, RoundIntended, RoundJudged, RoundGivenUp, RegistryMade, PolicyActivation, CaseLine,
               CounterStart>
      what;
};

class LeafReader {
 public:
  LeafReader() = default;
  LeafReader(const LeafReader&) = delete;
  LeafReader& operator=(const LeafReader&) = delete;
  virtual ~LeafReader() = default;

  /// From which the salts of all entries follow: a secret. nullopt: no log was begun.
  virtual Stored<std::optional<Digest>> leaf_seed() = 0;
  /// How many entries there are.
  virtual Stored<std::uint64_t> leaf_count() = 0;
  /// Those from this index on, in their order, at most `limit`, and 256 at the most.
  virtual Stored<std::vector<StoredLeaf>> leaves_from(std::uint64_t index, std::size_t limit) = 0;
  /// Where the intent and the end of a round are; nullopt each: it is not in the log, or the round is open.
  struct RoundPlaces {
    std::optional<std::uint64_t> intent{}, end{};
  };
  virtual Stored<RoundPlaces> leaves_of_round(const RoundId& round) = 0;
};

/// Entries are written by the store itself, each in the transaction of what it tells of.
class LeafStore : public LeafReader {
 public:
  /// From now on there are entries; the first says so. kConflict if a log was begun.
  virtual Stored<Done> begin_log(const Digest& seed, WallTime now) = 0;
};

}  // namespace chiploc
