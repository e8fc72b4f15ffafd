#include "server/cli/command_fault.hpp"

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace chiploc {

std::optional<std::string> command_fault(const CLI::App& tree) {
  const CLI::App* at = &tree;
  std::string path;
  while (!at->get_subcommands().empty()) {
    at = at->get_subcommands().front();
    path += (path.empty() ? "" : " ") + at->get_name();
  }
  std::string known;
  for (const CLI::App* command : at->get_subcommands([](const CLI::App*) { return true; })) {
    if (!command->get_group().empty()) known += (known.empty() ? "" : ", ") + command->get_name();
  }
  if (known.empty()) return std::nullopt;
  const std::vector<std::string> rest = tree.remaining(true);  // an unknown word falls through to the top
  if (!rest.empty() && rest.front().starts_with('-'))
    return rest.front() + " is no option" + (path.empty() ? "" : " of " + path);
  if (!rest.empty())
    return path + (path.empty() ? "" : " ") + rest.front() + " is no command; one of: " + known;
  if (at->get_require_subcommand_min() == 0) return std::nullopt;
  return "a command is missing" + (path.empty() ? "" : " after " + path) + "; one of: " + known;
}

}  // namespace chiploc
