#pragma once
// A round as the store has it, for replay().

#include "server/storage/round_store.hpp"
#include "server/verifier/replay.hpp"

namespace chiploc {

/// All that judging `verdict` again takes, its areas and its calibration as far as they are there: replay()
/// says what is not. Nothing but an empty context for a round of before there were any.
[[nodiscard]] Stored<StoredRound> read_stored_round(const VerdictRecord& verdict, RoundReader& rounds);

}  // namespace chiploc
