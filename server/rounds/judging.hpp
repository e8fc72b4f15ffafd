#pragma once
#include <memory>

#include "geo/borders/borders.hpp"
#include "server/rounds/calibrator.hpp"
#include "server/verifier/explain.hpp"

namespace chiploc {

/// All that a round is judged by; nothing of it changes any more, so that another thread may read it.
struct JudgingTask {
  RoundContext context;
  RoundEvidenceBytes evidence;
  std::shared_ptr<const LearntMesh> calibration;
  WallTime now;
};
struct Judgement {
  Decision decision;
  Explanation explanation;
};

/// Signatures, region, state and what explains it but the posterior: some 10 ms with 64 anchors. Pure.
[[nodiscard]] Judgement judge(const JudgingTask& task, const Borders& borders);

}  // namespace chiploc
