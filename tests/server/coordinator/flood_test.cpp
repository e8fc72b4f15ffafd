// What one anchor can cost the others: bounded, counted, and never on the thread that answers them.
#include <set>

#include "server/coordinator/clocks.hpp"
#include "tests/support/coordinator_bench.hpp"

namespace chiploc::test {
namespace {

using namespace std::chrono_literals;

AnchorId number(std::size_t i) {
  AnchorId id{};
  id.bytes[0] = static_cast<std::uint8_t>(i + 1);
  id.bytes[1] = static_cast<std::uint8_t>(i >> 8);
  return id;
}
Registry registry_of(std::size_t anchors) {
  Registry out;
  for (std::size_t i = 0; i < anchors; ++i) {
    AnchorRecord record;
    record.id = number(i);
    record.name = "a" + std::to_string(i);
    record.place = {.lat = -60.0 + static_cast<double>(i), .lon = static_cast<double>(i)};
    out.put(record);
  }
  return out;
}
MeshRecord window(std::size_t from, std::size_t to, Nanoseconds rtt, WallTime end = {}) {
  MeshRecord out;
  out.from.anchor = number(from);
  out.window_end = end;
  out.pairs.push_back({.peer = number(to), .sent = 2, .received = 2, .rtt_min = rtt, .rtt_median = rtt});
  return out;
}

/// Counts what the coordinator gives back of the right to read on.
class CountingLink final : public AnchorLink {
 public:
  bool send(const v1::CoordinatorMessage& message) override {
    if (message.has_acknowledge()) ++acknowledged;
    if (message.has_welcome()) welcomed.set_value();
    return true;
  }
  void end(LinkEnd, const std::string&) override {}
  void handled() override { ++handed_back; }
  std::atomic<int> acknowledged{0}, handed_back{0};
  std::promise<void> welcomed;
};

template <class Condition>
bool becomes(Condition condition) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (!condition() && std::chrono::steady_clock::now() < until) std::this_thread::yield();
  return condition();
}

std::uint64_t counter(const Bench& bench, const std::string& name) {
  const auto counters = bench.coordinator->status().counters;
  const auto found = counters.find(name);
  return found == counters.end() ? 0 : found->second;
}

}  // namespace

