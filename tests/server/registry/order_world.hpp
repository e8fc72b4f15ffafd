#pragma once
// The files of an order: who is in it, where it goes, under which licence, and its chips.

#include "tests/server/registry/world.hpp"

namespace chiploc::test {

inline const std::string kLongLicenceHeader = "id,holder,countries,valid_from,valid_to,end_user,quantity\n";
/// A row of deliveries that leaves room in order O-1 for one chip more.
inline const std::string kRoom = "D-2,O-1,par-1,2026-04-01,1,\n";
inline const std::string kLongChipHeader = "id,serial,maker,model,licence,reach,certificate_pem,delivery\n";

struct OrderWorld : World {
  static ImportFile models(const std::string& rows = "LAB-100,Acme,3A090.a,first of its kind\n") {
    return csv(ImportKind::kModels, "models.csv", "name,maker,eccn,note\n" + rows);
  }
  static ImportFile entities(const std::string& rows = kEntities) {
    return csv(ImportKind::kEntities, "entities.csv", "name,roles,country,watch_reason,watch_since\n" + rows);
  }
  static ImportFile sites(
      const std::string& rows = "fra-1,Hosting SE,DE,\"Example Street 1, Frankfurt\"\npar-1,,FR,\n") {
    return csv(ImportKind::kSites, "sites.csv", "name,operator,place,address\n" + rows);
  }
  static ImportFile long_licences(
      const std::string& rows = "L-1,Holder GmbH,DE FR,2026-01-01,2026-12-31,User AG,4\n") {
    return csv(ImportKind::kLicences, "licences.csv", kLongLicenceHeader + rows);
  }
  static ImportFile conditions(
      const std::string& rows = "C-1,L-1,third_party_test,2026-10-01,,\"report 7, archive\"," +
                                std::string(64, 'a') +
                                ",2026-09-01\nC-2,L-1,volume_cap,2026-12-31,25.5,,,\n"
                                "C-3,L-1,remote_access_diligence,2026-11-01,,,,\n") {
    return csv(ImportKind::kConditions, "conditions.csv",
               "id,licence,kind,due,share_percent,evidence,evidence_sha256,met\n" + rows);
  }
  static ImportFile orders(const std::string& rows = "O-1,L-1,Export Ltd,Buyer BV,User AG,4,2026-02-01,\n") {
    return csv(ImportKind::kOrders, "orders.csv",
               "id,licence,exporter,buyer,end_user,quantity,placed,operator\n" + rows);
  }
  static ImportFile deliveries(
      const std::string& rows = "D-1,O-1,fra-1,2026-03-01,2,\nD-2,O-1,par-1,2026-04-01,2,\n") {
    return csv(ImportKind::kDeliveries, "deliveries.csv",
               "id,order,site,date,quantity,override_reason\n" + rows);
  }
  /// A chip's certificate stays the same, so that its row may be imported again.
  std::string chip_row(std::uint8_t number, const std::string& serial,
                       const std::string& licence = "L-1") const {
    std::string& pem = pems_[number];
    if (pem.empty()) pem = csv_quoted(device_pem(authority, chip_id(number)));
    return chip_id(number).hex() + "," + serial + ",Acme,LAB-100," + licence + ",knock," + pem + "\n";
  }
  std::string delivered_row(std::uint8_t number, const std::string& delivery,
                            const std::string& licence = "L-1") const {
    std::string row = chip_row(number, "S-" + std::to_string(number), licence);
    row.back() = ',';
    return row + delivery + "\n";
  }
  static ImportFile delivered(const std::string& rows) {
    return csv(ImportKind::kChips, "chips.csv", kLongChipHeader + rows);
  }
  /// In an order in which nothing that is referred to comes first.
  std::vector<ImportFile> order_files() const {
    return {delivered(delivered_row(1, "D-1") + delivered_row(2, "D-1") + delivered_row(3, "D-2")),
            deliveries(),
            orders(),
            conditions(),
            long_licences(),
            sites(),
            entities(),
            models(),
            makers()};
  }
  Registry::Snapshot ordered() const {
    const ImportPlan made = plan(order_files());
    INFO(shown_faults(made));
    REQUIRE(made.ok());
    return made.registry;
  }
  mutable std::map<std::uint8_t, std::string> pems_;
  inline static const std::string kEntities =
      "Export Ltd,exporter,US,,\nBuyer BV,buyer,NL,,\nUser AG,end_user;buyer,DE,,\n"
      "Hosting SE,operator,,,\nShadow Inc,buyer end_user,,diversion in 2025,2025-06-01\n";
};

/// The plan must have exactly this one fault.
inline void check_one_fault(const ImportPlan& plan, const std::string& file, std::uint32_t line,
                            const std::string& field, const std::string& part) {
  INFO(shown_faults(plan));
  REQUIRE(plan.faults_total == 1);
  CHECK(plan.registry == nullptr);
  CHECK(plan.faults[0].file == file);
  CHECK(plan.faults[0].line == line);
  CHECK(plan.faults[0].field == field);
  CHECK_THAT(plan.faults[0].problem, Catch::Contains(part));
}

}  // namespace chiploc::test
