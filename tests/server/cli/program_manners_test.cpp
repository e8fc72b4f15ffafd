// How the program behaves when something is missing, wrong or not a terminal.
#include <algorithm>

#include "tests/server/cli/cli_world.hpp"

namespace chiploc::test {
namespace {

TEST_CASE("chiploc: what is not there is 66, what cannot be reached 69, each with the remedy",
          "[cli][program]") {
  Cli cli;
  cli.world.import({kChipA});
  const ProcessResult chip = cli.run({"chip", "show", "ffff"});
  CHECK(chip.exit_code == 66);
  CHECK(chip.err == "chiploc: no chip \"ffff\" in the registry; list them, or import it first\n");
  CHECK(cli.run({"verdict", "show", "SN-0"}).exit_code == 66);
  CHECK(cli.run({"verify", "ffff"}).exit_code == 66);

  const ProcessResult nobody = cli.run({"status", "--server", "127.0.0.1:1"});
  CHECK(nobody.exit_code == 69);
  CHECK(nobody.err ==
        "chiploc: no coordinator at 127.0.0.1:1: the connection was refused; start "
        "chiplocd or correct --server\n");
  const ProcessResult name = cli.run({"status", "--server-name", "somebody-else"});
  CHECK(name.exit_code == 69);
  CHECK(has(name.err, "no TLS connection with " + cli.world.address()));
  CHECK(has(name.err, "the coordinator's certificate is not for 'somebody-else'"));
  const auto other =
      CertificateAuthority::create("other", SignatureAlgorithm::kEs256, kCertificatesFrom, kCertificateDays);
  const std::string wrong = cli.world.folder.write("other.pem", other->certificate().pem()).string();
  // Our own certificate is judged before anybody is called.
  const ProcessResult ours = cli.run({"status"}, {{"CHIPLOC_CA", wrong}});
  CHECK(ours.exit_code == 78);
  CHECK(has(ours.err, "was not issued by " + wrong));
  // An authority that issued ours, and not the coordinator's.
  const auto key = generate_key(SignatureAlgorithm::kEs256);
  IssueRequest request;
  request.common_name = "carol";
  request.organizational_unit = "admin";
  request.purpose = CertificatePurpose::kClient;
  request.from = kCertificatesFrom;
  request.days = kCertificateDays;
  const Credentials carol{other->issue(request, key->public_key())->pem(), key->private_pem()};
  cli.config = cli.person("carol", carol);
  const ProcessResult ca = cli.run({"status"}, {{"CHIPLOC_CA", wrong}});
  CHECK(ca.exit_code == 69);
  CHECK(has(ca.err, "no TLS connection with " + cli.world.address()));
  CHECK(has(ca.err, "check that " + wrong + " issued both sides' certificates"));
  CHECK(std::count(ca.err.begin(), ca.err.end(), '\n') == 1);  // gRPC's own remarks stay away
  cli.config = cli.person("stranger", cli.world.stranger);
  CHECK(cli.run({"status"}).exit_code == 78);
  cli.config = cli.person("anchor", cli.world.anchor);
  const ProcessResult role = cli.run({"status"});
  CHECK(role.exit_code == 78);
  CHECK(has(role.err, "is a certificate of the role 'anchor', here belongs one of a person"));
}

TEST_CASE("chiploc: a wrong flag is 64 and says where to look", "[cli][program]") {
  const Cli cli;
  const ProcessResult flag = cli.run({"chip", "list", "--colour"});
  CHECK(flag.exit_code == 64);
  CHECK(has(flag.err, "--colour"));
  CHECK(has(flag.err, "see: chiploc chip list --help\n"));
  CHECK(flag.out.empty());
  CHECK(cli.run({}).exit_code == 64);
  CHECK(cli.run({"chip", "show"}).exit_code == 64);
  CHECK(cli.run({"verdict", "list", "--state", "GOOD"}).exit_code == 64);
  CHECK(cli.run({"chip", "list", "-o", "xml"}).exit_code == 64);
  const ProcessResult senseless = cli.run({"verdict", "list", "-o", "geojson"});
  CHECK(senseless.exit_code == 64);
  CHECK(senseless.err ==
        "chiploc: -o geojson makes no sense for verdict list; use one of: table, json, ndjson, csv\n");
  CHECK(cli.run({"verdict", "map", "x", "-o", "csv"}).exit_code == 64);
  CHECK(cli.run({"completion", "bash", "-o", "json"}).exit_code == 64);
  CHECK(cli.run({"completion", "tcsh"}).exit_code == 64);
}

TEST_CASE("chiploc: a wrong or missing command is 64 and named beside those there are", "[cli][program]") {
  const Cli cli;
  const auto told = [&](const std::vector<std::string>& words) {
    const ProcessResult result = cli.run(words);
    CHECK(result.exit_code == 64);
    CHECK(result.out.empty());
    return result.err;
  };
  CHECK(told({"verdict", "shw"}) ==
        "chiploc: verdict shw is no command; one of: list, show, map, replay; see: chiploc verdict --help\n");
  CHECK(
      told({"verdict"}) ==
      "chiploc: a command is missing after verdict; one of: list, show, map, replay; see: chiploc verdict --help\n");
  CHECK(has(told({"vrdict", "show"}),
            "chiploc: vrdict is no command; one of: chip, licence, anchor, territory, "));
  CHECK(has(told({"--config", "nosuch"}),
            "\nchiploc: no command is given; name one, such as: chiploc status\n"));
  CHECK(told({"--colours"}) == "chiploc: --colours is no option; see: chiploc --help\n");
  CHECK(told({"chip", "--colours"}) == "chiploc: --colours is no option of chip; see: chiploc chip --help\n");
  CHECK(told({"lab", "upp"}) ==
        "chiploc lab: upp is no command; one of: up, check, clean, set; see: chiploc lab --help\n");
  CHECK(told({"lab"}) ==
        "chiploc lab: a command is missing; one of: up, check, clean, set; see: chiploc lab --help\n");
  const std::string option = told({"lab", "up", "lab.toml", "--onc"});
  CHECK(has(option, "--onc"));
  CHECK(has(option, "; see: chiploc lab up --help\n"));
  CHECK(
      told({"sim", "rum"}) ==
      "chiploc sim: rum is no command; one of: run, sweep, list, explain, fit, fleet, cost; see: chiploc sim "
      "--help\n");
  CHECK(told({"eval", "--folde"}) == "chiploc eval: --folde is no option; see: chiploc eval --help\n");
  CHECK(has(told({"eval", "convert", "a.csv"}), "--to is required; see: chiploc eval convert --help\n"));
}

TEST_CASE("chiploc: the configuration's faults are named by file, line and key", "[cli][program][config]") {
  Cli cli;
  const TempDir& folder = cli.world.folder;
  CHECK(has(cli.out({"--check-config"}), "configuration is fine: " + cli.world.address() + " as chiplocd\n"));

  cli.config = folder.write("bad.toml", "server = 5\nserver_nam = \"x\"\n").string();
  const ProcessResult bad = cli.run({"status"});
  CHECK(bad.exit_code == 78);
  CHECK(has(bad.err, cli.config + ":1: server: is a TOML integer, not a string"));
  CHECK(has(bad.err, cli.config + ":2: server_nam: unknown"));
  cli.config = (folder / "none.toml").string();
  const ProcessResult none = cli.run({"status"});
  CHECK(none.exit_code == 78);
  CHECK(none.err == "chiploc: " + cli.config +
                        ": no such file; correct the path, or make one: chiploc pki issue ROLE NAME "
                        "(chiplocd init --admin NAME for the first admin)\n");

  // Without a name, the user's own file: $XDG_CONFIG_HOME, else ~/.config.
  const auto run = [](const std::map<std::string, std::string>& environment) {
    return run_process({chiploc_program(), "status"}, environment);
  };
  const ProcessResult missing = run({{"HOME", folder.path().string()}});
  CHECK(missing.exit_code == 78);
  CHECK(missing.err ==
        "chiploc: ca: not given, and there is no " + folder.path().string() +
            "/.config/chiploc/cli.toml; name another cli.toml with --config or CHIPLOC_CONFIG, or have "
            "one made: chiploc pki issue ROLE NAME (chiplocd init --admin NAME for the first admin); or "
            "pass --ca\n");
  CHECK(has(run({}).err, "there is no cli.toml (no home folder to look in)"));
  cli.config = folder.write("half.toml", "certificate = \"tls.pem\"\n").string();
  CHECK(cli.run({"status"}).err == "chiploc: ca: not given; set it in " + cli.config + " or pass --ca\n");
  std::filesystem::create_directories(folder / "xdg/chiploc");
  std::filesystem::copy(folder / "admin.toml", folder / "xdg/chiploc/cli.toml");
  for (const char* file : {"ca.pem", "admin.pem", "admin.key"}) {
    std::filesystem::copy(folder / file, folder / "xdg/chiploc" / file);
  }
  CHECK(run({{"XDG_CONFIG_HOME", (folder / "xdg").string()}}).exit_code == 0);

  std::filesystem::permissions(folder / "admin.key", std::filesystem::perms{0644});
  cli.config = (folder / "admin.toml").string();
  const ProcessResult open = cli.run({"status"});
  CHECK(open.exit_code == 78);
  CHECK(has(open.err, "chmod 600"));
}

TEST_CASE("chiploc: who asks the wrong coordinator reads which line says so", "[cli][program][config]") {
  Cli cli;
  const TempDir& folder = cli.world.folder;
  const auto asks = [&](const std::string& server) {
    cli.config =
        folder
            .write("elsewhere.toml", "ca = \"ca.pem\"\nserver = \"" + server +
                                         "\"\ncertificate = \"admin.pem\"\ntls_key = \"admin.key\"\n")
            .string();
    return cli.run({"status"});
  };
  const ProcessResult nobody = asks("127.0.0.1:1");
  CHECK(nobody.exit_code == 69);
  CHECK(
      nobody.err ==
      "chiploc: no coordinator at 127.0.0.1:1: the connection was refused; start chiplocd or correct server in " +
          cli.config + ":2\n");
  // A name that no DNS server has to be asked about.
  const ProcessResult unknown = asks("chiplocd..example:7443");
  CHECK(unknown.exit_code == 69);
  CHECK(has(unknown.err,
            "chiploc: server in " + cli.config +
                ":2: the host 'chiplocd..example' does not resolve (Misformatted domain name); correct "
                "the name, write an IP address in its place, or mend this machine's DNS (getent hosts "
                "chiplocd..example asks it)\n"));
  CHECK(std::count(unknown.err.begin(), unknown.err.end(), '\n') == 1);
  const ProcessResult flag = cli.run({"status", "--server", "chiplocd..example:7443"});
  CHECK(flag.exit_code == 69);
  CHECK(has(flag.err, "chiploc: --server: the host 'chiplocd..example' does not resolve"));
}

TEST_CASE("chiploc: a server without a port is told so, not that nobody answers", "[cli][program][config]") {
  Cli cli;
  const auto flag = [&](const std::string& server) {
    const ProcessResult result = cli.run({"status", "--server", server});
    CHECK(result.exit_code == 64);
    return result.err;
  };
  CHECK(has(flag("127.0.0.1"),
            "--server \"127.0.0.1\" has no port; write 127.0.0.1:7443, or the port that chiplocd serves"));
  CHECK(has(flag("coordinator.example"),
            "\"coordinator.example\" has no port; write coordinator.example:7443"));
  CHECK(has(flag("[2001:db8::1]"), "has no port; write [2001:db8::1]:7443"));
  CHECK(has(flag("2001:db8::1"), "has no port, or no brackets; write [2001:db8::1]:7443"));
  for (const char* wrong : {"127.0.0.1:", "127.0.0.1:https", "127.0.0.1:0", "127.0.0.1:65536"}) {
    CHECK(has(flag(wrong), "has no port from 1 to 65535"));
  }
  CHECK(has(flag(":7443"), "has no host"));
  const std::string file =
      cli.world.folder
          .write(
              "portless.toml",
              "ca = \"ca.pem\"\nserver = \"localhost\"\ncertificate = \"admin.pem\"\ntls_key = \"admin.key\"\n")
          .string();
  const ProcessResult result = cli.run({"status", "--config", file});
  CHECK(result.exit_code == 78);
  CHECK(has(result.err, file + ":2: server: \"localhost\" has no port; write localhost:7443"));
}

TEST_CASE("chiploc import: a bow-tie, another separator and another encoding are named, with what to do",
          "[cli][program][import]") {
  Cli cli;
  const auto refused = [&](const char* flag, const char* name, const std::string& content) {
    const ProcessResult result = cli.run({"import", flag, cli.world.folder.write(name, content).string()});
    CHECK(result.exit_code == 65);
    CHECK(has(result.out, name));
    return result.out;
  };
  const std::string bow_tie =
      refused("--territories", "bow.json", R"([{"name": "bow", "countries": [], "geojson":
 {"type": "Polygon", "coordinates": [[[8.0,50.0],[9.0,51.0],[9.0,50.0],[8.0,51.0],[8.0,50.0]]]}}])");
  CHECK(has(bow_tie, "crosses itself or goes along itself at longitude 8.5, latitude 50.5"));
  CHECK(has(bow_tie, "give its positions in the order of the outline"));
  const std::string header = "id,holder,countries,valid_from,valid_to\n";
  std::string semicolons = header;
  std::replace(semicolons.begin(), semicolons.end(), ',', ';');
  CHECK(has(refused("--licences", "semicolons.csv", semicolons),
            "the columns are separated by ;, a comma is asked for: save it as"));
  std::string utf16 = "\xFF\xFE";
  for (const char c : header) utf16 += std::string{c, '\0'};
  CHECK(has(refused("--licences", "utf16.csv", utf16),
            "the file is in UTF-16, UTF-8 is asked for: save it as"));
}

