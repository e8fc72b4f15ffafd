#pragma once
// The relay's control socket: one line in, one line of JSON out. For the lab and for people with `socat`.
//
//     status                 counters and timing error
//     set A B RTT_MS         the pair's round trip without queueing becomes RTT_MS, half each way
//     add A B RTT_MS         ... becomes longer by RTT_MS (shorter if negative)
//     site NAME LAT LON LOSS ADDED_RTT_MS [LAT LON DELAY_MS LAST_MILE_MS|-]
//                            the endpoint is there from now on, with so much more on all its paths; the last
//                            four: behind a proxy there
//     pair A B RTT_MS|- LOSS ADDED_RTT_MS
//                            the pair's own round trip ("-": as modelled), and what is added
//     stop                   ends the relay
//
// An answer is {"ok":true,...} or {"ok":false,"problem":"..."}.

#include <asio/local/stream_protocol.hpp>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "proto/base/result.hpp"
#include "server/lab/relay.hpp"

namespace chiploc {

/// Carries out one control line. Pure but for the relay that it changes.
[[nodiscard]] std::string answer_control_line(Relay& relay, std::string_view line);

/// Serves the socket on the relay's own loop: at most 16 connections, lines of at most 256 bytes.
/// The file is made readable and writable for its owner alone. Must not outlive the relay.
class RelayControl {
 public:
  /// Fails with a sentence that names the path. An old socket file of that name is replaced.
  [[nodiscard]] static Result<std::unique_ptr<RelayControl>, std::string> open(
      Relay& relay, const std::filesystem::path& path);
  ~RelayControl();
  RelayControl(const RelayControl&) = delete;
  RelayControl& operator=(const RelayControl&) = delete;

 private:
  class Connection;
  RelayControl(Relay& relay, std::filesystem::path path);
  void accept();
  Relay& relay_;
  std::filesystem::path path_;
  asio::local::stream_protocol::acceptor acceptor_;
  std::shared_ptr<int> connections_;
};

/// The `site` line that makes an endpoint what `site` says. Its last mile is not in it: that stays.
[[nodiscard]] std::string site_line(const NetworkSite& site);
/// The `pair` line.
[[nodiscard]] std::string pair_line(std::string_view a, std::string_view b, const RelayPaths::Pair& pair);

/// The other end: sends one line and waits for the answer, five seconds at most. Fails with a sentence.
[[nodiscard]] Result<std::string, std::string> ask_relay(const std::filesystem::path& socket,
                                                         std::string_view line);

/// What `status` says, read back.
struct RelayStatus {
  std::uint64_t forwarded = 0;
  std::uint64_t early = 0;  ///< datagrams sent before they were due; anything but 0 is a bug
  double error_p50_us = 0.0;
  double error_p99_us = 0.0;
  std::string json;  ///< the whole answer
};
[[nodiscard]] Result<RelayStatus, std::string> relay_status(const std::filesystem::path& socket);

}  // namespace chiploc
