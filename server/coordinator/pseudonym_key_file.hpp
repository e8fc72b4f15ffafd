#pragma once
#include <filesystem>
#include <string>

#include "proto/base/result.hpp"
#include "proto/crypto/siv.hpp"

namespace chiploc {

/// Beside the database: pseudonyms.key.
[[nodiscard]] std::filesystem::path pseudonym_key_file_of(const std::filesystem::path& database);

/// The key of researchers' pseudonyms (server/service/research.hpp): 64 bytes, mode 0600. Where there is no file one is made
/// of fresh random bytes, durably. Fails with a sentence that names the file: of another size, open to others, unreadable.
/// A new key means new pseudonyms.
[[nodiscard]] Result<SivKey, std::string> open_pseudonym_key(const std::filesystem::path& file);

}  // namespace chiploc
