#pragma once
// What the commands about policies share.

#include <memory>
#include <string>

#include "server/cli/command.hpp"

namespace chiploc {

/// A file with [policy], as the coordinator takes it: 64 KiB at most. Its faults are the coordinator's to find.
[[nodiscard]] Result<v1::PolicyFile, CliFault> read_policy_file(const std::string& path);

/// What the coordinator says of a call with this file. Faults of the file have the exit code of policy check.
[[nodiscard]] CliFault policy_file_fault(CliFault refusal, const v1::PolicyFile& file);

[[nodiscard]] std::unique_ptr<Command> policy_replay_command();

}  // namespace chiploc
