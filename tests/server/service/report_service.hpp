#pragma once
// The service with chips that were judged, a key for reports, and stories of the pure machines: two licences, one order.

#include <future>

#include "server/reports/report_seal.hpp"
#include "tests/server/cases/case_days.hpp"
#include "tests/server/orders/order_days.hpp"
#include "tests/server/service/service_world.hpp"
#include "tests/server/status/kept_chips.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test {

inline Registry::Snapshot ordered_chips(std::uint64_t chips) {
  auto registry = std::make_shared<Registry>();
  registry->put(Maker{"Acme", {}});
  registry->put(ModelRecord{"LAB-100", "Acme", "3A090.a"});
  for (const auto& [name, holder] : {std::pair{"L-1", "Example SA"}, std::pair{"L-2", "Bolt"}}) {
    LicenceRecord licence;
    licence.id = name;
    licence.holder = holder;
    licence.end_user = "Licensed User";
    licence.places.countries = {*CountryCode::from_text("DE")};
    licence.valid_from = Date{std::chrono::year{2000} / 1 / 1};
    licence.valid_to = Date{std::chrono::year{2099} / 1 / 1};
    registry->put(std::move(licence));
  }
  registry->put(SiteRecord{"campus"});
  registry->put(OrderRecord{.id = "O-7",
                            .licence = "L-1",
                            .exporter = "Exporter Inc",
                            .buyer = "Buyer Ltd",
                            .end_user = "User GmbH",
                            .quantity = 10,
                            .placed = Date{std::chrono::year{2026} / 2 / 1}});
  registry->put(DeliveryRecord{"D-1", "O-7", "campus", Date{std::chrono::year{2026} / 3 / 1}, 10});
  for (std::uint64_t i = 1; i <= chips; ++i) {
    ChipRecord chip;
    chip.id = id<ChipId>(i);
    chip.serial = "SN-" + std::to_string(i);
    chip.maker = "Acme";
    chip.model = "LAB-100";
    chip.licence = i == 3 ? "L-2" : "L-1";
    if (i != 3) chip.delivery = "D-1";
    registry->put(std::move(chip));
  }
  return registry;
}

struct ReportService {
  Folder folder;
  WallTime now = h(0);
  RegistryHolder registry;
  StatusKeeper keeper{{}};
  std::unique_ptr<StoreThread> store;
  std::unique_ptr<StoreReader> reader;
  PlayedRounds rounds;
  PolicyHolder policy{{Policy{.version = "a policy"}, "[policy]\n"}};
  ReportSigning signing;
  StorySources stories;
  std::unique_ptr<OperatorUseCases> cases;
  std::uint64_t verdicts = 0;

  explicit ReportService(std::uint64_t chips = 4, StorySources sources = {})
      : registry{ordered_chips(chips)}, stories{std::move(sources)} {
    auto opened = folder.open();
    REQUIRE(keeper.watch(*opened));
    for (std::uint64_t i = 1; i <= chips; ++i) register_chip(folder, i);
    store = std::make_unique<StoreThread>(std::move(opened));
    reader = open_sqlite_reader(folder.options()).value();
    signing.key = key_from_ed25519_seed(ByteArray<32>{1}).value();
    signing.keys.keys.push_back({signing.key->public_key(), h(-10), std::nullopt});
    cases = std::make_unique<OperatorUseCases>(OperatorParts{.registry = registry,
                                                             .store = *store,
                                                             .reader = *reader,
                                                             .rounds = rounds,
                                                             .status = rounds,
                                                             .policy = policy,
                                                             .known_country = {},
                                                             .now = [this] { return now; },
                                                             .software_version = "0.1.0",
                                                             .limits = {},
                                                             .statuses = &keeper,
                                                             .stories = stories,
                                                             .reports = &signing});
    run([this, chips](Store& inside) { REQUIRE(keeper.begin_stories(inside, h(0), chips + 1)); });
  }
  void run(const std::function<void(Store&)>& work) {
    std::promise<void> done;
    REQUIRE(store->post(work, [&](const Stored<Done>&) { done.set_value(); }));
    done.get_future().wait();
  }
  void round(std::uint64_t chip, double hour, v1::VerdictState state,
             const std::vector<std::string>& countries = {}) {
    VerdictRecord record = judged_at(++verdicts, hour, state, chip);
    v1::Verdict summary;
    summary.set_state(state);
    for (const std::string& country : countries) summary.add_countries(country);
    const std::string bytes = summary.SerializeAsString();
    record.summary = {bytes.begin(), bytes.end()};
    record.bytes = record.summary;
    run([&](Store& inside) { REQUIRE(finish_round(inside, record)); });
    now = h(hour);
  }
  Answer<MadeReport> ask(const v1::GetReportRequest& request, const Caller& caller = kReader) {
    std::promise<Answer<MadeReport>> got;
    cases->get_report(request, caller, [&](Answer<MadeReport> answer) { got.set_value(std::move(answer)); });
    return got.get_future().get();
  }
};

inline v1::GetReportRequest report_of(v1::ReportKind kind, v1::ReportForm form = v1::REPORT_JSON) {
  v1::GetReportRequest request;
  request.set_kind(kind);
  request.set_form(form);
  return request;
}
inline std::string content_of(const MadeReport& report) {
  std::string out;
  REQUIRE(report.file->read(0, static_cast<std::size_t>(report.file->size()), out));
  return out;
}

}  // namespace chiploc::test
