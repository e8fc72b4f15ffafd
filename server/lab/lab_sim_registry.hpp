#pragma once
// Who is in a simulated lab: keys and certificates by the world's dice, and the registry that knows them.

#include <memory>
#include <string>
#include <vector>

#include "proto/crypto/keys.hpp"
#include "server/lab/lab_plan.hpp"
#include "server/registry/registry.hpp"
#include "server/sim/sim_world.hpp"

namespace chiploc {

class Borders;

struct LabSimIdentities {
  std::unique_ptr<SoftwareKey> coordinator;
  std::vector<std::unique_ptr<SoftwareKey>> anchors;  ///< beside LabPlan::anchors
  std::vector<std::unique_ptr<SoftwareKey>> chips;    ///< beside LabFile::chips, as the next
  std::vector<Digest> certificates;
  Registry::Snapshot registry;  ///< the lab's own files through the production import
};

/// The same for the same plan and seed of the world. Fails with a sentence: what the import refuses.
[[nodiscard]] Result<LabSimIdentities, std::string> make_sim_identities(const LabPlan& plan,
                                                                        sim::SimWorld& world,
                                                                        const Borders& borders);

}  // namespace chiploc
