#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "proto/base/bytes.hpp"

namespace chiploc {

/// RFC 4648, section 5: the alphabet that is safe in URLs, without padding.
[[nodiscard]] std::string base64url_text(Bytes bytes);
/// Its inverse, strict: one text for one run of bytes. nullopt for another character (padding and white space too), a
/// length that no bytes have, and bits behind the last byte that are not zero.
[[nodiscard]] std::optional<ByteVector> base64url_bytes(std::string_view text);

}  // namespace chiploc