TEST_CASE("chiploc: colour is for terminals, or for who asks for it", "[cli][program]") {
  Cli cli;
  cli.world.import({kChipA});
  cli.world.play_round(kChipA);
  CHECK_FALSE(has(cli.out({"chip", "list"}), "\x1b"));
  CHECK(has(cli.run({"chip", "list", "--color", "always"}).out, "\x1b[32mVERIFIED\x1b[0m"));
  CHECK_FALSE(has(cli.run({"chip", "list", "--color", "always", "-o", "csv"}).out, "\x1b"));
  const ProcessResult watched = cli.run({"verify", "SN-0", "--watch", "--color", "always"});
  CHECK(has(watched.out, "\x1b[32mVERIFIED\x1b[0m"));
  CHECK_FALSE(has(watched.err, "\x1b["));  // a file cannot be redrawn, whatever the colour

  // script(1) gives it a terminal.
  const auto on_terminal = [&](const std::string& environment) {
    const std::string command =
        environment + " CHIPLOC_CONFIG=" + cli.config + " " + chiploc_program() + " verify SN-0 --watch";
    return run_process({"script", "-qec", command, "/dev/null"}, {}).out;
  };
  const std::string terminal = on_terminal("TERM=xterm");
  CHECK(has(terminal, "\x1b[32mVERIFIED\x1b[0m"));
  CHECK(has(terminal, "\x1b[3A\x1b[J"));  // the block is redrawn
  CHECK_FALSE(has(on_terminal("TERM=xterm NO_COLOR=1"), "\x1b[32m"));
  CHECK_FALSE(has(on_terminal("TERM=dumb"), "\x1b["));
}

