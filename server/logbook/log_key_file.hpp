#pragma once
#include <filesystem>
#include <memory>
#include <string>

#include "proto/base/result.hpp"
#include "proto/crypto/keys.hpp"

namespace chiploc {

/// Beside the database: log.key, Ed25519, 0600.
[[nodiscard]] std::filesystem::path log_key_file_of(const std::filesystem::path& database);

/// The key that signs checkpoints; made, durably, where none is there. Fails with a sentence: a file that is open to others, or
/// that is no Ed25519 key.
[[nodiscard]] Result<std::unique_ptr<Signer>, std::string> open_log_key(const std::filesystem::path& file);

}  // namespace chiploc
