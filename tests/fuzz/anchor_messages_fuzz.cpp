// What an anchor may send to a coordinator, after mutual TLS has told who it is: a list of messages, each two
// bytes of length, one of operation, then a serialised AnchorMessage. The real coordinator, store and thread
// receive them, with a round in flight. Operations put in the round's id, a ticket, and the anchor's
// signature, so that the fuzzer gets past the first checks. Whatever comes: no crash, the stream survives or
// is ended with a reason, what is acknowledged has an id, and evidence in memory stays bounded.
#include <spdlog/spdlog.h>

#include <asio/executor_work_guard.hpp>
#include <asio/post.hpp>
#include <atomic>
#include <future>
#include <mutex>
#include <thread>

#include "server/coordinator/coordinator.hpp"
#include "server/storage/sqlite/store.hpp"
#include "tests/fuzz/fuzz_support.hpp"

#define REQUIRE(condition) \
  if (!(condition)) std::abort()
#include "tests/support/round_maker.hpp"

namespace {

using namespace chiploc;
using fuzz::demand;

class Link final : public AnchorLink {
 public:
  bool send(const v1::CoordinatorMessage& message) override {
    const std::scoped_lock lock{mutex_};
    if (message.has_assign()) ticket_ = message.assign().ticket();
    if (message.has_prepare()) round_ = message.prepare().round_id();
    return true;
  }
  void end(LinkEnd, const std::string& text) override {
    demand(!text.empty());
    ended = true;
  }
  std::string round() {
    const std::scoped_lock lock{mutex_};
    return round_;
  }
  std::string ticket() {
    const std::scoped_lock lock{mutex_};
    return ticket_;
  }
  std::atomic<bool> ended{false};

 private:
  std::mutex mutex_;
  std::string round_, ticket_;
};

/// Coordinator, store and three anchors, of which the first is the hostile one. Everything of it but `maker`
/// belongs to the coordinator's thread; run() is the way there.
class World {
 public:
  explicit World(const std::filesystem::path& database) {
    spdlog::set_level(spdlog::level::off);
    maker_.add_anchor("ber", {.lat = 52.52, .lon = 13.40});
    maker_.add_anchor("ams", {.lat = 52.37, .lon = 4.90});
    maker_.add_anchor("par", {.lat = 48.86, .lon = 2.35});
    fill_registry();
    auto store = open_sqlite_store({.path = database.string()});
    demand(store.has_value());
    store_ = std::make_unique<StoreThread>(std::move(*store));
    CoordinatorOptions options;
    options.policy.version = "fuzz";
    coordinator_ = std::make_unique<Coordinator>(
        io_, options, generate_key(SignatureAlgorithm::kEd25519), [this] { return registry_; }, *store_,
        Borders::world());
    thread_ = std::thread{[this] { io_.run(); }};
    for (std::size_t i = 0; i < 3; ++i) attach(i);
    start_round();
  }
  ~World() {
    io_.stop();
    thread_.join();
    store_->stop();
  }

  void attach(std::size_t i) {
    v1::Hello hello;
    hello.set_protocol_version(kProtocolVersion);
    hello.set_anchor(maker_.anchors[i].name);
    hello.set_anchor_id(string_of(anchor_id_of(maker_.anchors[i].key->public_key()).value().bytes));
    hello.set_mesh_public(std::string(32, 'm'));
    links_[i] = std::make_shared<Link>();
    coordinator_->attach(links_[i], hello, hello.anchor());
    settle();
    demand(!links_[i]->ended);
  }
  /// Until everything posted so far is done, on both threads and back.
  void settle() {
    for (int turn = 0; turn < 2; ++turn) {
      std::promise<void> stored;
      // Behind what can wait, which is behind everything else.
      demand(store_->post([](Store&) {}, [&](const Stored<Done>&) { stored.set_value(); },
                          {.rows = 1, .patient = true}));
      stored.get_future().wait();
      std::promise<void> done;
      asio::post(io_, [&] { done.set_value(); });
      done.get_future().wait();
    }
  }
  void start_round() {
    coordinator_->start(maker_.chip, "fuzz", std::chrono::seconds{600}, {});
    settle();
    for (std::size_t i = 1; i < 3; ++i) prepared(i);
    settle();
  }
  /// The other anchors saw no session: as soon as the hostile one has reported too, the round is closed.
  void nothing_to_report() {
    for (std::size_t i = 1; i < 3; ++i) {
      v1::ReportBody body;
      body.set_round_id(links_[0]->round());
      const SoftwareKey& key = *maker_.anchors[i].key;
      body.set_anchor_id(string_of(anchor_id_of(key.public_key()).value().bytes));
      v1::AnchorMessage message;
      message.mutable_report()->set_body(body.SerializeAsString());
      message.mutable_report()->set_signature(
          string_of(sign_report(bytes_of(message.report().body()), key).value().bytes));
      coordinator_->on_message(links_[i], message);
    }
  }
  void prepared(std::size_t i) {
    v1::AnchorMessage message;
    message.mutable_prepared()->set_round_id(links_[i]->round());
    message.mutable_prepared()->set_anchor_public(std::string(32, static_cast<char>('a' + i)));
    coordinator_->on_message(links_[i], message);
  }
  void hostile(std::uint8_t operation, v1::AnchorMessage message) {
    if (operation >= 0xF0) nothing_to_report();
    if (operation % 4 >= 1) mend(message);
    coordinator_->on_message(links_[0], std::move(message));
  }
  void after_input() {
    settle();
    if (links_[0]->ended) attach(0);
    const auto status = coordinator_->status();
    demand(status.rounds_in_flight <= 1);
    if (status.rounds_in_flight == 0) start_round();
  }

