#pragma once
#include "proto/v1/evidence.pb.h"
#include "server/verifier/suggestion.hpp"
#include "server/verifier/verdict.hpp"

namespace chiploc {

/// What a verdict was reached with, named so that it can be re-derived.
struct VerdictContext {
  ByteArray<16> verdict_id{};
  RoundId round;
  ChipId chip;
  const Claim& claim;
  const Policy& policy;
  const Borders& borders;
  const DelayModel& calibration;
};

/// The verdict as it is stored and shown. Adds what is only for people: the region's extent and outline
/// (drawn outward), and the country that the estimate falls into.
[[nodiscard]] v1::Posterior to_record(const Suggestion& suggestion);
[[nodiscard]] v1::Verdict to_record(const Verdict& verdict, const VerdictContext& context);

}  // namespace chiploc
