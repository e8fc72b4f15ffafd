#include "server/lab/lab_sim_registry.hpp"

#include <map>
#include <utility>

#include "geo/borders/borders.hpp"
#include "proto/crypto/issue.hpp"
#include "server/lab/lab_registry.hpp"
#include "server/registry/import.hpp"

namespace chiploc {
namespace {

using namespace std::chrono_literals;

constexpr int kDays = 90;
static_assert(std::chrono::hours{24} * kDays > kLabTimeMax + std::chrono::hours{48},
              "a certificate that ends while the lab runs makes honest chips INVALID");

/// What ends the making; caught in make_sim_identities and nowhere else seen.
struct Refused {
  std::string why;
};

template <class T, class E>
T need(Result<T, E> result, const char* what) {
  if (!result) throw Refused{what};
  return std::move(result).value();
}

template <class SomeBytes>
SomeBytes drawn(sim::SimWorld& world) {
  SomeBytes out;
  world.fill(out);
  return out;
}

std::unique_ptr<SoftwareKey> draw_key(sim::SimWorld& world) {
  return need(key_from_ed25519_seed(drawn<ByteArray<32>>(world)), "a key cannot be made");
}

Registry::Snapshot imported(const LabPlan& plan, const LabIdentities& identities, WallTime now,
                            const Borders& borders) {
  using FileKind = LabRegistryFile::Kind;
  const std::map<FileKind, ImportKind> kinds{{FileKind::kMakers, ImportKind::kMakers},
                                             {FileKind::kModels, ImportKind::kModels},
                                             {FileKind::kTerritories, ImportKind::kTerritories},
                                             {FileKind::kEntities, ImportKind::kEntities},
                                             {FileKind::kSites, ImportKind::kSites},
                                             {FileKind::kOrders, ImportKind::kOrders},
                                             {FileKind::kDeliveries, ImportKind::kDeliveries},
                                             {FileKind::kLicences, ImportKind::kLicences},
                                             {FileKind::kAnchors, ImportKind::kAnchors},
                                             {FileKind::kChips, ImportKind::kChips},
                                             {FileKind::kProhibited, ImportKind::kProhibitedTerritories}};
  std::vector<ImportFile> files;
  for (LabRegistryFile& file : registry_files(plan, identities)) {
    files.push_back({.kind = kinds.at(file.kind),
                     .name = file.name,
                     .format = ImportFormat::kJson,
                     .content = std::move(file.content)});
  }
  const ImportPlan import =
      plan_import(std::make_shared<const Registry>(), files,
                  {.now = now,
                   .known_country = [&borders](CountryCode code) { return borders.knows(code); },
                   .limits = {}});
  if (!import.ok()) {
    const ImportFault& fault = import.faults.front();
    throw Refused{"the registry is refused: " + fault.file + ":" + std::to_string(fault.line) + ": " +
                  fault.field + ": " + fault.problem};
  }
  return import.registry;
}

LabSimIdentities make(const LabPlan& plan, sim::SimWorld& world, const Borders& borders) {
  LabSimIdentities out;
  LabIdentities identities;
  out.coordinator = draw_key(world);
  IssueRequest request;
  request.from = world.wall() - 1h;
  request.days = kDays;
  request.common_name = "Maker";
  request.certificate_serial = drawn<ByteArray<16>>(world);
  std::vector<CertificateAuthority> makers;
  for (const std::string& maker : makers_of(plan.file)) {
    if (maker != kLabMaker) request.common_name = maker + " CA";
    if (!makers.empty()) request.certificate_serial = drawn<ByteArray<16>>(world);
    makers.push_back(
        need(CertificateAuthority::create(request, draw_key(world)), "a maker's authority cannot be made"));
    identities.maker_cas.push_back(makers.back().certificate().pem());
  }
  for (std::size_t i = 0; i < plan.anchors.size(); ++i) {
    out.anchors.push_back(draw_key(world));
    identities.anchor_keys.push_back(to_hex(*out.anchors.back()->public_key().raw_ed25519()));
  }
  for (std::size_t i = 0; i < plan.file.chips.size(); ++i) {
    out.chips.push_back(draw_key(world));
    request.common_name = plan.file.chips[i].serial;
    request.serial_number = plan.chip_ids[i].hex();
    request.certificate_serial = drawn<ByteArray<16>>(world);
    const Certificate certificate =
        need(makers[maker_of(plan.file, plan.file.chips[i])].issue(request, out.chips.back()->public_key()),
             "a chip's certificate cannot be made");
    out.certificates.push_back(certificate.fingerprint());
    identities.chip_certificates.push_back(certificate.pem());
  }
  out.registry = imported(plan, identities, world.wall(), borders);
  return out;
}

}  // namespace

Result<LabSimIdentities, std::string> make_sim_identities(const LabPlan& plan, sim::SimWorld& world,
                                                          const Borders& borders) {
  try {
    return make(plan, world, borders);
  } catch (const Refused& refused) {
    return Fail{refused.why};
  }
}

}  // namespace chiploc
