#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "proto/base/result.hpp"
#include "server/http/http_fault.hpp"

namespace chiploc {

/// A chunked body (RFC 9112, section 7.1) in its strict form: sizes of one to eight hexadecimal digits, each line ended
/// by CR LF, no extensions, no trailer fields. One body; byte for byte the same however it was cut.
class ChunkDecoder {
 public:
  /// Takes off the front of `in` what belongs to the body, and appends its data to `body`, of which there may be
  /// `body_max` bytes.
  ///
  /// Returns   whether the body has ended; what is left of `in` is not its own then.
  /// Fails     With 400, or 413 when a chunk's size goes beyond the bound, before its data.
  [[nodiscard]] Result<bool, HttpFault> decode(std::string_view& in, std::string& body, std::size_t body_max);

 private:
  enum class Expects : std::uint8_t {
    kSize,
    kSizeEnd,
    kData,
    kDataEnd,
    kDataEndFeed,
    kLast,
    kLastFeed,
    kNothing
  };
  Expects expects_ = Expects::kSize;
  std::uint64_t size_ = 0;  ///< of the chunk; of its data what is to come
  int digits_ = 0;
};

}  // namespace chiploc
