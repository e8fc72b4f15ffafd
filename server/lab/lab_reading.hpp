#pragma once
// One lab file being read; private to this folder. lab_reading.cpp has the fields, lab_reading_chips.cpp the
// chips and orders, lab_reading_network.cpp the network, lab_reading_registry.cpp whose they are and chiplocd's own sections, lab_reading_events.cpp events
// and rounds, lab_file.cpp the rest.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "server/config/toml_reader.hpp"
#include "server/lab/lab_file.hpp"

namespace chiploc {

/// Reads one file. Faults are collected by the reader; values of faulty keys are never used, because the
/// caller gets nothing when there is a fault.
class LabReading {
 public:
  LabReading(TomlReader reader, const LabWorld& world, std::filesystem::path name);
  [[nodiscard]] Result<LabFile, std::vector<std::string>> run();
  /// Asks for every key of every section that is there.
  [[nodiscard]] std::set<std::string> asked() {
    static_cast<void>(run());
    return reader_.asked();
  }

 private:
  // lab_file.cpp
  void read_general();
  void read_place(TomlSection& section);
  /// Given by coordinates, or by how far it is from another place.
  [[nodiscard]] std::optional<LatLon> place_of(TomlSection& section);
  void read_territory(TomlSection& section);
  void read_licence(TomlSection& section);
  void read_anchor(TomlSection& section);
  void read_pair(TomlSection& section);
  void check_whole();
  void check_deadline();

  // lab_reading_network.cpp
  void read_network();
  void read_parametric(TomlSection& network);
  /// Of the other models: what is the parametric one's.
  void refuse_paths(TomlSection& network);
  void read_matrix(TomlSection& network);
  /// Of a matrix: a node of it is near enough.
  void check_node(TomlSection& section, std::string_view key, LatLon place);
  /// Of a matrix: no anchor is at the node of where the chip, its proxy and its clone are. `place_key`: as of
  /// read_conduct().
  void check_apart(TomlSection& section, std::string_view place_key, const LabChip& chip);
  /// Ends that the file's own sections of paths name are ends of the lab.
  void check_path_ends();

  // lab_reading_chips.cpp
  void read_chip(TomlSection& section);
  void read_order(TomlSection& section);
  /// What chips and orders have in common: licence, site, reach, last mile. nullopt: a fault was noted.
  [[nodiscard]] std::optional<LabChip> read_delivered(TomlSection& section, const std::string& serial);
  [[nodiscard]] Behaviour read_behaviour(TomlSection& section, Behaviour otherwise);
  /// How a chip behaves, by the keys of the section; `chip` has what holds without them. `place_key` says
  /// where it is. The chip is looked up on the map.
  void read_conduct(TomlSection& section, std::string_view place_key, LabChip& chip);
  void read_proxy(TomlSection& section, LabChip& chip);
  void read_stall(TomlSection& section, LabChip& chip);
  void add_chip(TomlSection& section, std::string_view key, LabChip chip);

  // lab_reading_registry.cpp
  void read_maker(TomlSection& section);
  void read_model(TomlSection& section);
  void read_entity(TomlSection& section);
  /// An entity that has this role. Empty: not given.
  std::string party(TomlSection& section, std::string_view key, const std::string& role, bool required);
  void read_parties(TomlSection& section, LabOrder& order, const std::string& site);
  void read_daemon(const std::filesystem::path& name);

  // lab_reading_events.cpp
  void read_events(std::vector<TomlSection> sections);
  void read_event(TomlSection& section, Nanoseconds at, LabFile& now);
  // Each says whether anything changes; one that has noted a fault says so as well.
  bool read_chip_event(TomlSection& section, Nanoseconds at, const std::string& serial, LabFile& now);
  bool change_chip(TomlSection& section, Nanoseconds at, std::size_t index, LabFile& now);
  bool read_order_event(TomlSection& section, Nanoseconds at, const std::string& id, LabFile& now);
  bool read_anchor_event(TomlSection& section, Nanoseconds at, const std::string& name, LabFile& now);
  bool read_pair_event(TomlSection& section, Nanoseconds at, LabFile& now);
  template <class Thing>
  bool add_event(TomlSection& section, Nanoseconds at, std::size_t index, const Thing& before,
                 const Thing& after);
  void refuse_keys(TomlSection& section, std::initializer_list<std::string_view> keys,
                   const std::string& why);
  void read_round(TomlSection& section);
  void check_times();

  // lab_reading.cpp
  static int whole(TomlSection& section, std::string_view key, int min, int max, int otherwise);
  /// Milliseconds; `otherwise` where the key is absent.
  static Nanoseconds duration_ms(TomlSection& section, std::string_view key, double max,
                                 Nanoseconds otherwise);
  /// "60s", "1500ms", "2min", "6h", "3d": a lab time. Without `otherwise` it must be there.
  static Nanoseconds lab_time(TomlSection& section, std::string_view key, std::string_view otherwise = {});
  /// `first`, and by `every` and `count` what comes after it.
  static std::vector<Nanoseconds> times_of(TomlSection& section, Nanoseconds first, std::size_t most);
  /// What an anchor's clocks do, by the keys of its section or of an event.
  static LabClocks clocks(TomlSection& section, const LabClocks& otherwise);
  static PathExtra extra(TomlSection& section, const PathExtra& otherwise);
  /// Endpoint names share one space: the relay, the log files and the folders are named after them.
  std::string unique_name(TomlSection& section, std::string_view key);
  static std::optional<LatLon> position(TomlSection& section);
  std::optional<Nanoseconds> last_mile_of(TomlSection& section, std::string_view key);
  std::optional<LatLon> place_named(TomlSection& section, std::string_view key, const std::string& name);
  std::optional<LatLon> optional_place(TomlSection& section, std::string_view key, bool allowed,
                                       std::string_view why_not);
  std::optional<CountryCode> country(TomlSection& section, std::string_view key, const std::string& text);
  std::vector<CountryCode> countries(TomlSection& section, std::string_view key);
  LabPlaces places(TomlSection& section, std::string_view key, bool required);
  std::optional<CountryCode> land(TomlSection& section, std::string_view key, LatLon place);
  [[nodiscard]] std::vector<std::string> territories_at(LatLon place,
                                                        std::optional<CountryCode> country) const;
  [[nodiscard]] std::vector<CountryCode> claimants_at(LatLon place) const;
  [[nodiscard]] std::optional<std::size_t> chip_index(std::string_view serial) const;
  [[nodiscard]] std::optional<std::size_t> anchor_index(std::string_view name) const;

  TomlReader reader_;
  TomlSection lab_;
  TomlSection policy_;
  const LabWorld& world_;
  std::filesystem::path name_;  ///< of the file
  LabFile file_;
  std::shared_ptr<const NearestPaths> matrix_;  ///< file_.paths, if it is one
  bool rounds_given_ = false;
  LabDaemonRead daemon_;
  std::map<std::string, LatLon, std::less<>> places_;
  std::set<std::string> names_;
  std::vector<TomlSection> event_sections_;  ///< beside file_.events
};

}  // namespace chiploc
