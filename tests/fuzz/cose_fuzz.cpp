// The statement parser against any bytes: what it accepts has one encoding, and no key accepts it unsigned.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "proto/crypto/cose.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chiploc;
  static const auto kKey = generate_key(SignatureAlgorithm::kEd25519);
  const Bytes input{data, size};
  const auto unchecked = parse_unchecked_statement(input);
  if (unchecked) {
    const auto claims = encode_claims(unchecked->statement);
    if (!claims || !same_bytes(*claims, unchecked->claims)) std::abort();
    if (check_statement(input, kKey->public_key(), unchecked->certificate)) std::abort();
  }
  const auto claims = parse_claims(input);
  if (claims) {
    const auto again = encode_claims(*claims);
    if (!again || !same_bytes(*again, input)) std::abort();
  }
  return 0;
}
