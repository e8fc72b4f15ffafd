#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "proto/base/result.hpp"
#include "proto/base/time.hpp"

namespace chiploc {

/// What `chiplocd init` was asked for, as it was typed.
struct CoordinatorInitOptions {
  std::filesystem::path dir = "coordinator";
  std::filesystem::path state_dir;        ///< of the database; empty: the folder itself
  std::string listen = "127.0.0.1:7443";  ///< IP:PORT for anchors and people
  std::vector<std::string> hosts;  ///< names and addresses that its certificate is to have beside "chiplocd"
  std::string faults;              ///< of the policy; empty: as the sample has it
  /// The authority's folder on this machine, which is made if it is not there: it certifies the coordinator at
  /// once, and `admin`. Empty: a request is all that is made.
  std::filesystem::path authority;
  std::filesystem::path passphrase_file;  ///< of the authority's key; empty: it has none
  std::string admin;  ///< a person; gets a folder of that name with key, certificate, cli.toml
};

struct CoordinatorInitFault {
  bool usage = false;  ///< an option is wrong; else the disk, or a folder that is there
  std::string text;
};

/// What was made, for the person: files, and what to do next.
using CoordinatorInitReport = std::string;

/// Makes the folder, whole or not at all: coordinator.key (Ed25519, signs tickets), tls.key, tls.csr,
/// chiplocd.toml. Keys have mode 0600. Nothing that is there is overwritten. With an authority the folder then
/// gets its certificate, and the admin's folder is made; a fault in between says which command goes on from there.
[[nodiscard]] Result<CoordinatorInitReport, CoordinatorInitFault> init_coordinator(
    const CoordinatorInitOptions& options, WallTime now);

/// deploy/chiplocd.toml.
[[nodiscard]] std::string_view sample_chiplocd_toml();

}  // namespace chiploc
