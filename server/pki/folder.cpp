#include "server/pki/folder.hpp"

#include <sys/stat.h>

#include "server/pki/delivery.hpp"
#include "server/pki/files.hpp"

namespace chiploc {

namespace fs = std::filesystem;

PkiResult<std::unique_ptr<Signer>> open_authority_key(const fs::path& folder, const std::string& uri,
                                                      const KeyAccess& access) {
  KeyOptions options;
  options.uri = uri;
  options.base_folder = folder;
  // Of the command line: relative to where the person is, not to the authority.
  if (!access.passphrase_file.empty()) options.pin_file = fs::absolute(access.passphrase_file);
  options.ask = access.ask;
  auto key = open_signer(options);
  if (!key) {
    const bool asked_nobody = key.error().code == KeyFault::Code::kBadPin && access.passphrase_file.empty();
    return Fail{
        PkiFault{PkiFaultCode::kKey,
                 key.error().text + (asked_nobody ? "; type it, or pass --passphrase-file FILE" : "")}};
  }
  return std::move(key).value();
}

PkiResult<PkiFolder> PkiFolder::open(const fs::path& folder) {
  struct stat info {};
  if (::stat((folder / kIndexFile).c_str(), &info) != 0 || ::stat(folder.c_str(), &info) != 0) {
    return Fail{PkiFault{PkiFaultCode::kNotFound,
                         folder.string() + ": no authority there; name the authority's folder with --dir "
                                           "(after chiplocd init --authority ca: --dir ca), or make a "
                                           "first one with: chiploc pki init"}};
  }
  if ((info.st_mode & 0022U) != 0) {
    return Fail{PkiFault{PkiFaultCode::kKey, folder.string() +
                                                 ": others may write to the authority's folder; run: "
                                                 "chmod 700 " +
                                                 folder.string()}};
  }
  const auto pem = read_whole(folder / kCaFile, Certificate::kSizeMax * 2);
  if (!pem) return Fail{pem.error()};
  auto ca = Certificate::from_pem(*pem);
  if (!ca) {
    return Fail{PkiFault{PkiFaultCode::kBadData, (folder / kCaFile).string() + ": " + ca.error().text +
                                                     "; restore it from a backup"}};
  }
  const auto text = read_whole(folder / kIndexFile, PkiIndex::kBytesMax);
  if (!text) return Fail{text.error()};
  auto index = PkiIndex::from_text(*text);
  if (!index) {
    return Fail{PkiFault{PkiFaultCode::kBadData, (folder / kIndexFile).string() + ": " + index.error().text +
                                                     "; restore it from a backup"}};
  }
  return PkiFolder{folder, *std::move(ca), *std::move(index)};
}

PkiResult<Certificate> PkiFolder::certificate_of(const IssuedRecord& record) const {
  const fs::path file = issued_file(record.serial);
  const auto pem = read_whole(file, Certificate::kSizeMax * 2);
  if (!pem) return Fail{pem.error()};
  auto certificate = Certificate::from_pem(*pem);
  if (!certificate || certificate->fingerprint().hex() != record.sha256) {
    return Fail{PkiFault{PkiFaultCode::kBadData, file.string() + ": is not the certificate that " +
                                                     std::string{kIndexFile} +
                                                     " means; restore it from a backup"}};
  }
  return *std::move(certificate);
}

fs::path PkiFolder::issued_file(const std::string& serial) const {
  return folder_ / kIssuedFolder / (serial + ".pem");
}

}  // namespace chiploc
