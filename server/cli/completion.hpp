#pragma once
#include <string>
#include <string_view>

#include "server/cli/command_tree.hpp"

namespace chiploc {

/// A completion script for "bash", "zsh" or "fish", generated from the tree itself: a command or option that
/// is added there is completed here. The scripts run no chiploc while a person types. Empty for another
/// shell.
[[nodiscard]] std::string completion_script(const CommandTree& tree, std::string_view shell);

}  // namespace chiploc
