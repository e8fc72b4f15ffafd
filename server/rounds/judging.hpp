#pragma once
#include <memory>

#include "geo/borders/borders.hpp"
#include "server/rounds/calibrator.hpp"
#include "server/verifier/suggestion.hpp"
#include "server/verifier/verdict.hpp"

namespace chiploc {

/// All that a round is judged by; nothing of it changes any more, so that another thread may read it.
struct JudgingTask {
  RoundEvidenceBytes evidence;
  Claim claim;
  std::shared_ptr<const LearntMesh> calibration;
  WallTime now;
};
struct Judgement {
  CheckedEvidence checked;
  Verdict verdict;
};

/// Signatures, region and verdict: some 10 ms with 64 anchors. Pure.
[[nodiscard]] Judgement judge(const JudgingTask& task, const Policy& policy, const Borders& borders);

}  // namespace chiploc
