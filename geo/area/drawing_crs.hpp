#pragma once
// The member "crs" of GeoJSON as it was before RFC 7946, which some programs still write.

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace chiploc {

/// What is wrong with a value of "crs": empty when it names longitude and latitude on WGS 84, in that order.
///
/// Names       OGC CRS84 (and CRS84h) and EPSG 4326 (and 4979) as plain names, URNs and URLs, in any case.
///             EPSG's own order for 4326 is latitude first; GeoJSON's is longitude first whatever the system
///             (GeoJSON 2008, 2.1.1), and that is how programs write it.
[[nodiscard]] std::string crs_fault(const nlohmann::json& crs);

}  // namespace chiploc
