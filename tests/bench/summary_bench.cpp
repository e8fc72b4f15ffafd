// The day at a glance, and a report of the fleet, over a registry and a store of many chips with 500 orders and 1,000
// licences; a tenth of the chips changed since yesterday.
//     chiploc-summary-bench [CHIPS]     100,000
#include <cstdlib>
#include <future>

#include "server/service/operator_use_cases.hpp"
#include "server/status/story_record.hpp"
#include "server/storage/sqlite/store.hpp"
#include "tests/bench/figure.hpp"
#include "tests/support/temp_dir.hpp"

namespace chiploc::bench {
namespace {

constexpr double kWantedUs = 200'000.0;
const WallTime kNow{std::chrono::seconds{1'790'000'000}};

void require(bool good) {
  if (!good) std::abort();
}

template <class SomeId>
SomeId id(std::uint64_t number) {
  SomeId out;
  // Spread, as random ids are; not random, so that two runs have the same.
  const std::uint64_t mixed = (number + 1) * 0x9E3779B97F4A7C15U;
  for (std::size_t i = 0; i < 8; ++i) out.bytes[i] = static_cast<std::uint8_t>(mixed >> (56 - 8 * i));
  return out;
}

std::shared_ptr<Registry> registry_of(std::uint64_t chips) {
  auto registry = std::make_shared<Registry>();
  const Date from{std::chrono::year{2026} / 1 / 1};
  for (int i = 0; i < 1'000; ++i) {
    LicenceRecord licence;
    licence.id = "L-" + std::to_string(i);
    licence.holder = i % 100 == 0 ? "Small" : "Rest";
    licence.places.countries = {*CountryCode::from_text("DE")};
    licence.valid_from = from;
    licence.valid_to = Date{std::chrono::sys_days{from} + std::chrono::days{200 + i}};
    registry->put(std::move(licence));
  }
  for (int i = 0; i < 500; ++i) {
    const std::string number = std::to_string(i);
    registry->put(OrderRecord{.id = "O-" + number,
                              .licence = "L-" + number,
                              .exporter = "E",
                              .buyer = "B",
                              .end_user = "U",
                              .quantity = 1'000,
                              .placed = from});
    registry->put(DeliveryRecord{"D-" + number, "O-" + number, "site", from, 1'000});
  }
  for (std::uint64_t i = 0; i < chips; ++i) {
    ChipRecord chip;
    chip.id = id<ChipId>(i);
    chip.serial = "SN-" + std::to_string(i);
    chip.maker = "Acme";
    chip.model = "LAB-100";
    chip.licence = "L-" + std::to_string(i % 500);
    chip.delivery = "D-" + std::to_string(i % 500);
    registry->put(std::move(chip));
  }
  return registry;
}

/// A verdict and a status for each chip but one in fifty, which was never measured; one chip in ten changed today.
void fill(Store& store, std::uint64_t chips) {
  constexpr std::uint64_t kBatch = 20'000;
  const ByteVector story = story_bytes(begin_story(kNow - std::chrono::hours{100}));
  for (std::uint64_t i = 0; i < chips; ++i) {
    if (i % kBatch == 0) require(store.begin_batch().has_value());
    const bool measured = i % 50 != 0;
    const bool today = i % 10 == 0;
    const WallTime since = kNow - std::chrono::hours{today ? 1 : 90};
    const auto state = static_cast<std::uint32_t>(
        measured ? (i % 100 == 1 ? ChipState::kDrifted : ChipState::kCompliant) : ChipState::kPending);
    if (measured) {
      RoundIntent intent;
      intent.round = id<RoundId>(i);
      intent.chip = id<ChipId>(i);
      intent.requested_by = "bench";
      intent.intent = since;
      require(store.rounds().log_intent(intent).has_value());
      v1::Verdict summary;
      summary.set_state(i % 100 == 1 ? v1::OUTSIDE : v1::VERIFIED);
      summary.add_countries("DE");
      const std::string text = summary.SerializeAsString();
      VerdictRecord verdict{.id = id<VerdictId>(i),
                            .round = intent.round,
                            .chip = intent.chip,
                            .state = static_cast<std::uint32_t>(summary.state()),
                            .decided = since,
                            .expires = kNow + std::chrono::hours{24},
                            .bytes = {text.begin(), text.end()},
                            .summary = {text.begin(), text.end()}};
      require(store.verdicts().finish_round(verdict, std::nullopt).has_value());
    }
    const StatusChangeRecord change{id<ChipId>(i),         since, 0, state, {id<VerdictId>(i)},
                                    "A proof is in force."};
    require(store.statuses()
                .put({id<ChipId>(i), state, since, kNow + std::chrono::hours{24}, story}, {&change, 1})
                .has_value());
    if (i % kBatch == kBatch - 1 || i + 1 == chips) require(store.commit_batch().has_value());
  }
}

class NoRounds final : public RoundStarter, public StatusSource {
 public:
  void start(ChipId, Requester, std::chrono::milliseconds, RoundObserver) override {}
  [[nodiscard]] CoordinatorStatus status() const override { return {}; }
  [[nodiscard]] std::vector<AnchorStatus> anchors() const override { return {}; }
};

std::uint64_t report_bytes(OperatorUseCases& cases, v1::ReportForm form) {
  v1::GetReportRequest request;
  request.set_kind(v1::REPORT_FLEET);
  request.set_form(form);
  std::promise<std::uint64_t> made;
  cases.get_report(request, {"ada", Role::kAdmin}, [&](Answer<MadeReport> report) {
    require(report.has_value());
    made.set_value(report->file->size());
  });
  return made.get_future().get();
}

}  // namespace

void run(std::uint64_t chips) {
  const TempDir folder;
  const std::string path = (folder / "chiploc.db").string();
  {
    auto store = open_sqlite_store({.path = path});
    require(store.has_value());
    fill(**store, chips);
  }
  RegistryHolder registry{registry_of(chips)};
  StoreThread store{open_sqlite_store({.path = path}).value()};
  const auto reader = open_sqlite_reader({.path = path}).value();
  NoRounds rounds;
  PolicyHolder policy{{}};
  ReportSigning signing;
  signing.key = key_from_ed25519_seed(ByteArray<32>{1}).value();
  take_key(signing.keys, signing.key->public_key(), WallTime{});
  OperatorUseCases cases{OperatorParts{.registry = registry,
                                       .store = store,
                                       .reader = *reader,
                                       .rounds = rounds,
                                       .status = rounds,
                                       .policy = policy,
                                       .known_country = {},
                                       .now = [] { return kNow; },
                                       .software_version = "0",
                                       .limits = {},
                                       .reports = &signing}};
  const std::string of = " of " + std::to_string(chips / 1'000) + ",000 chips";
  const auto summary = [&](const std::string& whose, const Caller& caller) {
    const double before = thread_cpu_us();
    const double us = wall_us([&] { require(cases.get_summary({}, caller).has_value()); });
    const double cpu = thread_cpu_us() - before;
    print_figure("summary: " + whose + of, text("%.1f ms", us / 1e3), "200 ms", us / kWantedUs, Want::kAtMost,
                 1.0);
    print_plain("summary: " + whose + of + ", processor time", text("%.1f ms", cpu / 1e3));
  };
  summary("all", {"ada", Role::kAdmin});
  Caller small{"sue", Role::kReader};
  small.holder = "Small";
  summary("a holder with 1 %", small);
  for (const auto& [name, form, wanted_s] :
       {std::tuple{"JSON", v1::REPORT_JSON, 60.0}, {"PDF", v1::REPORT_PDF, 300.0}}) {
    std::uint64_t bytes = 0;
    const v1::ReportForm asked = form;  // no lambda of every compiler takes a structured binding
    const double us = wall_us([&] { bytes = report_bytes(cases, asked); });
    print_figure("report: fleet as " + std::string{name} + of,
                 text("%.1f s, ", us / 1e6) + text("%.1f MB", static_cast<double>(bytes) / 1e6),
                 text("%.0f s", wanted_s), us / 1e6 / wanted_s, Want::kAtMost, 1.0);
  }
}

}  // namespace chiploc::bench

int main(int argc, char** argv) {
  constexpr std::uint64_t kChips = 100'000;
  chiploc::bench::run(argc > 1 ? std::strtoull(argv[1], nullptr, 10) : kChips);
}
