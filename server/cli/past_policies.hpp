#pragma once
#include <string>
#include <vector>

#include "server/cli/client.hpp"
#include "server/cli/status_text.hpp"

namespace chiploc {

/// The versions of policies by which the verdicts were decided on which the chip's status rests, without the one in force;
/// each once, in the order of the verdicts. Asks the coordinator for what the chip's answer does not have.
[[nodiscard]] Result<std::vector<std::string>, CliFault> past_policies(Client& client, const v1::Chip& chip);

/// What write_status says beside the status.
[[nodiscard]] Result<StatusNotes, CliFault> status_notes(Client& client, const v1::Chip& chip);
[[nodiscard]] StatusFor status_reader(const Client& client);

}  // namespace chiploc
