// A coordinator impersonated to anchors: the production uplink against servers that are not the coordinator.
#include <asio/io_context.hpp>
#include <fstream>

#include "proto/crypto/digest.hpp"
#include "server/anchor/udp_socket.hpp"
#include "server/anchor/uplink.hpp"
#include "tests/server/anchor/fake_coordinator.hpp"

namespace chiploc::attacks {
namespace {

using namespace std::chrono_literals;

/// An anchor's uplink towards a server; counts what it accepts from there.
class AnchorUplink {
 public:
  AnchorUplink(const TempFolder& folder, const TlsFiles& own, const std::string& address) {
    auto spool = Spool::open({folder / "spool"}, read_clocks().wall, [](const std::string&) {});
    REQUIRE(spool);
    auto key = generate_key(SignatureAlgorithm::kEd25519);
    UplinkOptions options;
    options.address = address;
    options.server_name = "chiplocd";
    options.tls = own;
    options.anchor = "fra1";
    options.id = *anchor_id_of(key->public_key());
    options.software_version = "test";
    options.retry_first = 20ms;
    options.retry_max = 50ms;
    Keeper::Options keeping;
    keeping.identity = {options.id, "test"};
    keeping.on_kept = [] {};
    keeper_ = std::make_unique<Keeper>(std::move(keeping), std::move(*spool), std::move(key));
    uplink_ = std::make_unique<Uplink>(
        io_, options, *keeper_, random_bytes_or_abort,
        Uplink::Events{[this](const v1::CoordinatorMessage&) { ++commands_; }, [] { return 0U; }, {}});
    uplink_->start();
  }
  ~AnchorUplink() {
    uplink_.reset();
    keeper_.reset();
    io_.poll();
  }
  AnchorUplink(const AnchorUplink&) = delete;
  AnchorUplink& operator=(const AnchorUplink&) = delete;

  /// Runs until something is so, or for so many events of the reactor: tries that failed, and their waits.
  template <class Condition>
  bool run_until(Condition condition, int events) {
    for (int i = 0; i < events && !condition(); ++i) {
      io_.run_one_for(1s);
      io_.restart();
    }
    return condition();
  }
  [[nodiscard]] bool attached() const { return uplink_->attached(); }
  [[nodiscard]] std::size_t commands() const { return commands_; }

 private:
  asio::io_context io_{1};
  std::size_t commands_ = 0;
  std::unique_ptr<Keeper> keeper_;
  std::unique_ptr<Uplink> uplink_;
};

TEST_CASE("attack: a coordinator impersonated to anchors", "[attacks]") {
  const TempFolder folder;
  const TestAuthority authority;
  const TlsFiles own = authority.issue(folder, "fra1", "anchor");
  const auto refused = [&](const TlsFiles& impostor) {
    FakeCoordinator server{impostor};
    v1::CoordinatorMessage order;
    order.mutable_prepare()->set_round_id(std::string(16, 'r'));
    server.send(order);
    AnchorUplink anchor{folder, own, server.address()};
    CHECK_FALSE(anchor.run_until([&] { return anchor.attached() || anchor.commands() > 0; }, 8));
    CHECK(server.with([](auto& s) { return s.hellos.size(); }) == 0);
  };
  SECTION("the genuine one is taken") {
    FakeCoordinator server{authority.issue(folder, "chiplocd", "coordinator")};
    AnchorUplink anchor{folder, own, server.address()};
    CHECK(anchor.run_until([&] { return anchor.attached(); }, 1000));
  }
  SECTION("by another anchor, with its own genuine certificate") {
    refused(authority.issue(folder, "par1", "anchor"));
  }
  SECTION("by a coordinator of another authority, of the same name") {
    refused(TestAuthority{}.issue(folder, "chiplocd", "coordinator"));
  }
}

}  // namespace
}  // namespace chiploc::attacks
