#include "server/policy/groups.hpp"

#include <algorithm>
#include <array>

namespace chiploc {
namespace {

struct GroupList {
  std::string_view name, as_of;
  std::vector<std::string_view> countries;
};

const GroupList& list_of(CountryGroup group) {
  static const std::array<GroupList, kCountryGroups> kLists{
      {{"A:1", "2026-06-20", {"AR", "AT", "AU", "BE", "BG", "CA", "CH", "CZ", "DE", "DK",
                              "EE", "ES", "FI", "FR", "GB", "GR", "HR", "HU", "IE", "IN",
                              "IS", "IT", "JP", "KR", "LT", "LU", "LV", "MX", "NL", "NO",
                              "NZ", "PL", "PT", "RO", "SE", "SI", "SK", "TR", "US", "ZA"}},
       {"A:5", "2026-06-20", {"AR", "AT", "AU", "BE", "BG", "CA", "CH", "CZ", "DE", "DK", "EE", "ES", "FI",
                              "FR", "GB", "GR", "HR", "HU", "IE", "IN", "IS", "IT", "JP", "KR", "LT", "LU",
                              "LV", "NL", "NO", "NZ", "PL", "PT", "RO", "SE", "SI", "SK", "TR"}},
       {"A:6", "2026-06-20", {"AL", "CY", "IL", "MT", "MX", "SG", "TW", "ZA"}},
       {"D:1", "2026-07-08", {"AM", "AZ", "BY", "CN", "GE", "IQ", "KG", "KH", "KP", "KZ", "LA", "LY",
                              "MD", "MM", "MN", "MO", "NI", "RU", "TJ", "TM", "UZ", "VE", "VN", "YE"}},
       {"D:4", "2026-07-08", {"AE", "BH", "BY", "CN", "EG", "IL", "IQ", "IR", "JO", "KP", "KW",
                              "LB", "LY", "MO", "OM", "PK", "QA", "RU", "SA", "SY", "VE", "YE"}},
       {"D:5", "2026-07-08", {"AF", "BY", "CD", "CF", "CN", "CU", "ER", "HT", "IQ", "IR", "KP",
                              "LB", "LY", "MM", "NI", "RU", "SD", "SO", "SS", "SY", "VE", "ZW"}},
       {"E:1", "2026-07-08", {"IR", "KP", "SY"}},
       {"E:2", "2026-07-08", {"CU"}}}};
  return kLists.at(static_cast<std::size_t>(group));
}

}  // namespace

std::string_view name_of(CountryGroup group) { return list_of(group).name; }

const std::vector<std::string_view>& countries_of(CountryGroup group) { return list_of(group).countries; }

std::string_view as_of(CountryGroup group) { return list_of(group).as_of; }

bool is_in(CountryGroup group, std::string_view country) {
  const std::vector<std::string_view>& countries = countries_of(group);
  return std::binary_search(countries.begin(), countries.end(), country);
}

std::vector<CountryGroup> groups_of(std::string_view country) {
  std::vector<CountryGroup> out;
  for (std::size_t i = 0; i < kCountryGroups; ++i) {
    if (is_in(static_cast<CountryGroup>(i), country)) out.push_back(static_cast<CountryGroup>(i));
  }
  return out;
}

}  // namespace chiploc
