#pragma once
// What every command line of this program has in common: which command was given, and what is said of a wrong
// one.

#include <exception>
#include <string>

namespace CLI {
class App;
}

namespace chiploc {

/// Returns   The command that a parsed tree was given, e.g. "verdict list"; empty for none.
[[nodiscard]] std::string command_given(const CLI::App& tree);

/// Takes     A tree of commands that has refused a command line, and CLI11's error.
/// Returns   One line: the word that is no command or no option, or the command after which one is missing,
///           with the commands there are; elsewhere what the error says. Then where to look, by the tree's
///           own name: "...; see: chiploc verdict --help".
[[nodiscard]] std::string usage_fault(const CLI::App& tree, const std::exception& error);

}  // namespace chiploc
