#include "server/plan/plan_input.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>

#include "geo/area/area.hpp"
#include "geo/borders/country_meant.hpp"
#include "geo/estimate/city_table.hpp"
#include "proto/base/bytes.hpp"
#include "proto/crypto/digest.hpp"
#include "server/eval/misplaced.hpp"
#include "server/eval/rtt_folder.hpp"
#include "server/plan/folder_world.hpp"
#include "server/plan/place_lists.hpp"
#include "server/registry/fields.hpp"

namespace chiploc {
namespace {

constexpr std::size_t kPlanFileBytes = std::size_t{64} << 20U;

PlanFault plan_fault(PlanExit code, std::string line) { return {code, {std::move(line)}}; }

Result<std::string, PlanFault> read_plan_file(const std::string& path) {
  std::error_code ignored;
  std::ifstream in{path, std::ios::binary | std::ios::ate};
  const auto size = in ? static_cast<std::streamoff>(in.tellg()) : -1;
  if (size < 0 || !std::filesystem::is_regular_file(path, ignored))
    return Fail{plan_fault(PlanExit::kNotFound, path + ": cannot be read; name another file")};
  if (static_cast<std::size_t>(size) > kPlanFileBytes)
    return Fail{plan_fault(PlanExit::kBadData, path + ":1: has more than 64 MiB; leave some rows out")};
  std::string text(static_cast<std::size_t>(size), '\0');
  in.seekg(0);
  in.read(text.data(), size);
  if (!in) return Fail{plan_fault(PlanExit::kNotFound, path + ": cannot be read to its end")};
  return text;
}

Result<PlanAreas, PlanFault> read_areas(const PlanArguments& arguments) {
  PlanAreas areas;
  for (const std::string& word : arguments.territories) {
    const std::size_t equals = word.find('=');
    const auto name = parse_territory_name(std::string_view{word}.substr(0, equals));
    if (equals == std::string::npos || !name)
      return Fail{plan_fault(PlanExit::kUsage, "--territory " + word + ": use NAME=FILE" +
                                                   (name ? std::string{} : "; the name: " + name.error()))};
    const std::string file = word.substr(equals + 1);
    auto text = read_plan_file(file);
    if (!text) return Fail{text.error()};
    auto parsed = Area::from_geojson(*text);
    if (!parsed.area) return Fail{plan_fault(PlanExit::kBadData, file + ":1: " + parsed.fault)};
    areas[*name] = {*name, std::make_shared<const Area>(std::move(*parsed.area)), sha256(bytes_of(*text))};
  }
  return areas;
}

Result<Claim, PlanFault> prohibited_of(const PlanArguments& arguments, const Borders& borders,
                                       const PlanAreas& areas) {
  Claim claim;
  for (const std::string& text : arguments.prohibited) {
    const auto code = CountryCode::from_text(text);
    const auto area = areas.find(text);
    if (code && borders.knows(*code)) {
      claim.prohibited.push_back(*code);
    } else if (area != areas.end()) {
      claim.prohibited_areas.push_back(area->second);
    } else {
      return Fail{
          plan_fault(PlanExit::kUsage,
                     "--prohibited " + text + ": not a territory that the borders know; give " +
                         country_meant(text).value_or("ISO 3166-1 codes, or names that --territory draws"))};
    }
  }
  return claim;
}

Result<RttSet, PlanFault> read_measured(const PlanArguments& arguments, const Borders& borders,
                                        std::vector<std::string>& notes) {
  RttReading reading;
  reading.place_uncertainty = Kilometers{arguments.uncertainty_km};
  auto set = load_rtt_folder(arguments.measured, false, borders, reading);
  if (!set)
    return Fail{PlanFault{set.error().code == EvalExit::kNotFound ? PlanExit::kNotFound : PlanExit::kBadData,
                          set.error().lines}};
  notes.insert(notes.end(), set->notes.begin(), set->notes.end());
  if (std::string doubted = mark_misplaced(*set, borders); !doubted.empty())
    notes.push_back(std::move(doubted));
  return std::move(set).value();
}

DelayGuess guess_of(const PlanArguments& arguments, const LearntLaw& learnt) {
  if (const auto stretched = DelayGuess::from_text(arguments.delay)) return *stretched;
  return DelayGuess::by_law(learnt.law, arguments.quantile, learnt.pairs);
}

void set_rules(const PlanArguments& arguments, PlanWorld& world) {
  world.speed = arguments.speed == "fibre" ? kLightInFibre : kLightInVacuum;
  world.faults = arguments.faults;
  world.goal = arguments.goal == "cleared" ? PlanGoal::kCleared : PlanGoal::kVerified;
}

Result<std::vector<PlanPlace>, PlanFault> read_places(const std::string& file) {
  auto text = read_plan_file(file);
  if (!text) return Fail{text.error()};
  auto places = parse_plan_places(*text, file);
  if (!places) return Fail{PlanFault{PlanExit::kBadData, places.error()}};
  return std::move(places).value();
}

Result<std::vector<PlanPlace>, PlanFault> read_candidates(const PlanArguments& arguments,
                                                          const Borders& borders, const Claim& prohibited) {
  std::vector<PlanPlace> places;
  if (arguments.candidates == "cities") {
    places = city_places(CityTable::world(), arguments.people, prohibited.prohibited);
  } else if (arguments.candidates == "grid") {
    places = grid_places(borders, arguments.grid_deg, prohibited.prohibited);
  } else {
    return read_places(arguments.candidates);
  }
  if (places.size() > kPlanPlacesMost)
    return Fail{
        plan_fault(PlanExit::kUsage, "--candidates " + arguments.candidates + ": these are " +
                                         std::to_string(places.size()) + ", more than " +
                                         std::to_string(kPlanPlacesMost) + "; raise " +
                                         (arguments.candidates == "grid" ? "--grid-deg" : "--people"))};
  if (places.empty())
    return Fail{plan_fault(PlanExit::kUsage,
                           "--candidates " + arguments.candidates + ": there are none; lower --people")};
  for (PlanPlace& place : places) place.uncertainty = Kilometers{arguments.uncertainty_km};
  return places;
}

/// The node of a name or an id; none if two have the name.
MeasuredPairs::Nodes nodes_named(const RttSet& set, const std::vector<std::string>& names) {
  std::map<std::string, std::optional<std::size_t>> known;
  for (std::size_t i = 0; i < set.nodes.size(); ++i) {
    const auto [it, added] = known.emplace(set.nodes[i].name, i);
    if (!added) it->second = std::nullopt;
  }
  for (std::size_t i = 0; i < set.nodes.size(); ++i) known[set.nodes[i].id] = i;
  MeasuredPairs::Nodes out;
  for (const std::string& name : names) {
    const auto found = known.find(name);
    out.push_back(found == known.end() ? std::nullopt : found->second);
  }
  return out;
}

Result<PlanInput, PlanFault> over_files(const PlanArguments& arguments, const Borders& borders,
                                        const PlanAreas& areas, const Claim& prohibited) {
  PlanInput out;
  set_rules(arguments, out.world);
  auto text = read_plan_file(arguments.sites);
  if (!text) return Fail{text.error()};
  auto sites = parse_plan_sites(*text, arguments.sites, borders, areas, prohibited);
  if (!sites) return Fail{PlanFault{PlanExit::kBadData, sites.error()}};
  out.world.sites = std::move(sites).value();
  if (!arguments.anchors.empty()) {
    auto anchors = read_places(arguments.anchors);
    if (!anchors) return Fail{anchors.error()};
    out.world.places = std::move(anchors).value();
  }
  out.world.standing = out.world.places.size();
  auto candidates = read_candidates(arguments, borders, prohibited);
  if (!candidates) return Fail{candidates.error()};
  if (PlanFaults faults = same_names(out.world.places, *candidates); !faults.empty()) {
    for (std::string& fault : faults) fault = arguments.candidates + ":1: name: " + fault;
    return Fail{PlanFault{PlanExit::kBadData, std::move(faults)}};
  }
  out.world.places.insert(out.world.places.end(), candidates->begin(), candidates->end());

  std::optional<RttSet> set;
  std::optional<MeasuredPairs> measured;
  LearntLaw learnt = {DelayLaw::fit({}), 0};
  if (!arguments.measured.empty()) {
    auto read = read_measured(arguments, borders, out.notes);
    if (!read) return Fail{read.error()};
    set = std::move(read).value();
    std::vector<std::string> site_names, place_names;
    for (const PlanSite& site : out.world.sites) site_names.push_back(site.name);
    for (const PlanPlace& place : out.world.places) place_names.push_back(place.name);
    const MeasuredPairs::Nodes places = nodes_named(*set, place_names);
    std::vector<std::size_t> standing;
    for (std::size_t i = 0; i < out.world.standing; ++i) {
      if (places[i]) standing.push_back(*places[i]);
    }
    learnt = learn_law(*set, standing);
    measured.emplace(*set, nodes_named(*set, site_names), places);
  }
  const DelayGuess guess = guess_of(arguments, learnt);
  const GuessedPairs guessed{out.world, guess, borders};
  std::size_t known = 0, unknown = 0;
  out.problem = assemble(out.world, [&](std::size_t site, std::size_t place) -> std::optional<double> {
    if (measured) {
      if (measured->is_same_node(site, place)) return std::nullopt;
      if (const auto ms = measured->rtt_ms(site, place)) {
        ++known;
        return ms;
      }
    }
    ++unknown;
    return guessed.rtt_ms(site, place);
  });
  out.round_trips = "Round trips: " + std::to_string(known) + " measured, " + std::to_string(unknown) +
                    " guessed: " + guess.text() + ".";
  return out;
}

Result<PlanInput, PlanFault> over_folder(const PlanArguments& arguments, const Borders& borders,
                                         const Claim& prohibited) {
  PlanInput out;
  const auto set = read_measured(arguments, borders, out.notes);
  if (!set) return Fail{set.error()};
  auto folder = folder_world(
      *set, {arguments.start, arguments.seed, Kilometers{arguments.uncertainty_km}, prohibited.prohibited});
  if (!folder) return Fail{plan_fault(PlanExit::kUsage, folder.error())};
  out.world = std::move(folder->world);
  for (PlanSite& site : out.world.sites) site.claim.prohibited_areas = prohibited.prohibited_areas;
  set_rules(arguments, out.world);
  const MeasuredPairs measured{*set, folder->site_nodes, folder->place_nodes};
  const DelayGuess guess = guess_of(arguments, learn_law(*set, folder->standing_nodes));
  const GuessedPairs guessed{out.world, guess, borders};
  const bool knows_all = arguments.chosen_by == "measured";
  out.truth =
      assemble(out.world, [&](std::size_t site, std::size_t place) { return measured.rtt_ms(site, place); });
  out.problem = assemble(out.world, [&](std::size_t site, std::size_t place) -> std::optional<double> {
    if (knows_all || place < out.world.standing) return measured.rtt_ms(site, place);
    if (measured.is_same_node(site, place)) return std::nullopt;
    return guessed.rtt_ms(site, place);
  });
  out.round_trips =
      knows_all ? "Round trips: all as measured; nobody knows those of candidates beforehand."
                : "Round trips: of what stands as measured; of candidates guessed: " + guess.text() + ".";
  out.start = " (" +
              std::string{arguments.start.find_first_not_of("0123456789") == std::string::npos
                              ? "drawn by seed " + std::to_string(arguments.seed)
                              : arguments.start} +
              " of " + set->name + ")";
  return out;
}

}  // namespace

Result<PlanInput, PlanFault> read_plan_input(const PlanArguments& arguments, const Borders& borders) {
  auto areas = read_areas(arguments);
  if (!areas) return Fail{areas.error()};
  auto prohibited = prohibited_of(arguments, borders, *areas);
  if (!prohibited) return Fail{prohibited.error()};
  auto out = arguments.start.empty() ? over_files(arguments, borders, *areas, *prohibited)
                                     : over_folder(arguments, borders, *prohibited);
  if (out) out->prohibited = prohibited->prohibited;
  return out;
}

}  // namespace chiploc
