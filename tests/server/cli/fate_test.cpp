// A call that ends before its answer comes: the line is cut, or a person stops waiting. What is said of it is true, and
// nothing is left behind.
#include <signal.h>

#include <future>
#include <utility>

#include "tests/server/cli/cli_world.hpp"
#include "tests/support/cut_line.hpp"

namespace chiploc::test {
namespace {

constexpr std::size_t kChips = 80;  // with certificates: some hundred kilobytes

/// Registry files on disk, and the command that imports them.
struct Files {
  explicit Files(const Cli& cli) {
    std::vector<std::string> chips;
    for (std::size_t i = 0; i < kChips; ++i)
      chips.push_back(chip_id((i < 10 ? "bb0" : "bb") + std::to_string(i)));
    const auto write = [&](const char* name, const std::string& content) {
      return cli.world.folder.write(name, content).string();
    };
    command = {"import",
               "--makers",
               write("makers.json", cli.world.files.makers_json()),
               "--licences",
               write("licences.csv", RegistryFiles::licences_csv()),
               "--chips",
               write("chips.json", cli.world.files.chips_json(chips))};
  }
  [[nodiscard]] std::vector<std::string> through(const CutLine& line) const {
    std::vector<std::string> out = command;
    out.insert(out.end(), {"--server", line.address()});
    return out;
  }
  std::vector<std::string> command;
};

bool imported(Cli& cli) { return cli.world.registry().get()->chips().size() == kChips; }

TEST_CASE("chiploc import: cut off before the files were there, it says that nothing was imported",
          "[cli][program][import]") {
  Cli cli;
  const Files files{cli};
  bool once = false;
  const CutLine line{cli.world.address(), [&](bool to_server, std::size_t sent) {
                       return to_server && sent > 60'000 && !std::exchange(once, true);
                     }};
  const ProcessResult result = cli.run(files.through(line));
  CHECK(result.exit_code == 69);
  CHECK(has(result.err, "broke off"));
  CHECK(has(result.err, "asking what became of the import"));
  CHECK(has(result.err, "chiploc: nothing was imported; import again"));
  CHECK_FALSE(imported(cli));
  CHECK(cli.run(files.command).exit_code == 0);
}

TEST_CASE("chiploc import: cut off after the files were taken, it says that they are imported",
          "[cli][program][import]") {
  Cli cli;
  const Files files{cli};
  bool once = false;
  const CutLine line{cli.world.address(), [&](bool to_server, std::size_t) {
                       return !to_server && imported(cli) && !std::exchange(once, true);
                     }};
  const ProcessResult result = cli.run(files.through(line));
  INFO(result.err);
  CHECK(result.exit_code == 0);
  CHECK(has(result.err, "broke off"));
  CHECK(has(result.err, "imported: all "));
  CHECK(has(result.err, " records are there"));
  CHECK(imported(cli));
}

TEST_CASE("chiploc import: cut off for good, it says how to look it up", "[cli][program][import]") {
  Cli cli;
  const Files files{cli};
  CutLine* all = nullptr;
  CutLine line{cli.world.address(), [&](bool to_server, std::size_t) {
                 if (to_server || !imported(cli)) return false;
                 all->refuse();
                 return true;
               }};
  all = &line;
  const ProcessResult result = cli.run(files.through(line));
  CHECK(result.exit_code == 69);
  CHECK(
      has(result.err, "whether the files were imported is not known. Once chiplocd runs again, look it up"));
  CHECK(has(result.err, "the same command with --dry-run"));
  // As it says:
  std::vector<std::string> look = files.command;
  look.push_back("--dry-run");
  CHECK(has(cli.run(look).out, "would be: 0 added, 0 changed,"));
}

TEST_CASE("chiploc: Ctrl-C says what goes on without us and where to look, and is 130", "[cli][program]") {
  Cli cli;
  cli.world.import({kChipA});
  std::promise<pid_t> started;
  auto pid = started.get_future().share();
  cli.world.rounds().before_verdict = [pid] { ::kill(pid.get(), SIGINT); };
  const ProcessResult verify =
      run_process({chiploc_program(), "verify", "SN-0"}, {{"CHIPLOC_CONFIG", cli.config}},
                  [&](pid_t p) { started.set_value(p); });
  cli.world.rounds().wait();
  CHECK(verify.exit_code == 130);
  CHECK(verify.out.empty());
  CHECK(has(verify.err, "\nchiploc: interrupted; "));
  CHECK(has(verify.err, "goes on; 'chiploc verdict show SN-0' has its verdict when it is done\n"));
  cli.world.rounds().before_verdict = {};
  CHECK(has(cli.out({"verdict", "show", "SN-0"}), "VERIFIED"));  // as it says
}

TEST_CASE("chiploc: Ctrl-C in an import says how to learn its fate", "[cli][program][import]") {
  Cli cli;
  const Files files{cli};
  std::promise<pid_t> started;
  auto pid = started.get_future().share();
  bool once = false;
  const CutLine line{cli.world.address(), [&](bool to_server, std::size_t sent) {
                       if (to_server && sent > 60'000 && !std::exchange(once, true))
                         ::kill(pid.get(), SIGINT);
                       return false;
                     }};
  std::vector<std::string> command = files.through(line);
  command.insert(command.begin(), chiploc_program());
  const ProcessResult result =
      run_process(command, {{"CHIPLOC_CONFIG", cli.config}}, [&](pid_t p) { started.set_value(p); });
  CHECK(result.exit_code == 130);
  CHECK(has(result.err,
            "chiploc: interrupted; the import may be done or not; chiplocd takes all of the files or none"));
}

TEST_CASE("chiploc: Ctrl-C stays ignored where it was ignored at the start", "[cli][program]") {
  Cli cli;
  cli.world.import({kChipA});
  std::promise<pid_t> started;
  auto pid = started.get_future().share();
  cli.world.rounds().before_verdict = [pid] { ::kill(pid.get(), SIGINT); };
  const struct sigaction before = [] {
    struct sigaction ignore {
    }, old{};
    ignore.sa_handler = SIG_IGN;
    ::sigaction(SIGINT, &ignore, &old);
    return old;
  }();
  const ProcessResult verify =
      run_process({chiploc_program(), "verify", "SN-0"}, {{"CHIPLOC_CONFIG", cli.config}},
                  [&](pid_t p) { started.set_value(p); });
  ::sigaction(SIGINT, &before, nullptr);
  cli.world.rounds().wait();
  CHECK(verify.exit_code == 0);
  CHECK(has(verify.out, "VERIFIED"));
}

}  // namespace
}  // namespace chiploc::test
