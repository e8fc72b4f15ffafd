#pragma once
// A coordinator on a thread and a store of its own, and anchors that answer it as real ones would.

#include <asio/executor_work_guard.hpp>
#include <atomic>
#include <future>
#include <thread>

#include "server/coordinator/coordinator.hpp"
#include "server/storage/sqlite/store.hpp"
#include "tests/support/anchor_script.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/made_registry.hpp"
#include "tests/support/replayed.hpp"
#include "tests/support/temp_dir.hpp"

namespace chiploc::test {

inline constexpr auto kPatience = std::chrono::seconds{60};  // only a broken program comes near it

template <class T>
T await(std::future<T> future) {
  REQUIRE(future.wait_for(kPatience) == std::future_status::ready);
  return future.get();
}

/// An anchor as the coordinator sees it: answers each message as a real one would, with real keys. It runs on
/// the coordinator's thread, inside send().
class ScriptedAnchor final : public AnchorLink, public std::enable_shared_from_this<ScriptedAnchor> {
 public:
  ScriptedAnchor(Coordinator& coordinator, RoundMaker& world, ScriptedChip& chip, std::size_t index)
      : coordinator_{coordinator}, script_{world, chip, index}, name_{world.anchors[index].name} {}

  std::function<void(const v1::CoordinatorMessage&)> on_any;  ///< before anything else
  std::function<void()> after_statement;                      ///< the coordinator has it in its queue
  std::atomic<bool> chip_answers{true};
  std::atomic<int> made_up_statements{0};  ///< sent in place of the chip's
  std::promise<std::pair<LinkEnd, std::string>> ended;
  std::promise<void> welcomed;
  std::atomic<int> acknowledged{0};

  void attach(std::uint32_t version = kProtocolVersion, const std::string& certificate = {}) {
    coordinator_.attach(shared_from_this(), script_.hello(version),
                        certificate.empty() ? name_ : certificate);
  }

  /// A window of its mesh: the least round trip to each of some others.
  void report_mesh(const std::vector<std::pair<std::size_t, Nanoseconds>>& round_trips) {
    coordinator_.on_message(shared_from_this(), script_.mesh(round_trips));
  }

  bool send(const v1::CoordinatorMessage& message) override {
    if (on_any) on_any(message);
    if (message.has_welcome()) welcomed.set_value();
    script_.chip_answers = chip_answers;
    script_.made_up_statements = made_up_statements;
    for (v1::AnchorMessage& answer : script_.answers(message))
      coordinator_.on_message(shared_from_this(), std::move(answer));
    if (message.has_close() && made_up_statements == 0 && after_statement) after_statement();
    if (message.has_acknowledge()) ++acknowledged;
    return true;
  }
  void end(LinkEnd end, const std::string& text) override { ended.set_value({end, text}); }

 private:
  Coordinator& coordinator_;
  AnchorScript script_;
  std::string name_;
};

/// A coordinator with its own thread, a real store, and three anchors around Frankfurt, or more.
/// Its registry may be replaced until run().
class Bench : public MadeRegistry {
 public:
  /// The chip's certificate is valid for `days` from 1970 on.
  explicit Bench(CoordinatorOptions options = {}, int days = 36'500,
                 const std::vector<Degrees>& more_anchors = {})
      : MadeRegistry{days, more_anchors} {
    store_thread = std::make_unique<StoreThread>(open_sqlite_store({.path = database()}).value());
    reader = open_sqlite_reader({.path = database()}).value();
    options.policy.version = "test";
    coordinator = std::make_unique<Coordinator>(
        io, options, generate_key(SignatureAlgorithm::kEd25519), [this] { return registry; }, *store_thread,
        Borders::world());
    for (std::size_t i = 0; i < world.anchors.size(); ++i) {
      anchors.push_back(std::make_shared<ScriptedAnchor>(*coordinator, world, chip, i));
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
  /// The chip's counters under its key.
  CounterStanding counters() {
    return reader->rounds()
        .chip_counters(world.chip, sha256(world.device_key->public_key().spki_der()))
        .value();
  }
  std::string database() { return (folder.path() / "c.db").string(); }

  /// Runs one round of the chip to its verdict, which judged again is the same.
  v1::Verdict verdict_of_round() {
    Watched watched;
    auto ended = watched.ended.get_future();
    coordinator->start(world.chip, "tester", std::chrono::milliseconds{0}, watched.observer());
    last_round = await(watched.started.get_future());
    auto outcome = await(std::move(ended));
    REQUIRE(std::holds_alternative<v1::Verdict>(outcome));
    check_replay(reader->rounds(), last_round);
    return std::get<v1::Verdict>(std::move(outcome));
  }

  /// The evidence as the verifier takes it, from nothing but the record and the anchors' places.
  RoundEvidenceBytes evidence_of(const RoundEvidenceRecord& record) const {
    const auto certificate = Certificate::from_der(record.intent.device_certificate).value();
    RoundEvidenceBytes out{
        .round = record.intent.round,
        .chip = record.intent.chip,
        .coordinator =
            coordinator_id_of(PublicKey::from_raw_ed25519(record.intent.coordinator_public).value()).value(),
        .device_key = certificate.public_key().value(),
        .device_certificate = certificate.fingerprint(),
        .tickets = {},
        .close_order = parse_close_order(record.close_order).value(),
        .reports = {},
        .statements = {},
        .last_accepted = std::nullopt,
        .fault_budget = 1};
    for (const ByteVector& raw : record.tickets) {
      const Ticket ticket = parse_ticket(raw).value();
      const AnchorRecord* anchor = registry->anchor(ticket.anchor);
      REQUIRE(anchor != nullptr);
      out.tickets.push_back({ticket,
                             {.name = anchor->name,
                              .id = anchor->id,
                              .report_key = PublicKey::from_raw_ed25519(anchor->public_key).value(),
                              .place = LatLon::from_degrees(anchor->place).value(),
                              .uncertainty = anchor->uncertainty,
                              .operator_name = anchor->operator_name,
                              .network = anchor->network}});
    }
    for (const StoredReport& report : record.reports) out.reports.emplace_back(report.anchor, report.bytes);
    for (const StoredStatement& statement : record.statements) out.statements.push_back(statement.bytes);
    if (const auto fault = certificate_fault_of(record.intent.certificate_standing))
      out.certificate_fault = CertificateFault{*fault, record.intent.certificate_problem};
    return out;
  }

  struct Watched {
    std::promise<std::variant<v1::Verdict, RoundFault>> ended;
    std::promise<RoundId> started;
    RoundObserver observer() {
      RoundObserver out;
      out.started = [this](const RoundBegun& begun) { started.set_value(begun.round); };
      out.verdict = [this](const v1::Verdict& v) { ended.set_value(v); };
      out.abandoned = [this](RoundFault f) { ended.set_value(f); };
      return out;
    }
  };

  TempDir folder;
  ScriptedChip chip;
  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> guard{io.get_executor()};
  std::unique_ptr<StoreThread> store_thread;
  std::unique_ptr<StoreReader> reader;
  std::unique_ptr<Coordinator> coordinator;
  std::vector<std::shared_ptr<ScriptedAnchor>> anchors;
  RoundId last_round;

 private:
  std::thread thread_;
};

}  // namespace chiploc::test
