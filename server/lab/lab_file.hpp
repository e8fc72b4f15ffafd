#pragma once
// The lab's one TOML file: places, anchors, licences, chips, how each chip behaves, and what changes when.
// README.md has every key.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "geo/area/area.hpp"
#include "geo/borders/country_code.hpp"
#include "geo/lat_lon.hpp"
#include "proto/base/result.hpp"
#include "proto/base/time.hpp"
#include "server/lab/network_model.hpp"
#include "server/sim/paths/nearest_paths.hpp"

namespace chiploc {

/// What a chip of the lab does. The texts in the file are the names in lower case.
enum class Behaviour : std::uint8_t {
  kHonest,   ///< answers from its licensed site
  kMoved,    ///< answers from elsewhere (`at`)
  kRelayed,  ///< is elsewhere (`at`); all its traffic passes a proxy (`via`; by default at the licensed site)
  kStalled,  ///< waits before each answer, by a law
  kSilent,   ///< no program runs
  kCloned,   ///< a second program with the same key and certificate answers from `clone_at`
  kForged,   ///< signs its statements with a key that is not the certificate's
  kReplaying,  ///< sends the statement of the round before again
  kLying,      ///< claims an enormous processing time
  kExtracted,  ///< is elsewhere (`at`); its key was taken out of it and answers from the licensed site
  kEarly,      ///< answers pings, and beside each of them those to come
};
inline constexpr std::size_t kBehaviours = 11;
/// Whether its program is another one: chiploc-rogue-agent, or parts around a simulated one. The rest is the network's.
[[nodiscard]] bool needs_rogue(Behaviour behaviour);
[[nodiscard]] std::string_view name_of(Behaviour behaviour);

/// How long a stalled chip waits: as agent/rogue has it.
enum class LabStallLaw : std::uint8_t {
  kFixed,        ///< `stall`
  kUniform,      ///< `stall`, and up to `stall_spread` more
  kExponential,  ///< `stall`, and `stall_spread` more in the mean
};
[[nodiscard]] std::string_view name_of(LabStallLaw law);

/// A group of countries, or an area: what licences and the prohibited list may name beside countries.
struct LabTerritory {
  std::string name;
  std::vector<CountryCode> countries;  ///< of a group; empty for an area
  std::string geojson;                 ///< of an area
  std::shared_ptr<const Area> area;    ///< what geojson draws; null for a group
};

/// Countries and territories by their names.
struct LabPlaces {
  std::vector<CountryCode> countries;
  std::vector<std::string> territories;
};

/// What the clocks of an anchor's host do.
struct LabClocks {
  double drift_ppm = 0.0;  ///< its oscillator is fast by so much
  double slew_ppm = 0.0;   ///< its monotonic and wall clock are, against the oscillator
  Nanoseconds off{0};      ///< by which its wall clock was set: a change is a step
  friend bool operator==(const LabClocks&, const LabClocks&) = default;
};

struct LabAnchor {
  std::string name;
  LatLon place;
  std::string operator_name;
  std::string network;
  bool rendezvous = false;
  double uncertainty_km = 1.0;
  std::optional<Nanoseconds> last_mile;
  bool down = false;  ///< its program does not run
  PathExtra extra{};
  /// Where it truly stands; nullopt: at `place`, as registered.
  std::optional<LatLon> true_place{};
  LabClocks clocks{};
  friend bool operator==(const LabAnchor&, const LabAnchor&) = default;
};

struct LabLicence {
  std::string id;
  std::string holder;
  LabPlaces places;
  std::string end_user{};  ///< an entity; empty: not stated
};

/// A model of chips, and who makes it.
struct LabModel {
  std::string name;
  std::string maker;
  std::string eccn;
};

/// Who exports, buys, uses or operates.
struct LabEntity {
  std::string name;
  std::vector<std::string> roles;
  std::optional<CountryCode> country;
};

struct LabChip {
  std::string serial;
  Behaviour behaviour = Behaviour::kHonest;
  std::string licence;
  std::string site_name;
  LatLon site;                     ///< where the licence has it
  LatLon at;                       ///< where it is
  std::optional<LatLon> via;       ///< relayed only
  std::optional<LatLon> clone_at;  ///< cloned only
  Nanoseconds stall{0};            ///< stalled only
  bool inbound = false;            ///< the coordinator may reach it; otherwise it knocks
  std::optional<Nanoseconds> last_mile;
  CountryCode true_country;                     ///< of `at`
  std::vector<CountryCode> claimants{};         ///< of `at`, where more than one state holds or claims it
  std::vector<std::string> territories{};       ///< of the file's, those that hold `at`
  Nanoseconds stall_spread{0};                  ///< stalled only
  LabStallLaw stall_law = LabStallLaw::kFixed;  ///< stalled only
  Nanoseconds via_delay{0};                     ///< relayed only: what the proxy takes for each datagram
  std::optional<Nanoseconds> via_last_mile{};
  std::vector<LatLon> exits{};      ///< relayed only: more proxies, each for the anchors nearest to it
  std::uint32_t early_answers = 0;  ///< early only: how many pings to come are answered beside each
  PathExtra extra{};
  std::string order{};  ///< the order that it belongs to; empty: none
  std::string model{};  ///< empty: the lab's own
  std::string route{};  ///< whose cables (NetworkSite); empty: its own
  friend bool operator==(const LabChip&, const LabChip&) = default;
};

/// Two ends whose path is not as modelled.
struct LabPair {
  std::string a;
  std::string b;
  std::optional<Nanoseconds> round_trip{};  ///< nullopt: as modelled
  PathExtra extra{};
  friend bool operator==(const LabPair&, const LabPair&) = default;
};

/// Who an order of the registry is from and for: entities. `operator_name` may be empty.
struct LabParties {
  std::string exporter, buyer, end_user, operator_name;
};

/// Chips that were delivered together, of which a part may be elsewhere. They stand in a row in
/// LabFile::chips, the diverted ones last.
struct LabOrder {
  std::string id;
  std::size_t first = 0;
  std::size_t count = 0;
  std::size_t diverted = 0;
  std::optional<LabParties> parties{};   ///< none: nothing but a row of chips
  std::size_t quantity = 0;              ///< of the order in the registry, at least `count`
  std::optional<CountryCode> country{};  ///< of its site
};

/// One round of some chips. Begins at this lab time, or when the round before it has ended.
struct LabRound {
  Nanoseconds at{0};
  std::vector<std::size_t> chips;  ///< indexes in LabFile::chips
};

/// From `at` on the chip, anchor or pair is what stands here. Lab time begins when all programs are up.
struct LabEvent {
  Nanoseconds at{0};
  std::size_t index = 0;  ///< in the list of its kind
  std::variant<LabChip, LabAnchor, LabPair> after;
};

/// What goes into chiplocd.toml; the names and meanings are that file's.
struct LabPolicy {
  std::string speed = "vacuum";
  int faults = 1;
  int more_to_clear = 0;   ///< faults_to_clear: so many beyond `faults`
  int more_to_accuse = 0;  ///< faults_to_accuse: and so many beyond that
  int pings = 12;
  int ping_interval_ms = 40;
  int prepare_deadline_ms = 3000;
  int round_deadline_ms = 12000;
  int linger_ms = 2000;
};

/// What becomes of datagrams. The texts in the file are the names in lower case.
enum class LabNetworkModel : std::uint8_t {
  kLab,         ///< network_model.hpp; the only one of real programs
  kParametric,  ///< drawn from distributions (server/sim/paths/parametric_paths.hpp)
  kMatrix,      ///< measured by somebody (server/sim/paths/nearest_paths.hpp)
};
[[nodiscard]] std::string_view name_of(LabNetworkModel model);

struct LabFile {
  std::string name;
  int rounds = 2;  ///< of all chips, one after the other, where `schedule` is empty
  int parallel = 8;
  int knock_interval_ms = 800;
  NetworkOptions network;
  LabNetworkModel network_model = LabNetworkModel::kLab;
  std::shared_ptr<const PathModel> paths;  ///< of the other models; nullptr: the lab's own
  LabPolicy policy;
  LabPlaces prohibited;
  std::vector<LabTerritory> territories;
  std::vector<LabAnchor> anchors;
  std::vector<std::string> makers;
  std::vector<LabModel> models;
  std::vector<LabEntity> entities;
  std::vector<LabLicence> licences;
  std::vector<LabChip> chips;
  std::vector<LabOrder> orders;
  std::vector<LabPair> pairs;
  std::vector<LabRound> schedule;  ///< by time
  std::vector<LabEvent> events;    ///< by time
  /// What chiplocd.toml has beside what the lab makes: sections of the lab file, word for word.
  std::string chiplocd;

