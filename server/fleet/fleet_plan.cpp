#include "server/fleet/fleet_plan.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "server/verifier/evidence.hpp"

namespace chiploc::fleet {

const std::vector<Kilometers>& AnchorDistances::to(CountryCode country) {
  const auto [it, first] = known_.try_emplace(country);
  if (first) {
    for (const FleetAnchor& anchor : anchors_)
      it->second.push_back(borders_.distance_to_country(anchor.place, country));
  }
  return it->second;
}

std::vector<std::size_t> choose_anchors(AnchorDistances& distances, const Claim& claim, std::size_t most) {
  std::vector<std::size_t> out(distances.anchors());
  std::iota(out.begin(), out.end(), std::size_t{0});
  if (out.size() <= most) return out;
  std::vector<double> near(out.size(), std::numeric_limits<double>::infinity());
  for (const CountryCode code : claim.licensed) {
    const std::vector<Kilometers>& its = distances.to(code);
    for (std::size_t i = 0; i < near.size(); ++i) near[i] = std::min(near[i], its[i].km());
  }
  std::stable_sort(out.begin(), out.end(),
                   [&near](std::size_t a, std::size_t b) { return near[a] < near[b]; });
  out.resize(most);
  return out;
}

FleetPlan::FleetPlan(FleetFile file, const Borders& borders, const std::function<bool()>& stop)
    : file_{std::move(file)}, borders_{borders}, law_{file_.network, file_.pings} {
  const auto stopped = [&stop] { return stop && stop(); };
  AnchorDistances distances{file_.anchors, borders_};
  std::uint64_t chips = 0;
  for (std::size_t s = 0; s < file_.sites.size(); ++s) {
    if (stopped()) return;
    const FleetSite& site = file_.sites[s];
    claims_.push_back({.licence = site.name, .licensed = site.licensed, .prohibited = file_.prohibited});
    judges_.push_back(std::make_unique<TerritoryJudge>(claims_.back(), borders_));
    spans_.push_back({chips, site.chips - site.diverted_chips(), situations_.size()});
    chips += site.chips;
    const auto anchors = choose_anchors(distances, claims_.back(), file_.anchors_per_round);
    for (std::size_t i = 0; i < site.situations(); ++i) {
      if (stopped()) return;
      add_situation(s, anchors, static_cast<unsigned>(i % site.uplinks), i >= site.uplinks);
    }
  }
  trees_.resize(situations_.size());
  whole_ = true;
}

void FleetPlan::add_situation(std::size_t site_index, const std::vector<std::size_t>& anchors,
                              unsigned uplink, bool diverted) {
  const FleetSite& site = file_.sites[site_index];
  Situation out{.site = site_index, .honest = !diverted, .anchors = anchors, .listeners = {}};
  NetworkSite end{.name = site.name + "/" + std::to_string(uplink),
                  .place = site.place,
                  .last_mile = site.last_mile,
                  .via = {},
                  .via_last_mile = {}};
  Nanoseconds stall{0};
  if (diverted) {
    const FleetDiversion& diversion = *site.diversion;
    out.dark = diversion.conduct == Conduct::kSilent;
    stall = diversion.stall;
    if (diversion.conduct == Conduct::kRelayed) {
      // The proxy stands where the honest chip stood, on its cables: a relay only ever adds to what those take.
      end.via = site.place;
      end.via_last_mile = last_mile(file_.network, end.name, site.last_mile);
      end.route = end.name;
    }
    // Elsewhere it has other cables.
    if (diversion.to) {
      end.place = *diversion.to;
      end.name += "/diverted";
      end.last_mile.reset();
    }
  }
  std::vector<Affiliation> theirs;
  for (const std::size_t i : anchors)
    theirs.push_back({file_.anchors[i].operator_name, file_.anchors[i].network});
  const std::vector<std::uint32_t> perspectives = number_perspectives(theirs);
  for (std::size_t i = 0; i < anchors.size(); ++i) {
    const FleetAnchor& anchor = file_.anchors[anchors[i]];
    const NetworkSite there{.name = anchor.name,
                            .place = anchor.stands,
                            .last_mile = anchor.last_mile,
                            .via = {},
                            .via_last_mile = {}};
    out.listeners.push_back({anchor.place, anchor.uncertainty, perspectives[i],
                             round_trip_delay(file_.network, there, end) + stall});
  }
  situations_.push_back(std::move(out));
}

Hearing FleetPlan::hearing(std::size_t situation) const {
  const Situation& it = situations_[situation];
  return {it.listeners, law_, file_.policy, *judges_[it.site]};
}

ChipPlace FleetPlan::place_of(std::uint64_t chip) const {
  const auto after =
      std::upper_bound(spans_.begin(), spans_.end(), chip,
                       [](std::uint64_t c, const SiteSpan& span) { return c < span.first_chip; });
  const auto site = static_cast<std::size_t>(after - spans_.begin()) - 1;
  const SiteSpan& span = spans_[site];
  const std::uint64_t within = chip - span.first_chip;
  const unsigned uplinks = file_.sites[site].uplinks;
  ChipPlace out{.site = site, .honest = span.first_situation + static_cast<std::size_t>(within % uplinks)};
  if (within >= span.first_diverted) out.diverted = out.honest + uplinks;
  return out;
}

void FleetPlan::grow_tree(std::size_t situation, const VerdictTree::Limits& limits) {
  if (!situations_[situation].dark)
    trees_[situation] = std::make_unique<VerdictTree>(hearing(situation), borders_, limits);
}

}  // namespace chiploc::fleet
