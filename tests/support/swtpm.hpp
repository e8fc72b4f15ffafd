#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "tests/support/child_process.hpp"

namespace chiploc {

/// A TPM 2.0 in software (swtpm) on two free TCP ports of 127.0.0.1, with its state in a folder of its own.
/// It runs as long as this object.
///
/// A program that shall use its keys gets environment() and this configuration:
///
///     [key]
///     uri = "handle:0x81000001"
///     providers = ["tpm2", "default"]
///     properties = "?provider=tpm2"
///
/// environment() holds TPM2OPENSSL_TCTI (for the OpenSSL provider) and TPM2TOOLS_TCTI (for tpm2-tools), both
/// "swtpm:host=127.0.0.1,port=N".
class Swtpm {
 public:
  /// Why no TPM can be run here (a program that is not installed), or nullopt.
  [[nodiscard]] static std::optional<std::string> missing();

  /// Starts it and waits until it answers. ok() is false if it does not; its words are in swtpm.log there.
  explicit Swtpm(const std::filesystem::path& folder);
  [[nodiscard]] bool ok() const { return ok_; }

  /// Makes a signing key inside the TPM, persistent at `handle`: "ecc256:ecdsa-sha256:null" or
  /// "ecc384:ecdsa-sha384:null" in tpm2-tools' words.
  [[nodiscard]] bool create_key(std::uint32_t handle,
                                const std::string& algorithm = "ecc256:ecdsa-sha256:null") const;
  [[nodiscard]] static std::string key_uri(std::uint32_t handle);
  [[nodiscard]] Environment environment() const;
  /// For a test that opens the key itself.
  void set_in_this_process() const;

 private:
  bool start();
  std::filesystem::path folder_;
  std::uint16_t port_ = 0;
  std::unique_ptr<ChildProcess> process_;
  bool ok_ = false;
};

}  // namespace chiploc
