#pragma once
// A registry with one chip and the anchors that can measure it, with real certificates.

#include "server/registry/import.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/round_maker.hpp"

namespace chiploc::test {

/// Three anchors around Frankfurt, or more; a chip that is licensed for Germany.
class MadeRegistry {
 public:
  /// The chip's certificate is valid for `days` from 1970 on.
  explicit MadeRegistry(int days = 36'500, const std::vector<Degrees>& more_anchors = {})
      : device{make_device(days)} {
    world.add_anchor("ber", {.lat = 52.52, .lon = 13.40});
    world.add_anchor("ams", {.lat = 52.37, .lon = 4.90});
    world.add_anchor("par", {.lat = 48.86, .lon = 2.35});
    for (const Degrees place : more_anchors)
      world.add_anchor("more" + std::to_string(world.anchors.size()), place);
    fill_registry();
  }

  /// Another chip under the same licence, and with the same key; the anchors measure the chip that was made
  /// or chosen last. Before run(), like everything about the registry.
  void add_chip(const std::string& serial) {
    world.chip = random_id<ChipId>();
    const Certificate made = make_device(36'500);
    Registry next = *registry;
    ChipRecord chip = *next.chips().begin()->second;
    chip.id = world.chip;
    chip.serial = serial;
    chip.certificate.assign(made.der().begin(), made.der().end());
    next.put(chip);
    registry = std::make_shared<const Registry>(std::move(next));
  }
  void choose_chip(const ChipRecord& chip) {
    world.chip = chip.id;
    world.certificate = Certificate::from_der(chip.certificate).value().fingerprint();
  }

  /// What an import of the maker's revocation list makes of the registry, at `now`; the sentence if it is
  /// refused.
  Result<Registry::Snapshot, std::string> imported_list(const RevocationList& list, WallTime now) const {
    const ImportFile file{ImportKind::kRevocations, "crl.json", ImportFormat::kJson,
                          "[{\"maker\":\"Maker\",\"crl_pem\":\"" + escaped(list.pem()) + "\"}]"};
    const ImportPlan plan = plan_import(registry, {file}, ImportOptions{now, {}, {}});
    if (!plan.ok()) return Fail{plan.faults.front().problem};
    return plan.registry;
  }
  /// A list of the maker's that is current for `days` from this day of 1970 on.
  RevocationList list_of(std::span<const Certificate> revoked, int from_day, int days = 36'000) const {
    return authority.revoke(revoked, WallTime{from_day * std::chrono::hours{24}}, days).value();
  }

  RoundMaker world;
  CertificateAuthority authority =
      CertificateAuthority::create("Maker", SignatureAlgorithm::kEs256, WallTime{}, 36'500).value();
  Certificate device;
  Registry::Snapshot registry;

 private:
  static std::string escaped(const std::string& pem) {
    std::string out;
    for (const char c : pem) out += c == '\n' ? std::string{"\\n"} : std::string{c};
    return out;
  }
  Certificate make_device(int days) {
    IssueRequest request;
    request.common_name = "chip";
    request.serial_number = world.chip.hex();
    request.days = days;
    Certificate made = authority.issue(request, world.device_key->public_key()).value();
    world.certificate = made.fingerprint();
    return made;
  }
  void fill_registry() {
    Registry next;
    next.put(Maker{.name = "Maker", .ca_certificates = {authority.certificate().pem()}});
    next.put(LicenceRecord{.id = "L-1",
                           .holder = "Example Ltd",
                           .places = {{CountryCode::from_text("DE").value()}, {}},
                           .valid_from = Date{std::chrono::year{2020} / 1 / 1},
                           .valid_to = Date{std::chrono::year{2199} / 1 / 1}});
    ChipRecord chip;
    chip.id = world.chip;
    chip.serial = "T-1";
    chip.maker = "Maker";
    chip.licence = "L-1";
    chip.certificate.assign(device.der().begin(), device.der().end());
    next.put(chip);
    for (std::size_t i = 0; i < world.anchors.size(); ++i) {
      AnchorRecord anchor;
      anchor.name = world.anchors[i].name;
      anchor.public_key = world.anchors[i].key->public_key().raw_ed25519().value();
      anchor.id = anchor_id_of(anchor.public_key);
      anchor.place = world.anchors[i].place;
      anchor.operator_name = world.anchors[i].operator_name;
      anchor.network = world.anchors[i].network;
      anchor.endpoint.address = {192, 0, 2, static_cast<std::uint8_t>(i + 1)};
      anchor.endpoint.port = 7411;
      next.put(anchor);
    }
    next.set_prohibited({{CountryCode::from_text("RU").value()}, {}});
    registry = std::make_shared<const Registry>(std::move(next));
  }
};

}  // namespace chiploc::test
