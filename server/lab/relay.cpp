#include "server/lab/relay.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <queue>
#include <unordered_map>
#include <utility>

#include "proto/base/bytes.hpp"

namespace chiploc {
namespace {

/// From here on before a due time the loop polls instead of sleeping. A sleeping thread wakes 30 to 100 us
/// after its timer on a small virtual machine; the relay takes its timer that much early and polls what is
/// left.
constexpr Nanoseconds kSpin{60'000};
constexpr std::size_t kBatch = 32;
constexpr std::size_t kControlBytes = 128;

Nanoseconds read_clock(clockid_t id) {
  timespec t{};
  ::clock_gettime(id, &t);
  return std::chrono::seconds{t.tv_sec} + Nanoseconds{t.tv_nsec};
}
SteadyTime steady_now() { return {read_clock(CLOCK_MONOTONIC)}; }

sockaddr_in to_sockaddr(UdpAddress a) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_port = htons(a.port);
  out.sin_addr.s_addr = htonl(a.address);
  return out;
}
std::uint64_t key_of(std::uint32_t address, std::uint16_t port) {
  return (std::uint64_t{address} << 16U) | port;
}

struct Pending {
  SteadyTime due;
  std::uint64_t order = 0;  // equal due times leave in order of arrival
  std::uint32_t slot = 0;
};
struct Later {
  bool operator()(const Pending& a, const Pending& b) const {
    return a.due != b.due ? a.due > b.due : a.order > b.order;
  }
};

/// One datagram under way.
struct Slot {
  std::uint32_t from = 0;
  std::uint32_t to = 0;
  std::uint16_t size = 0;
  ByteArray<kRelayDatagramMax> data{};
};

}  // namespace

std::optional<UdpAddress> UdpAddress::from_text(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  in_addr address{};
  if (::inet_pton(AF_INET, std::string{text.substr(0, colon)}.c_str(), &address) != 1) return std::nullopt;
  UdpAddress out;
  out.address = ntohl(address.s_addr);
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data() + colon + 1, end, out.port);
  if (parsed.ec != std::errc{} || parsed.ptr != end || out.port == 0) return std::nullopt;
  return out;
}

std::string UdpAddress::text() const {
  const in_addr raw{htonl(address)};
  std::array<char, INET_ADDRSTRLEN> buffer{};
  ::inet_ntop(AF_INET, &raw, buffer.data(), buffer.size());
  return std::string{buffer.data()} + ":" + std::to_string(port);
}

class Relay::Loop {
 public:
  Loop(NetworkOptions options, std::vector<RelayEndpoint> endpoints)
      : endpoints_{std::move(endpoints)}, paths_{options, sites_of(endpoints_)}, timer_{io_} {}

