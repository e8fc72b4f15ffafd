// `chiploc sim` as a function: what it prints, and its exit codes.
#include "server/scenario/sim_command.hpp"

#include <csignal>
#include <fstream>
#include <iterator>

#include "server/scenario/scenario_library.hpp"
#include "tests/server/scenario/scenario_text.hpp"
#include "tests/support/markup.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/told.hpp"

namespace chiploc {
namespace {

test::Told sim(const std::vector<std::string>& arguments) {
  return test::told([&] { return run_sim_command(arguments); });
}

bool has_text(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string content_of(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

const std::string kSweepLoss = R"([[sweep]]
key = "network.loss"
about = "share that vanishes"
values = [0.0, 0.05]
[network]
loss = 0.005
)";

TEST_CASE("chiploc sim run: 0 where all holds, 1 where something does not", "[scenario]") {
  const TempDir folder;
  const std::string good = folder.write("good.toml", kHead + kExpect + kLab).string();
  const std::string days = (folder / "days.csv").string();
  const test::Told told = sim({"run", good, "--short", "--chip-days", days});
  CAPTURE(told.out, told.err);
  CHECK(told.code == 0);
  CHECK(has_text(told.out, "1 point, 1 run each"));
  CHECK(told.err.empty());
  CHECK(has_text(content_of(days), "\nsmall,1,1,F-1,,0,"));
  std::string text = kHead + kExpect + kLab;
  text.replace(text.find("flagged_at_least = 1.0"), 22, "flagged_at_most = 0.25");
  const test::Told fails =
      sim({"run", folder.write("bad.toml", text).string(), "--seeds", "3..4", "-o", "json"});
  CHECK(fails.code == 1);
  CHECK(has_text(fails.out, "\"holds\": false"));
  CHECK(has_text(
      fails.err,
      "chiploc sim: small: does not hold: F-1: at most 25 % flagged: 2 of 2 trials, 100.0 % (34.2 to "
      "100.0); first F-1, seed 3: INVALID"));
}

TEST_CASE("chiploc sim: 64 for a wrong call, 78 for a fault in the file", "[scenario]") {
  const TempDir folder;
  CHECK(sim({}).code == 64);
  CHECK(sim({"rum"}).code == 64);
  CHECK(sim({"run", (folder / "none.toml").string()}).code == 64);
  const std::string good = folder.write("good.toml", kHead + kExpect + kLab).string();
  CHECK(sim({"run", good, "--seeds", "4..2"}).code == 64);
  CHECK(sim({"run", good, "--short", "--seeds", "2"}).code == 64);
  CHECK(sim({"run", good, "--threads", "0"}).code == 64);
  CHECK(sim({"run", good, "-o", "xml"}).code == 64);
  CHECK(has_text(sim({"run", good, "--chip-days", "/nonexistent/x.csv"}).err,
                 "/nonexistent/x.csv: cannot be written"));
  CHECK(has_text(sim({"sweep", good}).err, "has no [[sweep]]"));
  CHECK(sim({"list", "--library", "/nonexistent"}).code == 64);
  const test::Told faulty = sim({"run", folder.write("faulty.toml", kHead + kLab + "[[sweep]]\n").string()});
  CHECK(faulty.code == 78);
  CHECK(has_text(faulty.err, "scenario.name: the scenario expects nothing"));
}

TEST_CASE("chiploc sim sweep: the curve and its figures", "[scenario]") {
  const TempDir folder;
  const std::string file = folder.write("s.toml", kHead + kExpect + kSweepLoss + kLab).string();
  const std::string svg = (folder / "s.svg").string(), csv = (folder / "s.csv").string();
  const test::Told told = sim({"sweep", file, "--short", "--curve", svg, "--csv", csv, "--threads", "2"});
  CAPTURE(told.err);
  CHECK(told.code == 0);
  CHECK(has_text(content_of(svg), "<svg"));
  CHECK(has_text(content_of(csv), "\nsmall,2,0.05,1,1,1,1,"));
  CHECK(sim({"sweep", file, "--key", "network.burst"}).code == 64);
}

TEST_CASE("chiploc sim --html: one page, the same for the same seeds", "[scenario]") {
  const TempDir folder;
  const std::string file = folder.write("s.toml", kHead + kExpect + kSweepLoss + kLab).string();
  const std::string one = (folder / "1.html").string(), two = (folder / "2.html").string(),
                    other = (folder / "3.html").string();
  CHECK(sim({"sweep", file, "--short", "--html", one, "--threads", "1"}).code == 0);
  CHECK(sim({"sweep", file, "--short", "--html", two, "--threads", "2", "--csv", (folder / "s.csv").string()})
            .code == 0);
  const std::string page = content_of(one);
  CHECK(page == content_of(two));
  CHECK(test::markup_fault(page.substr(16)).empty());
  CHECK(has_text(page, "<code>chiploc sim sweep " + file + " --short</code>"));
  CHECK(has_text(page, "[[sweep]]\nkey = &quot;network.loss&quot;"));
  CHECK(has_text(page, "<h2>Power</h2>"));
  CHECK(sim({"run", file, "--seeds", "2", "--html", other}).code == 0);
  CHECK(content_of(other) != page);
  CHECK(has_text(content_of(other), "<dd>seeds 1 to 2</dd>"));
}

TEST_CASE("chiploc sim --html: its command is one that a shell takes, whatever the file is called",
          "[scenario]") {
  const TempDir folder;
  const std::string file = folder.write("it's $(s) .toml", kHead + kExpect + kLab).string();
  const std::string html = (folder / "x.html").string();
  CHECK(sim({"run", file, "--short", "--html", html}).code == 0);
  const std::string quoted = "'" + folder.path().string() + "/it'\\''s $(s) .toml'";
  std::string escaped;
  for (const char c : quoted) escaped += c == '\'' ? "&#39;" : std::string{c};
  const std::string page = content_of(html);
  CAPTURE(page.substr(page.find("<code>"), 200));
  CHECK(has_text(page, "<code>chiploc sim run " + escaped + " --short</code>"));
}

TEST_CASE("chiploc sim: no text of a file acts on the terminal that is told of it", "[scenario]") {
  const TempDir folder;
  std::string text = kHead + kExpect + kLab;
  text.replace(text.find("name = \"small\""), 14, "name = \"sm\\u001b[2Jall\"");
  text.replace(text.find("flagged_at_least = 1.0"), 22, "flagged_at_most = 0.25");
  const std::string file = folder.write("s.toml", text).string();
  for (const std::string& form : {std::string{"table"}, std::string{"markdown"}}) {
    const test::Told told = sim({"run", file, "--short", "-o", form});
    CAPTURE(told.out, told.err);
    CHECK(told.code == 1);
    CHECK(has_text(told.err, "chiploc sim: sm?[2Jall: does not hold: "));
    CHECK_FALSE(has_text(told.out + told.err, "\x1b"));
  }
  CHECK_FALSE(has_text(sim({"explain", file}).out, "\x1b"));
}

TEST_CASE("chiploc sim cost: its options reach it", "[scenario]") {
  const TempDir folder;
  const std::string policy = folder.write("p.toml", "[policy]\n[scheduler]\ncadence_s = 86400\n").string();
  const test::Told told =
      sim({"cost", policy, "--chips", "50", "--months", "2", "--distance-km", "30", "--anchors", "3",
           "--margin-km", "77", "--without", "absence,key", "--key", "memory", "-o", "json"});
  CHECK(told.code == 0);
  for (const char* part : {"\"chips\": 50.0", "\"months\": 2.0", "\"distance_km\": 30.0", "\"anchors\": 3",
                           "\"margin_km\": 77.0", "\"key_in_memory\": true", "\"absence\",\n    \"key\""})
    CHECK(has_text(told.out, part));
  CHECK(sim({"cost"}).code == 64);
  CHECK(sim({"cost", policy, "--chips", "0"}).code == 64);
  CHECK(sim({"cost", policy, "--months", "nan"}).code == 64);
  CHECK(sim({"cost", policy, "--key", "paper"}).code == 64);
}

TEST_CASE("chiploc sim run --without: what is switched off is not seen, and what needs it fails",
          "[scenario]") {
  const TempDir folder;
  const std::string file = folder.write("s.toml", kHead + kExpect + kLab).string();
  const test::Told without = sim({"run", file, "--short", "--without", "invalid"});
  CHECK(without.code == 1);
  CHECK(has_text(without.out, "detected      0.0 %"));
  CHECK_FALSE(has_text(without.out, "by invalid"));
  const test::Told others = sim({"run", file, "--short", "--without", "region", "--without", "fleet"});
  CHECK(others.code == 0);
  CHECK(has_text(others.out, "by invalid    100.0 %"));
  CHECK(sim({"run", file, "--without", "regions"}).code == 64);
}

TEST_CASE("chiploc sim run --all: every file of the library, a row each; 1 where one does not hold",
          "[scenario]") {
  const TempDir folder;
  std::string other = kHead + kExpect + kLab;
  other.replace(other.find("flagged_at_least = 1.0"), 22, "flagged_at_most = 0.25");
  folder.write("a.toml", kHead + kExpect + kLab);
  folder.write("b.toml", other);
  const std::string library = folder.path().string();
  const test::Told told = sim({"run", "--all", "--short", "--library", library, "-o", "markdown"});
  CAPTURE(told.out, told.err);
  CHECK(told.code == 1);
  CHECK(std::count(told.out.begin(), told.out.end(), '\n') == 4);
  CHECK(told.out.find("| scenario |") == 0);
  CHECK(has_text(told.out, " | yes |\n| `small` | 1 |"));
  CHECK(has_text(told.out, " | no |\n"));
  CHECK(sim({"run", "--all", "--short", "--library", library, "-o", "csv"}).code == 64);
  CHECK(sim({"run", "--all", "a"}).code == 64);
  CHECK(sim({"run"}).code == 64);
}

TEST_CASE("chiploc sim sweep --roc: refused before anything is run where no curve could come of it",
          "[scenario]") {
  const TempDir folder;
  const std::string file = folder.write("s.toml", kHead + kExpect + kSweepLoss + kLab).string();
  const std::string svg = (folder / "s.svg").string();
  const auto refused = [&](std::vector<std::string> more, const std::string& why) {
    more.insert(more.begin(), {"sweep", file, "--short"});
    const test::Told told = sim(more);
    CAPTURE(why, told.err);
    CHECK(told.code == 64);
    CHECK(told.out.empty());
    CHECK(has_text(told.err, why));
  };
  refused({"--roc", (folder / "s.png").string()}, "is to end with .svg or .csv");
  refused({"--roc", svg, "--detector", "region"}, "--detector");
  refused({"--detector", "baseline"}, "--roc");
  refused({"--roc", svg, "--detector", "cohort", "--without", "cohort"},
          "--detector cohort is switched off by --without");
  refused({"--roc", svg, "--without", "cohort", "--without", "baseline"},
          "every detector that has scores is switched off");
  CHECK_FALSE(std::filesystem::exists(svg));
}

TEST_CASE("chiploc sim sweep --roc: without scores it says so, and what became of the run stays said",
          "[scenario]") {
  const TempDir folder;
  std::string text = kHead + kExpect + kSweepLoss + kLab;
  const std::string file = folder.write("s.toml", text).string();
  const std::string svg = (folder / "s.svg").string();
  const test::Told holds = sim({"sweep", file, "--short", "--roc", svg, "--without", "baseline"});
  CHECK(holds.code == 69);
  CHECK(has_text(holds.err, "rounds of a cheat and of honest chips have no scores;"));
  text.replace(text.find("flagged_at_least = 1.0"), 22, "flagged_at_most = 0.25");
  const std::string bad = folder.write("bad.toml", text).string();
  const test::Told fails = sim({"sweep", bad, "--short", "--roc", svg});
  CHECK(fails.code == 1);
  CHECK(has_text(fails.err, "does not hold"));
  CHECK(has_text(fails.err, "have no scores;"));
  CHECK_FALSE(std::filesystem::exists(svg));
}

TEST_CASE("chiploc sim: what cannot be written is refused before the run, by 69", "[scenario]") {
  const TempDir folder;
  const std::string file = folder.write("s.toml", kHead + kExpect + kLab).string();
  for (const std::string& path : {std::string{"/nonexistent/x.html"}, folder.path().string(),
                                  folder.path().string() + "/", file + "/x.html"}) {
    const test::Told told = sim({"run", file, "--short", "--html", path});
    CAPTURE(path, told.err);
    CHECK(told.code == 69);
    CHECK(told.out.empty());
    CHECK(has_text(told.err, path + ": cannot be written; name another file"));
  }
}

TEST_CASE("chiploc sim: an interruption ends it with 130 and says nothing of a part", "[scenario]") {
  const TempDir folder;
  const std::string file = folder.write("s.toml", kHead + kExpect + kLab).string();
  const test::Told told = test::told_when_interrupted(SIGINT, [&] {
    return run_sim_command({"run", file, "--seeds", "1..200", "--threads", "1", "--html",
                            (folder / "x.html").string(), "--chip-days", (folder / "x.csv").string()});
  });
  CHECK_FALSE(std::filesystem::exists(folder / "x.html"));
  CHECK_FALSE(std::filesystem::exists(folder / "x.csv"));
  CHECK(told.code == 130);
  CHECK(told.out.empty());
  CHECK(has_text(told.err, "interrupted"));
}

TEST_CASE("chiploc sim list and explain: what there is, and what it is about", "[scenario]") {
  const TempDir folder;
  folder.write("b.toml", kHead + kExpect + kLab);
  folder.write("a.toml", kHead + kExpect + kLab);
  folder.write("notes.txt", "no scenario");
  const std::string library = folder.path().string();
  const test::Told list = sim({"list", "--library", library, "-o", "csv"});
  CHECK(list.code == 0);
  CHECK(list.out ==
        "name,attack,about\na,forgery,One chip of two forges.\nb,forgery,One chip of two forges.\n");
  CHECK(find_scenario("a", library) == folder / "a.toml");
  CHECK_FALSE(find_scenario("c", library).has_value());
  CHECK_FALSE(find_scenario("../a", library).has_value());
  CHECK(scenarios_in(folder.path()).size() == 2);
  const test::Told told = sim({"explain", "a", "--library", library});
  CHECK(told.code == 0);
  CHECK(has_text(told.out, "It signs with another key."));
  CHECK(has_text(told.out, "- F-1: at least 100 % flagged\n  The signature does not hold."));
  folder.write("c.toml", "[scenario]\nname = 3\n");
  CHECK(sim({"list", "--library", library}).code == 78);
}

}  // namespace
}  // namespace chiploc
