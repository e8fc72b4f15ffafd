// What people ask: lists cut and sorted, names that are not there, several chips at once, the registry out and in.
#include "tests/server/cli/cli_world.hpp"

namespace chiploc::test {
namespace {

/// Three chips, SN-0 to SN-2; the first two measured, VERIFIED at 14:13:20 and OUTSIDE a minute later.
struct AskingCli : Cli {
  AskingCli() {
    world.import({kChipA, kChipB, kChipC});
    world.play_round(kChipA);
    world.rounds().states[kChipB] = v1::OUTSIDE;
    world.play_round(kChipB);
  }
  [[nodiscard]] std::vector<std::string> serials(std::vector<std::string> options) const {
    options.insert(options.begin(), {"chip", "list", "-o", "ndjson"});
    const ProcessResult result = run(options);
    INFO(result.err);
    CHECK(result.exit_code == 0);
    std::vector<std::string> out;
    for (const json& chip : lines_of(result.out)) out.push_back(chip["serial"]);
    return out;
  }
};

using Texts = std::vector<std::string>;

TEST_CASE("chiploc chip list: filters, orders and a cut that is said", "[cli][program][asking]") {
  AskingCli cli;
  CHECK(cli.serials({"--licence", "l-1"}) == Texts{"SN-0", "SN-2"});
  CHECK(cli.serials({"--holder", "example sa"}) == Texts{"SN-1"});
  CHECK(cli.serials({"--state", "verified,Outside"}) == Texts{"SN-0", "SN-1"});
  CHECK(cli.serials({"--state", "outside", "--state", "SILENT"}) == Texts{"SN-1"});
  CHECK(cli.serials({"--since", "2026-09-21T14:14"}) == Texts{"SN-1"});
  CHECK(cli.serials({"--until", "2026-09-21T14:14"}) == Texts{"SN-0"});
  CHECK(cli.serials({"--expired"}).empty());
  CHECK(cli.serials({"--sort", "decided"}) == Texts{"SN-1", "SN-0", "SN-2"});
  CHECK(cli.serials({"--sort", "LICENCE"}) == Texts{"SN-0", "SN-2", "SN-1"});
  CHECK(cli.serials({"--sort", "decided", "--limit", "1"}) == Texts{"SN-1"});

  const ProcessResult cut = cli.run({"chip", "list", "--limit", "2"});
  CHECK(cut.exit_code == 0);
  CHECK(cut.err == "showing 2 of 3; --limit 0 shows all\n");
  CHECK(cli.run({"chip", "list", "--limit", "3"}).err.empty());
  CHECK(cli.run({"chip", "list", "--limit", "0"}).err.empty());

  const ProcessResult when = cli.run({"chip", "list", "--since", "yesterday"});
  CHECK(when.exit_code == 64);
  CHECK(has(when.err, "--since: \"yesterday\" is no time; give a day"));
  CHECK(cli.run({"chip", "list", "--state", "lost"}).exit_code == 64);
  CHECK(cli.run({"chip", "list", "--sort", "colour"}).exit_code == 64);
}

TEST_CASE("chiploc verdict list: filters, oldest first and a cut that is said", "[cli][program][asking]") {
  AskingCli cli;
  const auto states = [&](Texts options) {
    options.insert(options.begin(), {"verdict", "list", "-o", "ndjson"});
    Texts out;
    for (const json& verdict : lines_of(cli.run(options).out)) out.push_back(verdict["state"]);
    return out;
  };
  CHECK(states({}) == Texts{"OUTSIDE", "VERIFIED"});
  CHECK(states({"--sort", "oldest"}) == Texts{"VERIFIED", "OUTSIDE"});
  CHECK(states({"--holder", "EXAMPLE SA"}) == Texts{"OUTSIDE"});
  CHECK(states({"--licence", "L-1"}) == Texts{"VERIFIED"});
  CHECK(states({"--licence", "L-1", "--chip", "SN-1"}).empty());
  CHECK(states({"--since", "2026-09-21T14:14"}) == Texts{"OUTSIDE"});
  CHECK(states({"--until", "2026-09-21T14:14", "--state", "outside"}).empty());
  CHECK(states({"--expired"}).empty());
  const ProcessResult cut = cli.run({"verdict", "list", "--limit", "1"});
  CHECK(cut.err == "showing 1 of 2; --limit 0 shows all\n");
  CHECK(cli.run({"verdict", "list", "--limit", "2"}).err.empty());
}

TEST_CASE("chiploc: a name that is not there is an error that names the nearest", "[cli][program][asking]") {
  AskingCli cli;
  const auto missed = [&](const Texts& arguments) {
    const ProcessResult result = cli.run(arguments);
    CHECK(result.exit_code == 66);
    return result.err;
  };
  const std::string licence = "chiploc: no licence \"L-9\" in the registry; the nearest are L-1 and L-2\n";
  CHECK(missed({"chip", "list", "--licence", "L-9"}) == licence);
  CHECK(missed({"verdict", "list", "--licence", "L-9"}) == licence);
  CHECK(missed({"licence", "show", "L-9"}) == licence);
  CHECK(missed({"verify", "--licence", "L-9"}) == licence);
  CHECK(missed({"chip", "list", "--holder", "Exmaple SA"}) ==
        "chiploc: no holder \"Exmaple SA\" in the registry; the nearest is Example SA\n");
  CHECK(has(missed({"chip", "show", "SN-9"}), "the nearest are SN-0, SN-1 and SN-2; list them"));
  CHECK(missed({"territory", "show", "campus"}) == "chiploc: no territory \"campus\" in the registry\n");
  CHECK(missed({"remove", "anchor", "fra2"}) ==
        "chiploc: no anchor \"fra2\" in the registry; the nearest is fra1\n");
  CHECK(has(cli.out({"chip", "show", "sn-1"}), "serial       SN-1\n"));
}

TEST_CASE("chiploc chip list -o geojson: where the latest verdicts say, as far as the role sees it",
          "[cli][program][asking]") {
  AskingCli cli;
  const json map = json::parse(cli.out({"chip", "list", "-o", "geojson"}));
  REQUIRE(map["features"].size() == 3);
  CHECK(map["type"] == "FeatureCollection");
  CHECK(map["features"][0]["geometry"]["type"] == "MultiPolygon");
  CHECK(map["features"][0]["properties"]["state"] == "VERIFIED");
  CHECK(map["features"][0]["properties"]["serial"] == "SN-0");
  CHECK(map["features"][0]["properties"]["decided_at"] == "2026-09-21T14:13:20.000Z");
  CHECK(map["features"][2]["geometry"].is_null());
  CHECK(map["features"][2]["properties"]["state"].is_null());
  cli.config = cli.person("reader", cli.world.reader);
  const json sealed = json::parse(cli.out({"chip", "list", "-o", "geojson"}));
  CHECK(sealed["features"][0]["geometry"].is_null());
  CHECK(sealed["features"][0]["properties"]["state"] == "VERIFIED");
  CHECK_FALSE(has(sealed.dump(), "coordinates"));
}

TEST_CASE("chiploc licence show: in force, and how its chips stand", "[cli][program][asking]") {
  AskingCli cli;
  CHECK(cli.out({"licence", "show", "l-2"}) ==
        "licence      L-2\n"
        "holder       Example SA\n"
        "countries    FR JP\n"
        "valid        2026-01-01 to 2027-12-31\n"
        "standing     in force\n"
        "chips        1: 1 OUTSIDE\n");
  CHECK(has(cli.out({"licence", "show", "L-1"}), "chips        2: 1 VERIFIED, 1 never measured\n"));
  const json licence = json::parse(cli.out({"licence", "show", "L-1", "-o", "json"}));
  CHECK(licence["chips_by_state"]["VERIFIED"] == 1);
  CHECK(licence["chips_by_state"]["SILENT"] == 0);
  CHECK(licence["standing"].is_null());
  CHECK(has(cli.out({"licence", "show", "L-1", "-o", "csv"}), "\nL-1,"));
  const std::string old =
      cli.world.folder
          .write("old.csv", "id,holder,countries,valid_from,valid_to\nL-0,H,DE,2020-01-01,2020-12-31\n")
          .string();
  CHECK(cli.run({"import", "--licences", old}).exit_code == 0);
  CHECK(has(cli.out({"licence", "show", "L-0"}),
            "standing     no longer in force: to 2020-12-31\nchips        0: none\n"));
}

TEST_CASE("chiploc status: chips by state", "[cli][program][asking]") {
  AskingCli cli;
  const json status = json::parse(cli.out({"status", "-o", "json"}));
  CHECK(status["chips"] == 3);
  CHECK(status["chips_by_state"]["VERIFIED"] == 1);
  CHECK(status["chips_by_state"]["OUTSIDE"] == 1);
  CHECK(status["chips_by_state"]["never_measured"] == 1);
  const std::string table = cli.out({"status"});
  const std::size_t line = table.find("\nchips_outside ");
  REQUIRE(line != std::string::npos);
  CHECK(has(table.substr(line, table.find('\n', line + 1) + 1 - line), " 1\n"));
  cli.config = cli.person("rita", cli.world.example_reader);
  const json own = json::parse(cli.out({"status", "-o", "json"}));
  CHECK(own["chips"] == 1);
  CHECK(own["chips_by_state"]["VERIFIED"] == 0);
  CHECK(own["chips_by_state"]["OUTSIDE"] == 1);
}

TEST_CASE("chiploc: who asked for a round is shown to whom sees all", "[cli][program][asking][roles]") {
  AskingCli cli;
  cli.config = cli.person("vic", cli.world.verifier);
  CHECK(cli.run({"verify", "SN-0"}).exit_code == 0);
  CHECK_FALSE(has(cli.out({"verdict", "show", "SN-0"}), "requested by"));
  cli.config = cli.person("eve", cli.world.auditor);
  const std::string print = Certificate::from_pem(cli.world.verifier.certificate)->fingerprint().hex();
  const std::string line = "  requested by vic at 2026-09-21 14:15:20Z, with the certificate " + print + "\n";
  CHECK(has(cli.out({"verdict", "show", "SN-0"}), line));
  CHECK(has(cli.out({"chip", "show", "SN-0"}), line));
  CHECK(json::parse(cli.out(
            {"verdict", "show", "SN-0", "-o", "json"}))["requested_by"]["certificate_sha256"] == print);
  CHECK(json::parse(cli.out({"chip", "show", "SN-2", "-o", "json"}))["last_verdict_requested_by"].is_null());
}

TEST_CASE("chiploc verify: several chips, and the exit code of the worst", "[cli][program][verify][asking]") {
  AskingCli cli;
  const ProcessResult both = cli.run({"verify", "SN-0", "SN-1", "-o", "ndjson", "--parallel", "1"});
  CHECK(both.exit_code == 12);
  CHECK(both.err == "2 chips: 1 OUTSIDE, 1 VERIFIED\n");
  const auto lines = lines_of(both.out);
  REQUIRE(lines.size() == 2);
  CHECK(lines[0]["asked_for"] == "SN-0");
  CHECK(lines[0]["state"] == "VERIFIED");
  CHECK(lines[1]["fault"].is_null());

  const ProcessResult missing = cli.run({"verify", "SN-0", "SN-9", "-o", "csv", "--parallel", "1"});
  CHECK(missing.exit_code == 66);
  CHECK(has(missing.err, "1 VERIFIED, 1 failed"));
  CHECK(has(missing.out, "\nSN-9,,,,,,,,,\"no chip \"\"SN-9\"\" in the registry"));

  const ProcessResult licence = cli.run({"verify", "--licence", "l-1", "--parallel", "1"});
  CHECK(licence.exit_code == 0);
  CHECK(has(licence.err, "2 chips: 2 VERIFIED\n"));
  CHECK(has(licence.out, kChipC));
  const ProcessResult single = cli.run({"verify", "--licence", "L-2", "-o", "json"});
  CHECK(single.exit_code == 12);
  CHECK(json::parse(single.out).size() == 1);  // a list, also of one

  CHECK(cli.run({"verify"}).exit_code == 64);
  CHECK(cli.run({"verify", "SN-0", "--licence", "L-1"}).exit_code == 64);
  CHECK(cli.run({"verify", "SN-0", "SN-1", "--watch"}).exit_code == 64);
  CHECK(cli.run({"verify", "SN-0", "SN-1", "-o", "geojson"}).exit_code == 64);
  CHECK(cli.run({"verify", "SN-0", "--parallel", "33"}).exit_code == 64);
}

TEST_CASE("chiploc export: read back it changes nothing", "[cli][program][asking][import]") {
  AskingCli cli;
  const TempDir& folder = cli.world.folder;
  const std::string lists = folder.write("crl.json", cli.world.files.revocations_json()).string();
  const std::string territories =
      folder.write("t.json", R"([{"name": "benelux", "countries": ["BE", "NL", "LU"], "geojson": ""}])")
          .string();
  CHECK(cli.run({"import", "--revocations", lists, "--territories", territories}).exit_code == 0);
  const std::string out = (folder / "out").string();
  const ProcessResult exported = cli.run({"export", "--out", out});
  CHECK(exported.exit_code == 0);
  CHECK(exported.out ==
        "makers: 1\nmodels: 0\nterritories: 1\nentities: 0\nsites: 0\nlicences: 2\nconditions: 0\norders: 0\n"
        "deliveries: 0\nanchors: 2\nrevocations: 1\nprohibited: 2\nchips: 3\n");
  // The very command that it names.
  const std::size_t at = exported.err.find("chiploc import");
  REQUIRE(at != std::string::npos);
  std::istringstream words{exported.err.substr(at)};
  Texts arguments;
  std::string word;
  words >> word;
  while (words >> word) arguments.push_back(word);
  const std::string back = cli.out(arguments);
  CHECK(has(back, "imported: 0 added, 0 changed, 12 unchanged\n"));
  CHECK(has(back,
            "1 maker unchanged, 1 territory unchanged, 2 licences unchanged, 2 anchors unchanged, "
            "1 set of revocations unchanged, 2 prohibited places unchanged, 3 chips unchanged\n"));
  const json chips = json::parse(cli.out({"export", "--table", "chips"}));
  CHECK(chips.size() == 3);
  CHECK(chips[1]["reach"] == "inbound 192.0.2.9:7400");

  CHECK(cli.run({"export", "--out", out}).exit_code == 64);  // not empty
  CHECK(cli.run({"export"}).exit_code == 64);
  CHECK(cli.run({"export", "--table", "colours"}).exit_code == 64);
  CHECK(cli.run({"export", "--table", "chips", "--out", "/proc/none"}).exit_code == 64);
  cli.config = cli.person("reader", cli.world.reader);
  CHECK(cli.run({"export", "--table", "chips"}).exit_code == 77);
  cli.config = cli.person("axel", cli.world.example_auditor);
  const json own = json::parse(cli.out({"export", "--table", "chips"}));
  REQUIRE(own.size() == 1);
  CHECK(own[0]["serial"] == "SN-1");
}

TEST_CASE("chiploc remove: what nothing uses, else who uses it", "[cli][program][asking]") {
  AskingCli cli;
  const TempDir& folder = cli.world.folder;
  const std::string territories =
      folder
          .write("t.json", R"([{"name": "benelux", "countries": ["BE", "NL", "LU"], "geojson": ""},
 {"name": "spare", "countries": ["FR"], "geojson": ""}])")
          .string();
  const std::string licences =
      folder.write("l.csv", "id,holder,countries,valid_from,valid_to\nL-7,H,benelux,2026-01-01,2026-12-31\n")
          .string();
  CHECK(cli.run({"import", "--territories", territories, "--licences", licences}).exit_code == 0);
  CHECK(cli.out({"territory", "show", "BENELUX"}) ==
        "territory    benelux\ncountries    BE LU NL\nused by      licence L-7\n");
  CHECK(json::parse(cli.out({"territory", "show", "spare", "-o", "json"}))["used_by"].empty());
  CHECK(has(cli.out({"territory", "show", "spare"}),
            "used by      nothing; remove it with: chiploc remove territory spare"));
  CHECK(cli.run({"territory", "show", "spare", "-o", "geojson"}).exit_code == 64);

