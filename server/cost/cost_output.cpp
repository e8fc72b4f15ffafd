#include "server/cost/cost_output.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "server/text/records.hpp"

namespace chiploc {
namespace {

constexpr std::size_t kSwingsShown = 12;

std::string figure(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.10g", value);
  return text;
}

double hours(Nanoseconds time) { return std::chrono::duration<double, std::ratio<3'600>>{time}.count(); }

std::string time_text(Nanoseconds time) {
  const double h = hours(time);
  return h < 240.0 ? figure(std::round(h * 10.0) / 10.0) + " h" : figure(std::round(h / 24.0)) + " days";
}

std::string plural(double n, const std::string& word) {
  char text[60];
  std::snprintf(text, sizeof text, "%s %s%s", n < 1000.0 ? figure(n).c_str() : money_text(n).c_str(),
                word.c_str(), n == 1.0 ? "" : "s");
  return text;
}

double a_chip_month(const CostReport& report, double total) {
  return total / (report.answer.wanted.chips * report.answer.wanted.months);
}

std::string money_or(const std::optional<double>& dollars, const char* otherwise) {
  return dollars ? money_text(*dollars) : otherwise;
}

std::string range_text(const PricedWay& priced) {
  const std::string from = "(" + money_or(priced.low, "?");
  return priced.high ? from + " to " + money_text(*priced.high) + ")"
                     : from + " at the cheapest values, not at all at the dearest)";
}

std::string price_words(const CostReport& report, const PricedWay& priced) {
  const double total = priced.way.price.total(report.answer.wanted);
  return money_text(total) + " USD " + range_text(priced) + ", " + money_text(a_chip_month(report, total)) +
         " a chip and month, by " + std::string{name_of(priced.way.id)} + ": " +
         std::string{what_it_is(priced.way.id)};
}

std::vector<std::string> way_words(const CostReport& report, const PricedWay& priced) {
  const Way& way = priced.way;
  const double total = way.price.total(report.answer.wanted);
  return {std::string{name_of(way.id)},
          way.unseen ? time_text(*way.unseen) : "all the time",
          way.unseen ? std::string{name_of(way.then)} : "-",
          money_text(total),
          money_or(priced.low, "-"),
          money_or(priced.high, "not at all"),
          money_text(a_chip_month(report, total)),
          money_text(way.price.loss),
          std::to_string(std::lround(way.in_use * 100.0)) + " %"};
}

const std::vector<Column>& way_columns() {
  static const std::vector<Column> columns{{"way", "WAY", ""},
                                           {"unseen", "UNSEEN FOR", ""},
                                           {"then", "THEN", ""},
                                           {"usd", "USD", "", true},
                                           {"low", "LOW", "", true},
                                           {"high", "HIGH", "", true},
                                           {"chip_month", "A CHIP-MONTH", "", true},
                                           {"loss", "OF IT LOSS", "", true},
                                           {"in_use", "IN USE", "", true}};
  return columns;
}

std::string swing_text(const std::optional<Swing::At>& at) {
  return at ? money_text(at->total) + " by " + std::string{name_of(at->way)} : "no known way";
}

std::vector<std::string> swing_words(const CostReport& report, const Swing& swing) {
  const Assumption& one = report.assumptions[swing.key];
  return {std::string{name_of(swing.key)},
          figure(one.low) + " to " + figure(one.high) + " " + std::string{unit_of(swing.key)},
          swing_text(swing.low), swing_text(swing.high)};
}
const std::vector<Column>& swing_columns() {
  static const std::vector<Column> columns{{"key", "ASSUMPTION", ""},
                                           {"range", "RANGE", ""},
                                           {"low", "AT ITS LOW", ""},
                                           {"high", "AT ITS HIGH", ""}};
  return columns;
}

std::string source_text(const Assumption& one, bool with_url) {
  if (one.ours()) return one.source;
  std::string out = one.source;
  if (one.year != 0) out += ", " + std::to_string(one.year);
  if (one.range_ours) out += "; the range is ours";
  if (with_url && !one.url.empty()) out += "; " + one.url;
  return out;
}

std::vector<std::string> assumption_words(CostKey key, const Assumption& one, bool with_url) {
  return {std::string{name_of(key)}, figure(one.value), figure(one.low),           figure(one.high),
          std::string{unit_of(key)}, one.about,         source_text(one, with_url)};
}
const std::vector<Column>& assumption_columns() {
  static const std::vector<Column> columns{{"key", "ASSUMPTION", ""}, {"value", "VALUE", "", true},
                                           {"low", "LOW", "", true},  {"high", "HIGH", "", true},
                                           {"unit", "UNIT", ""},      {"about", "WHAT", ""},
                                           {"source", "SOURCE", ""}};
  return columns;
}

std::string swing_title(const CostReport& report) {
  return report.answer.goal == CostGoal::kUnseen ? "What moves the cheapest way that stays unseen"
                                                 : "What moves the cheapest way";
}

std::vector<std::vector<std::string>> shown_swings(const CostReport& report) {
  std::vector<std::vector<std::string>> out;
  for (const Swing& swing : report.answer.swings) {
    if (out.size() < kSwingsShown) out.push_back(swing_words(report, swing));
  }
  return out;
}

std::vector<std::vector<std::string>> all_assumptions(const CostReport& report, bool with_url) {
  std::vector<std::vector<std::string>> out;
  for (std::size_t i = 0; i < kCostKeys; ++i)
    out.push_back(assumption_words(static_cast<CostKey>(i), report.assumptions.all[i], with_url));
  return out;
}

void write_plain(std::ostream& out, const std::vector<Column>& columns,
                 const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::vector<Cell>> cells;
  for (const auto& row : rows) {
    cells.emplace_back();
    for (const std::string& word : row) cells.back().push_back({word});
  }
  write_table(out, columns, cells, false);
}

/// Markup of a cell is escaped: names of files and sources are texts from outside.
std::string markdown_cell(const std::string& text) {
  std::string out;
  for (const char c : printable(text)) {
    if (c == '|' || c == '\\' || c == '<' || c == '*' || c == '`' || c == '[') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

void write_markdown(std::ostream& out, const std::vector<Column>& columns,
                    const std::vector<std::vector<std::string>>& rows) {
  for (const Column& column : columns) out << "| " << column.title << ' ';
  out << "|\n";
  for (const Column& column : columns) out << (column.right ? "|--:" : "|---");
  out << "|\n";
  for (const auto& row : rows) {
    for (const std::string& word : row) out << "| " << markdown_cell(word) << ' ';
    out << "|\n";
  }
}

Json at_json(const std::optional<Swing::At>& at) {
  if (!at) return nullptr;
  return {{"usd", at->total}, {"way", name_of(at->way)}};
}

Json way_json(const CostReport& report, const PricedWay& priced) {
  const Way& way = priced.way;
  Json out = {{"way", name_of(way.id)},
              {"what", what_it_is(way.id)},
              {"shows", what_shows(way.id)},
              {"possible", way.possible()}};
  out["why_not"] = way.possible() ? Json(nullptr) : Json(way.why_not);
  const bool possible = way.possible();
  out["unseen_hours"] = possible && way.unseen ? Json(hours(*way.unseen)) : Json(nullptr);
  out["then"] = possible && way.unseen ? Json(name_of(way.then)) : Json(nullptr);
  out["usd"] = possible ? Json(way.price.total(report.answer.wanted)) : Json(nullptr);
  out["usd_low"] = priced.low ? Json(*priced.low) : Json(nullptr);
  out["usd_high"] = priced.high ? Json(*priced.high) : Json(nullptr);
  out["usd_fixed"] = way.price.fixed;
  out["usd_per_chip"] = way.price.per_chip;
  out["usd_per_month"] = way.price.per_month;
  out["usd_per_chip_month"] = way.price.per_chip_month;
  out["usd_loss"] = way.price.loss;
  out["share_in_use"] = way.in_use;
  return out;
}

}  // namespace

std::string money_text(double dollars) {
  if (dollars < 1000.0) {
    char text[40];
    std::snprintf(text, sizeof text, "%.3g", dollars);
    return dollars >= 999.5 ? "1,000" : text;
  }
  const double unit = std::pow(10.0, std::floor(std::log10(dollars)) - 2.0);
  char digits[400];
  std::snprintf(digits, sizeof digits, "%.0f", std::round(dollars / unit) * unit);
  std::string out;
  const std::string_view text = digits;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i > 0 && (text.size() - i) % 3 == 0) out += ',';
    out += text[i];
  }
  return out;
}

std::vector<std::string> sentences_of(const CostReport& report) {
  const CostAnswer& answer = report.answer;
  const CostCase& wanted = answer.wanted;
  const std::string where = plural(wanted.chips, "chip") + " " + figure(wanted.distance_km) +
                            " km from the licensed site" +
                            (wanted.third_country ? ", in a third country," : "");
  std::vector<std::string> out;
  if (answer.unseen) {
    out.push_back("Unseen for all " + plural(wanted.months, "month") + ", " + where + " cost at the least " +
                  price_words(report, answer.ways[*answer.unseen]) + ".");
  } else {
    out.push_back("No known way keeps " + where + " unseen for all " + plural(wanted.months, "month") + ".");
  }
  if (answer.any && answer.any != answer.unseen) {
    const PricedWay& any = answer.ways[*answer.any];
    out.push_back("Who puts up with being seen pays " + price_words(report, any) + ". Nobody is called for " +
                  (any.way.unseen ? time_text(*any.way.unseen) : "all the time") + ", then the chips are " +
                  std::string{name_of(any.way.then)} + "; " + money_text(any.way.price.loss) +
                  " of it is what is to be expected of that.");
  }
  out.push_back("For comparison: to rent as many that stay where they are licensed costs " +
                money_text(answer.rent) +
                " USD, which no timing sees; as many smuggled ones that nobody registered cost " +
                money_text(answer.market) + " USD more than licensed ones.");
  return out;
}

std::vector<std::string> warnings_of(const CostReport& report) {
  const PolicyFacts& facts = report.answer.facts;
  std::vector<std::string> out;
  if (facts.cadence <= Nanoseconds{0})
    out.emplace_back(
        "No round comes by itself (scheduler.cadence_s is 0): nobody is called of whatever chip.");
  else if (facts.honest_unproven)
    out.emplace_back(
        "Honest chips come to be unproven by this cadence: the state calls nobody to anything. Measure more often.");
  else if (facts.honest_overdue)
    out.emplace_back("Honest chips come to be overdue by this cadence. Measure more often.");
  if (report.answer.wanted.anchors <= facts.faults_to_clear)
    out.push_back("With " + std::to_string(report.answer.wanted.anchors) + " perspectives of which " +
                  std::to_string(facts.faults_to_clear) +
                  " may lie nothing is proved of any chip: who stalls is as everybody else.");
  if (facts.unproven_holds && !facts.silent_holds)
    out.emplace_back(
        "Unproven chips put their order on hold and silent ones do not: who answers no more is better off than who "
        "stalls.");
  if (!report.defaults.empty()) {
    std::string text = "Taken as their defaults, since the file has none: ";
    for (std::size_t i = 0; i < report.defaults.size(); ++i)
      text += (i == 0 ? "" : ", ") + report.defaults[i];
    out.push_back(text + ".");
  }
  return out;
}

void write_cost_table(std::ostream& out, const CostReport& report) {
  out << "What it costs to get round " << printable(report.policy) << "\n\n";
  for (const std::string& sentence : sentences_of(report)) out << sentence << '\n';
  for (const std::string& warning : warnings_of(report)) out << "! " << printable(warning) << '\n';
  out << '\n';
  std::vector<std::vector<std::string>> rows;
  for (const PricedWay& priced : report.answer.ways) {
    if (priced.way.possible()) rows.push_back(way_words(report, priced));
  }
  write_plain(out, way_columns(), rows);
  out << "\nWhat each is, and what of it shows:\n";
  for (const PricedWay& priced : report.answer.ways) {
    const Way& way = priced.way;
    out << "- " << name_of(way.id) << ": " << what_it_is(way.id) << ".\n  ";
    if (way.possible())
      out << "Shows: " << what_shows(way.id) << ".\n";
    else
      out << "Not here: " << way.why_not << (priced.low ? "; at the cheapest values it can be done" : "")
          << ".\n";
  }
  if (!report.answer.swings.empty()) {
    out << '\n' << swing_title(report) << ", one assumption at a time:\n";
    write_plain(out, swing_columns(), shown_swings(report));
  }
  out << "\nAssumptions, in US dollars:\n";
  write_plain(out, assumption_columns(), all_assumptions(report, false));
}

void write_cost_markdown(std::ostream& out, const CostReport& report) {
  out << "# What it costs to get round " << markdown_cell(report.policy) << "\n\n";
  for (const std::string& sentence : sentences_of(report)) out << sentence << "\n\n";
  for (const std::string& warning : warnings_of(report)) out << "**" << markdown_cell(warning) << "**\n\n";
  std::vector<std::vector<std::string>> rows, words;
  for (const PricedWay& priced : report.answer.ways) {
    if (priced.way.possible()) rows.push_back(way_words(report, priced));
    words.push_back(
        {std::string{name_of(priced.way.id)}, std::string{what_it_is(priced.way.id)},
         priced.way.possible() ? std::string{what_shows(priced.way.id)} : "not here: " + priced.way.why_not});
  }
  write_markdown(out, way_columns(), rows);
  out << '\n';
  write_markdown(out, {{"way", "WAY", ""}, {"what", "WHAT IT IS", ""}, {"shows", "WHAT SHOWS", ""}}, words);
  if (!report.answer.swings.empty()) {
    out << "\n## " << swing_title(report) << "\n\n";
    write_markdown(out, swing_columns(), shown_swings(report));
  }
  out << "\n## Assumptions\n\n";
  write_markdown(out, assumption_columns(), all_assumptions(report, true));
}

void write_cost_json(std::ostream& out, const CostReport& report) {
  const CostAnswer& answer = report.answer;
  const CostCase& wanted = answer.wanted;
  const auto name_at = [&](const std::optional<std::size_t>& at) {
    return at ? Json(name_of(answer.ways[*at].way.id)) : Json(nullptr);
  };
  Json without = Json::array();
  for (const WayId id : wanted.without) without.push_back(name_of(id));
  Json json = {{"policy", report.policy},
               {"defaults", report.defaults},
               {"chips", wanted.chips},
               {"months", wanted.months},
               {"distance_km", wanted.distance_km},
               {"anchors", wanted.anchors},
               {"goal", wanted.third_country ? "third-country" : "prohibited"},
               {"margin_km", wanted.margin_km ? Json(*wanted.margin_km) : Json(nullptr)},
               {"key_in_memory", wanted.key_in_memory},
               {"without", without},
               {"cadence_hours", hours(answer.facts.cadence)},
               {"sentences", sentences_of(report)},
               {"warnings", warnings_of(report)},
               {"cheapest_unseen", name_at(answer.unseen)},
               {"cheapest", name_at(answer.any)},
               {"rent_usd", answer.rent},
               {"market_premium_usd", answer.market}};
  json["ways"] = Json::array();
  for (const PricedWay& priced : answer.ways) json["ways"].push_back(way_json(report, priced));
  json["sensitivity_of"] = answer.goal == CostGoal::kUnseen ? "cheapest_unseen" : "cheapest";
  json["sensitivity"] = Json::array();
  for (const Swing& swing : answer.swings)
    json["sensitivity"].push_back(
        {{"assumption", name_of(swing.key)}, {"low", at_json(swing.low)}, {"high", at_json(swing.high)}});
  json["assumptions"] = Json::array();
  for (std::size_t i = 0; i < kCostKeys; ++i) {
    const Assumption& one = report.assumptions.all[i];
    const auto key = static_cast<CostKey>(i);
    json["assumptions"].push_back({{"assumption", name_of(key)},
                                   {"value", one.value},
                                   {"low", one.low},
                                   {"high", one.high},
                                   {"unit", unit_of(key)},
                                   {"about", one.about},
                                   {"source", one.source},
                                   {"year", one.year != 0 ? Json(one.year) : Json(nullptr)},
                                   {"url", one.url.empty() ? Json(nullptr) : Json(one.url)},
                                   {"ours", one.ours()},
                                   {"range_ours", one.range_ours}});
  }
  write_json(out, OutputFormat::kJson, json);
}

void write_cost_csv(std::ostream& out, const CostReport& report) {
  std::vector<Column> columns;
  const Json first = way_json(report, report.answer.ways.front());
  for (const auto& [name, value] : first.items()) columns.push_back({name, "", "/" + name});
  RecordWriter writer{out, OutputFormat::kCsv, columns, false};
  for (const PricedWay& priced : report.answer.ways) writer.add({}, way_json(report, priced));
  writer.finish("");
}

}  // namespace chiploc
