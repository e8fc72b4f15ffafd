#include "server/oidc/login_ticket.hpp"

#include <algorithm>
#include <charconv>

#include "proto/crypto/digest.hpp"
#include "server/oidc/base64url.hpp"

namespace chiploc {
namespace {

MacKey key_from(const Dice& dice) {
  SecretBytes<32> secret;
  dice(secret.writable());
  return MacKey{secret.bytes()};
}

}  // namespace

LoginTickets::LoginTickets(const Dice& dice, Nanoseconds lives) : key_{key_from(dice)}, lives_{lives} {}

std::string LoginTickets::derived(std::string_view label, std::string_view cookie) const {
  ByteVector out;
  for (const char half : {'1', '2'}) {  // a Mac is the first half of an HMAC
    std::string message{label};
    message.append(1, '\0').append(1, half).append(cookie);
    const Mac mac = key_.mac(bytes_of(message));
    out.insert(out.end(), mac.bytes.begin(), mac.bytes.end());
  }
  return base64url_text(out);
}

LoginTicket LoginTickets::of(std::string cookie) const {
  LoginTicket out;
  out.state = derived("state", cookie);
  out.nonce = derived("nonce", cookie);
  out.verifier = derived("verifier", cookie);
  out.challenge = base64url_text(sha256(bytes_of(out.verifier)).bytes);
  out.cookie = std::move(cookie);
  return out;
}

LoginTicket LoginTickets::begin(const Dice& dice, std::string_view return_path, WallTime now) const {
  ByteArray<32> secret{};
  dice(secret);
  const std::string path = safe_return_path(return_path);
  LoginTicket out = of(base64url_text(secret) + "." + std::to_string(unix_seconds(now + lives_)) + "." +
                       base64url_text(bytes_of(path)));
  out.return_path = path;
  return out;
}

std::optional<LoginTicket> LoginTickets::find(std::string_view cookie, std::string_view state,
                                              WallTime now) const {
  constexpr std::size_t kCookieMax = 1'024;
  if (cookie.size() > kCookieMax) return std::nullopt;
  LoginTicket out = of(std::string{cookie});
  // Only we can name the state of a cookie: with it the rest of the cookie is ours too.
  if (!constant_time_equal(bytes_of(out.state), bytes_of(state))) return std::nullopt;
  const std::size_t first = cookie.find('.'), second = cookie.find('.', first + 1);
  if (first == std::string_view::npos || second == std::string_view::npos) return std::nullopt;
  std::uint64_t until = 0;
  const std::string_view digits = cookie.substr(first + 1, second - first - 1);
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), until);
  if (read.ec != std::errc{} || read.ptr != digits.data() + digits.size() || unix_seconds(now) >= until)
    return std::nullopt;
  const auto path = base64url_bytes(cookie.substr(second + 1));
  if (!path) return std::nullopt;
  out.return_path = safe_return_path(string_of(*path));
  return out;
}

std::string safe_return_path(std::string_view path) {
  constexpr std::size_t kPathMax = 512;
  const bool good =
      !path.empty() && path.size() <= kPathMax && path.front() == '/' &&
      (path.size() == 1 || path[1] != '/') && std::all_of(path.begin(), path.end(), [](char c) {
        return c > ' ' && c < '\x7f' && std::string_view{"\"'<>\\^`{|};,"}.find(c) == std::string_view::npos;
      });
  return good ? std::string{path} : "/";
}

}  // namespace chiploc
