// What was committed goes into the log, in that order, once, whatever happens to the folder; and a log is not taken on by a
// database that did not write it.
#include "server/logbook/log_keeper.hpp"

#include <sqlite3.h>

#include "server/storage/sqlite/database.hpp"
#include "tests/server/logbook/logbook_world.hpp"

namespace chiploc::test {
namespace log_keeper_test {

std::vector<std::string> kinds(const std::vector<std::string>& entries) {
  std::vector<std::string> out;
  for (const std::string& entry : entries) {
    const auto leaf = parse_leaf(entry);
    INFO(entry);
    REQUIRE(leaf);
    out.push_back(leaf->kind);
  }
  return out;
}

TEST_CASE("log keeper: what is committed is in the log, proved and signed", "[logbook]") {
  LogWorld world;
  add_verdict(*world.store, 7, 70, 2, 5);
  REQUIRE(world.store->rounds().log_intent(intent(8, 71, 6)));
  REQUIRE(world.store->rounds().abandon_round(id<RoundId>(8), "no answer", at(9)));
  const auto keeper = world.opened();
  CHECK(keeper->state().size == 0);
  REQUIRE(keeper->integrate());
  CHECK(keeper->state().size == 5);
  CHECK(keeper->state().batches == 1);
  CHECK(kinds(world.entries()) ==
        std::vector<std::string>{"begin", "intent", "result", "intent", "abandoned"});
  CHECK(check_log(world.folder, world.verifier_key()).problems.empty());
  const LogFolder log = world.log();
  for (std::uint64_t i = 0; i < 5; ++i) {
    const auto proof = log.prove(i);
    const auto entry = log.entry(i);
    REQUIRE(proof);
    REQUIRE(entry);
    CHECK(proves_entry(*proof, leaf_hash(*entry)));
  }
  // Nothing is new: nothing is signed.
  REQUIRE(keeper->integrate());
  CHECK(keeper->state().batches == 1);
  CHECK(world.log().head() == log.head());
}

TEST_CASE("log keeper: a lost folder comes back to the byte, and one that is behind goes on", "[logbook]") {
  LogWorld world;
  for (std::uint64_t i = 1; i <= 150; ++i) add_verdict(*world.store, i, i, 2, static_cast<std::int64_t>(i));
  REQUIRE(world.opened()->integrate());
  const auto before = world.log().head().checkpoint;
  CHECK(before.size == 301);
  std::filesystem::remove_all(world.folder);
  REQUIRE(world.opened()->integrate());
  CHECK(world.log().head().checkpoint == before);
  add_verdict(*world.store, 400, 4, 2, 400);
  REQUIRE(world.opened()->integrate());
  CHECK(world.log().size() == 303);
  const auto grown = world.log().prove_growth(before.size);
  REQUIRE(grown);
  CHECK(proves_consistency(before.size, 303, *grown, before.root, world.log().head().checkpoint.root));
}

TEST_CASE("log keeper: a log that another database wrote, or a newer one, is refused", "[logbook]") {
  LogWorld world, other;
  add_verdict(*world.store, 7, 70, 2, 5);
  REQUIRE(world.opened()->integrate());
  const auto refused = [&](LogWorld& by) {
    auto options = by.options();
    options.folder = world.folder;
    const auto keeper = LogKeeper::open(std::move(options), *world.key, *by.reader);
    REQUIRE_FALSE(keeper);
    return keeper.error();
  };
  CHECK(refused(other).find("has 3 entries, and the database has 1: it is older than its log") !=
        std::string::npos);
  add_verdict(*other.store, 7, 70, 3, 5);  // another verdict at the same place
  CHECK(refused(other).find("do not belong together") != std::string::npos);
  other.key.swap(world.key);
  const auto stranger = world.open();
  REQUIRE_FALSE(stranger);
  CHECK(stranger.error().find("is bad") == std::string::npos);  // another key's name and id: absent
  CHECK(stranger.error().find(kLogName) != std::string::npos);
}

/// As who owns the database would: triggers gone, rows gone, the rest moved up, and a log of it from nothing.
LogAudit::Report audit_without(std::vector<int> leaf_numbers) {
  LogWorld world;
  for (std::uint64_t i = 1; i <= 4; ++i) add_verdict(*world.store, i, i, 2, static_cast<std::int64_t>(i));
  world.store.reset();
  {
    const auto db = Database::open(world.database.options().path, SQLITE_OPEN_READWRITE, 1'000);
    REQUIRE(db);
    REQUIRE((*db)->execute("DROP TRIGGER leaves_stay; DROP TRIGGER leaves_are_not_rewritten"));
    for (auto at = leaf_numbers.rbegin(); at != leaf_numbers.rend(); ++at) {
      const std::string number = std::to_string(*at);
      REQUIRE((*db)->execute(("DELETE FROM leaves WHERE leaf_no = " + number).c_str()));
      for (int moved = *at + 1; moved <= 9; ++moved)
        REQUIRE((*db)->execute(
            ("UPDATE leaves SET leaf_no = leaf_no - 1 WHERE leaf_no = " + std::to_string(moved)).c_str()));
    }
  }
  REQUIRE(world.opened()->integrate());
  CHECK(check_log(world.folder, world.verifier_key()).problems.empty());
  LogAudit audit;
  for (const std::string& entry : world.entries()) audit.add(entry);
  return audit.report(at(1'000));
}

TEST_CASE(
    "log keeper: whoever takes a result, or a whole round, out of the database leaves a log that shows it",
    "[logbook]") {
  CHECK(audit_without({}).all_there());
  const auto result = audit_without({5});  // begin, then intent and result of each round
  REQUIRE(result.unended.size() == 1);
  CHECK(result.unended[0].number == 2);
  CHECK(result.unended[0].round == id<RoundId>(2).hex());
  CHECK(result.missing.empty());
  const auto round = audit_without({4, 5});
  CHECK(round.unended.empty());
  REQUIRE(round.missing.size() == 1);
  CHECK(round.missing[0].first == 2);
  CHECK(round.missing[0].last == 2);
}

TEST_CASE("log keeper: without a log in the database there is none", "[logbook]") {
  const Folder folder;
  (void)folder.open();
  auto reader = open_sqlite_reader(folder.options());
  REQUIRE(reader);
  const auto key = generate_key(SignatureAlgorithm::kEd25519);
  LogOptions options;
  options.folder = folder.path() / "log";
  options.origin = kLogName;
  options.now = [] { return at(1); };
  CHECK(LogKeeper::open(options, *key, **reader).error() == "the database has no log");
  CHECK_FALSE(std::filesystem::exists(options.folder));
}

TEST_CASE("log keeper: a folder that cannot be written is told once, and what is missing goes in later",
          "[logbook]") {
  LogWorld world;
  const auto keeper = world.opened();
  REQUIRE(keeper->integrate());
  add_verdict(*world.store, 7, 70, 2, 5);
  const auto away = world.database.path() / "away";
  std::filesystem::rename(world.folder, away);
  std::ofstream{world.folder} << "in the way";
  CHECK_FALSE(keeper->integrate());
  CHECK_FALSE(keeper->integrate());
  CHECK(keeper->state().failures == 2);
  CHECK_FALSE(keeper->state().problem.empty());
  std::filesystem::remove(world.folder);
  std::filesystem::rename(away, world.folder);
  REQUIRE(keeper->integrate());
  CHECK(keeper->state().problem.empty());
  CHECK(world.log().size() == 3);
  CHECK(world.told.back().empty());
  CHECK(std::count(world.told.begin(), world.told.end(), std::string{}) == 1);
}

TEST_CASE("log keeper: its thread takes what comes, and the last of it when it stops", "[logbook]") {
  LogWorld world;
  const auto keeper = world.opened();
  std::mutex mutex;
  std::condition_variable came;
  std::uint64_t shown = 0;
  keeper->ask_witnesses([&](const SignedCheckpoint& head, const auto& prove_growth) {
    const auto grown = prove_growth(shown);
    const std::scoped_lock lock{mutex};
    if (grown) shown = head.checkpoint.size;
    came.notify_all();
    return std::vector<NoteSignature>{{"nobody.example", 7, ByteVector(72, 1)}};
  });
  keeper->start();
  add_verdict(*world.store, 7, 70, 2, 5);
  {
    std::unique_lock lock{mutex};
    came.wait(lock, [&] { return shown == 3; });
  }
  add_verdict(*world.store, 8, 70, 2, 6);
  keeper->stop();
  keeper->stop();
  const LogFolder log = world.log();
  CHECK(log.size() == 5);
  CHECK(keeper->state().cosigned >= 3);
}

}  // namespace log_keeper_test
}  // namespace chiploc::test