TEST_CASE("chiploc: help has examples for every command, version and lab answer without a server",
          "[cli][program]") {
  const auto run = [](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), chiploc_program());
    return run_process(arguments, {});
  };
  const ProcessResult help = run({"--help"});
  CHECK(help.exit_code == 0);
  CHECK(has(help.out, "13  verify: PROHIBITED"));
  CHECK(has(help.out, "Examples:"));
  for (const std::string command :
       {"chip list",       "chip show",    "licence list",  "licence show",   "territory show",
        "remove",          "export",       "imports",       "anchor list",    "import",
        "verify",          "verdict list", "verdict show",  "verdict map",    "verdict replay",
        "pki init",        "pki issue",    "pki list",      "pki show",       "pki revoke",
        "pki renew",       "policy show",  "policy check",  "policy diff",    "policy replay",
        "policy activate", "policy list",  "status",        "completion",     "version",
        "model list",      "entity list",  "entity show",   "site list",      "site show",
        "order list",      "order show",   "delivery list", "condition list", "registry history",
        "chip status",     "chip overdue", "chip history",  "chip changes",   "chip absent",
        "chip back",       "watch"}) {
    std::vector<std::string> words;
    std::istringstream in{command};
    for (std::string word; in >> word;) words.push_back(word);
    words.emplace_back("--help");
    const ProcessResult result = run(words);
    INFO(command);
    CHECK(result.exit_code == 0);
    CHECK(has(result.out, "\n  chiploc " + command));
  }
  CHECK(has(run({"version"}).out, "chiploc "));
  CHECK(json::parse(run({"version", "-o", "json"}).out).contains("software_version"));
  CHECK(run({"--version"}).exit_code == 0);
  CHECK(run({"lab", "no-such-command"}).exit_code == 64);
}

}  // namespace
}  // namespace chiploc::test
