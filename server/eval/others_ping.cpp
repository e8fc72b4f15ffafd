// ping's own words. iputils: "PING a (1.2.3.4) 56(84) bytes of data.", IPv6 "PING ::1(::1) 56 data bytes" and
// "PING localhost(localhost (::1)) ..", summary "rtt min/avg/max/mdev = 1.0/2.0/3.0/0.5 ms" with ", pipe 2" or
// ", ipg/ewma .." behind it. BSD, macOS, busybox and inetutils: "PING a (1.2.3.4): 56 data bytes", "PING6(56=40+8+8
// bytes) from --> to", summary "round-trip min/avg/max/stddev = .. ms". Nobody prints a summary if all is lost.

#include <charconv>
#include <utility>

#include "server/eval/others.hpp"
#include "server/tables/shown.hpp"

namespace chiploc {
namespace {

struct Target {
  std::string name, address;
};

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

/// Behind "PING ".
std::optional<Target> target_of(std::string_view rest) {
  const std::size_t name_end = rest.find_first_of(" (");
  const std::size_t open = rest.find('(');
  if (name_end == 0 || name_end == std::string_view::npos || open == std::string_view::npos ||
      open > name_end + 1)
    return std::nullopt;
  const std::size_t close = rest.find(')', open);
  if (close == std::string_view::npos) return std::nullopt;
  const std::size_t inner = rest.substr(0, close).rfind('(');
  return Target{std::string{rest.substr(0, name_end)},
                std::string{rest.substr(inner + 1, close - inner - 1)}};
}

/// "N packets transmitted, M received" or "M packets received": M.
std::optional<std::uint64_t> received_of(std::string_view line) {
  std::uint64_t sent = 0, received = 0;
  const auto first = std::from_chars(line.data(), line.data() + line.size(), sent);
  if (first.ec != std::errc{}) return std::nullopt;
  std::string_view rest = line.substr(static_cast<std::size_t>(first.ptr - line.data()));
  constexpr std::string_view kSent = " packets transmitted, ";
  if (!rest.starts_with(kSent)) return std::nullopt;
  rest.remove_prefix(kSent.size());
  const auto second = std::from_chars(rest.data(), rest.data() + rest.size(), received);
  if (second.ec != std::errc{}) return std::nullopt;
  rest.remove_prefix(static_cast<std::size_t>(second.ptr - rest.data()));
  if (!rest.starts_with(" received") && !rest.starts_with(" packets received")) return std::nullopt;
  return received;
}

class PingReader {
 public:
  PingReader(const OthersFile& file, RowTaker& to) : file_{file}, to_{to} {}

  void take(std::string_view line, std::uint32_t number) {
    if (line.starts_with("PING ") || line.starts_with("PING6(")) {
      begin(line, number);
    } else if (line.starts_with("--- ")) {
      take_statistics(line, number);
    } else if (line.starts_with("rtt ") || line.starts_with("round-trip ")) {
      take_summary(line, number);
    } else if (const auto received = received_of(line); received && open_ && *received == 0) {
      to_.lose();
      open_.reset();
    }
  }
  void finish() {
    close_without_summary();
    if (to_.found() == 0 && to_.faults().total() == 0)
      to_.fault(1, "", "holds no run of ping: none of its lines begins with PING");
  }

 private:
  void begin(std::string_view line, std::uint32_t number) {
    close_without_summary();
    std::optional<Target> target;
    if (line.starts_with("PING6(")) {
      const std::size_t arrow = line.find(" --> ");
      if (arrow != std::string_view::npos && arrow + 5 < line.size())
        target = Target{std::string{line.substr(arrow + 5)}, {}};
    } else {
      target = target_of(line.substr(5));
    }
    if (!target) {
      to_.fault(number, "PING", "names no target; ping writes PING NAME (ADDRESS) ..");
      skipping_ = true;
      return;
    }
    skipping_ = false;
    if (to_.is_name(number, "PING", target->name)) {
      open_ = std::move(target);
      opened_ = number;
    } else {
      skipping_ = true;
    }
  }
  void close_without_summary() {
    if (open_)
      to_.fault(opened_, "PING",
                "the run to " + shown(open_->name) +
                    " that begins here has no summary; was it killed? Drop it, or ping again");
    open_.reset();
  }

  /// "--- NAME ping statistics ---"
  void take_statistics(std::string_view line, std::uint32_t number) {
    constexpr std::string_view kEnd = " statistics ---";
    if (!open_ || !line.ends_with(kEnd)) return;
    line.remove_prefix(4);
    line.remove_suffix(kEnd.size());
    const std::size_t blank = line.rfind(' ');
    if (blank == std::string_view::npos || !line.substr(blank + 1).starts_with("ping")) return;
    const std::string_view name = line.substr(0, blank);
    // ping6 of macOS names in one line what it was given, in the other an address.
    if (name != open_->name && name != open_->address && !open_->address.empty()) {
      to_.fault(number, "statistics",
                "are of " + shown(name) + ", and the PING line before (" + std::to_string(opened_) +
                    ") names " + shown(open_->name) + "; are two runs mixed?");
      open_.reset();
      skipping_ = true;
    } else if (open_->address.empty()) {
      open_->address = name;
    }
  }

  void take_summary(std::string_view line, std::uint32_t number) {
    const std::size_t equals = line.find(" = ");
    const std::size_t names_at = line.find(' ') + 1;
    const bool is_summary = line.substr(names_at).starts_with("min/");
    if (!is_summary && !line.starts_with("rtt ")) return;  // words of somebody
    if (!open_) {
      if (!skipping_) to_.fault(number, "rtt", "has no PING line before it that would name its target");
      return;
    }
    const Target target = *std::exchange(open_, std::nullopt);
    const std::size_t end = line.find(" ms", equals == std::string_view::npos ? 0 : equals);
    const std::string_view shape = "; ping writes min/avg/max/mdev = 1.2/3.4/5.6/0.7 ms";
    if (!is_summary || equals == std::string_view::npos || end == std::string_view::npos) {
      to_.fault(number, "rtt", "is no summary of ping" + std::string{shape});
      return;
    }
    const auto names = split(line.substr(names_at, equals - names_at), '/');
    const auto values = split(line.substr(equals + 3, end - equals - 3), '/');
    if (names.size() != values.size() || values.size() < 3) {
      to_.fault(number, "rtt",
                "has " + std::to_string(names.size()) + " names and " + std::to_string(values.size()) +
                    " numbers" + std::string{shape});
      return;
    }
    std::array<double, 3> ms{};
    for (std::size_t i = 0; i < ms.size(); ++i) {
      const auto value = to_.round_trip(number, "rtt", values[i]);
      if (!value) return;
      ms[i] = *value;
    }
    if (ms[0] > ms[1] || ms[1] > ms[2]) {
      to_.fault(number, "rtt",
                "its least is more than its mean, or that more than the most; is the line damaged?");
      return;
    }
    to_.add(number, file_.source, target.name, target.address, ms[0]);
  }

  const OthersFile& file_;
  RowTaker& to_;
  std::optional<Target> open_;
  std::uint32_t opened_ = 0;
  bool skipping_ = false;  // what follows belongs to a run that was complained of
};

}  // namespace

void read_ping(const OthersFile& file, RowTaker& to) {
  if (std::string problem = other_encoding(file.text); !problem.empty()) {
    to.fault(1, "", std::move(problem));
    return;
  }
  PingReader reader{file, to};
  LineReader lines{file.text};
  for (std::string_view line; lines.next(line) && !to.full();) reader.take(line, lines.number());
  reader.finish();
}

}  // namespace chiploc
