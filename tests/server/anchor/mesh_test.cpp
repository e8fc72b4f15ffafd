#include "server/anchor/mesh.hpp"

#include "proto/crypto/digest.hpp"
#include "server/sim/sim_anchor.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

using namespace std::chrono_literals;
using sim::sim_endpoint;
using sim::SimAnchor;
using sim::SimNetwork;
using sim::SimWorld;

struct MeshWorld {
  SimWorld world;
  SimNetwork network;
  std::vector<std::unique_ptr<SimAnchor>> anchors;
  std::vector<AnchorId> ids;
  explicit MeshWorld(std::size_t count, std::uint64_t seed, sim::SimPath path = {})
      : world{seed}, network{world, path} {
    for (std::size_t i = 0; i < count; ++i) {
      AnchorId id;
      world.fill(id.bytes);
      ids.push_back(id);
      anchors.push_back(std::make_unique<SimAnchor>(world, network,
                                                    sim_endpoint(1, static_cast<std::uint8_t>(i), 7411), id));
    }
  }
  [[nodiscard]] std::vector<MeshPeer> all() {
    std::vector<MeshPeer> peers;
    for (std::size_t i = 0; i < anchors.size(); ++i) {
      peers.push_back({ids[i], anchors[i]->mesh().public_key(), anchors[i]->endpoint()});
    }
    return peers;
  }
  void introduce() {
    for (auto& anchor : anchors) {
      anchor->mesh().set_peers(all(), world.now());
      anchor->settle();
    }
  }
};

TEST_CASE("Mesh: every pair measures its round trip from both ends, and no answer is lost",
          "[anchor][mesh]") {
  MeshWorld mesh{4, 1};
  mesh.network.set_path(mesh.anchors[0]->endpoint(), mesh.anchors[1]->endpoint(),
                        {.delay = 20ms, .jitter = 3ms});
  mesh.introduce();
  mesh.world.run_for(60s);
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    REQUIRE(mesh.anchors[i]->windows.size() >= 5);
    for (const MeshWindow& window : mesh.anchors[i]->windows) {
      REQUIRE(window.pairs.size() == 3);
      for (const MeshPair& pair : window.pairs) {
        sent += pair.sent;
        received += pair.received;
        const bool far = (mesh.ids[i] == mesh.ids[0] && pair.peer == mesh.ids[1]) ||
                         (mesh.ids[i] == mesh.ids[1] && pair.peer == mesh.ids[0]);
        CHECK(pair.rtt_min >= (far ? 40ms : 10ms));
        CHECK(pair.rtt_min <= pair.rtt_median);
        CHECK(pair.rtt_median <= (far ? 46ms : 10ms));
        CHECK(pair.sent >= 6);
        CHECK(pair.sent <= 21);
        CHECK(pair.source == StampSource::kSimulated);
      }
    }
  }
  // A ping at the very end of a window is answered in the next one: at most one a pair is still away.
  CHECK(received <= sent);
  CHECK(sent - received <= 12);
}

TEST_CASE("Mesh: lost pings show as sent and not received", "[anchor][mesh]") {
  MeshWorld mesh{2, 2, {.delay = 5ms, .jitter = 0ns, .loss = 0.3, .duplication = 0}};
  mesh.introduce();
  mesh.world.run_for(300s);
  std::uint32_t sent = 0;
  std::uint32_t received = 0;
  for (const MeshWindow& window : mesh.anchors[0]->windows) {
    sent += window.pairs[0].sent;
    received += window.pairs[0].received;
  }
  CHECK(received < sent * 6 / 10);
  CHECK(received > sent * 4 / 10);
}

TEST_CASE("Mesh: a duplicated or replayed ping is answered once", "[anchor][mesh]") {
  MeshWorld mesh{2, 3, {.delay = 5ms, .jitter = 0ns, .loss = 0, .duplication = 1}};
  mesh.introduce();
  mesh.world.run_for(30s);
  CHECK(mesh.anchors[1]->mesh().counters().pings_answered <= mesh.anchors[0]->mesh().counters().pings_sent);
  CHECK(mesh.anchors[0]->mesh().counters().pongs_accepted <= mesh.anchors[0]->mesh().counters().pings_sent);
  const auto& rejected = mesh.anchors[1]->prober().counters().rejected;
  CHECK(rejected[static_cast<std::size_t>(RejectReason::kAlreadyAnswered)] > 10);
}

