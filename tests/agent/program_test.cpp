// The real programs: exit codes, messages, whole rounds.
#include <sched.h>

#include "proto/crypto/cose.hpp"
#include "tests/agent/program_fixture.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/softhsm.hpp"
#include "tests/support/swtpm.hpp"

using namespace chiploc;

namespace {

std::uint64_t unix_now() { return unix_seconds(agent_wall_now()); }

Ended agent(const ProgramFolder& files, std::vector<std::string> arguments,
            const Environment& environment = {}) {
  arguments.insert(arguments.begin(), program_path("chiploc-agent"));
  return run_to_end(arguments, files.folder, environment);
}

/// A whole round with a started program; checks the statement and gives it.
Statement play_round(const StartedProgram& started, const ProgramFolder& files, const PublicKey& key) {
  const TestSocket socket{"127.0.0.1"};
  SocketRound round{socket, started.endpoint, files.coordinator, files.chip, unix_now()};
  const auto cose = round.play();
  INFO(round.failed);
  INFO(started.output());
  REQUIRE(cose);
  const auto statement = check_statement(*cose, key, files.certificate);
  REQUIRE(statement);
  CHECK(statement->chip == files.chip);
  CHECK(statement->nonce == round.order.nonce);
  CHECK(statement->transcripts.at(0).transcript == round.anchor.digest());
  return *statement;
}

}  // namespace

TEST_CASE("chiploc-agent: usage faults end with 64 and say what is wrong", "[agent][program]") {
  const ProgramFolder files;
  struct Row {
    std::vector<std::string> arguments;
    std::string says;
  };
  const std::vector<Row> rows{
      {{}, "--config FILE is missing"},
      {{"--config"}, "--config needs a value"},
      {{"--config="}, "--config needs a value"},
      {{"--confg", "x"}, "unknown argument \"--confg\""},
      {{"agent.toml"}, "unknown argument \"agent.toml\""},
      {{"--config", "x", "--log-level", "loud"}, "--log-level \"loud\" is none of"},
      {{"--config", "x", "--check-config=yes"}, "--check-config takes no value"},
      {{"--config", "x", "--behaviour", "stalled"},
       "unknown argument \"--behaviour\""},  // the honest program
  };
  for (const Row& row : rows) {
    const Ended ended = agent(files, row.arguments);
    CAPTURE(row.says, ended.output);
    CHECK(ended.exit_code == 64);
    CHECK(ended.output.find(row.says) != std::string::npos);
  }
}

TEST_CASE("chiploc-agent: --help, --version and --check-config end with 0", "[agent][program]") {
  const ProgramFolder files;
  CHECK(agent(files, {"--help"}).exit_code == 0);
  CHECK(agent(files, {"--help"}).output.find("exit codes:") != std::string::npos);
  CHECK(agent(files, {"--version"}).output == std::string{"chiploc-agent "} + CHIPLOC_VERSION + "\n");
  const Ended checked = agent(files, {"--config", files.config(), "--check-config"});
  CAPTURE(checked.output);
  CHECK(checked.exit_code == 0);
  CHECK(checked.output.find(files.chip.hex()) != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(files.folder / "state"));
}

