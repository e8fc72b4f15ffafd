#pragma once
#include <span>
#include <string>

#include "agent/exit_code.hpp"

namespace chiploc {

/// One chip as `chiploc import --chips` takes it. A `knock`ing one has no address.
struct ChipRow {
  std::string id, serial, maker, model, licence;
  std::string inbound;  ///< IP:PORT where anchors reach it; empty: it knocks
  std::string certificate_pem;
};
/// The file: names of columns, and the row.
[[nodiscard]] std::string chips_csv(const ChipRow& row);

/// `chiploc-agent row ...`: prints that file for a chip that has its certificate, from its configuration; the
/// arguments behind that word. What cannot be read from there comes as options.
[[nodiscard]] AgentExit agent_row_command(std::span<const char* const> arguments);

/// Whether --help or -h is among them.
[[nodiscard]] bool asks_for_agent_help(std::span<const char* const> arguments);

}  // namespace chiploc
