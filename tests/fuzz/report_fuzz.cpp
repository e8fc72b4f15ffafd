// What an anchor may send: a report body that its own key signed, so that the fuzzer gets past the signature,
// judged together with an honest round. Whatever it says, an honest chip must never become INVALID through
// one anchor. Why a chip is silent is told from the same bytes: always three causes.
#include <cstdlib>

#include "proto/crypto/ticket_seal.hpp"
#include "server/verifier/evidence.hpp"

#define REQUIRE(condition) \
  if (!(condition)) std::abort()
#include "tests/support/judged.hpp"

namespace {

using namespace chiploc;

struct World {
  test::RoundMaker maker;
  RoundEvidenceBytes evidence = make();

  RoundEvidenceBytes make() {
    maker.add_anchor("ber", {.lat = 52.52, .lon = 13.40});
    maker.add_anchor("ams", {.lat = 52.37, .lon = 4.90});
    maker.add_anchor("par", {.lat = 48.86, .lon = 2.35});
    return maker.make({.lat = 50.11, .lon = 8.68});
  }
};

void look_for_causes(const World& world) {
  static const RoundContext context = [&world] {
    RoundContext made = test::context_for(world.evidence, world.maker.coordinator_key->public_key(), {}, {});
    made.contact = Contact{.knocks = true, .wait = std::chrono::seconds{61}, .rendezvous = 1};
    return made;
  }();
  const SilenceSeen seen = see_silence(context, test::evidence_of(world.evidence), {});
  if (likely_causes(seen).size() != kCausesShown) std::abort();
  if (to_record({seen, reached(seen), likely_causes(seen)}).SerializeAsString().empty()) std::abort();
}

ByteVector vector_of(const std::string& text) { return {text.begin(), text.end()}; }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static World world;
  static const ByteVector honest = world.evidence.reports[1].second;
  const Bytes in{data, size};
  v1::SignedReport signed_by_anchor;
  signed_by_anchor.set_body(string_of(in));
  signed_by_anchor.set_signature(string_of(sign_report(in, *world.maker.anchors[1].key).value().bytes));
  for (const ByteVector& report :
       {vector_of(signed_by_anchor.SerializeAsString()), ByteVector{in.begin(), in.end()}}) {
    world.evidence.reports[1].second = report;
    const CheckedEvidence checked = check_evidence(world.evidence);
    if (checked.outcome != EvidenceOutcome::kMeasured) std::abort();
    if (!checked.anchors[0].used || !checked.anchors[2].used) std::abort();
    // Whatever counts is borne out: it never was the only sample, and never below the least.
    const AnchorFinding& fuzzed = checked.anchors[1];
    look_for_causes(world);
    if (fuzzed.used && (fuzzed.samples < 2 || fuzzed.rtt_min < fuzzed.rtt_least)) std::abort();
  }
  world.evidence.reports[1].second = honest;
  return 0;
}
