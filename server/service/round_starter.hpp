#pragma once
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "proto/base/ids.hpp"
#include "proto/base/result.hpp"
#include "proto/base/time.hpp"
#include "proto/v1/evidence.pb.h"
#include "server/policy/policy.hpp"
#include "server/policy/rules.hpp"
#include "server/rounds/knock_book.hpp"
#include "server/rounds/watch.hpp"
#include "server/storage/records.hpp"

namespace chiploc {

struct ChipRecord;

// How the people's side of the API reaches the coordinator. No gRPC here: the coordinator implements these
// two interfaces and knows nothing of calls, streams or statuses; server/service/fault.hpp gives the faults
// their codes.

struct RoundBegun {
  RoundId round;
  std::vector<std::string> anchors{};
  Nanoseconds knock_wait{0};  ///< the chip's knock is waited for so long; 0: it is reached inbound
  std::string knock_note{};   ///< what is known of its knocks; empty likewise
};

/// Who watches a round. Called on the coordinator's thread, in this order: `started` at most once, `progress`
/// any number of times, then exactly one of `verdict` and `abandoned`; nothing after that. Any of it may come
/// before RoundStarter::start has returned. The callbacks must not block (they hand over and return) and own
/// whatever they touch, since the watcher may have gone away long before the round ends. An empty function is
/// not called.
struct RoundObserver {
  std::function<void(const RoundBegun&)> started;
  std::function<void(const AnchorProgress&)> progress;
  std::function<void(const v1::Verdict&)> verdict;  ///< already in the store when this is called
  std::function<void(RoundFault)> abandoned;        ///< there is no round, or it ended without a verdict
};

/// Starts rounds. Thread-safe, and never waits: gRPC handlers call it from the few threads that also read the
/// anchors' reports, so the implementation posts to the coordinator's thread and the observer hears the rest.
class RoundStarter {
 public:
  virtual ~RoundStarter() = default;
  /// `requested_by` is the person, by their certificate, and goes into the intent. A `deadline` of
  /// 0 is the policy's. The round lives on in the coordinator whether or not anybody watches.
  virtual void start(ChipId chip, Requester requested_by, std::chrono::milliseconds deadline,
                     RoundObserver observer) = 0;
  /// Rounds that begin from now on are judged by this policy; when they begin, and what is kept, follows these rules.
  /// Thread-safe.
  virtual void adopt(const Policy& policy, const PolicyRules& rules) {
    static_cast<void>(policy);
    static_cast<void>(rules);
  }
  /// The shortest deadline that a round of this chip may be given; thread-safe. 0: any.
  [[nodiscard]] virtual std::chrono::milliseconds least_deadline(const ChipRecord& chip) const {
    static_cast<void>(chip);
    return std::chrono::milliseconds{0};
  }
};

/// Thread-safe snapshots; they need not be of the same instant.
class StatusSource {
 public:
  virtual ~StatusSource() = default;
  [[nodiscard]] virtual CoordinatorStatus status() const = 0;
  [[nodiscard]] virtual std::vector<AnchorStatus> anchors() const = 0;
  /// nullopt: no knock of the chip came since the start.
  [[nodiscard]] virtual std::optional<KnockRhythm> knocks_of(const ChipId& chip) const {
    static_cast<void>(chip);
    return std::nullopt;
  }
};

}  // namespace chiploc
