#pragma once
// What chiploc-anchor does besides measuring: making a new anchor's folder, and showing what is public of one.

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "server/anchor/config.hpp"
#include "server/anchor/init.hpp"

namespace chiploc {

/// The subcommand init, its options bound to `words`.
void add_anchor_init(CLI::App& app, AnchorInitOptions& words);
/// Makes the folder and says what to do next; returns the exit code.
[[nodiscard]] int run_anchor_init(const AnchorInitOptions& words);

/// What others need to know of the anchor: name, keys and certificate, nothing secret. Fails with a sentence if
/// its key cannot be opened.
[[nodiscard]] Result<std::string, std::string> anchor_identity(const AnchorConfig& config, bool json);

/// Of an anchor that was made and has no certificate yet: which file is missing, and how to come by it.
[[nodiscard]] std::optional<std::string> missing_certificate(const AnchorConfig& config);

}  // namespace chiploc
