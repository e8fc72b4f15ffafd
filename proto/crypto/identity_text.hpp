#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "proto/crypto/certificate.hpp"

namespace chiploc {

/// What a program shows of itself (--show-identity): names and values, all of them public. One that belongs to
/// a certificate or key is read from it, so that people compare what is really in use.
class IdentityText {
 public:
  /// `name` in snake_case. An empty value is left out.
  void add(std::string_view name, std::string_view value);
  /// Subject, issuer, SHA-256 of the DER, and both ends of its time, each name behind `prefix`.
  void add_certificate(std::string_view prefix, const Certificate& certificate);
  /// Lines that another program's configuration takes as they stand, under a line of words.
  void add_lines(std::string_view words, std::string_view lines);

  /// One name and value a line, then the lines for others. Everything that acts on a display is escaped.
  [[nodiscard]] std::string text() const;
  /// One object of texts; the lines for others are left out, since every value of them is in it.
  [[nodiscard]] std::string json() const;

 private:
  struct Row {
    std::string name, value;
  };
  std::vector<Row> rows_;
  std::string lines_;
};

}  // namespace chiploc
