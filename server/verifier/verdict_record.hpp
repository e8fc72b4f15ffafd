#pragma once
// A verdict as it is stored. verdict_view.hpp makes of it what the API shows.

#include "proto/v1/records.pb.h"
#include "server/verifier/explain.hpp"

namespace chiploc {

/// Whose verdict it is, and by which context.
struct VerdictNames {
  ByteArray<16> verdict_id{};
  RoundId round;
  ChipId chip;
  Digest context_sha256{};  ///< of the context's bytes as stored
  // As the context has them; empty for explained_by 0, whose records have no such fields.
  std::string serial{};
  std::string licence{};
  std::string licence_holder{};
};
[[nodiscard]] VerdictNames names_of(const RoundContext& context, const ByteArray<16>& verdict_id,
                                    const Digest& context_sha256);

/// Adds what is only for people: the region's extent and outline (drawn outward).
[[nodiscard]] v1::VerdictRecord to_record(const Decision& decision, const Explanation& explanation,
                                          const VerdictNames& names);
[[nodiscard]] v1::Posterior to_record(const Suggestion& suggestion);

/// What was heard beside the evidence, from a stored record.
[[nodiscard]] Heard heard_from(const v1::Explanation::Heard& record);

/// The same bytes for the same record.
[[nodiscard]] ByteVector record_bytes(const v1::VerdictRecord& record);

}  // namespace chiploc
