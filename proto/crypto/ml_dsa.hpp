#pragma once
#include <cstdint>

#include "proto/base/bytes.hpp"

namespace chiploc {

enum class MlDsaVerdict : std::uint8_t { kGood, kBad, kUnsupported };
/// A signature by ML-DSA-44 (FIPS 204, pure, without a context) over a message. kUnsupported where the OpenSSL at run time has
/// no such algorithm: it came with 3.5. Sizes are the caller's to check: 1,312 bytes of key, 2,420 of signature; others are bad.
[[nodiscard]] MlDsaVerdict verify_ml_dsa_44(Bytes public_key, Bytes message, Bytes signature);

}  // namespace chiploc
