#include "server/scenario/report_page.hpp"

#include <algorithm>

#include "proto/crypto/digest.hpp"
#include "server/picture/html.hpp"
#include "server/picture/svg.hpp"
#include "server/scenario/figure_text.hpp"
#include "server/scenario/power_curve.hpp"
#include "server/scenario/report_map.hpp"
#include "server/scenario/report_timeline.hpp"
#include "server/scenario/scenario_output.hpp"

namespace chiploc {
namespace {

constexpr std::string_view kReportStyle = R"(
:root{color-scheme:light dark}
body{margin:0;background:#fff;color:#1b1f24;font:15px/1.45 "DejaVu Sans",Verdana,sans-serif}
main{max-width:1140px;margin:0 auto;padding:24px 20px 48px}
h1{font-size:26px;margin:0 0 2px}
h2{font-size:19px;margin:34px 0 8px;border-bottom:1px solid #c6ccd2;padding-bottom:3px}
p{margin:6px 0;max-width:78ch}
.about{font-size:17px}
.verdict{display:inline-block;margin:10px 0;padding:3px 12px;border:2px solid;font-weight:bold}
.good{color:#00734f}
.bad{color:#b3261e}
.faint{color:#59636e;font-size:13px}
table{border-collapse:collapse;width:100%;margin:8px 0;font-size:13px}
th,td{text-align:left;vertical-align:top;padding:4px 10px 4px 0;border-bottom:1px solid #dfe3e7}
th{font-weight:normal;color:#59636e}
td.right,th.right{text-align:right}
td.held{white-space:nowrap;font-weight:bold}
dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 16px;margin:8px 0;font-size:13px}
dt{color:#59636e}
dd{margin:0;overflow-wrap:anywhere}
code,pre{font-family:"DejaVu Sans Mono",monospace;font-size:12px}
pre{white-space:pre-wrap;overflow-wrap:anywhere;border:1px solid #dfe3e7;padding:10px}
figure{margin:8px 0;overflow-x:auto}
.drawing{display:block;max-width:100%;height:auto}
.wide{overflow-x:auto}
@media (prefers-color-scheme:dark){
body{background:#14181d;color:#e6e9ec}
h2{border-color:#3a424b}
th,dt,.faint{color:#9aa5b0}
th,td,pre{border-color:#3a424b}
.good{color:#4fd1a5}
.bad{color:#ff8a75}
}
@media print{
main{max-width:none;padding:0}
figure,tr{break-inside:avoid}
h2{break-after:avoid}
details{display:none}
}
)";

/// Escaped; lines stay lines.
std::string page_text(std::string_view text) {
  std::string out;
  while (true) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    while (line.ends_with('\r')) line.remove_suffix(1);
    for (std::size_t tab = line.find('\t'); tab != std::string_view::npos; tab = line.find('\t')) {
      out += xml_text(line.substr(0, tab)) + "    ";
      line.remove_prefix(tab + 1);
    }
    out += xml_text(line);
    if (end == std::string_view::npos) return out;
    out += '\n';
    text.remove_prefix(end + 1);
  }
}

/// Pictures of one page, whose styles do not meet: each has its classes for itself.
class Pictures {
 public:
  std::string add(const Drawing& drawing) {
    const std::string id = "picture" + std::to_string(++count_);
    const SvgParts parts = svg_parts(drawing);
    std::string_view rest = parts.style;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find('\n'), rest.size() - 1);
      const std::string_view line = rest.substr(0, end + 1);
      // Those of its inks, one a line (svg.cpp); what stands beside them is alike in all pictures.
      if (line.starts_with(".c") && line.size() > 2 && line[2] >= '0' && line[2] <= '9')
        style_ += "#" + id + " ";
      style_ += line;
      rest.remove_prefix(end + 1);
    }
    return "<figure id=\"" + id + "\">\n" + parts.picture + "</figure>\n";
  }
  [[nodiscard]] const std::string& style() const { return style_; }

 private:
  std::size_t count_ = 0;
  std::string style_;
};

std::string fact(std::string_view name, std::string_view value) {
  return "<dt>" + page_text(name) + "</dt><dd>" + page_text(value) + "</dd>\n";
}

std::string seeds_text(const std::vector<PointRuns>& runs) {
  const auto& first = runs.front().runs;
  return std::to_string(first.front().seed) +
         (first.size() == 1 ? "" : " to " + std::to_string(first.back().seed));
}

/// Of the point that these runs are of.
const ScenarioPoint& point_behind(const ScenarioFile& file, const PointRuns& runs) {
  return file.points.at(runs.index);
}

/// "5 chips", or "2 to 10 chips" where it depends on the point.
std::string chips_text(const ScenarioFile& file, const std::vector<PointRuns>& runs) {
  std::size_t least = point_behind(file, runs.front()).lab.chips.size(), most = least;
  for (const PointRuns& point : runs) {
    least = std::min(least, point_behind(file, point).lab.chips.size());
    most = std::max(most, point_behind(file, point).lab.chips.size());
  }
  return std::to_string(least) + (least == most ? "" : " to " + std::to_string(most)) + " chips";
}

std::string facts_of(const ScenarioFile& file, const std::vector<PointRuns>& runs,
                     const ScenarioReport& report, const ReportFacts& facts) {
  const ScenarioPoint& first = point_behind(file, runs.front());
  std::string_view attack;
  for (const auto& [name, about] : scenario_attacks()) {
    if (name == file.attack) attack = about;
  }
  const std::string figures = json_of(file, report);
  return "<dl>\n" + fact("attack", file.attack + ": " + std::string{attack}) + "<dt>command</dt><dd><code>" +
         page_text(facts.command) + "</code></dd>\n" +
         fact("lab", chips_text(file, runs) + ", " + std::to_string(first.lab.anchors.size()) +
                         " anchors, told up to " + duration_text(first.horizon)) +
         fact("points", std::to_string(runs.size())) + fact("networks", "seeds " + seeds_text(runs)) +
         fact("chiploc", facts.version) +
         fact("file", "SHA-256 " + to_hex(sha256(bytes_of(file.text)).bytes)) +
         fact("figures", "SHA-256 " + to_hex(sha256(bytes_of(figures)).bytes) + " (of -o json)") + "</dl>\n";
}

std::string expected_table(const ScenarioFile& file, const ScenarioReport& report) {
  std::string out =
      "<div class=\"wide\"><table>\n<thead><tr><th></th><th>Expected</th><th>What came of it</th><th>Why</th></tr></thead>\n"
      "<tbody>\n";
  for (std::size_t i = 0; i < report.judgements.size(); ++i) {
    const ExpectationJudgement& judgement = report.judgements[i];
    out += std::string{"<tr><td class=\"held "} +
           (judgement.holds ? "good\">\u2713 held" : "bad\">\u2717 not held") + "</td><td>" +
           page_text(text_of(file.expectations[i])) + "</td><td>" + page_text(judgement.figures) +
           "</td><td>" + page_text(file.expectations[i].why) + "</td></tr>\n";
  }
  return out + "</tbody></table></div>\n";
}

std::string median_cell(const std::vector<Nanoseconds>& times, const LabShare& share) {
  return share.trials == 0 ? "-" : time_of(times, share, 0.5);
}

std::string figures_table(const ScenarioReport& report) {
  std::string out = "<div class=\"wide\"><table>\n<thead><tr>";
  for (const char* head : {"Point", "Cheats flagged", "Median until", "Cheats alarmed", "Median until",
                           "Honest proved", "False flags", "Rounds", "Pings", "Wrong"})
    out += std::string{"<th>"} + head + "</th>";
  out += "</tr></thead>\n<tbody>\n";
  for (const PointFigures& point : report.points) {
    out += "<tr>";
    for (const std::string& cell :
         {text_of(point.point), share_of_trials(point.detected),
          median_cell(point.detect_times, point.detected), share_of_trials(point.alarmed),
          median_cell(point.alarm_times, point.alarmed), share_of_trials(point.proved),
          std::to_string(point.false_flags.events), std::to_string(point.rounds), std::to_string(point.pings),
          std::to_string(point.wrong)})
      out += "<td>" + page_text(cell) + "</td>";
    out += "</tr>\n";
  }
  return out + "</tbody></table></div>\n";
}

std::string timelines(const ScenarioFile& file, const std::vector<PointRuns>& runs, Pictures& pictures) {
  std::string out = pictures.add(draw_timeline_legend());
  const std::size_t shown = std::min(runs.size(), kReportTimelines);
  for (std::size_t i = 0; i < shown; ++i) {
    const RunOutcome& run = runs[i].runs.front();
    const LabFile& lab = point_behind(file, runs[i]).lab;
    out +=
        pictures.add(draw_timeline(lab, run, text_of(runs[i].point) + "; seed " + std::to_string(run.seed)));
    if (shown_chips(run).size() < run.chips.size())
      out += "<p class=\"faint\">" + std::to_string(shown_chips(run).size()) + " of " +
             std::to_string(run.chips.size()) + " chips are shown, those that cheat first.</p>\n";
  }
  if (shown < runs.size())
    out += "<p class=\"faint\">The first run of each of the first " + std::to_string(shown) + " of " +
           std::to_string(runs.size()) + " points is shown.</p>\n";
  return out;
}

}  // namespace

std::string report_page(const ScenarioFile& file, const std::vector<PointRuns>& runs,
                        const ScenarioReport& report, const ReportFacts& facts) {
  Pictures pictures;
  std::vector<const LabFile*> labs;
  for (const PointRuns& point : runs) labs.push_back(&point_behind(file, point).lab);
  std::string body =
      "<main>\n<h1>" + page_text(file.name) + "</h1>\n<p class=\"about\">" + page_text(file.about) + "</p>\n";
  const auto held =
      static_cast<std::size_t>(std::count_if(report.judgements.begin(), report.judgements.end(),
                                             [](const ExpectationJudgement& j) { return j.holds; }));
  body += std::string{"<p class=\"verdict "} + (report.holds() ? "good" : "bad") + "\">" +
          std::to_string(held) + " of " + std::to_string(report.judgements.size()) +
          " expectations held</p>\n";
  body += "<p>" + page_text(file.story) + "</p>\n" + facts_of(file, runs, report, facts);
  body += "<h2>Expected</h2>\n" + expected_table(file, report);
  body += "<h2>Map</h2>\n" + pictures.add(draw_lab_map(labs));
  if (!facts.key.empty()) body += "<h2>Power</h2>\n" + pictures.add(draw_power(file, report, facts.key));
  body += "<h2>Timelines</h2>\n" + timelines(file, runs, pictures);
  body +=
      "<h2>Figures</h2>\n<p class=\"faint\">A trial is one chip in one run; 95 % intervals after Wilson. Flagged: "
      "OUTSIDE, PROHIBITED or INVALID, of who is silent on purpose also SILENT. Alarmed: a status that calls "
      "somebody.</p>\n" +
      figures_table(report);
  body += "<h2>The file</h2>\n<details><summary>" + page_text(file.path.filename().string()) +
          "</summary>\n<pre>" + page_text(file.text) + "</pre>\n</details>\n</main>\n";
  const std::string style = std::string{kReportStyle} + pictures.style();
  return "<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src " +
         policy_digest(style) +
         "; base-uri 'none'; form-action 'none'\"/>\n<meta name=\"referrer\" content=\"no-referrer\"/>\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<title>chiploc sim: " +
         page_text(file.name) + "</title>\n<style>" + style + "</style>\n</head>\n<body>\n" + body +
         "</body>\n</html>\n";
}

}  // namespace chiploc
