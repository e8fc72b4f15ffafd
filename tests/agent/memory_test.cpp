// The real program at work: how much memory it holds, and that it needs no rights.
#include <unistd.h>

#include <cstdio>

#include "proto/crypto/cose.hpp"
#include "tests/agent/program_fixture.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/process_stat.hpp"

using namespace chiploc;

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

void play_rounds(const StartedProgram& started, const ProgramFolder& files, int rounds) {
  const TestSocket socket{"127.0.0.1"};
  for (int i = 0; i < rounds; ++i) {
    SocketRound round{socket, started.endpoint, files.coordinator, files.chip,
                      unix_seconds(agent_wall_now())};
    const auto statement = round.play();
    INFO(round.failed << "\n" << started.output());
    REQUIRE(statement);
    REQUIRE(check_statement(*statement, files.key->public_key(), files.certificate));
  }
}

std::string status_of(pid_t pid, const std::string& field) {
  std::ifstream in{"/proc/" + std::to_string(pid) + "/status"};
  for (std::string line; std::getline(in, line);) {
    if (line.compare(0, field.size(), field) == 0) return line.substr(field.size());
  }
  return {};
}

}  // namespace

TEST_CASE("chiploc-agent: stays under 8 MiB resident while it answers rounds", "[agent][program][memory]") {
  const auto algorithm = GENERATE(SignatureAlgorithm::kEd25519, SignatureAlgorithm::kEs256);
  const ProgramFolder files{algorithm};
  StartedProgram started{{program_path("chiploc-agent"), "--config", files.config()}, files};
  INFO(started.output());
  REQUIRE(started.ready);
  const ProcessStat at_start = read_process_stat(started.child().pid());
  play_rounds(started, files, 40);
  const ProcessStat working = read_process_stat(started.child().pid(), true);
  play_rounds(started, files, 20);
  const ProcessStat later = read_process_stat(started.child().pid());
  // For the table of benchmarks; ctest shows it only when something fails.
  std::printf(
      "FIGURE\tchiploc-agent resident after 40 rounds (%s): VmRSS, of it anonymous\t%.1f, %.1f MiB\t\t\t\t\n",
      std::string{name_of(algorithm)}.c_str(), working.rss_mb, working.anonymous_mb);
  CAPTURE(at_start.rss_mb, working.rss_mb, working.anonymous_mb, working.pss_mb, later.rss_mb);
  REQUIRE(working.rss_mb > 1.0);
  if (kSanitized) {
    WARN("skipped: a sanitizer's own memory is not the agent's");
    return;
  }
  CHECK(working.rss_mb < 8.0);
  CHECK(later.rss_mb < 8.0);
  CHECK(later.anonymous_mb < working.anonymous_mb + 0.25);  // nothing grows with the rounds
}

TEST_CASE("chiploc-agent: runs as nobody, without a capability", "[agent][program]") {
  if (::geteuid() != 0 || !has_program("setpriv")) {
    WARN("skipped: becoming nobody takes root and setpriv");
    return;
  }
  const ProgramFolder files;
  const auto program = files.folder / "chiploc-agent";  // where nobody may reach it
  std::filesystem::copy_file(program_path("chiploc-agent"), program);
  constexpr uid_t kNobody = 65534;
  const auto give = [&](const std::filesystem::path& path) {
    REQUIRE(::chown(path.c_str(), kNobody, kNobody) == 0);
  };
  give(files.folder.path());
  for (const auto& entry : std::filesystem::directory_iterator{files.folder.path()}) give(entry.path());
  const std::string nobody = std::to_string(kNobody);
  StartedProgram started{
      {"setpriv", "--reuid=" + nobody, "--regid=" + nobody, "--clear-groups", "--bounding-set=-all",
       "--inh-caps=-all", "--no-new-privs", program, "--config", files.config()},
      files};
  INFO(started.output());
  REQUIRE(started.ready);
  const pid_t pid = started.child().pid();
  CHECK(status_of(pid, "Uid:").find("\t65534\t65534\t65534\t65534") == 0);
  for (const char* set : {"CapInh:", "CapPrm:", "CapEff:", "CapBnd:", "CapAmb:"}) {
    CAPTURE(set);
    CHECK(status_of(pid, set) == "\t0000000000000000");
  }
  play_rounds(started, files, 2);
}
