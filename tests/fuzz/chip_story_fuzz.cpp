// A chip's story as it comes back from a disk that anybody may have held: read strictly, or refused with a sentence; what is
// read is written again to the byte. Then it goes on: told for a year under several rules, with a verdict of each kind, it
// stays one that can be.
#include "server/status/story_check.hpp"
#include "server/status/story_record.hpp"
#include "tests/fuzz/fuzz_support.hpp"

using namespace chiploc;

namespace {

void go_on(ChipStory story, const StatusRules& rules) {
  using std::chrono::hours;
  if (story.told >= kStoryEnd - hours{2 * 24 * 365}) return;
  const auto tell = [&](const std::vector<StatusChange>& changes) {
    for (const StatusChange& change : changes) fuzz::demand(!change.why.empty() && change.at <= story.told);
    fuzz::demand(story_fault(story).empty());
    fuzz::demand(!ended_by(story, rules).empty() && !grounds_of(story).why.empty());
    if (const auto next = outlook(story, rules))
      fuzz::demand(next->at > story.told && next->to != story.state);
  };
  for (unsigned kind = 0; kind <= 5; ++kind) {
    const WallTime now = story.told + hours{kind * 11};
    VerdictId verdict;
    verdict.bytes.fill(static_cast<std::uint8_t>(kind + 1));
    tell(apply(story, {now, Judged{verdict, static_cast<VerdictKind>(kind), now, now + hours{24}}}, rules));
  }
  tell(apply(story, {story.told, DisputeOpened{}}, rules));
  tell(apply(story, {story.told, AbsenceDeclared{story.told, story.told + hours{100}}}, rules));
  tell(advance(story, story.told + hours{24 * 365}, rules));
  tell(apply(story, {story.told, AbsenceEnded{}}, rules));
  tell(apply(story, {story.told, AccusationLifted{}}, rules));
  tell(apply(story, {story.told, EnrolledAnew{}}, rules));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes in{data, size};
  const auto read = parse_story(in);
  if (!read) {
    fuzz::demand(!read.error().empty());
    return 0;
  }
  fuzz::demand(story_fault(*read).empty());
  fuzz::demand(same_bytes(story_bytes(*read), in));
  go_on(*read, {});
  StatusRules strict;
  strict.confirmations = strict.restorations = 1;
  strict.unproven_after = strict.silent_after = strict.overdue_after = strict.lost_proof_after =
      std::chrono::hours{1};
  go_on(*read, strict);
  return 0;
}
