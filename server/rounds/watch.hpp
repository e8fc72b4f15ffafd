#pragma once
// What people hear of rounds and anchors.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "proto/base/certificate_life.hpp"
#include "proto/base/ids.hpp"
#include "proto/base/time.hpp"

namespace chiploc {

/// Why there is no round, or no verdict of one.
enum class RoundFault {
  kUnknownChip,         ///< the chip is not in the registry that the coordinator holds now
  kAlreadyRunning,      ///< a round of that chip is in flight; its verdict will be in the list
  kTooManyRounds,       ///< the limit of rounds in flight is reached
  kNoAnchors,           ///< no registered anchor is connected
  kIntentNotRecorded,   ///< the store refused the intent, and nothing is measured that was not announced
  kVerdictNotRecorded,  ///< decided, but the store refused the verdict: it counts as never given
  kShuttingDown,        ///< the coordinator drains; ask again after its restart
  kAnchorsBusy,  ///< an anchor has as many rounds as nobody asked for may give it; never of one asked for
  kDeadlineTooShort,  ///< an honest chip could not have answered in time; see least_deadline()
  kAnchorsNotReady,   ///< anchors are connected, and none of those asked was ready in time
};

/// How far one anchor is. For people who watch; never evidence.
struct AnchorProgress {
  std::string anchor;  ///< registry name
  std::string stage;   ///< preparing | waiting | open | pinging | reported | absent
  std::uint32_t pings_sent = 0;
  std::uint32_t pongs_received = 0;
  Nanoseconds rtt_min{0};      ///< 0: none yet
  bool twice = false;          ///< two processes with its name and key take each other's place
  std::uint32_t refusals = 0;  ///< REJECTs that seem to be the chip's
  std::string refusal{};       ///< why, by the last of them
};

/// So long a list shows that an anchor ran twice, after a second process of it was seen last. A round counts half a
/// minute (engine_anchors.cpp).
inline constexpr Nanoseconds kTwiceFor = std::chrono::minutes{10};

/// What the coordinator knows of one registered anchor at this moment.
struct AnchorStatus {
  AnchorId anchor;
  bool connected = false;
  std::string software_version;     ///< as it said in Hello; empty if never seen since the start
  WallTime last_seen;               ///< its last message; the epoch: never since the start
  std::uint64_t spool_dropped = 0;  ///< messages it lost to a full spool
  /// Why it cannot be where it says, by its peers' round trips; empty: nothing known.
  std::string place_problem{};
  /// Of the certificate that it last attached with; nullopt: never since the start.
  std::optional<CertificateLife> certificate{};
  /// When a second process with its name and key was seen last, and where the two are; the epoch: never since the
  /// start.
  WallTime twice{};
  std::vector<std::string> twice_at{};
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

}  // namespace chiploc
