#include "geo/borders/border_table.hpp"

#include <algorithm>
#include <cstdio>

#include "geo/lat_lon.hpp"

namespace chiploc {
namespace {

/// Reads forward through the bytes; after the first fault everything reads as zero and ok() is false.
class Cursor {
 public:
  explicit Cursor(std::span<const unsigned char> bytes) : rest_{bytes} {}
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  [[nodiscard]] std::size_t left() const { return rest_.size(); }

  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (rest_.empty()) break;
      const unsigned char byte = rest_.front();
      rest_ = rest_.subspan(1);
      value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
      if ((byte & 0x80U) == 0) return value;
    }
    ok_ = false;
    return 0;
  }

  std::int64_t signed_varint() {
    const std::uint64_t value = varint();
    return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
  }

  std::string text(std::size_t length) {
    if (length > rest_.size()) {
      ok_ = false;
      return {};
    }
    std::string result{rest_.begin(), rest_.begin() + static_cast<std::ptrdiff_t>(length)};
    rest_ = rest_.subspan(length);
    return result;
  }

 private:
  std::span<const unsigned char> rest_;
  bool ok_ = true;
};

bool decode_line(Cursor& in, std::uint32_t country, BorderMap map, BorderTable& table) {
  const std::uint64_t count = in.varint();
  if (count == 0 || count > in.left()) return false;
  const auto begin = static_cast<std::uint32_t>(table.vertices.size());
  std::int64_t lon = 0;
  std::int64_t lat = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    lon += in.signed_varint();
    lat += in.signed_varint();
    if (lon < -180'000'000 || lon > 180'000'000 || lat < -90'000'000 || lat > 90'000'000) return false;
    table.vertices.push_back({static_cast<std::int32_t>(2 * lon), static_cast<std::int32_t>(2 * lat)});
    table.points.push_back(
        to_sphere(Degrees{.lat = static_cast<double>(lat) * 1e-6, .lon = static_cast<double>(lon) * 1e-6}));
  }
  table.lines.push_back({begin, static_cast<std::uint32_t>(table.vertices.size()), country, map});
  return in.ok();
}

}  // namespace

std::optional<BorderTable> BorderTable::decode(std::span<const unsigned char> bytes) {
  const std::size_t header = kBorderMagic.size() + 8;
  if (bytes.size() < header || !std::equal(kBorderMagic.begin(), kBorderMagic.end(), bytes.begin())) {
    return std::nullopt;
  }
  std::uint64_t digest = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    digest |= static_cast<std::uint64_t>(bytes[kBorderMagic.size() + i]) << (8 * i);
  }
  if (border_digest(bytes.subspan(header)) != digest) return std::nullopt;

  BorderTable table;
  // Two bytes a coordinate is what the compact form comes to; it saves most of the growing.
  table.vertices.reserve(bytes.size() / 4);
  table.points.reserve(bytes.size() / 4);
  Cursor in{bytes.subspan(header)};
  table.version = in.text(in.varint());
  char hex[32];
  std::snprintf(hex, sizeof hex, ", fnv1a64 %016llx", static_cast<unsigned long long>(digest));
  table.version += hex;
  const std::uint64_t countries = in.varint();
  if (!in.ok() || countries > kMostCountries) return std::nullopt;
  for (std::uint32_t country = 0; country < countries; ++country) {
    Row row;
    row.code = in.text(2);
    row.name = in.text(in.varint());
    row.area_km2 = static_cast<double>(in.varint()) / 1000.0;
    table.rows.push_back(std::move(row));
    for (const BorderMap map : {BorderMap::kSurveyed, BorderMap::kGeneralised, BorderMap::kContested}) {
      const std::uint64_t lines = in.varint();
      for (std::uint64_t line = 0; line < lines && in.ok(); ++line) {
        if (!decode_line(in, country, map, table)) return std::nullopt;
      }
    }
  }
  if (!in.ok() || !in.at_end()) return std::nullopt;
  return table;
}

}  // namespace chiploc
