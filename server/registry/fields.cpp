#include "server/registry/fields.hpp"

#include <arpa/inet.h>  // inet_pton: text to numbers, no socket

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "geo/borders/country_meant.hpp"
#include "server/tables/characters.hpp"
#include "server/tables/spreadsheet.hpp"

namespace chiploc {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

std::string number_text(double number) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
  return {text.data(), end};
}

constexpr std::size_t kCodeLength = 2;  // of a country

constexpr std::array kEntityRoles{EntityRole::kExporter, EntityRole::kBuyer, EntityRole::kEndUser,
                                  EntityRole::kOperator};

/// What stands between blanks and ';'.
std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  const auto parts = [](char c) { return is_blank(c) || c == ';'; };
  for (auto at = text.begin(); at != text.end();) {
    const auto begin = std::find_if_not(at, text.end(), parts);
    at = std::find_if(begin, text.end(), parts);
    if (begin != at) words.emplace_back(begin, at);
  }
  return words;
}

template <class T>
void sort_unique(std::vector<T>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

Fail<std::string> fault(std::string sentence) { return Fail<std::string>{std::move(sentence)}; }

/// 48,85
bool has_decimal_comma(std::string_view text) {
  const std::size_t comma = text.rfind(',');
  return comma != std::string_view::npos && comma + 1 < text.size() &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return is_digit(c) || std::string_view{"+-,.'"}.find(c) != std::string_view::npos;
         });
}

template <std::size_t N>
Field<ByteArray<N>> parse_hex(std::string_view text, std::string_view what) {
  const auto raw = text.size() == 2 * N ? from_hex(text) : std::nullopt;
  if (!raw) {
    if (auto damage = spreadsheet_damage(text)) return fault(*std::move(damage));
    return fault(shown(text) + " is not " + std::string{what} + "; give " + std::to_string(2 * N) +
                 " hexadecimal digits");
  }
  ByteArray<N> out{};
  std::copy(raw->begin(), raw->end(), out.begin());
  return out;
}

}  // namespace

Field<std::string> parse_name(std::string_view text) {
  const auto allowed = [](char c) {
    return is_letter(c) || is_digit(c) || std::string_view{"._-:/+"}.find(c) != std::string_view::npos;
  };
  if (text.empty()) return fault("is empty; give a name of 1 to " + std::to_string(kNameMax) + " characters");
  if (text.size() > kNameMax) {
    return fault(shown(text) + " has " + std::to_string(text.size()) + " characters; at most " +
                 std::to_string(kNameMax) + " are allowed");
  }
  if (!std::all_of(text.begin(), text.end(), allowed) ||
      !(is_letter(text.front()) || is_digit(text.front()))) {
    return fault(shown(text) +
                 " has a character that names may not have; use letters, digits and . _ - : / +, "
                 "beginning with a letter or digit");
  }
  return std::string{text};
}

Field<std::string> parse_typed_name(std::string_view text) {
  if (const auto meant = meant_as_it_stands(text)) return parse_name(*meant);
  if (auto damage = spreadsheet_damage(text)) return fault(*std::move(damage));
  return parse_name(text);
}

Field<std::string> parse_text(std::string_view text) {
  if (text.empty()) return fault("is empty; give a text of 1 to " + std::to_string(kTextMax) + " bytes");
  if (text.size() > kTextMax) {
    return fault(shown(text) + " has " + std::to_string(text.size()) + " bytes; at most " +
                 std::to_string(kTextMax) + " are allowed");
  }
  if (is_blank(text.front()) || is_blank(text.back()))
    return fault(shown(text) + " begins or ends with a blank; remove it");
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_length(text.substr(i));
    if (length == 0) return fault(shown(text) + " is not UTF-8; save the file as UTF-8");
    const auto lead = static_cast<unsigned char>(text[i]);
    const bool c1 = lead == 0xC2 && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (lead < 0x20 || lead == 0x7F || c1) return fault(shown(text) + " has a control character; remove it");
    i += length;
  }
  return std::string{text};
}

Field<DeviceId> parse_device_id(std::string_view text) {
  if (auto id = DeviceId::from_text(meant_as_it_stands(text).value_or(text))) return *std::move(id);
  if (auto damage = spreadsheet_damage(text)) return fault(*std::move(damage));
  const bool decimal = !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
  return fault(
      shown(text) +
      " is not a chip id; give 16 to 32 bytes in hexadecimal, which is 32 to 64 "
      "digits, an even number of them" +
      (decimal ? " (a spreadsheet drops leading zeros: format the column as text and export anew)" : ""));
}

