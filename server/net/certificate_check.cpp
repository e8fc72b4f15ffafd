#include "server/net/certificate_check.hpp"

#include <algorithm>

#include "proto/base/role.hpp"
#include "proto/base/safe_text.hpp"
#include "proto/base/time_text.hpp"
#include "proto/crypto/tls_certificate.hpp"

namespace chiploc {
namespace {

using Code = CertificateFault::Code;

/// Of the sentences: "chiploc pki issue ROLE NAME".
std::string remedy(CertificateHolder holder, const std::string& name) {
  const std::string who = name.empty() ? "NAME" : name;
  switch (holder) {
    case CertificateHolder::kCoordinator:
      return "chiploc pki issue coordinator " + who;
    case CertificateHolder::kAnchor:
      return "chiploc pki issue anchor " + who;
    case CertificateHolder::kPerson:
      return "chiploc pki issue reader " + who + " (or another role)";
  }
  return {};
}

bool fits(CertificateHolder holder, const RoleName& role) {
  switch (holder) {
    case CertificateHolder::kCoordinator:
      return role.role == Role::kCoordinator;
    case CertificateHolder::kAnchor:
      return role.role == Role::kAnchor;
    case CertificateHolder::kPerson:
      return role.person;
  }
  return false;
}

bool fits(CertificateHolder holder, const std::string& unit) {
  return std::any_of(kRoles.begin(), kRoles.end(),
                     [&](const RoleName& role) { return role.unit == unit && fits(holder, role); });
}

std::string wanted(CertificateHolder holder) {
  std::string units;
  for (const RoleName& role : kRoles) {
    if (fits(holder, role)) units += (units.empty() ? "" : ", ") + std::string{role.unit};
  }
  const char* who = "a person";
  if (holder == CertificateHolder::kCoordinator) who = "a coordinator";
  if (holder == CertificateHolder::kAnchor) who = "an anchor";
  return std::string{"one of "} + who + " (OU: " + units + ")";
}

/// Why a certificate is of no use at this moment; empty if it is.
std::string out_of_time(const CertificateLife& life, WallTime now, const std::string& name) {
  const std::string clock = ", this machine's clock says " + utc_text(now);
  if (now >= life.until) {
    return "the certificate ended on " + utc_text(life.until) + clock +
           "; have it renewed (chiploc pki renew " + name + "), or set the clock right";
  }
  if (now < life.from) {
    return "the certificate is valid only from " + utc_text(life.from) + clock + "; set the clock right";
  }
  return {};
}

std::string path_fault(const CertificateFault& fault, const TlsFiles& files, WallTime now,
                       const std::string& again) {
  const std::string ca = files.ca.string();
  switch (fault.code) {
    case Code::kNotYetValid:
    case Code::kExpired:
      return fault.text + ", this machine's clock says " + utc_text(now) +
             "; renew what ended, or set the clock right";
    case Code::kWrongPurpose:
      return "its extended key usage is not for this end of a connection; have it issued again: " + again;
    case Code::kUntrusted:
    case Code::kBadSignature:
      return "was not issued by " + ca + " (" + fault.text + "); name the authority that issued it in " + ca +
             ", or have it issued again: " + again;
    default:
      return fault.text + "; have it issued again: " + again;
  }
}

}  // namespace

Result<OwnCertificate, std::string> check_certificate(const TlsFiles& files, const TlsMaterial& material,
                                                      CertificateHolder holder, const std::string& name,
                                                      WallTime now) {
  const std::string file = files.certificate.string();
  const auto fail = [&](const std::string& text) { return Fail{file + ": " + text}; };
  const auto chain = Certificate::chain_from_pem(material.certificate);
  const auto trusted = Certificate::chain_from_pem(material.ca);
  if (!chain || !trusted) return fail("cannot be read any more; look at the file");  // load_tls has read both
  const Certificate& own = chain->front();
  OwnCertificate out{
      file, own.common_name(), own.organizational_unit(), own.hosts(), {own.not_before(), own.not_after()}};
  for (const std::string& organization : own.organizations())
    out.of_entity |= organization.find(':') != std::string::npos;
  if (!fits(holder, out.role)) {
    return fail("is a certificate of the role '" + log_text(out.role) + "', here belongs " + wanted(holder) +
                "; have it issued: " + remedy(holder, name));
  }
  if (out.name.empty())
    return fail("has no name, or several (CN); have it issued again: " + remedy(holder, name));
  if (!name.empty() && out.name != name) {
    return fail("is the certificate of '" + log_text(out.name) + "', the configuration's name is '" + name +
                "'; correct the name, or have one issued: " + remedy(holder, name));
  }
  const std::string late = out_of_time(out.life, now, out.name);
  if (!late.empty()) return fail(late);
  const TlsEnd end = holder == CertificateHolder::kCoordinator ? TlsEnd::kServer : TlsEnd::kClient;
  const auto verified = verify_tls(*chain, *trusted, end, now);
  if (!verified) return fail(path_fault(verified.error(), files, now, remedy(holder, out.name)));
  return out;
}

std::string near_end_text(const OwnCertificate& certificate, WallTime now) {
  if (!near_end(certificate.life, now)) return {};
  return certificate.file + ": the certificate of '" + certificate.name + "' ends on " +
         utc_text(certificate.life.until) + " (" + std::to_string(days_left(certificate.life, now)) +
         " days left); have it renewed: chiploc pki renew " + certificate.name;
}

}  // namespace chiploc
