#include "server/pki/delivery.hpp"

#include <algorithm>
#include <array>

#include "proto/base/sample_text.hpp"
#include "server/pki/files.hpp"

namespace chiploc {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kPublic = 0644;

bool is_ours(std::string name) {
  constexpr std::string_view kNew = ".new";
  if (name.size() > kNew.size() && name.substr(name.size() - kNew.size()) == kNew)
    name.resize(name.size() - kNew.size());
  constexpr std::array<std::string_view, 8> kNames{kTlsFile, kTlsKeyFile,  kCaFile,   kCliFile,
                                                   "ca.key", "index.json", "crl.pem", "issued"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

}  // namespace

std::string person_config(const std::string& server, const std::string& server_name) {
  return "# chiploc: paths start from this file's folder.\nserver = " + toml_quoted(server) +
         "\nserver_name = " + toml_quoted(server_name) + "\nca = " + toml_quoted(kCaFile) +
         "\ncertificate = " + toml_quoted(kTlsFile) + "\ntls_key = " + toml_quoted(kTlsKeyFile) + "\n";
}

fs::path part_of(const fs::path& folder) {
  fs::path part = folder;
  part += ".part";
  return part;
}

PkiResult<Done> begin_part(const fs::path& part) {
  std::error_code error;
  if (fs::exists(part, error)) {
    for (const auto& entry : fs::directory_iterator{part, error}) {
      if (is_ours(entry.path().filename().string())) continue;
      return Fail{PkiFault{PkiFaultCode::kRefused,
                           entry.path().string() + ": in the way of a new folder; move it elsewhere"}};
    }
    fs::remove_all(part, error);
    if (error)
      return Fail{PkiFault{PkiFaultCode::kRefused, part.string() + ": cannot remove: " + error.message()}};
  }
  return make_folder(part);
}

std::optional<Certificate> certificate_in(const fs::path& folder) {
  const auto pem = read_whole(folder / kTlsFile, Certificate::kSizeMax * 2);
  if (!pem) return std::nullopt;
  auto certificate = Certificate::from_pem(*pem);
  if (!certificate) return std::nullopt;
  return *std::move(certificate);
}

PkiResult<Done> check_delivery(const fs::path& out, const std::string& name) {
  const auto there = certificate_in(out);
  if (!there || there->common_name() == name) return Done{};
  return Fail{PkiFault{PkiFaultCode::kRefused, (out / kTlsFile).string() + ": is the certificate of '" +
                                                   there->common_name() + "', not of '" + name +
                                                   "'; name another folder with --out"}};
}

PkiResult<std::vector<fs::path>> deliver_certificate(const Certificate& certificate, const Certificate& ca,
                                                     const fs::path& out) {
  std::error_code ignored;
  if (!fs::exists(out, ignored)) {
    if (const auto made = make_folder(out); !made) return Fail{made.error()};
  }
  if (const auto done = replace_file(out / kTlsFile, certificate.pem(), kPublic); !done)
    return Fail{done.error()};
  if (const auto done = replace_file(out / kCaFile, ca.pem(), kPublic); !done) return Fail{done.error()};
  return std::vector<fs::path>{out / kTlsFile, out / kCaFile};
}

}  // namespace chiploc
