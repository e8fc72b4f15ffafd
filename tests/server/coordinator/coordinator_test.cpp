#include "server/coordinator/coordinator.hpp"

#include <asio/executor_work_guard.hpp>
#include <atomic>
#include <future>
#include <thread>

#include "server/storage/sqlite_store.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/round_maker.hpp"
#include "tests/support/temp_dir.hpp"

namespace chiploc {
namespace {

using namespace std::chrono_literals;
using test::RoundMaker;
constexpr auto kPatience = 60s;  // only a broken program comes near it

template <class T>
T await(std::future<T> future) {
  REQUIRE(future.wait_for(kPatience) == std::future_status::ready);
  return future.get();
}

/// An anchor as the coordinator sees it: answers each message as a real one would, with real keys. It runs on
/// the coordinator's thread, inside send().
class ScriptedAnchor final : public AnchorLink, public std::enable_shared_from_this<ScriptedAnchor> {
 public:
  ScriptedAnchor(Coordinator& coordinator, RoundMaker& world, std::size_t index)
      : coordinator_{coordinator}, world_{world}, index_{index} {}

  std::function<void(const v1::CoordinatorMessage&)> on_any;  ///< before anything else
  std::atomic<bool> chip_answers{true};
  std::atomic<int> made_up_statements{0};  ///< sent in place of the chip's
  std::promise<std::pair<LinkEnd, std::string>> ended;
  std::promise<void> welcomed;
  std::atomic<int> acknowledged{0};

  void attach(std::uint32_t version = kProtocolVersion, const std::string& certificate = {}) {
    v1::Hello hello;
    hello.set_protocol_version(version);
    hello.set_anchor(world_.anchors[index_].name);
    hello.set_anchor_id(string_of(anchor_id_of(world_.anchors[index_].key->public_key()).value().bytes));
    hello.set_mesh_public(std::string(32, 'm'));
    coordinator_.attach(shared_from_this(), hello, certificate.empty() ? hello.anchor() : certificate);
  }

  bool send(const v1::CoordinatorMessage& message) override {
    if (on_any) on_any(message);
    if (message.has_welcome()) welcomed.set_value();
    if (message.has_prepare()) reply_prepared(message.prepare());
    if (message.has_assign() && chip_answers) report(message.assign());
    if (message.has_close()) close(message.close());
    if (message.has_acknowledge()) ++acknowledged;
    return true;
  }
  void end(LinkEnd end, const std::string& text) override { ended.set_value({end, text}); }

 private:
  void reply_prepared(const v1::Prepare& prepare) {
    v1::AnchorMessage message;
    message.mutable_prepared()->set_round_id(prepare.round_id());
    message.mutable_prepared()->set_anchor_public(string_of(random_id<X25519Public>().bytes));
    coordinator_.on_message(shared_from_this(), message);
  }

  void report(const v1::Assign& assign) {
    const Ticket ticket = parse_ticket(bytes_of(assign.ticket())).value();
    world_.round = ticket.round;
    const v1::SessionReport session =
        world_.make_session(ticket, world_.rtt_to(world_.anchors[index_], {.lat = 50.11, .lon = 8.68}));
    digests()[ticket.anchor_index] = sha256(bytes_of(session.transcript()));
    v1::AnchorMessage message;
    message.set_spool_id(++spool_id_);
    const ByteVector raw = world_.sign_report_of(index_, ticket, {session});
    REQUIRE(message.mutable_report()->ParseFromArray(raw.data(), static_cast<int>(raw.size())));
    coordinator_.on_message(shared_from_this(), message);
  }

  void close(const v1::CloseRequest& request) {
    for (int i = 0; i < made_up_statements; ++i) carry(request.round_id(), "made up " + std::to_string(i));
    if (made_up_statements > 0) return;
    const CloseOrder order = parse_close_order(bytes_of(request.order())).value();
    RoundEvidenceBytes facts{.round = order.round,
                             .chip = order.chip,
                             .coordinator = order.coordinator,
                             .device_key = world_.device_key->public_key(),
                             .device_certificate = world_.certificate,
                             .tickets = {},
                             .close_order = order,
                             .reports = {},
                             .statements = {},
                             .last_accepted = {},
                             .fault_budget = 1};
    Statement statement = world_.blank_statement(facts);
    statement.round_counter = ++counter();
    for (const auto& [index, digest] : digests()) statement.transcripts.push_back({index, digest});
    carry(request.round_id(),
          string_of(sign_statement(statement, world_.certificate, *world_.device_key).value()));
  }

