#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "proto/base/result.hpp"

namespace chiploc {

/// What `chiploc-anchor init` was asked for, as it was typed.
struct AnchorInitOptions {
  std::filesystem::path dir = "anchor";
  std::filesystem::path state_dir;  ///< empty: "state" in the folder
  std::string name;
  std::string coordinator;  ///< HOST:PORT
  std::string server_name = "chiplocd";
  std::string position;  ///< "LAT,LON" in degrees, WGS 84
  std::string uncertainty_km;
  std::string operator_name;
  std::string network;
  std::string address;              ///< IP:PORT where agents and other anchors reach it
  std::vector<std::string> listen;  ///< empty: the address's port on all addresses of its family
  bool rendezvous = true;           ///< agents may knock here
};

struct AnchorInitFault {
  bool usage = false;  ///< an option is wrong; else the disk, or a folder that is there
  std::string text;
};

/// What was made, for the person: files, and what to do next.
using AnchorInitReport = std::string;

/// Makes the folder, whole or not at all: anchor.key (signs reports), tls.key, tls.csr, anchor.toml, a state
/// folder, and anchors.csv as `chiploc import --anchors` takes it. Keys have mode 0600. Nothing that is there
/// is overwritten.
[[nodiscard]] Result<AnchorInitReport, AnchorInitFault> init_anchor(const AnchorInitOptions& options);

/// deploy/anchor.toml.
[[nodiscard]] std::string_view sample_anchor_toml();

}  // namespace chiploc
