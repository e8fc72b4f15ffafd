// Builds the city table that is embedded in the geo library. Run by CMake, not by people:
//
//     chiploc-cities-build cities.pbf addresses.csv borders.bin SOURCE_VERSION OUTPUT
//
// Reads three files, writes one, once every city lies where the borders say that its country is. Exit code 0,
// or 1 with lines on stderr that name the file and the fault.
// The format is described in geo/estimate/city_table.hpp, which reads it.

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "geo/estimate/cities_build/border_check.hpp"
#include "geo/estimate/city_table.hpp"

namespace chiploc::cities_build {
namespace {

struct Row {
  std::int64_t lon = 0;  // 1e-5 degrees
  std::int64_t lat = 0;
  std::uint64_t people = 0;
  std::string name;
  std::string country;
  std::string feature;
};

/// Protocol-buffer fields one after another; every read checks the end.
class Fields {
 public:
  explicit Fields(std::string_view bytes) : rest_{bytes} {}
  [[nodiscard]] bool done() const { return rest_.empty(); }

  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (rest_.empty()) break;
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
      if (byte < 0x80U) return value;
    }
    throw std::runtime_error{"a number is cut off"};
  }
  std::int64_t signed_varint() {
    const std::uint64_t value = varint();
    return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1U);
  }
  std::string_view block() {
    const std::uint64_t size = varint();
    if (size > rest_.size()) throw std::runtime_error{"a block is cut off"};
    const std::string_view block = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return block;
  }

 private:
  std::string_view rest_;
};

/// The package's own encoding: longitudes and latitudes are differences from the row before.
std::vector<Row> read_rows(std::string_view bytes) {
  std::vector<Row> rows;
  std::int64_t lon = 0;
  std::int64_t lat = 0;
  for (Fields file{bytes}; !file.done();) {
    Row row;
    for (Fields fields{file.block()}; !fields.done();) {
      const std::uint64_t key = fields.varint();
      switch (key) {
        case (2U << 3U) | 2U:
          row.name = fields.block();
          break;
        case (3U << 3U) | 2U:
          row.country = fields.block();
          break;
        case (7U << 3U) | 2U:
          row.feature = fields.block();
          break;
        case 9U << 3U:
          row.people = fields.varint();
          break;
        case 10U << 3U:
          lon += fields.signed_varint();
          break;
        case 11U << 3U:
          lat += fields.signed_varint();
          break;
        default:
          if ((key & 7U) == 2U) {
            fields.block();
          } else if ((key & 7U) == 0U) {
            fields.varint();
          } else {
            throw std::runtime_error{"a field of an unknown kind"};
          }
      }
    }
    row.lon = lon;
    row.lat = lat;
    if (row.country.size() != 2) throw std::runtime_error{"a city without a country code"};
    rows.push_back(std::move(row));
  }
  return rows;
}

/// Parts of cities would count their people twice; abandoned, destroyed and farm places hold no machines.
bool is_city(const Row& row) {
  static const std::set<std::string_view> other{"PPLX", "PPLH", "PPLQ", "PPLW", "PPLF"};
  return !other.contains(row.feature);
}

std::vector<Row> choose(std::vector<Row> rows) {
  constexpr std::uint64_t kFewest = 5'000;  // smaller ones are near a larger one, at the cells' size
  constexpr std::uint64_t kLarge = 15'000;  // a country without one keeps all that it has
  rows.erase(std::remove_if(rows.begin(), rows.end(), [](const Row& row) { return !is_city(row); }),
             rows.end());
  std::set<std::string> with_large;
  for (const Row& row : rows) {
    if (row.people >= kLarge) with_large.insert(row.country);
  }
  std::vector<Row> chosen;
  for (Row& row : rows) {
    if (row.people >= kFewest || !with_large.contains(row.country)) chosen.push_back(std::move(row));
  }
  std::sort(chosen.begin(), chosen.end(), [](const Row& a, const Row& b) {
    if (a.lat != b.lat) return a.lat < b.lat;
    return a.lon != b.lon ? a.lon < b.lon : a.people > b.people;
  });
  return chosen;
}