  const auto refused = [&](const char* kind, const char* name) {
    const ProcessResult result = cli.run({"remove", kind, name});
    CHECK(result.exit_code == 69);
    return result.err;
  };
  CHECK(refused("territory", "benelux") ==
        "chiploc: territory benelux is used by licence L-7; change these first, nothing was removed\n");
  CHECK(refused("licence", "L-1") == "chiploc: licence L-1 is used by chip " + kChipA + ", chip " + kChipC +
                                         "; change these first, nothing was removed\n");
  CHECK(has(refused("maker", "acme"), "maker acme is used by chip"));
  CHECK(has(refused("anchor", "fra1"), "anchor fra1 is connected; stop it first"));
  CHECK(cli.out({"remove", "Licence", "l-7"}) == "removed: licence L-7\n");
  CHECK(cli.out({"remove", "territory", "benelux"}) == "removed: territory benelux\n");
  CHECK(json::parse(cli.out({"remove", "anchor", "par1", "-o", "json"}))["name"] == "par1");
  CHECK(cli.run({"licence", "show", "L-7"}).exit_code == 66);
  CHECK(cli.world.registry().get()->anchors().size() == 1);
  CHECK(cli.run({"remove", "revocations", "acme"}).exit_code == 64);

  const std::string journal = cli.out({"imports", "--limit", "3"});
  CHECK(has(journal, "anchors par1\n"));
  CHECK(has(journal, "licences L-7\n"));
  const json entries = json::parse(cli.out({"imports", "-o", "json"}));
  REQUIRE(entries.size() == 5);
  CHECK(entries[0]["removed"] == 1);
  CHECK(entries[0]["by"] == "alice");
  CHECK(entries[0]["certificate_sha256"] ==
        Certificate::from_pem(cli.world.admin.certificate)->fingerprint().hex());
  CHECK(entries[4]["added"] == 10);
  CHECK(entries[4]["files"][4]["table"] == "chips");
  CHECK(entries[4]["files"][4]["rows"] == 3);
  CHECK(has(cli.out({"imports", "-o", "csv"}),
            "version,at,by,certificate_sha256,added,changed,unchanged,removed,files,reason\n"));

