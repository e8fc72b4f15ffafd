#include "proto/crypto/device_id.hpp"

#include <algorithm>

#include "proto/crypto/digest.hpp"

namespace chiploc {

std::optional<DeviceId> DeviceId::from_bytes(Bytes raw) {
  if (raw.size() < kSizeMin || raw.size() > kSizeMax) return std::nullopt;
  return DeviceId{ByteVector(raw.begin(), raw.end())};
}

std::optional<DeviceId> DeviceId::from_text(std::string_view text) {
  std::string digits{text};
  if (text.find(':') != std::string_view::npos) {
    digits.clear();
    for (std::size_t i = 0; i < text.size(); ++i) {
      const bool colon_here = i % 3 == 2;
      if ((text[i] == ':') != colon_here) return std::nullopt;
      if (!colon_here) digits += text[i];
    }
    if (text.size() % 3 != 2) return std::nullopt;
  }
  const auto raw = from_hex(digits);
  return raw ? from_bytes(*raw) : std::nullopt;
}

ChipId DeviceId::chip_id() const {
  ChipId id;
  if (bytes_.size() == ChipId::kSize) {
    std::copy(bytes_.begin(), bytes_.end(), id.bytes.begin());
    return id;
  }
  constexpr std::string_view kContext{"chiploc chip id\0", 16};
  ByteVector input(kContext.begin(), kContext.end());
  input.insert(input.end(), bytes_.begin(), bytes_.end());
  const Digest digest = sha256(input);
  std::copy_n(digest.bytes.begin(), ChipId::kSize, id.bytes.begin());
  return id;
}

}  // namespace chiploc
