// A scenario's report as one page.
#include "server/scenario/report_page.hpp"

#include "proto/crypto/digest.hpp"
#include "server/picture/html.hpp"
#include "server/scenario/scenario_output.hpp"
#include "tests/server/scenario/report_made.hpp"
#include "tests/support/markup.hpp"

namespace chiploc {
namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// The page without its first line, which is no element.
std::string root_of(const std::string& page) {
  REQUIRE(page.starts_with("<!DOCTYPE html>\n"));
  return page.substr(16);
}

const std::string kNasty =
    "</style></title><script>alert(1)</script><img src=x onerror=\"alert(2)\">&amp;'\"\x1b[31m";

TEST_CASE("report page: what was run, what was expected, and what came of it", "[scenario]") {
  MadeReport made;
  const std::string page = made.page();
  CHECK(test::markup_fault(root_of(page)).empty());
  for (const char* part : {"<h1>small</h1>", "One chip of two forges.", "It signs with another key.",
                           "forgery: ", "chiploc sim run small", "<dt>chiploc</dt><dd>1.2.3</dd>",
                           "<dt>networks</dt><dd>seeds 7</dd>", "\u2713 held", "F-1: at least 100 % flagged",
                           "The signature does not hold.", "1 of 1 expectations held", "<h2>Map</h2>",
                           "<h2>Timelines</h2>", "flagged 8 h"}) {
    CAPTURE(std::string{part});
    CHECK(has(page, part));
  }
  CHECK(has(page, "SHA-256 " + to_hex(sha256(bytes_of(kHead + kExpect + kLab)).bytes)));
  CHECK(has(page, "SHA-256 " +
                      to_hex(sha256(bytes_of(json_of(made.file, report_of(made.file, made.runs)))).bytes)));
  CHECK_FALSE(has(page, "<h2>Power</h2>"));  // nothing is varied
  CHECK(made.page() == page);
}

TEST_CASE("report page: what did not hold is said in words", "[scenario]") {
  MadeReport made;
  made.runs.front().runs.front().chips[1].turns[1].flagged = false;
  made.runs.front().runs.front().chips[1].detected.reset();
  const std::string page = made.page();
  CHECK(has(page, "0 of 1 expectations held"));
  CHECK(has(page, "\u2717 not held"));
  CHECK_FALSE(has(page, "flagged 8 h"));
}

TEST_CASE("report page: it loads nothing and runs nothing", "[scenario]") {
  MadeReport made;
  const std::string page = made.page();
  for (const char* part : {"<script", "src=", "href=", "url(", "@import", " onload", " style=\""}) {
    CAPTURE(std::string{part});
    CHECK_FALSE(has(page, part));
  }
  // Its policy names its one style by digest, and nothing else.
  const std::size_t from = page.find("<style>") + 7, until = page.find("</style>");
  CHECK(page.find("<style>", from) == std::string::npos);
  CHECK(has(page, "content=\"default-src 'none'; style-src " +
                      policy_digest(page.substr(from, until - from)) +
                      "; base-uri 'none'; form-action 'none'\""));
}

TEST_CASE("report page: every text from a file is escaped", "[scenario]") {
  MadeReport made;
  LabFile& lab = made.file.points.front().lab;
  made.file.name = made.file.about = made.file.story = kNasty;
  made.file.path = "a<b>.toml";
  made.file.expectations.front().why = kNasty;
  made.file.expectations.front().chips = kNasty;
  for (LabAnchor& anchor : lab.anchors) anchor.name = kNasty;
  for (LabChip& chip : lab.chips) chip.serial = chip.site_name = kNasty;
  for (LabEvent& event : lab.events) std::get<LabChip>(event.after).serial = kNasty;
  for (ChipOutcome& chip : made.runs.front().runs.front().chips) {
    chip.serial = chip.order = kNasty;
    for (ChipTurn& turn : chip.turns) turn.state = turn.behaviour = kNasty;
  }
  made.runs.front().point = {{"k", "\"" + kNasty + "\""}};
  // Of a file that was read, no text holds bytes that are no UTF-8; of the rest any may.
  const std::string bytes = kNasty + "\xff";
  made.file.text = bytes + "\r\n\ttab\n]]>";
  const std::string page = made.page({bytes, bytes, ""});
  CHECK(test::markup_fault(root_of(page)).empty());
  for (const char* part : {"<script", "<img", "\x1b", "\xff", "]]>"}) {
    CAPTURE(std::string{part});
    CHECK_FALSE(has(page, part));
  }
  CHECK(has(page, "&lt;script&gt;alert(1)"));
  CHECK(has(page, "\n    tab\n]]&gt;</pre>"));  // lines of the file stay lines
}

TEST_CASE("report page: a sweep has its curve, and timelines of its first points", "[scenario]") {
  MadeReport made;
  made.file.sweep.axes = {{.key = "network.loss",
                           .about = "what is lost",
                           .values = {"0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7", "0.8"}}};
  const ScenarioPoint point = made.file.points.front();
  const PointRuns runs = made.runs.front();
  made.file.points.clear();
  made.runs.clear();
  for (const std::string& value : made.file.sweep.axes.front().values) {
    made.file.points.push_back(point);
    made.file.points.back().settings = {{"network.loss", value}};
    made.runs.push_back(runs);
    made.runs.back().point = {{"network.loss", value}};
    made.runs.back().index = made.runs.size() - 1;
  }
  const std::string page = made.page({"c", "v", "network.loss"});
  CHECK(test::markup_fault(root_of(page)).empty());
  CHECK(has(page, "<h2>Power</h2>"));
  CHECK(has(page, "network.loss: what is lost"));
  CHECK(has(page, "network.loss = 0.6; seed 7"));
  CHECK_FALSE(has(page, "network.loss = 0.7; seed 7"));
  CHECK(has(page, "of the first 6 of 8 points is shown"));
  CHECK(has(page, "<td>network.loss = 0.8</td>"));
}

TEST_CASE("report page: where the short form leaves points out, each is drawn by its own lab", "[scenario]") {
  MadeReport made;
  made.file.sweep.axes = {
      {.key = "order.O.chips", .about = "how many", .values = {"1", "2"}, .short_values = {"2"}}};
  const ScenarioPoint two = made.file.points.front();
  ScenarioPoint one = two;  // a chip less, and all of it elsewhere
  one.lab.chips.pop_back();
  one.lab.events.clear();
  one.lab.chips[0].site_name = "Nowhere";
  one.horizon = std::chrono::hours{3};
  made.file.points = {one, two};
  made.runs.front().index = 1;
  const std::string page = made.page({"c", "v", ""});
  CHECK(has(page, "2 chips, 3 anchors, told up to 30 h"));
  CHECK(has(page, "cheats from 3 h to 20 h"));  // of the second chip, which the first point has not
  CHECK(has(page, "Parramatta"));
  CHECK_FALSE(has(page, "Nowhere"));
  PointRuns both = made.runs.front();
  both.index = 0;
  both.runs.front().chips.resize(1);
  made.runs.insert(made.runs.begin(), both);
  CHECK(has(made.page({"c", "v", ""}), "1 to 2 chips, 3 anchors, told up to 3 h"));
}

TEST_CASE("report page: pictures on one page do not take each other's colours", "[scenario]") {
  MadeReport made;
  const std::string page = made.page();
  const std::string style = page.substr(page.find("<style>"), page.find("</style>") - page.find("<style>"));
  for (std::size_t at = style.find(".c1{"); at != std::string::npos; at = style.find(".c1{", at + 1)) {
    const std::size_t line = style.rfind('\n', at) + 1;
    CHECK(style.substr(line, at - line).starts_with("#picture"));
  }
  CHECK(has(style, "#picture1 .c1{"));
  CHECK(has(style, "#picture3 .c1{"));
  CHECK(has(page, "<figure id=\"picture3\">"));
}

}  // namespace
}  // namespace chiploc
