#pragma once
// What chiplocd does besides coordinating: making a new coordinator's folder, and showing what is public of one.

#include <CLI/CLI.hpp>
#include <string>

#include "proto/crypto/keys.hpp"
#include "server/coordinator/init.hpp"
#include "server/net/tls.hpp"

namespace chiploc {

/// The subcommand init, its options bound to `words`.
CLI::App& add_coordinator_init(CLI::App& app, CoordinatorInitOptions& words);
/// Makes the folder and says what to do next; returns the exit code.
[[nodiscard]] int run_coordinator_init(const CoordinatorInitOptions& words);

/// What others need to know of the coordinator: its key and certificate, nothing secret. The key is Ed25519.
[[nodiscard]] std::string coordinator_identity(const PublicKey& key, const TlsFiles& tls, bool json);

}  // namespace chiploc
