#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "server/lab/lab_reading.hpp"

namespace chiploc {
namespace {

/// All that an event may have, whatever it is about: asked for first, so that a key that does not fit is no
/// unknown one as well.
constexpr std::array<std::string_view, 26> kEventKeys{"at",
                                                      "chip",
                                                      "order",
                                                      "part",
                                                      "anchor",
                                                      "pair",
                                                      "behaviour",
                                                      "place",
                                                      "via",
                                                      "clone_at",
                                                      "stall_ms",
                                                      "stall_spread_ms",
                                                      "stall_law",
                                                      "via_delay_ms",
                                                      "down",
                                                      "loss",
                                                      "rtt_ms",
                                                      "added_rtt_ms",
                                                      "via_last_mile_ms",
                                                      "every",
                                                      "count",
                                                      "drift_ppm",
                                                      "slew_ppm",
                                                      "clock_off_ms",
                                                      "early_answers",
                                                      "exits"};

}  // namespace

void LabReading::read_events(std::vector<TomlSection> sections) {
  std::vector<std::pair<Nanoseconds, TomlSection>> by_time;
  by_time.reserve(sections.size());
  for (TomlSection& section : sections) {
    for (const Nanoseconds at : times_of(section, lab_time(section, "at"), kLabEventsMax))
      by_time.emplace_back(at, section);
  }
  std::stable_sort(by_time.begin(), by_time.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  LabFile now = file_;
  for (auto& [at, section] : by_time) read_event(section, at, now);
}

void LabReading::read_event(TomlSection& section, Nanoseconds at, LabFile& now) {
  for (const std::string_view key : kEventKeys) static_cast<void>(section.has(key));
  const std::string chip = section.text("chip", "");
  const std::string order_id = section.text("order", "");
  const std::string anchor = section.text("anchor", "");
  const bool pair = section.has("pair");
  const int targets =
      (chip.empty() ? 0 : 1) + (order_id.empty() ? 0 : 1) + (anchor.empty() ? 0 : 1) + (pair ? 1 : 0);
  if (targets != 1) {
    section.fault("at", "an event is about one thing; name one chip, order, anchor or pair");
    return;
  }
  const bool about_chips = !chip.empty() || !order_id.empty();
  if (!about_chips) {
    refuse_keys(section,
                {"behaviour", "place", "via", "via_delay_ms", "via_last_mile_ms", "clone_at", "stall_ms",
                 "stall_spread_ms", "stall_law", "early_answers", "exits"},
                "only a chip has it");
  }
  if (order_id.empty()) refuse_keys(section, {"part"}, "only an order has parts");
  if (anchor.empty()) {
    refuse_keys(section, {"down"}, "only an anchor goes down; a chip becomes silent");
    refuse_keys(section, {"drift_ppm", "slew_ppm", "clock_off_ms"}, "only an anchor's clocks are told");
  }
  if (!pair) refuse_keys(section, {"rtt_ms"}, "only a pair has a round trip; use added_rtt_ms");
  const bool changes = !chip.empty()       ? read_chip_event(section, at, chip, now)
                       : !order_id.empty() ? read_order_event(section, at, order_id, now)
                       : !anchor.empty()   ? read_anchor_event(section, at, anchor, now)
                                           : read_pair_event(section, at, now);
  if (!changes) section.fault("at", "the event changes nothing; say what is another from then on");
}

void LabReading::refuse_keys(TomlSection& section, std::initializer_list<std::string_view> keys,
                             const std::string& why) {
  for (const std::string_view key : keys) {
    if (section.has(key)) section.fault(key, why + "; remove the key");
  }
}

template <class Thing>
bool LabReading::add_event(TomlSection& section, Nanoseconds at, std::size_t index, const Thing& before,
                           const Thing& after) {
  if (before == after) return false;
  file_.events.push_back({.at = at, .index = index, .after = after});
  event_sections_.push_back(section);
  if (file_.events.size() == kLabEventsMax + 1) {
    section.fault("at", "more than 1000 events, each chip of an order and each time counted; leave some out");
  }
  return true;
}

bool LabReading::read_chip_event(TomlSection& section, Nanoseconds at, const std::string& serial,
                                 LabFile& now) {
  if (const auto index = chip_index(serial)) return change_chip(section, at, *index, now);
  section.fault("chip", "no chip has the serial \"" + serial + "\"; correct it");
  return true;
}

bool LabReading::change_chip(TomlSection& section, Nanoseconds at, std::size_t index, LabFile& now) {
  const LabChip before = now.chips[index];
  LabChip chip = before;
  chip.behaviour = read_behaviour(section, before.behaviour);
  if (chip.behaviour != before.behaviour) {
    // Nothing of the earlier behaviour stays.
    chip.at = chip.site;
    chip.via.reset();
    chip.via_last_mile.reset();
    chip.exits.clear();
    chip.clone_at.reset();
    chip.via_delay = chip.stall = chip.stall_spread = Nanoseconds{0};
    chip.stall_law = LabStallLaw::kFixed;
    chip.early_answers = 0;
    const auto country = world_.country_at(chip.site);
    if (country) chip.true_country = *country;
    chip.claimants = claimants_at(chip.site);
    chip.territories = territories_at(chip.site, country);
  }
  chip.extra = extra(section, chip.extra);
  read_conduct(section, "place", chip);
  if (chip.behaviour != before.behaviour || chip.at != before.at || chip.via != before.via ||
      chip.exits != before.exits || chip.clone_at != before.clone_at)
    check_apart(section, "place", chip);
  now.chips[index] = chip;
  return add_event(section, at, index, before, chip);
}

bool LabReading::read_order_event(TomlSection& section, Nanoseconds at, const std::string& id, LabFile& now) {
  const LabOrder* found = file_.order(id);
  if (found == nullptr) {
    section.fault("order", "no [[order]] has the id \"" + id + "\"; correct it");
    return true;
  }
  const auto part = static_cast<std::size_t>(section.integer(
      "part", {.min = 1, .max = static_cast<std::int64_t>(found->count), .otherwise = found->count}));
  const std::size_t end = found->first + found->count;
  bool changes = false;
  for (std::size_t chip = end - std::min(part, found->count); chip < end; ++chip) {
    if (file_.events.size() > kLabEventsMax) return true;
    changes = change_chip(section, at, chip, now) || changes;
  }
  return changes;
}

bool LabReading::read_anchor_event(TomlSection& section, Nanoseconds at, const std::string& name,
                                   LabFile& now) {
  const auto index = anchor_index(name);
  if (!index) {
    section.fault("anchor", "no [[anchor]] is named \"" + name + "\"; correct it");
    return true;
  }
  const LabAnchor before = now.anchors[*index];
  LabAnchor after = before;
  after.down = section.boolean("down", before.down);
  after.extra = extra(section, before.extra);
  after.clocks = clocks(section, before.clocks);
  now.anchors[*index] = after;
  return add_event(section, at, *index, before, after);
}

bool LabReading::read_pair_event(TomlSection& section, Nanoseconds at, LabFile& now) {
  const std::vector<std::string> ends = section.texts("pair", true);
  const auto known = [this](const std::string& name) { return chip_index(name) || anchor_index(name); };
  if (ends.size() != 2 || ends[0] == ends[1]) {
    section.fault("pair", "a pair has two ends; write pair = [\"ANCHOR\", \"CHIP\"]");
    return true;
  }
  for (const std::string& end : ends) {
    if (known(end)) continue;
    section.fault("pair", "\"" + end + "\" is neither an anchor nor a chip; correct it");
    return true;
  }
  auto at_pair = std::find_if(now.pairs.begin(), now.pairs.end(), [&](const LabPair& p) {
    return (p.a == ends[0] && p.b == ends[1]) || (p.a == ends[1] && p.b == ends[0]);
  });
  const auto index = static_cast<std::size_t>(at_pair - now.pairs.begin());
  if (at_pair == now.pairs.end()) {
    // As modelled until now; both lists have the same indexes.
    file_.pairs.push_back({.a = ends[0], .b = ends[1]});
    now.pairs.push_back(file_.pairs.back());
  }
  const LabPair before = now.pairs[index];
  LabPair after = before;
  if (section.has("rtt_ms")) after.round_trip = duration_ms(section, "rtt_ms", 60'000.0, Nanoseconds{0});
  after.extra = extra(section, before.extra);
  now.pairs[index] = after;
  return add_event(section, at, index, before, after);
}

void LabReading::read_round(TomlSection& section) {
  if (file_.schedule.size() > kLabRoundsMax) return;
  LabRound round;
  round.at = lab_time(section, "at", "0s");
  const std::string order_id = section.text("order", "");
  const std::vector<std::string> serials = section.texts("chips", false);
  for (const std::string& serial : serials) {
    if (const auto index = chip_index(serial))
      round.chips.push_back(*index);
    else
      section.fault("chips", "no chip has the serial \"" + serial + "\"; correct it");
  }
  if (!order_id.empty()) {
    const LabOrder* found = file_.order(order_id);
    if (found == nullptr) section.fault("order", "no [[order]] has the id \"" + order_id + "\"; correct it");
    for (std::size_t i = 0; found != nullptr && i < found->count; ++i)
      round.chips.push_back(found->first + i);
  }
  std::sort(round.chips.begin(), round.chips.end());
  if (std::adjacent_find(round.chips.begin(), round.chips.end()) != round.chips.end())
    section.fault("chips", "a chip is named twice; a round measures each once");
  if (serials.empty() && order_id.empty()) {
    round.chips.resize(file_.chips.size());
    std::iota(round.chips.begin(), round.chips.end(), std::size_t{0});
  }
  for (const Nanoseconds at : times_of(section, round.at, kLabRoundsMax)) {
    round.at = at;
    file_.schedule.push_back(round);
  }
  if (file_.schedule.size() > kLabRoundsMax) section.fault("at", "more than 1000 rounds; leave some out");
}

void LabReading::check_times() {
  std::stable_sort(file_.schedule.begin(), file_.schedule.end(),
                   [](const LabRound& a, const LabRound& b) { return a.at < b.at; });
  if (rounds_given_ && !file_.schedule.empty())
    lab_.fault("rounds", "the [[round]] sections say what is measured; remove the key");
  if (daemon_.measures) return;  // rounds come by themselves
  for (std::size_t i = 0; i < file_.events.size(); ++i) {
    if (file_.schedule.empty()) {
      event_sections_[i].fault(
          "at",
          "nothing says which rounds come before the event and which after; add [[round]] "
          "with at = \"0s\" and others");
    } else if (file_.events[i].at > file_.schedule.back().at) {
      event_sections_[i].fault("at", "no [[round]] begins then or later; add one, or make the event earlier");
    }
  }
}

}  // namespace chiploc
