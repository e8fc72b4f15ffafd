#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "server/cases/mute.hpp"
#include "server/notices/notice.hpp"
#include "server/service/requests.hpp"

namespace chiploc {

// Requests about notices and mutes -> checked values, as requests.hpp does for the others.

/// A number of ours that a list goes on behind.
[[nodiscard]] std::string number_token(std::uint64_t number);
[[nodiscard]] Checked<std::optional<std::uint64_t>> read_number_token(std::string_view token);

struct NoticeQuery {
  std::size_t size = 0;
  std::optional<std::uint64_t> after{};
  std::string sink{};
  std::optional<NoticeId> notice{};
  std::optional<WallTime> since{};
};
[[nodiscard]] Checked<NoticeQuery> check_notice_query(const v1::ListNoticesRequest& request,
                                                      const ApiLimits& limits, std::uint32_t otherwise,
                                                      std::uint32_t most);

/// What a mute is about, with names as the registry has them: kNotFound names the nearest.
[[nodiscard]] Answer<MuteScope> check_scope(const v1::MuteScope& scope, const Registry& registry,
                                            const ApiLimits& limits);

}  // namespace chiploc