 private:
  void mend(v1::AnchorMessage& message) {
    const std::string round = links_[0]->round();
    if (message.has_prepared()) message.mutable_prepared()->set_round_id(round);
    if (message.has_cannot_prepare()) message.mutable_cannot_prepare()->set_round_id(round);
    if (message.has_progress()) message.mutable_progress()->set_round_id(round);
    if (message.has_statement()) message.mutable_statement()->set_round_id(round);
    const SoftwareKey& key = *maker_.anchors[0].key;
    if (message.has_report()) {
      v1::ReportBody body;
      if (body.ParseFromString(message.report().body())) {
        body.set_round_id(round);
        body.set_anchor_id(string_of(anchor_id_of(key.public_key()).value().bytes));
        if (body.ticket().empty()) body.set_ticket(links_[0]->ticket());
        message.mutable_report()->set_body(body.SerializeAsString());
      }
      message.mutable_report()->set_signature(
          string_of(sign_report(bytes_of(message.report().body()), key).value().bytes));
    }
    if (message.has_mesh()) {
      v1::MeshBody body;
      if (body.ParseFromString(message.mesh().body())) {
        body.set_anchor_id(string_of(anchor_id_of(key.public_key()).value().bytes));
        for (int i = 0; i < body.pairs_size(); i += 2) {
          body.mutable_pairs(i)->set_peer_id(
              string_of(anchor_id_of(maker_.anchors[1].key->public_key()).value().bytes));
        }
        message.mutable_mesh()->set_body(body.SerializeAsString());
      }
      message.mutable_mesh()->set_signature(
          string_of(sign_mesh_report(bytes_of(message.mesh().body()), key).value().bytes));
    }
  }
  void fill_registry() {
    const auto ca =
        CertificateAuthority::create("Maker", SignatureAlgorithm::kEs256, WallTime{}, 36'500).value();
    IssueRequest request;
    request.common_name = "chip";
    request.serial_number = maker_.chip.hex();
    request.days = 36'500;
    const Certificate device = ca.issue(request, maker_.device_key->public_key()).value();
    Registry next;
    next.put(Maker{"Maker", {ca.certificate().pem()}});
    LicenceRecord licence;
    licence.id = "L-1";
    licence.holder = "Example Ltd";
    licence.places.countries = {CountryCode::from_text("DE").value()};
    licence.valid_from = Date{std::chrono::year{2020} / 1 / 1};
    licence.valid_to = Date{std::chrono::year{2199} / 1 / 1};
    next.put(licence);
    ChipRecord chip;
    chip.id = maker_.chip;
    chip.serial = "T-1";
    chip.maker = "Maker";
    chip.licence = "L-1";
    chip.certificate.assign(device.der().begin(), device.der().end());
    next.put(chip);
    for (std::size_t i = 0; i < maker_.anchors.size(); ++i) {
      AnchorRecord anchor;
      anchor.name = maker_.anchors[i].name;
      anchor.public_key = maker_.anchors[i].key->public_key().raw_ed25519().value();
      anchor.id = anchor_id_of(anchor.public_key);
      anchor.place = maker_.anchors[i].place;
      anchor.endpoint.address = {192, 0, 2, static_cast<std::uint8_t>(i + 1)};
      anchor.endpoint.port = 7411;
      next.put(anchor);
    }
    registry_ = std::make_shared<const Registry>(std::move(next));
  }

  test::RoundMaker maker_;
  Registry::Snapshot registry_;
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> guard_{io_.get_executor()};
  std::unique_ptr<StoreThread> store_;
  std::unique_ptr<Coordinator> coordinator_;
  std::shared_ptr<Link> links_[3];
  std::thread thread_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // A world costs keys and a database; the store it fills is thrown away now and then. The last one is never
  // destroyed: OpenSSL has cleaned up behind itself before statics go, and keys freed after that count as
  // leaks.
  static const fuzz::ScratchFolder kFolder;
  static World* world = nullptr;
  static int inputs = 0;
  constexpr int kInputsMax = 2000;
  if (world == nullptr || ++inputs % kInputsMax == 0) {
    delete world;
    world = new World{kFolder.path() / ("c" + std::to_string(inputs) + ".db")};
  }
  ByteReader in{Bytes{data, size}};
  for (int steps = 0; steps < 32 && in.left() >= 3; ++steps) {
    const std::size_t length = in.u16();
    const std::uint8_t operation = in.u8();
    const Bytes given = in.bytes(std::min(length, in.left()));
    v1::AnchorMessage message;
    if (!message.ParseFromArray(given.data(), static_cast<int>(given.size()))) continue;
    world->hostile(operation, std::move(message));
  }
  world->after_input();
  return 0;
}
