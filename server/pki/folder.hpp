#pragma once
#include <filesystem>
#include <memory>
#include <string>

#include "proto/crypto/key_store.hpp"
#include "server/pki/index.hpp"

namespace chiploc {

// An authority is a folder of mode 0700:
//
//     ca.pem              its certificate
//     ca.key              its key, 0600, unless a token has it
//     index.json          what it has issued and revoked (PkiIndex)
//     issued/SERIAL.pem   each certificate
//     crl.pem             the newest revocation list

inline constexpr const char* kAuthorityKeyFile = "ca.key";
inline constexpr const char* kIndexFile = "index.json";
inline constexpr const char* kListFile = "crl.pem";
inline constexpr const char* kIssuedFolder = "issued";

/// How the authority's key is opened.
struct KeyAccess {
  std::filesystem::path passphrase_file;  ///< passphrase or PIN; mode 0600. Empty: `ask`
  KeyOptions::AskPin ask;
};

/// The key that an index names, in this folder or in a token. Fails with kKey.
[[nodiscard]] PkiResult<std::unique_ptr<Signer>> open_authority_key(const std::filesystem::path& folder,
                                                                    const std::string& uri,
                                                                    const KeyAccess& access);

/// Reads an authority's folder; needs no key. What it has is of one moment.
class PkiFolder {
 public:
  [[nodiscard]] static PkiResult<PkiFolder> open(const std::filesystem::path& folder);
  [[nodiscard]] const Certificate& certificate() const { return ca_; }
  [[nodiscard]] const PkiIndex& index() const { return index_; }
  [[nodiscard]] const std::filesystem::path& path() const { return folder_; }
  /// One that it has issued. Fails where the file is not the one that the index means.
  [[nodiscard]] PkiResult<Certificate> certificate_of(const IssuedRecord& record) const;

  /// issued/SERIAL.pem in it.
  [[nodiscard]] std::filesystem::path issued_file(const std::string& serial) const;

 private:
  friend class Authority;
  PkiFolder(std::filesystem::path folder, Certificate ca, PkiIndex index)
      : folder_{std::move(folder)}, ca_{std::move(ca)}, index_{std::move(index)} {}
  std::filesystem::path folder_;
  Certificate ca_;
  PkiIndex index_;
};

}  // namespace chiploc
