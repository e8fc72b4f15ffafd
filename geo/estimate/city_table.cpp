#include "geo/estimate/city_table.hpp"

#include <cstdlib>

extern "C" {
extern const unsigned char chiploc_city_data_begin[];
extern const unsigned char chiploc_city_data_end[];
}

namespace chiploc {
namespace {

/// Reads past the end give zeros and are remembered.
class Reader {
 public:
  explicit Reader(std::span<const unsigned char> bytes) : rest_{bytes} {}
  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] bool done() const { return rest_.empty(); }

  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const unsigned char byte = next();
      value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
      if (byte < 0x80U) return value;
    }
    failed_ = true;
    return 0;
  }
  std::int64_t signed_varint() {
    const std::uint64_t value = varint();
    return static_cast<std::int64_t>(value >> 1U) ^ -static_cast<std::int64_t>(value & 1U);
  }
  std::string text(std::uint64_t size) {
    std::string text;
    while (size-- > 0 && !failed_) text.push_back(static_cast<char>(next()));
    return text;
  }

 private:
  unsigned char next() {
    if (rest_.empty()) {
      failed_ = true;
      return 0;
    }
    const unsigned char byte = rest_.front();
    rest_ = rest_.subspan(1);
    return byte;
  }
  std::span<const unsigned char> rest_;
  bool failed_ = false;
};

}  // namespace

std::optional<CityTable> CityTable::from_bytes(std::span<const unsigned char> bytes) {
  Reader reader{bytes};
  if (reader.text(kCityMagic.size()) != kCityMagic) return std::nullopt;
  CityTable table;
  table.version = reader.text(reader.varint());
  const std::uint64_t count = reader.varint();
  if (count > bytes.size()) return std::nullopt;  // a city takes more than one byte
  table.cities.reserve(count);
  std::int64_t lat = 0;
  std::int64_t lon = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    // Wrapping sums: a damaged table must not overflow.
    lat = static_cast<std::int64_t>(static_cast<std::uint64_t>(lat) +
                                    static_cast<std::uint64_t>(reader.signed_varint()));
    lon = static_cast<std::int64_t>(static_cast<std::uint64_t>(lon) +
                                    static_cast<std::uint64_t>(reader.signed_varint()));
    const std::uint64_t people = reader.varint();
    const auto country = CountryCode::from_text(reader.text(2));
    const auto place = LatLon::from_degrees(
        {.lat = static_cast<double>(lat) * 1e-5, .lon = static_cast<double>(lon) * 1e-5});
    if (reader.failed() || !country || !place) return std::nullopt;
    table.cities.push_back({.place = *place, .people = people, .country = *country});
  }
  const std::uint64_t countries = reader.varint();
  if (countries > bytes.size()) return std::nullopt;
  for (std::uint64_t i = 0; i < countries; ++i) {
    const auto country = CountryCode::from_text(reader.text(2));
    const std::uint64_t addresses = reader.varint();
    if (reader.failed() || !country) return std::nullopt;
    table.countries.push_back({.country = *country, .addresses = addresses});
  }
  if (reader.failed() || !reader.done()) return std::nullopt;
  return table;
}

const CityTable& CityTable::world() {
  static const CityTable& table = *[] {  // never destroyed, as Borders::world()
    auto decoded = from_bytes({chiploc_city_data_begin, chiploc_city_data_end});
    if (!decoded) std::abort();
    return new CityTable{std::move(*decoded)};
  }();
  return table;
}

}  // namespace chiploc
