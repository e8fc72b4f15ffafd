#pragma once
// What is wrong with a command line where a command should stand.

#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace chiploc {

/// Takes     A tree of commands, after it has refused to parse a command line.
/// Returns   Which word is no command or no option, or after which command one is missing, and the commands
///           there are; nullopt where no command should stand any more, and the fault is another.
[[nodiscard]] std::optional<std::string> command_fault(const CLI::App& tree);

}  // namespace chiploc
