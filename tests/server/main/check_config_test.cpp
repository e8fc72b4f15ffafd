// What the programs say of certificates before they start, and that they then do not start.
#include <unistd.h>

#include <filesystem>
#include <functional>

#include "proto/base/time_text.hpp"
#include "proto/crypto/digest.hpp"
#include "proto/crypto/issue.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/command.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/temp_dir.hpp"

namespace chiploc::check_config_test {
namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// Before every clock that a machine may have; the authority is valid for a century.
const WallTime kLongAgo = wall_from_unix_seconds(1'000'000'000);
const WallTime kFarAhead = wall_from_unix_seconds(3'000'000'000);

struct Order {
  std::string role;
  std::string name;
  CertificatePurpose purpose;
  WallTime from = kLongAgo;
  int days = 36'500;
};

/// The configurations of all three programs in one folder, with the certificate that a test wants.
struct Desk {
  TempDir folder;
  CertificateAuthority ca =
      CertificateAuthority::create("root", SignatureAlgorithm::kEs256, kLongAgo, 36'500).value();

  Desk() {
    put("ca.pem", ca.certificate().pem());
    const auto key = generate_key(SignatureAlgorithm::kEd25519);
    REQUIRE(write_private_key(folder / "sign.key", *key));
    put("chiplocd.toml",
        "[coordinator]\ngrpc = \"127.0.0.1:0\"\nkey = \"sign.key\"\ndatabase = \"chiploc.db\"\n[tls]\nca = \"ca.pem\"\n"
        "certificate = \"tls.pem\"\nkey = \"tls.key\"\nrevocations = \"crl.pem\"\n");
    put("anchor.toml",
        "[anchor]\nname = \"fra1\"\nlisten = [\"127.0.0.1:0\"]\nkey = \"sign.key\"\nstate_dir = \"state\"\n"
        "[coordinator]\naddress = \"127.0.0.1:1\"\nserver_name = \"chiplocd\"\nca = \"ca.pem\"\n"
        "certificate = \"tls.pem\"\ntls_key = \"tls.key\"\n");
    put("cli.toml", "ca = \"ca.pem\"\ncertificate = \"tls.pem\"\ntls_key = \"tls.key\"\n");
    put_list(ca);
  }
  void put(const char* name, const std::string& text) const { static_cast<void>(folder.write(name, text)); }
  void put_list(const CertificateAuthority& issuer) const {
    put("crl.pem", issuer.sign_list({}, {.from = kLongAgo, .days = 1})->pem());
  }
  void hold(const Order& order) const { hold(order, ca); }
  void hold(const Order& order, const CertificateAuthority& issuer) const {
    const auto key = generate_key(SignatureAlgorithm::kEs256);
    IssueRequest request;
    request.common_name = order.name;
    request.organizational_unit = order.role;
    request.purpose = order.purpose;
    request.from = order.from;
    request.days = order.days;
    put("tls.pem", issuer.issue(request, key->public_key())->pem());
    put("tls.key", key->private_pem());
  }
  [[nodiscard]] Ran check(const std::string& program, const std::string& file,
                          const std::string& more = "") const {
    return run(program_path(program) + " --config " + (folder / file).string() + " --check-config " + more +
               " 2>&1");
  }
};

const Order kCoordinator{"coordinator", "chiplocd", CertificatePurpose::kServer};
const Order kAnchor{"anchor", "fra1", CertificatePurpose::kClient};
const Order kPerson{"auditor", "alice", CertificatePurpose::kClient};

struct Program {
  const char* name;
  const char* config;
  Order right;
  Order wrong;
  int code;  ///< what it ends with
};
const Program kPrograms[] = {{"chiplocd", "chiplocd.toml", kCoordinator, kAnchor, 69},
                             {"chiploc-anchor", "anchor.toml", kAnchor, kPerson, 69},
                             {"chiploc", "cli.toml", kPerson, kCoordinator, 78}};

TEST_CASE("check-config: each program takes its own certificate and says of another's whose it is",
          "[program][tls]") {
  const Program& program = kPrograms[GENERATE(range(0, 3))];
  const Desk desk;
  desk.hold(program.right);
  const Ran good = desk.check(program.name, program.config);
  INFO(good.output);
  CHECK(good.exit_code == 0);
  desk.hold(program.wrong);
  const Ran other = desk.check(program.name, program.config);
  CHECK(other.exit_code == program.code);
  CHECK(has(other.output,
            "tls.pem: is a certificate of the role '" + program.wrong.role + "', here belongs one of"));
  CHECK(has(other.output, "chiploc pki issue " +
                              std::string{program.right.role == "auditor" ? "reader" : program.right.role}));
}

TEST_CASE("check-config: dates are told with this machine's clock", "[program][tls]") {
  const Program& program = kPrograms[GENERATE(range(0, 3))];
  const Desk desk;
  Order order = program.right;
  order.days = 30;
  desk.hold(order);
  const Ran over = desk.check(program.name, program.config);
  CHECK(over.exit_code == program.code);
  CHECK(has(over.output, "tls.pem: the certificate ended on " +
                             utc_text(kLongAgo + 30 * std::chrono::hours{24}) +
                             ", this machine's clock says 20"));
  CHECK(has(over.output, "chiploc pki renew " + program.right.name));
  order.from = kFarAhead;
  desk.hold(order);
  const Ran early = desk.check(program.name, program.config);
  CHECK(early.exit_code == program.code);
  CHECK(has(early.output, "tls.pem: the certificate is valid only from " + utc_text(kFarAhead)));
}

TEST_CASE("check-config: keys and authorities that do not belong together are named", "[program][tls]") {
  const Program& program = kPrograms[GENERATE(range(0, 3))];
  const Desk desk;
  desk.hold(program.right,
            CertificateAuthority::create("other", SignatureAlgorithm::kEs256, kLongAgo, 36'500).value());
  const Ran foreign = desk.check(program.name, program.config);
  CHECK(foreign.exit_code == program.code);
  CHECK(has(foreign.output, "tls.pem: was not issued by " + (desk.folder / "ca.pem").string()));
  desk.hold(program.right);
  desk.put("tls.key", generate_key(SignatureAlgorithm::kEs256)->private_pem());
  const Ran pair = desk.check(program.name, program.config);
  CHECK(pair.exit_code == program.code);
  CHECK(has(pair.output, "tls.key: is not the key of "));
}

TEST_CASE("check-config: an anchor's certificate has its configuration's name", "[program][tls]") {
  const Desk desk;
  Order order = kAnchor;
  order.name = "par1";
  desk.hold(order);
  const Ran ran = desk.check("chiploc-anchor", "anchor.toml");
  CHECK(ran.exit_code == 69);
  CHECK(has(ran.output, "is the certificate of 'par1', the configuration's name is 'fra1'"));
}

TEST_CASE("an anchor that has no certificate yet says which command makes one", "[program][tls]") {
  const Desk desk;
  desk.hold(kAnchor);
  const char* const file = GENERATE("tls.pem", "ca.pem");
  const std::string path = (desk.folder / file).string();
  REQUIRE(std::filesystem::remove(path));
  const std::string start =
      program_path("chiploc-anchor") + " --config " + (desk.folder / "anchor.toml").string() + " 2>&1";
  for (const Ran& ran : {desk.check("chiploc-anchor", "anchor.toml"), run(start)}) {
    INFO(ran.output);
    CHECK(ran.exit_code == 78);
    CHECK(has(ran.output, path + ": is not there: the anchor has no certificate yet."));
    CHECK(has(ran.output, "chiploc pki issue anchor fra1 --dir CA --request tls.csr --out DIR"));
  }
}

TEST_CASE("an anchor's key that is not there, and a file of another program: named, with what to do",
          "[program][tls]") {
  const Desk desk;
  desk.hold(kAnchor);
  const std::string start = program_path("chiploc-anchor") + " --config " + desk.folder.path().string();
  const Ran foreign = run(start + "/chiplocd.toml 2>&1");
  INFO(foreign.output);
  CHECK(foreign.exit_code == 78);
  CHECK(foreign.output.find("chiploc-anchor: " + (desk.folder / "chiplocd.toml").string() +
                            ": this seems to be a chiplocd.toml (it has [tls]), the file of chiplocd\n"
                            "chiploc-anchor: ") == 0);
  REQUIRE(std::filesystem::remove(desk.folder / "sign.key"));
  for (const char* more : {"", " --check-config", " --show-identity"}) {
    const Ran ran = run(start + "/anchor.toml" + more + " 2>&1");
    INFO(ran.output);
    CHECK(ran.exit_code == 69);
    CHECK(has(ran.output, "chiploc-anchor: anchor.key: "));
    CHECK(has(ran.output,
              "; correct anchor.key in anchor.toml or restore the key, or have a new anchor made: "
              "chiploc-anchor init\n"));
  }
  CHECK(has(run(program_path("chiploc-anchor") + " --help").output,
            "69 cannot start (address, key, certificate"));
}

TEST_CASE("check-config: chiplocd wants a good revocation list, though not a fresh one", "[program][tls]") {
  const Desk desk;
  desk.hold(kCoordinator);
  CHECK(desk.check("chiplocd", "chiplocd.toml").exit_code == 0);  // stale for years
  desk.put_list(CertificateAuthority::create("root", SignatureAlgorithm::kEs256, kLongAgo, 36'500).value());
  const Ran foreign = desk.check("chiplocd", "chiplocd.toml");
  CHECK(foreign.exit_code == 69);
  CHECK(has(foreign.output, "crl.pem: was not signed by an authority of [tls] ca"));
  std::filesystem::remove(desk.folder / "crl.pem");
  const Ran missing = desk.check("chiplocd", "chiplocd.toml");
  CHECK(missing.exit_code == 69);
  CHECK(has(missing.output, "crl.pem: cannot be read"));
}

TEST_CASE("check-config: a configuration that is not there is named, without a line of it",
          "[program][config]") {
  const Desk desk;
  const std::string none = (desk.folder / "none.toml").string();
  for (const std::string program : {"chiplocd", "chiploc-anchor", "chiploc-agent", "chiploc"}) {
    const Ran ran = desk.check(program, "none.toml");
    INFO(ran.output);
    CHECK(ran.exit_code == 78);
    CHECK(has(ran.output, none + ": no such file; correct the path, or make one: "));
    CHECK(has(ran.output, program == "chiploc" ? "chiploc pki issue ROLE NAME" : program + " init"));
    CHECK_FALSE(has(ran.output, ":1:"));
    const Ran folder = desk.check(program, ".");
    CHECK(folder.exit_code == 78);
    CHECK(has(folder.output, ": is a folder; name the file in"));
  }
}

TEST_CASE("check-config: what ends soon is said, and is no fault", "[program][tls]") {
  const Program& program = kPrograms[GENERATE(range(0, 3))];
  const Desk desk;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  Order order = program.right;
  order.from = WallTime{now - std::chrono::hours{24 * 360}};
  order.days = 365;
  desk.hold(order);
  const Ran ran = desk.check(program.name, program.config);
  CHECK(ran.exit_code == 0);
  CHECK(has(ran.output, "days left); have it renewed: chiploc pki renew " + program.right.name + "\n"));
}

TEST_CASE("check-config: chiplocd looks at its address and its database's folder, and makes nothing",
          "[program][config]") {
  const Desk desk;
  desk.hold(kCoordinator);
  const auto check_with = [&](const std::string& grpc, const std::string& database) {
    desk.put("chiplocd.toml",
             "[coordinator]\ngrpc = \"" + grpc + "\"\nkey = \"sign.key\"\ndatabase = \"" + database +
                 "\"\n[tls]\nca = \"ca.pem\"\ncertificate = \"tls.pem\"\nkey = \"tls.key\"\n");
    return desk.check("chiplocd", "chiplocd.toml");
  };
  const std::string folder = desk.folder.path().string();
  CHECK(check_with("127.0.0.1:7443", "chiploc.db").exit_code == 0);
  CHECK_FALSE(std::filesystem::exists(desk.folder / "chiploc.db"));

  const Ran both = check_with("192.0.2.1:7443", "var/chiploc.db");
  CHECK(both.exit_code == 69);
  CHECK(has(both.output, "chiplocd: coordinator.grpc: 192.0.2.1:7443: cannot listen: "));
  CHECK(has(both.output, "no card of this machine has the address"));
  CHECK(has(both.output, "chiplocd: coordinator.database: the folder " + folder +
                             "/var is not there; make it, or name another\n"));
  CHECK_FALSE(std::filesystem::exists(desk.folder / "var"));
  CHECK_FALSE(has(both.output, "is right"));

  const Ran file = check_with("127.0.0.1:7443", "ca.pem/chiploc.db");
  CHECK(file.exit_code == 69);
  CHECK(
      has(file.output, "coordinator.database: " + folder + "/ca.pem is no folder; name a file in a folder"));
  std::filesystem::create_directory(desk.folder / "sub");
  const Ran taken = check_with("127.0.0.1:7443", "sub");
  CHECK(taken.exit_code == 69);
  CHECK(has(taken.output, "coordinator.database: " + folder + "/sub is a folder; name a file in it"));
  CHECK(check_with("127.0.0.1", "chiploc.db").exit_code == 78);  // no port

  // Whoever may do everything is never refused.
  std::filesystem::permissions(desk.folder / "sub", std::filesystem::perms::owner_read);
  const Ran closed = check_with("127.0.0.1:7443", "sub/chiploc.db");
  if (::geteuid() == 0) {
    CHECK(closed.exit_code == 0);
  } else {
    CHECK(closed.exit_code == 69);
    CHECK(has(closed.output, "/sub cannot be written by user " + std::to_string(::geteuid()) +
                                 ": Permission denied; give it to the user"));
  }
  std::filesystem::permissions(desk.folder / "sub", std::filesystem::perms::owner_all);
}

}  // namespace
}  // namespace chiploc::check_config_test
