// Which words each fact becomes: what anybody may read of it stands there, and nothing else does.
#include "server/logbook/fact_leaf.hpp"

#include "server/evidence/tiles.hpp"
#include "tests/server/logbook/logbook_world.hpp"

namespace chiploc::test {
namespace fact_leaf_test {

const Digest kSeed = id<Digest>(5);

Leaf read_back(const StoredLeaf& fact) {
  const auto text = entry_of(fact, kSeed);
  INFO((text ? *text : text.error()));
  REQUIRE(text);
  const auto leaf = parse_leaf(*text);
  REQUIRE(leaf);
  return *leaf;
}
/// "round number | chip": names of open fields, then of sealed ones.
std::string names_of(const Leaf& leaf) {
  std::string open, sealed;
  for (const LeafField& field : leaf.fields) (field.sealed ? sealed : open) += " " + field.name;
  return leaf.kind + ":" + open + " |" + sealed;
}
RoundEvidenceRecord evidence() {
  RoundEvidenceRecord out;
  out.intent = intent(7, 70, 5);
  out.tickets = {blob("ticket 1"), blob("ticket 2")};
  out.reports = {{id<AnchorId>(11), blob("report a"), at(6)}, {id<AnchorId>(12), blob("report b"), at(6)}};
  out.statements = {{id<AnchorId>(11), blob("statement"), at(6)}};
  out.close_order = blob("order");
  return out;
}
const StoredLeaf kResult{3, RoundJudged{9, verdict(1, 7, 70, 2, 6), evidence()}};

TEST_CASE("fact leaf: open is what tells rounds apart, sealed is who, where and what came of it",
          "[logbook]") {
  RoundIntent begun = intent(7, 70, 5);
  begun.context = blob("context");
  CHECK(
      names_of(read_back({1, RoundIntended{9, begun}})) ==
      "intent: round number coordinator-key | chip by by-certificate anchors certificate certificate-standing "
      "context");
  CHECK(names_of(read_back(kResult)) ==
        "result: round number verdict | chip state expires record tickets report-1 report-2 statement-1 "
        "close-order");
  RoundEvidenceRecord given_up = evidence();
  given_up.abandoned_because = "no answer";
  given_up.reports.clear();
  CHECK(names_of(read_back({1, RoundGivenUp{9, at(7), given_up}})) ==
        "abandoned: round number | chip reason tickets statement-1 close-order");
  ImportJournalEntry import;
  import.version = 4;
  import.stamp = {"ada", at(3)};
  import.files = {{ 1, "chips.csv", id<Digest>(9), 10 }};
  CHECK(names_of(read_back({1, RegistryMade{import, id<Digest>(8)}})) ==
        "registry: version | by reason added changed unchanged removed files changes");
  PolicyActivation policy;
  policy.number = 2;
  policy.toml = "[policy]\n";
  CHECK(names_of(read_back({1, policy})) == "policy: number | by reason sha256 toml");
  CaseLine line;
  line.of_case = 4;
  line.entry.number = 2;
  line.entry.verdicts = {id<VerdictId>(1)};
  CHECK(names_of(read_back({1, line})) ==
        "case: case line | of-kind order key-licence site licence line-kind state who text verdicts");
  CHECK(names_of(read_back({1, CounterStart{id<ChipId>(1), id<Digest>(7), at(9), "ada",
                                            "flash replaced"}})) == "counters: | chip key by reason");
  CHECK(names_of(read_back({0, LogBegin{at(1), 5}})) == "begin: next-round |");
}

TEST_CASE("fact leaf: no word of what is sealed stands in an entry, and each opens by itself", "[logbook]") {
  const std::string text = *entry_of(kResult, kSeed);
  CHECK(text.find(id<ChipId>(70).hex()) == std::string::npos);
  const Leaf read = *parse_leaf(text);
  const LeafSeed seed = leaf_seed_at(kSeed, kResult.index);
  for (const LeafField& field : leaf_of(kResult).fields) {
    if (!field.sealed) continue;
    CAPTURE(field.name);
    CHECK(opens(read, opening_of(seed, field.name, field.value)));
    CHECK_FALSE(opens(read, opening_of(seed, field.name, field.value + "x")));
    CHECK_FALSE(opens(read, opening_of(leaf_seed_at(kSeed, kResult.index + 1), field.name, field.value)));
  }
}

TEST_CASE("fact leaf: the same fact is the same entry, and any change of it another", "[logbook]") {
  const std::string text = *entry_of(kResult, kSeed);
  CHECK(*entry_of(kResult, kSeed) == text);
  const auto changed = [&](const auto& change) {
    StoredLeaf other = kResult;
    change(std::get<RoundJudged>(other.what));
    return *entry_of(other, kSeed) != text;
  };
  CHECK(changed([](RoundJudged& one) { ++one.number; }));
  CHECK(changed([](RoundJudged& one) { one.verdict.state = 3; }));
  CHECK(changed([](RoundJudged& one) { one.verdict.bytes.back() ^= 1; }));
  CHECK(changed([](RoundJudged& one) { one.verdict.decided.since_epoch += Nanoseconds{1}; }));
  CHECK(changed([](RoundJudged& one) { one.evidence.tickets[1].back() ^= 1; }));
  CHECK(changed([](RoundJudged& one) { one.evidence.reports[0].bytes.back() ^= 1; }));
  CHECK(changed([](RoundJudged& one) { one.evidence.reports.pop_back(); }));
  CHECK(changed([](RoundJudged& one) { one.evidence.statements[0].bytes.back() ^= 1; }));
  CHECK(changed([](RoundJudged& one) { one.evidence.close_order.clear(); }));
}

TEST_CASE("fact leaf: the fullest round fits into an entry, and a clock of before 1970 stops nothing",
          "[logbook]") {
  RoundJudged full{9, verdict(1, 7, 70, 2, 6), evidence()};
  full.evidence.reports.clear();
  full.evidence.statements.clear();
  constexpr std::size_t kMost = 64 * kKeptOfAnchorAndRound;  // anchors of a round, and what is kept of each
  for (std::size_t i = 0; i < kMost; ++i) {
    full.evidence.reports.push_back({id<AnchorId>(i), blob("report"), at(6)});
    full.evidence.statements.push_back({id<AnchorId>(i), blob("statement"), at(6)});
  }
  full.verdict.decided.since_epoch = Nanoseconds{-5};
  const auto text = entry_of({1, full}, kSeed);
  REQUIRE(text);
  CHECK(text->size() < kEntryBytesMax);
  CHECK(parse_leaf(*text)->at.since_epoch.count() == 0);
}

}  // namespace fact_leaf_test
}  // namespace chiploc::test
