#include "proto/crypto/digest.hpp"

#include <set>

#include "tests/support/catch.hpp"

namespace chiploc::digest_test {

TEST_CASE("sha256: known answers of FIPS 180-4", "[crypto]") {
  CHECK(sha256({}).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256(bytes_of("abc")).hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("sha256: parts and pieces give the digest of the whole", "[crypto]") {
  const std::string text = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
  const Digest whole = sha256(bytes_of(text));
  CHECK(whole.hex() == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  Sha256 hash;
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    const Bytes head = bytes_of(text).first(cut);
    const Bytes tail = bytes_of(text).subspan(cut);
    CHECK(sha256_of({head, tail}) == whole);
    CHECK(hash.update(head).update(tail).finish() == whole);
  }
}

TEST_CASE("constant_time_equal: equal bytes of equal size and nothing else", "[crypto]") {
  const ByteVector a{1, 2, 3};
  CHECK(constant_time_equal(a, ByteVector{1, 2, 3}));
  CHECK_FALSE(constant_time_equal(a, ByteVector{1, 2, 4}));
  CHECK_FALSE(constant_time_equal(a, ByteVector{1, 2}));
  CHECK(constant_time_equal({}, {}));
}

TEST_CASE("random_id: no two alike in ten thousand", "[crypto]") {
  std::set<Nonce> seen;
  for (int i = 0; i < 10'000; ++i) seen.insert(random_id<Nonce>());
  CHECK(seen.size() == 10'000);
}

TEST_CASE("random_bytes: fills more than one piece", "[crypto]") {
  ByteVector many((1U << 20U) + 64);
  REQUIRE(random_bytes(many));
  const Bytes tail = Bytes{many}.last(64);
  CHECK_FALSE(same_bytes(tail, ByteVector(64)));
}

TEST_CASE("anchor_id_of: the first half of the key's SHA-256", "[crypto]") {
  const ByteArray<32> key{0xd7, 0x5a};
  CHECK(anchor_id_of(key).hex() == sha256(key).hex().substr(0, 32));
  CHECK(coordinator_id_of(key).hex() == anchor_id_of(key).hex());
}

TEST_CASE("SecretBytes: moving away leaves zeros behind", "[crypto]") {
  SecretBytes<32> a;
  a.writable()[3] = 9;
  SecretBytes<32> b{std::move(a)};
  CHECK(b.bytes()[3] == 9);
  CHECK(a.bytes()[3] == 0);  // NOLINT(bugprone-use-after-move): that is the point
  SecretBytes<32> c;
  c = std::move(b);
  CHECK(c.bytes()[3] == 9);
  CHECK(b.bytes()[3] == 0);  // NOLINT(bugprone-use-after-move)
}

}  // namespace chiploc::digest_test
