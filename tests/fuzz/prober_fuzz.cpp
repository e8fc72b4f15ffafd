// Arbitrary datagrams against a prober that has a session running. The input is a list of steps: an
// operation, two bytes of size, that many bytes. From 128 on the datagram comes from another address.
// Datagrams of the session can be sealed with its real key, so that the fuzzer gets past the MAC. Whatever
// comes: no crash, no report twice, no sample that its transcript does not cover, no unbounded answer.
#include <cstdlib>
#include <vector>

#include "proto/crypto/session_key.hpp"
#include "proto/crypto/ticket_seal.hpp"
#include "server/anchor/anchor_core.hpp"
#include "tests/support/opening.hpp"

namespace {

using namespace chiploc;
using namespace std::chrono_literals;

void demand(bool condition) {
  if (!condition) std::abort();
}

struct World final : ProbeOutbox, ProbeResults {
  std::vector<PingToken> pings;
  std::size_t bytes_out = 0;
  std::size_t reports = 0;
  std::size_t statements = 0;
  void send(const Path&, Bytes datagram, const PingToken* ping) override {
    bytes_out += datagram.size();
    demand(read_header(datagram).has_value());
    if (ping != nullptr) pings.push_back(*ping);
  }
  void on_report(RoundReport report) override {
    demand(++reports == 1);
    demand(report.sessions.size() == 1);  // nobody but the chip can open
    for (const SessionAccount& session : report.sessions) {
      const auto head = parse_transcript(session.transcript);
      demand(head.has_value());
      for (const ReportedSample& sample : session.samples) {
        demand(sample.sequence < 64 && ((head->received >> sample.sequence) & 1U) == 1U);
        demand(sample.sample.rtt >= 0ns);
      }
    }
  }
  void on_statement(const RoundId&, ByteVector statement) override {
    demand(++statements <= 4);
    demand(!statement.empty() && statement.size() <= kStatementMax);
  }
  void on_knock(KnockRecord) override { std::abort(); }  // nobody here has the device key
  void on_progress(const RoundProgress&) override {}
  void on_mesh(MeshWindow) override {}
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
  ChipId chip;
  SteadyTime now{1000s};
  AnchorCore core{{}, {}, self, random, world, world, now};
  const auto clock = [&now] {
    return ClockReading{now, WallTime{now.since_epoch + 1'800'000'000s}, RawTime{now.since_epoch}};
  };

  RoundId round;
  const auto anchor_public = core.prober().prepare(round, chip, now + 60s);
  Ticket ticket;
  ticket.chip = chip;
  ticket.anchor = self;
  ticket.anchor_count = 1;
  ticket.ping_count = 8;
  ticket.anchor_endpoint.port = 1;
  ticket.anchor_public = *anchor_public;
  ticket.not_before = unix_seconds(clock().wall) - 1;
  ticket.not_after = ticket.not_before + 60;
  const auto raw = bytes_of(ticket);
  static const auto kDevice = *key_from_ed25519_seed(ByteVector(32, 8));  // signs one OPEN and no knock
  const PublicKey key = kDevice->public_key();
  demand(core.prober().assign({raw, std::nullopt, 40ms, 10s, 1s, key}, now).has_value());
  const Bytes view = raw;
  demand(core.prober().pend(round, chip, key, {view}, now + 60s).has_value());

  ByteArray<32> secret{};
  secret.fill(7);
  const X25519Pair agent = X25519Pair::from_private(secret);
  const SessionKeys keys = test::keys_for(ticket, agent);
  const MacKey to_anchor{keys.to_anchor.bytes()};
  const Path path{ticket.anchor_endpoint, {}};
  Path other = path;  // where a copy, or a chip that moved, may send from
  other.peer.port = 2;
  bool from_other = false;
  const auto receive = [&](Bytes datagram) {
    core.on_datagram(datagram, from_other ? other : path,
                     {.after = clock(), .kernel = clock().wall, .card = {}});
  };
  const ByteVector open = test::open_by(ticket, agent, *kDevice);
  receive(open);

  ByteReader in{Bytes{data, size}};
  for (int steps = 0; steps < 200 && in.left() >= 3; ++steps) {
    const std::uint8_t operation = in.u8();
    from_other = operation >= 128;
    const Bytes given = in.bytes(std::min<std::size_t>(in.u16() % 1300U, in.left()));
    ByteVector datagram{given.begin(), given.end()};
    switch (operation % 6) {
      case 0:  // as it is
        receive(datagram);
        break;
      case 1:  // with the session's id and MAC
        if (datagram.size() > kHeaderSize + 8 + kMacSize) {
          std::copy(keys.session.bytes.begin(), keys.session.bytes.end(), datagram.begin() + kHeaderSize);
          to_anchor.seal(datagram);
        }
        receive(datagram);
        break;
      case 2:  // time passes; pings leave, some with a stamp
        now = now + std::chrono::milliseconds{given.empty() ? 1 : given[0]};
        core.on_timer(clock());
        for (const PingToken& ping : world.pings) {
          core.on_sending(ping, clock());
          if (given.size() > 1)
            core.on_transmitted(ping, {WallTime{clock().wall + Nanoseconds{given[1]}}, {}});
        }
        world.pings.clear();
        break;
      case 3:
        (void)core.prober().close(round, given, now + 1s, now);
        break;
      case 4:
        (void)core.prober().assign({given, std::nullopt, 1ms, 1s, 0s, key}, now);
        break;
      default:  // another OPEN under the ticket: the genuine one, changed; never a second session
        std::copy(open.begin(), open.end(), datagram.insert(datagram.begin(), open.size(), 0));
        for (std::size_t i = Open::kSize; i + 1 < datagram.size(); i += 2)
          datagram[kHeaderSize + 32 + datagram[i] % (Open::kSize - kHeaderSize - 32)] ^= datagram[i + 1];
        datagram.resize(Open::kSize);
        receive(datagram);
        break;
    }
  }
  now = now + 100s;
  core.on_timer(clock());
  demand(world.reports == 1);
  demand(core.prober().rounds_in_flight() == 0);
  demand(world.bytes_out <= 200'000 + size * 64);
  return 0;
}
