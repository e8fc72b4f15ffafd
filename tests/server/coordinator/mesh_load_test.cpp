// A thousand anchors that measure each other: what that costs the thread that answers anchors, and the store.
#include <unistd.h>
#include <algorithm>
#include <cstdio>
#include <fstream>

#include "tests/support/coordinator_bench.hpp"

namespace chiploc::test {
namespace {

using namespace std::chrono_literals;

std::vector<Degrees> places(std::size_t count) {
  std::vector<Degrees> out;
  for (std::size_t i = 0; i < count; ++i) {
    out.push_back({.lat = -60.0 + 120.0 * static_cast<double>((i * 7'919) % 1'000) / 1'000.0,
                   .lon = -180.0 + 360.0 * static_cast<double>((i * 104'729) % 1'000) / 1'000.0});
  }
  return out;
}

/// Many anchors at one coordinator; each pings whom it is told to.
struct Load {
  explicit Load(std::size_t anchors, CoordinatorOptions options = {})
      : peers(anchors), bench{options, 36'500, places(anchors - 3)} {
    for (std::size_t i = 0; i < anchors; ++i) {
      const AnchorId id = anchor_id_of(bench.world.anchors[i].key->public_key()).value();
      index_of[string_of(id.bytes)] = i;
    }
    for (std::size_t i = 0; i < anchors; ++i) {
      bench.anchors[i]->on_any = [this, i](const v1::CoordinatorMessage& message) {
        if (!message.has_peers()) return;
        std::vector<std::size_t> named;
        for (const v1::Peer& peer : message.peers().peers()) named.push_back(index_of.at(peer.anchor_id()));
        const std::scoped_lock lock{mutex};
        if (named.size() > kMeshPeersMax) ++too_many;
        peers[i] = std::move(named);
        ++told;
      };
    }
  }
  bool all_told() {
    const std::scoped_lock lock{mutex};
    const std::size_t full = std::min<std::size_t>(peers.size() - 1, kMeshPeersMax);
    return std::all_of(peers.begin(), peers.end(), [full](const auto& list) { return list.size() == full; });
  }
  /// A window of one anchor, all of its peers answered.
  void send_window(std::size_t anchor) {
    std::vector<std::pair<std::size_t, Nanoseconds>> round_trips;
    {
      const std::scoped_lock lock{mutex};
      for (const std::size_t peer : peers[anchor]) {
        const Nanoseconds rtt =
            bench.world.rtt_to(bench.world.anchors[anchor], bench.world.anchors[peer].place);
        round_trips.emplace_back(peer, rtt + 1ms);
      }
    }
    bench.anchors[anchor]->report_mesh(round_trips);
  }
  int acknowledged() const {
    int out = 0;
    for (const auto& anchor : bench.anchors) out += anchor->acknowledged;
    return out;
  }
  std::uint64_t counter(const std::string& name) const {
    const auto counters = bench.coordinator->status().counters;
    const auto found = counters.find(name);
    return found == counters.end() ? 0 : found->second;
  }

  std::mutex mutex;
  std::map<std::string, std::size_t> index_of;
  std::vector<std::vector<std::size_t>> peers;
  std::size_t told = 0, too_many = 0;
  Bench bench;  // its thread calls on_any: it goes first
};

template <class Condition>
bool becomes(Condition condition) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (!condition() && std::chrono::steady_clock::now() < until) std::this_thread::yield();
  return condition();
}

double percentile(std::vector<double> values, double share) {
  if (values.empty()) return 0.0;
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1,
                         static_cast<std::size_t>(share * static_cast<double>(values.size())))];
}

int set_or(const char* name, int usual) {
  const char* const text = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
  return text == nullptr ? usual : std::atoi(text);
}

double resident_mib() {
  std::ifstream statm{"/proc/self/statm"};
  std::size_t all = 0, resident = 0;
  statm >> all >> resident;
  return static_cast<double>(resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE))) / 1048576.0;
}

}  // namespace

