#pragma once
#include <string>

namespace chiploc {

/// Why a verdict is what it is: a stable code for machines and one sentence for a person.
/// The codes of failed evidence stand in PROTOCOL.md section 6, those of geography in decide.hpp.
struct Reason {
  std::string code;
  std::string text;
  friend bool operator==(const Reason&, const Reason&) = default;
};

}  // namespace chiploc
