// Which network a lab has: [network], and what its model is read from.

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>

#include "server/lab/lab_reading.hpp"
#include "server/lab/milliseconds.hpp"
#include "server/sim/paths/parametric_paths.hpp"

namespace chiploc {
namespace {

constexpr std::uintmax_t kPathsBytesMax = 1U << 20U;

/// A regular file of a decent size; the fault is a phrase.
Result<std::string, std::string> read_paths_file(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error))
    return Fail{"there is no file " + file.string() +
                "; correct the path, it starts from this file's folder"};
  if (std::filesystem::file_size(file, error) > kPathsBytesMax || error)
    return Fail{file.string() + " is larger than 1 MiB; write it without --ends"};
  std::ifstream in{file, std::ios::binary};
  std::string text{std::istreambuf_iterator<char>{in}, {}};
  if (!in.is_open() || in.bad()) return Fail{file.string() + " cannot be read; check its permissions"};
  return text;
}

}  // namespace

void LabReading::read_network() {
  TomlSection network = reader_.section("network");
  const std::string model = network.choice("model", {"lab", "parametric", "matrix"});
  NetworkOptions& o = file_.network;
  const std::string why = "does nothing with model = \"" + model + "\"";
  if (model == "parametric") {
    file_.network_model = LabNetworkModel::kParametric;
    refuse_keys(network, {"loss"}, why + ": paths.loss has it");
  } else {
    o.loss = network.number("loss", 0.0, 0.5, o.loss);
  }
  if (model != "lab") {
    refuse_keys(network, {"reorder", "queue_mean_us", "burst", "burst_mean_us", "asymmetry"}, why);
  } else {
    o.reorder = network.number("reorder", 0.0, 0.5, o.reorder);
    o.queue_mean = from_ms(network.number("queue_mean_us", 0.0, 1e5, 30.0) / 1e3);
    o.burst = network.number("burst", 0.0, 1.0, o.burst);
    o.burst_mean = from_ms(network.number("burst_mean_us", 0.0, 1e6, 2000.0) / 1e3);
    o.asymmetry = network.number("asymmetry", 0.0, 0.5, o.asymmetry);
  }
  if (model == "matrix") {
    file_.network_model = LabNetworkModel::kMatrix;
    read_matrix(network);
  } else {
    refuse_keys(network,
                {"folder", "resolution_ms", "truncated", "believe_ms", "believe_order", "believe_fast"},
                "is of model = \"matrix\"");
  }
  if (model == "parametric")
    read_parametric(network);
  else
    refuse_paths(network);
}

void LabReading::refuse_paths(TomlSection& network) {
  refuse_keys(network, {"paths"}, "is of model = \"parametric\"");
  TomlSection file = reader_.top();
  const std::vector<std::string> there = file.keys();
  for (const std::string_view section : kPathSections) {
    if (std::find(there.begin(), there.end(), section) == there.end()) continue;
    static_cast<void>(file.has(section));
    file.fault(section,
               "is of a network with model = \"parametric\"; set network.model to it, or remove the section");
  }
}

void LabReading::read_parametric(TomlSection& network) {
  PathParameters parameters = default_paths();
  if (!network.text("paths", "").empty()) {
    const std::filesystem::path file = network.path("paths");
    const auto text = read_paths_file(file);
    if (!text) return network.fault("paths", text.error());
    auto read = parse_paths(*text, file);
    if (!read) {
      for (const std::string& fault : read.error()) network.fault("paths", fault);
      return;
    }
    parameters = *std::move(read);
  }
  file_.paths = std::make_shared<const ParametricPaths>(read_paths(reader_, std::move(parameters)));
}

