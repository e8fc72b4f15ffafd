#include "server/pki/authority.hpp"

#include <algorithm>

#include "proto/base/joined.hpp"
#include "proto/base/role.hpp"
#include "proto/base/time_text.hpp"
#include "server/pki/delivery.hpp"
#include "server/pki/init.hpp"
#include "server/pki/role.hpp"

namespace chiploc {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kPublic = 0644;
constexpr mode_t kPrivate = 0600;
Fail<PkiFault> refused(std::string text) { return Fail{PkiFault{PkiFaultCode::kRefused, std::move(text)}}; }

PkiFault fault_of(const CertificateFault& fault) { return {PkiFaultCode::kRefused, fault.text}; }

/// Why a request is not for what the order says; empty if it is.
std::string difference(const CertificateRequest& request, const IssueRequest& order) {
  const std::string& name = order.common_name;
  const std::string& role = order.organizational_unit;
  const auto asks = [](const std::string& what, const std::string& theirs, const std::string& ours) {
    return "the request asks for the " + what + " '" + theirs + "', the order says '" + ours +
           "'; correct the order, or have the request made again where the key is";
  };
  if (request.common_name() != name) return asks("name", request.common_name(), name);
  if (!request.organizational_unit().empty() && request.organizational_unit() != role)
    return asks("role", request.organizational_unit(), role);
  std::vector<std::string> hosts = order.dns_names;
  hosts.insert(hosts.end(), order.ip_addresses.begin(), order.ip_addresses.end());
  for (const std::string& host : request.hosts()) {
    if (std::find(hosts.begin(), hosts.end(), host) == hosts.end() && !hosts.empty())
      return "the request asks for the host '" + host + "' too; add --host " + host +
             ", or have the request made again without it";
  }
  return {};
}

bool in_force(const IssuedRecord& record, WallTime now) { return !record.revoked && now < record.not_after; }

std::string text_of(const IssuedRecord& record) {
  return record.role + " " + record.name + ", serial " + record.serial + ", until " +
         utc_text(record.not_after);
}

}  // namespace

PkiResult<Authority> Authority::open(const fs::path& folder, const KeyAccess& access) {
  const auto before = PkiFolder::open(folder);
  if (!before) return Fail{before.error()};
  auto key = open_authority_key(folder, before->index().key, access);
  if (!key) return Fail{key.error()};
  auto lock = FolderLock::take(folder);
  if (!lock) return Fail{lock.error()};
  auto now = PkiFolder::open(folder);  // others may have been at work until here
  if (!now) return Fail{now.error()};
  auto ca = CertificateAuthority::from(now->certificate(), std::move(key).value());
  if (!ca) {
    return Fail{PkiFault{PkiFaultCode::kKey, folder.string() + ": " + ca.error().text +
                                                 "; restore the key of " + std::string{kCaFile}}};
  }
  return Authority{*std::move(now), *std::move(ca), *std::move(lock)};
}

PkiResult<Certificate> Authority::sign(const Leaf& leaf, WallTime now) const {
  const Certificate& ca = ca_.certificate();
  if (now < ca.not_before() || now >= ca.not_after()) {
    return refused("the authority is valid from " + utc_text(ca.not_before()) + " to " +
                   utc_text(ca.not_after()) + ", this machine's clock says " + utc_text(now) +
                   "; mend the clock, or make a new authority");
  }
  const WallTime end = leaf.request.from + std::chrono::hours{24} * leaf.request.days;
  if (leaf.request.days < 1 || end > ca.not_after()) {
    const auto most = std::chrono::duration_cast<std::chrono::hours>(ca.not_after() - leaf.request.from) / 24;
    return refused("a certificate of " + std::to_string(leaf.request.days) +
                   " days; the authority itself ends on " + utc_text(ca.not_after()) + ": 1 to " +
                   std::to_string(most.count()) + " days are possible");
  }
  if (folder_.index_.certificates.size() >= PkiIndex::kCertificatesMax) {
    return refused("the index is full (" + std::to_string(PkiIndex::kCertificatesMax) +
                   " certificates); make a new authority");
  }
  auto certificate = ca_.issue(leaf.request, leaf.key);
  if (!certificate) return Fail{fault_of(certificate.error())};
  return *std::move(certificate);
}

