#pragma once
// A fleet as a file has it: how many chips are where, who listens, by what they are judged. README.md has the keys.

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "geo/borders/borders.hpp"
#include "proto/base/result.hpp"
#include "server/lab/network_model.hpp"
#include "server/policy/policy.hpp"
#include "server/status/status_keeping.hpp"

namespace chiploc::fleet {

struct FleetAnchor {
  std::string name;
  LatLon place;   ///< as registered
  LatLon stands;  ///< truly
  Kilometers uncertainty{1.0};
  std::string operator_name, network;
  std::optional<Nanoseconds> last_mile{};
};

/// What some chips of a site do from a time on.
enum class Conduct : std::uint8_t {
  kMoved,    ///< they answer from elsewhere
  kRelayed,  ///< likewise, through a proxy at their site
  kStalled,  ///< they answer late, from their site or from elsewhere
  kSilent,   ///< they answer no more
};
[[nodiscard]] std::string_view name_of(Conduct conduct);

struct FleetDiversion {
  double share = 0.0;  ///< of the site's chips, its last ones
  Nanoseconds at{0};
  Conduct conduct = Conduct::kMoved;
  std::optional<LatLon> to{};
  Nanoseconds stall{0};
};

struct FleetSite {
  std::string name;
  LatLon place;
  std::uint64_t chips = 0;
  std::vector<CountryCode> licensed;
  unsigned uplinks = 1;  ///< networks that its chips are spread over, each with paths of its own
  std::optional<Nanoseconds> last_mile{};
  std::optional<FleetDiversion> diversion{};
  /// To the nearest whole number.
  [[nodiscard]] std::uint64_t diverted_chips() const;
  [[nodiscard]] std::size_t situations() const { return std::size_t{uplinks} * (diversion ? 2U : 1U); }
};

struct FleetFile {
  std::string name;
  std::uint64_t seed = 1;
  unsigned days = 1;
  Nanoseconds cadence = std::chrono::hours{1};
  std::vector<CountryCode> prohibited;
  NetworkOptions network;
  Policy policy;
  unsigned pings = 8;
  std::size_t anchors_per_round = 8;
  StatusKeeping keeping;
  std::vector<FleetAnchor> anchors;
  std::vector<FleetSite> sites;

  [[nodiscard]] Nanoseconds length() const { return std::chrono::hours{24} * days; }
  [[nodiscard]] std::uint64_t chips() const;
  /// What the same is true of, for all sites: each uplink, and each again where there is a diversion.
  [[nodiscard]] std::size_t situations() const;
  /// The sums that a tally has: an hour of each situation and each anchor.
  [[nodiscard]] std::size_t tally_cells() const {
    return (situations() + anchors.size()) * std::size_t{days} * 24;
  }
  [[nodiscard]] std::uint64_t rounds_of_a_chip() const {
    return static_cast<std::uint64_t>(length() / cadence);
  }
};

inline constexpr std::uint64_t kFleetChipsMax = 100'000'000;
inline constexpr std::size_t kFleetSitesMax = 10'000;
inline constexpr std::size_t kFleetAnchorsMax = 4'096;
inline constexpr std::size_t kFleetSituationsMax = 50'000;  ///< each has boxes, 32 KiB at most
inline constexpr std::size_t kFleetCellsMax = 50'000'000;   ///< of a tally, 8 bytes each
inline constexpr std::size_t kFleetFileMax = std::size_t{4} << 20U;

/// Fails with every fault, "FILE:LINE: section.key: problem; what to do".
[[nodiscard]] Result<FleetFile, std::vector<std::string>> parse_fleet(std::string_view text,
                                                                      const std::filesystem::path& name,
                                                                      const Borders& borders);
/// Every key that such a file may have of its own, "section.key": [policy] and [status] are a policy's.
[[nodiscard]] std::set<std::string> fleet_keys();

}  // namespace chiploc::fleet