void LabReading::read_matrix(TomlSection& network) {
  LabMeasured what;
  if (network.has("resolution_ms")) what.resolution_ms = network.number("resolution_ms", 0.0, 1'000.0, 0.0);
  what.truncated = network.boolean("truncated", false);
  if (what.truncated && !what.resolution_ms)
    network.fault("truncated", "says how a step was rounded to, and none is stated; add resolution_ms");
  what.believe_ms = network.numbers("believe_ms", 0.0, 60'000.0);
  what.believe_order = network.boolean("believe_order", false);
  what.believe_fast = network.boolean("believe_fast", false);
  if (network.text("folder").empty()) return;
  what.folder = network.path("folder");
  if (!world_.measured) return network.fault("folder", "this program reads no measurements; use chiploc sim");
  auto matrix = world_.measured(what);
  if (!matrix) {
    for (const std::string& fault : matrix.error()) network.fault("folder", fault);
    return;
  }
  auto paths = MatrixPaths::create(*std::move(matrix));
  if (!paths) return network.fault("folder", what.folder.string() + ": " + paths.error());
  matrix_ = std::make_shared<const NearestPaths>(*std::move(paths));
  file_.paths = matrix_;
}

void LabReading::check_node(TomlSection& section, std::string_view key, LatLon place) {
  if (!matrix_) return;
  const auto [node, away] = matrix_->nearest(place);
  if (node == nullptr || away.km() <= kNodeWithinKm) return;
  char km[32];
  std::snprintf(km, sizeof km, "%.0f", away.km());
  section.fault(key, "stands " + std::string{km} + " km from " + node->name +
                         ", the nearest node of the network's folder, and 100 km is the most; move it");
}

void LabReading::check_apart(TomlSection& section, std::string_view place_key, const LabChip& chip) {
  if (!matrix_) return;
  // What makes it be there: its own key, or whatever the section says of its site or its behaviour.
  const auto key_of = [&](std::string_view own) {
    for (const std::string_view key : {own, std::string_view{"site"}, std::string_view{"behaviour"}})
      if (section.has(key)) return key;
    return std::string_view{"at"};
  };
  const auto check = [&](std::string_view own, LatLon place) {
    const RttMatrix::Node* node = matrix_->nearest(place).first;
    const auto beside =
        std::find_if(file_.anchors.begin(), file_.anchors.end(), [&](const LabAnchor& anchor) {
          return matrix_->nearest(anchor.true_place.value_or(anchor.place)).first == node;
        });
    if (node == nullptr || beside == file_.anchors.end()) return;
    section.fault(key_of(own),
                  "is at the network's node " + node->name + ", as anchor " + beside->name +
                      " is, and nobody measured a path from a node to itself; move one of the two");
  };
  check(place_key, chip.behaviour == Behaviour::kExtracted ? chip.site : chip.at);
  if (chip.via) check("via", *chip.via);
  for (const LatLon exit : chip.exits) check("exits", exit);
  if (chip.clone_at) check("clone_at", *chip.clone_at);
}

void LabReading::check_path_ends() {
  if (file_.network_model != LabNetworkModel::kParametric) return;
  const auto known = [this](const std::string& name) {
    const auto is = [&](std::string_view end) { return name == end; };
    return anchor_index(name).has_value() ||
           std::any_of(file_.chips.begin(), file_.chips.end(), [&](const LabChip& chip) {
             bool one = is(chip.serial) || is(chip.serial + "-clone") || is(chip.serial + "/via");
             for (std::size_t i = 0; i < chip.exits.size(); ++i)
               one = one || is(chip.serial + "/via" + std::to_string(i + 2));
             return one;
           });
  };
  const auto check = [&](TomlSection& section, std::string_view key) {
    for (const std::string& other : section.keys())
      static_cast<void>(section.has(other));  // read_paths() judges them
    if (!section.has(key)) return;
    const std::string name = section.text(key, "");
    if (name.empty() || known(name)) return;
    section.fault(key, "\"" + name +
                           "\" is no end of this lab; name an anchor, a chip, CHIP/via for its proxy, or "
                           "CHIP-clone");
  };
  for (TomlSection& section : reader_.sections("paths_end")) check(section, "name");
  for (const std::string_view kind : {"paths_outage", "paths_fast"}) {
    for (TomlSection& section : reader_.sections(kind)) {
      check(section, "a");
      check(section, "b");
    }
  }
}

}  // namespace chiploc
