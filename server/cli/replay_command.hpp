#pragma once
#include <iosfwd>
#include <memory>

#include "server/cli/command.hpp"

namespace chiploc {

/// `chiploc verdict replay VERDICT [--policy FILE]`.
[[nodiscard]] std::unique_ptr<Command> replay_command();

/// What a person is told, above the verdict if there is one.
void write_replay(std::ostream& out, const v1::ReplayVerdictResponse& replay);
/// kFine: the same record, or what another policy would have said.
[[nodiscard]] ExitCode exit_code_of(v1::ReplayOutcome outcome);

}  // namespace chiploc
