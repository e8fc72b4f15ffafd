#include "server/pki/init.hpp"

#include <sys/types.h>

#include "proto/crypto/issue.hpp"
#include "server/pki/delivery.hpp"
#include "server/pki/files.hpp"
#include "server/pki/role.hpp"

namespace chiploc {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kPublic = 0644;
constexpr mode_t kPrivate = 0600;

Fail<PkiFault> refused(std::string text) { return Fail{PkiFault{PkiFaultCode::kRefused, std::move(text)}}; }

PkiFault fault_of(const CertificateFault& fault) { return {PkiFaultCode::kRefused, fault.text}; }

}  // namespace

PkiResult<Certificate> init_authority(const InitOrder& order, WallTime now) {
  const fs::path& folder = order.folder;
  if (const std::string problem = name_problem(order.name); !problem.empty()) return refused(problem);
  const auto lock = FolderLock::take(folder.has_parent_path() ? folder.parent_path() : fs::path{"."});
  if (!lock) return Fail{lock.error()};
  std::error_code ignored;
  if (fs::exists(folder / kIndexFile, ignored) || fs::exists(folder / kCaFile, ignored)) {
    return refused(folder.string() +
                   ": there is an authority already; use it, or name another folder with --dir");
  }
  if (fs::exists(folder, ignored) && !fs::is_empty(folder, ignored)) {
    return refused(folder.string() + ": is not empty; name a new folder with --dir");
  }
  if (!order.key_uri.empty() &&
      (order.key_uri.rfind("pkcs11:", 0) != 0 || order.key_uri.find("pin-value") != std::string::npos)) {
    return refused(
        "a key that is there already is named by a pkcs11: URI (RFC 7512) without its PIN; the PIN is "
        "asked for, or comes from --passphrase-file");
  }
  std::unique_ptr<Signer> key;
  PkiIndex index;
  index.key = order.key_uri.empty() ? kAuthorityKeyFile : order.key_uri;
  const fs::path part = part_of(folder);
  if (const auto begun = begin_part(part); !begun) return Fail{begun.error()};
  if (order.key_uri.empty()) {
    auto made = generate_key(order.algorithm);
    if (const auto written = write_private_key(part / kAuthorityKeyFile, *made, order.passphrase.text());
        !written)
      return refused(written.error().text);
    key = std::move(made);
  } else {
    auto opened = open_authority_key(part, order.key_uri, order.access);
    if (!opened) return Fail{opened.error()};
    key = std::move(opened).value();
  }
  IssueRequest request;
  request.common_name = order.name;
  request.from = now - kBackdated;
  request.days = order.days;
  const auto ca = CertificateAuthority::create(request, std::move(key));
  if (!ca) return Fail{fault_of(ca.error())};
  index.list_number = unix_seconds(now);
  const auto list =
      ca->sign_list({}, {.from = now - kBackdated, .days = kListDays, .number = index.list_number});
  if (!list) return Fail{fault_of(list.error())};
  if (auto done = make_folder(part / kIssuedFolder); !done) return Fail{done.error()};
  if (auto done = replace_file(part / kCaFile, ca->certificate().pem(), kPublic); !done)
    return Fail{done.error()};
  if (auto done = replace_file(part / kListFile, list->pem(), kPublic); !done) return Fail{done.error()};
  if (auto done = replace_file(part / kIndexFile, index.text(), kPrivate); !done) return Fail{done.error()};
  if (auto done = move_folder(part, folder); !done) return Fail{done.error()};
  return ca->certificate();
}

}  // namespace chiploc
