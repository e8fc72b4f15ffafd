// Least privilege: what the units promise, that the programs live within it, and that no key leaves them.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <regex>

#include "tests/faults/fault_lab.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/command.hpp"
#include "tests/support/paths.hpp"

namespace chiploc::faults {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

const char* const kUnits[] = {"chiploc-agent", "chiploc-anchor", "chiploc-witness", "chiplocd"};

/// Both outputs.
Ran run(const std::string& command) { return chiploc::run(command + " 2>&1"); }
fs::path unit_file(const std::string& name) { return source_dir() / "deploy/systemd" / (name + ".service"); }
bool skipped(const std::string& why) {
  std::printf("skipped: %s\n", why.c_str());
  return true;
}

TEST_CASE("units: systemd calls each exposed no more than 1.5, and finds nothing to complain of",
          "[faults]") {
  if (run("systemd-analyze --version").exit_code != 0 && skipped("no systemd-analyze here")) return;
  const TempDir folder;
  for (const std::string name : kUnits) {
    const Ran security =
        run("systemd-analyze security --no-pager --offline=true " + unit_file(name).string());
    std::smatch score;
    CAPTURE(name, security.output);
    REQUIRE(
        std::regex_search(security.output, score, std::regex{"Overall exposure level for \\S+: ([0-9.]+)"}));
    std::printf("%s: exposure %s\n", name.c_str(), score[1].str().c_str());
    CHECK(std::stod(score[1]) <= 1.5);
    CHECK(std::regex_search(security.output, std::regex{"✓ NoNewPrivileges="}));

    std::string text = read_file(unit_file(name));
    const std::string installed = "ExecStart=/usr/bin/";
    const auto at = text.find(installed);
    REQUIRE(at != std::string::npos);
    text.replace(at, installed.size(), "ExecStart=" + program_path(""));
    const auto copy = folder.write(name + ".service", text, fs::perms{0644});
    const Ran verify = run("systemd-analyze verify --no-pager --man=no " + copy.string());
    // Users come with sysusers, and other units of this machine are none of ours.
    std::istringstream lines{verify.output};
    for (std::string line; std::getline(lines, line);) {
      INFO(line);
      CHECK(line.find(name + ".service:") == std::string::npos);
    }
    CHECK(text.find("\nUser=" + name + "\n") != std::string::npos);
    CHECK(read_file(source_dir() / "deploy/systemd/chiploc.conf").find("u " + name + " ") !=
          std::string::npos);
  }
}

TEST_CASE("units: whole rounds run under each unit's filter, as nobody and without a capability",
          "[faults]") {
  constexpr unsigned kNobody = 65534;
  if (::geteuid() != 0 && skipped("becoming nobody needs root")) return;
  const std::string probe = program_path("chiploc_under_unit") + " " + unit_file("chiploc-agent").string() +
                            " --as " + std::to_string(kNobody) + " " + program_path("chiploc-agent") +
                            " --version";
  const Ran tried = run(probe);
  if (tried.exit_code == 77 && skipped(tried.output)) return;
  CAPTURE(tried.output);
  REQUIRE(tried.exit_code == 0);
  // The filter is one: what the unit leaves out kills.
  const Ran forks = run(program_path("chiploc_under_unit") + " " + unit_file("chiploc-agent").string() +
                        " /bin/sh -c '/bin/true; echo forked'");
  CHECK(forks.output.find("forked") == std::string::npos);

  FaultLab lab{{.anchors = 3,
                .chips = 2,
                .wrapper = {program_path("chiploc_under_unit"), "%u", "--as", std::to_string(kNobody)}}};
  REQUIRE(run("chown -R 65534:65534 " + lab.plan().state.string()).exit_code == 0);
  REQUIRE(lab.up() == "");
  for (int chip : {0, 1}) CHECK(lab.verify_until(chip, "VERIFIED") == "VERIFIED");
  for (const std::string name : {"chiplocd", "a1", "C-1"}) {
    const std::string status = read_file("/proc/" + std::to_string(lab.pid(name)) + "/status");
    CAPTURE(name, status);
    CHECK(status.find("Uid:\t65534\t65534\t65534\t65534") != std::string::npos);
    for (const char* set : {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"})
      CHECK(status.find(std::string{set} + ":\t0000000000000000") != std::string::npos);
    CHECK(status.find("NoNewPrivs:\t1") != std::string::npos);
    CHECK(status.find("Seccomp:\t2") != std::string::npos);
    CHECK(lab.stop(name).how == "exited with 0");  // its end is within the filter as well
  }
}

TEST_CASE("keys that others may read are refused at the start by every program, with the remedy",
          "[faults]") {
  FaultLab lab{{.anchors = 1, .chips = 1}};
  const fs::path state = lab.plan().state;
  struct Case {
    std::string program, arguments;
    fs::path key;
    int exit_code;
  };
  const std::string daemon = "--config " + (state / "chiplocd/chiplocd.toml").string();
  const std::string anchor = "--config " + (state / "anchors/a1/anchor.toml").string();
  const Case cases[] = {
      {"chiploc-agent", "--config " + (state / "agents/C-1/agent.toml").string(),
       state / "agents/C-1/chip.key", 69},
      {"chiploc-anchor", anchor, state / "anchors/a1/anchor.key", 69},
      {"chiploc-anchor", anchor, state / "anchors/a1/tls.key", 69},
      {"chiplocd", daemon, state / "chiplocd/coordinator.key", 69},
      {"chiplocd", daemon, state / "chiplocd/tls.key", 69},
      {"chiploc", "status --config " + (state / "cli.toml").string(), state / "operator/tls.key", 78}};
  for (const Case& one : cases) {
    for (const bool check_only : {false, true}) {
      if (check_only && one.program == "chiploc") continue;  // its command does the same
      for (const unsigned mode : {0640U, 0604U, 0660U}) {
        fs::permissions(one.key, fs::perms{mode});
        const Ran refused =
            run(program_path(one.program) + " " + one.arguments + (check_only ? " --check-config" : ""));
        CAPTURE(one.program, one.key.string(), mode, check_only, refused.output);
        CHECK(refused.exit_code == one.exit_code);
        CHECK(refused.output.find("chmod 600 " + one.key.string()) != std::string::npos);
      }
    }
    fs::permissions(one.key, fs::perms{0600});
  }
}

/// Ends `program` with SIGABRT where core files are allowed; whether one was written.
bool leaves_core(const std::vector<std::string>& argv, const fs::path& folder, const std::string& log,
                 const std::string& ready) {
  int started[2] = {};  // closed by exec: until then the child has our signal handlers
  REQUIRE(::pipe2(started, O_CLOEXEC) == 0);
  const pid_t pid = ::fork();
  REQUIRE(pid >= 0);
  if (pid == 0) {
    const rlimit all{RLIM_INFINITY, RLIM_INFINITY};
    if (::setrlimit(RLIMIT_CORE, &all) != 0 || ::chdir(folder.c_str()) != 0) ::_exit(126);
    ::dup2(::open((folder / log).c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), STDERR_FILENO);
    std::vector<char*> arguments;
    for (const std::string& word : argv) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
  }
  ::close(started[1]);
  char none = 0;
  CHECK(::read(started[0], &none, 1) == 0);
  ::close(started[0]);
  for (int look = 0; look < 3000 && read_file(folder / log).find(ready) == std::string::npos; ++look)
    ::usleep(10'000);
  ::kill(pid, SIGABRT);
  int status = 0;
  ::waitpid(pid, &status, 0);
  REQUIRE(WIFSIGNALED(status));
  bool file = false;
  for (const auto& entry : fs::directory_iterator{folder})
    file = file || entry.path().filename().string().rfind("core", 0) == 0;
  return WCOREDUMP(status) || file;
}

TEST_CASE("a crash leaves no core with keys in it, even where core files are allowed", "[faults]") {
  FaultLab lab{{.anchors = 1, .chips = 1}};
  const fs::path state = lab.plan().state;
  const TempDir folder;
  const bool cores_here = leaves_core({"/bin/sleep", "60"}, folder.path(), "sleep.log", "");
  if (!cores_here) std::printf("note: this machine writes no core files at all, so the test shows little\n");
  for (const auto& entry : fs::directory_iterator{folder.path()}) fs::remove(entry.path());
  CHECK_FALSE(
      leaves_core({program_path("chiploc-agent"), "--config", (state / "agents/C-1/agent.toml").string()},
                  folder.path(), "agent.log", "agent.started"));
  CHECK_FALSE(
      leaves_core({program_path("chiploc-anchor"), "--config", (state / "anchors/a1/anchor.toml").string()},
                  folder.path(), "anchor.log", "anchor.started"));
  CHECK_FALSE(leaves_core({program_path("chiplocd"), "--config", (state / "chiplocd/chiplocd.toml").string()},
                          folder.path(), "chiplocd.log", "chiplocd.ready"));
}

/// 64 bytes that are a key as they stand: raw, hex, base64.
std::vector<std::string> forms_of_bytes(const fs::path& file) {
  std::vector<std::string> out{read_file(file).substr(8, 16)};
  const Ran hex = run("od -An -v -tx1 " + file.string() + " | tr -d ' \\n'");
  REQUIRE(hex.output.size() == 128);
  out.push_back(hex.output.substr(16, 32));
  const Ran base64 = run("base64 -w0 " + file.string());
  REQUIRE(base64.output.size() == 88);
  out.push_back(base64.output.substr(8, 24));
  out.push_back(out.front());
  return out;
}

/// The forms in which the key of a PEM file could show up in text: lines of base64, hex, raw.
std::vector<std::string> forms_of(const fs::path& pem) {
  if (pem.filename() == "pseudonyms.key") return forms_of_bytes(pem);
  std::vector<std::string> out;
  std::istringstream lines{read_file(pem)};
  std::string base64;
  for (std::string line; std::getline(lines, line);) {
    if (line.find("-----") != std::string::npos || line.empty()) continue;
    base64 += line;
  }
  const Ran der = run("openssl pkey -in " + pem.string() + " -outform DER | od -An -v -tx1 | tr -d ' \\n'");
  // The last bytes of an Ed25519 key's DER, and bytes within an EC key's, are secret; its head is the same
  // for all.
  REQUIRE(der.output.size() > 90);
  const bool ed25519 = der.output.size() < 120;
  const std::string secret = ed25519 ? der.output.substr(32) : der.output.substr(72, 48);
  out.push_back(secret.substr(0, 32));
  std::string upper = secret.substr(0, 32);
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  out.push_back(upper);
  std::string raw;
  for (std::size_t i = 0; i + 1 < 32; i += 2)
    raw += static_cast<char>(std::stoi(secret.substr(i, 2), nullptr, 16));
  out.push_back(raw);
  out.push_back(ed25519 ? base64.substr(24, 24) : base64.substr(52, 24));
  return out;
}

TEST_CASE("no private key stands in any log at the most verbose level, nor in database, spool or state",
          "[faults]") {
  FaultLab lab{{.anchors = 2, .chips = 2, .log_level = "trace", .agent_log_level = "trace"}};
  REQUIRE(lab.up() == "");
  for (int chip : {0, 1}) CHECK(lab.verify_until(chip, "VERIFIED") == "VERIFIED");
  lab.signal("C-1", SIGUSR1);
  CHECK(lab.says("C-1", "agent.counters"));
  const fs::path state = lab.plan().state;
  for (const std::string name : {"chiplocd", "a1", "C-1"}) CHECK(lab.stop(name).how == "exited with 0");
  std::vector<std::pair<std::string, std::string>> secrets;
  std::size_t keys = 0;
  for (const auto& entry : fs::recursive_directory_iterator{state}) {
    if (entry.path().extension() != ".key") continue;
    ++keys;
    for (const std::string& form : forms_of(entry.path())) secrets.emplace_back(entry.path().string(), form);
    // The test can see: the key file itself holds its last form.
    std::string joined;
    std::istringstream lines{read_file(entry.path())};
    for (std::string line; std::getline(lines, line);) joined += line;
    if (entry.path().filename() == "pseudonyms.key") joined = read_file(entry.path());
    CHECK(joined.find(secrets.back().second) != std::string::npos);
  }
  CHECK(keys == 11);  // chiplocd 4, operator 1, two anchors 2 each, two chips 1 each
  std::size_t files = 0;
  for (const auto& entry : fs::recursive_directory_iterator{state}) {
    if (!entry.is_regular_file() || entry.path().extension() == ".key") continue;
    ++files;
    const std::string content = read_file(entry.path());
    for (const auto& [key, form] : secrets) {
      INFO(entry.path().string() << " holds the key of " << key);
      if (content.find(form) != std::string::npos) FAIL_CHECK();
    }
    CHECK(content.find("PRIVATE KEY") == std::string::npos);
  }
  CHECK(files > 15);
}

TEST_CASE("a flag that does not exist is named, not the one that is missing", "[faults]") {
  for (const std::string program : {"chiploc-anchor", "chiplocd", "chiploc-agent"}) {
    const Ran wrong = run(program_path(program) + " --frob");
    CAPTURE(program, wrong.output);
    CHECK(wrong.exit_code == 64);
    CHECK(wrong.output.find("--frob") != std::string::npos);
    CHECK(wrong.output.find("--config") == std::string::npos);
    const Ran missing = run(program_path(program));
    CHECK(missing.exit_code == 64);
    CHECK(missing.output.find("--config FILE is missing") != std::string::npos);
  }
}

}  // namespace
}  // namespace chiploc::faults
