#include "geo/borders/border_grid.hpp"

#include <algorithm>

#include "geo/borders/border_parity.hpp"

namespace chiploc {
namespace {

constexpr std::int64_t kCell = 500'000;  // a quarter of a degree
constexpr std::int64_t kColumns = 2 * kHalfTurn / kCell;
constexpr std::int64_t kRows = 2 * kQuarterTurn / kCell;
constexpr std::uint16_t kFirstMixed = 1 + kMostCountries;

/// Odd, as points asked about are, and strictly inside the cell.
OddPoint centre_of(std::int64_t column, std::int64_t row) {
  return {column * kCell - kHalfTurn + kCell / 2 + 1, row * kCell - kQuarterTurn + kCell / 2 + 1};
}

template <typename Visit>
void for_each_edge(const BorderTable& table, BorderMap map, Visit&& visit) {
  for (const BorderTable::Line& line : table.lines) {
    if (line.map != map) continue;
    for (std::uint32_t v = line.begin; v + 1 < line.end; ++v) visit(v, line.country);
  }
}

std::int64_t column_of(std::int64_t x) {
  return std::clamp<std::int64_t>((x + kHalfTurn) / kCell, 0, kColumns - 1);
}
std::int64_t row_of(std::int64_t y) {
  return std::clamp<std::int64_t>((y + kQuarterTurn) / kCell, 0, kRows - 1);
}

}  // namespace

BorderGrid::BorderGrid(const BorderTable& table, BorderMap map) : table_{&table}, map_{map} {
  index_edges();
  mark_centres();
}

void BorderGrid::index_edges() {
  const auto for_each_cell = [this](std::uint32_t v, auto&& visit) {
    const BorderVertex a = table_->vertices[v];
    const BorderVertex b = table_->vertices[v + 1];
    for (std::int64_t row = row_of(std::min(a.y, b.y)); row <= row_of(std::max(a.y, b.y)); ++row) {
      for (std::int64_t column = column_of(std::min(a.x, b.x)); column <= column_of(std::max(a.x, b.x));
           ++column) {
        visit(static_cast<std::size_t>(row * kColumns + column));
      }
    }
  };
  // Counting sort by cell: counts, their running sum, then each edge to its place.
  cell_begin_.assign(static_cast<std::size_t>(kColumns * kRows) + 1, 0);
  for_each_edge(*table_, map_, [&](std::uint32_t v, std::uint32_t) {
    for_each_cell(v, [this](std::size_t cell) { ++cell_begin_[cell + 1]; });
  });
  for (std::size_t cell = 1; cell < cell_begin_.size(); ++cell) cell_begin_[cell] += cell_begin_[cell - 1];
  edges_.resize(cell_begin_.back());
  std::vector<std::uint32_t> next{cell_begin_.begin(), cell_begin_.end() - 1};
  for_each_edge(*table_, map_, [&](std::uint32_t v, std::uint32_t country) {
    for_each_cell(v, [&](std::size_t cell) { edges_[next[cell]++] = {v, country}; });
  });
}

void BorderGrid::mark_centres() {
  // By column: the edges that cross the meridian of its centres, each with the highest row whose centre is
  // below.
  struct Toggle {
    std::int64_t row;
    std::uint32_t country;
  };
  std::vector<std::vector<Toggle>> columns(static_cast<std::size_t>(kColumns));
  for_each_edge(*table_, map_, [&](std::uint32_t v, std::uint32_t country) {
    const BorderVertex a = table_->vertices[v];
    const BorderVertex b = table_->vertices[v + 1];
    for (std::int64_t column = column_of(std::min(a.x, b.x)); column <= column_of(std::max(a.x, b.x));
         ++column) {
      const std::int64_t x = centre_of(column, 0).x;
      if (!straddles(a.x, b.x, x)) continue;
      const auto is_below = [&](std::int64_t row) {
        return left_of(a, b, centre_of(column, row)) == (b.x < a.x);
      };
      // The highest and the lowest row that the edge can pass, then exactly.
      std::int64_t row = std::min(row_of(std::max(a.y, b.y)) + 1, kRows - 1);
      while (row >= 0 && !is_below(row)) --row;
      if (row >= 0) columns[static_cast<std::size_t>(column)].push_back({row, country});
    }
  });

  centre_.assign(static_cast<std::size_t>(kColumns * kRows), 0);
  for (std::int64_t column = 0; column < kColumns; ++column) {
    auto& toggles = columns[static_cast<std::size_t>(column)];
    std::sort(toggles.begin(), toggles.end(), [](const Toggle& a, const Toggle& b) { return a.row > b.row; });
    CountryBits bits;
    std::size_t next = 0;
    for (std::int64_t row = kRows - 1; row >= 0; --row) {
      for (; next < toggles.size() && toggles[next].row >= row; ++next) bits.flip(toggles[next].country);
      centre_[static_cast<std::size_t>(row * kColumns + column)] = state_of(bits);
    }
  }
}

std::uint16_t BorderGrid::state_of(const CountryBits& bits) {
  if (bits.none()) return 0;
  if (bits.count() == 1) return static_cast<std::uint16_t>(1 + bits._Find_first());
  const auto found = std::find(mixed_.begin(), mixed_.end(), bits);
  const auto index = static_cast<std::uint16_t>(found - mixed_.begin());
  if (found == mixed_.end()) mixed_.push_back(bits);
  return static_cast<std::uint16_t>(kFirstMixed + index);
}

CountryBits BorderGrid::bits_of(std::uint16_t state) const {
  if (state >= kFirstMixed) return mixed_[state - kFirstMixed];
  CountryBits bits;
  if (state > 0) bits.set(state - 1U);
  return bits;
}

CountryBits BorderGrid::countries_at(LatLon place) const {
  const OddPoint p = odd_point(place.lat_deg(), place.lon_deg());
  const std::int64_t column = column_of(p.x);
  const std::int64_t row = row_of(p.y);
  const auto cell = static_cast<std::size_t>(row * kColumns + column);
  CountryBits bits = bits_of(centre_[cell]);

  const OddPoint centre = centre_of(column, row);
  const OddPoint corner{p.x, centre.y};
  for (std::uint32_t i = cell_begin_[cell]; i < cell_begin_[cell + 1]; ++i) {
    const BorderVertex a = table_->vertices[edges_[i].vertex];
    const BorderVertex b = table_->vertices[edges_[i].vertex + 1];
    const bool meridian = straddles(a.x, b.x, p.x) && left_of(a, b, p) != left_of(a, b, corner);
    const bool parallel = straddles(a.y, b.y, centre.y) && left_of(a, b, corner) != left_of(a, b, centre);
    if (meridian != parallel) bits.flip(edges_[i].country);
  }
  return bits;
}

}  // namespace chiploc
