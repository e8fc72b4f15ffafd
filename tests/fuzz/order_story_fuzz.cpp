// An order's story as it comes back from a disk that anybody may have held: read strictly, or refused with the
// field's name; what is read is written again to the byte, and whatever happens to it can be stored and read too.
#include "server/orders/order_record.hpp"
#include "tests/fuzz/fuzz_support.hpp"

using namespace chiploc;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes in{data, size};
  const auto read = order_from(in);
  if (!read) {
    fuzz::demand(!read.error().empty());
    return 0;
  }
  fuzz::demand(same_bytes(order_bytes(*read), in));
  const ChipPart away{ChipState::kDrifted, true, "campus"}, back{ChipState::kCompliant, true, "campus"};
  for (const auto& what : std::initializer_list<decltype(OrderEvent::what)>{
           OrderChipJoined{{}, away}, OrderChipChanged{{}, away, back}, OrderChipLeft{{}, away},
           OrderParties{"A", "A"}, HoldOverridden{"D-1", "spares", "Ann"},
           HoldLifted{"explained", "Ann", read->told + std::chrono::hours{24}},
           WatchDecided{WatchParty::kEndUser, false, "known", "Ann"}}) {
    OrderStory story = *read;
    apply(story, {story.told, what}, {});
    const auto again = order_from(order_bytes(story));
    fuzz::demand(again && *again == story);
  }
  return 0;
}
