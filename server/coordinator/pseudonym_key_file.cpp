#include "server/coordinator/pseudonym_key_file.hpp"

#include <algorithm>
#include <utility>

#include "server/pki/files.hpp"

namespace chiploc {
namespace {

namespace fs = std::filesystem;

Fail<std::string> no_key(const std::string& why) {
  return Fail{why + "; mend that and start chiplocd again: until then no researcher is answered"};
}

bool is_open_to_others(const fs::path& file) {
  std::error_code failed;
  const fs::perms given = fs::status(file, failed).permissions();
  return failed || (given & (fs::perms::group_all | fs::perms::others_all)) != fs::perms::none;
}

}  // namespace

fs::path pseudonym_key_file_of(const fs::path& database) { return database.parent_path() / "pseudonyms.key"; }

Result<SivKey, std::string> open_pseudonym_key(const fs::path& file) {
  if (!SivKey::available())
    return no_key("this OpenSSL has no AES-256-SIV, as version 3 with its default provider has");
  SecretBytes<SivKey::kSize> key;
  auto read = read_whole(file, SivKey::kSize);
  if (!read && read.error().code == PkiFaultCode::kNotFound) {
    random_bytes_or_abort(key.writable());
    const std::string_view text{reinterpret_cast<const char*>(key.bytes().data()), SivKey::kSize};
    if (const auto made = replace_file(file, text, 0600); !made) return no_key(made.error().text);
    return SivKey{std::move(key)};
  }
  if (!read && read.error().code != PkiFaultCode::kBadData) return no_key(read.error().text);
  if (is_open_to_others(file)) return no_key(file.string() + " is open to others; chmod 600 it");
  if (!read || read->size() != SivKey::kSize) {
    return no_key(file.string() +
                  " is not 64 bytes long; restore it from the backup, or remove it for new pseudonyms");
  }
  std::copy(read->begin(), read->end(), key.writable().begin());
  wipe({reinterpret_cast<std::uint8_t*>(read->data()), read->size()});
  return SivKey{std::move(key)};
}

}  // namespace chiploc
