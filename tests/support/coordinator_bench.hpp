#pragma once
// A coordinator on a thread and a store of its own, and anchors that answer it as real ones would.

#include <asio/executor_work_guard.hpp>
#include <atomic>
#include <future>
#include <thread>

#include "server/coordinator/coordinator.hpp"
#include "server/registry/import.hpp"
#include "server/storage/sqlite/store.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/round_maker.hpp"
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
  ScriptedAnchor(Coordinator& coordinator, RoundMaker& world, std::size_t index)
      : coordinator_{coordinator}, world_{world}, index_{index} {}

  std::function<void(const v1::CoordinatorMessage&)> on_any;  ///< before anything else
  std::function<void()> after_statement;                      ///< the coordinator has it in its queue
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

  /// A window of its mesh: the least round trip to each of some others.
  void report_mesh(const std::vector<std::pair<std::size_t, Nanoseconds>>& round_trips) {
    const auto id_of = [this](std::size_t index) {
      return string_of(anchor_id_of(world_.anchors[index].key->public_key()).value().bytes);
    };
    v1::MeshBody body;
    body.set_anchor_id(id_of(index_));
    body.set_window_end_unix_ns(1);
    for (const auto& [peer, rtt] : round_trips) {
      v1::MeshBody::Pair& pair = *body.add_pairs();
      pair.set_peer_id(id_of(peer));
      pair.set_sent(2);
      pair.set_received(2);
      pair.set_rtt_min_ns(rtt.count());
      pair.set_rtt_median_ns(rtt.count());
    }
    v1::AnchorMessage message;
    message.set_spool_id(++spool_id_);
    const std::string raw = body.SerializeAsString();
    message.mutable_mesh()->set_body(raw);
    message.mutable_mesh()->set_signature(
        string_of(sign_mesh_report(bytes_of(raw), *world_.anchors[index_].key).value().bytes));
    coordinator_.on_message(shared_from_this(), message);
  }

  /// The chip counts from the beginning again, as one that lost its state.
  static void lose_counter() { counter() = 0; }

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
    if (world_.round != ticket.round) digests().clear();
    world_.round = ticket.round;
    const v1::SessionReport session =
        world_.make_session(ticket, world_.rtt_to(world_.anchors[index_], world_.chip_place));
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
    if (after_statement) after_statement();
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

/// A coordinator with its own thread, a real store, and three anchors around Frankfurt, or more.
class Bench {
 public:
  /// The chip's certificate is valid for `days` from 1970 on.
  explicit Bench(CoordinatorOptions options = {}, int days = 36'500,
                 const std::vector<Degrees>& more_anchors = {})
      : device{make_device(days)} {
    world.add_anchor("ber", {.lat = 52.52, .lon = 13.40});
    world.add_anchor("ams", {.lat = 52.37, .lon = 4.90});
    world.add_anchor("par", {.lat = 48.86, .lon = 2.35});
    for (const Degrees place : more_anchors)
      world.add_anchor("more" + std::to_string(world.anchors.size()), place);
    fill_registry();
    store_thread = std::make_unique<StoreThread>(open_sqlite_store({.path = database()}).value());
    reader = open_sqlite_reader({.path = database()}).value();
    options.policy.version = "test";
    coordinator = std::make_unique<Coordinator>(
        io, options, generate_key(SignatureAlgorithm::kEd25519), [this] { return registry; }, *store_thread,
        Borders::world());
    for (std::size_t i = 0; i < world.anchors.size(); ++i) {
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
  /// Another chip under the same licence, and with the same key; the anchors measure the chip that was made
  /// or chosen last. Before run(), like everything about the registry.
  void add_chip(const std::string& serial) {
    world.chip = random_id<ChipId>();
    const Certificate made = make_device(36'500);
    Registry next = *registry;
    ChipRecord chip = *next.chips().begin()->second;
    chip.id = world.chip;
    chip.serial = serial;
    chip.certificate.assign(made.der().begin(), made.der().end());
    next.put(chip);
    registry = std::make_shared<const Registry>(std::move(next));
  }
  void choose_chip(const ChipRecord& chip) {
    world.chip = chip.id;
    world.certificate = Certificate::from_der(chip.certificate).value().fingerprint();
  }
  /// The chip's counters under its key.
  CounterStanding counters() {
    return reader->rounds()
        .chip_counters(world.chip, sha256(world.device_key->public_key().spki_der()))
        .value();
  }
  std::string database() { return (folder.path() / "c.db").string(); }

  /// What an import of the maker's revocation list makes of the registry, at `now`; the sentence if it is
  /// refused.
  Result<Registry::Snapshot, std::string> imported_list(const RevocationList& list, WallTime now) const {
    const ImportFile file{ImportKind::kRevocations, "crl.json", ImportFormat::kJson,
                          "[{\"maker\":\"Maker\",\"crl_pem\":\"" + escaped(list.pem()) + "\"}]"};
    const ImportPlan plan = plan_import(registry, {file}, ImportOptions{now, {}, {}});
    if (!plan.ok()) return Fail{plan.faults.front().problem};
    return plan.registry;
  }
  /// A list of the maker's that is current for `days` from this day of 1970 on.
  RevocationList list_of(std::span<const Certificate> revoked, int from_day, int days = 36'000) const {
    return authority.revoke(revoked, WallTime{from_day * std::chrono::hours{24}}, days).value();
  }
  /// Runs one round of the chip to its verdict.
  v1::Verdict verdict_of_round() {
    Watched watched;
    auto ended = watched.ended.get_future();
    coordinator->start(world.chip, "tester", std::chrono::milliseconds{0}, watched.observer());
    last_round = await(watched.started.get_future());
    auto outcome = await(std::move(ended));
    REQUIRE(std::holds_alternative<v1::Verdict>(outcome));
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
      out.started = [this](RoundId round, const std::vector<std::string>&) { started.set_value(round); };
      out.verdict = [this](const v1::Verdict& v) { ended.set_value(v); };
      out.abandoned = [this](RoundFault f) { ended.set_value(f); };
      return out;
    }
  };

  TempDir folder;
  RoundMaker world;
  CertificateAuthority authority =
      CertificateAuthority::create("Maker", SignatureAlgorithm::kEs256, WallTime{}, 36'500).value();
  Certificate device;
  Registry::Snapshot registry;  ///< may be replaced until run()
  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> guard{io.get_executor()};
  std::unique_ptr<StoreThread> store_thread;
  std::unique_ptr<StoreReader> reader;
  std::unique_ptr<Coordinator> coordinator;
  std::vector<std::shared_ptr<ScriptedAnchor>> anchors;
  RoundId last_round;

 private:
  static std::string escaped(const std::string& pem) {
    std::string out;
    for (const char c : pem) out += c == '\n' ? std::string{"\\n"} : std::string{c};
    return out;
  }
  Certificate make_device(int days) {
    IssueRequest request;
    request.common_name = "chip";
    request.serial_number = world.chip.hex();
    request.days = days;
    Certificate made = authority.issue(request, world.device_key->public_key()).value();
    world.certificate = made.fingerprint();
    return made;
  }
  void fill_registry() {
    Registry next;
    next.put(Maker{.name = "Maker", .ca_certificates = {authority.certificate().pem()}});
    next.put(LicenceRecord{.id = "L-1",
                           .holder = "Example Ltd",
                           .places = {{CountryCode::from_text("DE").value()}, {}},
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
    next.set_prohibited({{CountryCode::from_text("RU").value()}, {}});
    registry = std::make_shared<const Registry>(std::move(next));
  }
  std::thread thread_;
};

}  // namespace chiploc::test
