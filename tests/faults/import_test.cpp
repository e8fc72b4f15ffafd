// chiplocd killed in the middle of an import: what the person at the other end reads is true, and tells what to do.
#include <fstream>
#include <utility>

#include "tests/faults/fault_lab.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/command.hpp"
#include "tests/support/cut_line.hpp"
#include "tests/support/paths.hpp"

namespace chiploc::faults {
namespace {

constexpr int kLicences = 4'000;              // some two hundred kilobytes
constexpr std::size_t kInTheMiddle = 90'000;  // of what the client sends

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// A coordinator alone, and a file for it.
struct Desk {
  FaultLab lab{{.anchors = 1, .chips = 1}};
  std::filesystem::path file = lab.plan().state / "many.csv";

  Desk() {
    std::ofstream out{file};
    out << "id,holder,countries,valid_from,valid_to\n";
    for (int i = 0; i < kLicences; ++i) out << "M-" << i << ",Example Ltd,AU,2020-01-01,2099-12-31\n";
    out.close();
    start();
  }
  void start() {
    const std::size_t from = lab.log_size("chiplocd");
    lab.launch("chiplocd");
    REQUIRE(lab.serves("chiplocd", from, std::chrono::seconds{30}));
  }
  /// As a unit does: it is there again a moment later.
  void kill_and_start() {
    lab.kill("chiplocd");
    lab.launch("chiplocd");
  }
  [[nodiscard]] Ran import(const std::string& more) const {
    return run(program_path("chiploc") + " import --config " + (lab.plan().state / "cli.toml").string() +
               " --licences " + file.string() + " " + more + " 2>&1");
  }
  [[nodiscard]] std::int64_t imported() const { return read_store(lab.database()).licences; }
};

TEST_CASE("chiploc import: chiplocd is killed with half of the file, starts again, and nothing was imported",
          "[faults]") {
  Desk desk;
  bool once = false;
  const CutLine line{desk.lab.plan().coordinator_address, [&](bool to_server, std::size_t sent) {
                       if (to_server && sent > kInTheMiddle && !std::exchange(once, true))
                         desk.kill_and_start();
                       return false;
                     }};
  const Ran ran = desk.import("--server " + line.address());
  INFO(ran.output);
  CHECK(once);
  CHECK(ran.exit_code == 69);
  CHECK(has(ran.output, "broke off; look whether chiplocd still runs"));
  CHECK(has(ran.output, "asking what became of the import"));
  CHECK(has(ran.output, "\nchiploc: nothing was imported; import again\n"));
  CHECK(desk.imported() == 0);
  const Ran again = desk.import("");  // as it says
  CHECK(again.exit_code == 0);
  CHECK(desk.imported() == kLicences);
}

TEST_CASE("chiploc import: chiplocd is killed between its commit and its answer, and all was imported",
          "[faults]") {
  Desk desk;
  bool once = false;
  const CutLine line{desk.lab.plan().coordinator_address, [&](bool to_server, std::size_t sent) {
                       if (to_server || once || sent < kInTheMiddle || desk.imported() != kLicences)
                         return false;
                       once = true;
                       desk.kill_and_start();
                       return true;
                     }};
  const Ran ran = desk.import("--server " + line.address());
  INFO(ran.output);
  CHECK(once);
  CHECK(ran.exit_code == 0);
  CHECK(has(ran.output, "asking what became of the import"));
  CHECK(has(ran.output, "\nimported: all 4000 records are there\n"));
  CHECK(desk.imported() == kLicences);
}

TEST_CASE("chiploc import: chiplocd is killed and stays away, and how to look the fate up is said",
          "[faults]") {
  const bool committed = GENERATE(false, true);
  CAPTURE(committed);
  Desk desk;
  bool once = false;
  const CutLine line{desk.lab.plan().coordinator_address, [&](bool to_server, std::size_t sent) {
                       if (once || sent < kInTheMiddle) return false;
                       if (committed && (to_server || desk.imported() != kLicences)) return false;
                       once = true;
                       desk.lab.kill("chiplocd");
                       return true;
                     }};
  const Ran ran = desk.import("--server " + line.address());
  INFO(ran.output);
  CHECK(once);
  CHECK(ran.exit_code == 69);
  CHECK(
      has(ran.output,
          "\nchiploc: whether the files were imported is not known. Once chiplocd runs again, look it up: "));
  CHECK(
      has(ran.output,
          "give the same command with --dry-run, which counts 0 added and 0 changed if they were imported"));
  desk.start();
  const Ran look = desk.import("--dry-run");
  CHECK(look.exit_code == 0);
  CHECK(has(look.output,
            committed ? "would be: 0 added, 0 changed, 4000 unchanged" : "would be: 4000 added, 0 changed"));
}

}  // namespace
}  // namespace chiploc::faults
