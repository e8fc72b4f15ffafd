// chiploc pki as a person meets it, and openssl as the judge of what it makes.
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "proto/crypto/certificate_request.hpp"
#include "server/net/tls.hpp"
#include "tests/server/cli/cli_process.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/command.hpp"
#include "tests/support/softhsm.hpp"

namespace chiploc::test {
namespace {

using nlohmann::json;

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// A folder to work in, with an authority in it.
struct Desk {
  TempDir folder;
  Desk() { out("pki init --no-passphrase"); }
  /// In a shell, so that files can be piped and have short names.
  [[nodiscard]] Ran run(const std::string& arguments) const {
    return chiploc::run("cd " + folder.path().string() + " && " + chiploc_program() + " " + arguments +
                        " 2>&1");
  }
  std::string out(const std::string& arguments) const {
    const Ran ran = run(arguments);
    INFO(arguments << "\n" << ran.output);
    CHECK(ran.exit_code == 0);
    return ran.output;
  }
  [[nodiscard]] Ran shell(const std::string& command) const {
    return chiploc::run("cd " + folder.path().string() + " && " + command + " 2>&1");
  }
};

/// Runs a command at a terminal of its own, where a person types the next line whenever the program asks (its
/// output ends in ": "). Returns all that the terminal showed.
std::string at_terminal(const std::string& command, const std::vector<std::string>& lines) {
  int terminal = -1;
  const pid_t child = ::forkpty(&terminal, nullptr, nullptr, nullptr);
  REQUIRE(child >= 0);
  if (child == 0) {
    ::execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
    ::_exit(127);
  }
  std::string shown;
  std::size_t next = 0;
  char c = 0;
  while (::read(terminal, &c, 1) == 1) {
    shown += c;
    if (next == lines.size() || shown.size() < 2 || shown.substr(shown.size() - 2) != ": ") continue;
    const std::string line = lines[next++] + "\n";
    REQUIRE(::write(terminal, line.data(), line.size()) == static_cast<ssize_t>(line.size()));
  }
  ::close(terminal);
  ::waitpid(child, nullptr, 0);
  return shown;
}

TEST_CASE("chiploc pki: from nothing to a revoked certificate", "[cli][program][pki]") {
  const Desk desk;
  CHECK(has(desk.out("pki issue coordinator chiplocd --host loc.example --host 192.0.2.1"),
            "coordinator chiplocd: certificate "));
  CHECK(has(desk.out("pki issue admin alice --days 20"),
            "\n  alice/tls.key\n  alice/tls.pem\n  alice/ca.pem\n"));
  const TlsFiles files{desk.folder / "alice/ca.pem", desk.folder / "alice/tls.pem",
                       desk.folder / "alice/tls.key"};
  CHECK(load_tls(files));

  // OpenSSL's own eyes.
  CHECK(desk.shell("openssl verify -x509_strict -purpose sslserver -CAfile pki/ca.pem chiplocd/tls.pem")
            .exit_code == 0);
  CHECK(desk.shell("openssl verify -x509_strict -purpose sslclient -CAfile pki/ca.pem alice/tls.pem")
            .exit_code == 0);
  CHECK(desk.shell("openssl verify -purpose sslserver -CAfile pki/ca.pem alice/tls.pem").exit_code != 0);
  const std::string text = desk.shell("openssl x509 -in chiplocd/tls.pem -noout -text").output;
  CHECK(has(text, "DNS:chiplocd, DNS:loc.example, IP Address:192.0.2.1"));
  CHECK(has(text, "X509v3 Basic Constraints: critical\n                CA:FALSE"));
  CHECK(has(text, "X509v3 Authority Key Identifier"));
  CHECK(has(text, "X509v3 Subject Key Identifier"));
  CHECK(has(desk.shell("openssl crl -in pki/crl.pem -noout -CAfile pki/ca.pem").output, "verify OK"));

  const json list = json::parse(desk.out("pki list -o json"));
  REQUIRE(list.size() == 2);
  CHECK(list[0]["name"] == "alice");  // it ends first
  CHECK(list[0]["days_left"] == 19);
  CHECK(list[1]["role"] == "coordinator");
  CHECK(has(desk.out("pki list"), "ROLE         NAME      HOLDER  STATE  UNTIL "));

  const std::string revoked = desk.out("pki revoke alice --reason affiliation-changed");
  CHECK(has(revoked, "revoked: admin alice, certificate "));
  // Both cases, in the order in which they come: the coordinator reads this very file, or another.
  CHECK(has(revoked,
            "\nif revocations of [tls] in chiplocd.toml names this file, it counts within two seconds "
            "(chiplocd init --authority has it so): " +
                (desk.folder / "pki/crl.pem").string() + "\nelse take it to the coordinator"));
  CHECK(has(desk.out("pki revoke --help"),
            "If revocations of [tls] in chiplocd.toml names the authority's own"));
  CHECK(has(desk.shell(program_path("chiploc") + " pki list --dir nowhere 2>&1").output,
            "nowhere: no authority there; name the authority's folder with --dir (after chiplocd init "
            "--authority ca: --dir ca), or make a first one with: chiploc pki init"));
  CHECK(has(desk.out("pki revoke alice"), "revoked already on "));
  CHECK(json::parse(desk.out("pki list -o json")).size() == 1);
  const std::string csv = desk.out("pki list --revoked -o csv");
  CHECK(has(csv, "role,name,holder,state,not_after,days_left,serial,not_before,revoked_at,reason,sha256\n"));
  CHECK(has(csv, "\nadmin,alice,,revoked,"));
  CHECK(
      desk.shell(
              "cat pki/ca.pem pki/crl.pem > both.pem; openssl verify -crl_check -CAfile both.pem alice/tls.pem")
          .output.find("certificate revoked") != std::string::npos);
  CHECK(desk.shell("openssl verify -crl_check -CAfile both.pem chiplocd/tls.pem").exit_code == 0);

  const std::string shown = desk.out("pki show alice");
  CHECK(has(shown, "name         alice\nrole         admin\n"));
  CHECK(has(shown, "(affiliation-changed)\n"));
  const std::string fingerprint =
      desk.shell("openssl x509 -in alice/tls.pem -noout -fingerprint -sha256 | tr A-Z a-z | sed 's/.*=//'")
          .output;
  CHECK(has(shown, fingerprint));
  CHECK(has(desk.out("pki show pki/ca.pem"), "role         authority\n"));
  CHECK(json::parse(desk.out("pki show chiplocd/tls.pem -o json"))[0]["issued_here"] == true);
}

TEST_CASE("chiploc pki: a person's folder has a cli.toml that works as written", "[cli][program][pki]") {
  const Desk desk;
  const auto said = [&](const std::string& folder) {
    return desk.out("--config " + folder + "/cli.toml --check-config");
  };
  // Without a coordinator's certificate: the default.
  CHECK(has(desk.out("pki issue reader bob"),
            "\n  bob/ca.pem\n  bob/cli.toml\nthe coordinator is at 127.0.0.1:7443 by "
            "bob/cli.toml; correct it there if it is not (or say --server HOST:PORT "
            "here)\nnext: chiploc --config bob/cli.toml status\n"));
  CHECK(has(said("bob"), "configuration is fine: 127.0.0.1:7443 as chiplocd"));
  // Else where its certificate says, under its name; and what a person says goes first.
  desk.out("pki issue coordinator loc --host 192.0.2.1 --host loc.example");
  desk.out("pki issue auditor carol");
  CHECK(has(said("carol"), "configuration is fine: loc.example:7443 as loc\n"));
  desk.out("pki revoke loc");
  desk.out("pki issue coordinator chiplocd --host 2001:db8::1 --out second");
  desk.out("pki issue verifier dora");
  CHECK(has(said("dora"), "configuration is fine: [2001:db8::1]:7443 as chiplocd"));
  CHECK(json::parse(desk.out("pki issue admin erin --server loc.example:7444 -o json"))["server"] ==
        "loc.example:7444");
  CHECK(has(said("erin"), "configuration is fine: loc.example:7444 as chiplocd"));
  const Ran portless = desk.run("pki issue admin fred --server loc.example");
  CHECK(portless.exit_code == 64);
  CHECK(has(portless.output, "--server \"loc.example\" has no port"));

  // Over a request: beside the certificate, and once the key is there, too. What a person has made of it stays.
  CHECK(desk.shell("openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout g.key -out g.csr "
                   "-subj /OU=reader/CN=gina")
            .exit_code == 0);
  CHECK(has(
      desk.out("pki issue reader gina --request g.csr"),
      "\nnext: put the key beside it as tls.key, mode 0600, and run: chiploc --config gina/cli.toml status\n"));
  CHECK(desk.shell("install -m 600 g.key gina/tls.key").exit_code == 0);
  CHECK(has(said("gina"), "configuration is fine: [2001:db8::1]:7443"));
  CHECK(desk.shell("sed -i 's/^server = .*/server = \"192.0.2.9:7443\"/' gina/cli.toml").exit_code == 0);
  CHECK_FALSE(has(desk.out("pki issue reader gina --request g.csr"), "cli.toml"));
  CHECK(has(said("gina"), "configuration is fine: 192.0.2.9:7443"));
  // Machines have configurations of their own.
  CHECK_FALSE(has(desk.out("pki issue anchor fra1"), "cli.toml"));
  CHECK(json::parse(desk.out("pki issue anchor par1 -o json"))["server"].is_null());
}

TEST_CASE("chiploc pki: a request made elsewhere goes through a pipe", "[cli][program][pki]") {
  const Desk desk;
  // As openssl makes it too: the form is PKCS #10 and nothing of ours.
  REQUIRE(desk.shell("openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout fra1.key "
                     "-subj /CN=fra1/OU=anchor -out fra1.csr")
              .exit_code == 0);
  CHECK(desk.shell("cat fra1.csr | " + chiploc_program() +
                   " pki issue anchor fra1 --request - --out - > fra1.pem")
            .exit_code == 0);
  CHECK(desk.shell("openssl verify -purpose sslclient -CAfile pki/ca.pem fra1.pem").exit_code == 0);
  CHECK(desk.shell("openssl x509 -in fra1.pem -noout -pubkey").output ==
        desk.shell("openssl pkey -in fra1.key -pubout").output);
  CHECK(has(desk.out("pki issue anchor fra1 --request fra1.csr"), ", issued already,"));
  const Ran other = desk.run("pki issue anchor par1 --request fra1.csr");
  CHECK(other.exit_code == 64);
  CHECK(has(other.output, "the request asks for the name 'fra1', the order says 'par1'"));
  REQUIRE(desk.shell("sed 's/M/N/2' fra1.csr > bad.csr").exit_code == 0);
  CHECK(desk.run("pki issue anchor fra1 --request bad.csr").exit_code == 65);
  CHECK(desk.run("pki issue anchor fra1 --request none.csr").exit_code == 66);
  CHECK(desk.out("pki renew fra1 --out -") != desk.shell("cat fra1.pem").output);
  CHECK(desk.run("pki renew nobody").exit_code == 66);
}

TEST_CASE("chiploc pki: what is wrong is said with the remedy, and nothing is changed",
          "[cli][program][pki]") {
  const Desk desk;
  const Ran again = desk.run("pki init --no-passphrase");
  CHECK(again.exit_code == 64);
  CHECK(again.output ==
        "chiploc: pki: there is an authority already; use it, or name another folder with --dir\n");
  const Ran nowhere = desk.run("pki list --dir other");
  CHECK(nowhere.exit_code == 66);
  CHECK(has(nowhere.output, "make a first one with: chiploc pki init"));
  CHECK(desk.run("pki issue boss x").exit_code == 64);
  CHECK(desk.run("pki issue anchor fra1 --host x").exit_code == 64);
  CHECK(desk.run("pki issue anchor fra1 --out -").exit_code == 64);
  CHECK(desk.run("pki revoke fra1 --reason boredom").exit_code == 64);
  CHECK(desk.shell("chmod 644 pki/ca.key").exit_code == 0);
  const Ran loose = desk.run("pki issue anchor fra1");
  CHECK(loose.exit_code == 78);
  CHECK(has(loose.output, "chmod 600"));
  CHECK(desk.shell("echo damage > pki/index.json").exit_code == 0);
  const Ran damaged = desk.run("pki list");
  CHECK(damaged.exit_code == 65);
  CHECK(has(damaged.output, "pki/index.json: not JSON; restore it from a backup"));
}

TEST_CASE("chiploc pki: the authority's key may stay in a token", "[cli][program][pki][token]") {
  if (const auto missing = SoftHsm::missing()) {
    WARN("skipped: " << *missing << " is not installed");
    return;
  }
  const TempDir folder;
  const TempDir token;
  const SoftHsm hsm{token.path()};
  REQUIRE(hsm.ok());
  REQUIRE(hsm.generate("authority", "EC:prime256v1"));
  std::string environment;
  for (const auto& [name, value] : hsm.environment()) environment += name + "='" + value + "' ";
  const auto chiploc_at = [&](const std::string& arguments) {
    return chiploc::run("cd " + folder.path().string() + " && " + environment + chiploc_program() + " " +
                        arguments + " --passphrase-file " + hsm.pin_file().string() + " 2>&1");
  };
  const Ran made = chiploc_at("pki init --key '" + hsm.key_uri("authority") + "'");
  INFO(made.output);
  REQUIRE(made.exit_code == 0);
  CHECK_FALSE(std::filesystem::exists(folder / "pki/ca.key"));
  CHECK(chiploc_at("pki issue anchor fra1").exit_code == 0);
  CHECK(chiploc_at("pki revoke fra1").exit_code == 0);
  const auto openssl = [&](const std::string& arguments) {
    return chiploc::run("cd " + folder.path().string() + " && openssl " + arguments + " 2>&1");
  };
  CHECK(openssl("verify -purpose sslclient -CAfile pki/ca.pem fra1/tls.pem").exit_code == 0);
  CHECK(has(openssl("crl -in pki/crl.pem -noout -CAfile pki/ca.pem").output, "verify OK"));
}

TEST_CASE("chiploc pki: a passphrase is typed twice, or comes from a file", "[cli][program][pki]") {
  const TempDir folder;
  const std::string there = "cd " + folder.path().string() + " && ";
  const auto typed = [&](const std::string& arguments, const std::vector<std::string>& lines) {
    return at_terminal(there + "exec " + chiploc_program() + " " + arguments, lines);
  };
  CHECK(has(typed("pki init", {"one two three", "four five six"}), "the two passphrases differ"));
  CHECK(has(typed("pki init", {"short"}), "at least 8 characters"));
  CHECK(has(typed("pki init", {"\x03"}), "no passphrase was typed; nothing was done"));
  CHECK_FALSE(std::filesystem::exists(folder / "pki"));
  const std::string made = typed("pki init", {"one two three", "one two three"});
  INFO(made);
  CHECK(has(made, "authority chiploc CA in pki"));
  CHECK_FALSE(has(made, "one two three"));
  CHECK(has(read_file(folder / "pki/ca.key"), "ENCRYPTED"));
  CHECK(has(typed("pki issue admin alice", {"one two three"}), "admin alice: certificate "));
  static_cast<void>(folder.write("pass", "one two three\n"));
  const auto with_file = [&](const std::string& arguments) {
    return chiploc::run(there + "setsid " + chiploc_program() + " " + arguments + " 2>&1 < /dev/null");
  };
  CHECK(with_file("pki issue admin bob --passphrase-file pass").exit_code == 0);
  const Ran nobody = with_file("pki issue admin carol");
  CHECK(nobody.exit_code == 78);
  CHECK(has(nobody.output, "pass --passphrase-file FILE"));
  static_cast<void>(folder.write("pass", "two three four\n"));
  const Ran wrong = with_file("pki issue admin carol --passphrase-file pass");
  CHECK(wrong.exit_code == 78);
  CHECK(has(wrong.output, "refused"));
  // OpenSSL opens it as well.
  CHECK(chiploc::run(there + "openssl pkey -in pki/ca.key -passin pass:'one two three' -noout").exit_code ==
        0);
}

}  // namespace
}  // namespace chiploc::test
