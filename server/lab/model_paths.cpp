#include "server/lab/model_paths.hpp"

#include <algorithm>

#include "server/lab/milliseconds.hpp"
#include "server/sim/paths/path_dice.hpp"

namespace chiploc {
namespace {

/// What is stated of a last mile is one way; a model counts both.
std::optional<double> both_ways_ms(const std::optional<Nanoseconds>& one_way) {
  return one_way ? std::optional{2.0 * to_ms(*one_way)} : std::nullopt;
}

}  // namespace

PathFate fate_through(const PathModel& model, const NetworkSite& from, const NetworkSite& to,
                      const PathDatagram& datagram, bool queues) {
  PathFate out;
  const auto pass = [&](const PathEnd& a, const PathEnd& b) {
    const PathFate leg = queues ? model.fate(a, b, datagram) : model.least(a, b, datagram);
    out.lost = out.lost || leg.lost;
    out.delay += leg.delay;
  };
  const auto own = [](const NetworkSite& site) {
    return PathEnd{site.name, site.place, site.kind, both_ways_ms(site.last_mile)};
  };
  const auto from_proxy = proxy_towards(from, to.place), to_proxy = proxy_towards(to, from.place);
  const auto end_of = [](const NetworkSite& site, const NetworkProxy& proxy) {
    return PathEnd{proxy.name, proxy.place, EndKind::kProxy, both_ways_ms(site.via_last_mile)};
  };
  PathEnd a = own(from), b = own(to);
  if (from_proxy) {
    const PathEnd exit = end_of(from, *from_proxy);
    pass(a, exit);
    out.delay += from.via_delay;
    a = exit;
  }
  if (to_proxy) {
    const PathEnd entry = end_of(to, *to_proxy);
    pass(entry, b);
    out.delay += to.via_delay;
    b = entry;
  }
  pass(a, b);
  return out;
}

ModelPaths::ModelPaths(std::shared_ptr<const PathModel> model, std::uint64_t seed, double loss,
                       SteadyTime epoch, std::vector<NetworkSite> sites)
    : model_{std::move(model)},
      seed_{seed},
      loss_{loss},
      epoch_{epoch},
      sites_{std::move(sites)},
      paths_(sites_.size() * sites_.size()) {}

RelayPaths::Decision ModelPaths::forward(std::size_t from, std::size_t to, SteadyTime arrived) {
  const std::size_t directed = from * sites_.size() + to;
  Path& path = paths_[directed];
  const NetworkSite &a = sites_[from], &b = sites_[to];
  const auto found = pairs_.find(std::minmax(from, to));
  static const RelayPaths::Pair kAsModelled{};
  const RelayPaths::Pair& pair = found == pairs_.end() ? kAsModelled : found->second;
  // Chips at one node of a matrix are one end to it: their datagrams are told apart by number.
  const PathDatagram datagram{seed_, std::max(Nanoseconds{0}, arrived - epoch_),
                              path.datagrams++ * paths_.size() + directed};
  // An odd nanosecond goes to one of the two directions.
  const auto half = [&](Nanoseconds t) { return from < to ? t / 2 : t - t / 2; };
  PathFate fate =
      pair.round_trip ? PathFate{false, half(*pair.round_trip)} : fate_through(*model_, a, b, datagram, true);
  const double kept = (1.0 - loss_) * (1.0 - pair.extra.loss) * (1.0 - a.extra.loss) * (1.0 - b.extra.loss);
  const PathDice dice = PathDice{seed_}.with("lost besides").with(a.name).with(b.name).with(datagram.number);
  if (fate.lost || dice.unit() < 1.0 - kept) return {.due = {}, .lost = true, .reordered = false};
  fate.delay += half(pair.extra.added_round_trip + a.extra.added_round_trip + b.extra.added_round_trip);
  path.last_due = std::max(arrived + fate.delay, path.last_due);
  return {.due = path.last_due, .lost = false, .reordered = false};
}

std::optional<std::size_t> ModelPaths::find(std::string_view name) const {
  const auto at =
      std::find_if(sites_.begin(), sites_.end(), [&](const NetworkSite& s) { return s.name == name; });
  if (at == sites_.end()) return std::nullopt;
  return static_cast<std::size_t>(at - sites_.begin());
}

void ModelPaths::set_pair(std::size_t a, std::size_t b, const RelayPaths::Pair& pair) {
  pairs_[std::minmax(a, b)] = pair;
}

void ModelPaths::set_site(std::size_t index, const NetworkSite& site) {
  const std::string name = sites_[index].name;
  sites_[index] = site;
  sites_[index].name = name;
}

}  // namespace chiploc