TEST_CASE("chiploc-agent: faults of files end with 78 or 69 and name the place", "[agent][program]") {
  ProgramFolder files;
  int expected = 0;
  std::string says;
  SECTION("no such file") {
    std::filesystem::remove(files.config());
    expected = 78;
    says = files.config() + ": no such file; ";
  }
  SECTION("two faults, both told") {
    files.more_lines = "[limits]\nsessions = 0\ncolour = 1\n";
    files.write_config();
    expected = 78;
    says = "\nchiploc-agent: " + files.config() + ":";
  }
  SECTION("a certificate for another key") {
    files.certify(generate_key(SignatureAlgorithm::kEs256)->public_key());
    expected = 78;
    says = files.config() + ":11: key.certificate: " + (files.folder / "chip.pem").string() +
           " belongs to another key than key.uri; ";
  }
  SECTION("no certificate in the file") {
    files.folder.write("chip.pem", "nothing");
    expected = 78;
    says = files.config() + ":11: key.certificate: ";
  }
  SECTION("a key that others may read") {
    files.folder.write("chip.key", files.key->private_pem(), std::filesystem::perms{0644});
    expected = 69;
    says = files.config() + ":10: key.uri: ";
  }
  SECTION("no key in the file") {
    files.folder.write("chip.key", "nothing");
    expected = 69;
    says = files.config() + ":10: key.uri: ";
  }
  SECTION("a damaged state file") {
    std::filesystem::create_directory(files.folder / "state");
    files.folder.write("state/agent.state", "boot_count 3\n");
    expected = 69;
    says = (files.folder / "state/agent.state").string() + ": the state file is damaged; ";
  }
  const Ended checked = agent(files, {"--config", files.config(), "--check-config"});
  CAPTURE(checked.output, says);
  CHECK(checked.exit_code == expected);
  CHECK(checked.output.find(says) != std::string::npos);
  const Ended started = agent(files, {"--config", files.config()});
  CHECK(started.exit_code == expected);
  CHECK(started.output == checked.output);
}

TEST_CASE("chiploc-agent: an address that is taken ends with 69", "[agent][program]") {
  const TestSocket taken{"127.0.0.1"};
  ProgramFolder files;
  files.listen = text_of(taken.local());
  files.write_config();
  const Ended ended = agent(files, {"--config", files.config()});
  CAPTURE(ended.output);
  CHECK(ended.exit_code == 69);
  CHECK(ended.output.find("agent.listen: " + files.listen + ": cannot listen") != std::string::npos);
}

