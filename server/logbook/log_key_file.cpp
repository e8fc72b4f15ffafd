#include "server/logbook/log_key_file.hpp"

#include "proto/crypto/key_store.hpp"

namespace chiploc {

namespace fs = std::filesystem;

fs::path log_key_file_of(const fs::path& database) { return database.parent_path() / "log.key"; }

Result<std::unique_ptr<Signer>, std::string> open_log_key(const fs::path& file) {
  std::error_code failed;
  if (!fs::exists(file, failed)) {
    const auto fresh = generate_key(SignatureAlgorithm::kEd25519);
    if (!fresh) return Fail{std::string{"this OpenSSL makes no Ed25519 key"}};
    if (const auto written = write_private_key(file, *fresh); !written) return Fail{written.error().text};
  }
  KeyOptions options;
  options.uri = file.string();
  auto key = open_signer(options);
  if (!key) return Fail{key.error().text};
  if ((*key)->algorithm() != SignatureAlgorithm::kEd25519)
    return Fail{file.string() + " is no Ed25519 key; restore the log's key from the backup"};
  return std::move(*key);
}

}  // namespace chiploc
