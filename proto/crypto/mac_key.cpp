#include "proto/crypto/mac_key.hpp"

// OpenSSL 3.0's EVP_MAC and EVP_MD contexts allocate twice in every HMAC: each restart copies or rebuilds a
// context on the heap, also after EVP_MAC_init with a null key. The ping path has to stay off the heap, so
// this file, and it alone, uses the older SHA256_ functions, whose state is a plain struct. The README says
// more.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include <algorithm>
#include <cassert>

#include "proto/crypto/digest.hpp"
#include "proto/wire/datagram.hpp"

namespace chiploc {

/// SHA-256 after the key's inner and outer block (RFC 2104): each MAC starts from copies of these.
struct MacKey::State {
  SHA256_CTX inner;
  SHA256_CTX outer;
};

MacKey::MacKey(Bytes key) : state_{std::make_unique<State>()} {
  constexpr std::uint8_t kInnerPad = 0x36;
  constexpr std::uint8_t kOuterPad = 0x5c;
  SecretBytes<SHA256_CBLOCK> block;
  const MutableBytes bytes = block.writable();
  if (key.size() > bytes.size()) {
    SHA256_Init(&state_->inner);
    SHA256_Update(&state_->inner, key.data(), key.size());
    SHA256_Final(bytes.data(), &state_->inner);
  } else {
    std::copy(key.begin(), key.end(), bytes.begin());
  }
  for (auto& byte : bytes) byte ^= kInnerPad;
  SHA256_Init(&state_->inner);
  SHA256_Update(&state_->inner, bytes.data(), bytes.size());
  for (auto& byte : bytes) byte ^= kInnerPad ^ kOuterPad;
  SHA256_Init(&state_->outer);
  SHA256_Update(&state_->outer, bytes.data(), bytes.size());
}

MacKey::~MacKey() {
  if (state_ != nullptr) {
    wipe({reinterpret_cast<std::uint8_t*>(&state_->inner), sizeof state_->inner});
    wipe({reinterpret_cast<std::uint8_t*>(&state_->outer), sizeof state_->outer});
  }
}
MacKey::MacKey(MacKey&&) noexcept = default;
MacKey& MacKey::operator=(MacKey&& other) noexcept {
  // Swapping leaves the old key to the other's destructor, which wipes it.
  state_.swap(other.state_);
  return *this;
}

Mac MacKey::mac(Bytes message) const {
  // The copies on the stack need no wiping: finishing compresses them at least once more, which is one-way.
  ByteArray<SHA256_DIGEST_LENGTH> digest;
  SHA256_CTX hash = state_->inner;
  SHA256_Update(&hash, message.data(), message.size());
  SHA256_Final(digest.data(), &hash);
  hash = state_->outer;
  SHA256_Update(&hash, digest.data(), digest.size());
  SHA256_Final(digest.data(), &hash);
  return *Mac::from_bytes(Bytes{digest}.first(Mac::kSize));
}

void MacKey::seal(MutableBytes datagram) const {
  assert(datagram.size() > kMacSize);
  const Mac sum = mac(datagram.first(datagram.size() - kMacSize));
  std::copy(sum.bytes.begin(), sum.bytes.end(), datagram.last(kMacSize).begin());
}

bool MacKey::accepts(Bytes datagram) const {
  if (datagram.size() <= kMacSize) return false;
  return constant_time_equal(mac(datagram.first(datagram.size() - kMacSize)).bytes, datagram.last(kMacSize));
}

}  // namespace chiploc
