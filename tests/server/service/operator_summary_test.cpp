#include <random>

#include "server/cases/case_priority.hpp"
#include "server/service/day_summary.hpp"
#include "server/service/few_chips.hpp"
#include "server/service/summary_json.hpp"
#include "tests/server/service/report_service.hpp"

namespace chiploc::test {
namespace {

v1::GetSummaryResponse summary_of(ReportService& world, const Caller& caller = kReader,
                                  const v1::GetSummaryRequest& request = {}) {
  const auto answer = world.cases->get_summary(request, caller);
  INFO((answer ? "" : answer.error().text));
  REQUIRE(answer);
  return *answer;
}
/// "compliant 1 +1 -0"
std::string tally(const v1::GetSummaryResponse& summary, ChipState state) {
  for (const auto& row : summary.statuses()) {
    if (row.state() == static_cast<v1::ChipState>(static_cast<int>(state) + v1::CHIP_PENDING))
      return std::string{name_of(state)} + " " + std::to_string(row.chips()) + " +" +
             std::to_string(row.entered()) + " -" + std::to_string(row.left());
  }
  return "none";
}

TEST_CASE("GetSummary: counts by status with what changed, and the unmeasured apart", "[service][summary]") {
  ReportService world;
  world.round(1, 1, v1::VERIFIED, {"DE"});
  world.round(3, 2, v1::OUTSIDE, {"AE"});
  world.round(3, 3, v1::OUTSIDE, {"AE"});
  auto summary = summary_of(world);
  CHECK(summary.chips() == 4);
  CHECK(summary.unmeasured() == 2);
  REQUIRE(summary.verdicts_size() == 2);
  CHECK(json_of(summary)["newest_verdicts"].dump() == R"({"VERIFIED":1,"OUTSIDE":1})");
  CHECK(tally(summary, ChipState::kCompliant) == "compliant 1 +1 -0");
  CHECK(tally(summary, ChipState::kDrifted) == "drifted 1 +1 -0");
  CHECK(tally(summary, ChipState::kPending) == "pending 2 +0 -2");
  CHECK(summary.statuses_size() == static_cast<int>(kChipStates));
  CHECK_FALSE(summary.stories_kept());
  v1::GetSummaryRequest later;
  later.set_since_unix_ns(h(2.5).since_epoch.count());
  summary = summary_of(world, kReader, later);
  CHECK(tally(summary, ChipState::kCompliant) == "compliant 1 +0 -0");
  CHECK(tally(summary, ChipState::kDrifted) == "drifted 1 +1 -0");
  const Caller bolt{"bea", Role::kReader, "Bolt"};
  summary = summary_of(world, bolt);
  CHECK(summary.chips() == 1);
  CHECK(summary.unmeasured() == 0);
  CHECK(json_of(summary)["newest_verdicts"].dump() == R"({"OUTSIDE":1})");
  CHECK(tally(summary, ChipState::kCompliant) == "compliant 0 +0 -0");
  CHECK(tally(summary, ChipState::kDrifted) == "drifted 1 +1 -0");
  CHECK(summary.notices().empty());
  later.set_since_unix_ns(-1);
  CHECK_FALSE(world.cases->get_summary(later, kReader));
  later.set_since_unix_ns(0);
  later.set_soon_days(367);
  CHECK(world.cases->get_summary(later, kReader).error().text.find("soon_days") == 0);
}

TEST_CASE("GetSummary: absences and licences that run out, soonest first", "[service][summary]") {
  ReportService world;
  v1::DeclareAbsenceRequest absence;
  absence.add_chips("SN-1");
  absence.add_chips("SN-2");
  absence.set_until_unix_ns(h(50).since_epoch.count());
  absence.set_kind(v1::ABSENT_IN_TRANSIT);
  absence.set_reason("moved");
  std::promise<bool> declared;
  world.cases->declare_absence(absence, {"rita", Role::kRegistrar, std::nullopt, std::nullopt, true},
                               [&](const auto& answer) { declared.set_value(answer.has_value()); });
  REQUIRE(declared.get_future().get());
  auto next = std::make_shared<Registry>(*world.registry.get());
  LicenceRecord ending = *next->licence("L-2");
  const auto today =
      std::chrono::floor<std::chrono::days>(std::chrono::sys_time<Nanoseconds>{h(0).since_epoch});
  ending.valid_to = Date{today + std::chrono::days{1}};
  next->put(ending);
  next->put(ConditionRecord{.id = "C-1",
                            .licence = "L-1",
                            .kind = ConditionKind::kThirdPartyTest,
                            .due = Date{today + std::chrono::days{400}}});
  next->put(ConditionRecord{.id = "C-2",
                            .licence = "L-1",
                            .kind = ConditionKind::kThirdPartyTest,
                            .due = Date{today - std::chrono::days{40}}});  // unmet: still to be done
  next->set_version(next->version() + 1);
  world.registry.replace(next);
  const auto summary = summary_of(world);
  REQUIRE(summary.runs_out_size() == 3);
  CHECK(summary.runs_out_total() == 3);
  CHECK(summary.runs_out(0).name() == "C-2");
  CHECK(summary.runs_out(0).at_unix_ns() <= summary.runs_out(1).at_unix_ns());
  std::map<std::string, std::uint64_t> rows;
  for (const auto& row : summary.runs_out()) rows[row.what() + " " + row.name()] = row.chips();
  CHECK(rows.at("licence L-2") == 1);
  rows.erase("licence L-2");
  CHECK(rows.erase("condition C-2") == 1);
  for (const auto& row : summary.runs_out())
    if (row.what() == "absences") CHECK(row.at_unix_ns() == h(50).since_epoch.count());
  CHECK(rows.begin()->first.find("absences 20") == 0);
  CHECK(rows.begin()->second == 2);
  v1::GetSummaryRequest short_time_only;
  short_time_only.set_soon_days(1);
  CHECK(summary_of(world, kReader, short_time_only).runs_out_total() <= 2);
}

TEST_CASE("GetSummary: cases by priority and orders on hold, of the caller's alone", "[service][summary]") {
  CaseDays urgent{CaseKind::kElsewhere}, slow{CaseKind::kUnproven}, closed{CaseKind::kTampering};
  urgent.accused(1, 1, 9, ChipState::kProhibited);
  urgent.event(2, CaseAssigned{"Ann", "Bob"});
  slow.accused(1, 1, 2, ChipState::kSilent);
  closed.accused(1, 1, 2, ChipState::kTampered).event(2, CaseResolved{"Ann", "so", CaseEnd::kConfirmed});
  OrderDays held;
  held.joined(0, 0, 8, ChipState::kCompliant).become(2, 0, 3, ChipState::kDrifted);
  StorySources stories;
  stories.open_cases = [&]() -> Stored<std::vector<FoundCase>> {
    std::vector<FoundCase> out{{1, slow.story()}, {2, urgent.story()}, {3, closed.story()}};
    for (FoundCase& one : out) one.story.licence = "L-1";
    return out;
  };
  stories.held_orders = [&]() -> Stored<std::vector<FoundOrder>> {
    return std::vector<FoundOrder>{{"O-7", held.story()}};
  };
  ReportService world{4, stories};
  world.now = hour(3);
  const auto summary = summary_of(world);
  CHECK(summary.stories_kept());
  REQUIRE(summary.cases_size() == 2);
  CHECK(summary.cases(0).name() == "C-2");
  CHECK(summary.cases(0).about() == "elsewhere/O-17/campus#1");
  CHECK(summary.cases(0).priority() > summary.cases(1).priority());
  CHECK(summary.cases(0).chips() == 8);
  CHECK(summary.cases(0).assignee() == "Bob");
  CHECK(summary.cases(0).why() == priority_of(urgent.story(), world.now).reasons[0].text);
  CHECK(summary.cases_total() == 2);
  REQUIRE(summary.held_orders_size() == 1);
  CHECK(summary.held_orders(0).order() == "O-7");
  CHECK(summary.held_orders(0).cause() == "drifted");
  CHECK(summary.held_orders(0).why() == held_against(held.story(), {}));
  const auto foreign = summary_of(world, {"bea", Role::kReader, "Bolt"});
  CHECK(foreign.cases_total() == 0);
  CHECK(foreign.held_orders_total() == 0);
  CHECK(foreign.cases().empty());
  const auto own = summary_of(world, {"eva", Role::kReader, "Example SA"});
  CHECK(own.cases_total() == 2);
  for (const auto& row : own.cases()) CHECK(row.priority() == 0);  // which would tell the same
  CHECK(json_of(own)["open_cases"][0]["priority"].is_null());
  CHECK(own.cases(0).why() ==
        std::string{heading_of(CaseKind::kElsewhere)});  // not: an entity that is watched
}

/// The registry with every chip under a licence of one of four holders, more or less of them the first one's.
Registry::Snapshot shuffled(const Registry& registry, std::mt19937& random) {
  auto next = std::make_shared<Registry>(registry);
  for (int i = 0; i < 8; ++i) {
    LicenceRecord licence = *registry.licence("L-1");
    licence.id = "L-" + std::to_string(i + 1);
    licence.holder = "H-" + std::to_string(i / 2);
    next->put(std::move(licence));
  }
  const auto small = random() % 100;
  for (const auto& [id, old] : registry.chips()) {
    ChipRecord chip = *old;
    chip.licence = "L-" + std::to_string((random() % 100 < small ? random() % 2 : random() % 8) + 1);
    next->put(std::move(chip));
  }
  next->set_version(registry.version() + 1);
  return next;
}

/// What a summary and lists say of a holder's chips, by a look at every chip's rows.
struct SlowWay {
  StoreReader& reader;
  const Registry& registry;
  std::string holder;

