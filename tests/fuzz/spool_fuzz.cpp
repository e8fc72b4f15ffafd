// Arbitrary bytes as what an anchor finds in its spool after a crash. The first byte chooses the file: a
// segment or the number file. Whatever stands there, the spool opens or says why, reads back only what its
// checksums cover, gives ids that were never given, and takes new messages.
#include <algorithm>

#include "server/anchor/spool.hpp"
#include "tests/fuzz/fuzz_support.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chiploc;
  if (size == 0) return 0;
  static const fuzz::ScratchFolder kFolder;
  const auto folder = kFolder.path() / "spool";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directory(folder);
  const bool numbers = data[0] % 8 == 7;
  kFolder.write(numbers ? "spool/next-id" : "spool/spool-0000000000000001.seg",
                fuzz::text_of(data + 1, size - 1));
  std::size_t warnings = 0;
  auto spool = Spool::open({.folder = folder, .messages = 64, .segment_bytes = 4096},
                           WallTime{std::chrono::microseconds{5}}, [&](const std::string&) { ++warnings; });
  if (!spool) {
    fuzz::demand(!spool.error().empty());
    return 0;
  }
  const std::size_t found = (*spool)->size();
  const auto entries = (*spool)->read(0, found + 1);
  fuzz::demand(entries.size() <= found);
  std::uint64_t last = 0;
  for (const SpoolEntry& entry : entries) {
    fuzz::demand(entry.payload.size() <= Spool::kMessageMax && (entry.id > last || last == 0));
    last = entry.id;
  }
  const ByteVector message{1, 2, 3};
  const auto id = (*spool)->append(message, SpoolPriority::kEvidence);
  if (!id) {
    fuzz::demand(!id.error().empty());
    return 0;
  }
  fuzz::demand(*id > last && (*spool)->sync().has_value());
  const auto back = (*spool)->read(*id - 1, 1);
  fuzz::demand(back.size() == 1 && back[0].payload == message);
  for (const SpoolEntry& entry : entries) (*spool)->acknowledge(entry.id);
  (*spool)->acknowledge(*id);
  fuzz::demand((*spool)->size() == found - entries.size());
  return 0;
}
