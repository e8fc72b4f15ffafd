#pragma once
// Country groups of the US export rules: Supplement No. 1 to part 740 of the EAR (15 CFR 740). What follows from a
// group is policy's to say; no verdict knows them.

#include <cstdint>
#include <string_view>
#include <vector>

namespace chiploc {

enum class CountryGroup : std::uint8_t {
  kA1,  ///< participants of the Wassenaar Arrangement, without Malta, Russia, Ukraine
  kA5,  ///< closest partners: most licence exceptions
  kA6,  ///< partners with fewer of them
  kD1,  ///< national security
  kD4,  ///< missile technology
  kD5,  ///< arms embargoes of the US
  kE1,  ///< said to support terrorism
  kE2   ///< unilateral embargo
};
inline constexpr std::size_t kCountryGroups = 8;
/// "A:1", "D:5", ..
[[nodiscard]] std::string_view name_of(CountryGroup group);

/// ISO 3166-1 alpha-2, sorted: as the supplement names countries. Hong Kong is in none by name: the rules treat it as
/// China, and whether a policy does is its own decision. Macau is named. Taken over 2026-12-01:
///
/// | groups | as of | from |
/// |---|---|---|
/// | A | 2026-06-20 | a reproduction of the eCFR's table, with the number of marks in a row held against bis.gov's |
/// | D, E | 2026-07-08 | a published list of its members by ISO code, made from the eCFR's table |
///
/// Group B, some 170 countries, is not here: no source of today was at hand. D:5 follows a list of the State Department
/// (22 CFR 126.1), which may be ahead of it.
[[nodiscard]] const std::vector<std::string_view>& countries_of(CountryGroup group);
/// The day of its list, "2026-07-08": for whoever shows it.
[[nodiscard]] std::string_view as_of(CountryGroup group);
/// `country` in capitals.
[[nodiscard]] bool is_in(CountryGroup group, std::string_view country);
/// All groups of a country, in their order.
[[nodiscard]] std::vector<CountryGroup> groups_of(std::string_view country);

}  // namespace chiploc