TEST_CASE(
    "flood: refits run on a thread of their own, one at a time, and the newest window of an anchor waits") {
  asio::io_context io;
  const auto snapshot = std::make_shared<const Registry>(registry_of(8));
  std::promise<void> entered, go_on;
  std::set<std::thread::id> where;
  std::vector<std::size_t> fitted;
  std::vector<std::size_t> learnt;
  CalibrationWorker worker{io, [&](const auto& calibration) { learnt.push_back(calibration->pairs); },
                           [&](std::span<const DelaySample> samples) {
                             where.insert(std::this_thread::get_id());
                             fitted.push_back(samples.size());
                             if (fitted.size() == 1) {
                               entered.set_value();
                               go_on.get_future().wait();
                             }
                             return default_delay_model();
                           }};
  const auto work = asio::make_work_guard(io);
  worker.add(window(0, 1, 9ms), snapshot);
  auto begun = entered.get_future();
  while (begun.wait_for(0s) != std::future_status::ready) io.poll();
  // The refit does not return; this thread goes on, and a thousand windows of three anchors are three.
  for (int i = 0; i < 1'000; ++i) {
    worker.add(window(1 + static_cast<std::size_t>(i % 3), 4, 9ms), snapshot);
    io.poll();
  }
  CHECK(worker.waiting() == 3);
  CHECK(worker.counters().windows == 1'001);
  CHECK(worker.counters().superseded == 997);
  CHECK(worker.counters().refits == 1);
  go_on.set_value();
  while (learnt.size() < 2) io.run_one();
  CHECK(worker.counters().refits == 2);
  CHECK(learnt == std::vector<std::size_t>{1, 4});
  CHECK(fitted == std::vector<std::size_t>{1, 4});
  CHECK(where.size() == 1);
  CHECK(where.count(std::this_thread::get_id()) == 0);
}

TEST_CASE("flood: what was measured between other places is forgotten when an anchor's place is corrected") {
  Registry before = registry_of(4);
  const WallTime noon{Nanoseconds{1'000}}, later{Nanoseconds{2'000}};
  std::vector<DelaySample> seen;
  Calibrator calibrator{[&](std::span<const DelaySample> samples) {
    seen.assign(samples.begin(), samples.end());
    return default_delay_model();
  }};
  calibrator.follow(before, {});
  calibrator.add(window(0, 1, 9ms), before);
  calibrator.add(window(1, 2, 9ms), before);
  calibrator.add(window(2, 3, 9ms), before);
  CHECK(calibrator.pairs() == 3);

  Registry after = before;
  AnchorRecord moved = *before.anchor(number(1));
  moved.place.lon += 90.0;
  after.put(moved);
  calibrator.follow(after, noon);
  CHECK(calibrator.pairs() == 1);  // what number 1 measured, and what was measured of it, went
  calibrator.add(window(1, 2, 9ms, WallTime{Nanoseconds{999}}), after);  // came late, measured before
  calibrator.add(window(0, 1, 9ms, WallTime{Nanoseconds{999}}), after);
  CHECK(calibrator.pairs() == 1);
  calibrator.add(window(1, 2, 9ms, later), after);
  CHECK(calibrator.pairs() == 2);
  calibrator.refit();
  REQUIRE(seen.size() == 2);
  const auto a = LatLon::from_degrees(moved.place).value();
  const auto b = LatLon::from_degrees(after.anchor(number(2))->place).value();
  CHECK(seen[0].distance_km == Approx(geodesic_distance(a, b).km()));

  Registry wider = after;
  AnchorRecord unsure = *after.anchor(number(3));
  unsure.uncertainty = Kilometers{50.0};
  wider.put(unsure);
  calibrator.follow(wider, later);
  CHECK(calibrator.pairs() == 1);
}

TEST_CASE("flood: of a thousand anchors each has 64 peers, and who is a peer of whom is mutual") {
  for (const std::size_t count : {1U, 2U, 64U, 65U, 66U, 67U, 240U, 1'000U}) {
    std::vector<std::set<std::size_t>> peers(count);
    for (std::size_t i = 0; i < count; ++i) {
      const auto list = mesh_peers(count, i);
      peers[i] = {list.begin(), list.end()};
      CHECK(peers[i].size() == list.size());
      CHECK(peers[i].size() == std::min<std::size_t>(count - 1, kMeshPeersMax));
      CHECK(peers[i].count(i) == 0);
    }
    for (std::size_t i = 0; i < count; ++i) {
      for (const std::size_t j : peers[i]) CHECK(peers[j].count(i) == 1);
    }
  }
}

TEST_CASE(
    "flood: messages that do not count are dropped by kind and reason, "
    "acknowledged, and give their right back") {
  Bench bench;
  bench.run();
  const auto link = std::make_shared<CountingLink>();
  v1::Hello hello;
  hello.set_protocol_version(kProtocolVersion);
  hello.set_anchor("ber");
  const AnchorId id = anchor_id_of(bench.world.anchors[0].key->public_key()).value();
  hello.set_anchor_id(string_of(id.bytes));
  hello.set_mesh_public(std::string(32, 'm'));
  bench.coordinator->attach(link, hello, "ber");
  await(link->welcomed.get_future());

  v1::AnchorMessage message;
  message.set_spool_id(1);
  message.mutable_report()->set_body("x");
  for (int i = 0; i < 10; ++i) bench.coordinator->on_message(link, message);
  message.set_spool_id(2);
  message.mutable_mesh()->set_body(std::string(3 << 20, 'x'));
  bench.coordinator->on_message(link, message);
  message.set_spool_id(0);
  message.mutable_progress()->set_round_id("nobody's");
  bench.coordinator->on_message(link, message);
  REQUIRE(becomes([&] { return link->handed_back == 12; }));
  CHECK(link->acknowledged == 11);
  CHECK(counter(bench, "dropped_report_signature") == 10);
  CHECK(counter(bench, "dropped_mesh_too_large") == 1);
  for (const AnchorStatus& anchor : bench.coordinator->anchors()) {
    CHECK(anchor.anchor == id);
    CHECK(anchor.dropped ==
          std::map<std::string, std::uint64_t>{{"mesh_too_large", 1}, {"report_signature", 10}});
  }
  CHECK(bench.store_thread->counters().posted == 0);  // nothing of it reached the store
}

TEST_CASE("flood: of an anchor's reports of a round three are kept, and none of one that it has no part in") {
  CoordinatorOptions options;
  options.anchors_per_round = 3;
  Bench bench{options};
  bench.run();
  bench.attach_all();
  for (auto& anchor : bench.anchors) anchor->chip_answers = false;
  std::promise<RoundId> started;
  RoundObserver observer;
  observer.started = [&](const RoundBegun& begun) { started.set_value(begun.round); };
  bench.coordinator->start(bench.world.chip, "tester", 0ms, observer);
  const RoundId round = await(started.get_future());
  const auto send_report = [&](std::size_t anchor, const RoundId& of, const std::string& version) {
    v1::ReportBody body;
    body.set_round_id(string_of(of.bytes));
    body.set_anchor_id(string_of(anchor_id_of(bench.world.anchors[anchor].key->public_key()).value().bytes));
    body.set_software_version(version);
    v1::AnchorMessage message;
    const std::string raw = body.SerializeAsString();
    message.mutable_report()->set_body(raw);
    message.mutable_report()->set_signature(
        string_of(sign_report(bytes_of(raw), *bench.world.anchors[anchor].key).value().bytes));
    bench.coordinator->on_message(bench.anchors[anchor], message);
  };
  for (int i = 0; i < 200; ++i) send_report(0, round, std::to_string(i));
  REQUIRE(becomes([&] { return counter(bench, "dropped_report_surplus") == 197; }));
  const auto kept = [&] { return bench.reader->rounds().evidence(round).value()->reports.size(); };
  REQUIRE(becomes([&] { return kept() == 3; }));

  // A round of somebody else: the store knows that nobody of these was asked.
  RoundIntent elsewhere;
  elsewhere.round = random_id<RoundId>();
  elsewhere.chip = bench.world.chip;
  std::promise<void> logged;
  REQUIRE(bench.store_thread->post([&](Store& s) { (void)s.rounds().log_intent(elsewhere); },
                                   [&](const Stored<Done>&) { logged.set_value(); }));
  await(logged.get_future());
  for (int i = 0; i < 5; ++i) send_report(1, elsewhere.round, std::to_string(i));
  REQUIRE(becomes([&] { return counter(bench, "dropped_report_no_seat") == 5; }));
  CHECK(bench.reader->rounds().evidence(elsewhere.round).value()->reports.empty());
}

TEST_CASE("flood: an anchor that sends without pause is read no faster than its share") {
  Bench bench;
  const auto link = std::make_shared<CountingLink>();
  v1::Hello hello;
  hello.set_anchor("ber");
  bench.coordinator->attach(link, hello, "ber");
  v1::AnchorMessage message;
  message.mutable_report()->set_body("x");
  const auto begun = std::chrono::steady_clock::now();
  constexpr int kMany = 60'000;
  for (int i = 0; i < kMany; ++i) bench.coordinator->on_message(link, message);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  // Four units each, of 131,072 at once and 16,384 a second: the rest has not been given back.
  CHECK(link->handed_back <= (131'072.0 + 16'384.0 * seconds) / 4.0 + 1.0);
  CHECK(link->handed_back >= 131'072 / 4 - 1);
}

TEST_CASE("flood: old windows go from the store by themselves, and are counted") {
  CoordinatorOptions options;
  options.retention.mesh = 1h;
  Bench bench{options};
  std::promise<void> stored;
  REQUIRE(bench.store_thread->post(
      [](Store& s) {
        for (std::uint64_t i = 1; i <= 60; ++i) {
          MeshRecord record = window(0, 1, 9ms, wall_now());
          record.from.spool_id = i;
          record.received = i <= 50 ? wall_now() - Nanoseconds{2h} : wall_now();
          for (std::size_t peer = 2; peer < 40; ++peer)
            record.pairs.push_back(
                {.peer = number(peer), .sent = 2, .received = 2, .rtt_min = 1ms, .rtt_median = 1ms});
          (void)s.mesh().append_mesh(record);
        }
      },
      [&](const Stored<Done>&) { stored.set_value(); }));
  await(stored.get_future());
  bench.run();
  bench.coordinator->begin({});
  REQUIRE(becomes([&] { return counter(bench, "pruned_mesh_windows") == 50; }));
  CHECK(bench.reader->mesh().mesh_pairs(WallTime{}, 10'000)->size() == 10 * 39);
  CHECK(bench.store_thread->counters().batches > 1 + 50 * 40 / 1'024);  // in steps, not at once
}

}  // namespace chiploc::test
