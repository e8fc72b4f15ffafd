#pragma once
#include <filesystem>
#include <memory>
#include <string>

#include "proto/crypto/keys.hpp"
#include "server/coordinator/config.hpp"
#include "server/logbook/log_keeper.hpp"
#include "server/storage/sqlite/store.hpp"
#include "server/witness/cosign_client.hpp"

namespace chiploc {

/// chiplocd's evidence log, and all that it needs.
struct EvidenceLog {
  std::filesystem::path folder;
  std::unique_ptr<Signer> key;
  std::unique_ptr<StoreReader> reader;
  std::unique_ptr<CosignClient> witnesses;  ///< null: nobody is asked
  std::unique_ptr<LogKeeper> keeper;        ///< goes first
  /// Nobody is waited for any more, then the keeper ends.
  void stop();
};

/// Begins the log in a database that has none, opens key and folder, and brings the folder up to the database. Fails with a
/// sentence: then nothing may be measured, for what is not in the log can be denied. `coordinator` gives the log its name where
/// the configuration does not.
[[nodiscard]] Result<EvidenceLog, std::string> open_evidence_log(const DaemonConfig& config,
                                                                 const SqliteOptions& database, Store& store,
                                                                 const PublicKey& coordinator);

}  // namespace chiploc
