#include "server/registry/records.hpp"

#include <arpa/inet.h>  // inet_ntop: numbers to text, no socket

#include <algorithm>
#include <array>
#include <cstdio>

#include "geo/area/area.hpp"
#include "proto/base/joined.hpp"
#include "proto/crypto/digest.hpp"

namespace chiploc {

bool valid_at(const LicenceRecord& licence, WallTime now) {
  using std::chrono::sys_days;
  const std::chrono::sys_time<Nanoseconds> at{now.since_epoch};
  return at >= sys_days{licence.valid_from} && at < sys_days{licence.valid_to} + std::chrono::days{1};
}

std::string device_id_of(const ChipRecord& chip) {
  return chip.device_id.empty() ? chip.id.hex() : to_hex(chip.device_id);
}

bool EntityRecord::has(EntityRole role) const { return std::binary_search(roles.begin(), roles.end(), role); }

Result<TerritoryRecord, std::string> area_territory(std::string name, std::string geojson) {
  Area::Parsed parsed = Area::from_geojson(geojson);
  if (!parsed.area) return Fail{std::move(parsed.fault)};
  const auto digest = sha256(bytes_of(geojson));
  return TerritoryRecord{.name = std::move(name),
                         .countries = {},
                         .geojson = std::move(geojson),
                         .area = std::make_shared<const Area>(std::move(*parsed.area)),
                         .geojson_sha256 = digest};
}

TerritoryRecord stored_area_territory(std::string name, std::string geojson) {
  const auto digest = sha256(bytes_of(geojson));
  auto read = area_territory(name, geojson);
  if (read) return std::move(*read);
  return TerritoryRecord{.name = std::move(name),
                         .countries = {},
                         .geojson = std::move(geojson),
                         .area = std::make_shared<const Area>(Area::unknown()),
                         .geojson_sha256 = digest,
                         .unreadable = read.error()};
}

bool operator==(const TerritoryRecord& a, const TerritoryRecord& b) {
  return a.name == b.name && a.countries == b.countries && a.geojson == b.geojson;
}

bool operator==(const AnchorRecord& a, const AnchorRecord& b) {
  return a.name == b.name && a.id == b.id && a.public_key == b.public_key && a.place.lat == b.place.lat &&
         a.place.lon == b.place.lon && a.uncertainty == b.uncertainty && a.operator_name == b.operator_name &&
         a.network == b.network && a.endpoint == b.endpoint && a.rendezvous == b.rendezvous;
}

std::string to_text(const Date& date) {
  std::array<char, 40> text{};
  const int size = std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(date.year()),
                                 static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return {text.data(), static_cast<std::size_t>(size)};
}

std::string to_text(const NamedPlaces& places) {
  const std::string countries = joined(places.countries, " ");
  const std::string territories = joined(places.territories, " ");
  return countries + (countries.empty() || territories.empty() ? "" : " ") + territories;
}

std::string to_text(const Reach& reach) {
  return reach.inbound ? "inbound " + to_text(*reach.inbound) : "knock";
}

std::string to_text(EntityRole role) {
  switch (role) {
    case EntityRole::kExporter:
      return "exporter";
    case EntityRole::kBuyer:
      return "buyer";
    case EntityRole::kEndUser:
      return "end_user";
    case EntityRole::kOperator:
      return "operator";
  }
  return {};
}

std::string to_text(const std::vector<EntityRole>& roles) {
  return joined(roles, " ", [](EntityRole role) { return to_text(role); });
}

std::string to_text(ConditionKind kind) {
  switch (kind) {
    case ConditionKind::kThirdPartyTest:
      return "third_party_test";
    case ConditionKind::kVolumeCap:
      return "volume_cap";
    case ConditionKind::kRemoteAccess:
      return "remote_access_diligence";
  }
  return {};
}

std::string to_text(const Endpoint& endpoint) {
  std::array<char, INET6_ADDRSTRLEN> address{};
  const bool v6 = endpoint.family == 6;
  inet_ntop(v6 ? AF_INET6 : AF_INET, endpoint.address.data(), address.data(), address.size());
  const std::string text{address.data()};
  return (v6 ? "[" + text + "]" : text) + ":" + std::to_string(endpoint.port);
}

}  // namespace chiploc
