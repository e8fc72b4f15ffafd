#pragma once
#include "proto/v1/evidence.pb.h"
#include "server/text/records.hpp"

namespace chiploc {

/// A verdict as a GeoJSON FeatureCollection (RFC 7946) for any map program. Each feature's property "role"
/// says what it is: "region" (the hard region, drawn outward), "anchor" (a point with rtt, bound and use),
/// "disk" (what that anchor's round trip alone allows; same "anchor" property), "estimate" (a point:
/// suggested, not proved). Where two holders of the key showed, each has a "region" (beside or in place of the
/// verdict's own), "disk"s, and a point "holder" in the region's middle; these have a property "holder": 1, 2. Each carries "chip_id" and "state" too, so that maps of several chips can be laid
/// over each other. The collection itself carries chip_id, verdict_id, state and the times as foreign
/// members.
///
/// Polygons wind as RFC 7946 says, outer rings counter-clockwise, and keep their edges short, so that
/// straight lines and great circles both hold the region. d3-geo wants the rings the other way round: reverse
/// them.
[[nodiscard]] Json verdict_map(const v1::Verdict& verdict);

/// For a picture: the polygons of a drawing (any GeoJSON that import takes) as features of role "territory" with
/// its name and "prohibited", behind those of the map.
void add_territory(Json& map, const std::string& name, bool prohibited, std::string_view geojson);

/// Anchors as points, for `anchor list -o geojson`.
[[nodiscard]] Json point_feature(const v1::Position& place, Json properties);
[[nodiscard]] Json feature_collection(Json features);

}  // namespace chiploc
