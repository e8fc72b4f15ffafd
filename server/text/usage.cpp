#include "server/text/usage.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <optional>
#include <vector>

#include "proto/base/joined.hpp"

namespace chiploc {
namespace {

std::string with_word(const std::string& words, const std::string& word) {
  return words + (words.empty() || word.empty() ? "" : " ") + word;
}

/// From the tree itself to the innermost command that was given.
std::vector<const CLI::App*> commands_given(const CLI::App& tree) {
  std::vector<const CLI::App*> commands{&tree};
  while (!commands.back()->get_subcommands().empty())
    commands.push_back(commands.back()->get_subcommands().front());
  return commands;
}

/// What is wrong where a command should stand; nullopt where none should, or where none has to.
std::optional<std::string> command_fault(const CLI::App& tree) {
  const CLI::App* at = commands_given(tree).back();
  const std::string given = command_given(tree);
  const auto shown =
      at->get_subcommands([](const CLI::App* command) { return !command->get_group().empty(); });
  const std::string known = joined(shown, ", ", [](const CLI::App* command) { return command->get_name(); });
  if (known.empty()) return std::nullopt;
  const std::vector<std::string> rest = tree.remaining(true);  // an unknown word falls through to the top
  if (!rest.empty() && rest.front().starts_with('-'))
    return rest.front() + " is no option" + (given.empty() ? "" : " of " + given);
  if (!rest.empty()) return with_word(given, rest.front()) + " is no command; one of: " + known;
  if (at->get_require_subcommand_min() == 0) return std::nullopt;
  return "a command is missing" + (given.empty() ? "" : " after " + given) + "; one of: " + known;
}

}  // namespace

std::string command_given(const CLI::App& tree) {
  std::string words;
  for (const CLI::App* command : commands_given(tree)) {
    if (command != &tree) words = with_word(words, command->get_name());
  }
  return words;
}

std::string usage_fault(const CLI::App& tree, const std::exception& error) {
  std::string text = command_fault(tree).value_or(error.what());
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text + "; see: " + with_word(tree.get_name(), command_given(tree)) + " --help";
}

}  // namespace chiploc
