#include "server/eval/rtt_input.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>

#include "server/text/number_check.hpp"

namespace chiploc {
namespace {

bool is_folder(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::is_directory(path, ignored);
}

/// Files of others, read as the folder that `convert` would write.
Result<RttSet, FolderFault> load_set_of_others(const OthersArguments& arguments, bool with_faulty,
                                               const RttReading& reading, const Borders& borders) {
  const auto usage = [](std::string text) { return Fail{FolderFault{EvalExit::kUsage, {std::move(text)}}}; };
  if (with_faulty)
    return usage("--with-faulty is for a folder; chiploc eval convert makes one of these files");
  for (const std::string& path : arguments.inputs) {
    if (is_folder(path))
      return usage(path + " is a folder; give one folder, or files without options of files");
  }
  const auto input = load_others(arguments);
  if (!input) return Fail{input.error()};
  const auto others = read_others(*input);
  if (!others) return Fail{FolderFault{EvalExit::kBadData, others.error()}};
  if (!others->cut_by_fping.empty() && !reading.resolution_ms)
    return Fail{FolderFault{EvalExit::kBadData, {others->cut_by_fping}}};
  auto set = parse_rtt_files(others->files, source_of_file(input->files.front().name), borders, reading);
  if (!set) return Fail{FolderFault{EvalExit::kBadData, in_their_lines(*others, set.error())}};
  set->notes.insert(set->notes.begin(), others->notes.begin(), others->notes.end());
  return std::move(set).value();
}

}  // namespace

void add_reading_options(CLI::App& app, ReadingArguments& to) {
  auto* const resolution =
      app.add_option(
             "--resolution-ms", to.resolution_ms,
             "Step to which the round trips were rounded: half of it is added to each; 0: they are exact")
          ->check(is_number())
          ->check(CLI::Range(0.0, 1'000.0));
  app.add_flag("--truncated", to.truncated, "They were rounded down: the whole step is added")
      ->needs(resolution);
  app.add_option("--believe-ms", to.believed_ms,
                 "A value that repeats like a placeholder and was measured all the same")
      ->check(is_number())
      ->delimiter(',')
      ->allow_extra_args(false);
  app.add_flag("--believe-order", to.believed_order,
               "Rows that fit other nodes than their own stand where they belong");
  app.add_flag(
      "--believe-fast", to.believed_fast,
      "Many round trips are faster than light in fibre and were measured all the same (radio links)");
}

RttReading reading_of(const ReadingArguments& arguments) {
  RttReading reading;
  reading.resolution_ms = arguments.resolution_ms;
  reading.truncated = arguments.truncated;
  reading.believed_ms = arguments.believed_ms;
  reading.believed_order = arguments.believed_order;
  reading.believed_fast = arguments.believed_fast;
  return reading;
}

bool names_folder(const OthersArguments& arguments) {
  const auto& inputs = arguments.inputs;
  std::error_code ignored;
  const bool folder = is_folder(inputs.front()) || !std::filesystem::exists(inputs.front(), ignored);
  const bool source_given = inputs.front().find('=') != std::string::npos;
  return inputs.size() == 1 && folder && !source_given && !arguments.any();
}

Result<RttSet, FolderFault> load_rtt_input(const OthersArguments& arguments, bool with_faulty,
                                           const RttReading& reading, const Borders& borders) {
  if (names_folder(arguments))
    return load_rtt_folder(arguments.inputs.front(), with_faulty, borders, reading);
  return load_set_of_others(arguments, with_faulty, reading, borders);
}

std::vector<std::string> notes_of(const RttSet& set) {
  std::vector<std::string> notes = set.notes;
  if (set.added_ms > 0.0) {
    char text[128];
    std::snprintf(text, sizeof text, "%g ms added to every round trip, for a resolution of %g ms",
                  set.added_ms, set.resolution_ms);
    notes.emplace_back(text);
  }
  return notes;
}

}  // namespace chiploc
