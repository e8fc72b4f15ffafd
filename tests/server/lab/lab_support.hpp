#pragma once
// Lab files of this repository, read with the real map.

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

#include "geo/borders/borders.hpp"
#include "server/lab/lab_daemon.hpp"
#include "server/lab/lab_file.hpp"
#include "tests/support/paths.hpp"

namespace chiploc {

/// With more behind it.
inline LabFile lab_from_tree(const char* name, const std::string& more = "") {
  const Borders& borders = Borders::world();
  const LabWorld world{.country_at = [&borders](LatLon place) { return borders.country_at(place); },
                       .known = [&borders](CountryCode code) { return borders.knows(code); },
                       .chiplocd = read_daemon_sections};
  const auto path = source_dir() / "deploy/lab" / name;
  std::ifstream in{path};
  const std::string text{std::istreambuf_iterator<char>{in}, {}};
  auto file = parse_lab_file(text + more, path, world);
  if (!file) throw std::runtime_error{file.error().front()};
  return std::move(file).value();
}

}  // namespace chiploc
