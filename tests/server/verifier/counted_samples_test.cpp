#include "server/verifier/counted_samples.hpp"

#include "server/verifier/verdict_record.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/round_maker.hpp"

namespace chiploc::counted_samples_test {
namespace {

using test::four_anchors;
using test::kFrankfurt;
using test::RoundMaker;

constexpr std::int64_t kMs = 1'000'000;

v1::Sample* add(v1::SessionReport& session, std::int64_t sent_ms, std::int64_t rtt_ms) {
  v1::Sample* const sample = session.add_samples();
  sample->set_sequence(static_cast<std::uint32_t>(session.samples_size() - 1));
  sample->set_rtt_ns(rtt_ms * kMs);
  sample->set_sent_ns(sent_ms * kMs);
  sample->set_received_ns((sent_ms + rtt_ms) * kMs);
  sample->set_source(v1::STAMP_SOURCE_KERNEL_BOTH);
  return sample;
}

TEST_CASE("counted samples: the record names the one that counts, the least and the next") {
  v1::SessionReport session;
  add(session, 0, 20);
  add(session, 40, 7);
  add(session, 80, 21)->set_source(v1::STAMP_SOURCE_KERNEL_RECEIVE);
  add(session, 120, 23);
  const auto counted = count_samples(session);
  REQUIRE(counted);
  CHECK(counted->sequence == 0);
  CHECK(counted->rtt == Nanoseconds{20 * kMs});
  CHECK(counted->least == Nanoseconds{7 * kMs});
  CHECK(counted->next == Nanoseconds{21 * kMs});
  CHECK(counted->source == StampSource::kKernelBoth);
}

TEST_CASE("counted samples: equal ones stand beside each other, and the longest has no next") {
  v1::SessionReport session;
  add(session, 0, 20);
  add(session, 40, 20);
  CHECK(count_samples(session)->sequence == 1);
  CHECK(count_samples(session)->next == Nanoseconds{0});
  add(session, 80, 20);
  CHECK(count_samples(session)->sequence == 1);
  CHECK(count_samples(session)->next == Nanoseconds{20 * kMs});
}

/// The finding of the first anchor after `spoil` has changed its session.
template <class Spoil>
CheckedEvidence with_first_session(Spoil spoil) {
  RoundMaker maker = four_anchors();
  maker.spoil_session = [&](std::size_t anchor, v1::SessionReport& session) {
    if (anchor == 0) spoil(session);
  };
  return check_evidence(maker.make(kFrankfurt));
}

TEST_CASE("counted samples: an anchor whose samples bear nothing out is left out, with why and what to do") {
  struct Case {
    std::function<void(v1::SessionReport&)> spoil;
    std::string why;
    std::string remedy;
  };
  const std::vector<Case> cases{
      {[](v1::SessionReport& s) { s.mutable_samples()->DeleteSubrange(1, 11); }, "only one sample",
       "raise pings"},
      {[](v1::SessionReport& s) {
         for (auto& sample : *s.mutable_samples()) {
           sample.clear_sent_ns();
           sample.clear_received_ns();
         }
       },
       "do not say when they were in flight", "install the present version"},
      {[](v1::SessionReport& s) {
         for (auto& sample : *s.mutable_samples()) {
           sample.set_sent_ns(sample.sequence());
           sample.set_received_ns(400 * kMs + sample.sequence());
         }
       },
       "all in flight at one moment", "ping_interval_ms"},
  };
  for (const Case& c : cases) {
    const CheckedEvidence checked = with_first_session(c.spoil);
    CAPTURE(c.why);
    REQUIRE(checked.outcome == EvidenceOutcome::kMeasured);
    const AnchorFinding& first = checked.anchors[0];
    CHECK_FALSE(first.used);
    CHECK(first.answered);
    CHECK(first.samples > 0);
    CHECK(first.rtt_min == Nanoseconds{0});
    CHECK(first.note.find(c.why) != std::string::npos);
    CHECK(first.note.find(c.remedy) != std::string::npos);
    REQUIRE(checked.reasons.size() == 1);
    CHECK(checked.reasons[0].code == "not_borne_out");
    CHECK(checked.reasons[0].text.find("ber") != std::string::npos);
    for (std::size_t other = 1; other < 4; ++other) CHECK(checked.anchors[other].used);
  }
}

TEST_CASE("counted samples: one sample that a pause cut does not rule, and the record shows it") {
  RoundMaker maker = four_anchors();
  const Nanoseconds true_rtt = maker.rtt_to(maker.anchors[0], kFrankfurt);
  const CheckedEvidence checked = with_first_session([](v1::SessionReport& session) {
    v1::Sample& cut = *session.mutable_samples(5);
    cut.set_rtt_ns(200'000);
    cut.set_bracket_ns(205'000);
    cut.set_received_ns(cut.sent_ns() + 205'000);
  });
  const AnchorFinding& first = checked.anchors[0];
  REQUIRE(first.used);
  CHECK(first.rtt_min == true_rtt);
  CHECK(first.counted_sequence == 0);
  CHECK(first.rtt_least == Nanoseconds{200'000});
  CHECK(first.rtt_next == true_rtt);  // the maker's samples come in pairs
  CHECK(checked.anchors[1].rtt_least == checked.anchors[1].rtt_min);
}

}  // namespace
}  // namespace chiploc::counted_samples_test
