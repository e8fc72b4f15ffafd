// Keys, certificates and their end, with the real programs alone: chiploc pki, chiplocd, chiploc.
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <fstream>

#include "proto/crypto/digest.hpp"
#include "proto/crypto/keys.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/command.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/temp_dir.hpp"

namespace chiploc::revocation_test {
namespace {

constexpr std::chrono::seconds kPatience{60};  // only a broken program comes near it

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// One that nobody has at this moment.
int free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  REQUIRE(::bind(socket, reinterpret_cast<sockaddr*>(&address), size) == 0);
  REQUIRE(::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  ::close(socket);
  return ntohs(address.sin_port);
}

class Desk {
 public:
  TempDir folder;
  int port = free_port();

  Desk() {
    out("pki init --key-type ed25519 --no-passphrase");
    out("pki issue coordinator chiplocd");
    out("pki issue admin alice");
    out("pki issue reader bob");
    const auto key = generate_key(SignatureAlgorithm::kEd25519);
    REQUIRE(write_private_key(folder / "chiplocd/coordinator.key", *key));
    install_list();
    std::ofstream{folder / "chiplocd/chiplocd.toml"}
        << "[coordinator]\ngrpc = \"" << address()
        << "\"\nkey = \"coordinator.key\"\ndatabase = \"chiploc.db\"\n"
        << "[tls]\nca = \"ca.pem\"\ncertificate = \"tls.pem\"\nkey = \"tls.key\"\nrevocations = \"crl.pem\"\n";
  }
  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port); }
  [[nodiscard]] Ran chiploc(const std::string& arguments) const {
    return run("cd " + folder.path().string() + " && " + program_path("chiploc") + " " + arguments + " 2>&1");
  }
  void out(const std::string& arguments) const {
    const Ran ran = chiploc(arguments);
    INFO(arguments << "\n" << ran.output);
    REQUIRE(ran.exit_code == 0);
  }
  /// As `who`, whose folder has what `pki issue` has put there.
  [[nodiscard]] Ran status(const std::string& who) const {
    return chiploc("status -o csv --server " + address() + " --ca " + who + "/ca.pem --certificate " + who +
                   "/tls.pem --tls-key " + who + "/tls.key");
  }
  /// Until it answers so.
  Ran await(const std::string& who, int exit_code) const {
    const auto until = std::chrono::steady_clock::now() + kPatience;
    Ran ran = status(who);
    while (ran.exit_code != exit_code && std::chrono::steady_clock::now() < until) ran = status(who);
    INFO(ran.output);
    CHECK(ran.exit_code == exit_code);
    return ran;
  }
  void install_list() const {
    REQUIRE(run("cd " + folder.path().string() +
                " && cp pki/crl.pem chiplocd/fresh && mv chiplocd/fresh chiplocd/crl.pem")
                .exit_code == 0);
  }
  [[nodiscard]] std::string log() const { return read_file(folder / "log"); }
};

TEST_CASE("a person who is revoked is refused by a running chiplocd, with words", "[program][tls][pki]") {
  const Desk desk;
  const ChildProcess chiplocd{
      {program_path("chiplocd"), "--config", (desk.folder / "chiplocd/chiplocd.toml").string()},
      {},
      desk.folder / "log"};
  CHECK(has(desk.await("alice", 0).output, "\nrevocation_list_certificates,0\n"));
  desk.await("bob", 0);

  desk.out("pki revoke alice --reason key-compromise");
  desk.install_list();
  const Ran refused = desk.await("alice", 77);
  CHECK(has(refused.output, "chiploc: the certificate "));
  CHECK(has(refused.output, " of 'alice' was revoked on 20"));
  CHECK(has(refused.output, "(key-compromise); ask for a new one\n"));
  CHECK(has(desk.log(), "tls.revocations_taken number="));

  // A damaged list changes nothing, and everybody can see it.
  std::ofstream{desk.folder / "chiplocd/crl.pem"} << "damaged";
  const auto until = std::chrono::steady_clock::now() + kPatience;
  std::string seen;
  while (!has(seen, "\nrevocation_list_refused,1\n") && std::chrono::steady_clock::now() < until)
    seen = desk.status("bob").output;
  CHECK(has(seen, "\nrevocation_list_refused,1\n"));
  CHECK(has(seen, "\nrevocation_list_certificates,1\n"));
  CHECK(has(desk.log(), "tls.revocations_refused"));
  CHECK(desk.status("alice").exit_code == 77);

  // A new certificate is another one.
  desk.out("pki issue admin alice --out alice2");
  CHECK(desk.status("alice2").exit_code == 0);
}

TEST_CASE("chiplocd init --authority: a person is revoked at once, and no line was edited",
          "[program][tls][pki]") {
  const TempDir folder;
  const std::string server = "127.0.0.1:" + std::to_string(free_port());
  const auto in_folder = [&](const std::string& program, const std::string& arguments) {
    return run("cd " + folder.path().string() + " && " + program_path(program) + " " + arguments + " 2>&1");
  };
  const Ran made = in_folder("chiplocd", "init --authority ca --admin ada --listen " + server);
  INFO(made.output);
  REQUIRE(made.exit_code == 0);
  CHECK(has(made.output, "at once:\n  chiploc pki revoke NAME --dir ca\n"));
  CHECK(has(read_file(folder / "coordinator/chiplocd.toml"),
            "\nrevocations = \"" + (folder / "ca/crl.pem").string() + "\" "));
  CHECK(in_folder("chiplocd", "--config coordinator/chiplocd.toml --check-config").exit_code == 0);
  const ChildProcess chiplocd{
      {program_path("chiplocd"), "--config", (folder / "coordinator/chiplocd.toml").string()},
      {},
      folder / "log"};
  const auto await = [&](int exit_code) {
    const auto until = std::chrono::steady_clock::now() + kPatience;
    Ran ran = in_folder("chiploc", "--config ada/cli.toml status");
    while (ran.exit_code != exit_code && std::chrono::steady_clock::now() < until)
      ran = in_folder("chiploc", "--config ada/cli.toml status");
    INFO(ran.output);
    CHECK(ran.exit_code == exit_code);
    return ran;
  };
  await(0);
  const Ran revoked = in_folder("chiploc", "pki revoke ada --dir ca");
  INFO(revoked.output);
  CHECK(revoked.exit_code == 0);
  CHECK(has(await(77).output, " of 'ada' was revoked on 20"));

  // An authority that lost its list gets one before anything names it.
  std::filesystem::remove(folder / "ca/crl.pem");
  const Ran again = in_folder("chiplocd", "init --dir second --authority ca");
  CHECK(again.exit_code == 69);  // there is a coordinator already
  CHECK(std::filesystem::exists(folder / "ca/crl.pem"));
}

}  // namespace
}  // namespace chiploc::revocation_test
