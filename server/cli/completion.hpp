#pragma once
#include <string>
#include <string_view>

#include "server/cli/command_tree.hpp"

namespace chiploc {

/// A completion script for "bash", "zsh" or "fish", generated from the tree itself: a command or option that
/// is added there is completed here, and so are the command lines of its own commands (`own`, by name). Names that
/// only the coordinator knows it asks for while a person types, by `chiploc complete`, for a second at most. Empty
/// for another shell.
[[nodiscard]] std::string completion_script(const CommandTree& tree, std::string_view shell,
                                            const std::map<std::string, LineOf>& own = {});
/// The word for `chiploc complete`: "chips", "licences", ...; empty for none.
[[nodiscard]] std::string_view word_of(NameHint hint);

}  // namespace chiploc