/// Lines "first,last,CC", addresses as numbers, both ends included; "ZZ" and the like are nobody's.
std::map<std::string, std::uint64_t> read_addresses(std::istream& in) {
  std::map<std::string, std::uint64_t> countries;
  std::uint64_t before = 0;  // one more than the last address seen: none counts twice
  std::string line;
  for (std::size_t number = 1; std::getline(in, line); ++number) {
    const auto fault = [&](const char* what) {
      return std::runtime_error{"line " + std::to_string(number) + ": " + what};
    };
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    const char* const end = line.data() + line.size();
    const auto [comma, wrong] = std::from_chars(line.data(), end, first);
    if (wrong != std::errc{} || comma == end || *comma != ',') throw fault("no first address");
    const auto [second, also] = std::from_chars(comma + 1, end, last);
    if (also != std::errc{} || end - second != 3 || *second != ',')
      throw fault("no last address and country");
    if (first < before || last < first || last > 0xffffffffU) throw fault("not a range after the one before");
    if (!CountryCode::from_text(std::string_view{second + 1, 2})) throw fault("not a country's two letters");
    before = last + 1;
    countries[std::string{second + 1, end}] += last - first + 1;
  }
  if (in.bad()) throw std::runtime_error{"cannot be read to its end"};
  if (countries.size() < 200) throw std::runtime_error{"holds fewer countries than expected"};
  return countries;
}

void put_varint(std::string& out, std::uint64_t value) {
  while (value >= 0x80U) {
    out.push_back(static_cast<char>((value & 0x7fU) | 0x80U));
    value >>= 7U;
  }
  out.push_back(static_cast<char>(value));
}

void put_signed(std::string& out, std::int64_t value) {
  put_varint(out, (static_cast<std::uint64_t>(value) << 1U) ^ static_cast<std::uint64_t>(value >> 63U));
}

std::vector<NamedCity> named(const std::vector<Row>& rows) {
  std::vector<NamedCity> cities;
  cities.reserve(rows.size());
  for (const Row& row : rows) {
    cities.push_back(
        {row.name, row.country, static_cast<double>(row.lat) * 1e-5, static_cast<double>(row.lon) * 1e-5});
  }
  return cities;
}

void build(const std::string& source, const std::string& addresses, const std::string& borders,
           const std::string& version, const std::string& output) {
  std::ifstream in{source, std::ios::binary};
  const std::string bytes{std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
  if (!in || bytes.empty()) throw std::runtime_error{source + ": cannot be read"};
  std::vector<Row> rows;
  try {
    rows = read_rows(bytes);
  } catch (const std::runtime_error& error) {
    throw std::runtime_error{source + ": " + error.what()};
  }
  const auto misplaced = check_cities_against_borders(named(rows), borders);
  for (auto row = misplaced.rbegin(); row != misplaced.rend(); ++row)
    rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(*row));
  rows = choose(std::move(rows));
  if (rows.size() < 20'000) throw std::runtime_error{source + ": holds fewer cities than expected"};
  std::map<std::string, std::uint64_t> countries;
  try {
    std::ifstream lines{addresses};
    if (!lines) throw std::runtime_error{"cannot be read"};
    countries = read_addresses(lines);
  } catch (const std::runtime_error& error) {
    throw std::runtime_error{addresses + ": " + error.what()};
  }
  std::string table{kCityMagic};
  put_varint(table, version.size());
  table += version;
  put_varint(table, rows.size());
  Row last;
  for (const Row& row : rows) {
    put_signed(table, row.lat - last.lat);
    put_signed(table, row.lon - last.lon);
    put_varint(table, row.people);
    table += row.country;
    last = row;
  }
  put_varint(table, countries.size());
  for (const auto& [country, count] : countries) {
    table += country;
    put_varint(table, count);
  }
  std::ofstream file{output, std::ios::binary | std::ios::trunc};
  file << table;
  file.close();
  if (!file) throw std::runtime_error{output + ": cannot be written"};
}

}  // namespace
}  // namespace chiploc::cities_build

int main(int argc, char** argv) {
  if (argc != 6) {
    std::fprintf(stderr,
                 "usage: chiploc-cities-build CITIES_PBF ADDRESSES_CSV BORDERS SOURCE_VERSION OUTPUT\n");
    return 1;
  }
  try {
    chiploc::cities_build::build(argv[1], argv[2], argv[3], argv[4], argv[5]);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "chiploc-cities-build: %s\n", error.what());
    return 1;
  }
}
