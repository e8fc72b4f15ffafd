#pragma once
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "proto/crypto/keys.hpp"
#include "proto/crypto/secret_text.hpp"

namespace chiploc {

/// Where a private key is. One code path for all of them: OpenSSL's store (OSSL_STORE_open).
struct KeyOptions {
  /// `file:chip.key` or a bare path   PEM or DER file, mode 0600 or stricter
  /// `pkcs11:token=..;object=..`      RFC 7512, through pkcs11-provider, else libp11's engine; the module is the query
  ///                                  attribute module-path, else $PKCS11_MODULE_PATH, else p11-kit's proxy
  /// `handle:0x81000001`              a persistent TPM 2.0 object; needs providers = {"tpm2", "default"}
  std::string uri;
  /// OpenSSL providers to load, in a library context of the key's own, so that a provider's digests and
  /// ciphers never serve anything else. Empty or {"default"}: the process's default context. Not used for
  /// pkcs11:.
  std::vector<std::string> providers;
  /// Property query for fetching the key and its signature, e.g. "?provider=tpm2".
  std::string properties;
  /// File whose first line is the PIN or passphrase; mode 0600 or stricter. Empty: none.
  std::filesystem::path pin_file;
  /// Asked once, and only when the key wants a PIN or passphrase and there is no pin_file. Empty: nobody is.
  using AskPin = std::function<std::optional<SecretText>()>;
  AskPin ask{};
  /// Folder that relative file paths start from (the configuration file's). Empty: the working directory.
  std::filesystem::path base_folder;
};

/// Opens the key, reads its public half, and checks that it is one the protocol knows. A key that cannot sign
/// for lack of a PIN fails here, not in the middle of a round: one test signature is made and verified.
///
/// Fails with kUnreadable, kPermissions (the text names file and mode, and says chmod 600), kNoPrivateKey,
/// kBadPin, kProvider, kUnsupportedAlgorithm, kSigningFailed, kMalformed.
[[nodiscard]] Result<std::unique_ptr<Signer>, KeyFault> open_signer(const KeyOptions& options);

/// The first line of a file that only its owner may read, as pin_file is read. Fails with kUnreadable,
/// kPermissions, kMalformed.
[[nodiscard]] Result<SecretText, KeyFault> read_secret_line(const std::filesystem::path& file);

}  // namespace chiploc