TEST_CASE("chiploc-agent: answers rounds, keeps its counters over a restart, ends with 0",
          "[agent][program]") {
  const auto algorithm =
      GENERATE(SignatureAlgorithm::kEd25519, SignatureAlgorithm::kEs256, SignatureAlgorithm::kEs384);
  CAPTURE(name_of(algorithm));
  const ProgramFolder files{algorithm};
  for (std::uint64_t boot = 1; boot <= 2; ++boot) {
    StartedProgram started{{program_path("chiploc-agent"), "--config", files.config()}, files};
    INFO(started.output());
    REQUIRE(started.ready);
    for (std::uint64_t i = 1; i <= 2; ++i) {
      const Statement statement = play_round(started, files, files.key->public_key());
      CHECK(statement.boot_count == boot);
      CHECK(statement.round_counter == (boot - 1) * 2 + i);
    }
    started.child().send_signal(boot == 1 ? SIGTERM : SIGINT);
    CHECK(started.wait_for("STOPPING=1"));
    CHECK(started.child().wait(20'000) == 0);
    const std::string output = started.output();
    CHECK(output.find("agent.started ") != std::string::npos);
    CHECK(output.find("statement.signed ") != std::string::npos);
    CHECK(output.find("pings_answered=24 ") != std::string::npos);
    CHECK(output.find(files.key->private_pem().substr(30, 40)) == std::string::npos);
  }
}

TEST_CASE("chiploc-agent: SIGUSR1 logs the counters and it goes on", "[agent][program]") {
  const ProgramFolder files;
  StartedProgram started{{program_path("chiploc-agent"), "--config", files.config()}, files};
  REQUIRE(started.ready);
  started.child().send_signal(SIGUSR1);
  play_round(started, files, files.key->public_key());
  const std::string output = started.output();
  CHECK(output.find("agent.counters datagrams=") != std::string::npos);
}

TEST_CASE("chiploc-agent: a key in a PKCS#11 token answers rounds as a file key does",
          "[agent][program][token]") {
  if (const auto missing = SoftHsm::missing()) {
    WARN("skipped: " << *missing << " is not installed");
    return;
  }
  ProgramFolder files;
  const SoftHsm hsm{files.folder.path()};
  REQUIRE(hsm.ok());
  REQUIRE(hsm.import_key("chip", files.folder / "chip.key"));
  files.key_lines = "uri = \"" + hsm.key_uri("chip") + "\"\npin_file = \"" + hsm.pin_file().string() + "\"\n";
  files.write_config();
  std::filesystem::remove(files.folder / "chip.key");
  StartedProgram started{
      {program_path("chiploc-agent"), "--config", files.config()}, files, hsm.environment()};
  INFO(started.output());
  REQUIRE(started.ready);
  play_round(started, files, files.key->public_key());
  CHECK(play_round(started, files, files.key->public_key()).round_counter == 2);
}

TEST_CASE("chiploc-agent: a key in a TPM 2.0 answers rounds as a file key does", "[agent][program][token]") {
  if (const auto missing = Swtpm::missing()) {
    WARN("skipped: " << *missing << " is not installed");
    return;
  }
  ProgramFolder files;
  const Swtpm tpm{files.folder.path()};
  REQUIRE(tpm.ok());
  constexpr std::uint32_t kHandle = 0x81000001;
  REQUIRE(tpm.create_key(kHandle));
  // The public half, as a maker would read it out before issuing the certificate.
  const auto pem = files.folder / "tpm-public.pem";
  REQUIRE(run_program({"tpm2_readpublic", "-c", "0x81000001", "-f", "pem", "-o", pem.string()},
                      tpm.environment()));
  const auto public_key = PublicKey::from_pem(read_file(pem));
  REQUIRE(public_key);
  files.certify(*public_key);
  files.key_lines = "uri = \"" + Swtpm::key_uri(kHandle) +
                    "\"\nproviders = [\"tpm2\", \"default\"]\nproperties = \"?provider=tpm2\"\n";
  files.write_config();
  StartedProgram started{
      {program_path("chiploc-agent"), "--config", files.config()}, files, tpm.environment()};
  INFO(started.output());
  REQUIRE(started.ready);
  play_round(started, files, *public_key);
  CHECK(play_round(started, files, *public_key).round_counter == 2);
}

TEST_CASE("chiploc-agent: a real-time priority or processor that it may not have ends with 69",
          "[agent][program]") {
  ProgramFolder files;
  std::vector<std::string> argv{program_path("chiploc-agent"), "--config", files.config()};
  std::string says;
  SECTION("priority") {
    files.more_lines = "[runtime]\nrealtime_priority = 50\n";
    says = "runtime.realtime_priority: no right to priority 50: Operation not permitted; set LimitRTPRIO=50";
    // Even root has no right to it without the capability and the limit.
    const std::vector<std::string> without{"prlimit", "--rtprio=0:0"};
    argv.insert(argv.begin(), without.begin(), without.end());
    if (::geteuid() == 0) {
      const std::vector<std::string> no_capability{"setpriv", "--bounding-set=-sys_nice",
                                                   "--inh-caps=-sys_nice"};
      argv.insert(argv.begin(), no_capability.begin(), no_capability.end());
    }
  }
  SECTION("processor") {
    files.more_lines = "[runtime]\ncpu = 1023\n";
    says = "runtime.cpu: cannot run on processor 1023: ";
  }
  files.write_config();
  const Ended ended = run_to_end(argv, files.folder);
  CAPTURE(ended.output);
  CHECK(ended.exit_code == 69);
  CHECK(ended.output.find(says) != std::string::npos);
}

TEST_CASE("chiploc-agent: runs under SCHED_FIFO on one processor when it may", "[agent][program]") {
  if (::geteuid() != 0) {
    WARN("skipped: SCHED_FIFO takes root");
    return;
  }
  ProgramFolder files;
  files.more_lines = "[runtime]\nrealtime_priority = 10\ncpu = 0\n";
  files.write_config();
  StartedProgram started{{program_path("chiploc-agent"), "--config", files.config()}, files};
  if (!started.ready && started.output().find("no right to priority") != std::string::npos) {
    WARN("skipped: this machine gives no real-time priority to root");
    return;
  }
  INFO(started.output());
  REQUIRE(started.ready);
  const pid_t pid = started.child().pid();
  CHECK((::sched_getscheduler(pid) & ~SCHED_RESET_ON_FORK) == SCHED_FIFO);
  cpu_set_t set;
  CPU_ZERO(&set);
  REQUIRE(::sched_getaffinity(pid, sizeof set, &set) == 0);
  CHECK(CPU_COUNT(&set) == 1);
  CHECK(CPU_ISSET(0, &set));
  play_round(started, files, files.key->public_key());
}
