#include "server/sim/sim_network.hpp"

#include <cstring>

namespace chiploc::sim {

std::size_t SimNetwork::HashOf::operator()(const Endpoint& at) const {
  std::uint64_t first = 0;
  std::memcpy(&first, at.address.data(), sizeof first);
  constexpr std::uint64_t kOdd =
      0x9E3779B97F4A7C15U;  // the golden ratio's digits: spreads what differs little
  const std::uint64_t mixed = (first ^ (std::uint64_t{at.port} << 32)) * kOdd;
  return static_cast<std::size_t>(mixed ^ (mixed >> 32));
}
std::size_t SimNetwork::HashOf::operator()(const std::pair<Endpoint, Endpoint>& pair) const {
  return (*this)(pair.first) * 31 + (*this)(pair.second);
}

const SimPath& SimNetwork::path(const Endpoint& a, const Endpoint& b) const {
  const auto found = paths_.find(std::minmax(a, b));
  return found == paths_.end() ? usual_ : found->second;
}

void SimNetwork::send(const Endpoint& from, const Endpoint& to, Bytes datagram) {
  if (observer) observer(datagram, from, to);
  ++datagrams_;
  bytes_ += datagram.size();
  if (fate) {
    if (const auto due = fate(from, to, world_.now())) deliver_after(*due - world_.now(), from, to, datagram);
    return;
  }
  const SimPath& way = path(from, to);
  const int copies = world_.chance() < way.duplication ? 2 : 1;
  for (int copy = 0; copy < copies; ++copy) {
    if (world_.chance() < way.loss) continue;
    const auto extra = static_cast<std::int64_t>(world_.chance() * static_cast<double>(way.jitter.count()));
    deliver_after(way.delay + Nanoseconds{extra}, from, to, datagram);
  }
}

void SimNetwork::deliver_after(Nanoseconds delay, const Endpoint& from, const Endpoint& to, Bytes datagram) {
  world_.after(delay, [this, from, to, bytes = ByteVector(datagram.begin(), datagram.end())] {
    const auto host = hosts_.find(to);
    if (host != hosts_.end()) host->second(bytes, from);
  });
}

Endpoint sim_endpoint(std::uint8_t a, std::uint8_t b, std::uint16_t port) {
  Endpoint out;
  out.address[0] = 10;
  out.address[2] = a;
  out.address[3] = b;
  out.port = port;
  return out;
}

}  // namespace chiploc::sim
