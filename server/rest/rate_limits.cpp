#include "server/rest/rate_limits.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "server/rest/text_parts.hpp"

namespace chiploc {

RateLimits::Taken RateLimits::take(std::string_view key, SteadyTime now) {
  const std::lock_guard lock{mutex_};
  auto at = buckets_.find(std::string{key});
  if (at == buckets_.end()) {
    if (buckets_.size() >= keys_max_) {
      buckets_.erase(heard_.front());
      heard_.pop_front();
    }
    const auto place = heard_.insert(heard_.end(), std::string{key});
    at = buckets_.emplace(std::string{key}, Bucket{limit_.burst, now, place}).first;
  }
  Bucket& bucket = at->second;
  heard_.splice(heard_.end(), heard_, bucket.place);
  if (now > bucket.filled) {
    const double seconds = std::chrono::duration<double>{now - bucket.filled}.count();
    bucket.tokens = std::min(limit_.burst, bucket.tokens + seconds * limit_.per_second);
    bucket.filled = now;
  }
  Taken out;
  out.allowed = bucket.tokens >= 1.0;
  if (out.allowed) bucket.tokens -= 1.0;
  out.left = static_cast<std::uint64_t>(bucket.tokens);
  if (bucket.tokens < 1.0)
    out.retry_after_seconds =
        static_cast<std::uint64_t>(std::ceil((1.0 - bucket.tokens) / limit_.per_second));
  return out;
}

void RateLimits::describe(const Taken& taken, std::string_view name, HttpFields& fields) const {
  const auto quota = static_cast<std::uint64_t>(limit_.burst);
  const auto window = static_cast<std::uint64_t>(std::ceil(limit_.burst / limit_.per_second));
  const std::string quoted = '"' + std::string{name} + '"';
  fields.emplace_back("ratelimit-policy",
                      quoted + ";q=" + std::to_string(quota) + ";w=" + std::to_string(window));
  fields.emplace_back("ratelimit", quoted + ";r=" + std::to_string(taken.left) +
                                       ";t=" + std::to_string(taken.retry_after_seconds));
}

std::size_t RateLimits::size() const {
  const std::lock_guard lock{mutex_};
  return buckets_.size();
}

std::string address_key(std::string_view remote) {
  if (remote.find(':') == std::string_view::npos) return std::string{remote};
  if (remote.find('.') !=
      std::string_view::npos)  // "::ffff:192.0.2.1": an IPv4 address, as a socket of both has it
    return std::string{remote.substr(remote.rfind(':') + 1)};
  constexpr std::size_t kParts = 8, kKept = 4;
  // "::" stands for as many parts as are missing.
  const std::size_t gap = remote.find("::");
  const auto parts_of = [](std::string_view text) {
    std::vector<std::string> out;
    while (!text.empty()) out.emplace_back(take_part(text, ':'));
    return out;
  };
  std::vector<std::string> parts = parts_of(remote.substr(0, gap));
  if (gap != std::string_view::npos) {
    const std::vector<std::string> behind = parts_of(remote.substr(gap + 2));
    while (parts.size() + behind.size() < kParts) parts.emplace_back("0");
    parts.insert(parts.end(), behind.begin(), behind.end());
  }
  std::string out;
  for (std::size_t i = 0; i < kKept && i < parts.size(); ++i) out += parts[i] + ":";
  return out;
}

}  // namespace chiploc
