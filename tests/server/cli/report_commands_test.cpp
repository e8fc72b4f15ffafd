// Reports and the summary, asked and verified as a person does.
#include "tests/server/cli/cli_world.hpp"
#include "tests/server/orders/order_days.hpp"

namespace chiploc::test {
namespace {

using Texts = std::vector<std::string>;

struct ReportCli : Cli {
  std::string keys = (world.folder / "report-keys.toml").string();
  ReportCli() {
    world.import({kChipA, kChipB, kChipC});
    world.play_round(kChipA);
    CHECK(out({"report", "keys", "--out", keys}).empty());
  }
  /// The path of a report that was made.
  [[nodiscard]] std::string made(Texts arguments, const std::string& name) const {
    const std::string path = (world.folder / name).string();
    arguments.insert(arguments.begin(), "report");
    arguments.insert(arguments.end(), {"--out", path});
    const ProcessResult result = run(arguments);
    INFO(result.err);
    CHECK(result.exit_code == 0);
    CHECK(result.err == "wrote " + path + " and its signature " + path + ".sig\n");
    return path;
  }
  /// Without a coordinator, and without a configuration.
  [[nodiscard]] ProcessResult verify(const std::string& path, Texts more = {}) const {
    more.insert(more.begin(), {"report", "verify", path, "--keys", keys});
    return run(more, {{"CHIPLOC_CONFIG", (world.folder / "none.toml").string()}});
  }
};

TEST_CASE("chiploc report fleet: made in every form, and each verifies offline", "[cli][program][reports]") {
  const ReportCli cli;
  for (const char* name : {"fleet.json", "fleet.csv", "fleet.geojson", "fleet.pdf"}) {
    const std::string path = cli.made({"fleet"}, name);
    const ProcessResult result = cli.verify(path);
    INFO(result.err);
    CHECK(result.exit_code == 0);
    CHECK(has(result.out, path + ": proved\nwhat         fleet report, as "));
    CHECK(has(result.out, "as of        2026-09-21 14:13:20Z\n"));
  }
  const json report = json::parse(read_file(cli.world.folder / "fleet.json"));
  CHECK(report["chips"].size() == 3);
  CHECK(report["chips"][0]["compliance"] == "proved");
  CHECK(report["chips"][1]["compliance"] == "not proved");
  CHECK(report["totals"]["never_measured"] == 2);
  const json said = json::parse(cli.verify((cli.world.folder / "fleet.pdf").string(), {"-o", "json"}).out);
  CHECK(said["proved"] == true);
  CHECK(said["kind"] == "fleet");
  CHECK(said["form"] == "pdf");
  CHECK(said["subject"].is_null());
  CHECK(said["json_sha256"] ==
        json::parse(cli.verify((cli.world.folder / "fleet.json").string(), {"-o", "json"}).out)["sha256"]);
}

TEST_CASE("chiploc report verify: what was changed, another's key, and files that are not there",
          "[cli][program][reports]") {
  ReportCli cli;
  const std::string path = cli.made({"fleet"}, "fleet.csv");
  const std::string whole = read_file(path), signature = read_file(path + ".sig");
  cli.world.folder.write("fleet.csv", whole + " ");
  ProcessResult result = cli.verify(path);
  CHECK(result.exit_code == 18);
  CHECK(result.out.empty());
  CHECK(has(result.err, "fleet.csv: not proved: the file is not the one that was signed"));
  cli.world.folder.write("fleet.csv", whole);
  cli.world.folder.write("fleet.csv.sig", "x" + signature);
  CHECK(cli.verify(path).exit_code == 65);
  std::string other = signature;
  other.replace(other.find("kind fleet"), 10, "kind order");
  cli.world.folder.write("fleet.csv.sig", other);
  result = cli.verify(path);
  CHECK(result.exit_code == 18);
  CHECK(has(result.err, "somebody changed it"));
  cli.world.folder.write("elsewhere.sig", signature);
  CHECK(cli.verify(path, {"--sig", (cli.world.folder / "elsewhere.sig").string()}).exit_code == 0);
  // A peer's list; and a list on which the key had ended before.
  const auto peer = key_from_ed25519_seed(ByteArray<32>{9}).value();
  const std::string list = read_file(cli.keys);
  cli.world.folder.write("elsewhere.toml", "[[coordinator]]\nname = \"peer\"\npublic_key = \"" +
                                               to_hex(peer->public_key().raw_ed25519().value()) + "\"\n");
  cli.world.folder.write("fleet.csv.sig", signature);
  cli.keys = (cli.world.folder / "elsewhere.toml").string();
  result = cli.verify(path);
  CHECK(result.exit_code == 18);
  CHECK(has(result.err, "which is not on the list of keys: either another's"));
  cli.world.folder.write("elsewhere.toml", list + "until = \"2026-09-21T14:13:20Z\"\n");
  result = cli.verify(path);
  CHECK(result.exit_code == 18);
  CHECK(has(result.err, "when its key signed nothing"));
  cli.world.folder.write("elsewhere.toml", "[[coordinator]]\npublic_key = 7\n");
  CHECK(cli.verify(path).exit_code == 78);
  cli.keys = (cli.world.folder / "none.toml").string();
  CHECK(cli.verify(path).exit_code == 66);
  CHECK(cli.run({"report", "verify", "none.pdf", "--keys", cli.keys}).exit_code == 66);
  CHECK(cli.run({"report", "verify", path}).exit_code == 64);
}

TEST_CASE("chiploc report operator, order, act: whose chips, and what is refused",
          "[cli][program][reports]") {
  ReportCli cli;
  const std::string admin = cli.config;
  cli.config = cli.person("eve", cli.world.example_reader);
  const json own = json::parse(read_file(cli.made({"operator"}, "own.json")));
  CHECK(own["report"]["subject"] == "Example SA");
  CHECK(own["report"]["scope"] == "chips of Example SA");
  REQUIRE(own["chips"].size() == 1);
  CHECK(own["chips"][0]["chip_id"] == kChipB);
  CHECK(json::parse(read_file(cli.made({"fleet"}, "fleet.json")))["chips"].size() == 1);
  cli.config = admin;
  const auto refused = [&](Texts arguments) {
    arguments.insert(arguments.begin(), "report");
    arguments.insert(arguments.end(), {"--out", (cli.world.folder / "no.json").string()});
    const ProcessResult result = cli.run(arguments);
    CHECK_FALSE(std::filesystem::exists(cli.world.folder / "no.json"));
    CHECK_FALSE(std::filesystem::exists(cli.world.folder / "no.json.part"));
    CHECK_FALSE(std::filesystem::exists(cli.world.folder / "no.json.sig"));
    return std::to_string(result.exit_code) + " " + result.err;
  };
  CHECK(has(refused({"operator"}), "64 "));
  CHECK(has(refused({"order", "O-9"}), "66 "));
  CHECK(has(refused({"act", "--case", "7"}), "69 "));
  CHECK(has(refused({"act", "--case", "7"}), "keeps no cases"));
  CHECK(has(refused({"act", "--case", "x"}), "64 "));
  CHECK(has(refused({"act"}), "64 "));
  CHECK(has(refused({"fleet", "--as-of", "soon"}), "--as-of: \"soon\" is no time"));
  CHECK(has(refused({"fleet", "--as-of", "2031-01-01"}), "in the future"));
  const ProcessResult form = cli.run({"report", "fleet", "--out", (cli.world.folder / "fleet.doc").string()});
  CHECK(form.exit_code == 64);
  CHECK(has(form.err, "the name has to end in .json, .csv, .geojson or .pdf"));
  CHECK(cli.run({"report", "fleet", "--out", "/nowhere/at/all.json"}).exit_code == 64);
  CHECK(cli.made({"operator", "--holder", "example sa"}, "example.pdf").size() > 4);
  const json then = json::parse(read_file(cli.made({"fleet", "--as-of", "2026-09-20"}, "then.json")));
  CHECK(then["report"]["as_of"] == "2026-09-20T00:00:00Z");
  CHECK(then["chips"][0]["status"].is_null());
  CHECK(then["totals"]["never_measured"] == 3);
}

TEST_CASE("chiploc report fleet: many pieces arrive as one file", "[cli][program][reports]") {
  Cli cli;
  std::vector<std::string> chips;
  for (int i = 0; i < 300; ++i) chips.push_back(chip_id("bb" + std::to_string(100 + i)));
  cli.world.import(chips);
  const std::string keys = (cli.world.folder / "keys.toml").string();
  cli.world.folder.write("keys.toml", cli.out({"report", "keys"}));
  const std::string path = (cli.world.folder / "fleet.json").string();
  REQUIRE(cli.run({"report", "fleet", "--out", path}).exit_code == 0);
  CHECK(std::filesystem::file_size(path) > 2 * 65'536);  // pieces of 64 KiB
  CHECK(cli.run({"report", "verify", path, "--keys", keys}).exit_code == 0);
}

TEST_CASE("chiploc summary: the day on one screen", "[cli][program][summary]") {
  const ReportCli cli;
  const std::string text = cli.out({"summary"});
  CHECK(has(text,
            "as of 2026-09-21 14:13:20Z; changes since 2026-09-20 14:13:20Z\n\n"
            "3 chips, of which 2 never measured\n"
            "  STATUS     CHIPS  TO  FROM\n"));
  CHECK(has(text, "  compliant      1  +1\n"));
  CHECK(has(text, "\nCases and orders' holds are not kept by this coordinator\n"));
  CHECK(has(text, " out within 14 days, or should be done already\n"));
  CHECK(has(text, "anchors are not well\n"));
  CHECK(std::count(text.begin(), text.end(), '\n') < 40);
  const json record =
      json::parse(cli.out({"summary", "--since", "2026-09-14", "--soon", "30", "-o", "json"}));
  CHECK(record["chips"] == 3);
  CHECK(record["never_measured"] == 2);
  CHECK(record["statuses"]["compliant"]["entered"] == 1);
  CHECK(cli.run({"summary", "--since", "soon"}).exit_code == 64);
  CHECK(cli.run({"summary", "--soon", "0"}).exit_code == 64);
  CHECK(cli.run({"summary", "--soon", "400"}).exit_code == 64);
}

}  // namespace
}  // namespace chiploc::test
