#include "geo/area/drawing_crs.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

namespace chiploc {
namespace {

constexpr std::string_view kWaysOut =
    "; convert the positions to longitude and latitude on WGS 84 (ogr2ogr -t_srs EPSG:4326), or remove the "
    "member if they are that already";

/// Splits at ':' and '/', in lower case, without the words that only say where the name is kept.
std::vector<std::string> parts_of(std::string_view name) {
  std::vector<std::string> parts(1);
  for (const char c : name) {
    if (c == ':' || c == '/') {
      parts.emplace_back();
    } else {
      parts.back() += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
  }
  std::erase_if(parts, [](const std::string& part) {
    constexpr std::array<std::string_view, 9> kFrame{"",    "urn",  "ogc-def", "x-ogc",          "def",
                                                     "crs", "http", "https",   "www.opengis.net"};
    return std::find(kFrame.begin(), kFrame.end(), part) != kFrame.end();
  });
  // "urn:ogc:def:crs:EPSG::4326": the registry that names the others.
  if (parts.size() > 2 && parts.front() == "ogc" && (parts[1] == "ogc" || parts[1] == "epsg"))
    parts.erase(parts.begin());
  return parts;
}

bool is_version(const std::string& part) {
  return part.find_first_not_of("0123456789.") == std::string::npos;
}

/// An authority, perhaps a version, and a code.
bool is_wgs84(std::string_view name) {
  const std::vector<std::string> parts = parts_of(name);
  if (parts.empty() || parts.size() > 3 || (parts.size() == 3 && !is_version(parts[1]))) return false;
  const std::string& code = parts.back();
  const std::string authority = parts.size() == 1 ? "ogc" : parts.front();
  if (authority == "ogc") return code == "crs84" || code == "crs84h";
  return authority == "epsg" && (code == "4326" || code == "4979");
}

std::string shown_name(const std::string& name) {
  std::string out;
  for (const char c : name.substr(0, 60))
    out += static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7E ? '?' : c;
  return "\"" + out + "\"";
}

std::string found(const std::string& name) {
  if (is_wgs84(name)) return {};
  return "names the reference system " + shown_name(name) +
         "; a territory is drawn in OGC:CRS84, which is longitude and latitude on WGS 84" +
         std::string{kWaysOut};
}

}  // namespace

std::string crs_fault(const nlohmann::json& crs) {
  if (crs.is_string()) return found(crs.get<std::string>());
  if (crs.is_null())
    return "is null, which says that no reference system can be assumed (GeoJSON 2008, 3)" +
           std::string{kWaysOut};
  if (crs.is_object()) {
    const auto type = crs.find("type");
    const auto properties = crs.find("properties");
    if (type != crs.end() && type->is_string() && properties != crs.end() && properties->is_object()) {
      const auto name = properties->find("name");
      if (*type == "name" && name != properties->end() && name->is_string())
        return found(name->get<std::string>());
      if (*type == "link")
        return "refers to a reference system that stands elsewhere, which is not fetched" +
               std::string{kWaysOut};
      const auto code = properties->find("code");  // drafts before 2008
      if (*type == "EPSG" && code != properties->end() && code->is_number_integer())
        return found("EPSG:" + code->dump());
    }
  }
  return "names no reference system that can be told" + std::string{kWaysOut};
}

}  // namespace chiploc
