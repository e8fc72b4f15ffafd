// Arbitrary datagrams into a responder with sessions in every state. The input is a list of datagrams: two
// bytes of length, one of kind, then the bytes. Kind 1 repairs the session id and the MAC, so that what lies
// behind them is reached as well; kind 2 moves the clock.
#include <memory>

#include "tests/agent/agent_world.hpp"

using namespace chiploc;

namespace {

/// A rendezvous anchor, and sessions offered, open, finished and closed.
struct Target {
  Target() : world{{}, {{AnchorId{}, AgentWorld::endpoint_of(90)}}} {
    for (std::uint8_t i = 0; i < 4; ++i) anchors.push_back(world.anchor_of(random_id<RoundId>()));
    const auto sent = world.tell(anchors[0].ticket_datagram(), anchors[0].endpoint());
    if (sent.empty() || !anchors[0].on_open(sent[0].bytes)) std::abort();
    open_mac = parse_open(sent[0].bytes)->mac;
    for (std::size_t i = 1; i < 4; ++i) {
      if (!world.open(anchors[i])) std::abort();
    }
    if (!world.ping_and_finish(anchors[2]) || !world.ping_and_finish(anchors[3])) std::abort();
    const auto order = world.coordinator.order(world.chip, anchors[3].ticket().round, 1);
    if (world.tell(anchors[3].close(order), anchors[3].endpoint()).empty()) std::abort();
  }
  void feed(std::uint8_t kind, ByteVector datagram) {
    if (kind % 3 == 2) {
      world.pass(std::chrono::milliseconds{datagram.size() * 50});
      world.tick();
      return;
    }
    FakeAnchor& anchor = anchors[kind / 3 % anchors.size()];
    if (kind % 3 == 1 && datagram.size() >= 28) {
      datagram[0] = kMagic[0];
      datagram[1] = kMagic[1];
      datagram[2] = kProtocolVersion;
      if (datagram[3] == static_cast<std::uint8_t>(DatagramType::kOpenCookie)) {
        std::copy(open_mac.bytes.begin(), open_mac.bytes.end(), datagram.begin() + kHeaderSize);
      } else {
        const SessionId id = anchor.session();
        std::copy(id.bytes.begin(), id.bytes.end(), datagram.begin() + kHeaderSize);
        anchor.seal(datagram);
      }
    }
    std::size_t out = 0;
    for (const auto& sent : world.tell(datagram, anchor.endpoint())) {
      out += sent.bytes.size();
      if (const auto open = parse_open(sent.bytes)) open_mac = open->mac;
      // Nobody but a holder of a session's key gets back more than was sent, and nobody a REJECT that is
      // larger.
      if (sent.type() == DatagramType::kReject && sent.bytes.size() > datagram.size()) std::abort();
    }
    if (kind % 3 == 0 && world.responder.stats().knock.proofs == 0 && out > datagram.size()) std::abort();
    if (world.responder.stats().opens_sent > 6 * world.responder.stats().tickets_accepted) std::abort();
  }
  AgentWorld world;
  std::vector<FakeAnchor> anchors;
  Mac open_mac;  ///< of the last OPEN: what an OPEN_COOKIE has to echo
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // Making a target signs and agrees on keys, some milliseconds; so one serves many inputs, unless it is
  // worn.
  static std::unique_ptr<Target> target;
  static int inputs = 0;
  constexpr int kInputsMax = 256;
  if (!target || ++inputs % kInputsMax == 0 || target->world.responder.stats().sessions_used != 4) {
    target = std::make_unique<Target>();
  }
  Bytes rest{data, size};
  while (rest.size() >= 3) {
    const std::size_t length =
        std::min<std::size_t>((rest[0] * 256U + rest[1]) % (kDatagramMax + 1), rest.size() - 3);
    const std::uint8_t kind = rest[2];
    target->feed(kind, vector_of(rest.subspan(3, length)));
    rest = rest.subspan(3 + length);
  }
  return 0;
}
