// What goes into the evidence log: each fact once, in the order of commits, with what it takes to write its entry.
#include "tests/server/storage/conformance/backend.hpp"
#include "tests/server/storage/registry_fixture.hpp"

namespace chiploc::test {
namespace {

/// "0b 1i 2v": begin, intent, verdict, given up, registry, policy, line of a case, counters.
std::string told(LeafReader& reader, std::uint64_t from = 0, std::size_t limit = 100) {
  const auto leaves = reader.leaves_from(from, limit);
  REQUIRE(leaves);
  constexpr std::string_view kKinds = "bivgrpcn";
  std::string out;
  for (const StoredLeaf& one : *leaves)
    out += (out.empty() ? "" : " ") + std::to_string(one.index) + kKinds[one.what.index()];
  return out;
}
void add_case_line(Store& store) {
  CaseRecord record;
  record.key = {2, "O-1", "", "campus"};
  record.licence = "L-1";
  const CaseEntryRecord line{
      1, at(7), 3, 1, "ann", "text", id<ChipId>(4), {id<VerdictId>(1)}, id<Digest>(9), false};
  REQUIRE(store.cases().put_case(record, {&line, 1}));
}

}  // namespace

TEST_CASE("leaves: without a log there are none; it begins once, with its seed", "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  add_verdict(*store, 7, 70, 2, 5);
  CHECK(store->leaves().leaf_count().value() == 0);
  CHECK_FALSE(store->leaves().leaf_seed().value());
  CHECK_FALSE(store->leaves().leaves_of_round(id<RoundId>(7))->end);
  REQUIRE(store->leaves().begin_log(id<Digest>(77), at(8)));
  CHECK(store->leaves().begin_log(id<Digest>(78), at(9)).error().code == StoreFaultCode::kConflict);
  const auto reader = backend->open_reader();
  CHECK(reader->leaves().leaf_seed().value() == id<Digest>(77));
  CHECK(told(reader->leaves()) == "0b");
  const auto begun = reader->leaves().leaves_from(0, 1).value();
  CHECK(std::get<LogBegin>(begun.front().what).at == at(8));
  CHECK(std::get<LogBegin>(begun.front().what).next_round == 2);
}

TEST_CASE("leaves: what is committed, in that order and whole", "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  REQUIRE(store->leaves().begin_log(id<Digest>(77), at(1)));
  RoundIntent judged = intent(7, 70, 5);
  judged.context = blob("context");
  REQUIRE(store->rounds().log_intent(judged));
  REQUIRE(store->rounds().log_intent(intent(8, 71, 5)));
  const std::vector<ByteVector> tickets{blob("ticket")};
  REQUIRE(store->rounds().append_tickets(id<RoundId>(7), tickets));
  const SpoolRef from{id<AnchorId>(11), 1};
  REQUIRE(store->rounds().append_report(id<RoundId>(7), from, blob("report"), at(6)));
  REQUIRE(store->verdicts().finish_round(verdict(9, 7, 70, 2, 6), std::nullopt));
  const SpoolRef later{id<AnchorId>(12), 2};
  REQUIRE(store->rounds().append_report(id<RoundId>(7), later, blob("late"), at(7)));
  REQUIRE(store->rounds().append_statement(id<RoundId>(7), later, blob("late too"), at(7)));
  REQUIRE(store->rounds().abandon_round(id<RoundId>(8), "no answer", at(9)));
  add_case_line(*store);
  PolicyActivation policy;
  policy.by = "ada";
  policy.toml = "[policy]\n";
  REQUIRE(store->policies().activate(policy));
  CHECK(told(store->leaves()) == "0b 1i 2i 3v 4g 5c 6p");
  CHECK(told(store->leaves(), 3, 2) == "3v 4g");
  CHECK(told(store->leaves(), 7).empty());
  CHECK(store->leaves().leaf_count().value() == 7);

  const auto leaves = store->leaves().leaves_from(0, 100).value();
  const auto& begun = std::get<RoundIntended>(leaves[1].what);
  CHECK(begun.number == 1);
  CHECK(begun.intent.chip == id<ChipId>(70));
  CHECK(begun.intent.context == blob("context"));
  CHECK(begun.intent.anchors.size() == 2);
  const auto& result = std::get<RoundJudged>(leaves[3].what);
  CHECK(result.number == 1);
  CHECK(result.verdict.id == id<VerdictId>(9));
  CHECK(result.verdict.bytes == blob("whole 9"));
  CHECK(result.evidence.tickets == tickets);
  REQUIRE(result.evidence.reports.size() == 1);  // not the late one: it is no part of what was judged
  CHECK(result.evidence.reports[0].bytes == blob("report"));
  CHECK(result.evidence.statements.empty());
  const auto& given_up = std::get<RoundGivenUp>(leaves[4].what);
  CHECK(given_up.number == 2);
  CHECK(given_up.at == at(9));
  CHECK(given_up.evidence.abandoned_because == "no answer");
  CHECK(std::get<CaseLine>(leaves[5].what).entry.text == "text");
  CHECK(std::get<PolicyActivation>(leaves[6].what).toml == "[policy]\n");

  const auto of_judged = store->leaves().leaves_of_round(id<RoundId>(7)).value();
  CHECK(of_judged.intent == 1);
  CHECK(of_judged.end == 3);
  CHECK(store->leaves().leaves_of_round(id<RoundId>(8))->end == 4);
  CHECK_FALSE(store->leaves().leaves_of_round(id<RoundId>(99))->intent);
}

TEST_CASE("leaves: an import and its beginnings of counters, whose digest is of each change",
          "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  REQUIRE(store->leaves().begin_log(id<Digest>(77), at(1)));
  const World world;
  const auto plan = world.plan(world.everything());
  REQUIRE(plan.ok());
  REQUIRE(store->registry().save_import(plan, {"ada", at(5)}));
  add_verdict(*store, 7, 70, 2, 5);
  REQUIRE(store->rounds().log_intent(intent(8, 90, 5)));
  REQUIRE(store->verdicts().finish_round(verdict(9, 8, 90, 2, 6),
                                         ChipCounters{3, 41, blob("boot"), id<Digest>(7)}));
  REQUIRE(store->rounds().restart_counters({id<ChipId>(90), id<Digest>(7), at(9), "ada", "flash replaced"}));
  const auto leaves = store->leaves().leaves_from(0, 100).value();
  const auto& made = std::get<RegistryMade>(leaves[1].what);
  CHECK(made.import.stamp.by == "ada");
  CHECK(made.import.version == 1);
  CHECK_FALSE(made.import.files.empty());
  CHECK(made.changes != Digest{});
  const auto& counters = std::get<CounterStart>(leaves.back().what);
  CHECK(counters.chip == id<ChipId>(90));
  CHECK(counters.reason == "flash replaced");
}

TEST_CASE(
    "leaves: of a batch that is undone, or of a function that failed, there is none, and no place is lost",
    "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  REQUIRE(store->leaves().begin_log(id<Digest>(77), at(1)));
  REQUIRE(store->begin_batch());
  add_verdict(*store, 2, 2, 1, 2);
  store->roll_back_batch();
  store->on_verdict([](Store&, const VerdictCommitted& told) -> Stored<Done> {
    if (told.verdict.id == id<VerdictId>(5)) return Fail{StoreFault{StoreFaultCode::kInvalid, "no"}};
    return Done{};
  });
  REQUIRE(store->rounds().log_intent(intent(5, 5, 5)));
  CHECK_FALSE(store->verdicts().finish_round(verdict(5, 5, 5, 1, 5), std::nullopt));
  CHECK(told(store->leaves()) == "0b 1i");
  REQUIRE(store->begin_batch());
  add_verdict(*store, 3, 3, 1, 3);
  const auto reader = backend->open_reader();
  CHECK(told(reader->leaves()) == "0b 1i");  // not yet
  REQUIRE(store->commit_batch());
  CHECK(told(reader->leaves()) == "0b 1i 2i 3v");
}

}  // namespace chiploc::test
