// PDF as somebody else's reader takes it: poppler's pdftotext.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "proto/crypto/digest.hpp"
#include "tests/server/reports/report_maker.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/command.hpp"
#include "tests/support/temp_dir.hpp"

namespace chiploc {
namespace {

using nlohmann::json;

std::string pdf_of(const Report& report, const std::vector<ReportedChip>& chips) {
  std::string out;
  const Digest digest = sha256(bytes_of(json_form(report, chips)));
  REQUIRE(write_pdf_form(report, totals_of(chips), each_of(chips), digest,
                         [&](std::string_view bytes) { out += bytes; }));
  return out;
}

/// Its text as a person may copy it; `how`: an option of pdftotext.
std::string text_in(const std::string& pdf, const std::string& how = "") {
  const TempDir folder;
  const auto file = folder.write("report.pdf", pdf);
  const Ran read = run(CHIPLOC_PDFTOTEXT " -enc UTF-8 " + how + " " + file.string() + " - 2>&1");
  CHECK(read.exit_code == 0);
  return read.output;
}

std::string without_blanks(std::string text) {
  text.erase(
      std::remove_if(text.begin(), text.end(),
                     [](char c) { return c == ' ' || c == '\n' || c == '\f' || c == '\r' || c == '\t'; }),
      text.end());
  return text;
}

void each_leaf(const json& node, const std::function<void(const std::string&)>& visit) {
  if (node.is_structured()) {
    for (const json& below : node) each_leaf(below, visit);
  } else if (node.is_string()) {
    visit(node.get<std::string>());
  } else if (!node.is_null()) {
    visit(node.dump());
  }
}

std::size_t pages_in(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\f'));
}

TEST_CASE("PDF form: every fact of the JSON is in its text, without a hyphen or a gap", "[pdf]") {
  const auto chips = some_chips();
  const OperatorFacts holder{
      .holder = "Example SA",
      .licences = {{"L-3", "Example SA", "User GmbH", "DE FR", "2026-01-01", "2026-12-31", 500, 8, ""}},
      .conditions = {{"C-1", "L-3", "third_party_test", "2026-05-01", ""}}};
  const OrderReportFacts order{
      .order = {"O-7", "L-3", "Exporter Inc", "Buyer Ltd", "User GmbH", "", "2026-02-01", 10, 8, 8},
      .deliveries = {{"D-1", "campus", "2026-03-01", "a court's order of 2026-02-20", 8, 8}}};
  for (const Report& report :
       {act_report(head_of(ReportKind::kAct, "elsewhere/O-17/campus#1"), act_facts()),
        fleet_report(head_of(ReportKind::kFleet)), order_report(head_of(ReportKind::kOrder, "O-7"), order),
        operator_report(head_of(ReportKind::kOperator, "Example SA"), holder)}) {
    const std::string pdf = pdf_of(report, chips);
    const std::string canonical = json_form(report, chips);
    for (const char* how : {"", "-layout", "-raw"}) {
      INFO(name_of(report.head.kind) << " " << how);
      const std::string text = without_blanks(text_in(pdf, how));
      std::size_t leaves = 0;
      each_leaf(json::parse(canonical), [&](const std::string& leaf) {
        ++leaves;
        INFO(leaf);
        CHECK(text.find(without_blanks(leaf)) != std::string::npos);
      });
      CHECK(leaves > 150);
      CHECK(text.find(sha256(bytes_of(canonical)).hex()) != std::string::npos);
    }
  }
}

TEST_CASE("PDF form: pages are numbered, and say how many there are", "[pdf]") {
  std::vector<ReportedChip> chips;
  for (unsigned i = 0; i < 120; ++i)
    chips.push_back(chip_of(i, ChipState::kCompliant, verdict_of(i, ReportedState::kVerified)));
  const std::string text = text_in(pdf_of(fleet_report(head_of(ReportKind::kFleet)), chips));
  const std::size_t pages = pages_in(text);
  CHECK(pages > 5);
  for (std::size_t page = 1; page <= pages; ++page) {
    const std::string said = "Page " + std::to_string(page) + " of " + std::to_string(pages);
    CHECK(text.find(said) != std::string::npos);
  }
  CHECK(text.find("SN-119") != std::string::npos);
}

TEST_CASE("PDF form: the same facts give the same bytes, dated by the document", "[pdf]") {
  const auto chips = some_chips();
  const Report report = fleet_report(head_of(ReportKind::kFleet));
  const std::string pdf = pdf_of(report, chips);
  CHECK(pdf == pdf_of(report, chips));
  CHECK(pdf.rfind("%PDF-1.5", 0) == 0);
  const TempDir folder;
  const Ran about =
      run("TZ=UTC " CHIPLOC_PDFINFO " -isodates " + folder.write("report.pdf", pdf).string() + " 2>&1");
  CHECK(about.output.find("CreationDate:    2026-09-21T14:13:25Z") != std::string::npos);
  CHECK(about.output.find("Title:           Record of location and end user") != std::string::npos);
  CHECK(about.output.find("Page size:       595 x 842 pts (A4)") != std::string::npos);
}

TEST_CASE("PDF form: UNRESOLVED, silence and what was never measured are written as not proved", "[pdf]") {
  const std::vector<ReportedChip> chips{
      chip_of(1, ChipState::kCompliant, verdict_of(1, ReportedState::kUnresolved)),
      chip_of(2, ChipState::kSilent, verdict_of(2, ReportedState::kSilent)), chip_of(3, ChipState::kPending)};
  const std::string text = text_in(pdf_of(fleet_report(head_of(ReportKind::kFleet)), chips), "-raw");
  CHECK(text.find("SN-1 compliant; compliance not proved") != std::string::npos);
  CHECK(text.find("SN-2 silent; compliance not proved") != std::string::npos);
  CHECK(text.find("SN-3 pending; compliance not proved") != std::string::npos);
  CHECK(text.find("compliance: proved") == std::string::npos);
  CHECK(text.find("Countries with chips") == std::string::npos);  // no map of nothing
}

TEST_CASE("PDF form: names that act on a display, or are no text, are shown harmlessly", "[pdf]") {
  auto chips = some_chips();
  chips[0].serial = "SN\n1\x1b[31m\xff";
  chips[1].serial = "(\\) endstream endobj";
  const std::string text = text_in(pdf_of(fleet_report(head_of(ReportKind::kFleet)), chips), "-raw");
  CHECK(text.find("SN?1?[31m?") != std::string::npos);
  CHECK(text.find("(\\) endstream endobj") != std::string::npos);
}

// Writes one to be looked at: CHIPLOC_PICTURES=FOLDER reports_test "[look]".
TEST_CASE("PDF form: to be looked at", "[.][look]") {
  const char* const folder = std::getenv("CHIPLOC_PICTURES");
  REQUIRE(folder != nullptr);
  std::ofstream{std::string{folder} + "/act.pdf", std::ios::binary}
      << pdf_of(act_report(head_of(ReportKind::kAct, "elsewhere/O-17/campus#1"), act_facts()), some_chips());
}

}  // namespace
}  // namespace chiploc
