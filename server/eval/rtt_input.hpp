#pragma once
// What a command line names as measurements -> RttSet: a folder, or files as the programs of others write them.

#include <optional>
#include <string>
#include <vector>

#include "server/eval/others_files.hpp"
#include "server/eval/rtt_folder.hpp"

namespace CLI {
class App;
}

namespace chiploc {

/// How the numbers are to be understood, as people say it.
struct ReadingArguments {
  std::optional<double> resolution_ms;
  std::vector<double> believed_ms;
  bool truncated = false, believed_fast = false, believed_order = false;
};

void add_reading_options(CLI::App& app, ReadingArguments& to);
[[nodiscard]] RttReading reading_of(const ReadingArguments& arguments);

/// Whether it is one folder; otherwise these are files of others.
[[nodiscard]] bool names_folder(const OthersArguments& arguments);

/// Reads what is named, with all checks of rtt_folder.hpp. Files of others become the set that `convert` would write.
///
/// Fails     As load_rtt_folder(); with the exit code of usage where the arguments do not go together.
[[nodiscard]] Result<RttSet, FolderFault> load_rtt_input(const OthersArguments& arguments, bool with_faulty,
                                                         const RttReading& reading, const Borders& borders);

/// What a person should know before any figure: the set's notes, and what was added for a resolution.
[[nodiscard]] std::vector<std::string> notes_of(const RttSet& set);

}  // namespace chiploc
