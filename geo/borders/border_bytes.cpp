// Apart from border_table.cpp, so that the tool which makes the table can read what it made.
#include "geo/borders/border_table.hpp"

// Defined by border_data.S, which includes the built file.
extern "C" {
extern const unsigned char chiploc_border_data_begin[];
extern const unsigned char chiploc_border_data_end[];
}

namespace chiploc {

std::span<const unsigned char> embedded_border_bytes() {
  return {chiploc_border_data_begin, chiploc_border_data_end};
}

}  // namespace chiploc
