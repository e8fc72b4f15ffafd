#include "server/net/tls_files.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "proto/crypto/certificate.hpp"
#include "proto/crypto/keys.hpp"

namespace chiploc {
namespace {

Result<std::string, std::string> read_text(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  if (!in)
    return Fail{file.string() + ": cannot be read (" + std::strerror(errno) + "); check path and owner"};
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace

Result<Done, std::string> check_key_file(const std::filesystem::path& file) {
  struct stat info {};
  if (::stat(file.c_str(), &info) != 0) {
    return Fail{file.string() + ": " + std::strerror(errno) + "; check the path"};
  }
  if ((info.st_mode & 0077U) != 0) {
    return Fail{file.string() + ": a private key that others may open; run: chmod 600 " + file.string()};
  }
  return Done{};
}

Result<TlsMaterial, std::string> load_own_tls(const std::filesystem::path& certificate_file,
                                              const std::filesystem::path& key_file) {
  if (const auto safe = check_key_file(key_file); !safe) return Fail{safe.error()};
  auto certificate = read_text(certificate_file);
  if (!certificate) return Fail{certificate.error()};
  auto key = read_text(key_file);
  if (!key) return Fail{key.error()};

  const auto chain = Certificate::chain_from_pem(*certificate);
  if (!chain) {
    return Fail{certificate_file.string() + ": " + chain.error().text + "; name our own PEM certificate"};
  }
  const auto own = chain->front().public_key();
  if (!own) return Fail{certificate_file.string() + ": " + own.error().text + "; use a P-256 certificate"};
  const auto parsed = key_from_private_pem(*key);
  if (!parsed) return Fail{key_file.string() + ": " + parsed.error().text + "; name our PEM private key"};
  if (!((*parsed)->public_key() == *own)) {
    return Fail{key_file.string() + ": is not the key of " + certificate_file.string() +
                "; use the pair that was issued together"};
  }
  return TlsMaterial{{}, std::move(*certificate), std::move(*key)};
}

Result<TlsMaterial, std::string> load_tls(const TlsFiles& files) {
  if (const auto safe = check_key_file(files.key); !safe) return Fail{safe.error()};
  auto ca = read_text(files.ca);  // before our own: without an authority there is no certificate to come
  if (!ca) return Fail{ca.error()};
  if (const auto parsed = Certificate::chain_from_pem(*ca); !parsed) {
    return Fail{files.ca.string() + ": " + parsed.error().text + "; name the authority's PEM certificate"};
  }
  auto material = load_own_tls(files.certificate, files.key);
  if (material) material->ca = std::move(*ca);
  return material;
}

}  // namespace chiploc
