// A case's story as it comes back from a disk that anybody may have held: read strictly, or refused with the
// field's name; what is read is written again to the byte, and whatever happens to it can be stored and read too.
#include "server/cases/case_priority.hpp"
#include "server/cases/case_record.hpp"
#include "tests/fuzz/fuzz_support.hpp"

using namespace chiploc;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes in{data, size};
  const auto read = case_from(in);
  if (!read) {
    fuzz::demand(!read.error().empty());
    return 0;
  }
  fuzz::demand(same_bytes(case_bytes(*read), in));
  fuzz::demand(priority_of(*read, read->told).points <= 100);
  for (const auto& what : std::initializer_list<decltype(CaseEvent::what)>{
           ChipAccused{{}, ChipState::kDrifted, {}, "There."}, ChipCleared{{}, "Back."},
           ChipRestated{{}, ChipState::kProhibited, {}, "Worse."}, SignSeen{{}, {}, "statement_replay"},
           UserStated{"Ann", "A", "B", "a visit"}, CaseWeighed{{5, "A", "AE", 1}}, CaseAssigned{"Ann", "Bob"},
           CaseDisputed{"Op", "No.", {}, true}, DisputeDecided{"Ann", "so it is", true},
           CaseResolved{"Ann", "so it is", CaseEnd::kJustified}, CaseReopened{"Ann", "a letter"},
           CaseSuperseded{}}) {
    CaseStory story = *read;
    apply(story, {story.told, what}, {});
    const auto again = case_from(case_bytes(story));
    fuzz::demand(again && *again == story);
  }
  return 0;
}
