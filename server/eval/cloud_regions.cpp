#include "server/eval/cloud_regions.hpp"

#include <algorithm>
#include <array>

#include "server/tables/characters.hpp"

namespace chiploc {
namespace {

struct Provider {
  std::string_view id, other;
};
constexpr std::array<Provider, 5> kProviders{
    {{"aws", "amazon"}, {"gcp", "google"}, {"azure", "microsoft"}, {"oci", "oracle"}, {"alibaba", "aliyun"}}};

std::string plain(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == ' ' || c == '\t') continue;
    out.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  }
  return out;
}

/// Takes "aws:" and its like from the front: the provider, or nothing.
std::string_view take_provider(std::string& name, std::string_view typed) {
  for (const auto& [id, other] : kProviders) {
    for (const std::string_view word : {id, other}) {
      if (!name.starts_with(word) || name.size() == word.size()) continue;
      const bool parted = std::string_view{":/-_"}.find(name[word.size()]) != std::string_view::npos;
      if (!parted && (typed.size() <= word.size() || typed[word.size()] != ' ')) continue;
      name.erase(0, word.size() + (parted ? 1 : 0));
      return id;
    }
  }
  return {};
}

std::vector<const CloudRegion*> find(std::string_view name, std::string_view provider) {
  std::vector<const CloudRegion*> found;
  for (const CloudRegion& region : cloud_regions()) {
    if (region.name == name && (provider.empty() || region.provider == provider)) found.push_back(&region);
  }
  return found;
}

}  // namespace

std::vector<std::string_view> cloud_providers() {
  std::vector<std::string_view> out;
  for (const Provider& provider : kProviders) out.push_back(provider.id);
  return out;
}

std::vector<const CloudRegion*> regions_named(std::string_view name, std::string_view provider) {
  std::string asked = plain(name);
  const std::string_view stated = take_provider(asked, name);
  if (!stated.empty() && !provider.empty() && stated != provider) return {};
  if (!stated.empty()) provider = stated;
  auto found = find(asked, provider);
  if (!found.empty() || asked.size() < 3 || asked.back() < 'a' || asked.back() > 'h') return found;
  asked.pop_back();  // a zone
  if (asked.back() == '-') {
    asked.pop_back();
    found = find(asked, provider);
    std::erase_if(found, [](const CloudRegion* region) { return region->provider == "aws"; });
  } else if (is_digit(asked.back())) {
    found = find(asked, provider);
    std::erase_if(found, [](const CloudRegion* region) {
      return region->provider != "aws" && region->provider != "alibaba";
    });
  }
  return found;
}

bool same_place(const CloudRegion& a, const CloudRegion& b) {
  return a.lat == b.lat && a.lon == b.lon && a.country == b.country;
}

}  // namespace chiploc
