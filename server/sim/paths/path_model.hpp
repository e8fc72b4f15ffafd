#pragma once
// What becomes of a datagram in a simulated wide area. Pure: no clock, no state, no dice of its own.

#include <cstdint>
#include <optional>
#include <string_view>

#include "geo/lat_lon.hpp"
#include "proto/base/time.hpp"

namespace chiploc {

/// Which kind of thing stands at the end of a path: a chip's last mile may be longer than a server's.
enum class EndKind : std::uint8_t { kAnchor, kChip, kProxy };

/// One end. Its name decides by which cables it hangs: another name is another last mile, at the same place.
struct PathEnd {
  std::string_view name;
  LatLon place;
  EndKind kind = EndKind::kAnchor;
  /// Its last mile, both ways together, where somebody states it; otherwise as the network has it.
  std::optional<double> last_mile_ms{};
};

/// One datagram on its way.
struct PathDatagram {
  std::uint64_t seed = 1;    ///< which network
  Nanoseconds at{0};         ///< when it is sent, since the simulation's first midnight (UTC)
  std::uint64_t number = 0;  ///< tells datagrams of one moment apart
};

struct PathFate {
  bool lost = false;
  Nanoseconds delay{0};  ///< one way; what it would have taken, if it is lost
  friend bool operator==(const PathFate&, const PathFate&) = default;
};

/// A network. Every answer is a function of the model and of the arguments alone, so that runs on any number of
/// threads see the same network, to the nanosecond, whatever was asked before. Thread-safe: nothing changes.
class PathModel {
 public:
  virtual ~PathModel() = default;
  /// Never less than light in vacuum needs along the geodesic between the two places.
  [[nodiscard]] virtual PathFate fate(const PathEnd& from, const PathEnd& to,
                                      const PathDatagram& datagram) const = 0;
  /// The same with empty queues: lost is only what cannot pass at that time.
  [[nodiscard]] virtual PathFate least(const PathEnd& from, const PathEnd& to,
                                       const PathDatagram& datagram) const = 0;
};

/// Milliseconds of a round trip for each kilometre between the ends: in vacuum, and in fibre (2/3 c).
inline constexpr double kLightMsPerKm = 2'000.0 / kLightInVacuum.km_s();
inline constexpr double kFibreMsPerKm = 2'000.0 / kLightInFibre.km_s();

/// Whole nanoseconds that are no less than so many milliseconds.
[[nodiscard]] Nanoseconds rounded_up(double ms);

/// The least time that anything takes one way between two places, rounded up.
[[nodiscard]] Nanoseconds least_one_way(LatLon a, LatLon b);

}  // namespace chiploc
