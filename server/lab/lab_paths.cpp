#include "server/lab/lab_paths.hpp"

#include <vector>

#include "server/lab/relay_config.hpp"

namespace chiploc {

LabPaths lab_paths_of(const LabPlan& plan, SteadyTime epoch) {
  const RelayConfig config = relay_config_of(plan);
  if (!plan.file.paths) return LabPaths{relay_paths_of(config)};
  std::vector<NetworkSite> sites;
  for (const RelayEndpoint& endpoint : config.endpoints) sites.push_back(endpoint.site);
  // What a parametric network loses is its own affair.
  const double besides = plan.file.network_model == LabNetworkModel::kMatrix ? config.network.loss : 0.0;
  ModelPaths paths{plan.file.paths, config.network.seed, besides, epoch, std::move(sites)};
  for (const PairOverride& pair : config.pairs)
    paths.set_pair(*paths.find(pair.a), *paths.find(pair.b),
                   {.round_trip = pair.round_trip, .extra = pair.extra});
  return LabPaths{std::move(paths)};
}

}  // namespace chiploc