  std::optional<std::string> open() {
    for (const RelayEndpoint& endpoint : endpoints_) {
      const std::size_t index = fronts_.size();
      if (!by_source_.emplace(key_of(endpoint.real.address, endpoint.real.port), index).second) {
        return "two endpoints have the real address " + endpoint.real.text() + "; give each its own";
      }
      const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
      if (fd < 0) return "cannot make a UDP socket: " + std::string{std::strerror(errno)};
      fronts_.emplace_back(io_, fd);
      const int on = 1;
      const int buffer = 4 << 20;  // the kernel grants what net.core.rmem_max allows
      ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
      ::setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on);
      if (::setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) != 0) {
        return "the kernel gives no receive stamps (SO_TIMESTAMPNS): " + std::string{std::strerror(errno)};
      }
      const sockaddr_in address = to_sockaddr(endpoint.front);
      if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        return "cannot bind the front " + endpoint.front.text() + " of " + endpoint.site.name + ": " +
               std::strerror(errno) + "; is another lab running with the same number?";
      }
    }
    kernel_drops_.assign(fronts_.size(), 0);
    const int timer = ::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (timer < 0) return "cannot make a timer: " + std::string{std::strerror(errno)};
    timer_.assign(timer);
    for (std::size_t i = 0; i < fronts_.size(); ++i) wait_readable(i);
    wait_timer();
    return std::nullopt;
  }

  void run() {
    ::prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
    while (!stopped_) {
      send_due();
      if (queue_.empty()) {
        io_.run_one();
      } else if (const Nanoseconds left = queue_.top().due - steady_now(); left <= kSpin) {
        io_.poll();
      } else {
        arm(queue_.top().due - kSpin);
        io_.run_one();
        io_.poll();
      }
    }
  }

  bool stopped_ = false;
  asio::io_context io_{1};
  std::vector<RelayEndpoint> endpoints_;
  RelayPaths paths_;
  RelayCounters counters_;
  TimingHistogram error_;

 private:
  static std::vector<NetworkSite> sites_of(const std::vector<RelayEndpoint>& endpoints) {
    std::vector<NetworkSite> sites;
    for (const RelayEndpoint& endpoint : endpoints) sites.push_back(endpoint.site);
    return sites;
  }

  void wait_readable(std::size_t index) {
    fronts_[index].async_wait(asio::posix::descriptor_base::wait_read,
                              [this, index](const asio::error_code& error) {
                                if (error) return;
                                receive(index);
                                wait_readable(index);
                              });
  }

  void wait_timer() {
    timer_.async_wait(asio::posix::descriptor_base::wait_read, [this](const asio::error_code& error) {
      if (error) return;
      std::uint64_t expirations = 0;
      // Nothing to do with the count: the main loop looks at the queue after every wake-up.
      if (::read(timer_.native_handle(), &expirations, sizeof expirations) > 0) armed_ = SteadyTime{};
      wait_timer();
    });
  }

  void arm(SteadyTime at) {
    if (armed_ == at) return;
    armed_ = at;
    itimerspec when{};
    when.it_value.tv_sec = at.since_epoch.count() / 1'000'000'000;
    when.it_value.tv_nsec = at.since_epoch.count() % 1'000'000'000;
    ::timerfd_settime(timer_.native_handle(), TFD_TIMER_ABSTIME, &when, nullptr);
  }

  void receive(std::size_t to) {
    // Up to a few full batches, then other sockets and due datagrams have their turn.
    for (int turn = 0; turn < 4; ++turn) {
      for (std::size_t i = 0; i < kBatch; ++i) {
        parts_[i] = {buffers_[i].data(), buffers_[i].size()};
        messages_[i] = {};
        msghdr& header = messages_[i].msg_hdr;
        header.msg_name = &sources_[i];
        header.msg_namelen = sizeof sources_[i];
        header.msg_iov = &parts_[i];
        header.msg_iovlen = 1;
        header.msg_control = controls_[i].data;
        header.msg_controllen = kControlBytes;
      }
      const int got = ::recvmmsg(fronts_[to].native_handle(), messages_.data(), kBatch, 0, nullptr);
      if (got <= 0) return;  // nothing left; a pending error (a port without a program) was taken by the call
      // The wall clock is read first: what passes between the two readings then makes the arrival later, not
      // earlier.
      const Nanoseconds wall = read_clock(CLOCK_REALTIME);
      const SteadyTime now = steady_now();
      for (int i = 0; i < got; ++i) accept(static_cast<std::size_t>(i), to, wall, now);
      if (static_cast<std::size_t>(got) < kBatch) return;
    }
  }

  void accept(std::size_t i, std::size_t to, Nanoseconds wall, SteadyTime now) {
    ++counters_.received;
    msghdr& header = messages_[i].msg_hdr;
    SteadyTime arrived = now;
    for (cmsghdr* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c)) {
      if (c->cmsg_level != SOL_SOCKET) continue;
      if (c->cmsg_type == SO_TIMESTAMPNS) {
        timespec stamp{};
        std::memcpy(&stamp, CMSG_DATA(c), sizeof stamp);
        const Nanoseconds age = wall - (std::chrono::seconds{stamp.tv_sec} + Nanoseconds{stamp.tv_nsec});
        // A clock that stepped in between makes the age nonsense; then the time of reading stands, which is
        // later.
        if (age >= Nanoseconds{0} && age < std::chrono::seconds{1}) arrived = now - age;
      } else if (c->cmsg_type == SO_RXQ_OVFL) {
        std::uint32_t dropped = 0;
        std::memcpy(&dropped, CMSG_DATA(c), sizeof dropped);
        counters_.kernel_dropped += dropped - kernel_drops_[to];
        kernel_drops_[to] = dropped;
      }
    }
    const auto source =
        by_source_.find(key_of(ntohl(sources_[i].sin_addr.s_addr), ntohs(sources_[i].sin_port)));
    if (source == by_source_.end() || source->second == to) {
      ++counters_.unknown_source;
      return;
    }
    if ((header.msg_flags & MSG_TRUNC) != 0) {
      ++counters_.oversize;
      return;
    }
    const RelayPaths::Decision decision = paths_.forward(source->second, to, arrived);
    if (decision.lost) {
      ++counters_.lost;
      return;
    }
    if (decision.reordered) ++counters_.reordered;
    enqueue(source->second, to, Bytes{buffers_[i]}.first(messages_[i].msg_len), decision.due);
  }

  void enqueue(std::size_t from, std::size_t to, Bytes data, SteadyTime due) {
    if (queue_.size() >= kRelayQueueMax) {
      ++counters_.queue_full;
      return;
    }
    if (free_.empty()) {
      free_.push_back(static_cast<std::uint32_t>(slots_.size()));
      slots_.push_back(std::make_unique<Slot>());
    }
    const std::uint32_t index = free_.back();
    free_.pop_back();
    Slot& slot = *slots_[index];
    slot.from = static_cast<std::uint32_t>(from);
    slot.to = static_cast<std::uint32_t>(to);
    slot.size = static_cast<std::uint16_t>(data.size());
    std::memcpy(slot.data.data(), data.data(), data.size());
    queue_.push({due, next_order_++, index});
  }

  void send_due() {
    while (!queue_.empty()) {
      const SteadyTime now = steady_now();
      std::size_t count = 0;
      while (count < kBatch && !queue_.empty() && queue_.top().due <= now) {
        leaving_[count++] = queue_.top();
        queue_.pop();
      }
      if (count == 0) return;
      // One call per sending socket. The sort is stable, so that datagrams of one socket keep their order.
      std::stable_sort(
          leaving_.begin(), leaving_.begin() + static_cast<std::ptrdiff_t>(count),
          [this](const Pending& a, const Pending& b) { return slots_[a.slot]->from < slots_[b.slot]->from; });
      for (std::size_t begin = 0; begin < count;) {
        std::size_t end = begin + 1;
        const std::uint32_t from = slots_[leaving_[begin].slot]->from;
        while (end < count && slots_[leaving_[end].slot]->from == from) ++end;
        send_group(begin, end, from);
        begin = end;
      }
    }
  }

  void send_group(std::size_t begin, std::size_t end, std::uint32_t from) {
    for (std::size_t i = begin; i < end; ++i) {
      Slot& slot = *slots_[leaving_[i].slot];
      targets_[i] = to_sockaddr(endpoints_[slot.to].real);
      out_parts_[i] = {slot.data.data(), slot.size};
      out_[i] = {};
      out_[i].msg_hdr.msg_name = &targets_[i];
      out_[i].msg_hdr.msg_namelen = sizeof targets_[i];
      out_[i].msg_hdr.msg_iov = &out_parts_[i];
      out_[i].msg_hdr.msg_iovlen = 1;
    }
    for (std::size_t at = begin; at < end;) {
      const int sent =
          ::sendmmsg(fronts_[from].native_handle(), &out_[at], static_cast<unsigned>(end - at), 0);
      if (sent <= 0) {
        // ECONNREFUSED tells of an earlier datagram, so it says nothing about this one; but retrying a full
        // buffer would hold up everybody else. Counted, and on with the next.
        ++counters_.send_failed;
        ++at;
        continue;
      }
      const SteadyTime now = steady_now();
      for (int i = 0; i < sent; ++i) error_.add(now - leaving_[at + static_cast<std::size_t>(i)].due);
      counters_.forwarded += static_cast<std::uint64_t>(sent);
      at += static_cast<std::size_t>(sent);
    }
    for (std::size_t i = begin; i < end; ++i) free_.push_back(leaving_[i].slot);
  }

  std::vector<asio::posix::stream_descriptor> fronts_;
  std::vector<std::uint32_t> kernel_drops_;
  std::unordered_map<std::uint64_t, std::size_t> by_source_;
  asio::posix::stream_descriptor timer_;
  SteadyTime armed_;

  std::priority_queue<Pending, std::vector<Pending>, Later> queue_;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::vector<std::uint32_t> free_;
  std::uint64_t next_order_ = 0;

  struct alignas(cmsghdr) Control {
    unsigned char data[kControlBytes];
  };
  std::array<mmsghdr, kBatch> messages_{};
  std::array<iovec, kBatch> parts_{};
  std::array<sockaddr_in, kBatch> sources_{};
  std::array<Control, kBatch> controls_{};
  std::array<ByteArray<kRelayDatagramMax>, kBatch> buffers_{};
  std::array<Pending, kBatch> leaving_{};
  std::array<mmsghdr, kBatch> out_{};
  std::array<iovec, kBatch> out_parts_{};
  std::array<sockaddr_in, kBatch> targets_{};
};

Relay::Relay(std::unique_ptr<Loop> loop) : loop_{std::move(loop)} {}
Relay::~Relay() = default;

Result<std::unique_ptr<Relay>, std::string> Relay::open(NetworkOptions options,
                                                        std::vector<RelayEndpoint> endpoints) {
  auto loop = std::make_unique<Loop>(options, std::move(endpoints));
  if (auto problem = loop->open()) return Fail{*std::move(problem)};
  return std::unique_ptr<Relay>{new Relay{std::move(loop)}};
}

void Relay::run() { loop_->run(); }
void Relay::stop() { loop_->stopped_ = true; }
asio::io_context& Relay::io() { return loop_->io_; }
RelayPaths& Relay::paths() { return loop_->paths_; }
const RelayCounters& Relay::counters() const { return loop_->counters_; }
const TimingHistogram& Relay::timing_error() const { return loop_->error_; }

}  // namespace chiploc
