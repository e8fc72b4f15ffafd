#pragma once
// Lab files of this repository, read with the real map.

#include <filesystem>
#include <stdexcept>

#include "geo/borders/borders.hpp"
#include "server/lab/lab_daemon.hpp"
#include "server/lab/lab_file.hpp"
#include "tests/support/paths.hpp"

namespace chiploc {

inline LabFile lab_from_tree(const char* name) {
  const Borders& borders = Borders::world();
  const LabWorld world{.country_at = [&borders](LatLon place) { return borders.country_at(place); },
                       .known = [&borders](CountryCode code) { return borders.knows(code); },
                       .chiplocd = read_daemon_sections};
  auto file = load_lab_file(source_dir() / "deploy/lab" / name, world);
  if (!file) throw std::runtime_error{file.error().front()};
  return std::move(file).value();
}

}  // namespace chiploc
