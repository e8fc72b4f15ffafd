// Lies of an anchor.
#include <limits>

#include "server/rounds/round.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/round_maker.hpp"

namespace chiploc::attacks {
namespace {

using namespace std::chrono_literals;
/// The chip is measured by the others, and nothing of this anchor's counts.
void check_left_out(const RoundEvidenceBytes& evidence, std::size_t anchor, const std::string& code) {
  const CheckedEvidence checked = check_evidence(evidence);
  CHECK(checked.outcome == EvidenceOutcome::kMeasured);
  REQUIRE_FALSE(checked.reasons.empty());
  CHECK(checked.reasons.front().code == code);
  for (std::size_t i = 0; i < checked.anchors.size(); ++i) CHECK(checked.anchors[i].used == (i != anchor));
}

TEST_CASE("attack: an anchor reports for another", "[attacks]") {
  auto maker = test::four_anchors();
  RoundEvidenceBytes evidence = maker.make(test::kFrankfurt);
  // All that par would say, signed by ber's key.
  v1::SignedReport envelope;
  REQUIRE(envelope.ParseFromArray(evidence.reports[2].second.data(),
                                  static_cast<int>(evidence.reports[2].second.size())));
  envelope.set_signature(
      string_of(sign_report(bytes_of(envelope.body()), *maker.anchors[0].key).value().bytes));
  const std::string forged = envelope.SerializeAsString();
  evidence.reports[2].second.assign(forged.begin(), forged.end());
  check_left_out(evidence, 2, "report_signature");
}

TEST_CASE("attack: an anchor reports twice; its first word counts", "[attacks]") {
  auto maker = test::four_anchors();
  RoundEvidenceBytes evidence = maker.make(test::kFrankfurt);
  v1::SignedReport envelope;
  v1::ReportBody body;
  REQUIRE(envelope.ParseFromArray(evidence.reports[0].second.data(),
                                  static_cast<int>(evidence.reports[0].second.size())));
  REQUIRE(body.ParseFromString(envelope.body()));
  for (auto& sample : *body.mutable_sessions(0)->mutable_samples()) sample.set_rtt_ns(1000);
  evidence.reports.emplace_back(evidence.tickets[0].anchor.id,
                                maker.sign_report_of(0, evidence.tickets[0].ticket, {body.sessions(0)}));
  const CheckedEvidence checked = check_evidence(evidence);
  CHECK(checked.outcome == EvidenceOutcome::kMeasured);
  CHECK(checked.anchors[0].rtt_min == maker.rtt_to(maker.anchors[0], test::kFrankfurt));
}

TEST_CASE("attack: an anchor reports late; the round was closed over those that had reported", "[attacks]") {
  const auto anchor = [](std::uint8_t i) {
    AnchorId id;
    id.bytes.fill(i);
    return id;
  };
  Endpoint endpoint;
  endpoint.port = 7411;
  const WallTime wall{1'700'000'000s};
  Round round{{},
              RoundId{},
              ChipId{},
              CoordinatorId{},
              {{anchor(1), endpoint}, {anchor(2), endpoint}},
              {Nonce{}, Nonce{}, Nonce{}},
              SteadyTime{0s}};
  (void)round.start();
  X25519Public key;
  key.bytes.fill(9);
  (void)round.on_prepared(0, key, SteadyTime{1s}, wall);
  (void)round.on_prepared(1, key, SteadyTime{1s}, wall);
  (void)round.on_report(0, {1, 9ms}, SteadyTime{2s});
  const SteadyTime deadline = round.next_deadline().value();
  const auto closing = round.on_timer(deadline, wall);
  REQUIRE_FALSE(closing.empty());
  const auto* const close = std::get_if<IssueClose>(&closing.front());
  REQUIRE(close != nullptr);
  CHECK(close->order.mask == 1);
  CHECK(round.on_report(1, {1, 1ms}, deadline + 1ms).empty());
  CHECK(round.state() == Round::State::kClosing);
}

TEST_CASE("attack: an anchor reports negative or absurd samples", "[attacks]") {
  for (const std::int64_t rtt_ns :
       {std::int64_t{-1}, std::int64_t{0}, std::int64_t{21'000'000'000},
        std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}) {
    INFO(rtt_ns);
    auto maker = test::four_anchors();
    maker.spoil_session = [rtt_ns](std::size_t i, v1::SessionReport& s) {
      if (i == 2) s.mutable_samples(0)->set_rtt_ns(rtt_ns);
    };
    check_left_out(maker.make(test::kFrankfurt), 2, "report_inconsistent");
  }
}

}  // namespace
}  // namespace chiploc::attacks
