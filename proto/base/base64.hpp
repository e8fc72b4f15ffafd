#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "proto/base/bytes.hpp"

namespace chiploc {

/// RFC 4648, section 4: the standard alphabet, padded, no white space.
[[nodiscard]] std::string base64_text(Bytes bytes);

/// The inverse, into memory that the caller wipes. Returns how many bytes there are; nullopt for anything that
/// base64_text would not have written (another alphabet, no padding, bits beyond the last byte) and for what
/// does not fit.
[[nodiscard]] std::optional<std::size_t> base64_decode(std::string_view text, MutableBytes out);
/// The same into memory of its own, for what is no secret.
[[nodiscard]] std::optional<ByteVector> base64_bytes(std::string_view text);

}  // namespace chiploc
