// A mute as it comes back from a disk that anybody may have held: read strictly, or refused with the field's name; what
// is read is written again to the byte, and keeps back only what fits.
#include "server/cases/mute_record.hpp"
#include "tests/fuzz/fuzz_support.hpp"

using namespace chiploc;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes in{data, size};
  const auto read = mute_from(in);
  if (!read) {
    fuzz::demand(read.error().starts_with("mute."));
    return 0;
  }
  fuzz::demand(same_bytes(mute_bytes(*read), in));
  fuzz::demand(!(read->scope == MuteScope{}));
  // A fact of which nothing is known is never kept back, but by its kind alone.
  for (std::size_t kind = 0; kind < kFactKinds; ++kind) {
    const NoticeFact fact{static_cast<FactKind>(kind), "x", read->from, "X."};
    fuzz::demand(!fits(read->scope, fact) || read->scope == MuteScope{.fact = fact.kind});
    const auto* by = muted_by({*read}, fact, read->until);
    fuzz::demand(by == nullptr);
  }
  return 0;
}
