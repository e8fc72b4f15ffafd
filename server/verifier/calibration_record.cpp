#include "server/verifier/calibration_record.hpp"

#include <cmath>
#include <limits>

#include "proto/v1/records.pb.h"
#include "server/policy/canonical.hpp"

namespace chiploc {
namespace {

constexpr std::uint32_t kFormat = 1;
constexpr std::size_t kVersionMax = 4'096;

void fill(const DelayModel& line, v1::Calibration::Line& out) {
  out.set_slope_km_per_ms(line.slope_km_per_ms);
  out.set_intercept_ms(line.intercept_ms);
  out.set_sigma_floor_km(line.sigma_floor_km);
  out.set_sigma_relative(line.sigma_relative);
  out.set_pairs_used(line.pairs_used);
  out.set_version(line.version);
}

std::optional<DelayModel> line_of(const v1::Calibration::Line& in) {
  const double numbers[] = {in.slope_km_per_ms(), in.intercept_ms(), in.sigma_floor_km(),
                            in.sigma_relative()};
  for (const double number : numbers) {
    if (!std::isfinite(number) || number < 0.0) return std::nullopt;
  }
  if (in.version().size() > kVersionMax) return std::nullopt;
  return DelayModel{.slope_km_per_ms = in.slope_km_per_ms(),
                    .intercept_ms = in.intercept_ms(),
                    .sigma_floor_km = in.sigma_floor_km(),
                    .sigma_relative = in.sigma_relative(),
                    .pairs_used = in.pairs_used(),
                    .version = in.version()};
}

/// Appends one anchor's row; false if something is wrong with it.
bool take(const v1::Calibration::Anchor& in, std::size_t anchors, AnchorMesh& out) {
  const auto id = AnchorId::from_bytes(bytes_of(in.id()));
  const auto place = LatLon::from_degrees({.lat = in.place().lat_deg(), .lon = in.place().lon_deg()});
  if (!id || !in.has_place() || !place || in.to_size() != in.rtt_ns_size()) return false;
  if (!out.anchors.empty() && *id <= out.anchors.back()) return false;
  const std::size_t from = out.anchors.size();
  out.anchors.push_back(*id);
  out.mesh.places.push_back(*place);
  std::vector<double> row(anchors, std::numeric_limits<double>::quiet_NaN());
  for (int i = 0; i < in.to_size(); ++i) {
    const std::size_t to = in.to(i);
    if (to >= anchors || to == from || (i > 0 && in.to(i) <= in.to(i - 1)) || in.rtt_ns(i) <= 0) return false;
    row[to] = static_cast<double>(in.rtt_ns(i)) / 1e6;
  }
  out.mesh.rtt_ms.insert(out.mesh.rtt_ms.end(), row.begin(), row.end());
  return true;
}

void fill(const KnownAnchor& known, v1::Calibration::Known& out) {
  out.set_name(known.name);
  out.set_id(string_of(known.id.bytes));
  out.mutable_place()->set_lat_deg(known.place.lat_deg());
  out.mutable_place()->set_lon_deg(known.place.lon_deg());
  out.set_uncertainty_km(known.uncertainty.km());
  out.set_operator_name(known.operator_name);
  out.set_network(known.network);
}

bool take(const v1::Calibration::Known& in, std::vector<KnownAnchor>& out) {
  const auto id = AnchorId::from_bytes(bytes_of(in.id()));
  const auto place = LatLon::from_degrees({.lat = in.place().lat_deg(), .lon = in.place().lon_deg()});
  if (!id || !in.has_place() || !place || (!out.empty() && *id <= out.back().id)) return false;
  if (!std::isfinite(in.uncertainty_km()) || in.uncertainty_km() < 0.0) return false;
  for (const std::string* text : {&in.name(), &in.operator_name(), &in.network()}) {
    if (text->size() > kVersionMax) return false;
  }
  out.push_back({.id = *id,
                 .name = in.name(),
                 .place = *place,
                 .uncertainty = Kilometers{in.uncertainty_km()},
                 .operator_name = in.operator_name(),
                 .network = in.network()});
  return true;
}

}  // namespace

ByteVector calibration_bytes(const DelayModel& line, const AnchorMesh& mesh,
                             const std::vector<KnownAnchor>& known) {
  v1::Calibration out;
  out.set_format(kFormat);
  fill(line, *out.mutable_line());
  for (std::size_t from = 0; from < mesh.anchors.size(); ++from) {
    v1::Calibration::Anchor& anchor = *out.add_anchors();
    anchor.set_id(string_of(mesh.anchors[from].bytes));
    anchor.mutable_place()->set_lat_deg(mesh.mesh.places[from].lat_deg());
    anchor.mutable_place()->set_lon_deg(mesh.mesh.places[from].lon_deg());
    for (std::size_t to = 0; to < mesh.anchors.size(); ++to) {
      const double ms = mesh.mesh.rtt(from, to);
      if (!std::isfinite(ms)) continue;
      anchor.add_to(static_cast<std::uint32_t>(to));
      anchor.add_rtt_ns(std::llround(ms * 1e6));
    }
  }
  out.set_uncertainty_km(mesh.uncertainty.km());
  for (const KnownAnchor& anchor : known) fill(anchor, *out.add_known());
  return canonical_bytes(out);
}

Result<KeptLine, std::string> parse_calibration(Bytes bytes) {
  v1::Calibration in;
  if (!read_canonical(bytes, kCalibrationBytesMax, in))
    return Fail{std::string{"the calibration is not as this version writes it"}};
  if (in.format() != kFormat) return Fail{"format: " + std::to_string(in.format()) + " is not known"};
  const auto line = line_of(in.line());
  if (!line) return Fail{std::string{"line: a number or its version is out of range"}};
  const auto anchors = static_cast<std::size_t>(in.anchors_size());
  if (anchors > kCalibrationAnchorsMax) return Fail{std::string{"anchors: too many"}};
  if (static_cast<std::size_t>(in.known_size()) > kKnownAnchorsMax)
    return Fail{std::string{"known: too many"}};
  KeptLine out{*line, {}, {}};
  for (int i = 0; i < in.anchors_size(); ++i) {
    if (!take(in.anchors(i), anchors, out.mesh))
      return Fail{"anchors[" + std::to_string(i) + "]: out of order, or of range"};
  }
  for (int i = 0; i < in.known_size(); ++i) {
    if (!take(in.known(i), out.known))
      return Fail{"known[" + std::to_string(i) + "]: out of order, or of range"};
  }
  if (!std::isfinite(in.uncertainty_km()) || in.uncertainty_km() < 0.0)
    return Fail{std::string{"uncertainty_km: is no length"}};
  out.mesh.uncertainty = Kilometers{in.uncertainty_km()};
  return out;
}

}  // namespace chiploc
