#include "server/enrol/signing.hpp"

#include <algorithm>

#include "server/pki/init.hpp"
#include "server/service/enrolment.hpp"

namespace chiploc {
namespace {

KeyAccess access_of(const EnrolAuthority& authority) { return {authority.passphrase_file, {}}; }

Fail<PkiFault> not_signed(std::string text) {
  return Fail{PkiFault{PkiFaultCode::kRefused, std::move(text)}};
}

/// Whether a certificate that was issued has this key.
bool has_key(const PkiFolder& folder, const IssuedRecord& record, const PublicKey& key) {
  const auto certificate = folder.certificate_of(record);
  if (!certificate) return false;
  const auto theirs = certificate->public_key();
  return theirs && *theirs == key;
}

}  // namespace

std::string enrol_fault(const EnrolAuthority& authority, const std::string& tls_ca) {
  const auto folder = PkiFolder::open(authority.folder);
  if (!folder) return folder.error().text;
  const auto key = open_authority_key(authority.folder, folder->index().key, access_of(authority));
  if (!key) return key.error().text;
  const auto trusted = Certificate::chain_from_pem(tls_ca);
  const auto same = [&](const Certificate& one) {
    return one.fingerprint() == folder->certificate().fingerprint();
  };
  if (!trusted || std::none_of(trusted->begin(), trusted->end(), same))
    return "the authority in " + authority.folder.string() +
           " is none of tls.ca, so nobody would be let in with what it signs; name the folder that tls.ca is of";
  return {};
}

PkiResult<Issued> sign_newcomer(const EnrolAuthority& authority, const Enrolment& enrolment,
                                const CertificateRequest& request, WallTime now) {
  const EnrolmentKind* kind = enrolment_kind(enrolment.kind);
  if (kind == nullptr || kind->is_chip()) return not_signed("this coordinator enrols no " + enrolment.kind);
  const auto folder = PkiFolder::open(authority.folder);
  if (!folder) return Fail{folder.error()};
  for (const IssuedRecord* record : folder->index().find(enrolment.name)) {
    if (record->role != kind->role || now >= record->not_after) continue;
    const bool same = has_key(*folder, *record, request.public_key());
    if (record->revoked && same) return not_signed("a certificate of this key was revoked; make a new key");
    if (!record->revoked && !same)
      return not_signed(
          "there is a valid certificate of this name, with another key; have that revoked first");
  }
  auto open = Authority::open(authority.folder, access_of(authority));
  if (!open) return Fail{open.error()};
  IssueOrder order{.role = std::string{kind->role}, .name = enrolment.name};
  order.holder = enrolment.holder;
  order.days = authority.days;
  order.request = request;
  return open->issue(order, now);
}

PkiResult<Issued> sign_renewal(const EnrolAuthority& authority, const Certificate& old,
                               const CertificateRequest& request, WallTime now) {
  const auto folder = PkiFolder::open(authority.folder);
  if (!folder) return Fail{folder.error()};
  const auto found = folder->index().find(old.serial());
  const IssuedRecord* record = found.empty() ? nullptr : found.back();
  if (record == nullptr || record->serial != old.serial() || record->sha256 != old.fingerprint().hex() ||
      record->revoked || now < record->not_before || now >= record->not_after)
    return Fail{PkiFault{PkiFaultCode::kNotFound,
                         "this certificate is none that is in force and was issued by this authority"}};
  const IssuedRecord* newest = record;
  for (const IssuedRecord* one : folder->index().find(record->name))
    if (one->role == record->role && one->not_before > newest->not_before) newest = one;
  if (!newest->revoked && now < newest->not_before + kBackdated + kRenewedAtMostEvery) {
    if (!has_key(*folder, *newest, request.public_key()))
      return not_signed("the newest certificate of this name is less than an hour old; try again later");
    auto certificate = folder->certificate_of(*newest);
    if (!certificate) return Fail{certificate.error()};
    return Issued{*std::move(certificate), {}, {}, true};
  }
  auto open = Authority::open(authority.folder, access_of(authority));
  if (!open) return Fail{open.error()};
  RenewOrder order{.name = record->serial};
  order.days = authority.days;
  order.request = request;
  return open->renew(order, now);
}

}  // namespace chiploc
