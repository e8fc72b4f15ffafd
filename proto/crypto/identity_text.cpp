#include "proto/crypto/identity_text.hpp"

#include <algorithm>

#include "proto/base/safe_text.hpp"
#include "proto/base/time_text.hpp"
#include "proto/crypto/digest.hpp"

namespace chiploc {

void IdentityText::add(std::string_view name, std::string_view value) {
  // Escaped as in a log line, so that it may stand in JSON and on a display alike.
  constexpr std::size_t kMost = 4'096;
  if (!value.empty()) rows_.push_back({std::string{name}, log_line(value, kMost)});
}

void IdentityText::add_certificate(std::string_view prefix, const Certificate& certificate) {
  const std::string begin{prefix};
  add(begin + "subject", certificate.subject());
  add(begin + "issuer", certificate.issuer());
  add(begin + "certificate_sha256", certificate.fingerprint().hex());
  add(begin + "valid_from", utc_iso(certificate.not_before()));
  add(begin + "valid_until", utc_iso(certificate.not_after()));
}

void IdentityText::add_lines(std::string_view words, std::string_view lines) {
  lines_ += "\n" + std::string{words} + "\n" + std::string{lines};
}

std::string IdentityText::text() const {
  std::size_t width = 0;
  for (const Row& row : rows_) width = std::max(width, row.name.size());
  std::string out;
  for (const Row& row : rows_)
    out += row.name + std::string(width + 2 - row.name.size(), ' ') + row.value + "\n";
  return out + lines_;
}

std::string IdentityText::json() const {
  std::string out = "{";
  for (const Row& row : rows_) {
    out += (out.size() == 1 ? "\n  \"" : ",\n  \"") + row.name + "\": \"";
    for (const char c : row.value) {  // no control characters are left
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
    out += '"';
  }
  return out + "\n}\n";
}

}  // namespace chiploc