TEST_CASE("Mesh: a peer that restarts has a new key; the pair goes on after the news", "[anchor][mesh]") {
  MeshWorld mesh{2, 4};
  mesh.introduce();
  mesh.world.run_for(15s);
  const Endpoint at = mesh.anchors[1]->endpoint();
  mesh.anchors[1].reset();
  mesh.anchors[1] = std::make_unique<SimAnchor>(mesh.world, mesh.network, at, mesh.ids[1]);
  mesh.world.run_for(15s);
  const auto unknown = static_cast<std::size_t>(RejectReason::kUnknownSession);
  CHECK(mesh.anchors[1]->prober().counters().rejected[unknown] > 5);
  mesh.introduce();
  const std::uint64_t before = mesh.anchors[0]->mesh().counters().pongs_accepted;
  mesh.world.run_for(15s);
  CHECK(mesh.anchors[0]->mesh().counters().pongs_accepted > before + 8);
  CHECK(mesh.anchors[1]->mesh().counters().pongs_accepted > 8);
}

TEST_CASE("Mesh: a peer with a small-order key, ourselves, and peers beyond the limit are not pinged",
          "[anchor][mesh]") {
  SimWorld world{5};
  SimNetwork network{world, {}};
  AnchorId self;
  world.fill(self.bytes);
  SimAnchor anchor{world, network, sim_endpoint(1, 1, 1), self, {}, {.peers = 2}};
  std::vector<MeshPeer> peers{{self, anchor.mesh().public_key(), anchor.endpoint()}};
  MeshPeer bad;
  world.fill(bad.id.bytes);
  peers.push_back(bad);
  anchor.mesh().set_peers(peers, world.now());
  CHECK(anchor.mesh().peers() == 0);
  CHECK(anchor.mesh().counters().peers_refused == 1);
  peers.clear();
  for (int i = 0; i < 4; ++i) {
    MeshPeer good;
    world.fill(good.id.bytes);
    good.public_key = X25519Pair::generate().public_key();
    peers.push_back(good);
  }
  anchor.mesh().set_peers(peers, world.now());
  CHECK(anchor.mesh().peers() == 2);
  CHECK(anchor.mesh().counters().peers_refused == 3);
}

TEST_CASE("Mesh: a window's least is one that another sample bears out, whatever one pause cut",
          "[anchor][mesh]") {
  for (int offset_ms = 0; offset_ms < 1000; offset_ms += 25) {
    MeshWorld mesh{2, 5, {.delay = 50ms}};
    mesh.introduce();
    mesh.world.after(3s + offset_ms * 1ms, [&mesh] { mesh.anchors[0]->pause(70ms); });
    mesh.world.run_for(11s);
    REQUIRE(mesh.anchors[0]->windows.size() == 1);
    const MeshPair& pair = mesh.anchors[0]->windows[0].pairs.at(0);
    CAPTURE(offset_ms);
    CHECK(pair.rtt_min == 100ms);
    CHECK(pair.received > 5);
  }
}

TEST_CASE("Mesh: a window with one sample names no least", "[anchor][mesh]") {
  MeshWorld mesh{2, 6, {.delay = 5ms}};
  mesh.introduce();
  const Endpoint& a = mesh.anchors[0]->endpoint();
  const Endpoint& b = mesh.anchors[1]->endpoint();
  for (int i = 0; i < 200 && mesh.anchors[0]->mesh().counters().pongs_accepted == 0; ++i)
    mesh.world.run_for(10ms);
  mesh.network.set_path(a, b, {.delay = 5ms, .jitter = 0ns, .loss = 1.0, .duplication = 0});
  mesh.world.run_for(11s);
  REQUIRE_FALSE(mesh.anchors[0]->windows.empty());
  const MeshPair& pair = mesh.anchors[0]->windows[0].pairs.at(0);
  CHECK(pair.received == 1);
  CHECK(pair.rtt_min == 0ns);
  CHECK(pair.rtt_median == 10ms);
}

}  // namespace
}  // namespace chiploc
