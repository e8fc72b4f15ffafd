// What a coordinator may send to an anchor: a list of commands, each two bytes of length, one of operation,
// then a serialised CoordinatorMessage. Operations put in ids, tickets and keys that fit, so that the fuzzer
// gets past the first checks. Between commands time passes and peers' datagrams come. Whatever is commanded:
// no crash, nothing but CannotPrepare and Prepared as answers, no more rounds than the limit, and no sample
// that no ping asked for.
#include <spdlog/spdlog.h>

#include "proto/v1/anchor_service.pb.h"
#include "server/anchor/commands.hpp"
#include "server/net/endpoint.hpp"
#include "tests/fuzz/fuzz_support.hpp"

namespace {

using namespace chiploc;
using namespace std::chrono_literals;
using fuzz::demand;

constexpr std::size_t kRoundsMax = 8;

struct World final : ProbeOutbox, ProbeResults {
  World() { spdlog::set_level(spdlog::level::off); }
  void send(const Path&, Bytes datagram, const PingToken* ping) override {
    demand(read_header(datagram).has_value() && datagram.size() <= kDatagramMax);
    if (ping != nullptr) pings.push_back(*ping);
  }
  void on_report(RoundReport report) override { demand(report.sessions.empty()); }  // nobody has the keys
  void on_statement(const RoundId&, ByteVector) override { std::abort(); }
  void on_knock(KnockRecord) override { std::abort(); }
  void on_progress(const RoundProgress&) override {}
  void on_mesh(MeshWindow window) override {
    for (const MeshPair& pair : window.pairs) demand(pair.received <= pair.sent);
  }
  std::vector<PingToken> pings;
};

/// Ids and keys that belong together, put into the command's own shape.
class Mender {
 public:
  Mender(const AnchorId& self, const Prober&, const X25519Public& peer_key) : self_{self}, peer_{peer_key} {}
  void note(const v1::AnchorMessage& reply) {
    if (!reply.has_prepared()) return;
    round_ = reply.prepared().round_id();
    key_ = reply.prepared().anchor_public();
  }
  void mend(v1::CoordinatorMessage& command) {
    if (command.has_prepare()) {
      if (command.prepare().round_id().size() != 16) command.mutable_prepare()->set_round_id(other_round());
      command.mutable_prepare()->set_chip_id(std::string(16, 'c'));
    } else if (command.has_assign()) {
      command.mutable_assign()->set_ticket(ticket_of(command.assign().ticket()));
      command.mutable_assign()->set_chip_public(chip_public());
    } else if (command.has_pending()) {
      command.mutable_pending()->set_round_id(round_);
      command.mutable_pending()->set_chip_id(std::string(16, 'c'));
      command.mutable_pending()->set_chip_public(chip_public());
      for (auto& ticket : *command.mutable_pending()->mutable_tickets()) ticket = ticket_of(ticket);
    } else if (command.has_close()) {
      command.mutable_close()->set_round_id(round_);
    } else if (command.has_release()) {
      command.mutable_release()->set_round_id(round_);
    } else if (command.has_peers()) {
      for (auto& peer : *command.mutable_peers()->mutable_peers()) {
        peer.set_anchor_id(peer.anchor_id() + std::string(16, 'p'));
        peer.mutable_anchor_id()->resize(16);
        peer.set_mesh_public(string_of(peer_.bytes));
        if (!endpoint_from_text(peer.address())) peer.set_address("192.0.2.7:7411");
      }
    }
  }

 private:
  static const std::string& chip_public() {
    static const std::string kSpki =
        string_of(generate_key(SignatureAlgorithm::kEd25519)->public_key().spki_der());
    return kSpki;
  }
  std::string other_round() { return std::string(15, 'r') + static_cast<char>('a' + ++rounds_ % 16); }
  /// Starts from the fuzzer's bytes, so that counts, times and addresses remain its choice.
  [[nodiscard]] std::string ticket_of(const std::string& given) const {
    ByteArray<Ticket::kSize> raw{};
    std::copy_n(given.begin(), std::min(given.size(), raw.size()), raw.begin());
    Ticket ticket;
    ticket.anchor_count = static_cast<std::uint8_t>(1 + raw[1] % kAnchorsMax);
    ticket.anchor_index = static_cast<std::uint8_t>(raw[0] % ticket.anchor_count);
    ticket.ping_count = static_cast<std::uint8_t>(1 + raw[2] % kPingsMax);
    ticket.round = RoundId::from_bytes(bytes_of(round_)).value_or(RoundId{});
    ticket.chip.bytes.fill('c');
    ticket.anchor = self_;
    ticket.anchor_endpoint.port = 7411;
    ticket.anchor_public = X25519Public::from_bytes(bytes_of(key_)).value_or(X25519Public{});
    ByteReader times{Bytes{raw}.subspan(4, 16)};
    ticket.not_before = times.u64();
    ticket.not_after = std::max(ticket.not_before, times.u64());
    return string_of(bytes_of(ticket));
  }
  AnchorId self_;
  X25519Public peer_;
  std::string round_ = std::string(16, 'r');
  std::string key_ = std::string(32, 'k');
  std::uint8_t rounds_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::uint8_t counter = 0;
  const RandomFill random = [&counter](MutableBytes out) {
    for (std::uint8_t& byte : out) byte = ++counter;
  };
  World world;
  AnchorId self;
  self.bytes[0] = 1;
  SteadyTime now{1000s};
  ProberOptions options;
  options.rounds = kRoundsMax;
  AnchorCore core{options, {}, self, random, world, world, now};
  const auto clock = [&now] {
    return ClockReading{now, WallTime{now.since_epoch + 1'800'000'000s}, RawTime{now.since_epoch}};
  };
  static const X25519Pair kPeer = [] {
    ByteArray<32> secret{};
    secret.fill(7);
    return X25519Pair::from_private(secret);
  }();
  Mender mender{self, core.prober(), kPeer.public_key()};
  AnchorCommands commands{core, [&](const v1::AnchorMessage& reply) {
                            demand(reply.has_prepared() || reply.has_cannot_prepare());
                            demand(!reply.has_cannot_prepare() || !reply.cannot_prepare().reason().empty());
                            mender.note(reply);
                          }};
  Path path;
  path.peer = *endpoint_from_text("192.0.2.7:7411");
  ByteReader in{Bytes{data, size}};
  for (int steps = 0; steps < 64 && in.left() >= 3; ++steps) {
    const std::size_t length = in.u16();
    const std::uint8_t operation = in.u8();
    const Bytes given = in.bytes(std::min(length, in.left()));
    if (operation % 8 == 6) {
      now = now + std::chrono::milliseconds{given.empty() ? 1 : given[0] * 16};
      core.on_timer(clock());
      for (const PingToken& ping : world.pings) core.on_sending(ping, clock());
      world.pings.clear();
    } else if (operation % 8 == 7) {
      core.on_datagram(given, path, {.after = clock(), .kernel = clock().wall, .card = {}});
    } else {
      v1::CoordinatorMessage command;
      if (!command.ParseFromArray(given.data(), static_cast<int>(given.size()))) continue;
      if (operation % 8 >= 2) mender.mend(command);
      commands.handle(command, clock());
    }
    demand(core.prober().rounds_in_flight() <= kRoundsMax);
  }
  now = now + 2h;
  core.on_timer(clock());
  demand(core.prober().rounds_in_flight() == 0);
  return 0;
}
