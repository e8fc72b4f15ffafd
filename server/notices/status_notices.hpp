#pragma once
#include "server/notices/post.hpp"
#include "server/status/status_keeper.hpp"

namespace chiploc {

/// For StatusKeeper::add_step: every change of a chip's state becomes a chip.status_changed; nothing does of what was told
/// from verdicts of before. A change's number is its place among all of the chip's. `post` outlives the keeper.
[[nodiscard]] StatusStep status_notices(const NoticePost& post);

}  // namespace chiploc
