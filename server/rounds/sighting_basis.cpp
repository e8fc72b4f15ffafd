#include "server/rounds/sighting_basis.hpp"

#include <bit>

namespace chiploc {
namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::size_t kHead = 1 + 32;
constexpr std::size_t kAnchor = AnchorId::kSize + 3 * 8;

}  // namespace

ByteVector basis_bytes(const Sighting& sighting, const Digest& device_key) {
  ByteVector out(kHead + kAnchor * sighting.basis.size());
  ByteWriter writer{out};
  writer.u8(kFormat);
  writer.bytes(device_key.bytes);
  for (const SightingAnchor& anchor : sighting.basis) {
    writer.bytes(anchor.id.bytes);
    writer.u64(std::bit_cast<std::uint64_t>(anchor.place.lat_deg()));
    writer.u64(std::bit_cast<std::uint64_t>(anchor.place.lon_deg()));
    writer.u64(std::bit_cast<std::uint64_t>(anchor.uncertainty.km()));
  }
  return out;
}

std::optional<BasisFault> basis_fault(Bytes basis, const Digest& device_key, const Registry& registry) {
  if (basis.size() < kHead + kAnchor || (basis.size() - kHead) % kAnchor != 0) return BasisFault::kUnknown;
  ByteReader reader{basis};
  if (reader.u8() != kFormat) return BasisFault::kUnknown;
  if (reader.array<32>() != device_key.bytes) return BasisFault::kKeyChanged;
  for (std::size_t i = 0; i < (basis.size() - kHead) / kAnchor; ++i) {
    AnchorId id;
    id.bytes = reader.array<AnchorId::kSize>();  // a digest of its key: another key is another id
    const double lat = std::bit_cast<double>(reader.u64());
    const double lon = std::bit_cast<double>(reader.u64());
    const double uncertainty = std::bit_cast<double>(reader.u64());
    const AnchorRecord* now = registry.anchor(id);
    const auto place = now == nullptr ? std::nullopt : LatLon::from_degrees(now->place);
    if (!place || place->lat_deg() != lat || place->lon_deg() != lon || now->uncertainty.km() != uncertainty)
      return BasisFault::kAnchorChanged;
  }
  return std::nullopt;
}

std::string_view name_of(BasisFault fault) {
  switch (fault) {
    case BasisFault::kUnknown:
      return "unknown";
    case BasisFault::kKeyChanged:
      return "key_changed";
    case BasisFault::kAnchorChanged:
      return "anchor_changed";
  }
  return "unknown";
}

}  // namespace chiploc