TEST_CASE("mesh load: of 150 anchors each pings 64, every batch is small, and refits are few") {
  constexpr std::size_t kAnchors = 150;
  constexpr int kWindows = 4;
  Load load{kAnchors};
  load.bench.run();
  load.bench.attach_all();
  REQUIRE(becomes([&] { return load.all_told(); }));
  CHECK(load.too_many == 0);
  CHECK(load.told < kAnchors * kAnchors / 4);  // not everybody for each that came
  for (int window = 0; window < kWindows; ++window) {
    for (std::size_t i = 0; i < kAnchors; ++i) load.send_window(i);
  }
  constexpr int kMessages = kWindows * static_cast<int>(kAnchors);
  REQUIRE(becomes([&] { return load.acknowledged() == kMessages; }));
  CHECK(load.bench.store_thread->counters().rows_most <= 1'024);
  CHECK(load.bench.reader->mesh().mesh_pairs(WallTime{}, 1'000'000)->size() == kMessages * kMeshPeersMax);
  REQUIRE(becomes([&] { return load.counter("mesh_refits") >= 1; }));
  CHECK(load.counter("mesh_refits") * 4 < kMessages);
  CHECK(load.counter("store_refused") == 0);
}

// chiploc_mesh_load_test "[soak]": two minutes of a thousand anchors' mesh. CHIPLOC_MESH_WINDOWS for more or
// fewer than twelve windows of ten seconds, CHIPLOC_MESH_PACE for as many times their pace.
TEST_CASE("mesh load: a thousand anchors hold neither the coordinator's thread nor the store", "[.][soak]") {
  constexpr std::size_t kAnchors = 1'000;
  const int windows = set_or("CHIPLOC_MESH_WINDOWS", 12);
  const double pace = set_or("CHIPLOC_MESH_PACE", 1);
  CoordinatorOptions options;
  options.retention.mesh_windows = 10'000;  // pruned all the time, as after hours
  options.retention.every = 1s;
  Load load{kAnchors, options};
  std::vector<double> handlers_ms, works_ms, commits_ms;
  std::mutex works_mutex;
  load.bench.store_thread->watch_batches(
      [&](std::chrono::nanoseconds works, std::chrono::nanoseconds commit) {
        const std::scoped_lock lock{works_mutex};
        works_ms.push_back(static_cast<double>(works.count()) / 1e6);
        commits_ms.push_back(static_cast<double>(commit.count()) / 1e6);
      });
  std::atomic<bool> over{false};
  std::thread loop{[&] {
    while (!over) {
      const auto begun = std::chrono::steady_clock::now();
      if (load.bench.io.poll_one() == 0) {
        std::this_thread::sleep_for(50us);
      } else {
        handlers_ms.push_back(
            std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begun).count());
      }
    }
  }};
  load.bench.coordinator->begin({});
  load.bench.attach_all();
  REQUIRE(becomes([&] { return load.all_told(); }));
  const auto begun = std::chrono::steady_clock::now();
  std::vector<double> resident;
  for (int window = 0; window < windows; ++window) {
    for (std::size_t i = 0; i < kAnchors; ++i) {
      const double due_s = (window + static_cast<double>(i) / kAnchors) * 10.0 / pace;
      std::this_thread::sleep_until(begun + std::chrono::nanoseconds{static_cast<std::int64_t>(due_s * 1e9)});
      load.send_window(i);
    }
    resident.push_back(resident_mib());
  }
  const bool all = becomes([&] { return load.acknowledged() == windows * static_cast<int>(kAnchors); });
  over = true;
  loop.join();
  load.bench.coordinator->drain([] {});
  load.bench.io.poll();
  load.bench.stop();
  const std::scoped_lock lock{works_mutex};
  std::printf(
      "anchors %zu, windows %d each, %.0f times their pace, %.0f s\n"
      "coordinator's thread: %zu turns, p50 %.3f ms, p99 %.3f ms, p99.9 %.3f ms, most %.3f ms\n"
      "store: %zu batches, works p50 %.3f ms, p99 %.3f ms, p99.9 %.3f ms, most %.3f ms; commit p99.9 %.3f "
      "ms; rows %zu at most\n"
      "refits %llu, pruned %llu, dropped %llu\n"
      "resident: %.0f MiB after a third, %.0f after two, %.0f at the end\n",
      kAnchors, windows, pace, windows * 10.0 / pace, handlers_ms.size(), percentile(handlers_ms, 0.5),
      percentile(handlers_ms, 0.99), percentile(handlers_ms, 0.999), percentile(handlers_ms, 1.0),
      works_ms.size(), percentile(works_ms, 0.5), percentile(works_ms, 0.99), percentile(works_ms, 0.999),
      percentile(works_ms, 1.0), percentile(commits_ms, 0.999), load.bench.store_thread->counters().rows_most,
      static_cast<unsigned long long>(load.counter("mesh_refits")),
      static_cast<unsigned long long>(load.counter("pruned_mesh_windows")),
      static_cast<unsigned long long>(load.counter("store_refused")), resident[resident.size() / 3],
      resident[2 * resident.size() / 3], resident.back());
  CHECK(all);
  CHECK(percentile(handlers_ms, 0.999) <= 5.0);
  CHECK(percentile(works_ms, 0.999) <= 5.0);
  CHECK(resident.back() <= 1.1 * resident[2 * resident.size() / 3]);
}

}  // namespace chiploc::test
