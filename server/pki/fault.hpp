#pragma once
#include <cstdint>
#include <string>

#include "proto/base/result.hpp"

namespace chiploc {

/// Why the authority did not do something, as far as the next step differs.
enum class PkiFaultCode : std::uint8_t {
  kRefused,  ///< what was asked for does not fit: a name, a number of days, a folder that is taken; or no disk
  kBadData,   ///< a request or the index is damaged, or not by the key it names
  kNotFound,  ///< no such authority, certificate or file
  kKey,       ///< the authority's key: not readable, open to others, another passphrase
};
struct PkiFault {
  PkiFaultCode code{};
  std::string text;  ///< what was wrong, where, what to do
};
template <class T>
using PkiResult = Result<T, PkiFault>;

}  // namespace chiploc
