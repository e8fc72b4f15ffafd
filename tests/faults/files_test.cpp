// A full disk, a disk that fails to write and one that fails to sync, under the three things that chiploc
// keeps: the anchor's spool, the agent's state file, the coordinator's store. The shim is linked into this
// test.
#include <sqlite3.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <future>

#include "agent/state_file.hpp"
#include "proto/crypto/digest.hpp"
#include "proto/crypto/issue.hpp"
#include "server/anchor/keeper.hpp"
#include "server/anchor/udp_socket.hpp"
#include "server/storage/sqlite/store.hpp"
#include "server/storage/store_thread.hpp"
#include "tests/faults/fault_plan.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temp_dir.hpp"

namespace chiploc::faults {
namespace {

using namespace std::chrono_literals;

/// The disk under this folder, which a test breaks and mends.
struct Disk {
  explicit Disk(const std::string& folder) {
    mend();
    std::strncpy(fault_plan().match, folder.c_str(), sizeof fault_plan().match - 1);
  }
  ~Disk() {
    mend();
    fault_plan().match[0] = '\0';
  }
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;
  /// No more than this many bytes, and no new file.
  static void fill_up(std::int64_t room = 0) {
    fault_plan().room = room;
    fault_plan().write_error = ENOSPC;
    fault_plan().create_error = ENOSPC;
  }
  static void break_writes() {
    fault_plan().room = 0;
    fault_plan().write_error = EIO;
  }
  static void break_sync() { fault_plan().sync_error = EIO; }
  static void mend() {
    fault_plan().write_error = 0;
    fault_plan().create_error = 0;
    fault_plan().sync_error = 0;
  }
};

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// ------------------------------------------------------------------------------------------------- spool
struct SpoolBench {
  TempDir folder;
  Disk disk{folder.path().string()};
  SpoolOptions options{.folder = folder / "spool"};
  std::vector<std::string> warnings;

