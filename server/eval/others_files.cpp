#include "server/eval/others_files.hpp"

#include <CLI/CLI.hpp>
#include <filesystem>

#include "proto/base/joined.hpp"
#include "server/eval/cloud_regions.hpp"
#include "server/registry/fields.hpp"

namespace chiploc {
namespace {

constexpr std::size_t kFilesMost = 10'000;
constexpr std::string_view kMissingFile = "name a file that is there";

}  // namespace

void add_others_options(CLI::App& app, OthersArguments& to) {
  app.add_option(
         "--format", to.format,
         "What the files are: matrix (sources down, destinations across), table (with --columns), ping, "
         "fping (summaries), atlas (RIPE Atlas) (default: found out)")
      ->check(CLI::IsMember({"matrix", "table", "ping", "fping", "atlas"}));
  app.add_option("--columns", to.columns,
                 "Tables: the columns of source, target and milliseconds, e.g. source,target,rtt or 1,2,5")
      ->delimiter(',')
      ->allow_extra_args(false);
  app.add_flag("--least", to.least,
               "Tables: several rows of a pair are round trips of one; take the least of them");
  app.add_option(
         "--nodes", to.nodes,
         "Where the nodes of the files are: as nodes.csv (id or name as the files have it); what it lacks is "
         "looked up among the regions of clouds")
      ->type_name("FILE");
  app.add_option("--probes", to.probes, "Where the probes of RIPE Atlas are: JSON of its API or archive")
      ->type_name("FILE")
      ->allow_extra_args(false);
  std::vector<std::string> providers;
  for (const std::string_view provider : cloud_providers()) providers.emplace_back(provider);
  app.add_option("--provider", to.provider, "Whose regions the names are (default: of one that knows all)")
      ->check(CLI::IsMember(providers));
}

std::string source_of_file(const std::string& path) {
  std::string name = std::filesystem::path{path}.filename().string();
  for (const std::string_view end : {".txt", ".log", ".out", ".ping", ".fping", ".csv", ".tsv", ".json"}) {
    if (name.size() > end.size() && name.ends_with(end)) return name.substr(0, name.size() - end.size());
  }
  return name;
}

Result<OthersInput, FolderFault> load_others(const OthersArguments& arguments, const RttLimits& limits) {
  OthersInput input;
  input.format = format_named(arguments.format);
  input.provider = arguments.provider;
  input.least = arguments.least;
  const auto usage = [](std::string text) { return Fail{FolderFault{EvalExit::kUsage, {std::move(text)}}}; };
  if (!arguments.columns.empty()) {
    if (arguments.columns.size() != 3)
      return usage("--columns: names " + std::to_string(arguments.columns.size()) +
                   " columns; it takes three, source, target and milliseconds");
    input.columns = OthersColumns{arguments.columns[0], arguments.columns[1], arguments.columns[2]};
  }
  if (arguments.inputs.size() > kFilesMost)
    return usage("more than " + std::to_string(kFilesMost) + " files; put some into one");
  std::size_t bytes = 0;
  const auto read = [&](const std::string& path) -> Result<OthersFile, FolderFault> {
    auto text = read_measurements(path, limits, kMissingFile);
    if (!text) return Fail{text.error()};
    bytes += text->size();
    if (bytes > 2 * limits.file_bytes)
      return Fail{FolderFault{EvalExit::kBadData,
                              {path + ":1: and the files before it have more than " +
                               std::to_string(2 * limits.file_bytes >> 20U) + " MB together"}}};
    return OthersFile{path, source_of_file(path), std::move(text).value()};
  };
  for (const std::string& given : arguments.inputs) {
    std::error_code ignored;
    const std::size_t equals = given.find('=');
    const bool named = equals != std::string::npos && parse_name(given.substr(0, equals)) &&
                       !std::filesystem::exists(given, ignored);
    auto file = read(named ? given.substr(equals + 1) : given);
    if (!file) return Fail{file.error()};
    if (named) file->source = given.substr(0, equals);
    input.files.push_back(std::move(file).value());
  }
  if (!arguments.nodes.empty()) {
    auto file = read(arguments.nodes);
    if (!file) return Fail{file.error()};
    input.nodes = std::move(file).value();
  }
  for (const std::string& path : arguments.probes) {
    auto file = read(path);
    if (!file) return Fail{file.error()};
    input.probes.push_back(std::move(file).value());
  }
  return input;
}

}  // namespace chiploc
