#pragma once
// What chiplocd does besides coordinating: making a new coordinator's folder, and showing what is public of one.

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "proto/crypto/keys.hpp"
#include "server/coordinator/config.hpp"
#include "server/coordinator/init.hpp"
#include "server/net/tls.hpp"

namespace chiploc {

/// The subcommand init, its options bound to `words`.
CLI::App& add_coordinator_init(CLI::App& app, CoordinatorInitOptions& words);
/// Makes the folder and says what to do next; returns the exit code.
[[nodiscard]] int run_coordinator_init(const CoordinatorInitOptions& words);

/// What others need to know of the coordinator: its key and certificate, nothing secret. The key is Ed25519.
[[nodiscard]] std::string coordinator_identity(const PublicKey& key, const TlsFiles& tls, bool json);

/// Numbers from 0 to 1, by which the waits of notices differ.
[[nodiscard]] DeliveryDesk::Dice notice_dice();

/// What would keep a start from serving, beside keys and certificates: an address that this machine does not
/// have, a database that cannot be opened or made. Looks, and leaves nothing behind. Sentences; none: all is well.
[[nodiscard]] std::vector<std::string> start_faults(const DaemonConfig& config);

}  // namespace chiploc