  void carry(const std::string& round, const std::string& statement) {
    v1::AnchorMessage message;
    message.set_spool_id(++spool_id_);
    message.mutable_statement()->set_round_id(round);
    message.mutable_statement()->set_statement(statement);
    coordinator_.on_message(shared_from_this(), message);
  }

  // The one chip that all these anchors measure.
  static std::map<std::uint8_t, Digest>& digests() {
    static std::map<std::uint8_t, Digest> map;
    return map;
  }
  static std::uint64_t& counter() {
    static std::uint64_t n = 0;
    return n;
  }

  Coordinator& coordinator_;
  RoundMaker& world_;
  std::size_t index_;
  std::uint64_t spool_id_ = 0;
};

/// A coordinator with its own thread, a real store, and three anchors around Frankfurt.
class Bench {
 public:
  explicit Bench(CoordinatorOptions options = {}) {
    world.add_anchor("ber", {.lat = 52.52, .lon = 13.40});
    world.add_anchor("ams", {.lat = 52.37, .lon = 4.90});
    world.add_anchor("par", {.lat = 48.86, .lon = 2.35});
    fill_registry();
    store_thread = std::make_unique<StoreThread>(open_sqlite_store({.path = database()}).value());
    reader = open_sqlite_reader({.path = database()}).value();
    options.policy.version = "test";
    coordinator = std::make_unique<Coordinator>(
        io, options, generate_key(SignatureAlgorithm::kEd25519), [this] { return registry; }, *store_thread,
        Borders::world());
    for (std::size_t i = 0; i < 3; ++i) {
      anchors.push_back(std::make_shared<ScriptedAnchor>(*coordinator, world, i));
    }
  }
  ~Bench() { stop(); }

  void run() {
    thread_ = std::thread{[this] { io.run(); }};
  }
  void stop() {
    io.stop();
    if (thread_.joinable()) thread_.join();
    store_thread->stop();
  }
  void attach_all() {
    for (auto& anchor : anchors) {
      anchor->attach();
      await(anchor->welcomed.get_future());
    }
  }
  std::string database() { return (folder.path() / "c.db").string(); }

  struct Watched {
    std::promise<std::variant<v1::Verdict, RoundFault>> ended;
    std::promise<RoundId> started;
    RoundObserver observer() {
      RoundObserver out;
      out.started = [this](RoundId round, const std::vector<std::string>&) { started.set_value(round); };
      out.verdict = [this](const v1::Verdict& v) { ended.set_value(v); };
      out.abandoned = [this](RoundFault f) { ended.set_value(f); };
      return out;
    }
  };

  TempDir folder;
  RoundMaker world;
  Registry::Snapshot registry;
  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> guard{io.get_executor()};
  std::unique_ptr<StoreThread> store_thread;
  std::unique_ptr<StoreReader> reader;
  std::unique_ptr<Coordinator> coordinator;
  std::vector<std::shared_ptr<ScriptedAnchor>> anchors;