  cli.config = cli.person("reader", cli.world.reader);
  CHECK(cli.run({"remove", "territory", "spare"}).exit_code == 77);
  CHECK(cli.run({"imports"}).exit_code == 77);
  cli.config = cli.person("eve", cli.world.auditor);
  CHECK(cli.run({"imports"}).exit_code == 0);
  CHECK(cli.run({"remove", "territory", "spare"}).exit_code == 77);
}

TEST_CASE("chiploc territory show -o geojson: the drawing as it came, for whom sees all",
          "[cli][program][asking]") {
  AskingCli cli;
  const std::string drawing =
      R"({"type": "Polygon", "coordinates": [[[8.61,50.07],[8.66,50.07],[8.66,50.11],[8.61,50.11],[8.61,50.07]]]})";
  const std::string file =
      cli.world.folder.write("t.json", R"([{"name": "campus", "countries": [], "geojson": )" + drawing + "}]")
          .string();
  CHECK(cli.run({"import", "--territories", file}).exit_code == 0);
  CHECK(cli.out({"territory", "show", "campus", "-o", "geojson"}) == drawing + "\n");
  CHECK(has(cli.out({"territory", "show", "campus"}), "area         15.9 km2\ndrawing      sha256 "));
  cli.config = cli.person("reader", cli.world.reader);
  CHECK(cli.run({"territory", "show", "campus", "-o", "geojson"}).exit_code == 77);
}

TEST_CASE("chiploc complete: names that begin so, and nothing of another holder",
          "[cli][program][completion]") {
  AskingCli cli;
  CHECK(cli.out({"complete", "licences", "--prefix", "l-"}) == "L-1\nL-2\n");
  CHECK(cli.out({"complete", "chips", "--prefix", "sn-"}) == "SN-0\nSN-1\nSN-2\n");
  CHECK(cli.out({"complete", "chips", "--prefix", "aaaa"}) == kChipA + "\n" + kChipB + "\n" + kChipC + "\n");
  CHECK(cli.out({"complete", "holders", "--prefix", "ex"}) == "Example SA\n");
  CHECK(cli.out({"complete", "anchors", "--prefix=p"}) == "par1\n");
  CHECK(cli.out({"complete", "makers"}) == "acme\n");
  CHECK(cli.out({"complete", "territories"}).empty());
  CHECK(cli.run({"complete", "colours"}).exit_code == 64);
  CHECK_FALSE(has(cli.run({"--help"}).out, "complete "));
  cli.config = cli.person("rita", cli.world.example_reader);
  CHECK(cli.out({"complete", "chips", "--prefix", "SN-"}) == "SN-1\n");
  CHECK(cli.out({"complete", "holders"}) == "Example SA\n");
}

/// What bash offers for these words, the last of which is being typed, with the real program behind it.
Texts offered(const AskingCli& cli, const Texts& words) {
  const std::string script = cli.world.folder.write("chiploc.bash", cli.out({"completion", "bash"})).string();
  std::string list;
  for (const std::string& word : words) list += " '" + word + "'";
  const ProcessResult result = run_process({"bash", "--norc", "-c",
                                            "source " + script + "; COMP_WORDS=(" + chiploc_program() + list +
                                                "); COMP_CWORD=" + std::to_string(words.size()) +
                                                "; _chiploc; printf '%s\\n' \"${COMPREPLY[@]}\""},
                                           {{"CHIPLOC_CONFIG", cli.config}});
  CHECK(result.err.empty());
  Texts out;
  std::istringstream in{result.out};
  for (std::string line; std::getline(in, line);) {
    if (!line.empty()) out.push_back(line);
  }
  return out;
}

TEST_CASE("completion: bash offers serials, licences and holders, asked of the coordinator",
          "[cli][program][completion]") {
  AskingCli cli;
  CHECK(offered(cli, {"chip", "show", "SN-"}) == Texts{"SN-0", "SN-1", "SN-2"});
  CHECK(offered(cli, {"verify", "SN-0", "sn-1"}) == Texts{"SN-1"});
  CHECK(offered(cli, {"chip", "list", "--licence", ""}) == Texts{"L-1", "L-2"});
  CHECK(offered(cli, {"verdict", "list", "--holder", "Ex"}) == Texts{"Example\\ SA"});
  CHECK(offered(cli, {"licence", "show", "L-2"}) == Texts{"L-2"});
  CHECK(offered(cli, {"chip", "show", "--"}).size() > 3);  // options all the same
  // Whom it asks, as the line says; and no word if nobody answers.
  const std::string rita = cli.person("rita", cli.world.example_reader);
  CHECK(offered(cli, {"--config", rita, "chip", "show", ""}) == Texts{"SN-1"});
  CHECK(offered(cli, {"--config", "/nowhere.toml", "chip", "show", ""}).empty());
}

TEST_CASE("completion: lab, eval, plan and sim, their commands and options", "[cli][program][completion]") {
  AskingCli cli;
  CHECK(offered(cli, {"lab", ""}) == Texts{"up", "check", "clean", "set"});
  CHECK(offered(cli, {"lab", "up", "--ro"}) == Texts{"--rounds"});
  CHECK(offered(cli, {"lab", "check", "--seed"}) == Texts{"--seeds"});
  CHECK(offered(cli, {"sim", ""}) == Texts{"run", "sweep", "list", "explain", "fit", "fleet", "cost"});
  CHECK(offered(cli, {"sim", "run", "--see"}) == Texts{"--seeds"});
  CHECK(offered(cli, {"eval", "--sp"}) == Texts{"--speed"});
  CHECK(offered(cli, {"eval", "--speed", ""}) == Texts{"vacuum", "fibre"});
  CHECK(offered(cli, {"plan", "--can"}) == Texts{"--candidates"});
  CHECK(offered(cli, {"plan", "--goal", ""}) == Texts{"verified", "cleared"});
  const std::string file = cli.world.folder.write("world.toml", "").string();
  CHECK(offered(cli, {"lab", "up", file.substr(0, file.size() - 3)}) == Texts{file});
}

}  // namespace
}  // namespace chiploc::test
