#pragma once
// An order's story as it is stored, and read back from a disk that anybody may have held.

#include <string>

#include "proto/base/bytes.hpp"
#include "proto/base/result.hpp"
#include "server/orders/order_story.hpp"

namespace chiploc {

inline constexpr std::size_t kOrderStoryMax = 512 * 1024;

/// Serialised v1::OrderStory: the same bytes for equal stories.
[[nodiscard]] ByteVector order_bytes(const OrderStory& story);
/// Fails with the field and what is wrong with it. What is read is a story that apply() could have made as far as
/// that can be seen: in order, within its limits, its parts not at odds; and it is written again to the byte.
[[nodiscard]] Result<OrderStory, std::string> order_from(Bytes bytes);

}  // namespace chiploc
