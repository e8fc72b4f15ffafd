#pragma once
// One function per kind of field: text as somebody typed it -> a checked value, or a sentence that says what
// is wrong and what would be right. Import puts file, line and field name around that sentence.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/base/result.hpp"
#include "proto/crypto/device_id.hpp"
#include "server/registry/records.hpp"
#include "server/tables/shown.hpp"

namespace chiploc {

/// A checked field, or the sentence for the person who has to mend it.
template <class T>
using Field = Result<T, std::string>;

inline constexpr std::size_t kNameMax = 64;   ///< names and ids that people type
inline constexpr std::size_t kTextMax = 200;  ///< holders, operators: free text
inline constexpr double kUncertaintyMaxKm = 1000.0;
inline constexpr std::uint32_t kQuantityMax = 100'000'000;  ///< ten years of all that is made

/// Letters, digits and . _ - : / + only, beginning with a letter or digit; 1 to kNameMax characters. Names
/// end up in logs, in certificates and on command lines, so nothing that needs quoting is allowed.
[[nodiscard]] Field<std::string> parse_name(std::string_view text);
/// A name that import files give: an id or a serial number. One that shows what a spreadsheet does to such
/// (spreadsheet.hpp) is refused, unless an apostrophe before it says that it is meant so; the apostrophe is
/// no part of the name.
[[nodiscard]] Field<std::string> parse_typed_name(std::string_view text);
/// Valid UTF-8 without control characters; 1 to kTextMax bytes, no blank at either end.
[[nodiscard]] Field<std::string> parse_text(std::string_view text);
/// 32 to 64 hex digits, a ':' between all bytes or none; an apostrophe may stand before them.
[[nodiscard]] Field<DeviceId> parse_device_id(std::string_view text);
/// 64 hex digits: a raw Ed25519 public key. Whether it is a point on the curve is asked of crypto by import.
[[nodiscard]] Field<ByteArray<32>> parse_public_key(std::string_view text);
/// YYYY-MM-DD, a day that exists, 1970 to 2199.
[[nodiscard]] Field<Date> parse_date(std::string_view text);
/// "IP:PORT" with an IPv4 address or an IPv6 address in brackets; port 1 to 65535. No names: a ticket is
/// signed over an address, and a name would let whoever runs the resolver choose it.
[[nodiscard]] Field<Endpoint> parse_address(std::string_view text);
/// "knock" or "inbound IP:PORT".
[[nodiscard]] Field<Reach> parse_reach(std::string_view text);
/// A decimal number from `low` to `high`; no infinity, no NaN, no trailing characters.
[[nodiscard]] Field<double> parse_number(std::string_view text, double low, double high);
/// Decimal digits alone: a number of chips, from 1 to kQuantityMax.
[[nodiscard]] Field<std::uint32_t> parse_quantity(std::string_view text);
/// More than 0, at most 100.
[[nodiscard]] Field<double> parse_share(std::string_view text);
/// An Export Control Classification Number, "3A090.a" or "4A090", or "EAR99".
[[nodiscard]] Field<std::string> parse_eccn(std::string_view text);
/// One or more of exporter, buyer, end_user and operator, separated by blanks or ';'; sorted and without
/// duplicates.
[[nodiscard]] Field<std::vector<EntityRole>> parse_roles(std::string_view text);
[[nodiscard]] Field<ConditionKind> parse_condition_kind(std::string_view text);
/// 64 hex digits.
[[nodiscard]] Field<Digest> parse_sha256(std::string_view text);
/// "yes" or "no".
[[nodiscard]] Field<bool> parse_yes_no(std::string_view text);

/// True for a code that the borders know: Borders::world().knows(code). Injected, so that the registry
/// depends on no border data and a test can have its own world.
using KnownCountry = std::function<bool(CountryCode)>;
/// Two capitals that `known` accepts (any two capitals if it is empty).
[[nodiscard]] Field<CountryCode> parse_country(std::string_view text, const KnownCountry& known);
/// One or more codes separated by blanks or ';'; sorted and without duplicates.
[[nodiscard]] Field<std::vector<CountryCode>> parse_countries(std::string_view text,
                                                              const KnownCountry& known);
/// A name of three characters or more, so that it is never taken for a country's code.
[[nodiscard]] Field<std::string> parse_territory_name(std::string_view text);
/// One or more of codes and names of territories, separated by blanks or ';'. Two characters are a code, more
/// a name; whether it names a territory is for import to ask.
[[nodiscard]] Field<NamedPlaces> parse_places(std::string_view text, const KnownCountry& known);

/// Splits a text into its PEM blocks, each in one form whatever white space it came in (lines of 64 digits,
/// LF). Text between them is comment (RFC 7468, section 2; `#` lines, OpenSSL's -text output, names of
/// authorities), unless it looks like a piece of a block: a damaged BEGIN line must not lose an authority
/// without a word. Fails then, if there is no block, if one has another label, does not end or has something
/// else than base64 in it. What the digits say is for crypto to judge.
[[nodiscard]] Field<std::vector<std::string>> split_pem(std::string_view text,
                                                        std::string_view label = "CERTIFICATE");

}  // namespace chiploc
