#include "server/oidc/key_cache.hpp"

#include <algorithm>
#include <string>

namespace chiploc {

bool KeyCache::usable(SteadyTime now) const { return fetched_ && now - *fetched_ < rules_.stale_most; }

bool KeyCache::due(SteadyTime now) const {
  if (again_ && now < *again_) return false;
  return !fetched_ || now >= fresh_until_;
}

bool KeyCache::take_unknown(SteadyTime now) {
  if (again_ && now < *again_) return false;
  if (asked_unknown_ && now - *asked_unknown_ < rules_.unknown_gap) return false;
  asked_unknown_ = now;
  return true;
}

void KeyCache::fetched(SteadyTime now, std::optional<Nanoseconds> max_age) {
  fetched_ = now;
  fresh_until_ = now + std::clamp(max_age.value_or(rules_.fresh), rules_.fresh_least, rules_.fresh_most);
  again_.reset();
  gap_ = Nanoseconds{0};
}

void KeyCache::failed(SteadyTime now) {
  gap_ = gap_.count() == 0 ? rules_.again_first : std::min(gap_ * 2, rules_.again_most);
  again_ = now + gap_;
}

std::optional<Nanoseconds> max_age_of(std::string_view cache_control) {
  std::optional<Nanoseconds> age;
  while (!cache_control.empty()) {
    const std::size_t comma = std::min(cache_control.find(','), cache_control.size());
    std::string one{cache_control.substr(0, comma)};
    cache_control.remove_prefix(std::min(comma + 1, cache_control.size()));
    std::transform(one.begin(), one.end(), one.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    one.erase(0, std::min(one.find_first_not_of(" \t"), one.size()));
    one.erase(one.find_last_not_of(" \t") + 1);
    if (one == "no-store" || one == "no-cache") return Nanoseconds{0};
    constexpr std::string_view kMaxAge = "max-age=";
    const std::string_view digits = std::string_view{one}.substr(std::min(kMaxAge.size(), one.size()));
    constexpr std::size_t kDigitsMost = 9;  // thirty years
    if (!one.starts_with(kMaxAge) || digits.empty() || digits.size() > kDigitsMost ||
        digits.find_first_not_of("0123456789") != std::string_view::npos || age)
      continue;
    age = std::chrono::seconds{std::stol(std::string{digits})};
  }
  return age;
}

}  // namespace chiploc
