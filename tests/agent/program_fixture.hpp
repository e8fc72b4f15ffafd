#pragma once
#include <sys/un.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <memory>
#include <string>

#include "agent/system.hpp"
#include "proto/crypto/issue.hpp"
#include "tests/agent/socket_anchor.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/temp_dir.hpp"

namespace chiploc {

/// A folder with everything chiploc-agent needs: key, certificate from a CA made here, configuration.
struct ProgramFolder {
  explicit ProgramFolder(SignatureAlgorithm algorithm = SignatureAlgorithm::kEs256)
      : key{generate_key(algorithm)} {
    folder.write("chip.key", key->private_pem());
    certify(key->public_key());
    write_config();
  }
  void certify(const PublicKey& public_key) {
    const WallTime from = agent_wall_now() - std::chrono::hours{1};
    const auto ca = CertificateAuthority::create("Test maker", SignatureAlgorithm::kEs256, from, 30);
    if (!ca) std::abort();
    IssueRequest request;
    request.common_name = "chip";
    request.serial_number = chip.hex();
    request.from = from;
    request.days = 30;
    const auto issued = ca->issue(request, public_key);
    if (!issued) std::abort();
    certificate = issued->fingerprint();
    folder.write("chip.pem", issued->pem());
  }
  [[nodiscard]] std::string config_text() const {
    return "[agent]\nlisten = [\"" + listen + "\"]\nstate_dir = \"state\"\n" +
           "[chip]\nmodel = \"LAB-100\"\nfirmware_version = \"1.2.3\"\nfirmware_measurement = \"" +
           std::string(64, 'a') + "\"\ndebug_state = \"disabled-permanently\"\n" + "[key]\n" + key_lines +
           "certificate = \"chip.pem\"\n" + "[[coordinator]]\nname = \"test\"\npublic_key = \"" +
           to_hex(*coordinator.key().public_key().raw_ed25519()) + "\"\n" + more_lines;
  }
  void write_config() const { folder.write("agent.toml", config_text()); }
  [[nodiscard]] std::string config() const { return folder / "agent.toml"; }

  TempDir folder;
  ChipId chip = random_id<ChipId>();
  std::unique_ptr<SoftwareKey> key;
  Digest certificate;
  TestCoordinator coordinator;
  std::string listen = "127.0.0.1:0";
  std::string key_lines = "uri = \"file:chip.key\"\n";
  std::string more_lines;
};

/// What a program printed and how it ended.
struct Ended {
  int exit_code = -1;
  std::string output;
};
inline Ended run_to_end(const std::vector<std::string>& argv, const TempDir& folder,
                        const Environment& environment = {}) {
  const auto log = folder / "output.log";
  std::filesystem::remove(log);
  ChildProcess child{argv, environment, log};
  const auto code = child.wait(60'000);
  return {code.value_or(-1), read_file(log)};
}

/// An agent program that has started; `endpoint` is where it listens. It tells through systemd's protocol.
class StartedProgram {
 public:
  StartedProgram(std::vector<std::string> argv, const ProgramFolder& files, Environment environment = {})
      : log_{files.folder / "agent.log"} {
    const auto notify = files.folder / "notify";
    std::filesystem::remove(notify);
    notify_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    notify.string().copy(address.sun_path, sizeof address.sun_path - 1);
    if (::bind(notify_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) std::abort();
    std::filesystem::permissions(notify, std::filesystem::perms::all);  // whoever the program runs as
    environment["NOTIFY_SOCKET"] = notify.string();
    child_ = std::make_unique<ChildProcess>(argv, environment, log_);
    ready = wait_for("READY=1");
    const std::string output = read_file(log_);
    const auto at =
        output.find(" listen=", std::min(output.size(), output.rfind("agent.started")));  // of this start
    if (ready && at != std::string::npos) {
      const auto end = output.find_first_of(" \n", at + 1);
      endpoint = parse_endpoint(output.substr(at + 8, end - at - 8)).value_or(Endpoint{});
    }
  }
  ~StartedProgram() { ::close(notify_); }
  StartedProgram(const StartedProgram&) = delete;
  StartedProgram& operator=(const StartedProgram&) = delete;

  /// The next message of the program to the service manager is this one. False after 30 s, or if it ended.
  bool wait_for(const std::string& message) const {
    for (int waited = 0; waited < 300; ++waited) {
      pollfd ready_fd{notify_, POLLIN, 0};
      if (::poll(&ready_fd, 1, 100) > 0) {
        char buffer[256];
        const ssize_t n = ::recv(notify_, buffer, sizeof buffer, 0);
        return n > 0 && std::string(buffer, static_cast<std::size_t>(n)).find(message) == 0;
      }
      if (child_->wait(0)) return false;
    }
    return false;
  }
  ChildProcess& child() { return *child_; }
  [[nodiscard]] std::string output() const { return read_file(log_); }

  bool ready = false;
  Endpoint endpoint;

 private:
  std::filesystem::path log_;
  int notify_ = -1;
  std::unique_ptr<ChildProcess> child_;
};

}  // namespace chiploc
