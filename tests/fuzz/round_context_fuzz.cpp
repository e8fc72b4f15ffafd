// A context as it comes back from a disk that anybody may have held: read strictly, or refused with the
// field's name; and what is read is written again to the byte. Then the same bytes as a whole stored round:
// judging it again never fails otherwise than by saying so.
#include "proto/crypto/digest.hpp"
#include "server/verifier/replay.hpp"
#include "server/verifier/verdict_record.hpp"
#include "tests/fuzz/fuzz_support.hpp"

using namespace chiploc;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes in{data, size};
  static const auto unknown = std::make_shared<const Area>(Area::unknown());
  const auto read = parse_context(in, [](const std::string&, const Digest&) { return unknown; });
  if (read) {
    fuzz::demand(same_bytes(context_bytes(*read), in));
  } else {
    fuzz::demand(!read.error().empty());
  }
  v1::VerdictRecord record;
  record.set_verdict_id(std::string(16, 'v'));
  record.set_context_sha256(string_of(sha256(in).bytes));
  const StoredRound round{.context = {in.begin(), in.end()}, .record = record_bytes(record)};
  const ReplayOutcome outcome = replay(round, own_borders());
  fuzz::demand(outcome.kind != ReplayOutcome::Kind::kSame);
  fuzz::demand(!outcome.wrong.empty() || !outcome.why.empty() || !outcome.differences.empty());
  return 0;
}
