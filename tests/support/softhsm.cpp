#include "tests/support/softhsm.hpp"

#include <cstdlib>
#include <fstream>

#include "proto/base/bytes.hpp"

namespace chiploc {
namespace {

constexpr const char* kPin = "582913";
constexpr const char* kAdminPin = "00998877";

std::string module_path() {
  for (const char* path :
       {"/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
        "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so"}) {
    if (std::filesystem::exists(path)) return path;
  }
  return {};
}

/// Debian 13's pkcs11-provider 1.0 opens a module with RTLD_DEEPBIND, at which the address sanitizer ends the process.
bool sanitizer_refuses() {
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
  for (const char* folder : {"/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"}) {
    if (std::filesystem::exists(std::filesystem::path{folder} / "ossl-modules/pkcs11.so")) return true;
  }
#endif
#endif
  return false;
}

/// libp11 finds a private key's public half by the id: two keys without one are taken for each other.
std::string id_of(const std::string& object) { return to_hex(bytes_of(object)); }

}  // namespace

std::optional<std::string> SoftHsm::missing() {
  if (!has_program("softhsm2-util")) return "softhsm2-util (package softhsm2)";
  if (!has_program("pkcs11-tool")) return "pkcs11-tool (package opensc)";
  if (module_path().empty()) return "libsofthsm2.so (package softhsm2)";
  if (sanitizer_refuses()) return "a pkcs11-provider that the address sanitizer bears";
  return std::nullopt;
}

SoftHsm::SoftHsm(const std::filesystem::path& folder) : folder_{folder} {
  std::filesystem::create_directory(folder_ / "tokens");
  std::ofstream{folder_ / "softhsm2.conf"} << "directories.tokendir = " << (folder_ / "tokens").string()
                                           << "\nobjectstore.backend = file\nlog.level = ERROR\n";
  std::ofstream{pin_file()} << kPin << "\n";
  std::filesystem::permissions(pin_file(), std::filesystem::perms{0600});
  ok_ = run_program(
      {"softhsm2-util", "--init-token", "--free", "--label", "chiploc", "--so-pin", kAdminPin, "--pin", kPin},
      environment(), folder_ / "tools.log");
}

bool SoftHsm::generate(const std::string& object, const std::string& type) const {
  return run_program(
      {"pkcs11-tool", "--module", module_path(), "--token-label", "chiploc", "--login", "--pin", kPin,
       "--keypairgen", "--key-type", type, "--label", object, "--id", id_of(object)},
      environment(), folder_ / "tools.log");
}

bool SoftHsm::import_key(const std::string& object, const std::filesystem::path& pkcs8) const {
  return run_program({"softhsm2-util", "--import", pkcs8.string(), "--token", "chiploc", "--label", object,
                      "--id", id_of(object), "--pin", kPin},
                     environment(), folder_ / "tools.log");
}

std::string SoftHsm::key_uri(const std::string& object) const {
  return "pkcs11:token=chiploc;object=" + object + ";type=private";
}

Environment SoftHsm::environment() const {
  return {{"SOFTHSM2_CONF", (folder_ / "softhsm2.conf").string()}, {"PKCS11_MODULE_PATH", module_path()}};
}

void SoftHsm::set_in_this_process() const {
  for (const auto& [name, value] : environment()) ::setenv(name.c_str(), value.c_str(), 1);
}

}  // namespace chiploc
