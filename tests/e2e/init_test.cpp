// What `init` of the three programs makes, by the programs themselves: modes, that nothing is overwritten, that import
// takes the rows as they are, and that each configuration works as written once the certificate is there.
#include <nlohmann/json.hpp>
#include <regex>

#include "tests/e2e/init_workplace.hpp"

namespace chiploc {
namespace {

TEST_CASE("init of a folder that is there changes nothing in it, in all three programs", "[e2e][init]") {
  const Workplace here;
  const std::vector<std::pair<std::string, std::string>> programs{{"chiplocd", "init --dir new"},
                                                                  {"chiploc-anchor", kAnchor + " --dir new"},
                                                                  {"chiploc-agent", kChip + " --dir new"}};
  for (const auto& [program, arguments] : programs) {
    CAPTURE(program);
    fs::remove_all(here.dir / "new");
    const Ran first = here(program, arguments);
    CAPTURE(first.output);
    REQUIRE(first.exit_code == 0);
    CHECK(first.output.find("made new for the") == 0);
    CHECK(first.output.find("next:") != std::string::npos);
    std::map<std::string, std::string> before;
    std::size_t keys = 0;
    CHECK(mode_of(here.dir / "new") == 0700U);
    for (const auto& entry : fs::directory_iterator{here.dir / "new"}) {
      const std::string name = entry.path().filename().string();
      before[name] = entry.is_regular_file() ? read_file(entry.path()) : "";
      if (entry.path().extension() != ".key") continue;
      ++keys;
      CHECK(mode_of(entry.path()) == 0600U);
      CHECK(first.output.find(read_file(entry.path()).substr(30, 40)) == std::string::npos);
    }
    CHECK(keys == (program == "chiploc-agent" ? 1U : 2U));
    const Ran second = here(program, arguments);
    CAPTURE(second.output);
    CHECK(second.exit_code == 69);
    CHECK(second.output.find(program + " init: ") == 0);
    CHECK(second.output.find((here.dir / "new").string() + ": is there already") != std::string::npos);
    for (const auto& [name, content] : before)
      CHECK((fs::is_directory(here.dir / "new" / name) ? std::string{}
                                                       : read_file(here.dir / "new" / name)) == content);
    CHECK_FALSE(fs::exists(here.dir / ".new.unfinished"));
  }
}

TEST_CASE("what a killed init left behind is no obstacle and no key of anybody's", "[e2e][init]") {
  const Workplace here;
  fs::create_directory(here.dir / ".agent.unfinished");
  here.dir.write(".agent.unfinished/chip.key", "half a key");
  const Ran made = here("chiploc-agent", kChip);
  CAPTURE(made.output);
  CHECK(made.exit_code == 0);
  CHECK_FALSE(fs::exists(here.dir / ".agent.unfinished"));
  CHECK(here.text("agent/chip.key").find("BEGIN PRIVATE KEY") != std::string::npos);
}

TEST_CASE("chiplocd init: works as written once its certificate is there, and says who it is",
          "[e2e][init]") {
  const Workplace here;
  const Ran made =
      here("chiplocd", "init --listen 127.0.0.1:7443 --host coordinator.example --host 192.0.2.1 --faults 0");
  CAPTURE(made.output);
  REQUIRE(made.exit_code == 0);
  const auto request = CertificateRequest::from_pem(here.text("coordinator/tls.csr"));
  REQUIRE(request);
  CHECK(request->common_name() == "chiplocd");
  CHECK(request->hosts() == std::vector<std::string>{"chiplocd", "coordinator.example", "192.0.2.1"});

  const std::string config = "--config coordinator/chiplocd.toml ";
  const Ran early = here("chiplocd", config + "--check-config");
  CHECK(early.exit_code == 69);
  CHECK(early.output.find("ca.pem") != std::string::npos);
  const Ran unsigned_identity = here("chiplocd", config + "--show-identity");
  CHECK(unsigned_identity.exit_code == 0);
  CHECK(unsigned_identity.output.find("tls.pem is not there yet") != std::string::npos);

  const auto ca = authority();
  const std::string pem = certified(ca, here.text("coordinator/tls.csr"), "coordinator");
  here.dir.write("coordinator/tls.pem", pem);
  here.dir.write("coordinator/ca.pem", ca.certificate().pem());
  const Ran checked = here("chiplocd", config + "--check-config");
  CAPTURE(checked.output);
  CHECK(checked.exit_code == 0);

  const Ran shown = here("chiplocd", config + "--show-identity");
  CAPTURE(shown.output);
  CHECK(shown.exit_code == 0);
  std::smatch key;
  REQUIRE(std::regex_search(made.output, key, std::regex{"--coordinator-key ([0-9a-f]{64})\n"}));
  CHECK(shown.output.find("\n[[coordinator]]\nname = \"coordinator\"\npublic_key = \"" + key[1].str() +
                          "\"\n") != std::string::npos);
  const auto certificate = Certificate::from_pem(pem);
  CHECK(shown.output.find(certificate->fingerprint().hex()) != std::string::npos);
  const Ran json = here("chiplocd", config + "--show-identity --json");
  const auto object = nlohmann::json::parse(json.output);
  CHECK(object.at("role") == "coordinator");
  CHECK(object.at("public_key") == key[1].str());
  CHECK(object.at("tls_issuer") == "CN=Test CA");
  CHECK(here.text("coordinator/chiplocd.toml").find("\nfaults = 0 ") != std::string::npos);
  // What has no list yet says so, and what to do.
  CHECK(here.text("coordinator/chiplocd.toml").find("\nrevocations = \"\" ") != std::string::npos);
  CHECK(here.text("coordinator/chiplocd.toml").find("While it is \"\" nobody can be revoked") !=
        std::string::npos);
}

TEST_CASE("chiplocd init --authority: certified at once, and an admin whose folder chiploc takes",
          "[e2e][init]") {
  const Workplace here;
  here.dir.write("passphrase", "correct horse\n");
  const std::string authority = "--authority ca --passphrase-file passphrase ";
  const Ran made = here("chiplocd", "init --listen 0.0.0.0:7443 --admin ada " + authority);
  CAPTURE(made.output);
  REQUIRE(made.exit_code == 0);
  CHECK(here.text("ca/ca.key").find("ENCRYPTED PRIVATE KEY") != std::string::npos);
  CHECK(mode_of(here.dir / "ca") == 0700U);
  CHECK(mode_of(here.dir / "ada") == 0700U);
  CHECK(mode_of(here.dir / "ada/tls.key") == 0600U);
  const Ran checked = here("chiplocd", "--config coordinator/chiplocd.toml --check-config");
  CAPTURE(checked.output);
  CHECK(checked.exit_code == 0);
  const Ran person = here("chiploc", "--config ada/cli.toml --check-config");
  CAPTURE(person.output);
  CHECK(person.exit_code == 0);
  CHECK(person.output.find("127.0.0.1:7443") != std::string::npos);
  const auto who =
      nlohmann::json::parse(here("chiploc", "--config ada/cli.toml --show-identity -o json").output);
  CHECK(who.at("tls_name") == "ada");
  CHECK(who.at("tls_role") == "admin");

  // The folder of an admin is not touched, and nothing else is made.
  const std::string key = here.text("ada/tls.key");
  const Ran again = here("chiplocd", "init --dir other --admin ada " + authority);
  CHECK(again.exit_code == 69);
  CHECK(again.output.find("ada: is there already") != std::string::npos);
  CHECK(here.text("ada/tls.key") == key);
  CHECK_FALSE(fs::exists(here.dir / "other"));
  // Another passphrase: said before a folder is made.
  here.dir.write("wrong", "incorrect horse\n");
  const Ran locked = here("chiplocd", "init --dir other --authority ca --passphrase-file wrong");
  CAPTURE(locked.output);
  CHECK(locked.exit_code == 69);
  CHECK_FALSE(fs::exists(here.dir / "other"));
  // A second coordinator: the authority refuses, and the sentence says how to go on.
  const Ran second = here("chiplocd", "init --dir other --host 192.0.2.9 " + authority);
  CAPTURE(second.output);
  CHECK(second.exit_code == 69);
  CHECK(second.output.find("other was made and has no certificate yet: there is one already") !=
        std::string::npos);
  CHECK(second.output.find("chiploc pki renew chiplocd --dir ca. Only if what uses it is to be refused") !=
        std::string::npos);
  CHECK(std::regex_search(second.output,
                          std::regex{"chiploc pki revoke [0-9a-f]+ --reason superseded --dir ca; when"}));
  const Ran third = here("chiplocd", "init --dir third --listen 0.0.0.0:7444 --admin bob " + authority);
  CAPTURE(third.output);
  CHECK(third.exit_code == 69);
  CHECK(third.output.find("third was made and has no certificate yet, and no admin bob was made: ") !=
        std::string::npos);
  CHECK(third.output.find("; and for the admin bob: chiploc pki issue admin bob --dir ca "
                          "--server 127.0.0.1:7444 --out bob\n") != std::string::npos);
  CHECK_FALSE(fs::exists(here.dir / "bob"));
  CHECK(second.output.find(
            "chiploc pki issue coordinator chiplocd --request other/tls.csr --dir ca --out other "
            "--host 192.0.2.9") != std::string::npos);
}

TEST_CASE("chiplocd init again, for an admin alone: the coordinator stays, and the command is said",
          "[e2e][init]") {
  const Workplace here;
  REQUIRE(here("chiplocd", "init --listen 0.0.0.0:7555 --authority ca --admin ada").exit_code == 0);
  const std::string key = here.text("coordinator/coordinator.key");
  const Ran both = here("chiplocd", "init --authority ca --admin ada");
  CAPTURE(both.output);
  CHECK(both.exit_code == 69);
  CHECK(both.output.find("; ada is there too; for another coordinator") != std::string::npos);
  const Ran again = here("chiplocd", "init --authority ca --admin bob");
  CAPTURE(again.output);
  CHECK(again.exit_code == 69);
  CHECK(again.output.find("coordinator: is there already, and nothing in it was changed") !=
        std::string::npos);
  CHECK(again.output.find("move") == std::string::npos);
  std::smatch command;
  REQUIRE(std::regex_search(again.output, command,
                            std::regex{"; for the admin bob alone: chiploc (pki issue [^;]*);"}));
  const Ran issued = here("chiploc", command[1].str());
  CAPTURE(issued.output);
  CHECK(issued.exit_code == 0);
  CHECK(here.text("bob/cli.toml").find("127.0.0.1:7555") != std::string::npos);
  CHECK(here("chiploc", "--config bob/cli.toml --check-config").exit_code == 0);
  CHECK(here.text("coordinator/coordinator.key") == key);
  // An option that is wrong comes first, and without a coordinator in it a folder is a folder.
  CHECK(here("chiplocd", "init --authority ca --admin b/b").exit_code == 64);
  CHECK(here("chiplocd", "init --dir ca").output.find("name another folder with --dir, or move") !=
        std::string::npos);
}

TEST_CASE("the import that an anchor's and a chip's init print names a configuration", "[e2e][init]") {
  const Workplace here;
  CHECK(here("chiploc-anchor", kAnchor)
            .output.find("chiploc --config ada/cli.toml import --anchors anchors.csv") != std::string::npos);
  const Ran chip = here("chiploc-agent", kChip + " --trial --licence L-1");
  CAPTURE(chip.output);
  CHECK(chip.output.find("chiploc --config ada/cli.toml import --makers makers.csv --chips chips.csv") !=
        std::string::npos);
}

TEST_CASE("init --state-dir: each configuration names the folder that its unit may write", "[e2e][init]") {
  const Workplace here;
  const std::string state = (here.dir / "var").string();
  const std::vector<std::pair<std::string, std::string>> programs{{"chiplocd", "init --dir new"},
                                                                  {"chiploc-anchor", kAnchor + " --dir new"},
                                                                  {"chiploc-agent", kChip + " --dir new"}};
  for (const auto& [program, arguments] : programs) {
    fs::remove_all(here.dir / "new");
    const Ran made = here(program, arguments + " --state-dir var");
    CAPTURE(program, made.output);
    REQUIRE(made.exit_code == 0);
    CHECK_FALSE(fs::exists(here.dir / "new/state"));
    std::string config;
    for (const auto& entry : fs::directory_iterator{here.dir / "new"})
      if (entry.path().extension() == ".toml") config = read_file(entry.path());
    CHECK(config.find(" = \"" + state) != std::string::npos);
  }
}

TEST_CASE("chiploc-anchor init: import takes its row, and its configuration works as written",
          "[e2e][init]") {
  const Workplace here;
  const Ran made = here("chiploc-anchor", kAnchor + " --no-rendezvous");
  CAPTURE(made.output);
  REQUIRE(made.exit_code == 0);
  CHECK(made.output.find("--rendezvous") == std::string::npos);
  const auto ca = authority();
  here.dir.write("anchor/tls.pem", certified(ca, here.text("anchor/tls.csr"), "anchor"));
  here.dir.write("anchor/ca.pem", ca.certificate().pem());
  const Ran checked = here("chiploc-anchor", "--config anchor/anchor.toml --check-config");
  CAPTURE(checked.output);
  CHECK(checked.exit_code == 0);

  const auto plan = imported({csv(ImportKind::kAnchors, "anchors.csv", here.text("anchor/anchors.csv"))});
  CAPTURE(faults_of(plan));
  REQUIRE(plan.ok());
  REQUIRE(plan.anchors.size() == 1);
  const AnchorRecord& anchor = *plan.anchors.front();
  CHECK(anchor.name == "fra1");
  CHECK(anchor.operator_name == "Example, \"Net\"");
  CHECK_FALSE(anchor.rendezvous);
  const Ran shown = here("chiploc-anchor", "--config anchor/anchor.toml --show-identity --json");
  const auto object = nlohmann::json::parse(shown.output);
  CHECK(object.at("name") == "fra1");
  CHECK(here.text("anchor/anchors.csv").find(object.at("public_key").get<std::string>()) !=
        std::string::npos);
  CHECK(object.at("tls_role") == "anchor");
}

TEST_CASE("chiploc-anchor init: south and west, IPv6, and an agent that takes what it printed",
          "[e2e][init]") {
  const Workplace here;
  const Ran made =
      here("chiploc-anchor",
           "init --dir scl1 --name scl1 --coordinator '[2001:db8::1]:7443' --position -33.45,-70.66 "
           "--uncertainty-km 1 --operator Net --network AS64500 --address '[2001:db8::2]:7411'");
  CAPTURE(made.output);
  REQUIRE(made.exit_code == 0);
  CHECK(here.text("scl1/anchor.toml").find("listen = [\"[::]:7411\"]") != std::string::npos);
  const auto plan = imported({csv(ImportKind::kAnchors, "anchors.csv", here.text("scl1/anchors.csv"))});
  CAPTURE(faults_of(plan));
  CHECK(plan.ok());
  std::smatch option;
  REQUIRE(std::regex_search(made.output, option, std::regex{"--rendezvous (\\S+)"}));
  const Ran agent = here("chiploc-agent",
                         std::string{"init --serial S1 --model M --trial --licence L-1 --coordinator-key "} +
                             kKey + " --rendezvous '" + option[1].str() + "'");
  CAPTURE(agent.output);
  CHECK(agent.exit_code == 0);
  CHECK(here("chiploc-agent", "--config agent/agent.toml --check-config").exit_code == 0);
}

TEST_CASE("init: what is wrong with an option is said, with 64, and nothing is made", "[e2e][init]") {
  struct Row {
    std::string program, arguments, says;
  };
  const auto without = [](std::string text, const std::string& option, const std::string& instead) {
    const auto at = text.find(option);
    REQUIRE(at != std::string::npos);
    return text.replace(at, option.size(), instead);
  };
  const std::vector<Row> rows{
      {"chiplocd", "init --listen 7443", "--listen \"7443\" is no address and port"},
      {"chiplocd", "init --host 'a b'", "--host: \"a b\" is not a DNS name"},
      {"chiplocd", "init --faults many", "--faults \"many\" is no number"},
      {"chiplocd", "init --frob", "--frob"},
      {"chiploc-anchor", "init", "--"},
      {"chiploc-anchor", without(kAnchor, "50.12,8.68", "'50.12, 8.68'"),
       "--position \"50.12, 8.68\" is no place"},
      {"chiploc-anchor", without(kAnchor, "50.12,8.68", "91,8"), "--position \"91,8\" is no place"},
      {"chiploc-anchor", without(kAnchor, "--uncertainty-km 0.5", "--uncertainty-km nan"),
       "--uncertainty-km \"nan\""},
      {"chiploc-anchor", without(kAnchor, "fra1", "'fra 1'"), "--name \"fra 1\" is no name"},
      {"chiploc-anchor", without(kAnchor, "192.0.2.2:7411", "fra1.example:7411"),
       "--address \"fra1.example:7411\" is no address"},
      {"chiploc-anchor", without(kAnchor, "192.0.2.2:7411", "0.0.0.0:7411"), "is no address of one machine"},
      {"chiploc-anchor", without(kAnchor, "192.0.2.1:7443", "192.0.2.1"), "coordinator.address"},
      {"chiploc-anchor", without(kAnchor, "AS64496", "' '"), "--network"},
      {"chiploc-agent", "init", "--serial NAME is missing"},
      {"chiploc-agent", kChip + " --frob x", "unknown argument \"--frob\""},
      {"chiploc-agent", kChip + " --serial B", "--serial is given twice"},
      {"chiploc-agent", without(kChip, "SN-0001", "'SN 1'"), "--serial \"SN 1\" is no name"},
      {"chiploc-agent", without(kChip, "192.0.2.2:7411=", "fra1:7411="),
       "--rendezvous \"fra1:7411\" is no numeric address"},
      {"chiploc-agent", without(kChip, "=" + std::string{kKey}, ""), "has no key"},
      {"chiploc-agent", without(kChip, std::string{"--coordinator-key "} + kKey, "--coordinator-key 00"),
       "is no Ed25519 public key"},
      {"chiploc-agent", kChip + " --inbound 192.0.2.3:7400", "name either --rendezvous"},
      {"chiploc-agent", kChip + " --trial", "--licence ID is missing"},
      {"chiploc-agent", kChip + " --licence L-1", "goes with --trial"},
      {"chiploc-agent", kChip + " --maker-key k", "go together"},
      {"chiploc-agent", kChip + " --algorithm rsa", "--algorithm \"rsa\" is none of"},
      {"chiploc-agent", kChip + " --chip-id 00", "--chip-id \"00\" is no chip id"},
      {"chiploc-agent", kChip + " --days 0", "--days 0 is no number"},
      {"chiploc-agent", kChip + " --trial=yes --licence L", "--trial takes no value"},
      {"chiploc-agent", "row --config x", "--serial is missing"},
      {"chiploc-agent", "row --frob", "unknown argument \"--frob\""},
      {"chiploc-agent", "--config x --json", "--json goes with --show-identity"}};
  for (const Row& row : rows) {
    const Workplace here;
    const Ran ran = here(row.program, row.arguments);
    CAPTURE(row.program, row.arguments, ran.output);
    CHECK(ran.exit_code == 64);
    CHECK(ran.output.find(row.says) != std::string::npos);
    CHECK(fs::is_empty(here.dir.path()));
  }
  for (const std::string program : {"chiplocd", "chiploc-anchor", "chiploc-agent"}) {
    const Workplace here;
    const Ran help = here(program, "init --help");
    CHECK(help.exit_code == 0);
    CHECK(help.output.find("exit codes:") != std::string::npos);
  }
}

TEST_CASE("chiploc --show-identity: who the certificate says we are", "[e2e][init]") {
  const Workplace here;
  const auto ca = authority();
  const auto key = generate_key(SignatureAlgorithm::kEs256);
  IssueRequest wanted;
  wanted.common_name = "ada";
  wanted.organizational_unit = "admin";
  wanted.purpose = CertificatePurpose::kClient;
  wanted.from = wall_now() - std::chrono::hours{1};
  const auto issued = ca.issue(wanted, key->public_key());
  REQUIRE(issued);
  here.dir.write("tls.pem", issued->pem());
  here.dir.write("cli.toml", "ca = \"ca.pem\"\ncertificate = \"tls.pem\"\ntls_key = \"tls.key\"\n");
  const Ran shown = here("chiploc", "--config cli.toml --show-identity -o json");
  CAPTURE(shown.output);
  REQUIRE(shown.exit_code == 0);
  const auto object = nlohmann::json::parse(shown.output);
  CHECK(object.at("tls_name") == "ada");
  CHECK(object.at("tls_role") == "admin");
  CHECK(object.at("server") == "127.0.0.1:7443");
  CHECK(here("chiploc", "--config cli.toml --show-identity -o csv").exit_code == 64);
}

}  // namespace
}  // namespace chiploc
