// SIGKILL at random moments, under load, to every kind of process. What was acknowledged stays, once; every
// round comes to an end; whoever was killed serves again.
//
//   faults_kill_test                          12 kills (the sample of deploy/check.sh)
//   CHIPLOC_KILLS=200 faults_kill_test        all of them; CHIPLOC_SEED=n repeats a run's choices
#include <atomic>
#include <cinttypes>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <thread>

#include "tests/faults/fault_lab.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::faults {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// A killed process serves again within this: its start, and for anchors the wait before an attempt.
constexpr auto kServesWithin = 20s;

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* const text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

/// Asks for rounds all the time, one thread for each of some chips.
class Load {
 public:
  explicit Load(FaultLab& lab) : lab_{lab} {
    for (int chip = 0; chip < lab.options().chips; ++chip) threads_.emplace_back([this, chip] { run(chip); });
  }
  ~Load() { end(); }
  void end() {
    stop_ = true;
    for (std::thread& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }
  std::atomic<std::int64_t> verified{0}, silent{0}, other{0}, without{0}, hangs{0};
  std::atomic<std::int64_t> accusations{0};  ///< INVALID, OUTSIDE or PROHIBITED: every chip here is honest

 private:
  void run(int chip) {
    while (!stop_) {
      const auto from = Clock::now();
      const auto verdict = lab_.verify(chip);
      if (Clock::now() - from > lab_.round_limit() - 1s) ++hangs;
      if (!verdict) {
        ++without;
        (void)lab_.client().status(1s);     // waits until there is a coordinator
        std::this_thread::sleep_for(50ms);  // its anchors may still be on their way: no storm of questions
        continue;
      }
      switch (verdict.value().state()) {
        case v1::VERIFIED:
          ++verified;
          break;
        case v1::SILENT:
          ++silent;
          break;
        case v1::INVALID:
        case v1::OUTSIDE:
        case v1::PROHIBITED:
          ++accusations;
          std::printf("accused: %s\n", verdict.value().ShortDebugString().c_str());
          break;
        default:
          ++other;
      }
    }
  }
  FaultLab& lab_;
  std::atomic<bool> stop_{false};
  std::vector<std::thread> threads_;
};

template <class Set>
std::vector<SpoolKey> missing(const std::map<SpoolKey, int>& wanted, const std::set<SpoolKey>* only, int kind,
                              const Set& there) {
  std::vector<SpoolKey> out;
  for (const auto& [key, its_kind] : wanted) {
    if (its_kind == kind && (only == nullptr || only->count(key) != 0) && there.count(key) == 0)
      out.push_back(key);
  }
  return out;
}

TEST_CASE(
    "SIGKILL at random moments: nothing acknowledged is lost or doubled, every round ends, all serve again") {
  const std::uint64_t seed = number_from("CHIPLOC_SEED", std::random_device{}());
  const std::uint64_t kills = number_from("CHIPLOC_KILLS", 12);
  std::printf("seed %" PRIu64 ", %" PRIu64 " kills\n", seed, kills);
  std::mt19937_64 random{seed};
  const auto below = [&random](std::size_t n) { return static_cast<std::size_t>(random() % n); };

  FaultLab lab{{.log_level = "debug"}};
  REQUIRE(lab.up() == "");
  std::map<std::string, std::size_t> killed;
  std::int64_t slowest_ms = 0;
  std::int64_t not_serving = 0;
  Load load{lab};
  for (std::uint64_t i = 0; i < kills; ++i) {
    // The coordinator once in five, anchors half of the time, agents for the rest.
    const std::size_t draw = below(10);
    const auto anchors = lab.anchors();
    const auto agents = lab.agents();
    const std::string name = draw < 2   ? "chiplocd"
                             : draw < 7 ? anchors[below(anchors.size())]
                                        : agents[below(agents.size())];
    std::this_thread::sleep_for(std::chrono::milliseconds{below(1200)});  // the moment, at random
    REQUIRE(lab.runs(name));
    lab.kill(name);
    ++killed[name == "chiplocd" ? "chiplocd" : name[0] == 'a' ? "anchor" : "agent"];
    const std::size_t from = lab.log_size(name);
    const auto since = Clock::now();
    lab.launch(name);
    bool serving = lab.serves(name, from, kServesWithin);
    if (serving && name == "chiplocd") serving = lab.attached(anchors.size(), kServesWithin);
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - since).count();
    slowest_ms = std::max(slowest_ms, ms);
    if (!serving) ++not_serving;
  }
  load.end();

