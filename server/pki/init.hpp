#pragma once
#include <filesystem>
#include <string>

#include "proto/crypto/certificate.hpp"
#include "server/pki/folder.hpp"

namespace chiploc {

/// Clocks differ, and a certificate that is not valid yet is a bad beginning: all that an authority signs is
/// valid from so long ago.
inline constexpr std::chrono::minutes kBackdated{5};
/// Until a revocation list should be signed anew. Long, since its only way to a coordinator is a person who
/// carries it: a short time would make lists that are in force look stale, and nothing safer.
inline constexpr int kListDays = 365;

struct InitOrder {
  std::filesystem::path folder;
  std::string name = "chiploc CA";
  SignatureAlgorithm algorithm = SignatureAlgorithm::kEs256;
  int days = 3650;
  std::string key_uri;    ///< a key that is there already, in a token; empty: a new one in the folder
  KeyAccess access;       ///< for that key
  SecretText passphrase;  ///< that the new key is encrypted with; empty: none
};
/// Makes the folder, all of it or nothing. Fails with kRefused where there is an authority or anything else.
[[nodiscard]] PkiResult<Certificate> init_authority(const InitOrder& order, WallTime now);

}  // namespace chiploc
