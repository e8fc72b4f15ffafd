// An import of a fleet with its orders, from files to a durable registry, and the lists that show it.
//     chiploc-import-bench [CHIPS]     100,000
#include <cstdlib>

#include "proto/crypto/issue.hpp"
#include "server/service/on_threads.hpp"
#include "server/service/operator_use_cases.hpp"
#include "server/storage/sqlite/store.hpp"
#include "tests/bench/figure.hpp"
#include "tests/support/temp_dir.hpp"

namespace chiploc::bench {
namespace {

constexpr double kWantedUs = 20e6;
constexpr std::uint64_t kLicences = 1'000, kOrders = 500, kSites = 50;
const WallTime kNow{std::chrono::seconds{1'790'000'000}};

void require(bool good) {
  if (!good) std::abort();
}

std::string number(std::uint64_t value, std::size_t digits) {
  std::string text = std::to_string(value);
  return std::string(digits - std::min(digits, text.size()), '0') + text;
}

ImportFile csv(ImportKind kind, const char* name, std::string content) {
  return {kind, name, ImportFormat::kCsv, std::move(content)};
}

std::string quoted(const std::string& text) { return "\"" + text + "\""; }

/// The files of a fleet. Chips of the first half of the licences have orders: one for each of these licences.
struct Fleet {
  explicit Fleet(std::uint64_t chips) {
    const auto authority = CertificateAuthority::create("Acme CA", SignatureAlgorithm::kEs256,
                                                        kNow - std::chrono::hours{24}, 3'650);
    const auto key = generate_key(SignatureAlgorithm::kEs256);
    require(authority.has_value() && key);
    std::string licences = "id,holder,countries,valid_from,valid_to,end_user,quantity\n";
    std::string orders = "id,licence,exporter,buyer,end_user,quantity,placed\n";
    std::string deliveries = "id,order,site,date,quantity\n";
    std::string sites = "name,operator,place,address\n";
    for (std::uint64_t i = 0; i < kSites; ++i) sites += "site-" + number(i, 3) + ",Host,DE,\n";
    const std::uint64_t each = chips / kOrders + 1;
    for (std::uint64_t i = 0; i < kLicences; ++i)
      licences +=
          "L-" + number(i, 4) + ",Holder,DE FR,2026-01-01,2027-12-31,User," + std::to_string(chips) + "\n";
    for (std::uint64_t i = 0; i < kOrders; ++i) {
      const std::string order = "O-" + number(i, 4);
      orders += order + ",L-" + number(i, 4) + ",Export,Buyer,User," + std::to_string(each) + ",2026-02-01\n";
      deliveries += "D-" + number(i, 4) + "," + order + ",site-" + number(i % kSites, 3) + ",2026-03-01," +
                    std::to_string(each) + "\n";
    }
    std::string rows = kHeader;
    std::uint64_t in_file = 0;
    for (std::uint64_t i = 0; i < chips; ++i) {
      ChipId id;
      const std::uint64_t mixed = (i + 1) * 0x9E3779B97F4A7C15U;
      for (std::size_t k = 0; k < 8; ++k) id.bytes[k] = static_cast<std::uint8_t>(mixed >> (56 - 8 * k));
      IssueRequest request;
      request.common_name = "chip";
      request.serial_number = id.hex();
      request.from = kNow - std::chrono::hours{1};
      request.days = 365;
      const auto issued = authority->issue(request, key->public_key());
      require(issued.has_value());
      rows += id.hex() + ",SN-" + std::to_string(i) + ",Acme,LAB-100,L-" + number(i % kOrders, 4) +
              ",knock," + quoted(issued->pem()) + ",D-" + number(i % kOrders, 4) + "\n";
      if (++in_file == kInFile) {
        files.push_back(csv(ImportKind::kChips, "chips.csv", std::exchange(rows, kHeader)));
        in_file = 0;
      }
    }
    if (in_file > 0) files.push_back(csv(ImportKind::kChips, "chips.csv", rows));
    files.push_back(csv(ImportKind::kMakers, "makers.csv",
                        "name,ca_pem\nAcme," + quoted(authority->certificate().pem()) + "\n"));
    files.push_back(csv(ImportKind::kModels, "models.csv", "name,maker,eccn\nLAB-100,Acme,3A090.a\n"));
    files.push_back(
        csv(ImportKind::kEntities, "entities.csv",
            "name,roles,country\nExport,exporter,US\nBuyer,buyer,NL\nUser,end_user,DE\nHost,operator,DE\n"));
    files.push_back(csv(ImportKind::kSites, "sites.csv", sites));
    files.push_back(csv(ImportKind::kLicences, "licences.csv", licences));
    files.push_back(csv(ImportKind::kOrders, "orders.csv", orders));
    files.push_back(csv(ImportKind::kDeliveries, "deliveries.csv", deliveries));
  }
  std::vector<ImportFile> files;  ///< chips first

 private:
  static constexpr std::uint64_t kInFile = 150'000;  // below 128 MiB
  inline static const std::string kHeader = "id,serial,maker,model,licence,reach,certificate_pem,delivery\n";
};

class NobodyMeasured final : public RoundStarter, public StatusSource {
 public:
  void start(ChipId, Requester, std::chrono::milliseconds, RoundObserver) override {}
  [[nodiscard]] std::chrono::milliseconds least_deadline(const ChipRecord&) const override { return {}; }
  [[nodiscard]] CoordinatorStatus status() const override { return {}; }
  [[nodiscard]] std::vector<AnchorStatus> anchors() const override { return {}; }
  [[nodiscard]] std::optional<KnockRhythm> knocks_of(const ChipId&) const override { return std::nullopt; }
};

void measure_lists(OperatorUseCases& cases) {
  const Caller admin{"ada", Role::kAdmin};
  const auto chips = [&](const char* what, const auto& set) {
    v1::ListChipsRequest request;
    set(request);
    const double us = wall_us([&] {
      const auto page = cases.list_chips(request, admin);
      require(page.has_value() && page->chips_size() > 0);
    });
    print_figure("registry: page of chips by " + std::string{what}, text("%.1f ms", us / 1e3), "100 ms",
                 us / 1e5, Want::kAtMost, 1.0);
  };
  chips("order", [](auto& r) { r.set_of_order("O-0042"); });
  chips("site", [](auto& r) { r.set_site("site-007"); });
  chips("entity (all of them)", [](auto& r) { r.set_entity("Export"); });
  chips("licence", [](auto& r) { r.set_licence("L-0042"); });
  const auto records = [&](const char* what, v1::ImportKind kind, const auto& set) {
    v1::ListRecordsRequest request;
    request.set_kind(kind);
    set(request);
    const double us = wall_us([&] { require(cases.list_records(request, admin).has_value()); });
    print_figure("registry: page of " + std::string{what}, text("%.2f ms", us / 1e3), "100 ms", us / 1e5,
                 Want::kAtMost, 1.0);
  };
  records("orders", v1::ORDERS, [](auto&) {});
  records("orders by licence", v1::ORDERS, [](auto& r) { r.set_licence("L-0042"); });
  records("orders by entity", v1::ORDERS, [](auto& r) { r.set_entity("Buyer"); });
  records("orders that name a watched entity", v1::ORDERS, [](auto& r) { r.set_watched(true); });
  records("deliveries by site", v1::DELIVERIES, [](auto& r) { r.set_site("site-007"); });
  records("deliveries by licence", v1::DELIVERIES, [](auto& r) { r.set_licence("L-0042"); });
  records("entities", v1::ENTITIES, [](auto&) {});
  records("sites", v1::SITES, [](auto&) {});
  v1::GetOrderRequest order;
  order.set_order("O-0042");
  const double us = wall_us([&] { require(cases.get_order(order, admin).has_value()); });
  print_figure("registry: one order", text("%.1f ms", us / 1e3), "100 ms", us / 1e5, Want::kAtMost, 1.0);
  v1::ListRegistryChangesRequest changes;
  const double history =
      wall_us([&] { require(cases.list_registry_changes(changes, admin)->changes_size() == 1'000); });
  print_figure("registry: page of 1,000 changes", text("%.1f ms", history / 1e3), "100 ms", history / 1e5,
               Want::kAtMost, 1.0);
}

}  // namespace

void run(std::uint64_t chips) {
  const Fleet fleet{chips};
  const TempDir folder;
  const std::string path = (folder / "chiploc.db").string();
  ImportPlan plan;
  {
    auto store = open_sqlite_store({.path = path}).value();
    const ImportOptions options{kNow, {}, {}, {}, on_threads};
    std::vector<ImportFile> broken = fleet.files;
    broken.back().content += "D-9999,O-9999,site-000,2026-03-01,1\n";
    const ImportPlan refused = plan_import(nullptr, broken, options);
    require(refused.faults_total == 1 && !refused.registry);
    require(!store->registry().save_import(refused, {"ada", kNow}));
    require(store->registry().load_registry().value()->chips().empty() &&
            store->registry().imports(1)->empty() && store->registry().changes({})->rows.empty());
    double planned = 0.0, planned_cpu = 0.0;
    const double before = process_cpu_us();
    const double us = wall_us([&] {
      planned = wall_us([&] { plan = plan_import(nullptr, fleet.files, options); });
      planned_cpu = process_cpu_us() - before;
      require(plan.ok() && plan.chips.size() == chips);
      require(store->registry().save_import(plan, {"ada", kNow}).has_value());
    });
    const double cpu = process_cpu_us() - before;
    const std::string what =
        "registry: import of " + std::to_string(chips) + " chips, 500 orders, 1,000 licences";
    print_figure(what, text("%.1f s", us / 1e6), "20 s", us / kWantedUs, Want::kAtMost, 1.0);
    print_plain("registry: of this, checking the files", text("%.1f s", planned / 1e6));
    print_plain("registry: processor time of all of it, and of the check",
                text("%.1f s, ", cpu / 1e6) + text("%.1f s", planned_cpu / 1e6));
    const double again =
        wall_us([&] { require(plan_import(plan.registry, fleet.files, options).unchanged > chips); });
    print_plain("registry: the same files again, checked", text("%.1f s", again / 1e6));
  }
  RegistryHolder registry{plan.registry};
  StoreThread store{open_sqlite_store({.path = path}).value()};
  const auto reader = open_sqlite_reader({.path = path}).value();
  NobodyMeasured rounds;
  PolicyHolder policy{{}};
  OperatorUseCases cases{OperatorParts{.registry = registry,
                                       .store = store,
                                       .reader = *reader,
                                       .rounds = rounds,
                                       .status = rounds,
                                       .policy = policy,
                                       .known_country = {},
                                       .now = [] { return kNow; },
                                       .software_version = "0",
                                       .limits = {}}};
  measure_lists(cases);
}

}  // namespace chiploc::bench

int main(int argc, char** argv) {
  constexpr std::uint64_t kChips = 100'000;
  chiploc::bench::run(argc > 1 ? std::strtoull(argv[1], nullptr, 10) : kChips);
}