  std::unique_ptr<Spool> open() {
    auto spool = Spool::open(options, read_clocks().wall,
                             [this](const std::string& line) { warnings.push_back(line); });
    REQUIRE(spool);
    return std::move(*spool);
  }
};
Bytes message(std::uint8_t number) {
  static ByteArray<3000> bytes;
  bytes.fill(number);
  return bytes;
}

TEST_CASE(
    "Spool: a disk that fills up within a record costs that message, counted, and nothing before or after it",
    "[faults]") {
  SpoolBench bench;
  auto spool = bench.open();
  const auto first = spool->append(message(1), SpoolPriority::kEvidence);
  REQUIRE(first);
  REQUIRE(spool->sync());
  Disk::fill_up(1000);  // a third of the next record
  const auto refused = spool->append(message(2), SpoolPriority::kEvidence);
  REQUIRE_FALSE(refused);
  CHECK(has(refused.error(), ".seg: cannot be written: No space left on device"));
  CHECK(spool->dropped() == 1);
  CHECK(spool->read(0, 9).size() == 1);  // what is there can still be sent
  Disk::mend();
  const auto third = spool->append(message(3), SpoolPriority::kEvidence);  // without a restart
  REQUIRE(third);
  REQUIRE(spool->sync());
  spool.reset();
  spool = bench.open();
  const auto kept = spool->read(0, 9);
  REQUIRE(kept.size() == 2);
  CHECK(kept[0].id == *first);
  CHECK(same_bytes(kept[0].payload, message(1)));
  CHECK(kept[1].id == *third);
  CHECK(bench.warnings.empty());  // no half record was left
}

TEST_CASE("Spool: what could not be synced is written to another file once it can be", "[faults]") {
  SpoolBench bench;
  auto spool = bench.open();
  REQUIRE(spool->append(message(1), SpoolPriority::kEvidence));
  REQUIRE(spool->sync());
  const auto lost_sync = spool->append(message(2), SpoolPriority::kEvidence);
  Disk::break_sync();
  const auto failed = spool->sync();
  REQUIRE_FALSE(failed);
  CHECK(has(failed.error(), ".seg: cannot be made durable: Input/output error"));
  CHECK_FALSE(spool->sync());            // still
  CHECK(spool->read(0, 9).size() == 2);  // and both can be sent meanwhile
  Disk::mend();
  REQUIRE(spool->sync());
  // The kernel may have thrown the second message away: every file that failed is damaged here as such a disk
  // would.
  std::size_t good_files = 0;
  for (const auto& entry : std::filesystem::directory_iterator{bench.options.folder}) {
    if (entry.path().extension() != ".seg") continue;
    if (has(read_file(entry.path()), std::string(100, '\x02')) &&
        !has(read_file(entry.path()), std::string(100, '\x01')))
      ++good_files;
  }
  CHECK(good_files == 1);
  spool->acknowledge(*lost_sync);
  REQUIRE(spool->sync());
  spool.reset();
  spool = bench.open();
  CHECK(spool->read(0, 9).size() == 1);  // the copy is acknowledged with its original
}

TEST_CASE("Spool: a disk that fails at the start is an error that names the file", "[faults]") {
  SpoolBench bench;
  bench.open();
  Disk::fill_up();
  const auto refused = Spool::open(bench.options, read_clocks().wall, [](const std::string&) {});
  REQUIRE_FALSE(refused);
  CHECK(has(refused.error(), "next-id"));
  CHECK(has(refused.error(), "No space left on device"));
}

TEST_CASE(
    "Keeper: says once that the disk does not sync, once that it does again, and a "
    "full disk at most once a second",
    "[faults]") {
  TempDir folder;
  const Disk disk{folder.path().string()};
  std::mutex mutex;
  std::vector<std::string> lines;
  Keeper::Options options;
  options.on_lost = [&](const std::string& line) {
    const std::lock_guard lock{mutex};
    lines.push_back(line);
  };
  auto spool = Spool::open({.folder = folder / "spool"}, read_clocks().wall, [](const std::string&) {});
  REQUIRE(spool);
  Keeper keeper{std::move(options), std::move(*spool), generate_key(SignatureAlgorithm::kEd25519)};
  const auto settle = [&] {
    std::promise<std::size_t> there;
    keeper.fetch(0, 1000, [&](const auto& entries) { there.set_value(entries.size()); });
    return there.get_future().get();
  };
  const auto count = [&](const std::string& part) {
    const std::lock_guard lock{mutex};
    return std::count_if(lines.begin(), lines.end(), [&](const auto& line) { return has(line, part); });
  };
  Disk::break_sync();
  for (int i = 0; i < 5; ++i) {
    keeper.keep(RoundReport{});
    CHECK(settle() == static_cast<std::size_t>(i) + 1);  // delivered all the same
  }
  CHECK(count("spool.not_durable") == 1);
  Disk::mend();
  keeper.keep(RoundReport{});
  CHECK(settle() == 6);
  CHECK(count("spool.durable_again") == 1);
  CHECK(keeper.dropped() == 0);

  Disk::fill_up();
  for (int i = 0; i < 200; ++i) keeper.keep(RoundReport{});
  CHECK(settle() == 6);
  CHECK(count("spool.lost") >= 1);
  CHECK(count("spool.lost") <= 20);  // not 200: as many as seconds passed
  CHECK(count("No space left on device") >= 1);
  Disk::mend();
  keeper.keep(RoundReport{});
  CHECK(settle() == 7);
  CHECK(keeper.dropped() == 200);
}

// -------------------------------------------------------------------------------------------- state file
TEST_CASE(
    "StateFile: a full or failing disk refuses the counter, keeps the old one, and goes on when it is mended",
    "[faults]") {
  const TempDir folder;
  const Disk disk{folder.path().string()};
  auto state = StateFile::open(folder / "state");
  REQUIRE(state);
  REQUIRE((*state)->next_round_counter());
  struct Fault {
    std::function<void()> strike;
    std::string says;
  };
  const Fault faults[] = {
      {[] {
         Disk::fill_up(10);
         fault_plan().create_error = 0;
       },
       "agent.state.new: cannot write: No space left on device; make room"},
      {[] { Disk::fill_up(); }, "agent.state.new: cannot create: No space left on device; make room"},
      {[] { Disk::break_writes(); }, "agent.state.new: cannot write: Input/output error; the disk fails"},
      {[] { Disk::break_sync(); }, "agent.state.new: cannot write: Input/output error; the disk fails"}};
  std::uint64_t expected = 1;
  for (const Fault& fault : faults) {
    fault.strike();
    const auto refused = (*state)->next_round_counter();
    REQUIRE_FALSE(refused);
    CHECK(has(refused.error(), fault.says));
    CHECK((*state)->round_counter() == expected);
    CHECK(StateFile::check(folder / "state"));  // what is on the disk is whole
    Disk::mend();
    const auto next = (*state)->next_round_counter();
    REQUIRE(next);
    CHECK(*next == ++expected);
  }
  state->reset();
  Disk::fill_up();
  const auto start = StateFile::open(folder / "state");
  REQUIRE_FALSE(start);  // a boot that cannot be counted must not sign
  CHECK(has(start.error(), "agent.state.new: cannot create: No space left on device; make room on the disk"));
  Disk::mend();
  state = StateFile::open(folder / "state");
  REQUIRE(state);
  CHECK((*state)->boot_count() == 2);
  CHECK((*state)->round_counter() == expected);
}

// ------------------------------------------------------------------------------------------------- store
struct StoreBench {
  TempDir folder;
  Disk disk{folder.path().string()};
  std::unique_ptr<StoreThread> store;

