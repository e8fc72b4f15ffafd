#include "server/eval/convert_command.hpp"

#include <filesystem>

#include "proto/base/new_folder.hpp"
#include "server/eval/eval_arguments.hpp"

namespace chiploc {
namespace {

std::optional<std::string> write_set(const std::filesystem::path& path, const RttFiles& files) {
  auto folder = NewFolder::begin(path);
  if (!folder) return folder.error();
  for (const auto& [name, text] : {std::pair{"nodes.csv", &files.nodes}, std::pair{"rtt.csv", &files.rtt}}) {
    if (const auto done = folder->write(name, *text, NewFolder::Readers::kAll); !done) return done.error();
  }
  if (const auto done = folder->finish(); !done) return done.error();
  return std::nullopt;
}

}  // namespace

int run_convert_command(const ConvertArguments& arguments) {
  std::error_code ignored;
  std::filesystem::path path = std::filesystem::absolute(arguments.folder, ignored).lexically_normal();
  if (!path.has_filename()) path = path.parent_path();  // "folder/"
  if (std::filesystem::exists(std::filesystem::symlink_status(path, ignored)))
    return fail_eval(EvalExit::kUsage, arguments.folder + ": is there already; name a folder that is not");
  const auto input = load_others(arguments.others);
  if (!input) return fail_eval(input.error());
  const auto set = read_others(*input);
  if (!set) return fail_eval(FolderFault{EvalExit::kBadData, set.error()});
  // What a line says has to be right; whether the rows can be true is asked when they are read, with the options
  // that answer it. A resolution lets zeros pass, which are one of these questions.
  const Borders& borders = Borders::world();
  RttReading as_written;
  as_written.resolution_ms = 1.0;
  as_written.believed_all = true;
  const auto parsed = parse_rtt_files(set->files, path.filename().string(), borders, as_written);
  if (!parsed) return fail_eval(FolderFault{EvalExit::kBadData, in_their_lines(*set, parsed.error())});
  for (const std::string& note : set->notes) tell_eval(note);
  const auto asked = parse_rtt_files(set->files, path.filename().string(), borders);
  const auto questions = asked ? std::vector<std::string>{} : in_their_lines(*set, asked.error());
  if (const auto fault = write_set(path, set->files)) return fail_eval(EvalExit::kUsage, *fault);
  if (!set->cut_by_fping.empty()) tell_eval("chiploc eval should know: " + set->cut_by_fping);
  for (const std::string& question : questions) tell_eval("chiploc eval will ask: " + question);
  tell_eval("wrote " + arguments.folder + ": nodes.csv, rtt.csv");
  return finish_eval(EvalExit::kFine);
}

}  // namespace chiploc
