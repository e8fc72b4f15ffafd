// Pages of chip lists as people of one holder get them, from a registry and a store of many chips.
//     chiploc-list-bench [CHIPS]     100,000; a registry holds 2,000,000 at most
#include <cstdlib>
#include <future>

#include "server/service/operator_use_cases.hpp"
#include "server/storage/sqlite/store.hpp"
#include "tests/bench/figure.hpp"
#include "tests/support/temp_dir.hpp"

namespace chiploc::bench {
namespace {

constexpr double kWantedUs = 100'000.0;
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

/// Of a hundred chips one is Small's, forty are Large's, the others Rest's; each holder has ten licences.
std::string holder_of(std::uint64_t chip) {
  return chip % 100 == 0 ? "Small" : chip % 100 <= 40 ? "Large" : "Rest";
}

std::shared_ptr<Registry> registry_of(std::uint64_t chips) {
  auto registry = std::make_shared<Registry>();
  for (const char* holder : {"Small", "Large", "Rest"}) {
    for (int i = 0; i < 10; ++i) {
      LicenceRecord licence;
      licence.id = std::string{holder} + "-" + std::to_string(i);
      licence.holder = holder;
      licence.places.countries = {*CountryCode::from_text("DE")};
      registry->put(std::move(licence));
    }
  }
  for (std::uint64_t i = 0; i < chips; ++i) {
    ChipRecord chip;
    chip.id = id<ChipId>(i);
    chip.serial = "SN-" + std::to_string(i);
    chip.maker = "Acme";
    chip.model = "LAB-100";
    chip.licence = holder_of(i) + "-" + std::to_string(i / 100 % 10);
    chip.certificate = ByteVector(600, 1);
    registry->put(std::move(chip));
  }
  return registry;
}

/// One verdict for each chip, one in ten of them OUTSIDE.
void fill(Store& store, std::uint64_t chips) {
  constexpr std::uint64_t kBatch = 20'000;
  for (std::uint64_t i = 0; i < chips; ++i) {
    if (i % kBatch == 0) require(store.begin_batch().has_value());
    RoundIntent intent;
    intent.round = id<RoundId>(i);
    intent.chip = id<ChipId>(i);
    intent.requested_by = "bench";
    intent.intent = kNow;
    require(store.rounds().log_intent(intent).has_value());
    v1::Verdict summary;
    summary.set_state(i / 100 % 10 == 3 ? v1::OUTSIDE : v1::VERIFIED);
    VerdictRecord verdict;
    verdict.id = id<VerdictId>(i);
    verdict.round = intent.round;
    verdict.chip = intent.chip;
    verdict.state = static_cast<std::uint32_t>(summary.state());
    verdict.decided = kNow;
    verdict.expires = kNow + std::chrono::hours{24};
    const std::string text = summary.SerializeAsString();
    verdict.summary.assign(text.begin(), text.end());
    verdict.bytes = verdict.summary;
    require(store.verdicts().finish_round(verdict, std::nullopt).has_value());
    if (i % kBatch == kBatch - 1 || i + 1 == chips) require(store.commit_batch().has_value());
  }
}

class NoRounds final : public RoundStarter, public StatusSource {
 public:
  void start(ChipId, Requester, std::chrono::milliseconds, RoundObserver) override {}
  [[nodiscard]] std::chrono::milliseconds least_deadline(const ChipRecord&) const override { return {}; }
  [[nodiscard]] CoordinatorStatus status() const override { return {}; }
  [[nodiscard]] std::vector<AnchorStatus> anchors() const override { return {}; }
  [[nodiscard]] std::optional<KnockRhythm> knocks_of(const ChipId&) const override { return std::nullopt; }
};

/// Of nobody's who is measured; each time another registry.
void import_licence(OperatorUseCases& cases) {
  static int number = 0;
  v1::ImportRequest request;
  auto& file = *request.add_files();
  file.set_kind(static_cast<v1::ImportKind>(ImportKind::kLicences));
  file.set_name("licences.csv");
  file.set_format("csv");
  file.set_content("id,holder,countries,valid_from,valid_to\nNEW-" + std::to_string(++number) +
                   ",New,DE,2026-01-01,2027-12-31\n");
  std::promise<bool> imported;
  cases.import(request, {"ada", Role::kAdmin}, [&](const Answer<v1::ImportResponse>& answer) {
    imported.set_value(answer && answer->faults().empty());
  });
  require(imported.get_future().get());
}

void measure(OperatorUseCases& cases, const Caller& caller, const std::string& whose) {
  const auto figure = [&](const char* what, const auto& body) {
    const double before = thread_cpu_us();
    const double us = wall_us(body);
    const double cpu = thread_cpu_us() - before;
    print_figure("list: " + std::string{what} + ", " + whose,
                 text("%.1f ms, ", us / 1e3) + text("processor %.1f ms", cpu / 1e3), "100 ms", us / kWantedUs,
                 Want::kAtMost, 1.0);
  };
  v1::ListChipsRequest request;
  std::string next;
  const auto page = [&] {
    const auto answer = cases.list_chips(request, caller);
    require(answer.has_value() && answer->chips_size() > 0);
    next = answer->next_page_token();
  };
  figure("first page of 1,000 that this holder asks for", page);
  import_licence(cases);
  figure("first page of 1,000 after an import", page);
  request.set_page_token(next);
  figure("next page", page);
  request.Clear();
  request.add_states(v1::OUTSIDE);
  figure("page of one state", page);
  request.add_states(v1::VERIFIED);
  request.set_with_total(true);
  figure("page of two states, counted", page);
  request.Clear();
  request.set_order(v1::BY_DECIDED);
  request.set_with_total(true);
  figure("page by decision, counted", page);
  figure("status", [&] { require(cases.get_status({}, caller).has_value()); });
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
  // What is in force was made by an import, as in a coordinator; this thread's heap has then to put together what the
  // import freed of the first.
  import_licence(cases);
  require(cases.list_chips({}, {"ada", Role::kAdmin}).has_value());
  const std::string of = " of " + std::to_string(chips / 1'000) + ",000 chips";
  Caller small{"sue", Role::kReader};
  small.holder = "Small";
  measure(cases, small, "a holder with 1 %" + of);
  Caller large{"lea", Role::kReader};
  large.holder = "Large";
  measure(cases, large, "a holder with 40 %" + of);
  measure(cases, {"ada", Role::kAdmin}, "all" + of);
}

}  // namespace chiploc::bench

int main(int argc, char** argv) {
  constexpr std::uint64_t kChips = 100'000;
  chiploc::bench::run(argc > 1 ? std::strtoull(argv[1], nullptr, 10) : kChips);
}
