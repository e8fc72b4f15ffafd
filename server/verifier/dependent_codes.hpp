#pragma once
// What a claim that names a country says about land that has a code of its own.

#include <set>

#include "geo/borders/country_code.hpp"

namespace chiploc {

/// GF, GP, MQ, RE and YT are codes of ISO 3166-1 and French departments at once; SJ and BV stand so to NO, BQ
/// to NL, CC and CX to AU, TK to NZ, and maps draw each within the larger country. Kosovo has no code in ISO
/// 3166-1, whose RS holds it, and the user-assigned XK elsewhere. Whoever writes FR into a licence or a
/// prohibited list may or may not mean RE. So a claim says of each code one of three things:
///
///     named itself                      yes
///     not named, the larger one is      perhaps: nothing is proved with it, neither for the chip nor against
///     neither named                     no
///
/// "Perhaps licensed" is never VERIFIED and never OUTSIDE or PROHIBITED; "perhaps prohibited" is never
/// CLEARED and never PROHIBITED. A code that either list names itself is no longer in doubt in the other: a
/// licence for FR with RE prohibited does not reach RE. Name the code and the doubt is gone.
///
/// Codes that maps draw apart (HK, MO, PR, GL, NC ...) are themselves and nothing else; that they belong to a
/// group is for the list to say.
///
/// Returns the codes that `named` perhaps means beside itself, without those of `decided`.
[[nodiscard]] std::set<CountryCode> perhaps_named(const std::set<CountryCode>& named,
                                                  const std::set<CountryCode>& decided);

}  // namespace chiploc
