#pragma once
#include <memory>

#include "server/cli/command.hpp"
#include "server/picture/verdict_picture.hpp"

namespace chiploc {

/// `chiploc verdict map VERDICT [--out FILE] [--svg FILE] [--png FILE] [--html FILE] [--theme light|dark]`.
[[nodiscard]] std::unique_ptr<Command> map_command();

/// What stands beside the map. `chip` and `holder` may be empty: whom the verdict is about, where that may be
/// known.
[[nodiscard]] VerdictFacts verdict_facts(const v1::Verdict& verdict, const v1::Chip& chip,
                                         const std::string& holder, WallTime now);

}  // namespace chiploc
