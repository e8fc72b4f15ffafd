#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "proto/base/ids.hpp"
#include "proto/base/result.hpp"
#include "proto/base/time.hpp"
#include "proto/v1/evidence.pb.h"

namespace chiploc {

struct ChipRecord;

// How the people's side of the API reaches the coordinator. No gRPC here: the coordinator implements these
// two interfaces and knows nothing of calls, streams or statuses; server/service/fault.hpp gives the faults
// their codes.

/// Why there is no round, or no verdict of one.
enum class RoundFault {
  kUnknownChip,         ///< the chip is not in the registry that the coordinator holds now
  kAlreadyRunning,      ///< a round of that chip is in flight; its verdict will be in the list
  kTooManyRounds,       ///< the limit of rounds in flight is reached
  kNoAnchors,           ///< no registered anchor is connected
  kIntentNotRecorded,   ///< the store refused the intent, and nothing is measured that was not announced
  kVerdictNotRecorded,  ///< decided, but the store refused the verdict: it counts as never given
  kShuttingDown,        ///< the coordinator drains; ask again after its restart
  kDeadlineTooShort,    ///< an honest chip could not have answered in time; see least_deadline()
};

/// How far one anchor is. For people who watch; never evidence.
struct AnchorProgress {
  std::string anchor;  ///< registry name
  std::string stage;   ///< preparing | waiting | open | pinging | reported | absent
  std::uint32_t pings_sent = 0;
  std::uint32_t pongs_received = 0;
  Nanoseconds rtt_min{0};  ///< 0: none yet
};

/// Who watches a round. Called on the coordinator's thread, in this order: `started` at most once, `progress`
/// any number of times, then exactly one of `verdict` and `abandoned`; nothing after that. Any of it may come
/// before RoundStarter::start has returned. The callbacks must not block (they hand over and return) and own
/// whatever they touch, since the watcher may have gone away long before the round ends. An empty function is
/// not called.
struct RoundObserver {
  std::function<void(RoundId, const std::vector<std::string>& anchors)> started;
  std::function<void(const AnchorProgress&)> progress;
  std::function<void(const v1::Verdict&)> verdict;  ///< already in the store when this is called
  std::function<void(RoundFault)> abandoned;        ///< there is no round, or it ended without a verdict
};

/// Starts rounds. Thread-safe, and never waits: gRPC handlers call it from the few threads that also read the
/// anchors' reports, so the implementation posts to the coordinator's thread and the observer hears the rest.
class RoundStarter {
 public:
  virtual ~RoundStarter() = default;
  /// `requested_by` is the common name of the person's certificate and goes into the intent. A `deadline` of
  /// 0 is the policy's. The round lives on in the coordinator whether or not anybody watches.
  virtual void start(ChipId chip, std::string requested_by, std::chrono::milliseconds deadline,
                     RoundObserver observer) = 0;
  /// The shortest deadline that a round of this chip may be given; thread-safe. 0: any.
  [[nodiscard]] virtual std::chrono::milliseconds least_deadline(const ChipRecord& chip) const {
    static_cast<void>(chip);
    return std::chrono::milliseconds{0};
  }
};

/// What the coordinator knows of one registered anchor at this moment.
struct AnchorStatus {
  AnchorId anchor;
  bool connected = false;
  std::string software_version;     ///< as it said in Hello; empty if never seen since the start
  WallTime last_seen;               ///< its last message; the epoch: never since the start
  std::uint64_t spool_dropped = 0;  ///< messages it lost to a full spool
  std::string
      place_problem{};  ///< why it cannot be where it says, by its peers' round trips; empty: nothing known
  std::map<std::string, std::uint64_t> dropped{};  ///< its messages that did not count, by "kind_reason"
};

/// What the coordinator says of itself.
struct CoordinatorStatus {
  std::string borders_version;
  std::string policy_version;
  std::string calibration_version;
  std::string place_model_version;  ///< empty: no anchors have measured each other yet
  std::uint32_t anchors_connected = 0;
  std::uint32_t rounds_in_flight = 0;
  WallTime started;
  std::map<std::string, std::uint64_t> counters;  ///< dropped or refused, by name; never reset
};

/// Thread-safe snapshots; they need not be of the same instant.
class StatusSource {
 public:
  virtual ~StatusSource() = default;
  [[nodiscard]] virtual CoordinatorStatus status() const = 0;
  [[nodiscard]] virtual std::vector<AnchorStatus> anchors() const = 0;
};

}  // namespace chiploc