Field<ByteArray<32>> parse_public_key(std::string_view text) {
  return parse_hex<32>(text, "a raw Ed25519 public key");
}

Field<Digest> parse_sha256(std::string_view text) {
  const auto raw = parse_hex<Digest::kSize>(text, "a SHA-256");
  if (!raw) return fault(raw.error());
  return Digest{*raw};
}

Field<Date> parse_date(std::string_view text) {
  const auto wrong = [&](const char* why) {
    return fault(shown(text) + " " + why + "; give a date from 1970 to 2199 as YYYY-MM-DD");
  };
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return wrong("is not a date");
  const auto part = [&](std::size_t from, std::size_t count) {
    int value = 0;
    for (const char c : text.substr(from, count))
      value = is_digit(c) && value >= 0 ? value * 10 + (c - '0') : -1;
    return value;
  };
  const int year = part(0, 4);
  const int month = part(5, 2);
  const int day = part(8, 2);
  if (year < 0 || month < 0 || day < 0) return wrong("is not a date");
  const Date date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                  std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok()) return wrong("is a day that does not exist");
  if (year < 1970 || year > 2199) return wrong("is out of range");
  return date;
}

Field<Endpoint> parse_address(std::string_view text) {
  const auto wrong = [&](const char* why) {
    return fault(shown(text) + " " + why +
                 "; give IP:PORT, e.g. 192.0.2.1:7411 or [2001:db8::1]:7411 (no host names)");
  };
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return wrong("has no port");
  std::string address{text.substr(0, colon)};
  const std::string_view port_text = text.substr(colon + 1);
  Endpoint endpoint;
  const auto [end, error] =
      std::from_chars(port_text.data(), port_text.data() + port_text.size(), endpoint.port);
  if (error != std::errc{} || end != port_text.data() + port_text.size() || endpoint.port == 0) {
    return wrong("has no port from 1 to 65535");
  }
  const bool v6 = address.size() >= 2 && address.front() == '[' && address.back() == ']';
  if (v6) address = address.substr(1, address.size() - 2);
  endpoint.family = v6 ? 6 : 4;
  // A zero byte would end the address early for inet_pton, hiding what stands behind it.
  if (address.find('\0') != std::string::npos ||
      inet_pton(v6 ? AF_INET6 : AF_INET, address.c_str(), endpoint.address.data()) != 1) {
    return wrong("has no IP address that exists");
  }
  constexpr ByteArray<12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  if (v6 && std::equal(kMapped.begin(), kMapped.end(), endpoint.address.begin())) {
    endpoint.family = 4;
    std::rotate(endpoint.address.begin(), endpoint.address.begin() + 12, endpoint.address.end());
    std::fill(endpoint.address.begin() + 4, endpoint.address.end(), std::uint8_t{0});
  }
  const bool unspecified =
      std::all_of(endpoint.address.begin(), endpoint.address.end(), [](std::uint8_t b) { return b == 0; });
  if (unspecified) return wrong("names every address at once; name the one to send to");
  return endpoint;
}

Field<Reach> parse_reach(std::string_view text) {
  if (text == "knock") return Reach{};
  constexpr std::string_view kInbound = "inbound ";
  if (text.substr(0, kInbound.size()) != kInbound)
    return fault(shown(text) + " is no way to reach a chip; give \"knock\" or \"inbound IP:PORT\"");
  auto endpoint = parse_address(text.substr(kInbound.size()));
  if (!endpoint) return fault(endpoint.error());
  return Reach{*endpoint};
}

Field<double> parse_number(std::string_view text, double low, double high) {
  double value = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value) || value < low ||
      value > high) {
    return fault(shown(text) + " is not a number from " + number_text(low) + " to " + number_text(high) +
                 (has_decimal_comma(text) ? "; use a point before the decimals, not a comma" : ""));
  }
  return value == 0.0 ? 0.0 : value;  // no negative zero: it would differ from zero in the record's text
}

Field<std::uint32_t> parse_quantity(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 1 || value > kQuantityMax) {
    return fault(shown(text) + " is no number of chips; give digits alone, from 1 to " +
                 std::to_string(kQuantityMax));
  }
  return value;
}

