#pragma once
#include <optional>
#include <string_view>

#include "proto/base/bytes.hpp"
#include "proto/crypto/digest.hpp"

namespace chiploc {

/// AES-256-SIV (RFC 5297), for names: the same bytes under the same key and purpose always become the same, and what
/// was not made by this key does not open. Whoever lacks the key learns only which names are equal, and how long they are.
/// Thread-safe.
class SivKey {
 public:
  static constexpr std::size_t kSize = 64;
  static constexpr std::size_t kTagSize = 16;

  /// Whether this OpenSSL has the cipher: version 3 with its default provider does. Without it no key is to be used.
  [[nodiscard]] static bool available();
  explicit SivKey(SecretBytes<kSize> key) : key_{std::move(key)} {}

  /// Tag and ciphertext: kTagSize bytes more than `plain`; of nothing it is nothing. `purpose` is authenticated: what was
  /// sealed for one does not open for another. Ends the process where available() is false, or memory has run out.
  [[nodiscard]] ByteVector seal(std::string_view purpose, Bytes plain) const;
  /// nullopt: not sealed by this key for this purpose.
  [[nodiscard]] std::optional<ByteVector> open(std::string_view purpose, Bytes sealed) const;

 private:
  SecretBytes<kSize> key_;
};

}  // namespace chiploc
