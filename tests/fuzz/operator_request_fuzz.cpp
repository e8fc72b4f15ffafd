// Requests of people, as gRPC hands them over: the first byte chooses the request, the rest is its serialised
// form. Through the validators of server/service, and what they let pass through the registry and a real
// store. Faults have a sentence; what passes is within the stated limits; page tokens read back to
// themselves.
#include "server/registry/export.hpp"
#include "server/registry/names.hpp"
#include "server/registry/registry.hpp"
#include "server/service/requests.hpp"
#include "server/service/status_requests.hpp"
#include "server/storage/sqlite/store.hpp"
#include "tests/fuzz/fuzz_support.hpp"

namespace {

using namespace chiploc;
using fuzz::demand;

struct World {
  fuzz::ScratchFolder folder;
  Registry registry;
  std::unique_ptr<Store> store;
  World() {
    for (std::uint8_t i = 0; i < 20; ++i) {
      ChipRecord chip;
      chip.id.bytes.fill(static_cast<std::uint8_t>(0xA0 + i / 2));
      chip.id.bytes[15] = i;
      chip.serial = "SN-" + std::to_string(i / 2);
      chip.maker = "maker " + std::to_string(i % 3);
      chip.licence = "L-1";
      registry.put(chip);
    }
    auto opened = open_sqlite_store({.path = (folder.path() / "o.db").string()});
    demand(opened.has_value());
    store = std::move(*opened);
  }
};

template <class T>
bool passed(const Checked<T>& checked) {
  if (!checked) demand(!checked.error().text.empty() && checked.error().text.size() < 1'000);
  return checked.has_value();
}

void list_chips(World& world, const v1::ListChipsRequest& request, const ApiLimits& limits) {
  const auto licence = check_text("licence", request.licence(), limits);
  const auto size = check_page_size(request.page_size(), limits.chips_page, limits.chips_page);
  const auto states = check_states(request.states());
  const auto after = read_chip_token(request.page_token());
  if (!passed(licence) || !passed(size) || !passed(states) || !passed(after)) return;
  demand(*size >= 1 && *size <= limits.chips_page && states->size() <= 7);
  if (*after) demand(read_chip_token(chip_token(**after)).value() == *after);
  // Without states the service lists from the registry and does not ask the store.
  if (!states->empty()) {
    const auto behind = *after ? std::optional{(*after)->id} : std::nullopt;
    demand(world.store->verdicts().standing_briefs(*states, behind, *size).has_value());
  }
}

void list_verdicts(World& world, const v1::ListVerdictsRequest& request, const ApiLimits& limits) {
  const auto chip = check_text("chip", request.chip(), limits);
  const auto size = check_page_size(request.page_size(), limits.verdicts_page, limits.verdicts_page_max);
  const auto states = check_states(request.states());
  const auto after = read_verdict_token(request.page_token());
  if (!passed(chip) || !passed(size) || !passed(states) || !passed(after)) return;
  const auto since = check_time("since_unix_ns", request.since_unix_ns());
  const auto until = check_time("until_unix_ns", request.until_unix_ns());
  if (!passed(since) || !passed(until)) return;
  VerdictQuery query;
  query.since = *since;
  query.until = *until;
  query.oldest_first = request.oldest_first();
  query.count = request.with_total();
  if (const auto found = world.registry.find_chip(*chip)) query.chips = {(*found)->id};
  query.states = *states;
  query.after = *after;
  query.limit = *size;
  if (*after) demand(read_verdict_token(verdict_token(**after)).value() == *after);
  demand(world.store->verdicts().list_verdicts(query).has_value());
}

void list_status_changes(World& world, const v1::ListStatusChangesRequest& request) {
  const auto states = check_chip_states(request.states());
  const auto after = read_status_change_token(request.page_token());
  const auto since = check_time("since_unix_ns", request.since_unix_ns());
  if (!passed(states) || !passed(after) || !passed(since)) return;
  demand(states->size() <= 10);
  if (*after) demand(read_status_change_token(status_change_token(**after)).value() == *after);
  demand(world.store->statuses()
             .list_changes({.states = *states, .since = *since, .after = *after})
             .has_value());
  demand(world.store->statuses().list_statuses({.states = *states, .since = *since}).has_value());
}

void declare_absence(const v1::DeclareAbsenceRequest& request) {
  static_cast<void>(passed(check_absence_kind(request.kind())));
  const WallTime now{std::chrono::seconds{1'790'000'000}};
  const auto times = check_absence_times(request.from_unix_ns(), request.until_unix_ns(), now);
  if (passed(times)) demand(times->from >= now && times->until.since_epoch.count() > 0);
}

/// From wherever a token says, the pages end.
void export_pages(const World& world, const v1::ExportRequest& request) {
  const auto kind = check_kind("kind", request.kind());
  const auto after = read_key_token(request.page_token());
  if (!passed(kind) || !passed(after)) return;
  std::string key = *after;
  for (std::size_t pages = 0;; ++pages) {
    const ExportPage page = export_rows(world.registry, *kind, key, 100);
    if (!page.next) break;
    demand(!page.rows.empty() && pages < world.registry.chips().size());
    key = read_key_token(key_token(*page.next)).value();
  }
}

void import(const v1::ImportRequest& request, const ApiLimits& limits) {
  const auto files = check_import(request, limits);
  if (!passed(files)) return;
  ImportOptions options;
  options.now = WallTime{std::chrono::seconds{1'790'000'000}};
  options.limits.rows = 200;
  options.limits.faults = 10;
  const ImportPlan plan = plan_import(nullptr, *files, options);
  demand(plan.ok() == (plan.registry != nullptr));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  static World world;
  ApiLimits limits;
  limits.import_bytes = 64 << 10;
  const auto parsed = [&](auto& request) {
    return request.ParseFromArray(data + 1, static_cast<int>(size - 1));
  };
  switch (data[0] % 10) {
    case 0: {
      v1::ListChipsRequest request;
      if (parsed(request)) list_chips(world, request, limits);
      break;
    }
    case 1: {
      v1::ListVerdictsRequest request;
      if (parsed(request)) list_verdicts(world, request, limits);
      break;
    }
    case 2: {
      v1::GetChipRequest request;
      if (!parsed(request) || !passed(check_text("chip", request.chip(), limits))) break;
      const auto found = world.registry.find_chip(request.chip());
      const auto fitting = world.registry.chips_fitting(request.chip(), 3);
      demand(found ? fitting.total == 1 && fitting.first.front() == *found : fitting.total != 1);
      demand(fitting.first.size() == std::min<std::size_t>(fitting.total, 3));
      break;
    }
    case 3: {
      v1::GetVerdictRequest request;
      if (!parsed(request) || !passed(check_text("verdict", request.verdict(), limits))) break;
      const auto found = world.store->verdicts().find_verdict(request.verdict());
      if (!found) demand(!found.error().text.empty());
      break;
    }
    case 4: {
      v1::VerifyRequest request;
      if (!parsed(request)) break;
      const auto deadline = check_deadline(request.deadline_ms(), limits);
      if (passed(deadline)) demand(*deadline <= limits.deadline_max);
      break;
    }
    case 6: {
      v1::ExportRequest request;
      if (parsed(request)) export_pages(world, request);
      break;
    }
    case 8: {
      v1::ListStatusChangesRequest request;
      if (parsed(request)) list_status_changes(world, request);
      break;
    }
    case 9: {
      v1::DeclareAbsenceRequest request;
      if (parsed(request)) declare_absence(request);
      break;
    }
    case 7: {
      v1::GetLicenceRequest request;
      if (!parsed(request) || !passed(check_text("licence", request.licence(), limits))) break;
      NearestNames near{request.licence(), 3};
      for (const auto& [id, chip] : world.registry.chips()) near.offer(chip->serial);
      demand(near.names().size() <= 3);
      demand(near.names().empty() == near.sentence().empty());
      break;
    }
    default: {
      v1::ImportRequest request;
      if (parsed(request)) import(request, limits);
    }
  }
  return 0;
}
