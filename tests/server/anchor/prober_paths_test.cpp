// Which round a REJECT belongs to.
#include "tests/server/anchor/prober_bench.hpp"

namespace chiploc {
namespace {

TEST_CASE("Prober: tickets that move on to another address leave the next round's REJECTs alone",
          "[anchor]") {
  ProberBench bench;
  const auto pend = [&](const Ticket& ticket) {
    const auto raw = bytes_of(ticket);
    const Bytes view = raw;
    REQUIRE(
        bench.prober.pend(ticket.round, bench.chip, bench.chip_key->public_key(), {view}, bench.now + 60s));
  };
  const auto fetch = [&](const Endpoint& from) {
    ByteArray<Knock::kSize> knock{};
    bench.receive(encode(Knock{bench.chip, bench.self}, knock), from);
    KnockProof proof{bench.chip, bench.self, {}, 1, 0, 0, {}};
    proof.cookie = parse_knock_reply(bench.last(DatagramType::kKnockReply).bytes)->cookie;
    REQUIRE(sign(proof, *bench.chip_key));
    ByteArray<KnockProof::kSize> buffer{};
    bench.receive(encode(proof, buffer), from);
    CHECK(parse_ticket_datagram(bench.last(DatagramType::kTicket).bytes)->cookie == proof.cookie);
  };
  const Ticket first = bench.assign_round(3s);
  const Ticket second = bench.assign_round(3s);
  pend(first);
  pend(second);
  fetch(bench.agent_endpoint);  // both: a REJECT from there is the second's
  const auto reject = reject_for(bench.last(DatagramType::kTicket).bytes, RejectReason::kNotYetValid);
  REQUIRE(reject);
  bench.prober.unpend(second.round);
  fetch(sim::sim_endpoint(3, 3, 7400));  // the first alone moves on
  ByteArray<Reject::kSize> buffer{};
  bench.receive(encode(*reject, buffer));
  bench.advance(4s);
  REQUIRE(bench.reports.size() == 2);
  for (const RoundReport& report : bench.reports) {
    CHECK(report.rejects[static_cast<std::size_t>(RejectReason::kNotYetValid)] ==
          (report.round == second.round ? 1 : 0));
  }
}

}  // namespace
}  // namespace chiploc
