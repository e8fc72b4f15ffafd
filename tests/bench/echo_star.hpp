#pragma once
// One exchange, for two simulators: a hub with a line of its own to each of 99 hosts, which send back what they get. The hub
// pings each of them, so many times, evenly.

namespace chiploc::bench {

inline constexpr unsigned kEchoHosts = 99;
inline constexpr unsigned kEchoPings = 400;  ///< to each
inline constexpr unsigned kEchoBytes = 64;   ///< UDP load
inline constexpr unsigned kEchoSpacingMs = 40;
/// One way to the i-th host.
inline constexpr unsigned echo_delay_us(unsigned i) { return 1'000 + 500 * i; }
/// When the first ping to it leaves.
inline constexpr unsigned echo_start_us(unsigned i) { return 1'000'000 + 137 * i; }

}  // namespace chiploc::bench