  [[nodiscard]] bool has(const ChipId& id) const {
    const ChipRecord* chip = registry.chip(id);
    return chip != nullptr && registry.licence(chip->licence)->holder == holder;
  }
  [[nodiscard]] ChipFilter wanted() const {
    return [this](const ChipId& id) { return has(id); };
  }
  [[nodiscard]] std::vector<StandingBrief> briefs() const {
    std::vector<StandingBrief> out;
    for (const StandingBrief& brief : reader.verdicts().standing_briefs({}, std::nullopt, 10'000).value())
      if (has(brief.chip)) out.push_back(brief);
    return out;
  }
  [[nodiscard]] std::string text(WallTime since, WallTime until) const {
    v1::GetSummaryResponse out;
    add_tallies(reader.statuses().chips_by_status(wanted()).value(),
                reader.statuses().count_changes(since, wanted()).value(), out);
    std::map<std::uint32_t, std::uint64_t> verdicts;
    for (const StandingBrief& brief : briefs()) ++verdicts[brief.state];
    std::uint64_t chips = 0, absent = 0;
    for (const auto& [id, chip] : registry.chips()) chips += has(id) ? 1U : 0U;
    for (const StatusRecord& row : reader.statuses().list_statuses({.limit = 10'000}).value().rows)
      absent += has(row.chip) && row.state == static_cast<std::uint32_t>(ChipState::kAbsent) && row.due &&
                        *row.due < until
                    ? 1U
                    : 0U;
    return said(out, chips, chips - briefs().size(), verdicts, absent);
  }
  static std::string said(const v1::GetSummaryResponse& summary, std::uint64_t chips,
                          std::uint64_t unmeasured, const std::map<std::uint32_t, std::uint64_t>& verdicts,
                          std::uint64_t absent) {
    std::string out = std::to_string(chips) + " chips, " + std::to_string(unmeasured) + " unmeasured, " +
                      std::to_string(absent) + " absent";
    for (const auto& [state, count] : verdicts)
      out += ", verdict " + std::to_string(state) + ": " + std::to_string(count);
    for (const auto& row : summary.statuses())
      out += ", " + std::to_string(row.state()) + ": " + std::to_string(row.chips()) + " +" +
             std::to_string(row.entered()) + " -" + std::to_string(row.left());
    return out;
  }
};
std::string said_of(const v1::GetSummaryResponse& summary) {
  std::map<std::uint32_t, std::uint64_t> verdicts;
  for (const auto& row : summary.verdicts()) verdicts[static_cast<std::uint32_t>(row.state())] = row.chips();
  std::uint64_t absent = 0;
  for (const auto& row : summary.runs_out()) absent += row.what() == "absences" ? row.chips() : 0;
  return SlowWay::said(summary, summary.chips(), summary.unmeasured(), verdicts, absent);
}

TEST_CASE("GetSummary: of a holder, and lists of their chips, what a look at every chip gives",
          "[service][summary]") {
  constexpr std::uint64_t kChips = 40;
  ReportService world{kChips};
  std::mt19937 random{20261201};
  for (int i = 0; i < 70; ++i)
    world.round(1 + random() % (kChips - 5), 1 + i, random() % 3 == 0 ? v1::OUTSIDE : v1::VERIFIED, {"DE"});
  v1::DeclareAbsenceRequest absence;
  for (int i = 1; i <= 9; ++i) absence.add_chips("SN-" + std::to_string(4 * i));
  absence.set_until_unix_ns(h(150).since_epoch.count());
  absence.set_kind(v1::ABSENT_IN_TRANSIT);
  absence.set_reason("moved");
  world.cases->declare_absence(absence, {"rita", Role::kRegistrar, std::nullopt, std::nullopt, true},
                               [](const auto& answer) { CHECK(answer.has_value()); });
  world.run([](Store&) {});  // behind it
  std::size_t few = 0, many = 0;
  for (int i = 0; i < 40; ++i) {
    world.registry.replace(shuffled(*world.registry.get(), random));
    const auto registry = world.registry.get();
    const std::string holder = "H-" + std::to_string(i % 4);
    const SlowWay slow{*world.reader, *registry, holder};
    ++(is_few(*registry, registry->chips_of_holder(holder)) ? few : many);
    Caller caller{"eva", Role::kReader};
    caller.holder = holder;
    v1::GetSummaryRequest request;
    const WallTime since = h(static_cast<double>(random() % 70));
    request.set_since_unix_ns(since.since_epoch.count());
    const auto until = world.now + std::chrono::hours{24 * 14};
    CHECK(said_of(summary_of(world, caller, request)) == slow.text(since, until));
    // Lists: the holder's own, and somebody's who asks for this holder.
    for (const Caller& who : {caller, kReader}) {
      std::string listed, wanted;
      v1::ListStatusesRequest statuses;
      statuses.set_holder(holder);
      statuses.set_page_size(3);
      do {
        const auto page = world.cases->list_statuses(statuses, who);
        if (!page) break;  // a holder without a licence in their registry
        for (const auto& row : page->chips()) listed += row.serial() + " ";
        statuses.set_page_token(page->next_page_token());
      } while (!statuses.page_token().empty());
      for (const auto& [id, chip] : registry->chips()) wanted += slow.has(id) ? chip->serial + " " : "";
      CHECK(listed == wanted);
      listed = wanted = "";
      v1::ListChipsRequest chips;
      chips.set_holder(holder);
      chips.add_states(v1::OUTSIDE);
      chips.set_page_size(2);
      chips.set_with_total(true);
      std::uint64_t total = 0;
      do {
        const auto page = world.cases->list_chips(chips, who);
        REQUIRE(page);
        for (const auto& row : page->chips()) listed += row.serial() + " ";
        total = page->total();
        chips.set_page_token(page->next_page_token());
      } while (!chips.page_token().empty());
      std::uint64_t fit = 0;
      for (const StandingBrief& brief : slow.briefs()) {
        if (brief.state != static_cast<std::uint32_t>(v1::OUTSIDE)) continue;
        wanted += registry->chip(brief.chip)->serial + " ";
        ++fit;
      }
      CHECK(listed == wanted);
      CHECK(total == fit);
    }
    v1::ListStatusesRequest crossed;  // a licence that is another's than the holder's
    crossed.set_licence("L-1");
    crossed.set_holder("H-3");
    CHECK(world.cases->list_statuses(crossed, kReader)->chips().empty());
    const auto status = world.cases->get_status({}, caller);
    REQUIRE(status);
    std::uint64_t measured = 0;
    for (const auto& [name, count] : status->chips_by_state()) measured += count;
    CHECK(measured == slow.briefs().size());
  }
  CHECK(few > 5);
  CHECK(many > 5);
}

TEST_CASE("GetSummary: lists are cut, and say how many there are", "[service][summary]") {
  v1::GetSummaryResponse out;
  std::vector<FoundCase> cases;
  std::vector<FoundOrder> orders;
  CaseDays days{CaseKind::kElsewhere};
  days.accused(1, 1, 3);
  OrderDays held;
  held.joined(0, 0, 8, ChipState::kCompliant).become(2, 0, 3, ChipState::kDrifted);
  for (std::uint64_t i = 0; i < 50; ++i) {
    cases.push_back({i, days.story()});
    orders.push_back({"O-" + std::to_string(i), held.story()});
  }
  const Registry none;
  add_cases(cases, none, true, hour(3), out);
  add_held_orders(orders, none, true, {}, out);
  CHECK(out.cases_size() == kSummaryRows);
  CHECK(out.cases_total() == 50);
  CHECK(out.held_orders_size() == kSummaryRows);
  CHECK(out.held_orders_total() == 50);
  Registry many;
  for (int i = 0; i < 50; ++i) {
    LicenceRecord licence;
    licence.id = "L-" + std::to_string(i);
    licence.valid_to = Date{std::chrono::year{2026} / 12 / 20};
    many.put(licence);
  }
  const WallTime now = wall_from_unix_seconds(1'797'200'000);  // 2026-12-13
  add_runs_out(many, {}, many, now, now + std::chrono::hours{24 * 30}, out);
  CHECK(out.runs_out_size() == kSummaryRows);
  CHECK(out.runs_out_total() == 50);
}

TEST_CASE("GetSummary: an anchor is well when nothing is known against it, and it is connected",
          "[service][summary]") {
  Registry registry;
  std::vector<AnchorStatus> known;
  const WallTime now = h(100);
  for (std::uint8_t i = 0; i < 6; ++i) {
    AnchorRecord anchor;
    anchor.name = "a" + std::to_string(i);
    anchor.id.bytes[0] = i;
    anchor.endpoint.port = i;
    registry.put(anchor);
    if (i == 0) continue;  // never attached
    AnchorStatus status;
    status.anchor = anchor.id;
    status.connected = i != 1;
    if (i == 2) status.place_problem = "its peers say that it is elsewhere";
    if (i == 3) status.twice = now - std::chrono::minutes{1};
    if (i == 4) status.certificate = CertificateLife{h(0), h(101)};
    if (i == 5) status.certificate = CertificateLife{h(0), h(100'000)};
    known.push_back(status);
  }
  v1::GetSummaryResponse out;
  add_anchors(registry, known, now, out);
  CHECK(out.anchors() == 6);
  CHECK(out.anchors_unwell_total() == 5);
  std::string said;
  for (const auto& row : out.anchors_unwell()) said += row.anchor() + ": " + row.problems(0) + "\n";
  CHECK(
      said ==
      "a0: it has not attached since chiplocd started\na1: it is not connected\na2: its peers say that it is "
      "elsewhere\na3: two processes run with its name and key\na4: its certificate ends soon\n");
}

TEST_CASE("GetSummary: as JSON, every status by its name", "[service][summary]") {
  ReportService world;
  const auto record = json_of(summary_of(world));
  CHECK(record["chips"] == 4);
  CHECK(record["never_measured"] == 4);
  CHECK(record["statuses"].size() == kChipStates);
  CHECK(record["statuses"]["pending"]["chips"] == 4);
  CHECK(record["open_cases"].empty());
  CHECK(record["stories_kept"] == false);
}

}  // namespace
}  // namespace chiploc::test
