#include "server/eval/atlas_probes.hpp"

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "server/eval/json_objects.hpp"

namespace chiploc {
namespace {

constexpr std::array<std::string_view, 2> kLists{"results", "objects"};

const nlohmann::json* member(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

class ProbeReader {
 public:
  explicit ProbeReader(FaultLog& faults) : faults_{faults} {}

  void take(const JsonObject& object) {
    line_ = object.line;
    const nlohmann::json json = nlohmann::json::parse(object.text, nullptr, false);
    if (json.is_discarded()) return fault("", "is not JSON");
    const nlohmann::json* const id = member(json, "id");
    if (id == nullptr || !id->is_number_unsigned())
      return fault("id", id == nullptr ? "is missing; is this a file of probes?" : "is no number of a probe");
    AtlasProbe probe;
    probe.id = id->get<std::uint64_t>();
    probe.line = line_;
    if (!ids_.insert(probe.id).second)
      return fault("id", std::to_string(probe.id) + " stands twice; keep one");
    if (!place(json, probe) || !text(json, "country_code", probe.country)) return;
    for (const char* const key : {"address_v4", "address_v6"}) {
      std::string address;
      if (!text(json, key, address)) return;
      if (!address.empty()) probe.addresses.push_back(std::move(address));
    }
    probes.push_back(std::move(probe));
  }

  std::vector<AtlasProbe> probes{};

 private:
  void fault(std::string_view field, std::string problem) { faults_.add(line_, field, std::move(problem)); }

  bool text(const nlohmann::json& json, const char* key, std::string& into) {
    const nlohmann::json* const value = member(json, key);
    if (value == nullptr) return true;
    if (!value->is_string()) {
      fault(key, "is no text");
      return false;
    }
    into = value->get<std::string>();
    return true;
  }

  bool place(const nlohmann::json& json, AtlasProbe& probe) {
    const nlohmann::json* lat = member(json, "latitude");
    const nlohmann::json* lon = member(json, "longitude");
    const char* field = "latitude";
    if (const nlohmann::json* const geometry = member(json, "geometry"); geometry != nullptr) {
      field = "geometry";
      const nlohmann::json* const pair = geometry->is_object() ? member(*geometry, "coordinates") : nullptr;
      if (pair == nullptr || !pair->is_array() || pair->size() != 2) {
        fault(field, "has no coordinates, longitude and latitude");
        return false;
      }
      lon = &(*pair)[0];
      lat = &(*pair)[1];
      if (lon->is_null() && lat->is_null()) return true;
    }
    if (lat == nullptr && lon == nullptr) return true;
    if (lat == nullptr || lon == nullptr || !lat->is_number() || !lon->is_number()) {
      fault(field, "is no pair of numbers");
      return false;
    }
    const Degrees degrees{.lat = lat->get<double>(), .lon = lon->get<double>()};
    if (!LatLon::from_degrees(degrees)) {
      fault(field, "is no place on the Earth; are longitude and latitude exchanged?");
      return false;
    }
    probe.place = degrees;
    return true;
  }

  FaultLog& faults_;
  std::uint32_t line_ = 0;
  std::set<std::uint64_t> ids_;
};

}  // namespace

std::vector<AtlasProbe> read_probes(const OthersFile& file, FaultLog& faults) {
  ProbeReader reader{faults};
  read_json_objects(file.text, kLists, faults, [&](const JsonObject& object) {
    reader.take(object);
    return true;
  });
  if (reader.probes.empty() && faults.total() == 0) faults.add(1, "", "holds no probe");
  return std::move(reader.probes);
}

}  // namespace chiploc
