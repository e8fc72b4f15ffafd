#pragma once
#include <memory>

#include "geo/borders/borders.hpp"
#include "server/verifier/calibration_record.hpp"
#include "server/verifier/explain.hpp"

namespace chiploc {

/// What delays are explained by, as it stood when a round began. Immutable, shared by rounds and threads.
struct RoundCalibration {
  DelayModel line = default_delay_model();
  std::shared_ptr<const MeshModel> model;  ///< null before anchors have measured each other
  std::vector<KnownAnchor> known;          ///< the registered anchors, by id
  ByteVector bytes;  ///< v1::Calibration: all of these, and the mesh that taught `model`
  Digest sha256;
};

/// All that a round is judged by; nothing of it changes any more, so that another thread may read it.
struct JudgingTask {
  std::shared_ptr<const RoundContext> context;
  RoundEvidenceBytes evidence;
  std::shared_ptr<const RoundCalibration> calibration;
  WallTime now;
  Heard heard{};  ///< beside the evidence: for the explanation of a silence
};
struct Judgement {
  Decision decision;
  Explanation explanation;
};

/// Signatures, region, state and what explains it but the posterior: some 10 ms with 64 anchors. Pure.
[[nodiscard]] Judgement judge(const JudgingTask& task, const Borders& borders);

}  // namespace chiploc
