#pragma once
// A maker with a real authority, chips with real certificates, and the files that would import them.

#include <string>
#include <vector>

#include "proto/crypto/digest.hpp"
#include "proto/crypto/issue.hpp"
#include "server/registry/import.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test {

inline constexpr WallTime kNow{std::chrono::seconds{1'790'000'000}};  // 2026-09-21

inline CertificateAuthority make_authority(std::string_view name) {
  auto made =
      CertificateAuthority::create(name, SignatureAlgorithm::kEs256, kNow - std::chrono::hours{24}, 3650);
  REQUIRE(made);
  return std::move(*made);
}

inline ChipId chip_id(std::uint8_t number) {
  ChipId id;
  id.bytes.fill(number);
  return id;
}

/// A device certificate in PEM. Key generation is the slow part, so all chips of a test share one key.
inline std::string device_pem(const CertificateAuthority& authority, const ChipId& id,
                              WallTime from = kNow - std::chrono::hours{1}, int days = 365) {
  static const auto key = generate_key(SignatureAlgorithm::kEs256);
  IssueRequest request;
  request.common_name = "chip";
  request.serial_number = id.hex();
  request.from = from;
  request.days = days;
  const auto issued = authority.issue(request, key->public_key());
  REQUIRE(issued);
  return issued->pem();
}

inline std::string csv_quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string{"\"\""} : std::string{c};
  return out + "\"";
}

inline std::string anchor_key_hex(std::uint8_t seed) {
  ByteArray<32> bytes{};
  bytes.fill(seed);
  const auto key = key_from_ed25519_seed(bytes);
  REQUIRE(key);
  return to_hex((*key)->public_key().raw_ed25519().value());
}

inline const std::string kChipHeader = "id,serial,maker,model,licence,reach,certificate_pem\n";
inline const std::string kLicenceHeader = "id,holder,countries,valid_from,valid_to\n";
inline const std::string kAnchorHeader =
    "name,public_key,lat,lon,uncertainty_km,operator,network,address,rendezvous\n";

/// A small registry's worth of files, all of them right.
struct World {
  CertificateAuthority authority = make_authority("Acme CA");

  ImportFile makers() const {
    return csv(ImportKind::kMakers, "makers.csv",
               "name,ca_pem\nAcme," + csv_quoted(authority.certificate().pem()) + "\n");
  }
  ImportFile licences(const std::string& rows = "L-1,Holder GmbH,DE FR,2026-01-01,2026-12-31\n") const {
    return csv(ImportKind::kLicences, "licences.csv", kLicenceHeader + rows);
  }
  std::string chip_row(std::uint8_t number, const std::string& serial,
                       const std::string& licence = "L-1") const {
    return chip_id(number).hex() + "," + serial + ",Acme,LAB-100," + licence + ",knock," +
           csv_quoted(device_pem(authority, chip_id(number))) + "\n";
  }
  static ImportFile chips(const std::string& rows) {
    return csv(ImportKind::kChips, "chips.csv", kChipHeader + rows);
  }
  static std::string anchor_row(const std::string& name, std::uint8_t seed, int port) {
    return name + "," + anchor_key_hex(seed) +
           ",50.1,8.7,0.5,Example Net,AS64496,192.0.2.1:" + std::to_string(port) + ",yes\n";
  }
  static ImportFile anchors(const std::string& rows) {
    return csv(ImportKind::kAnchors, "anchors.csv", kAnchorHeader + rows);
  }
  /// What the authority revokes, in a list that was current `from` on for a week.
  RevocationList list(const std::vector<std::string>& revoked_pem = {},
                      WallTime from = kNow - std::chrono::hours{24}, int days = 7) const {
    std::vector<Certificate> revoked;
    for (const std::string& pem : revoked_pem) revoked.push_back(Certificate::from_pem(pem).value());
    auto made = authority.revoke(revoked, from, days);
    REQUIRE(made);
    return std::move(*made);
  }
  static ImportFile revocations(const std::string& crl_pem, const std::string& maker = "Acme") {
    return csv(ImportKind::kRevocations, "revocations.csv",
               "maker,crl_pem\n" + maker + "," + csv_quoted(crl_pem) + "\n");
  }
  static ImportFile csv(ImportKind kind, std::string name, std::string content) {
    return {kind, std::move(name), ImportFormat::kCsv, std::move(content)};
  }
  static ImportFile json(ImportKind kind, std::string name, std::string content) {
    return {kind, std::move(name), ImportFormat::kJson, std::move(content)};
  }

  ImportPlan plan(const std::vector<ImportFile>& files, const Registry::Snapshot& base = nullptr) const {
    return plan_import(base, files, options);
  }
  /// Two chips, one licence, two anchors, two prohibited territories.
  std::vector<ImportFile> everything() const {
    return {chips(chip_row(1, "S-1") + chip_row(2, "S-2")), makers(), licences(),
            anchors(anchor_row("fra1", 1, 7001) + anchor_row("par1", 2, 7002)),
            csv(ImportKind::kProhibitedTerritories, "prohibited.csv", "country\nKP\nIR\n")};
  }

  ImportOptions options{kNow, [](CountryCode code) { return code.view() != "QQ"; }, {}};
};

inline std::string shown_faults(const ImportPlan& plan) {
  std::string out;
  for (const ImportFault& f : plan.faults)
    out += f.file + ":" + std::to_string(f.line) + ": " + f.field + ": " + f.problem + "\n";
  return out;
}

}  // namespace chiploc::test