  // Rounds resume or expire: none is open once the longest deadline has passed. What is on the anchors' disks
  // arrives.
  StoreView store;
  Deliveries all;
  std::size_t undelivered = 0;
  const auto limit = Clock::now() + 60s;
  do {
    std::this_thread::sleep_for(200ms);
    all = {};
    for (const std::string& name : lab.anchors()) {
      Deliveries one = deliveries_in(lab.log(name));
      all.sent.merge(one.sent);
      all.acknowledged.merge(one.acknowledged);
    }
    store = read_store(lab.database());
    undelivered = missing(all.sent, nullptr, 6, store.reports).size() +
                  missing(all.sent, nullptr, 8, store.knocks).size() +
                  missing(all.sent, nullptr, 9, store.mesh).size();
  } while ((store.rounds[1] != 0 || undelivered != 0) && Clock::now() < limit);

  const std::size_t lost = missing(all.sent, &all.acknowledged, 6, store.reports).size() +
                           missing(all.sent, &all.acknowledged, 8, store.knocks).size() +
                           missing(all.sent, &all.acknowledged, 9, store.mesh).size();
  std::size_t reports_acknowledged = 0;
  for (const SpoolKey& key : all.acknowledged) reports_acknowledged += all.sent[key] == 6 ? 1U : 0U;
  std::printf("kills %" PRIu64 " (chiplocd %zu, anchors %zu, agents %zu), seed %" PRIu64 "\n", kills,
              killed["chiplocd"], killed["anchor"], killed["agent"], seed);
  std::printf("acknowledged %zu (reports %zu), lost %zu, doubled %" PRId64
              ", durable but not delivered %zu\n",
              all.acknowledged.size(), reports_acknowledged, lost, store.doubled, undelivered);
  std::printf("rounds: finished %" PRId64 ", abandoned %" PRId64 ", open %" PRId64
              "; verdicts: VERIFIED %" PRId64 ", SILENT %" PRId64 ", UNRESOLVED or CLEARED %" PRId64
              ", accusations %" PRId64 ", without %" PRId64 "\n",
              store.rounds[2], store.rounds[3], store.rounds[1], load.verified.load(), load.silent.load(),
              load.other.load(), load.accusations.load(), load.without.load());
  std::printf("hangs %" PRId64 ", not serving again within %d s: %" PRId64 ", slowest %" PRId64 " ms\n",
              load.hangs.load(), static_cast<int>(kServesWithin.count()), not_serving, slowest_ms);
  CHECK(lost == 0);
  CHECK(store.doubled == 0);
  CHECK(undelivered == 0);
  CHECK(store.rounds[1] == 0);
  CHECK(store.tickets_missing == 0);
  CHECK(store.integrity == "ok");
  CHECK(load.hangs == 0);
  CHECK(not_serving == 0);
  CHECK(load.accusations == 0);
  CHECK(reports_acknowledged > kills);  // it was under load
  for (int chip = 0; chip < lab.options().chips; ++chip) {
    const std::string state = lab.verify_until(chip, "VERIFIED");
    CHECK(state == "VERIFIED");
    if (state == "VERIFIED") continue;
    const std::string name = lab.agents()[static_cast<std::size_t>(chip)];
    const std::size_t from = lab.log_size(name);
    lab.signal(name, SIGUSR1);
    (void)lab.says(name, "agent.counters", from, 5s);
    std::printf("%s: %s\n", name.c_str(), lab.log(name).substr(from).c_str());
  }
}

}  // namespace
}  // namespace chiploc::faults
