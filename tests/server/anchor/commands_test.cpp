#include "server/anchor/commands.hpp"

#include "proto/crypto/digest.hpp"
#include "proto/v1/anchor_service.pb.h"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

using namespace std::chrono_literals;

struct Nothing final : ProbeOutbox, ProbeResults {
  void send(const Path&, Bytes, const PingToken*) override {}
  void on_report(RoundReport) override {}
  void on_statement(const RoundId&, ByteVector) override {}
  void on_knock(KnockRecord) override {}
  void on_progress(const RoundProgress&) override {}
  void on_mesh(MeshWindow) override {}
};

TEST_CASE(
    "AnchorCommands: a round lasts its deadline although our clock is an hour ahead, "
    "or behind, of the coordinator's",
    "[anchor]") {
  for (const Nanoseconds apart : {-1h, 0h, 1h}) {
    Nothing nothing;
    const AnchorId self = random_id<AnchorId>();
    const ClockReading now{{1000s}, {1'800'000'000s}, {1000s}};
    AnchorCore core{{}, {}, self, random_bytes_or_abort, nothing, nothing, now.steady};
    v1::AnchorMessage answer;
    AnchorCommands commands{core, [&](const v1::AnchorMessage& message) { answer = message; }};
    Ticket ticket;
    ticket.round = random_id<RoundId>();
    ticket.chip = random_id<ChipId>();
    ticket.anchor = self;
    ticket.anchor_count = 1;
    ticket.ping_count = 12;
    ticket.anchor_endpoint.port = 7411;
    ticket.not_before = 1'800'000'000;
    ticket.not_after = 1'800'000'120;

    v1::CoordinatorMessage prepare;
    prepare.mutable_prepare()->set_round_id(string_of(ticket.round.bytes));
    prepare.mutable_prepare()->set_chip_id(string_of(ticket.chip.bytes));
    prepare.mutable_prepare()->set_expires_unix_ns((now.wall.since_epoch + 120s + apart).count());
    commands.handle(prepare, now);
    REQUIRE(answer.has_prepared());
    ticket.anchor_public = *X25519Public::from_bytes(bytes_of(answer.prepared().anchor_public()));

    v1::CoordinatorMessage assign;
    assign.mutable_assign()->set_ticket(string_of(bytes_of(ticket)));
    assign.mutable_assign()->set_deadline_ms(10'000);
    SECTION("without the chip's key nobody could be told from a stranger") {
      commands.handle(assign, now);
      REQUIRE(answer.has_cannot_prepare());
      CHECK(answer.cannot_prepare().reason().find("chip_public") == 0);
    }
    assign.mutable_assign()->set_chip_public(
        string_of(generate_key(SignatureAlgorithm::kEs384)->public_key().spki_der()));
    answer.Clear();
    const ClockReading later{now.steady + 3s, now.wall + 3s, now.raw + 3s};  // another anchor was slow
    commands.handle(assign, later);
    CAPTURE(answer.ShortDebugString());
    CHECK_FALSE(answer.has_cannot_prepare());
    REQUIRE(core.prober().next_deadline());
    CHECK(*core.prober().next_deadline() == later.steady + 10s);
  }
}

}  // namespace
}  // namespace chiploc