 private:
  void fill_registry() {
    const auto ca =
        CertificateAuthority::create("Maker", SignatureAlgorithm::kEs256, WallTime{}, 36'500).value();
    IssueRequest request;
    request.common_name = "chip";
    request.serial_number = world.chip.hex();
    request.days = 36'500;
    const Certificate device = ca.issue(request, world.device_key->public_key()).value();
    world.certificate = device.fingerprint();
    Registry next;
    next.put(LicenceRecord{.id = "L-1",
                           .holder = "Example Ltd",
                           .countries = {CountryCode::from_text("DE").value()},
                           .valid_from = Date{std::chrono::year{2020} / 1 / 1},
                           .valid_to = Date{std::chrono::year{2199} / 1 / 1}});
    ChipRecord chip;
    chip.id = world.chip;
    chip.serial = "T-1";
    chip.maker = "Maker";
    chip.licence = "L-1";
    chip.certificate.assign(device.der().begin(), device.der().end());
    next.put(chip);
    for (std::size_t i = 0; i < world.anchors.size(); ++i) {
      AnchorRecord anchor;
      anchor.name = world.anchors[i].name;
      anchor.public_key = world.anchors[i].key->public_key().raw_ed25519().value();
      anchor.id = anchor_id_of(anchor.public_key);
      anchor.place = world.anchors[i].place;
      anchor.operator_name = world.anchors[i].operator_name;
      anchor.network = world.anchors[i].network;
      anchor.endpoint.address = {192, 0, 2, static_cast<std::uint8_t>(i + 1)};
      anchor.endpoint.port = 7411;
      next.put(anchor);
    }
    next.set_prohibited({CountryCode::from_text("RU").value()});
    registry = std::make_shared<const Registry>(std::move(next));
  }
  std::thread thread_;
};

TEST_CASE("coordinator: a round runs from intent to verdict, and the disk is always ahead of the wire") {
  Bench bench;
  std::atomic<bool> intent_before_prepare{false};
  bench.anchors[0]->on_any = [&](const v1::CoordinatorMessage& message) {
    if (!message.has_prepare()) return;
    const auto round = RoundId::from_bytes(bytes_of(message.prepare().round_id())).value();
    intent_before_prepare = bench.reader->evidence(round).value().has_value();
  };
  bench.run();
  bench.attach_all();
  Bench::Watched watched;
  auto ended = watched.ended.get_future();
  bench.coordinator->start(bench.world.chip, "tester", 0ms, watched.observer());
  const RoundId round = await(watched.started.get_future());
  const auto outcome = await(std::move(ended));
  const auto* verdict = std::get_if<v1::Verdict>(&outcome);
  REQUIRE(verdict != nullptr);
  CHECK(verdict->state() == v1::CLEARED);
  CHECK(intent_before_prepare);
  const auto stored = bench.reader->evidence(round).value();
  REQUIRE(stored);
  CHECK(stored->state == RoundState::kFinished);
  CHECK(stored->intent.requested_by == "tester");
  CHECK(stored->tickets.size() == 3);
  CHECK(stored->reports.size() == 3);
  CHECK(stored->close_order.size() == CloseOrder::kSize);
  CHECK(stored->statements.size() == 1);
  CHECK(same_bytes(stored->verdict, bytes_of(verdict->SerializeAsString())));
  CHECK(bench.reader->chip_counters(bench.world.chip).value().has_value());
  bench.stop();
  int acknowledged = 0;
  for (const auto& anchor : bench.anchors) acknowledged += anchor->acknowledged;
  CHECK(acknowledged == 4);  // three reports and the statement
}

TEST_CASE(
    "coordinator: an anchor that makes up statements neither condemns a chip nor keeps its own from "
    "counting") {
  Bench bench;
  bench.run();
  bench.attach_all();
  const auto verdict_of_round = [&] {
    Bench::Watched watched;
    auto ended = watched.ended.get_future();
    bench.coordinator->start(bench.world.chip, "tester", 0ms, watched.observer());
    const auto outcome = await(std::move(ended));
    REQUIRE(std::holds_alternative<v1::Verdict>(outcome));
    return std::get<v1::Verdict>(outcome);
  };
  bench.anchors[1]->made_up_statements = 6;  // the nearest, asked first
  CHECK(verdict_of_round().state() == v1::CLEARED);
  CHECK(bench.coordinator->status().counters.at("statements_doubted") >= 1);

  // More perspectives than the fault budget say that this is what the chip signed.
  bench.anchors[0]->made_up_statements = 1;
  bench.anchors[2]->made_up_statements = 1;
  const auto verdict = verdict_of_round();
  CHECK(verdict.state() == v1::INVALID);
  CHECK(verdict.reasons(0).code() == "statement_malformed");
}

TEST_CASE("coordinator: refuses streams that are not what they say, each with its reason") {
  Bench bench;
  bench.run();
  const auto refused = [&](std::size_t i, std::uint32_t version, const std::string& certificate) {
    auto ended = bench.anchors[i]->ended.get_future();
    bench.anchors[i]->attach(version, certificate);
    return await(std::move(ended));
  };
  const auto [version, text] = refused(0, 2, "");
  CHECK(version == LinkEnd::kUnsupportedVersion);
  CHECK(text.find("speaks version 1") != std::string::npos);
  CHECK(refused(1, 1, "somebody").first == LinkEnd::kWrongCertificate);
  bench.world.anchors[2].key = generate_key(SignatureAlgorithm::kEd25519);
  CHECK(refused(2, 1, "").first == LinkEnd::kNotRegistered);
  CHECK(bench.coordinator->status().anchors_connected == 0);
}

TEST_CASE("coordinator: a newer stream of an anchor replaces the older") {
  Bench bench;
  bench.run();
  bench.anchors[0]->attach();
  await(bench.anchors[0]->welcomed.get_future());
  auto ended = bench.anchors[0]->ended.get_future();
  const auto again = std::make_shared<ScriptedAnchor>(*bench.coordinator, bench.world, 0);
  again->attach();
  CHECK(await(std::move(ended)).first == LinkEnd::kReplaced);
  CHECK(bench.coordinator->status().anchors_connected == 1);
}

TEST_CASE("coordinator: says why it does not start a round") {
  CoordinatorOptions options;
  options.rounds_max = 1;
  Bench bench{options};
  bench.run();
  const auto fault = [&](ChipId chip) {
    Bench::Watched watched;
    auto ended = watched.ended.get_future();
    bench.coordinator->start(chip, "tester", 0ms, watched.observer());
    return std::get<RoundFault>(await(std::move(ended)));
  };
  CHECK(fault(random_id<ChipId>()) == RoundFault::kUnknownChip);
  CHECK(fault(bench.world.chip) == RoundFault::kNoAnchors);
  bench.attach_all();
  for (auto& anchor : bench.anchors) anchor->chip_answers = false;  // the round stays in flight
  bench.coordinator->start(bench.world.chip, "tester", 0ms, {});
  CHECK(fault(bench.world.chip) == RoundFault::kAlreadyRunning);
  CHECK(bench.coordinator->status().counters.at("rounds_refused") == 3);
}

TEST_CASE("coordinator: draining abandons what is in flight by name, and starts nothing more") {
  Bench bench;
  bench.run();
  bench.attach_all();
  for (auto& anchor : bench.anchors) anchor->chip_answers = false;
  Bench::Watched watched;
  auto ended = watched.ended.get_future();
  bench.coordinator->start(bench.world.chip, "tester", 0ms, watched.observer());
  const RoundId round = await(watched.started.get_future());
  auto link_ended = bench.anchors[1]->ended.get_future();
  std::promise<void> drained;
  bench.coordinator->drain([&] { drained.set_value(); });
  await(drained.get_future());
  CHECK(std::get<RoundFault>(await(std::move(ended))) == RoundFault::kShuttingDown);
  CHECK(await(std::move(link_ended)).first == LinkEnd::kShuttingDown);
  Bench::Watched late;
  auto late_ended = late.ended.get_future();
  bench.coordinator->start(bench.world.chip, "tester", 0ms, late.observer());
  CHECK(std::get<RoundFault>(await(std::move(late_ended))) == RoundFault::kShuttingDown);
  bench.stop();
  const auto stored = bench.reader->evidence(round).value();
  REQUIRE(stored);
  CHECK(stored->state == RoundState::kAbandoned);
  CHECK(stored->abandoned_because == "chiplocd was stopped");
}

TEST_CASE("coordinator: rounds that a crash cut are given up at the next start") {
  Bench bench;
  const auto round = random_id<RoundId>();
  RoundIntent intent;
  intent.round = round;
  intent.chip = bench.world.chip;
  intent.requested_by = "before the crash";
  std::promise<void> logged;
  REQUIRE(bench.store_thread->post([&](Store& s) { REQUIRE(s.log_intent(intent)); },
                                   [&](const Stored<Done>&) { logged.set_value(); }));
  await(logged.get_future());
  bench.coordinator->begin(bench.reader->open_rounds().value());
  bench.stop();
  CHECK(bench.reader->evidence(round).value()->state == RoundState::kAbandoned);
}

}  // namespace
}  // namespace chiploc
