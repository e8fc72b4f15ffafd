#pragma once
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "proto/v1/operator_service.pb.h"

namespace chiploc {

/// Keys stay in the order in which they are written: people read this too. (server/text has the same name for
/// the same type; neither needs the other.)
using Json = nlohmann::ordered_json;

// The JSON of every edge that speaks it, the command line first: stable snake_case keys, ids in lower-case
// hex, times ISO 8601 in UTC with milliseconds, units at the end of a key's name, null for what is not known.
// server/cli/README.md lists every key; scripts depend on them. (protobuf's own JSON mapping would give
// camelCase, base64 ids and nanoseconds as strings.)

[[nodiscard]] std::string hex_of(std::string_view raw);
/// "2026-11-21T19:54:41.123Z"; nanoseconds since 1970, rounded down.
[[nodiscard]] std::string iso_time(std::int64_t unix_ns);
/// "2026-11-21 19:54:41Z", for people; "never" for 0.
[[nodiscard]] std::string short_time(std::int64_t unix_ns);
/// "VERIFIED", ...; "UNKNOWN" for a number that a newer coordinator may send.
[[nodiscard]] std::string state_name(v1::VerdictState state);
/// "kernel", "kernel-receive", "user", "hardware", "simulated"; "" if unspecified.
[[nodiscard]] std::string source_name(v1::StampSource source);

[[nodiscard]] Json json_of(const v1::Verdict& verdict);
[[nodiscard]] Json json_of(const v1::Chip& chip);
[[nodiscard]] Json json_of(const v1::CounterValues& counters);
[[nodiscard]] Json json_of(const v1::CounterStart& start);
[[nodiscard]] Json json_of(const v1::Licence& licence);
[[nodiscard]] Json json_of(const v1::Anchor& anchor);
[[nodiscard]] Json json_of(const v1::Territory& territory);
[[nodiscard]] Json json_of(const v1::ImportFault& fault);
[[nodiscard]] Json json_of(const v1::GetStatusResponse& status);
/// {"event":"started" | "progress" | "verdict", ...}
[[nodiscard]] Json json_of(const v1::VerifyEvent& event);
/// "outcome": same, wrong_digest, differs, other_policy, cannot_be_judged; "verdict": of this replay.
[[nodiscard]] Json json_of(const v1::ReplayVerdictResponse& replay);
/// What was announced before the round: round, chip, requester, time.
[[nodiscard]] Json intent_json(const v1::RoundEvidence& evidence);

}  // namespace chiploc
