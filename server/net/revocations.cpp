#include "server/net/revocations.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "proto/base/safe_text.hpp"
#include "proto/base/time_text.hpp"

namespace chiploc {

bool Revocations::FileState::operator==(const FileState& other) const {
  return device == other.device && inode == other.inode && size == other.size &&
         modified.tv_sec == other.modified.tv_sec && modified.tv_nsec == other.modified.tv_nsec;
}

Revocations::FileState Revocations::look() const {
  struct stat info {};
  if (::stat(file_.c_str(), &info) != 0) return {};
  return {info.st_dev, info.st_ino, info.st_size, info.st_mtim};
}

Result<RevocationList, std::string> Revocations::read() const {
  const std::string name = file_.string();
  const auto fail = [&](const std::string& text) {
    return Fail{name + ": " + text + "; put the authority's crl.pem there (chiploc pki revoke writes it)"};
  };
  std::ifstream in{file_, std::ios::binary};
  if (!in) return fail(std::string{"cannot be read ("} + std::strerror(errno) + ")");
  constexpr std::streamoff kBytesMax = 64 << 20;
  in.seekg(0, std::ios::end);
  if (in.tellg() > kBytesMax) return fail("larger than 64 MiB");
  in.seekg(0);
  const std::string pem{std::istreambuf_iterator<char>{in}, {}};
  auto list = RevocationList::from_pem(pem);
  if (!list) return fail(list.error().text);
  if (!list->unusable().empty()) return fail("the list " + list->unusable());
  const bool ours = std::any_of(authorities_.begin(), authorities_.end(),
                                [&](const Certificate& ca) { return list->signed_by(ca); });
  if (!ours) return fail("was not signed by an authority of [tls] ca");
  return *std::move(list);
}

Result<std::unique_ptr<Revocations>, std::string> Revocations::open(std::filesystem::path file,
                                                                    std::vector<Certificate> authorities) {
  std::unique_ptr<Revocations> made{new Revocations{std::move(file), std::move(authorities)}};
  made->seen_ = made->look();
  auto list = made->read();
  if (!list) return Fail{list.error()};
  made->list_ = *std::move(list);
  return made;
}

Revocations::News Revocations::poll() {
  const FileState now = look();
  if (now == seen_) return News::kNone;
  seen_ = now;  // before it is read: what changes meanwhile is read the next time
  auto list = read();
  if (!list) {
    problem_ = list.error();
    return News::kRefused;
  }
  const RevocationList before = this->list();
  if (*list == before) {
    if (problem_.empty()) return News::kNone;
    problem_.clear();  // what is in force was put back
    return News::kTaken;
  }
  if (list->older_than(before)) {
    problem_ = file_.string() + ": the list number " + list->number() + " is older than number " +
               before.number() + ", which is in force; put the newest crl.pem there";
    return News::kRefused;
  }
  problem_.clear();
  const std::scoped_lock lock{mutex_};
  list_ = *std::move(list);
  return News::kTaken;
}

RevocationList Revocations::list() const {
  const std::scoped_lock lock{mutex_};
  return *list_;
}

std::optional<RevokedCertificate> Revocations::revoked(const Certificate& certificate) const {
  return list().entry_of(certificate);
}

bool Revocations::stale(WallTime now) const {
  const auto next = list().next_update();
  return next && now >= *next;
}

std::string revoked_text(const Certificate& certificate, const RevokedCertificate& entry) {
  const std::string reason = entry.reason == RevocationReason::kUnspecified
                                 ? std::string{}
                                 : " (" + std::string{name_of(entry.reason)} + ")";
  return "the certificate " + entry.serial + " of '" + log_text(certificate.common_name()) +
         "' was revoked on " + utc_text(entry.at) + reason + "; ask for a new one";
}

}  // namespace chiploc
