#include "server/scenario/fleet_output.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <sstream>
#include <tuple>

#include "proto/base/joined.hpp"
#include "server/scenario/expectation.hpp"
#include "server/text/records.hpp"

namespace chiploc {
namespace {

using fleet::WaitTally;

constexpr double kHourSeconds = 3'600.0;
constexpr double kYearSeconds = 365.25 * 86'400.0;
constexpr double kMiB = 1'048'576.0;
constexpr std::size_t kShown = 12;  ///< anchors in the table

std::string four_digits(double value) {
  std::array<char, 40> out{};
  std::snprintf(out.data(), out.size(), "%.4g", value);
  return out.data();
}

std::string chip_years_text(const EventRate& rate) {
  return std::to_string(rate.events) + " in " + four_digits(rate.exposure) +
         " chip-years: " + four_digits(rate.rate()) + " a chip-year (" + four_digits(rate.low()) + " to " +
         four_digits(rate.high()) + ")";
}

std::string wait_text(const WaitTally& wait) {
  if (wait.trials() == 0) return "-";
  const auto within = [&wait](double p) {
    const auto hours = wait.hours_to(p);
    return hours ? "within " + std::to_string(*hours) + " h" : std::string{"never"};
  };
  return std::to_string(wait.ended()) + " of " + std::to_string(wait.trials()) + ", " +
         share_text(static_cast<std::size_t>(wait.ended()), static_cast<std::size_t>(wait.trials())) +
         ", median " + within(0.5) + ", 90 % " + within(0.9) + ", 99 % " + within(0.99);
}

Json chip_years_json(const EventRate& rate) {
  return {{"events", rate.events},
          {"chip_years", rate.exposure},
          {"rate", rate.rate()},
          {"low", rate.low()},
          {"high", rate.high()}};
}

Json wait_json(const WaitTally& wait) {
  Json out{{"trials", wait.trials()}, {"ended", wait.ended()}};
  for (const auto& [name, p] : {std::pair{"median_h", 0.5}, {"p90_h", 0.9}, {"p99_h", 0.99}}) {
    const auto hours = wait.trials() == 0 ? std::nullopt : wait.hours_to(p);
    out[name] = hours ? Json(*hours) : Json(nullptr);
  }
  return out;
}

Json load_json(const HourlyLoad& load) {
  return {{"mean", load.mean}, {"p99_hour", load.most_of_99}, {"max_hour", load.most}};
}

Json verdicts_json(const std::array<std::uint64_t, fleet::kVerdictStates>& verdicts) {
  Json out = Json::object();
  for (std::size_t i = 1; i < verdicts.size(); ++i)
    out[std::string{name_of(static_cast<VerdictState>(i))}] = verdicts[i];
  return out;
}

Json states_json(const std::array<std::uint64_t, kChipStates>& states) {
  Json out = Json::object();
  for (std::size_t i = 0; i < states.size(); ++i)
    out[std::string{name_of(static_cast<ChipState>(i))}] = states[i];
  return out;
}

/// "VERIFIED 12 (85.7 %), UNRESOLVED 2 (14.3 %)"
std::string shares_text(const Json& counts) {
  std::uint64_t all = 0;
  for (const auto& [name, count] : counts.items()) all += count.get<std::uint64_t>();
  std::vector<std::string> parts;
  for (const auto& [name, count] : counts.items()) {
    if (count.get<std::uint64_t>() == 0) continue;
    std::array<char, 48> share{};
    std::snprintf(share.data(), share.size(), " (%.4g %%)",
                  100.0 * count.get<double>() / static_cast<double>(std::max<std::uint64_t>(all, 1)));
    parts.push_back(name + " " + count.dump() + share.data());
  }
  return parts.empty() ? "none" : joined(parts, ", ", [](const std::string& part) { return part; });
}

Json object_of(const FleetReport& report) {
  const auto& [file, tally, sizes] = std::tie(report.file, report.tally, report.sizes);
  Json anchors = Json::object();
  for (const AnchorLoad& anchor : report.anchors)
    anchors[anchor.anchor] = {{"pings_per_s", load_json(anchor.pings)},
                              {"bytes_per_s", load_json(anchor.bytes)}};
  return {
      {"fleet", file.name},
      {"form",
       "fleet: draws of the least round trip in place of datagrams, no signatures, production verdict and status"},
      {"seed", file.seed},
      {"chips", tally.chips},
      {"days", file.days},
      {"rounds", tally.rounds},
      {"judged_in_full", tally.judged_in_full},
      {"checked", tally.checked},
      {"differences", tally.differences},
      {"verdicts_honest", verdicts_json(tally.honest)},
      {"verdicts_diverted", verdicts_json(tally.cheating)},
      {"false_flags", chip_years_json(report.false_flags)},
      {"false_accusations", chip_years_json(report.false_accusations)},
      {"false_alarms", chip_years_json(report.false_alarms)},
      {"diverted", tally.diverted},
      {"detected", wait_json(tally.detected)},
      {"alarmed", wait_json(tally.alarmed)},
      {"accused", wait_json(tally.accused)},
      {"status_changes", states_json(tally.changes)},
      {"status_at_end", states_json(tally.at_end)},
      {"round_measured",
       {{"rounds", sizes.rounds},
        {"anchors", report.round_anchors},
        {"pings", file.pings},
        {"evidence_bytes", sizes.evidence_bytes},
        {"context_bytes", sizes.context_bytes},
        {"verdict_bytes", sizes.verdict_bytes},
        {"rows", sizes.rows},
        {"store_bytes", sizes.store_bytes},
        {"session_datagrams", sizes.session_datagrams},
        {"session_bytes", sizes.session_bytes}}},
      {"coordinator",
       {{"rounds_per_s", load_json(report.rounds)}, {"evidence_bytes_per_s", load_json(report.evidence)}}},
      {"store", {{"rows_a_day", report.rows_a_day}, {"gib_a_day", report.store_a_day / (kMiB * 1024.0)}}},
      {"anchors", std::move(anchors)}};
}

void add_csv(const Json& value, const std::string& group, const std::string& name, std::string& out) {
  if (value.is_object()) {
    for (const auto& [key, inner] : value.items())
      add_csv(inner, group.empty() ? key : group,
              group.empty() ? "" : (name.empty() ? key : name + "." + key), out);
    return;
  }
  out += csv_field(group) + "," + csv_field(name) + "," + csv_field(csv_value(value)) + "\n";
}

}  // namespace

HourlyLoad load_of(const std::vector<std::uint64_t>& by_hour, double each) {
  if (by_hour.empty()) return {};
  std::vector<std::uint64_t> sorted = by_hour;
  std::sort(sorted.begin(), sorted.end());
  const auto rank = static_cast<std::size_t>(std::ceil(0.99 * static_cast<double>(sorted.size())));
  const double sum = static_cast<double>(std::accumulate(sorted.begin(), sorted.end(), std::uint64_t{0}));
  const double a_second = each / kHourSeconds;
  return {.mean = sum / static_cast<double>(sorted.size()) * a_second,
          .most = static_cast<double>(sorted.back()) * a_second,
          .most_of_99 = static_cast<double>(sorted[rank - 1]) * a_second};
}

FleetReport fleet_report_of(const fleet::FleetPlan& plan, const fleet::FleetTally& tally,
                            const fleet::RoundSizes& sizes) {
  const fleet::FleetFile& file = plan.file();
  FleetReport out{.file = file, .tally = tally, .sizes = sizes};
  out.round_anchors = std::min(file.anchors.size(), file.anchors_per_round);
  const double years = static_cast<double>(tally.honest_seconds) / kYearSeconds;
  out.false_flags = {static_cast<std::size_t>(tally.false_flags), years};
  out.false_accusations = {static_cast<std::size_t>(tally.false_accusations), years};
  out.false_alarms = {static_cast<std::size_t>(tally.false_alarms), years};
  const std::size_t hours = fleet::hours_of(file);
  const std::vector<std::uint64_t> sessions = fleet::sessions_by_anchor(plan, tally);
  for (std::size_t i = 0; i < file.anchors.size(); ++i) {
    const auto first = sessions.begin() + static_cast<std::ptrdiff_t>(i * hours);
    const std::vector<std::uint64_t> its{first, first + static_cast<std::ptrdiff_t>(hours)};
    out.anchors.push_back(
        {file.anchors[i].name, load_of(its, file.pings), load_of(its, sizes.session_bytes)});
  }
  std::vector<std::uint64_t> rounds(hours, 0);
  for (std::size_t i = 0; i < tally.rounds_by_hour.size(); ++i) rounds[i % hours] += tally.rounds_by_hour[i];
  out.rounds = load_of(rounds, 1.0);
  out.evidence = load_of(rounds, sizes.evidence_bytes);
  const double rounds_a_day = static_cast<double>(tally.rounds) / file.days;
  out.rows_a_day = rounds_a_day * sizes.rows;
  out.store_a_day = rounds_a_day * sizes.store_bytes;
  return out;
}

std::string table_of(const FleetReport& report) {
  const auto& [file, tally, sizes] = std::tie(report.file, report.tally, report.sizes);
  std::ostringstream out;
  const auto row = [&out](const char* name, const std::string& text) {
    std::array<char, 24> padded{};
    std::snprintf(padded.data(), padded.size(), "%-20s", name);
    out << padded.data() << text << "\n";
  };
  out << file.name << ": " << tally.chips << " chips, " << file.days << " days, " << tally.rounds
      << " rounds, seed " << file.seed << "\n"
      << "Fleet form: least round trips are drawn from their law, no datagram is sent and nothing is signed; verdict and "
         "status are production code.\n";
  row("judged in full",
      std::to_string(tally.judged_in_full) + " rounds; the others lie in boxes that are decided");
  if (tally.checked > 0)
    row("judged again", std::to_string(tally.checked) +
                            " rounds by decide(): " + std::to_string(tally.differences) +
                            (tally.differences == 1 ? " difference" : " differences"));
  row("honest verdicts", shares_text(verdicts_json(tally.honest)));
  row("diverted verdicts", shares_text(verdicts_json(tally.cheating)));
  row("false flags", chip_years_text(report.false_flags));
  row("false accusations", chip_years_text(report.false_accusations));
  row("false alarms", chip_years_text(report.false_alarms));
  row("detected", wait_text(tally.detected));
  row("alarmed", wait_text(tally.alarmed));
  row("accused", wait_text(tally.accused));
  row("status changes", shares_text(states_json(tally.changes)));
  row("status at the end", shares_text(states_json(tally.at_end)));
  row("a round, measured",
      four_digits(sizes.evidence_bytes) + " bytes of evidence, " + four_digits(sizes.context_bytes) +
          " of context, " + four_digits(sizes.verdict_bytes) + " of verdict, " + four_digits(sizes.rows) +
          " rows, " + four_digits(sizes.store_bytes) + " bytes in the store (" +
          std::to_string(sizes.rounds) + " real rounds of " + std::to_string(report.round_anchors) +
          " anchors and " + std::to_string(file.pings) + " pings)");
  row("coordinator", four_digits(report.rounds.mean) + " rounds/s (99 % hour " +
                         four_digits(report.rounds.most_of_99) + ", greatest " +
                         four_digits(report.rounds.most) + "), " + four_digits(report.evidence.mean / kMiB) +
                         " MiB/s of evidence");
  row("store, a day", four_digits(report.rows_a_day) + " rows, " +
                          four_digits(report.store_a_day / (kMiB * 1024.0)) + " GiB");
  std::vector<AnchorLoad> busiest = report.anchors;
  std::stable_sort(busiest.begin(), busiest.end(),
                   [](const AnchorLoad& a, const AnchorLoad& b) { return a.pings.most > b.pings.most; });
  std::vector<std::vector<Cell>> rows;
  for (std::size_t i = 0; i < std::min(kShown, busiest.size()); ++i) {
    const AnchorLoad& each = busiest[i];
    rows.push_back({{each.anchor},
                    {four_digits(each.pings.mean)},
                    {four_digits(each.pings.most_of_99)},
                    {four_digits(each.pings.most)},
                    {four_digits(each.bytes.mean)},
                    {four_digits(each.bytes.most)}});
  }
  write_table(out,
              {{"anchor", "ANCHOR", ""},
               {"mean", "PINGS/S", "", true},
               {"p99", "99 % HOUR", "", true},
               {"max", "GREATEST", "", true},
               {"bytes", "BYTES/S", "", true},
               {"bytes_max", "GREATEST", "", true}},
              rows, false);
  if (busiest.size() > kShown) out << busiest.size() - kShown << " more anchors; -o json has all\n";
  return out.str();
}

std::string json_of(const FleetReport& report) { return object_of(report).dump(2) + "\n"; }

std::string csv_of(const FleetReport& report) {
  std::string out = "figure,part,value\n";
  add_csv(object_of(report), "", "", out);
  return out;
}

}  // namespace chiploc