PkiResult<Done> Authority::save_index() const {
  return replace_file(folder_.folder_ / kIndexFile, folder_.index_.text(), kPrivate);
}

PkiResult<Done> Authority::record(const Certificate& certificate, const IssueRequest& request) {
  const fs::path file = folder_.issued_file(certificate.serial());
  if (auto done = replace_file(file, certificate.pem(), kPublic); !done) return done;
  const std::size_t prefix = request.organization.empty() ? 0 : kHolderEntity.size();
  folder_.index_.certificates.push_back({.serial = certificate.serial(),
                                         .role = request.organizational_unit,
                                         .name = request.common_name,
                                         .holder = request.organization.substr(prefix),
                                         .sha256 = certificate.fingerprint().hex(),
                                         .not_before = certificate.not_before(),
                                         .not_after = certificate.not_after()});
  return save_index();
}

PkiResult<std::vector<fs::path>> Authority::deliver(const Certificate& certificate,
                                                    const fs::path& out) const {
  return deliver_certificate(certificate, ca_.certificate(), out);
}

Authority::Coordinator Authority::coordinator(WallTime now) const {
  const auto& all = folder_.index_.certificates;
  const auto newest = std::find_if(all.rbegin(), all.rend(), [now](const IssuedRecord& record) {
    return record.role == "coordinator" && in_force(record, now);
  });
  Coordinator out{"127.0.0.1:7443", "chiplocd"};
  if (newest == all.rend()) return out;
  out.name = newest->name;
  const auto certificate = folder_.certificate_of(*newest);
  if (!certificate) return out;
  for (const std::string& host : certificate->hosts()) {
    if (host == newest->name) continue;
    out.server = (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":7443";
    break;
  }
  return out;
}

PkiResult<bool> Authority::deliver_config(const IssueOrder& order, const fs::path& out, WallTime now) const {
  std::error_code ignored;
  if (order.server.empty() || fs::exists(out / kCliFile, ignored)) return false;
  const auto done = replace_file(out / kCliFile, person_config(order.server, coordinator(now).name), kPublic);
  if (!done) return Fail{done.error()};
  return true;
}

PkiResult<Issued> Authority::issue(const IssueOrder& asked, WallTime now) {
  IssueOrder order = asked;
  const RoleRule* rule = pki_role(order.role);
  if (rule == nullptr) {
    return refused("no role '" + order.role + "'; there are: " +
                   joined(pki_roles(), ", ", [](const RoleRule& one) { return std::string{one.role}; }));
  }
  if (const std::string problem = name_problem(order.name); !problem.empty()) {
    return refused("'" + order.name + "': " + problem);
  }
  if (!rule->is_host && !order.hosts.empty()) {
    return refused("a certificate of the role " + order.role + " names no hosts; leave --host out");
  }
  if (!rule->is_person) order.server.clear();
  if (rule->is_person && order.server.empty()) order.server = coordinator(now).server;
  IssueRequest request = leaf_request(*rule, order.name, order.hosts, now - kBackdated, order.days);
  if (rule->needs_holder && order.holder.empty())
    return refused("the role " + std::string{rule->role} +
                   " is a holder's own; say whose with --holder NAME");
  if (!order.holder.empty()) {
    if (!rule->is_person)
      return refused("only a person's certificate is limited to a holder; leave --holder out");
    if (const std::string problem = holder_problem(order.holder); !problem.empty()) return refused(problem);
    request.organization = std::string{kHolderEntity} + order.holder;
  }
  if (order.request) {
    if (const std::string problem = difference(*order.request, request); !problem.empty())
      return refused(problem);
  } else if (!order.out) {
    return refused("a new key needs a folder: pass --out DIR, or --request FILE for a key that is elsewhere");
  }
  return order.request ? issue_for_request(order, request, now) : issue_with_new_key(order, request, now);
}

namespace {

/// What stands in the way of another certificate of this role and name; empty if nothing does.
std::string taken(const PkiFolder& folder, const IssueOrder& order, WallTime now) {
  const std::string here = " --dir " + folder.path().string();
  for (const IssuedRecord* record : folder.index().find(order.name)) {
    if (record->role != order.role || !in_force(*record, now)) continue;
    return "there is one already: " + text_of(*record) +
           ", and it stays in force; a newer one of the same: chiploc pki renew " + order.name + here +
           ". Only if what uses it is to be refused from then on, revoke it first: chiploc pki revoke " +
           record->serial + " --reason superseded" + here;
  }
  return {};
}

}  // namespace

PkiResult<Issued> Authority::issue_for_request(const IssueOrder& order, const IssueRequest& request,
                                               WallTime now) {
  std::vector<std::string> hosts = request.dns_names;
  hosts.insert(hosts.end(), request.ip_addresses.begin(), request.ip_addresses.end());
  const auto finish = [&](Certificate certificate, bool again) -> PkiResult<Issued> {
    Issued issued{std::move(certificate), {}, {}, again};
    if (!order.out) return issued;
    auto files = deliver(issued.certificate, *order.out);
    if (!files) return Fail{files.error()};
    issued.files = *std::move(files);
    const auto configured = deliver_config(order, *order.out, now);
    if (!configured) return Fail{configured.error()};
    if (*configured) {
      issued.files.push_back(*order.out / kCliFile);
      issued.server = order.server;
    }
    return issued;
  };
  for (const IssuedRecord* record : folder_.index_.find(order.name)) {
    if (record->role != order.role || !in_force(*record, now)) continue;
    auto certificate = folder_.certificate_of(*record);
    if (!certificate) return Fail{certificate.error()};
    const auto key = certificate->public_key();
    if (key && *key == order.request->public_key() && certificate->hosts() == hosts &&
        record->holder == order.holder)
      return finish(*std::move(certificate), true);
  }
  if (const std::string problem = taken(folder_, order, now); !problem.empty()) return refused(problem);
  if (order.out) {
    if (const auto fits = check_delivery(*order.out, order.name); !fits) return Fail{fits.error()};
  }
  auto certificate = sign({request, order.request->public_key()}, now);
  if (!certificate) return Fail{certificate.error()};
  if (const auto done = record(*certificate, request); !done) return Fail{done.error()};
  return finish(*std::move(certificate), false);
}

PkiResult<Issued> Authority::issue_with_new_key(const IssueOrder& order, const IssueRequest& request,
                                                WallTime now) {
  const fs::path& out = *order.out;
  std::error_code ignored;
  if (fs::exists(out, ignored) && !fs::is_empty(out, ignored)) {
    return refused(out.string() +
                   ": is there already; a new key goes into a new folder: name one with --out");
  }
  const fs::path part = part_of(out);
  std::vector<fs::path> files{out / kTlsKeyFile, out / kTlsFile, out / kCaFile};
  if (!order.server.empty()) files.push_back(out / kCliFile);
  if (auto left = certificate_in(part)) {
    const IssuedRecord* known = folder_.index_.by_serial(left->serial());
    if (known != nullptr && in_force(*known, now) && known->name == order.name && known->role == order.role &&
        known->sha256 == left->fingerprint().hex()) {
      if (const auto done = deliver_config(order, part, now); !done) return Fail{done.error()};
      if (const auto done = move_folder(part, out); !done) return Fail{done.error()};
      return Issued{*std::move(left), files, order.server, true};
    }
  }
  if (const std::string problem = taken(folder_, order, now); !problem.empty()) return refused(problem);
  const auto key = generate_key(SignatureAlgorithm::kEs256);
  auto certificate = sign({request, key->public_key()}, now);
  if (!certificate) return Fail{certificate.error()};
  if (const auto begun = begin_part(part); !begun) return Fail{begun.error()};
  if (const auto written = write_private_key(part / kTlsKeyFile, *key); !written)
    return refused(written.error().text);
  if (const auto done = deliver_config(order, part, now); !done) return Fail{done.error()};
  if (const auto done = deliver(*certificate, part); !done) return Fail{done.error()};
  if (const auto done = record(*certificate, request); !done) return Fail{done.error()};
  if (const auto done = move_folder(part, out); !done) return Fail{done.error()};
  return Issued{*std::move(certificate), files, order.server};
}

PkiResult<Issued> Authority::renew(const RenewOrder& order, WallTime now) {
  const IssuedRecord* old = nullptr;
  const auto found = folder_.index_.find(order.name);
  for (const IssuedRecord* record : found) {
    if (record->revoked) continue;
    if (old != nullptr && old->role != record->role) {
      return refused("'" + order.name + "' has certificates of two roles; name one by its serial number: " +
                     text_of(*old) + "; " + text_of(*record));
    }
    old = record;
  }
  if (found.empty()) {
    return Fail{PkiFault{PkiFaultCode::kNotFound,
                         "no certificate of '" + order.name + "' was issued here; see: chiploc pki list"}};
  }
  if (old == nullptr) {
    return refused("what '" + order.name + "' had is revoked; issue a new one with: chiploc pki issue " +
                   found.back()->role + " " + found.back()->name);
  }
  const auto certificate = folder_.certificate_of(*old);
  if (!certificate) return Fail{certificate.error()};
  const auto key = certificate->public_key();
  if (!key) return Fail{PkiFault{PkiFaultCode::kBadData, key.error().text}};
  constexpr std::chrono::hours kDay{24};
  const int days = order.days.value_or(static_cast<int>((old->not_after - old->not_before) / kDay));
  IssueRequest request =
      leaf_request(*pki_role(old->role), old->name, certificate->hosts(), now - kBackdated, days);
  if (!old->holder.empty()) request.organization = std::string{kHolderEntity} + old->holder;
  if (order.request) {
    if (const std::string problem = difference(*order.request, request); !problem.empty())
      return refused(problem);
  }
  if (order.out) {
    if (const auto fits = check_delivery(*order.out, old->name); !fits) return Fail{fits.error()};
  }
  auto fresh = sign({request, order.request ? order.request->public_key() : *key}, now);
  if (!fresh) return Fail{fresh.error()};
  Issued issued{*std::move(fresh), {}};
  const std::string old_serial = old->serial;
  if (order.revoke_old) {
    IssuedRecord& record = *folder_.index_.by_serial(old_serial);
    record.revoked = RevokedCertificate{record.serial, now, RevocationReason::kSuperseded};
    issued.revoked = record;
  }
  if (const auto done = record(issued.certificate, request); !done) return Fail{done.error()};
  if (order.out) {
    auto files = deliver(issued.certificate, *order.out);
    if (!files) return Fail{files.error()};
    issued.files = *std::move(files);
  }
  if (order.revoke_old) {
    if (const auto done = sign_list(now, kListDays); !done) return Fail{done.error()};
  }
  return issued;
}

PkiResult<Revoked> Authority::revoke(const std::vector<std::string>& names, RevocationReason reason,
                                     WallTime now, int list_days) {
  Revoked out;
  out.list = folder_.folder_ / kListFile;
  std::vector<std::string> serials;
  for (const std::string& name : names) {
    const auto found = folder_.index_.find(name);
    if (found.empty()) {
      return Fail{PkiFault{PkiFaultCode::kNotFound,
                           "no certificate of '" + name + "' was issued here; see: chiploc pki list"}};
    }
    for (const IssuedRecord* record : found) {
      if (record->revoked) {
        out.before.push_back(*record);
      } else if (std::find(serials.begin(), serials.end(), record->serial) == serials.end()) {
        serials.push_back(record->serial);
      }
    }
  }
  for (const std::string& serial : serials) {
    IssuedRecord& record = *folder_.index_.by_serial(serial);
    record.revoked = RevokedCertificate{serial, now, reason};
    out.now.push_back(record);
  }
  if (const auto done = sign_list(now, list_days); !done) return Fail{done.error()};
  return out;
}

PkiResult<Done> Authority::sign_list(WallTime now, int days) {
  PkiIndex& index = folder_.index_;
  // It only grows, also where the clock was set back: an older list would be refused.
  index.list_number = std::max(index.list_number + 1, unix_seconds(now));
  if (const auto done = save_index(); !done) return done;
  std::vector<RevokedCertificate> revoked;
  for (const IssuedRecord& record : index.certificates) {
    if (record.revoked) revoked.push_back(*record.revoked);
  }
  const auto list =
      ca_.sign_list(revoked, {.from = now - kBackdated, .days = days, .number = index.list_number});
  if (!list) return Fail{fault_of(list.error())};
  return replace_file(folder_.folder_ / kListFile, list->pem(), kPublic);
}

}  // namespace chiploc
