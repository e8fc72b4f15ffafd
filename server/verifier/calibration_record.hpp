#pragma once
// Calibrations as they are kept, once by digest, so that what was explained can be explained again.

#include <string>

#include "geo/estimate/delay_model.hpp"
#include "proto/base/bytes.hpp"
#include "proto/base/result.hpp"
#include "server/verifier/known_anchor.hpp"
#include "server/verifier/learnt_places.hpp"

namespace chiploc {

/// What delays are explained by. The mesh is the one that places were learnt from, whatever was measured
/// since; empty while none was.
struct KeptLine {
  DelayModel line;
  AnchorMesh mesh{};
  std::vector<KnownAnchor> known{};  ///< by id; empty in rounds of before 2026-12-01
};

/// Serialised v1::Calibration: the same bytes for the same values. Numbers are kept whole; round trips are
/// whole nanoseconds, which is what the mesh's milliseconds were made of.
[[nodiscard]] ByteVector calibration_bytes(const DelayModel& line, const AnchorMesh& mesh,
                                           const std::vector<KnownAnchor>& known = {});

inline constexpr std::size_t kCalibrationBytesMax = 8U << 20U;
/// Most anchors of a kept mesh.
inline constexpr std::size_t kCalibrationAnchorsMax = 1'024;
/// Most registered anchors that are kept beside it: what would resolve a round is looked for among them.
inline constexpr std::size_t kKnownAnchorsMax = 4'096;

/// Strict, as parse_context(). Fails with a phrase that names the field.
[[nodiscard]] Result<KeptLine, std::string> parse_calibration(Bytes bytes);

}  // namespace chiploc