  StoreBench() { open(); }
  void open() {
    auto opened = open_sqlite_store({.path = (folder / "c.db").string()});
    REQUIRE(opened);
    store = std::make_unique<StoreThread>(std::move(*opened));
  }
  static RoundIntent intent() {
    RoundIntent out;
    out.round = random_id<RoundId>();
    out.chip = random_id<ChipId>();
    out.requested_by = "test";
    out.device_certificate.assign(600, 7);
    return out;
  }
  /// Empty: it is on the disk.
  std::string log(const RoundIntent& intent) const {
    std::promise<std::string> told;
    auto outcome = std::make_shared<Stored<Done>>(Done{});
    REQUIRE(store->post(
        [outcome, intent](Store& s) { *outcome = s.rounds().log_intent(intent); },
        [&](const Stored<Done>& committed) {
          told.set_value(!committed ? committed.error().text : !*outcome ? outcome->error().text : "");
        }));
    return told.get_future().get();
  }
};

std::string integrity_of(const std::filesystem::path& file) {
  sqlite3* db = nullptr;
  std::string out;
  if (sqlite3_open(file.c_str(), &db) == SQLITE_OK) {
    const auto add = [](void* text, int, char** columns, char**) {
      *static_cast<std::string*>(text) += columns[0];
      return 0;
    };
    sqlite3_exec(db, "PRAGMA integrity_check", add, &out, nullptr);
  }
  sqlite3_close(db);
  return out;
}

TEST_CASE(
    "Store: full disk, write error and sync error are named, nothing is half there, and it goes on by itself",
    "[faults]") {
  StoreBench bench;
  std::vector<RoundId> good;
  const auto log_good = [&] {
    const RoundIntent intent = StoreBench::intent();
    CHECK(bench.log(intent) == "");
    good.push_back(intent.round);
  };
  log_good();
  struct Fault {
    std::function<void()> strike;
    std::string says;
  };
  const Fault faults[] = {{[] { Disk::fill_up(); }, "database or disk is full; make room on the disk"},
                          {[] { Disk::fill_up(5000); }, "database or disk is full; make room on the disk"},
                          {[] { Disk::break_writes(); }, "disk I/O error; check the disk"},
                          {[] { Disk::break_sync(); }, "disk I/O error; check the disk"}};
  for (const Fault& fault : faults) {
    fault.strike();
    const std::string refused = bench.log(StoreBench::intent());
    CAPTURE(refused);
    CHECK(has(refused, "c.db: cannot "));
    CHECK(has(refused, fault.says));
    Disk::mend();
    log_good();
  }
  // As after a crash: what was told to be durable is there, what was refused is not, and the file is sound.
  bench.store->stop();
  bench.open();
  bench.store->stop();
  auto reader = open_sqlite_reader({.path = (bench.folder / "c.db").string()});
  REQUIRE(reader);
  const auto counts = (*reader)->verdicts().counts();
  REQUIRE(counts);
  CHECK(counts->rounds_open == good.size());
  for (const RoundId& round : good) {
    const auto kept = (*reader)->rounds().evidence(round);
    CHECK((kept && *kept));
  }
  CHECK(integrity_of(bench.folder / "c.db") == "ok");
}

}  // namespace
}  // namespace chiploc::faults
