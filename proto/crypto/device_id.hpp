#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "proto/base/bytes.hpp"
#include "proto/base/ids.hpp"

namespace chiploc {

/// The id that a maker gave a chip: 16 to 32 bytes, as its certificate's subject serialNumber has it. On the
/// wire (tickets, knocks, statements, the `ueid` claim) a chip is named by 16 bytes that follow from it:
///
///     16 bytes        wire id = the id itself
///     17 to 32 bytes  wire id = first 16 bytes of SHA-256("chiploc chip id" || 0x00 || id)
///
/// Accuracy  Two ids with one wire id are refused where they meet (import); to find such a pair on purpose
///           takes some 2^64 hashes, to hit a given chip 2^128.
class DeviceId {
 public:
  static constexpr std::size_t kSizeMin = ChipId::kSize;
  static constexpr std::size_t kSizeMax = 32;

  /// Hexadecimal digits of either case; a ':' may stand between all bytes or none.
  [[nodiscard]] static std::optional<DeviceId> from_text(std::string_view text);
  /// nullopt unless kSizeMin to kSizeMax bytes.
  [[nodiscard]] static std::optional<DeviceId> from_bytes(Bytes raw);

  [[nodiscard]] Bytes bytes() const { return bytes_; }
  [[nodiscard]] std::string hex() const { return to_hex(bytes_); }
  /// The name on the wire.
  [[nodiscard]] ChipId chip_id() const;
  friend bool operator==(const DeviceId&, const DeviceId&) = default;

 private:
  explicit DeviceId(ByteVector bytes) : bytes_{std::move(bytes)} {}
  ByteVector bytes_;
};

}  // namespace chiploc
