#pragma once
// Where the regions of clouds are, as far as their providers say: cloud_region_table.cpp has the places and the
// sources.

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace chiploc {

struct CloudRegion {
  std::string_view provider;  ///< aws, gcp, azure, oci, alibaba
  std::string_view name;      ///< us-east-1
  std::string_view area;      ///< what the provider calls its place
  double lat, lon;            ///< of that city, or the middle of that state or country
  std::string_view country;   ///< ISO 3166-1
  double uncertainty_km;      ///< the region's places are not farther from it
};

[[nodiscard]] std::span<const CloudRegion> cloud_regions();
[[nodiscard]] std::vector<std::string_view> cloud_providers();

/// The regions that a name may mean. In the name the provider may stand before the region ("aws:us-east-1",
/// "gcp/us-central1", "azure eastus"), an availability zone's letter behind it (us-east-1a, us-central1-b);
/// case and blanks do not count ("East US 2"). `provider` empty: of all.
[[nodiscard]] std::vector<const CloudRegion*> regions_named(std::string_view name, std::string_view provider);

/// Whether two entries are one place: clouds in the same city, of the same word for it.
[[nodiscard]] bool same_place(const CloudRegion& a, const CloudRegion& b);

}  // namespace chiploc