Field<double> parse_share(std::string_view text) {
  auto share = parse_number(text, 0.0, 100.0);
  if (share && *share <= 0.0) return fault("is 0; give the share in percent, more than 0");
  return share;
}

Field<std::string> parse_eccn(std::string_view text) {
  constexpr std::size_t kMost = 24;
  const auto capital = [](char c, char last) { return c >= 'A' && c <= last; };
  const bool number = text.size() >= 5 && text.size() <= kMost && is_digit(text[0]) &&
                      capital(text[1], 'E') && is_digit(text[2]) && is_digit(text[3]) && is_digit(text[4]);
  bool paragraphs = number;
  for (std::size_t i = 5; paragraphs && i < text.size(); ++i) {
    const bool dot = text[i] == '.';
    const bool small = text[i] >= 'a' && text[i] <= 'z';
    // ".a.1": a dot begins each paragraph and none is empty.
    paragraphs = dot ? i + 1 < text.size() && text[i + 1] != '.' : i > 5 && (small || is_digit(text[i]));
  }
  if (text == "EAR99" || paragraphs) return std::string{text};
  if (auto damage = spreadsheet_damage(text)) return fault(*std::move(damage));
  return fault(shown(text) + " is no classification number; give one as 3A090.a or 4A090, or EAR99");
}

Field<std::vector<EntityRole>> parse_roles(std::string_view text) {
  std::vector<EntityRole> roles;
  for (const std::string_view word : words_of(text)) {
    const auto known = std::find_if(kEntityRoles.begin(), kEntityRoles.end(),
                                    [&](EntityRole role) { return to_text(role) == word; });
    if (known == kEntityRoles.end())
      return fault(shown(word) +
                   " is no role; give exporter, buyer, end_user or operator, or several of them");
    roles.push_back(*known);
  }
  if (roles.empty()) return fault("names no role; give exporter, buyer, end_user or operator, or several");
  sort_unique(roles);
  return roles;
}

Field<ConditionKind> parse_condition_kind(std::string_view text) {
  for (const auto kind :
       {ConditionKind::kThirdPartyTest, ConditionKind::kVolumeCap, ConditionKind::kRemoteAccess}) {
    if (to_text(kind) == text) return kind;
  }
  return fault(shown(text) +
               " is no condition; give third_party_test, volume_cap or remote_access_diligence");
}

Field<bool> parse_yes_no(std::string_view text) {
  if (text == "yes") return true;
  if (text == "no") return false;
  return fault(shown(text) + " is neither \"yes\" nor \"no\"");
}

Field<CountryCode> parse_country(std::string_view text, const KnownCountry& known) {
  const auto code = CountryCode::from_text(text);
  if (!code || code->view() != text)
    return fault(shown(text) + " is not a country code; give two capitals of ISO 3166-1, e.g. DE");
  if (known && !known(*code))
    return fault(shown(text) + " is not a territory that the borders know; give " +
                 country_meant(text).value_or("a code of ISO 3166-1, e.g. DE"));
  return *code;
}

Field<std::vector<CountryCode>> parse_countries(std::string_view text, const KnownCountry& known) {
  std::vector<CountryCode> codes;
  for (const std::string_view word : words_of(text)) {
    auto code = parse_country(word, known);
    if (!code) return fault(code.error());
    codes.push_back(*code);
  }
  if (codes.empty())
    return fault("names no country; give codes of ISO 3166-1 separated by blanks or ;, e.g. \"DE FR\"");
  sort_unique(codes);
  return codes;
}

Field<std::string> parse_territory_name(std::string_view text) {
  auto name = parse_name(text);
  if (name && name->size() <= kCodeLength)
    return fault(shown(text) +
                 " could be taken for a country's code; give a name of three characters or more");
  return name;
}

Field<NamedPlaces> parse_places(std::string_view text, const KnownCountry& known) {
  NamedPlaces places;
  for (const std::string_view word : words_of(text)) {
    if (word.size() <= kCodeLength) {
      const auto code = parse_country(word, known);
      if (!code) return fault(code.error());
      places.countries.push_back(*code);
    } else {
      auto name = parse_territory_name(word);
      if (!name) return fault(name.error());
      places.territories.push_back(*std::move(name));
    }
  }
  if (places.empty()) {
    return fault(
        "names no place; give codes of ISO 3166-1 and names of territories separated "
        "by blanks or ;, e.g. \"DE FR\"");
  }
  sort_unique(places.countries);
  sort_unique(places.territories);
  return places;
}

}  // namespace chiploc
