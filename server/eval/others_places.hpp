#pragma once
// Whom a measurement of others names -> a node with a place.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "server/eval/atlas_probes.hpp"
#include "server/eval/cloud_regions.hpp"
#include "server/eval/others.hpp"

namespace chiploc {

/// A line of nodes.csv to be, as text; what it says is checked by whoever reads nodes.csv.
struct PlacedNode {
  std::string id, name, lat, lon, country, role, uncertainty_km;
  std::string origin;      ///< the file it is from, or "cloud region"
  std::uint32_t line = 0;  ///< in that file
};

/// Everything that is known of places. Names are looked up as they stand, in this order:
///
///     node     id, else name, in the file of nodes; of the target's address too
///     probe    of RIPE Atlas, a source by its number, a target by its address
///     region   of a cloud; of all names that are none of the above, one provider has to know all, or each
///              name has to mean one place
class PlaceBook {
 public:
  /// `provider` empty: not stated.
  explicit PlaceBook(std::string provider) : provider_{std::move(provider)} {}

  /// A file as nodes.csv: id, name, lat, lon, country_iso2, and if it likes role and uncertainty_km.
  void read_nodes(const OthersFile& file, const RttLimits& limits, FaultLog& faults);
  void read_probes(const OthersFile& file, FaultLog& faults);

  /// Numbers in nodes() of the two ends of each row, in the order in which they first appear.
  ///
  /// Fails     Sentences that name everyone who has no place, or may have several, with the way out.
  [[nodiscard]] Result<std::vector<std::pair<std::size_t, std::size_t>>, std::vector<std::string>> resolve(
      const OthersRows& rows, bool atlas);
  [[nodiscard]] const std::vector<PlacedNode>& nodes() const { return nodes_; }
  /// Nodes of the file that no row names.
  [[nodiscard]] std::size_t unnamed() const { return stated_.size() - std::min(stated_.size(), used_); }

 private:
  struct Wanted {
    std::string name, address;
    bool probe;  ///< a source of RIPE Atlas
  };
  [[nodiscard]] std::optional<PlacedNode> known(const Wanted& wanted) const;
  void choose_provider(const std::vector<Wanted>& wanted);
  [[nodiscard]] std::optional<PlacedNode> region(const std::string& name, std::string& several) const;

  std::string provider_;
  std::vector<PlacedNode> stated_;
  std::map<std::string, std::size_t> by_id_;
  std::map<std::string, std::vector<std::size_t>> by_name_;
  std::vector<std::pair<AtlasProbe, std::string>> probes_;  // with their file
  std::map<std::string, std::size_t> probe_by_id_, probe_by_address_;
  std::vector<std::string_view> candidates_;  // providers that know every region asked for
  std::vector<PlacedNode> nodes_;
  std::size_t used_ = 0;
};

}  // namespace chiploc
