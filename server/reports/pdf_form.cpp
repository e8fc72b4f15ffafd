// A report as PDF: laid out twice, once to count the pages and once on paper.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "proto/base/joined.hpp"
#include "proto/base/safe_text.hpp"
#include "proto/base/time_text.hpp"
#include "server/picture/font.hpp"
#include "server/picture/inks.hpp"
#include "server/reports/forms.hpp"
#include "server/reports/pdf_paper.hpp"
#include "server/reports/report_kinds.hpp"
#include "server/reports/report_map.hpp"

namespace chiploc {
namespace {

constexpr double kMargin = 48.0;
constexpr double kRoom = PdfPaper::kWidth - 2.0 * kMargin;
constexpr double kFoot = PdfPaper::kHeight - 54.0;  // nothing but the foot below
constexpr double kLabelRoom = 150.0;
constexpr double kMapHeight = 250.0;
constexpr double kWordsSize = 9.0;
constexpr double kSmallSize = 7.5;

/// Lines no wider than `room`, broken at blanks; a word that is wider by itself is broken where it has to be. All of
/// the text: nothing is left out, and no hyphen comes in.
std::vector<std::string> all_lines(std::string_view text, double size, double room) {
  std::vector<std::string> lines(1);
  const double blank = width_of(" ", size);
  double width = 0.0;  // of the last line; letters stand side by side, so widths add up
  const auto put = [&](std::string_view word) {
    double more = width_of(word, size);
    if (!lines.back().empty()) {
      if (width + blank + more <= room) {
        lines.back().append(" ").append(word);
        width += blank + more;
        return;
      }
      lines.emplace_back();
    }
    while (more > room) {
      std::string_view rest = word;
      std::size_t taken = 0;
      for (double so_far = 0.0; !rest.empty();) {
        const std::string_view before = rest;
        (void)take_code_point(rest);
        so_far += width_of(before.substr(0, before.size() - rest.size()), size);
        if (taken > 0 && so_far > room) break;
        taken = word.size() - rest.size();
      }
      lines.back() = std::string{word.substr(0, taken)};
      word.remove_prefix(taken);
      more = width_of(word, size);
      if (!word.empty()) lines.emplace_back();
    }
    lines.back().append(word);
    width = more;
  };
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end > 0) put(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

/// What a person sees of nothing.
std::string shown_leaf(const Leaf& leaf) {
  std::string text = text_of(leaf);
  return text.empty() ? "-" : text;
}

/// Puts one thing under the other, page after page. Without paper it only counts pages.
class PdfLayout {
 public:
  PdfLayout(PdfPaper* paper, std::size_t pages, std::string foot)
      : paper_{paper}, pages_{pages}, foot_{std::move(foot)} {}

  /// A paragraph, whole on one page where it fits on one.
  void text(std::string_view words, double size, const Ink& ink, double indent = 0.0) {
    const auto lines = all_lines(words, size, kRoom - indent);
    need(height_of(lines.size(), size));
    for (const std::string& line : lines) put_line(line, size, ink, kMargin + indent);
  }
  void heading(std::string_view words) {
    space(10.0);
    need(60.0);  // and not alone at the end of a page
    text(words, 12.0, ink::kText);
    space(2.0);
  }
  void fact(const ReportFact& fact) {
    const auto lines = all_lines(shown_leaf(fact.value), kWordsSize, kRoom - kLabelRoom);
    need(height_of(lines.size(), kWordsSize));
    bool first = true;
    for (const std::string& line : lines) {
      if (first && paper_ != nullptr)
        paper_->words({kMargin, y_ + kWordsSize}, fact.label, kWordsSize, ink::kFaint);
      put_line(line, kWordsSize, ink::kText, kMargin + kLabelRoom);
      first = false;
    }
  }
  /// A row with many facts: a line that says which, and the facts below it.
  void card(std::string_view head, const Ink& ink, const std::vector<ReportFact>& facts) {
    const std::string flow = joined(
        facts, "   ", [](const ReportFact& fact) { return fact.label + ": " + shown_leaf(fact.value); });
    const auto lines = all_lines(flow, kSmallSize, kRoom - 8.0);
    need(height_of(1, kWordsSize) + height_of(lines.size(), kSmallSize) + 4.0);
    text(head, kWordsSize, ink);
    for (const std::string& line : lines) put_line(line, kSmallSize, ink::kFaint, kMargin + 8.0);
    space(4.0);
  }
  void map(const ReportTotals& totals) {
    if (totals.places.empty()) return;
    heading("Countries with chips that are proved to be there");
    need(kMapHeight + 8.0);
    if (paper_ != nullptr) {
      const Frame frame{kMargin, y_, kRoom, kMapHeight};
      paper_->draw(report_map(totals, frame), frame.x, frame.y, frame.width, frame.height);
    }
    y_ += kMapHeight + 8.0;
    text(
        "Green: chips are proved to be in that country. Orange and hatched: of some of them proofs say that they may "
        "not be there, or that is disputed. A number is how many chips; where in a country they are is not in this "
        "report. " +
            land_notice(),
        kSmallSize, ink::kFaint);
  }
  void space(double points) { y_ = std::min(y_ + points, kFoot); }
  /// How many pages there are by now.
  std::size_t end() {
    end_page();
    return page_ - 1;
  }

 private:
  static double line_height(double size) { return size * 1.35; }
  static double height_of(std::size_t lines, double size) {
    return static_cast<double>(lines) * line_height(size);
  }
  void need(double height) {
    if (y_ > kMargin && y_ + height > kFoot && height < kFoot - kMargin) end_page();
  }
  void put_line(std::string_view words, double size, const Ink& ink, double x) {
    if (y_ + line_height(size) > kFoot) end_page();
    if (paper_ != nullptr) paper_->words({x, y_ + size}, words, size, ink);
    y_ += line_height(size);
  }
  void end_page() {
    if (paper_ != nullptr) {
      paper_->line({kMargin, kFoot + 8.0}, {PdfPaper::kWidth - kMargin, kFoot + 8.0}, 0.5, ink::kRule);
      paper_->words({kMargin, kFoot + 20.0}, foot_, kSmallSize, ink::kFaint);
      paper_->words({kMargin, kFoot + 31.0},
                    "Page " + std::to_string(page_) + " of " + std::to_string(pages_), kSmallSize,
                    ink::kFaint);
      paper_->end_page();
    }
    ++page_;
    y_ = kMargin;
  }

  PdfPaper* paper_;
  std::size_t pages_;
  std::string foot_;
  std::size_t page_ = 1;
  double y_ = kMargin;
};

/// Which row it is: its first facts that are there.
std::string card_head(const std::vector<ReportFact>& facts) {
  std::vector<std::string> first;
  for (const ReportFact& fact : facts) {
    const std::string text = text_of(fact.value);
    if (!text.empty() && first.size() < 3 && text.size() <= 64) first.push_back(text);
  }
  return joined(first, "  ");
}

void lay_out_part(PdfLayout& layout, const ReportPart& part) {
  layout.heading(part.heading);
  for (const ReportFact& fact : part.facts) layout.fact(fact);
  for (const ReportTable& table : part.tables) {
    layout.heading(table.heading);
    if (table.rows.empty()) layout.text("none", kWordsSize, ink::kFaint);
    for (const auto& row : table.rows) {
      if (row.size() <= 3) {
        layout.fact({"", text_of(row.front().value), joined(row, ", ", [&](const ReportFact& fact) {
                       return &fact == &row.front() ? shown_leaf(fact.value)
                                                    : shown_leaf(fact.value) + " " + fact.label;
                     })});
      } else {
        layout.card(card_head(row), ink::kText, row);
      }
    }
  }
}

const Ink& ink_of(Compliance compliance) {
  switch (compliance) {
    case Compliance::kProved:
      return ink::kGood;
    case Compliance::kContradicted:
      return ink::kBad;
    default:
      return ink::kOpen;
  }
}

bool lay_out(PdfLayout& layout, const Report& report, const ReportTotals& totals, const EachChip& chips,
             const Digest& json) {
  const WallTime as_of = report.head.as_of;
  layout.text(title_of(report.head), 17.0, ink::kText);
  layout.text("as of " + utc_text(as_of) + ", made " + utc_text(report.head.made), kWordsSize, ink::kFaint);
  layout.space(4.0);
  layout.text(purpose_of(report.head.kind), kWordsSize, ink::kText);
  lay_out_part(layout, part_of(totals));
  layout.map(totals);
  for (const ReportPart& part : report.parts) lay_out_part(layout, part);
  layout.heading("Chips");
  if (totals.chips == 0) layout.text("none", kWordsSize, ink::kFaint);
  const bool read = chips([&](const ReportedChip& chip) {
    const Compliance compliance = compliance_of(chip, as_of);
    const std::string status{chip.status ? name_of(*chip.status) : "no status"};
    const std::string name = chip.serial.empty() ? chip.id.hex() : chip.serial;
    layout.card(name + "   " + status + "; compliance " + std::string{name_of(compliance)},
                ink_of(compliance), facts_of(chip, as_of));
  });
  layout.heading("How this report was made");
  for (const ReportFact& fact : facts_of(report.head)) layout.fact(fact);
  layout.fact({"", "SHA-256 of the JSON form", json.hex()});
  layout.text(
      "The coordinator signed this file; the signature is beside it, in a file of the same name with .sig. "
      "chiploc report verify FILE --keys KEYS says whether it is as it was signed, by which key, and when. No "
      "place finer than a country is in it, and nothing in it is an estimate.",
      kWordsSize, ink::kText);
  return read;
}

}  // namespace

bool write_pdf_form(const Report& report, const ReportTotals& totals, const EachChip& chips,
                    const Digest& json, const ByteSink& sink) {
  const std::string foot =
      "chiploc " + std::string{name_of(report.head.kind)} + " report, JSON SHA-256 " + json.hex();
  PdfLayout counting{nullptr, 0, foot};
  if (!lay_out(counting, report, totals, chips, json)) return false;
  const std::size_t pages = counting.end();
  PdfPaper paper{{title_of(report.head), "coordinator " + report.head.coordinator, utc_iso(report.head.made)},
                 sink};
  PdfLayout layout{&paper, pages, foot};
  if (!lay_out(layout, report, totals, chips, json)) return false;
  return layout.end() == pages && paper.finish();
}

}  // namespace chiploc
