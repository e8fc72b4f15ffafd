// What a person is told of what an import or a removal brings about, and what stands apart in answers.
#include "tests/server/cli/cli_world.hpp"

namespace chiploc::test {
namespace {

TEST_CASE("chiploc import: what is no longer prohibited, and an anchor that moves, is said in so many words",
          "[cli][program][import]") {
  Cli cli;
  cli.world.import({kChipA});
  const TempDir& folder = cli.world.folder;
  const std::string none = folder.write("none.csv", "country\n").string();
  std::string csv = cli.world.files.anchors_csv();
  const std::size_t place = csv.find(",50.11,8.68,");
  REQUIRE(place != std::string::npos);
  const std::string anchors = folder.write("moved.csv", csv.replace(place, 12, ",50.11,9.68,")).string();
  const std::vector<std::string> files{"--prohibited", none, "--anchors", anchors};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), "import");
    more.insert(more.end(), files.begin(), files.end());
    return more;
  };
  const std::string id = cli.world.registry().get()->anchor("fra1")->id.hex();
  const std::vector<std::string> lines{
      "  prohibited     the list is emptied: nothing is prohibited any more; it was KP RU\n",
      "  prohibited KP  was prohibited, is not prohibited any more\n",
      "  anchor fra1    moves 71.5 km, from 50.11, 8.68 to 50.11, 9.68 (anchor id " + id +
          "): every proof with it rests on that place\n"};
  const std::string dry = cli.out(with({"--dry-run"}));
  const json told = json::parse(cli.out(with({"--dry-run", "-o", "json"})));
  const std::string real = cli.out(with({}));
  for (const std::string& line : lines) {
    CAPTURE(line, dry, real);
    CHECK(has(dry, line));
    CHECK(has(real, line));
  }
  REQUIRE(told["warnings_total"] == 4);
  CHECK(told["warnings"][1] == json{{"kind", "prohibited"},
                                    {"key", "KP"},
                                    {"problem", "was prohibited, is not prohibited any more"}});
  // The same again changes nothing, and says nothing.
  CHECK(json::parse(cli.out(with({"-o", "json"})))["warnings_total"] == 0);
}

TEST_CASE("chiploc remove chip: one that was never measured, by registrars and admins",
          "[cli][program][asking]") {
  Cli cli;
  cli.world.import({kChipA, kChipB, kChipC});
  cli.world.play_round(kChipA);
  const ProcessResult used = cli.run({"remove", "chip", "SN-0"});
  CHECK(used.exit_code == 69);
  CHECK(used.err ==
        "chiploc: chip " + kChipA +
            " is used by 1 round with what was signed in them; nothing was removed. That it no longer "
            "counts is said by its maker's revocation list (import --revocations) or by the end of its "
            "licence\n");
  CHECK(cli.run({"remove", "chip", "SN-9"}).exit_code == 66);
  for (const auto& [name, who] :
       std::vector<std::pair<std::string, Credentials>>{{"reader", cli.world.reader},
                                                        {"vic", cli.world.verifier},
                                                        {"eve", cli.world.auditor},
                                                        {"rex", cli.world.example_registrar}}) {
    cli.config = cli.person(name, who);
    CHECK(cli.run({"remove", "chip", "SN-2"}).exit_code == 77);
  }
  CHECK(cli.world.registry().get()->chips().size() == 3);
  cli.config = cli.person("reg", cli.world.registrar);
  CHECK(cli.out({"remove", "chip", "sn-2"}) == "removed: chip " + kChipC + "\n");
  CHECK(cli.run({"chip", "show", "SN-2"}).exit_code == 66);
  CHECK(lines_of(cli.run({"chip", "list", "-o", "ndjson"}).out).size() == 2);
  CHECK(has(cli.out({"imports", "--limit", "1"}), "chips " + kChipC + "\n"));
}

TEST_CASE("chiploc verdict map: areas of then are drawn, changed ones named", "[cli][program]") {
  Cli cli;
  cli.world.import({kChipA});
  const TempDir& folder = cli.world.folder;
  const std::string box =
      R"({"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [[[8,50],[8.5,50],[8.5,50.5],[8,50.5],[8,50]]]}})";
  const auto import = [&](const std::string& rows) {
    CHECK(cli.run({"import", "--territories", folder.write("t.json", "[" + rows + "]").string()}).exit_code ==
          0);
  };
  const auto row = [](const std::string& name, const std::string& drawing) {
    return R"({"name": ")" + name + R"(", "countries": [], "geojson": )" + drawing + "}";
  };
  import(row("campus", box) + "," + row("zone", box));
  cli.world.rounds().licensed_areas = {"campus"};
  cli.world.rounds().prohibited_areas = {"zone"};
  cli.world.play_round(kChipA);
  const auto drawn = [&] {
    const std::string file = (folder / "v.svg").string();
    CHECK(
        cli.out({"verdict", "map", "SN-0", "--svg", file, "--out", (folder / "v.geojson").string()}).empty());
    return read_file(file);
  };
  const std::string both = drawn();
  CHECK(has(both, "class=\"area licensed "));
  CHECK(has(both, "class=\"area prohibited "));
  CHECK_FALSE(has(both, "Not drawn"));
  CHECK_FALSE(has(read_file(folder / "v.geojson"), "campus"));  // GeoJSON is the verdict alone
  std::string other = box;
  other.replace(other.find("50.5"), 4, "50.6").replace(other.find("50.5"), 4, "50.6");
  import(row("zone", other));
  const std::string one = drawn();
  CHECK(has(one, "class=\"area licensed "));
  CHECK_FALSE(has(one, "class=\"area prohibited "));
  CHECK(has(one, "Not drawn, since changed or removed"));
}

TEST_CASE("chiploc status: what goes up and down stands apart from what is counted",
          "[cli][program][asking]") {
  Cli cli;
  cli.world.import({kChipA, kChipB, kChipC});
  cli.world.play_round(kChipA);
  const json status = json::parse(cli.out({"status", "-o", "json"}));
  for (const char* gauge : {"anchors_certificate_ending", "certificate_days_left", "revocation_list_stale",
                            "revocation_list_certificates", "revocation_list_refused"}) {
    CAPTURE(gauge);
    CHECK(status["gauges"].contains(gauge));
    CHECK_FALSE(status["counters"].contains(gauge));
  }
  CHECK(status["counters"].contains("reports_rejected"));
  CHECK(status["gauges"].size() == 10);
  const std::string table = cli.out({"status"});
  const std::size_t counted = table.find("\n\ncounted since the start:\nNAME ");
  REQUIRE(counted != std::string::npos);
  CHECK(table.find("\ncertificate_days_left ") < counted);
  CHECK(table.find("\nreports_rejected ") > counted);
  CHECK(has(cli.out({"status", "-o", "csv"}), "\nanchors_certificate_ending,"));
}

}  // namespace
}  // namespace chiploc::test
