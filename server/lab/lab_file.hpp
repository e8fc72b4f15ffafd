#pragma once
// The lab's one TOML file: places, anchors, licences, chips and how each chip behaves.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "geo/borders/country_code.hpp"
#include "geo/lat_lon.hpp"
#include "proto/base/result.hpp"
#include "proto/base/time.hpp"
#include "server/lab/network_model.hpp"

namespace chiploc {

/// What a chip of the lab does. The texts in the file are the names in lower case.
enum class Behaviour : std::uint8_t {
  kHonest,   ///< answers from its licensed site
  kMoved,    ///< answers from elsewhere (`at`)
  kRelayed,  ///< is elsewhere (`at`); all its traffic passes a proxy (`via`; by default at the licensed site)
  kStalled,  ///< waits stall_ms before each answer
  kSilent,   ///< no program runs
  kCloned,   ///< a second program with the same key and certificate answers from `clone_at`
  kForged,   ///< signs its statements with a key that is not the certificate's
  kReplaying,  ///< sends the statement of the round before again
  kLying,      ///< claims an enormous processing time
};
[[nodiscard]] std::string_view name_of(Behaviour behaviour);

struct LabAnchor {
  std::string name;
  LatLon place;
  std::string operator_name;
  std::string network;
  bool rendezvous = false;
  double uncertainty_km = 1.0;
  std::optional<Nanoseconds> last_mile;
};

struct LabLicence {
  std::string id;
  std::string holder;
  std::vector<CountryCode> countries;
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
  CountryCode true_country;              ///< of `at`
  std::vector<CountryCode> claimants{};  ///< of `at`, where more than one state holds or claims it
};

struct LabPair {
  std::string a;
  std::string b;
  Nanoseconds round_trip{0};
};

/// What goes into chiplocd.toml; the names and meanings are that file's.
struct LabPolicy {
  std::string speed = "vacuum";
  int faults = 1;
  int pings = 12;
  int ping_interval_ms = 40;
  int prepare_deadline_ms = 3000;
  int round_deadline_ms = 12000;
  int linger_ms = 2000;
};

struct LabFile {
  std::string name;
  int rounds = 2;
  int parallel = 8;
  int knock_interval_ms = 800;
  NetworkOptions network;
  LabPolicy policy;
  std::set<CountryCode> prohibited;
  std::vector<LabAnchor> anchors;
  std::vector<LabLicence> licences;
  std::vector<LabChip> chips;
  std::vector<LabPair> pairs;

  [[nodiscard]] const LabLicence* licence(std::string_view id) const;
};

/// What the map says; from geo/borders/borders.hpp in the program.
struct LabWorld {
  std::function<std::optional<CountryCode>(LatLon)> country_at;
  std::function<bool(CountryCode)> known;
  std::function<std::vector<CountryCode>(LatLon)> claimants_at{};  ///< none: no land is contested
};

inline constexpr std::size_t kLabAnchorsMax = 64;
inline constexpr std::size_t kLabChipsMax = 1000;

/// Fails with every fault, in the order of the lines, each `FILE:LINE: key: problem; what to do`.
///
/// Checked beyond types and ranges: names unique and plain (letters, digits and . _ -), references known,
/// keys that belong to another behaviour, chips at sea, a licensed site outside its licence, knocking chips
/// without a rendezvous anchor.
[[nodiscard]] Result<LabFile, std::vector<std::string>> load_lab_file(const std::filesystem::path& file,
                                                                      const LabWorld& world);
/// The same from text; `name` stands for the file in messages.
[[nodiscard]] Result<LabFile, std::vector<std::string>> parse_lab_file(std::string_view text,
                                                                       const std::filesystem::path& name,
                                                                       const LabWorld& world);

}  // namespace chiploc
