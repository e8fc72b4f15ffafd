#include "server/cli/verdict_text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "proto/base/joined.hpp"
#include "server/cli/holders_text.hpp"
#include "server/cli/silence_text.hpp"
#include "server/service/json_view.hpp"

namespace chiploc {
namespace {

template <class Repeated>
std::string list_of(const Repeated& values) {
  return values.empty() ? "none" : joined(values, ", ", printable);
}

/// The first dozen; -o json has them all.
template <class Texts>
std::string shortened(const Texts& values) {
  constexpr int kMost = 12;
  if (values.size() <= kMost) return list_of(values);
  const Texts first{values.begin(), values.begin() + kMost};
  return list_of(first) + " and " + std::to_string(values.size() - kMost) + " more";
}

/// "  label       text" with the texts under one another.
class Section {
 public:
  Section(std::ostream& out, std::string_view title, bool colour) : out_{out} {
    out_ << '\n' << paint(title, Colour::kBold, colour) << '\n';
  }
  void line(std::string_view label, std::string_view text) {
    constexpr std::size_t kWidth = 12;
    std::string padded{label};
    padded.resize(std::max(kWidth, padded.size() + 1), ' ');
    out_ << "  " << padded << printable(text) << '\n';
  }

 private:
  std::ostream& out_;
};

/// Which prohibited territories the region reaches, and from which it stays how far away. Of those that are
/// not named the verdict has no distance: they lie beyond 2,000 km, or nothing is excluded at all.
void write_excluded(Section& proof, const v1::Verdict& verdict) {
  constexpr std::size_t kNamed = 6;
  std::vector<std::string> reached;
  std::vector<std::string> excluded;
  for (const auto& margin : verdict.prohibited_margins()) {
    const std::string name = printable(margin.territory());
    if (margin.distance_km() > 0) {
      excluded.push_back(name + " (at least " + number_text(margin.distance_km(), 0) + " km away)");
    } else {
      reached.push_back(name);
    }
  }
  if (!excluded.empty()) proof.line("excluded", first_joined(excluded, ", ", kNamed));
  if (!reached.empty()) {
    proof.line("may be in", first_joined(reached, ", ", kNamed) + ": not excluded, the region holds places " +
                                (reached.size() == 1 ? "there" : "in each"));
  }
}

void write_proof(std::ostream& out, const v1::Verdict& verdict, bool colour) {
  Section proof{out, "Proved", colour};
  proof.line("speed", "nothing is faster than " + number_text(verdict.speed_km_s(), 0) + " km/s (" +
                          printable(verdict.speed_name()) + ")");
  if (verdict.state() == v1::UNRESOLVED) {
    proof.line("faults", faults_text(verdict.fault_budget()));
  } else {
    proof.line("faults",
               (verdict.fault_budget() == 0
                    ? std::string{"holds if no perspective is wrong"}
                    : "holds with any " + std::to_string(verdict.fault_budget()) + " perspective(s) wrong") +
                   "; the most it can bear is " + std::to_string(verdict.fault_budget_max()));
  }
  if (verdict.has_region_centre()) {
    proof.line("region", "within " + number_text(verdict.region_radius_km(), 1) + " km of " +
                             place_text(verdict.region_centre()));
  }
  // Without a region nothing was looked at: "none" would read as if it met no land.
  if (verdict.has_region_centre() || !verdict.countries().empty())
    proof.line("countries", shortened(verdict.countries()) + " met by the region");
  proof.line("licensed", list_of(verdict.licensed()));
  proof.line("prohibited", list_of(verdict.prohibited()));
  if (verdict.margin_km() > 0) {
    proof.line("margin", "at least " + number_text(verdict.margin_km(), 1) +
                             " km to the nearest land that would change this");
  }
  write_excluded(proof, verdict);
  if (!verdict.hinges().empty()) proof.line("hinges on", list_of(verdict.hinges()));
}

void write_posterior(Section& suggested, const v1::Posterior& posterior) {
  constexpr int kNamed = 4;
  std::vector<std::string> named;
  for (int i = 0; i < std::min(posterior.countries_size(), kNamed); ++i) {
    const auto& country = posterior.countries(i);
    named.push_back(printable(country.country()) + " " + number_text(100.0 * country.probability(), 1) +
                    " %");
  }
  std::string likely = joined(named, ", ");
  if (posterior.countries_size() > kNamed)
    likely += " and " + std::to_string(posterior.countries_size() - kNamed) + " more";
  suggested.line("likely", likely);
  suggested.line("place", place_text(posterior.place()) + ", 95 % within " +
                              number_text(posterior.radius95_km(), 0) + " km of it");
  suggested.line("extra delay", number_text(posterior.common_delay_ms(), 1) +
                                    " ms beyond what such places see, the same from all anchors");
  if (posterior.relay_score() > 0) {
    suggested.line("relay", "behind one of " + number_text(posterior.relay_delay_ms(), 0) +
                                " ms the round trips look more ordinary (score " +
                                number_text(posterior.relay_score(), 1) + "; honest chips rarely pass 2)");
  }
  suggested.line("method", printable(posterior.method()));
}

void write_estimate(Section& suggested, const v1::Estimate& estimate) {
  if (!estimate.converged()) {
    suggested.line("fit", "none: it did not converge");
    return;
  }
  const std::string country = estimate.nearest_country();
  suggested.line("fit", place_text(estimate.place()) +
                            (country.empty() ? std::string{} : ", nearest country " + printable(country)));
  suggested.line("uncertainty", "1 sd: " + number_text(estimate.east_sd_km(), 1) + " km east, " +
                                    number_text(estimate.north_sd_km(), 1) + " km north, correlation " +
                                    number_text(estimate.correlation(), 2));
  suggested.line("delay",
                 "common to all anchors, as a distance: " + number_text(estimate.offset_km(), 1) + " km");
  if (!estimate.calibration().empty()) suggested.line("calibration", printable(estimate.calibration()));
}

/// "#3, least 4.100, next 4.180": which sample's round trip it is, and what stands beside it.
std::string counted_text(const v1::AnchorEvidence& anchor) {
  if (anchor.rtt_least_ns() <= 0) return "-";
  std::string text = "#" + std::to_string(anchor.counted_sequence());
  const auto ms = [](std::int64_t ns) { return number_text(static_cast<double>(ns) / 1e6, 3); };
  text += ", least " + ms(anchor.rtt_least_ns());
  if (anchor.rtt_next_ns() > 0) text += ", next " + ms(anchor.rtt_next_ns());
  return text;
}

void write_anchors(std::ostream& out, const v1::Verdict& verdict, bool colour) {
  out << '\n' << paint("Anchors", Colour::kBold, colour) << '\n';
  const std::vector<Column> columns{
      {"", "ANCHOR", ""},        {"", "RTT MIN MS", "", true}, {"", "BOUND KM", "", true},
      {"", "SAMPLES", "", true}, {"", "COUNTED", ""},          {"", "SOURCE", ""},
      {"", "USED", ""}};
  std::vector<std::vector<Cell>> rows;
  for (const auto& anchor : verdict.anchors()) {
    std::string used = "yes";
    if (!anchor.used()) used = "no: " + (anchor.note().empty() ? "no answer" : printable(anchor.note()));
    const bool counted = anchor.rtt_min_ns() > 0;
    rows.push_back({{printable(anchor.anchor())},
                    {counted ? number_text(static_cast<double>(anchor.rtt_min_ns()) / 1e6, 3) : "-"},
                    {counted ? number_text(anchor.bound_km(), 1) : "-"},
                    {std::to_string(anchor.samples())},
                    {counted_text(anchor)},
                    {source_name(anchor.source())},
                    {used, anchor.used() ? Colour::kNone : Colour::kYellow}});
  }
  write_table(out, columns, rows, colour, 2);
}

}  // namespace

std::string km2_text(double km2) {
  char text[40];
  std::snprintf(text, sizeof text, km2 < 999.5 ? "%.3g" : "%.0f", km2);
  return text;
}

std::string faults_text(std::uint32_t budget) {
  if (budget == 0) return "no perspective may be wrong";
  return "any " + std::to_string(budget) + " perspective(s) may be wrong";
}

std::string number_text(double value, int decimals) {
  std::array<char, 64> digits{};
  std::snprintf(digits.data(), digits.size(), "%.*f", decimals, value);
  std::string text{digits.data()};
  if (!std::isfinite(value) || std::abs(value) > 1e15) return text;
  const std::size_t point = std::min(text.find('.'), text.size());
  const std::size_t first = text[0] == '-' ? 1 : 0;
  for (std::size_t at = point; at > first + 3; at -= 3) text.insert(at - 3, ",");
  return text;
}

std::string place_text(const v1::Position& place) {
  return number_text(std::abs(place.lat_deg()), 3) + (place.lat_deg() < 0 ? " S " : " N ") +
         number_text(std::abs(place.lon_deg()), 3) + (place.lon_deg() < 0 ? " W" : " E");
}

std::string state_in_words(v1::VerdictState state) {
  switch (state) {
    case v1::VERIFIED:
      return "proved to be inside the licensed territory";
    case v1::CLEARED:
      return "proved to be outside every prohibited territory, not proved to be where it is licensed";
    case v1::UNRESOLVED:
      return "neither proved to be where it is licensed nor proved to be elsewhere";
    case v1::OUTSIDE:
      return "proved to be outside the licensed territory";
    case v1::PROHIBITED:
      return "proved to be inside prohibited territory";
    case v1::SILENT:
      return "gave no answer before the deadline";
    case v1::INVALID:
      return "the evidence does not hold; nothing is known of the place";
    default:
      return "a state that this version of chiploc does not know";
  }
}

Colour colour_of(v1::VerdictState state) {
  switch (state) {
    case v1::VERIFIED:
    case v1::CLEARED:
      return Colour::kGreen;
    case v1::UNRESOLVED:
    case v1::SILENT:
      return Colour::kYellow;
    case v1::OUTSIDE:
    case v1::INVALID:
      return Colour::kRed;
    case v1::PROHIBITED:
      return Colour::kBoldRed;
    default:
      return Colour::kNone;
  }
}

void write_verdict(std::ostream& out, const v1::Verdict& verdict, bool colour) {
  out << "chip " << hex_of(verdict.chip_id()) << "  "
      << paint(state_name(verdict.state()), colour_of(verdict.state()), colour) << ": "
      << state_in_words(verdict.state()) << '\n';
  if (!verdict.serial().empty()) {
    out << "serial " << printable(verdict.serial()) << "  licence " << printable(verdict.licence());
    if (!verdict.licence_holder().empty()) out << " of " << printable(verdict.licence_holder());
    out << '\n';
  }
  if (!verdict.reasons().empty()) {
    Section reasons{out, "Reasons", colour};
    for (const auto& reason : verdict.reasons()) {
      reasons.line(printable(reason.code()), printable(reason.text()));
    }
  }
  const bool measured = verdict.state() != v1::SILENT && verdict.state() != v1::INVALID;
  if (measured) write_proof(out, verdict, colour);
  if (verdict.has_silence()) write_silence(out, verdict.silence(), colour);
  if (verdict.has_estimate() || verdict.has_posterior()) {
    Section suggested{out, "Suggested, not proved", colour};
    if (verdict.has_posterior()) write_posterior(suggested, verdict.posterior());
    if (verdict.has_estimate()) write_estimate(suggested, verdict.estimate());
  }
  if (!verdict.would_resolve().empty()) {
    Section resolve{out, "Would resolve it", colour};
    for (const auto& text : verdict.would_resolve()) out << "  - " << printable(text) << '\n';
  }
  write_holders(out, verdict, colour);
  if (!verdict.anchors().empty()) {
    write_anchors(out, verdict, colour);
  } else if (measured) {
    out << "\nPlaces, estimate and anchors are shown to auditors and admins. To regulators and analysts with --why.\n";
  }
  Section record{out, "Record", colour};
  record.line("decided", short_time(verdict.decided_unix_ns()));
  record.line("expires", short_time(verdict.expires_unix_ns()));
  record.line("verdict", hex_of(verdict.verdict_id()));
  record.line("round", hex_of(verdict.round_id()));
  record.line("versions", "software " + printable(verdict.software_version()) + ", borders " +
                              printable(verdict.borders_version()) + ", policy " +
                              printable(verdict.policy_version()));
}

namespace {

/// Milliseconds that stand behind `before` become seconds.
void to_seconds(std::string& text, std::string_view before) {
  const std::size_t at = text.find(before);
  if (at == std::string::npos) return;
  const std::size_t from = at + before.size();
  const std::size_t end = std::min(text.size(), text.find_first_not_of("0123456789", from));
  if (end == from || end - from > 9) return;
  char seconds[32];
  std::snprintf(seconds, sizeof seconds, "%.10g", std::stod(text.substr(from, end - from)) / 1000.0);
  text.replace(from, end - from, seconds);
}
void replace_word(std::string& text, std::string_view from, std::string_view to) {
  if (const std::size_t at = text.find(from); at != std::string::npos) text.replace(at, from.size(), to);
}

}  // namespace

std::string in_terms_of_option(std::string fault) {
  if (fault.find("deadline_ms") == std::string::npos) return fault;
  to_seconds(fault, "deadline_ms: ");
  to_seconds(fault, "; use ");
  to_seconds(fault, " to ");  // no digits follow it in the sentence on how long a chip needs
  replace_word(fault, "; use ", "; give --deadline ");
  replace_word(fault, "deadline_ms: ", "--deadline ");
  replace_word(fault, "deadline_ms", "--deadline");
  replace_word(fault, "or 0 for the policy's", "or leave it out");
  return fault;
}

}  // namespace chiploc
