#pragma once
// What JSON views have in common; of this folder, and of pages around them (server/rest).

#include <map>
#include <string>
#include <utility>

#include "server/service/json_view.hpp"

namespace chiploc {

/// An object of these members, with room for so many more. Without room nlohmann's ordered objects are copied, all the way down,
/// each time that they grow: half of the time that a page took.
inline Json object_of(Json::initializer_list_t members, std::size_t more = 2) {
  Json out = Json::object();
  auto& inside = out.get_ref<Json::object_t&>();
  inside.reserve(members.size() + more);
  for (const auto& member : members) {
    Json named = member.moved_or_copied();  // [name, value]
    inside.emplace(std::move(named[0].get_ref<std::string&>()), std::move(named[1]));
  }
  return out;
}

template <class Repeated>
Json list_of(const Repeated& values) {
  Json out = Json::array();
  for (const auto& value : values) out.push_back(value);
  return out;
}

/// protobuf's maps have no order; readers want the same one every time.
template <class Counts>
Json counts_of(const Counts& counts) {
  Json out = Json::object();
  for (const auto& [name, count] : std::map<std::string, std::uint64_t>{counts.begin(), counts.end()})
    out[name] = count;
  return out;
}

inline Json place_json(const v1::Position& place) {
  return {{"lat_deg", place.lat_deg()}, {"lon_deg", place.lon_deg()}};
}

inline Json time_or_null(std::int64_t unix_ns) {
  return unix_ns == 0 ? Json(nullptr) : Json(iso_time(unix_ns));
}
/// 0 where there is none.
inline Json ns_or_null(std::int64_t ns) { return ns > 0 ? Json(ns) : Json(nullptr); }
inline Json text_or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

}  // namespace chiploc
