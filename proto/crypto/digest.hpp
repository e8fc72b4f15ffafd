#pragma once
#include <cstddef>
#include <initializer_list>
#include <memory>

#include "proto/base/bytes.hpp"
#include "proto/base/ids.hpp"

struct evp_md_ctx_st;

namespace chiploc {

/// SHA-256 of one run of bytes (FIPS 180-4). Thread-safe; each thread keeps one context.
[[nodiscard]] Digest sha256(Bytes message);
/// SHA-256 of the parts one after another, without joining them in memory.
[[nodiscard]] Digest sha256_of(std::initializer_list<Bytes> parts);

/// SHA-256 of bytes that arrive piece by piece. After finish() it starts over. Not thread-safe.
class Sha256 {
 public:
  Sha256();
  Sha256& update(Bytes part);
  [[nodiscard]] Digest finish();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

/// Compares without telling by its duration where the two differ. False at once if the sizes differ: sizes
/// are public here.
[[nodiscard]] bool constant_time_equal(Bytes a, Bytes b);

/// Overwrites memory in a way that the compiler keeps.
void wipe(MutableBytes secret);

/// Fills `out` from the operating system's generator. False if it is not seeded: then nothing may go on,
/// since every nonce and key of the protocol rests on it.
[[nodiscard]] bool random_bytes(MutableBytes out);
/// The same for callers that have no way on without it: stops the process, with a sentence on stderr.
void random_bytes_or_abort(MutableBytes out);

/// A fresh random id, nonce or session number.
template <class SomeId>
[[nodiscard]] SomeId random_id() {
  SomeId id;
  random_bytes_or_abort(id.bytes);
  return id;
}

/// The name of an anchor or coordinator: the first 16 bytes of SHA-256 over its raw Ed25519 public key.
[[nodiscard]] AnchorId anchor_id_of(const ByteArray<32>& ed25519_public);
[[nodiscard]] CoordinatorId coordinator_id_of(const ByteArray<32>& ed25519_public);

/// Bytes that are wiped when they go away. Movable (the source is wiped), not copyable.
template <std::size_t N>
class SecretBytes {
 public:
  SecretBytes() = default;
  ~SecretBytes() { wipe(bytes_); }
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  SecretBytes(SecretBytes&& other) noexcept : bytes_{other.bytes_} { wipe(other.bytes_); }
  SecretBytes& operator=(SecretBytes&& other) noexcept {
    if (this != &other) {
      bytes_ = other.bytes_;
      wipe(other.bytes_);
    }
    return *this;
  }
  [[nodiscard]] Bytes bytes() const { return bytes_; }
  [[nodiscard]] MutableBytes writable() { return bytes_; }

 private:
  ByteArray<N> bytes_{};
};

}  // namespace chiploc
