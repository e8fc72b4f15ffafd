// Replaces malloc and its kin for this whole program, OpenSSL included, and counts. Sanitizers replace them
// too, so under those the counting is left out and the test says so.
#include <atomic>
#include <cerrno>
#include <cstdlib>

#include "tests/agent/agent_world.hpp"
#include "tests/support/catch.hpp"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define CHIPLOC_COUNTS_ALLOCATIONS 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define CHIPLOC_COUNTS_ALLOCATIONS 0
#endif
#endif
#ifndef CHIPLOC_COUNTS_ALLOCATIONS
#define CHIPLOC_COUNTS_ALLOCATIONS 1
#endif

namespace {
std::atomic<std::uint64_t> allocations{0};
}

#if CHIPLOC_COUNTS_ALLOCATIONS
extern "C" {
void* __libc_malloc(std::size_t size);                       // NOLINT: glibc's names
void* __libc_calloc(std::size_t count, std::size_t size);    // NOLINT
void* __libc_realloc(void* old, std::size_t size);           // NOLINT
void* __libc_memalign(std::size_t align, std::size_t size);  // NOLINT
void* malloc(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return __libc_calloc(count, size);
}
void* realloc(void* old, std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return __libc_realloc(old, size);
}
void* memalign(std::size_t align, std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return __libc_memalign(align, size);
}
void* aligned_alloc(std::size_t align, std::size_t size) { return memalign(align, size); }
int posix_memalign(void** out, std::size_t align, std::size_t size) {
  *out = memalign(align, size);
  return *out == nullptr ? ENOMEM : 0;
}
}
#endif

using namespace chiploc;

namespace {
/// Keeps only the last datagram, in place.
class LastDatagram final : public AgentOutbox {
 public:
  void send(const Endpoint&, Bytes datagram) override {
    std::copy(datagram.begin(), datagram.end(), bytes.begin());
    size = datagram.size();
    ++count;
  }
  ByteArray<kDatagramMax> bytes{};
  std::size_t size = 0;
  std::size_t count = 0;
};
}  // namespace

TEST_CASE("Responder: answering and refusing pings allocates nothing, inside OpenSSL neither", "[agent]") {
  AgentWorld world;
  FakeAnchor anchor = world.anchor_of(random_id<RoundId>());
  REQUIRE(world.open(anchor));
  std::vector<ByteVector> pings;
  for (std::uint32_t i = 0; i < 12; ++i) pings.push_back(anchor.ping(i));
  ByteVector wrong = anchor.ping(0);
  wrong.back() ^= 1U;
  ByteVector foreign = wrong;
  foreign[5] ^= 1U;
  ByteVector other_version = wrong;
  other_version[2] = 9;
  LastDatagram out;
  const auto before_any = allocations.load();
  void* (*volatile take)(std::size_t) = std::malloc;  // volatile: compilers elide what is freed at once
  std::free(take(16));
  const bool counts = allocations.load() > before_any;

  const auto before = allocations.load();
  for (int round = 0; round < 100; ++round) {
    for (const auto& ping : pings) {
      world.responder.on_datagram(ping, anchor.endpoint(), world.now, world.wall, out);
    }
    world.responder.on_datagram(wrong, anchor.endpoint(), world.now, world.wall, out);
    world.responder.on_datagram(foreign, anchor.endpoint(), world.now, world.wall, out);
    world.responder.on_datagram(other_version, anchor.endpoint(), world.now, world.wall, out);
    world.responder.on_timer(world.now, world.wall, out);
  }
  const auto after = allocations.load();

  CHECK(world.responder.stats().pings_answered == 12);
  CHECK(out.count == 12 + 16);  // and the REJECTs of the other version, up to their limit
  CHECK(after == before);
  if (CHIPLOC_COUNTS_ALLOCATIONS) {
    CHECK(counts);
  } else {
    WARN("skipped: a sanitizer owns malloc, nothing was counted");
  }
}