  [[nodiscard]] const LabLicence* licence(std::string_view id) const;
  [[nodiscard]] const LabTerritory* territory(std::string_view name) const;
  [[nodiscard]] const LabModel* model(std::string_view name) const;
  [[nodiscard]] const LabEntity* entity(std::string_view name) const;
  /// nullptr: none has the id.
  [[nodiscard]] const LabOrder* order(std::string_view id) const;
};

struct LabDaemonRead {
  std::vector<std::string> faults;
  bool measures = false;  ///< a cadence is set: rounds come without being asked for
};

/// A folder of measurements, and how its numbers are to be read: as the options of `chiploc eval`.
struct LabMeasured {
  std::filesystem::path folder;
  std::optional<double> resolution_ms{};  ///< the step to which they were rounded; nullopt: not stated
  bool truncated = false;                 ///< rounded down
  std::vector<double> believe_ms{};
  bool believe_order = false, believe_fast = false;
};

/// What the map says; from geo/borders/borders.hpp in the program. And what chiplocd says of its own sections.
struct LabWorld {
  std::function<std::optional<CountryCode>(LatLon)> country_at;
  std::function<bool(CountryCode)> known;
  std::function<std::vector<CountryCode>(LatLon)> claimants_at{};  ///< none: no land is contested
  /// What chiplocd finds wrong with its sections, each fault with its line, and whether it measures by itself. The text
  /// has them at the lines where they stand in the file. None: nobody looks.
  std::function<LabDaemonRead(std::string_view text, const std::filesystem::path& name)> chiplocd{};
  /// A folder of measurements, for a network that is one. Fails with the faults of its files. None: this program reads
  /// no measurements.
  std::function<Result<RttMatrix, std::vector<std::string>>(const LabMeasured& what)> measured{};
};

inline constexpr std::size_t kLabAnchorsMax = 64;
inline constexpr std::size_t kLabChipsMax = 10'000;
inline constexpr std::size_t kLabTerritoriesMax = 100;
inline constexpr std::size_t kLabEventsMax =
    1000;  ///< an event of an order counts once for each of its chips, one that repeats as often as it does
inline constexpr std::size_t kLabRoundsMax = 1000;  ///< one that repeats counts as often as it does
inline constexpr Nanoseconds kLabTimeMax = std::chrono::hours{24 * 60};
/// An end of a lab is so near to a node of its matrix.
inline constexpr double kNodeWithinKm = 100.0;
/// A lab of real programs takes the time that its file says: no longer than this.
/// And has a program for each chip: no more than these.
inline constexpr std::size_t kLabRealChipsMax = 1000;
inline constexpr Nanoseconds kLabRealTimeMax = std::chrono::hours{24};

/// Fails with every fault, in the order of the lines, each `FILE:LINE: key: problem; what to do`.
///
/// Checked beyond types and ranges: names unique and plain (letters, digits and . _ -), references known,
/// keys that belong to another behaviour, chips at sea, a licensed site outside its licence, knocking chips
/// without a rendezvous anchor, areas that cannot be read, events of what is not there or that no round comes
/// after.
[[nodiscard]] Result<LabFile, std::vector<std::string>> load_lab_file(const std::filesystem::path& file,
                                                                      const LabWorld& world);
/// The same from text; `name` stands for the file in messages.
[[nodiscard]] Result<LabFile, std::vector<std::string>> parse_lab_file(std::string_view text,
                                                                       const std::filesystem::path& name,
                                                                       const LabWorld& world);

/// "60s", "1500ms", "2min", "6h", "3d": up to kLabTimeMax; nullopt: none of these.
[[nodiscard]] std::optional<Nanoseconds> lab_time_of(std::string_view text);

/// Every key that the file may have, "section.key".
[[nodiscard]] std::set<std::string> lab_file_keys();

}  // namespace chiploc
