#include "server/verifier/dependent_codes.hpp"

#include <array>
#include <string_view>

namespace chiploc {
namespace {

struct Dependent {
  std::string_view part;
  std::string_view whole;
};
constexpr std::array<Dependent, 12> kDependents{{{"BQ", "NL"},
                                                 {"BV", "NO"},
                                                 {"CC", "AU"},
                                                 {"CX", "AU"},
                                                 {"GF", "FR"},
                                                 {"GP", "FR"},
                                                 {"MQ", "FR"},
                                                 {"RE", "FR"},
                                                 {"SJ", "NO"},
                                                 {"TK", "NZ"},
                                                 {"XK", "RS"},
                                                 {"YT", "FR"}}};

}  // namespace

std::set<CountryCode> perhaps_named(const std::set<CountryCode>& named,
                                    const std::set<CountryCode>& decided) {
  std::set<CountryCode> out;
  for (const Dependent& dependent : kDependents) {
    const CountryCode part = CountryCode::from_text(dependent.part).value();
    const CountryCode whole = CountryCode::from_text(dependent.whole).value();
    if (named.contains(whole) && !named.contains(part) && !decided.contains(part)) out.insert(part);
  }
  return out;
}

}  // namespace chiploc
