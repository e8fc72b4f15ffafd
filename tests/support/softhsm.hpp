#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include "tests/support/child_process.hpp"

namespace chiploc {

/// A PKCS#11 token in software (SoftHSM) in a folder of its own: label "chiploc", user PIN in pin_file().
///
/// A program that shall use its keys gets environment() and this configuration:
///
///     [key]
///     uri = "<key_uri(object)>"      pkcs11:token=chiploc;object=...;type=private
///     pin_file = "<pin_file()>"
///
/// environment() holds SOFTHSM2_CONF (where the token is) and PKCS11_MODULE_PATH (SoftHSM's module for
/// libp11).
class SoftHsm {
 public:
  /// Why no token can be made here (a program or module that is not installed), or nullopt.
  [[nodiscard]] static std::optional<std::string> missing();

  /// Makes the token in `folder`, which exists. ok() is false if a tool failed; its words are in tools.log
  /// there.
  explicit SoftHsm(const std::filesystem::path& folder);
  [[nodiscard]] bool ok() const { return ok_; }

  /// Generates a key pair inside the token. `type` is pkcs11-tool's: "EC:prime256v1", "EC:secp384r1",
  /// "rsa:2048".
  [[nodiscard]] bool generate(const std::string& object, const std::string& type) const;
  /// Imports an unencrypted PKCS#8 PEM file.
  [[nodiscard]] bool import_key(const std::string& object, const std::filesystem::path& pkcs8) const;

  [[nodiscard]] std::string key_uri(const std::string& object) const;
  [[nodiscard]] std::filesystem::path pin_file() const { return folder_ / "pin"; }
  [[nodiscard]] Environment environment() const;
  /// For a test that opens the key itself. SoftHSM reads it once per process.
  void set_in_this_process() const;

 private:
  std::filesystem::path folder_;
  bool ok_ = false;
};

}  // namespace chiploc
