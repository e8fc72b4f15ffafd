#include "geo/borders/borders.hpp"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <utility>

#include "geo/borders/border_grid.hpp"
#include "geo/borders/border_table.hpp"
#include "geo/borders/border_tree.hpp"
#include "geo/clearance.hpp"
#include "geo/geodesic.hpp"

namespace chiploc {

CountrySet::CountrySet(std::vector<CountryCode> codes) : codes_{std::move(codes)} {
  std::sort(codes_.begin(), codes_.end());
}

bool CountrySet::contains(CountryCode code) const {
  return std::binary_search(codes_.begin(), codes_.end(), code);
}

struct Borders::Tables {
  explicit Tables(BorderTable decoded)
      : table{std::move(decoded)},
        surveyed{table, BorderMap::kSurveyed},
        generalised{table, BorderMap::kGeneralised},
        contested{table, BorderMap::kContested},
        tree{table} {
    for (const BorderTable::Row& row : table.rows) {
      row_codes.push_back(CountryCode::from_text(row.code).value());
      countries.push_back({row_codes.back(), row.name, row.area_km2});
    }
    std::sort(countries.begin(), countries.end(),
              [](const Country& a, const Country& b) { return a.code < b.code; });
  }

  /// Row of a code in the table, whose order is by area; -1 when it has none.
  [[nodiscard]] int row_of(CountryCode code) const {
    const auto found = std::find(row_codes.begin(), row_codes.end(), code);
    return found == row_codes.end() ? -1 : static_cast<int>(found - row_codes.begin());
  }

  /// By any map.
  [[nodiscard]] CountryBits drawn_at(LatLon place) const {
    return surveyed.countries_at(place) | generalised.countries_at(place) | contested.countries_at(place);
  }

  BorderTable table;
  BorderGrid surveyed;
  BorderGrid generalised;
  BorderGrid contested;
  BorderTree tree;
  std::vector<CountryCode> row_codes;
  std::vector<Country> countries;
};

Borders::Borders(std::unique_ptr<const Tables> tables) : tables_{std::move(tables)} {}
Borders::Borders(Borders&&) noexcept = default;
Borders& Borders::operator=(Borders&&) noexcept = default;
Borders::~Borders() = default;

std::optional<Borders> Borders::from_bytes(std::span<const unsigned char> bytes) {
  auto table = BorderTable::decode(bytes);
  if (!table) return std::nullopt;
  for (const BorderTable::Row& row : table->rows) {
    if (!CountryCode::from_text(row.code)) return std::nullopt;
  }
  return Borders{std::make_unique<const Tables>(std::move(*table))};
}

const Borders& Borders::world() {
  // Never destroyed, like the other tables of the library: threads may read them while the process exits.
  static const Borders& borders = *[] {
    auto decoded = from_bytes(embedded_border_bytes());
    if (!decoded) std::abort();
    return new Borders{std::move(*decoded)};
  }();
  return borders;
}

std::span<const Country> Borders::countries() const { return tables_->countries; }

const Country* Borders::find(CountryCode code) const {
  const auto& all = tables_->countries;
  const auto found = std::lower_bound(all.begin(), all.end(), code,
                                      [](const Country& country, CountryCode c) { return country.code < c; });
  return found != all.end() && found->code == code ? &*found : nullptr;
}

std::optional<CountryCode> Borders::country_at(LatLon place) const {
  CountryBits bits = tables_->surveyed.countries_at(place);
  if (bits.none()) bits = tables_->generalised.countries_at(place);
  if (bits.none()) return std::nullopt;
  return tables_->row_codes[bits._Find_first()];
}

std::vector<CountryCode> Borders::claimants_at(LatLon place) const {
  std::vector<CountryCode> out;
  if (tables_->contested.countries_at(place).none()) return out;
  const CountryBits bits = tables_->drawn_at(place);
  for (std::size_t row = 0; row < tables_->row_codes.size(); ++row) {
    if (bits[row]) out.push_back(tables_->row_codes[row]);
  }
  std::sort(out.begin(), out.end());
  return out;
}

CountrySet Borders::countries_met(const Region& region) const {
  const auto& row_codes = tables_->row_codes;
  if (region.empty()) return {};
  if (region.is_everything()) return CountrySet{row_codes};
  CountryBits met;
  for (const Vec3 point : region.points()) met |= tables_->drawn_at(from_sphere(point));
  const CapSet near = region.cap_set().inflated(largest_angle(kBorderAmbiguity + kLineDifference));
  met |= tables_->tree.touched(near);
  std::vector<CountryCode> codes;
  for (std::size_t row = met._Find_first(); row < row_codes.size(); row = met._Find_next(row))
    codes.push_back(row_codes[row]);
  return CountrySet{std::move(codes)};
}

bool Borders::meets(const Region& region, CountryCode code) const {
  if (!knows(code) || region.empty()) return false;
  if (region.is_everything()) return true;
  const auto row = static_cast<std::uint32_t>(tables_->row_of(code));
  const CapSet near = region.cap_set().inflated(largest_angle(kBorderAmbiguity + kLineDifference));
  if (tables_->tree.touches(near, row)) return true;
  for (const Vec3 point : region.points()) {
    if (tables_->drawn_at(from_sphere(point))[row]) return true;
  }
  return false;
}

std::optional<Kilometers> Borders::clearance(const Region& region, CountryCode code, Kilometers limit) const {
  return clearance_of(region, limit, [&](const Region& grown) { return meets(grown, code); });
}

Kilometers Borders::distance_to_country(LatLon place, CountryCode code) const {
  if (!knows(code)) return Kilometers{std::numeric_limits<double>::infinity()};
  const auto row = static_cast<std::uint32_t>(tables_->row_of(code));
  if (tables_->drawn_at(place)[row]) return Kilometers{0.0};
  return geodesic_distance(place, from_sphere(tables_->tree.nearest(to_sphere(place), row)));
}

std::string_view Borders::version() const { return tables_->table.version; }

}  // namespace chiploc
