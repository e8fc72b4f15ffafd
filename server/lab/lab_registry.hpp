#pragma once
// The lab's registry, as the files that an import takes. Pure.

#include <string>
#include <vector>

#include "server/lab/lab_plan.hpp"

namespace chiploc {

/// What was made for one lab: the public halves of its keys.
struct LabIdentities {
  std::vector<std::string> maker_cas;          ///< PEM, beside makers_of(plan.file)
  std::vector<std::string> anchor_keys;        ///< raw Ed25519 in hex, beside plan.anchors
  std::vector<std::string> chip_certificates;  ///< PEM, beside plan.file.chips
};

inline constexpr const char* kLabMaker = "LabChips";
inline constexpr const char* kLabModel = "LAB-100";

struct LabRegistryFile {
  enum class Kind {
    kMakers,
    kModels,
    kTerritories,
    kEntities,
    kLicences,
    kSites,
    kOrders,
    kDeliveries,
    kAnchors,
    kChips,
    kProhibited
  };
  Kind kind{};
  std::string name;  ///< "makers.json"
  std::string content;
};
/// "makers.json" of kMakers, ...
[[nodiscard]] const char* file_name(LabRegistryFile::Kind kind);

/// Whose chips there are: the lab's own maker where a chip names no model, then those of the file.
[[nodiscard]] std::vector<std::string> makers_of(const LabFile& file);
/// Index in makers_of().
[[nodiscard]] std::size_t maker_of(const LabFile& file, const LabChip& chip);
[[nodiscard]] std::string model_of(const LabChip& chip);

/// In the order in which they refer to each other. No file of models, territories, entities, sites, orders and deliveries
/// where the lab has none.
[[nodiscard]] std::vector<LabRegistryFile> registry_files(const LabPlan& plan,
                                                          const LabIdentities& identities);

}  // namespace chiploc
