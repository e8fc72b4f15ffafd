#include "server/cli/pki_text.hpp"

#include "proto/base/certificate_life.hpp"
#include "proto/base/joined.hpp"
#include "proto/base/role.hpp"
#include "proto/base/time_text.hpp"

namespace chiploc {
namespace {

IssuedState state_of(const Certificate& certificate, const IssuedRecord* record, WallTime now) {
  IssuedRecord bare;
  bare.not_before = certificate.not_before();
  bare.not_after = certificate.not_after();
  return state_of(record != nullptr ? *record : bare, now);
}

/// Colons between the bytes, as openssl and browsers show a fingerprint.
std::string fingerprint_text(const Digest& digest) {
  const std::string hex = digest.hex();
  std::string out;
  for (std::size_t i = 0; i < hex.size(); i += 2) out += (i == 0 ? "" : ":") + hex.substr(i, 2);
  return out;
}

}  // namespace

Json json_of(const IssuedRecord& record, WallTime now) {
  const bool revoked = record.revoked.has_value();
  return {{"serial", record.serial},
          {"role", record.role},
          {"name", record.name},
          {"holder", record.holder.empty() ? Json(nullptr) : Json(record.holder)},
          {"not_before", utc_iso(record.not_before)},
          {"not_after", utc_iso(record.not_after)},
          {"days_left", days_left({record.not_before, record.not_after}, now)},
          {"state", name_of(state_of(record, now))},
          {"sha256", record.sha256},
          {"revoked_at", revoked ? Json(utc_iso(record.revoked->at)) : Json(nullptr)},
          {"reason", revoked ? Json(name_of(record.revoked->reason)) : Json(nullptr)}};
}

Json json_of(const Certificate& certificate, const IssuedRecord* record, WallTime now) {
  IssuedRecord shown;
  if (record != nullptr) {
    shown = *record;
  } else {
    shown.serial = certificate.serial();
    shown.role = certificate.organizational_unit();
    shown.name = certificate.common_name();
    shown.holder = holder_of(certificate);
    shown.sha256 = certificate.fingerprint().hex();
    shown.not_before = certificate.not_before();
    shown.not_after = certificate.not_after();
  }
  Json out = json_of(shown, now);
  out["hosts"] = certificate.hosts();
  out["issuer"] = certificate.issuer();
  out["issued_here"] = record != nullptr;
  const auto key = certificate.public_key();
  out["key"] = key ? Json(name_of(key->algorithm())) : Json(nullptr);
  return out;
}

std::string certificate_text(const Certificate& certificate, const IssuedRecord* record, WallTime now) {
  const CertificateLife life{certificate.not_before(), certificate.not_after()};
  const IssuedState state = state_of(certificate, record, now);
  const auto line = [](const char* name, const std::string& value) {
    std::string out{name};
    out.resize(13, ' ');
    return out + printable(value) + "\n";
  };
  std::string left = std::to_string(days_left(life, now)) + " days left";
  if (state == IssuedState::kExpired) left = "expired";
  if (now < life.from) left = "not valid yet";
  const std::string hosts = joined(certificate.hosts(), ", ");
  const std::string holder = holder_of(certificate);
  const auto key = certificate.public_key();
  std::string out = line("name", certificate.common_name());
  out += line("role", certificate.is_authority() ? "authority" : certificate.organizational_unit());
  if (!holder.empty()) out += line("holder", holder);
  if (!hosts.empty()) out += line("hosts", hosts);
  out += line("serial", certificate.serial());
  out += line("valid from", utc_text(life.from));
  out += line("valid to", utc_text(life.until) + " (" + left + ")");
  if (record != nullptr && record->revoked) {
    out += line("revoked",
                utc_text(record->revoked->at) + " (" + std::string{name_of(record->revoked->reason)} + ")");
  }
  out += line("issuer", certificate.issuer());
  if (key) out += line("key", std::string{name_of(key->algorithm())});
  return out + line("sha256", fingerprint_text(certificate.fingerprint()));
}

std::string holder_of(const Certificate& certificate) {
  for (const std::string& organization : certificate.organizations()) {
    if (organization.rfind(kHolderEntity, 0) == 0) return organization.substr(kHolderEntity.size());
  }
  return {};
}

Cell state_cell(IssuedState state) {
  constexpr Colour kColours[] = {Colour::kGreen, Colour::kYellow, Colour::kDim, Colour::kRed};
  return {std::string{name_of(state)}, kColours[static_cast<std::size_t>(state)]};
}

}  // namespace chiploc
