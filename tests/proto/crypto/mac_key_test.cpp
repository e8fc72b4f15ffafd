#include "proto/crypto/mac_key.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <cstdlib>
#include <new>

#include "proto/wire/datagram.hpp"
#include "tests/support/catch.hpp"

using namespace chiploc;

// Counts what this whole executable takes from the heap, OpenSSL's part through its own hooks. The hooks go
// in before main: OpenSSL takes them only before it allocates for the first time.
namespace {
std::size_t allocations = 0;
void* counted_malloc(std::size_t size, const char* /*file*/, int /*line*/) {
  return ++allocations, std::malloc(size);
}
void* counted_realloc(void* old, std::size_t size, const char* /*file*/, int /*line*/) {
  return ++allocations, std::realloc(old, size);
}
void counted_free(void* memory, const char* /*file*/, int /*line*/) { std::free(memory); }
bool hooked = false;
[[gnu::constructor(101)]] void hook_openssl() {
  hooked = CRYPTO_set_mem_functions(counted_malloc, counted_realloc, counted_free) == 1;
}
}  // namespace

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size != 0 ? size : 1)) return memory;
  std::abort();
}
void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept { return ::operator new(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t /*size*/) noexcept { std::free(memory); }

TEST_CASE("MacKey: known answers of RFC 4231", "[crypto]") {
  const ByteVector key(20, 0x0b);
  CHECK(MacKey{key}.mac(bytes_of("Hi There")).hex() == "b0344c61d8db38535ca8afceaf0bf12b");
  CHECK(MacKey{bytes_of("Jefe")}.mac(bytes_of("what do ya want for nothing?")).hex() ==
        "5bdcc146bf60754e6a042426089575c7");
  const ByteVector long_key(131, 0xaa);  // longer than a block: hashed first
  CHECK(MacKey{long_key}.mac(bytes_of("Test Using Larger Than Block-Size Key - Hash Key First")).hex() ==
        "60e431591ee0b67f0d8a26aacbf5b77f");
}

TEST_CASE("MacKey: seals a datagram and accepts it; one flipped bit and it does not", "[crypto]") {
  const MacKey key{ByteVector(32, 0x42)};
  ByteArray<64> datagram{};
  for (std::size_t i = 0; i < datagram.size(); ++i) datagram[i] = static_cast<std::uint8_t>(i);
  key.seal(datagram);
  CHECK(key.accepts(datagram));
  CHECK_FALSE(MacKey{ByteVector(32, 0x43)}.accepts(datagram));
  for (std::size_t bit = 0; bit < datagram.size() * 8; ++bit) {
    auto flipped = datagram;
    flipped[bit / 8] = static_cast<std::uint8_t>(flipped[bit / 8] ^ (1U << bit % 8));
    REQUIRE_FALSE(key.accepts(flipped));
  }
}

TEST_CASE("MacKey: refuses datagrams that are no longer than a MAC", "[crypto]") {
  const MacKey key{ByteVector(32, 0x42)};
  CHECK_FALSE(key.accepts({}));
  const Mac of_nothing = key.mac({});
  CHECK_FALSE(key.accepts(of_nothing.bytes));
  CHECK_FALSE(key.accepts(Bytes{of_nothing.bytes}.first(5)));
}

TEST_CASE("MacKey: moves with its key", "[crypto]") {
  MacKey a{ByteVector(32, 1)};
  const Mac expected = a.mac(bytes_of("x"));
  MacKey b{std::move(a)};
  CHECK(b.mac(bytes_of("x")) == expected);
  MacKey c{ByteVector(32, 2)};
  c = std::move(b);
  CHECK(c.mac(bytes_of("x")) == expected);
}

TEST_CASE("MacKey: a ping is sealed and checked without touching the heap", "[crypto]") {
  REQUIRE(hooked);
  const MacKey key{ByteVector(32, 0x42)};
  ByteArray<64> datagram{};
  std::size_t accepted = 0;
  const std::size_t before = allocations;
  for (std::uint8_t i = 0; i < 200; ++i) {
    datagram[8] = i;
    key.seal(datagram);
    accepted += key.accepts(datagram) ? 1U : 0U;
  }
  const std::size_t taken = allocations - before;
  CHECK(taken == 0);
  CHECK(accepted == 200);

  // The counter does count: OpenSSL's own one-shot HMAC is no such thing.
  const std::size_t before_control = allocations;
  std::size_t size = 0;
  ByteArray<32> out{};
  EVP_Q_mac(nullptr, "HMAC", nullptr, "SHA256", nullptr, "key", 3, datagram.data(), datagram.size(),
            out.data(), out.size(), &size);
  CHECK(size == 32);
  CHECK(allocations > before_control);
}
