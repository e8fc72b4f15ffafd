#pragma once
// What the registry holds, as checked values. Nothing here has been accepted on trust: import.cpp builds
// these from rows whose every field passed fields.hpp.

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "geo/borders/country_code.hpp"
#include "geo/lat_lon.hpp"
#include "geo/units.hpp"
#include "proto/base/bytes.hpp"
#include "proto/base/endpoint.hpp"
#include "proto/base/ids.hpp"
#include "proto/base/result.hpp"
#include "proto/base/time.hpp"
#include "proto/crypto/certificate.hpp"

namespace chiploc {

class Area;

/// A calendar day in UTC.
using Date = std::chrono::year_month_day;

/// A maker of chips and the authorities that certify their keys.
struct Maker {
  std::string name;
  std::vector<std::string> ca_certificates;  ///< one PEM block each; at least one
  friend bool operator==(const Maker&, const Maker&) = default;
};

/// What a maker has revoked: the newest list of each of its authorities that ever gave one. Parsed once, when
/// it comes in or is read back; whoever verifies a certificate only borrows them.
struct MakerRevocations {
  std::string maker;                  ///< Maker::name
  std::vector<RevocationList> lists;  ///< at least one; no two of one authority overlap
  friend bool operator==(const MakerRevocations&, const MakerRevocations&) = default;
};

/// How the coordinator gets tickets to a chip.
struct Reach {
  std::optional<Endpoint> inbound;  ///< nullopt: the chip knocks at its rendezvous anchors
  friend bool operator==(const Reach&, const Reach&) = default;
};

/// A model of chips, as its maker and the export rules call it.
struct ModelRecord {
  std::string name;    ///< as chips have it; no two makers' models share one
  std::string maker;   ///< Maker::name
  std::string eccn;    ///< "3A090.a", "EAR99"
  std::string note{};  ///< empty: none
  friend bool operator==(const ModelRecord&, const ModelRecord&) = default;
};

struct ChipRecord {
  ChipId id;           ///< its name on the wire: DeviceId::chip_id
  std::string serial;  ///< of the board: several chips may share one
  std::string maker;   ///< Maker::name
  std::string model;
  std::string licence;     ///< LicenceRecord::id
  ByteVector certificate;  ///< device certificate, DER; its subject serialNumber is the device id in hex
  Reach reach;
  ByteVector device_id{};  ///< as the maker issued it, where that is longer than 16 bytes; else empty
  std::vector<ByteVector>
      issuers{};           ///< device CAs between certificate and maker, DER, nearest first; at most 2
  std::string delivery{};  ///< DeliveryRecord::id that brought it; empty: not stated
  friend bool operator==(const ChipRecord&, const ChipRecord&) = default;
};

/// The id that the maker gave the chip, in hex.
[[nodiscard]] std::string device_id_of(const ChipRecord& chip);

/// A name for a group of countries, or for an area: what licences and the prohibited list may name beside
/// countries.
struct TerritoryRecord {
  std::string name;                    ///< never looks like a country's code
  std::vector<CountryCode> countries;  ///< of a group: sorted, no duplicates; empty for an area
  std::string geojson;                 ///< of an area, as imported; empty for a group
  std::shared_ptr<const Area> area{};  ///< what geojson draws; null for a group
  Digest geojson_sha256{};             ///< zeros for a group
  /// Why the drawing cannot be read, of one that an earlier version took: its area is then Area::unknown().
  std::string unreadable{};
};
/// Reads its area.
[[nodiscard]] Result<TerritoryRecord, std::string> area_territory(std::string name, std::string geojson);
/// The same of what was imported once: never fails, so that a store opens whatever this version refuses.
[[nodiscard]] TerritoryRecord stored_area_territory(std::string name, std::string geojson);

[[nodiscard]] bool operator==(const TerritoryRecord& a, const TerritoryRecord& b);

/// Countries and named territories, as a licence or the prohibited list names them. Sorted, no duplicates.
struct NamedPlaces {
  std::vector<CountryCode> countries;
  std::vector<std::string> territories;  ///< TerritoryRecord::name
  [[nodiscard]] bool empty() const { return countries.empty() && territories.empty(); }
  friend bool operator==(const NamedPlaces&, const NamedPlaces&) = default;
};

struct LicenceRecord {
  std::string id;
  std::string holder;
  NamedPlaces places;          ///< at least one
  Date valid_from;             ///< first day, from 00:00 UTC
  Date valid_to;               ///< last day, to its end; never before valid_from
  std::string end_user{};      ///< EntityRecord::name; empty: not stated
  std::uint32_t quantity = 0;  ///< most chips under it; 0: not stated
  friend bool operator==(const LicenceRecord&, const LicenceRecord&) = default;
};
/// True from the start of the first day to the end of the last.
[[nodiscard]] bool valid_at(const LicenceRecord& licence, WallTime now);

/// What somebody is in orders, licences and sites.
enum class EntityRole : std::uint8_t { kExporter = 1, kBuyer = 2, kEndUser = 3, kOperator = 4 };

/// Why an entity is watched, and from which day on.
struct Watch {
  std::string reason;
  Date since{};
  friend bool operator==(const Watch&, const Watch&) = default;
};

/// Somebody who sends chips, buys, uses or runs them.
struct EntityRecord {
  std::string name;
  std::vector<EntityRole> roles;         ///< at least one; sorted, no duplicates
  std::optional<CountryCode> country{};  ///< where it is seated; nullopt: not stated
  std::optional<Watch> watch{};          ///< on the watch list; nullopt: not
  friend bool operator==(const EntityRecord&, const EntityRecord&) = default;
  [[nodiscard]] bool has(EntityRole role) const;
};

/// Where chips are delivered to.
struct SiteRecord {
  std::string name;
  std::string operated_by{};  ///< EntityRecord::name; empty: not stated
  NamedPlaces place{};        ///< one country, or one territory; none: not stated
  std::string address{};      ///< sealed; empty: not stated
  friend bool operator==(const SiteRecord&, const SiteRecord&) = default;
};

enum class ConditionKind : std::uint8_t { kThirdPartyTest = 1, kVolumeCap = 2, kRemoteAccess = 3 };

/// What a licence asks of its holder beside place and dates, and what shows that it is met.
struct ConditionRecord {
  std::string id;
  std::string licence;  ///< LicenceRecord::id
  ConditionKind kind{};
  double share_percent = 0.0;  ///< of a volume cap: most of what is sold at home; else 0
  Date due{};
  std::string evidence{};                   ///< what it is, and where; empty: none yet
  std::optional<Digest> evidence_sha256{};  ///< nullopt: not stated
  std::optional<Date> met{};                ///< nullopt: not yet; never without evidence
  friend bool operator==(const ConditionRecord&, const ConditionRecord&) = default;
};

struct OrderRecord {
  std::string id;
  std::string licence;                    ///< LicenceRecord::id
  std::string exporter, buyer, end_user;  ///< EntityRecord::name
  std::string operated_by{};              ///< the same; empty: not stated
  std::uint32_t quantity = 0;             ///< of chips, at least 1
  Date placed{};
  friend bool operator==(const OrderRecord&, const OrderRecord&) = default;
};

/// A part of an order that came to a site.
struct DeliveryRecord {
  std::string id;
  std::string order;  ///< OrderRecord::id
  std::string site;   ///< SiteRecord::name
  Date date{};
  std::uint32_t quantity = 0;     ///< of chips, at least 1
  std::string override_reason{};  ///< why it came in although its order was on hold; empty: it was not
  friend bool operator==(const DeliveryRecord&, const DeliveryRecord&) = default;
};

struct AnchorRecord {
  std::string name;             ///< subject CN of its TLS certificate
  AnchorId id;                  ///< first 16 bytes of SHA-256 of public_key
  ByteArray<32> public_key{};   ///< raw Ed25519: signs its reports
  Degrees place;                ///< WGS 84; LatLon::from_degrees(place) never fails for a record
  Kilometers uncertainty{0.0};  ///< how far off the place may be; 0 to 1000 km
  std::string operator_name;    ///< anchors of one operator count as one perspective
  std::string network;          ///< so do those of one network, e.g. "AS64496"
  Endpoint endpoint;            ///< where agents and peers reach it over UDP
  bool rendezvous = false;      ///< chips may knock here
};
[[nodiscard]] bool operator==(const AnchorRecord& a, const AnchorRecord& b);

// ---------------------------------------- texts
/// "2026-03-31".
[[nodiscard]] std::string to_text(const Date& date);
/// "DE FR fra-campus".
[[nodiscard]] std::string to_text(const NamedPlaces& places);
/// "knock", or "inbound IP:PORT".
[[nodiscard]] std::string to_text(const Reach& reach);
/// "exporter", "buyer", "end_user" or "operator".
[[nodiscard]] std::string to_text(EntityRole role);
/// "buyer end_user".
[[nodiscard]] std::string to_text(const std::vector<EntityRole>& roles);
/// "third_party_test", "volume_cap" or "remote_access_diligence".
[[nodiscard]] std::string to_text(ConditionKind kind);
/// "192.0.2.1:7411" or "[2001:db8::1]:7411".
[[nodiscard]] std::string to_text(const Endpoint& endpoint);

}  // namespace chiploc
