// The runs of iputils (20221126) and its IPv6 lines are as it printed them on loopback; of BSD, macOS, busybox and
// inetutils as their sources and manuals print.
#include "tests/server/eval/others_support.hpp"

namespace chiploc::test::others_ping_test {
namespace {

Read read(const std::string& text) { return read_with(text, read_ping); }

const std::string kRun =
    "PING b (127.0.0.1) 56(84) bytes of data.\n"
    "64 bytes from 127.0.0.1: icmp_seq=1 ttl=64 time=0.061 ms\n"
    "64 bytes from 127.0.0.1: icmp_seq=2 ttl=64 time=0.085 ms\n\n"
    "--- b ping statistics ---\n"
    "2 packets transmitted, 2 received, 0% packet loss, time 205ms\n"
    "rtt min/avg/max/mdev = 0.061/0.073/0.085/0.012 ms\n";

TEST_CASE("ping: the summary's least, by the target of the PING line", "[eval][others]") {
  CHECK(read(kRun).lines == Lines{"7 here>b(127.0.0.1) 0.061"});
  CHECK(read(kRun).faults.empty());
  const Read two = read(kRun + "some words of a script\n" + kRun);
  CHECK(two.lines == Lines{"7 here>b(127.0.0.1) 0.061", "15 here>b(127.0.0.1) 0.061"});
  const Read windows =
      read("PING a (1.2.3.4) 56(84) bytes of data.\r\nrtt min/avg/max/mdev = 1/2/3/0.5 ms\r\n");
  CHECK(windows.lines == Lines{"2 here>a(1.2.3.4) 1"});
}

TEST_CASE("ping: what other programs and IPv6 print", "[eval][others]") {
  const auto one = [](const std::string& head, const std::string& summary) {
    const Read read = others_ping_test::read(head + "\n" + summary + "\n");
    INFO(read.fault());
    REQUIRE(read.lines.size() == 1);
    return read.lines.front();
  };
  const std::string iputils = "rtt min/avg/max/mdev = 1.0/2.0/3.0/0.5 ms";
  CHECK(one("PING ::1(::1) 56 data bytes", iputils) == "2 here>::1(::1) 1");
  CHECK(one("PING localhost(localhost (::1)) 56 data bytes", iputils + ", pipe 4") ==
        "2 here>localhost(::1) 1");
  CHECK(one("PING b (1.2.3.4) from 10.0.0.1 eth0: 56(84) bytes of data.",
            iputils + ", ipg/ewma 0.010/0.005 ms") == "2 here>b(1.2.3.4) 1");
  CHECK(one("PING b (1.2.3.4): 56 data bytes", "round-trip min/avg/max/stddev = 11.1/12.2/13.3/0.5 ms") ==
        "2 here>b(1.2.3.4) 11.1");
  CHECK(one("PING b (1.2.3.4): 56 data bytes", "round-trip min/avg/max = 11.1/12.2/13.3 ms") ==
        "2 here>b(1.2.3.4) 11.1");
  CHECK(one("PING6(56=40+8+8 bytes) fe80::1 --> 2001:db8::2\n--- b ping6 statistics ---",
            "round-trip min/avg/max/std-dev = 1.5/2/3/0.1 ms") == "3 here>2001:db8::2(b) 1.5");
}

TEST_CASE("ping: a run in which everything is lost is a loss", "[eval][others]") {
  for (const char* const counts :
       {"3 packets transmitted, 0 received, 100% packet loss, time 2049ms",
        "3 packets transmitted, 0 received, +3 errors, 100% packet loss, time 2049ms",
        "3 packets transmitted, 0 packets received, 100.0% packet loss"}) {
    const Read read =
        others_ping_test::read("PING b (1.2.3.4): 56 data bytes\n\n--- b ping statistics ---\n" +
                               std::string{counts} + "\n\n" + kRun);
    CHECK(read.faults.empty());
    CHECK(read.rows.lost == 1);
    CHECK(read.lines.size() == 1);
  }
}

TEST_CASE("ping: each fault names its line", "[eval][others]") {
  check_fault(read("hello\n"), "1: holds no run of ping", "");
  check_fault(read("PING b (1.2.3.4) 56(84) bytes of data.\n" + kRun), "1: PING: the run to \"b\"",
              "no summary");
  check_fault(read(kRun + "PING c (1.2.3.4) 56(84) bytes of data.\n"), "8: PING: the run to \"c\"",
              "was it killed?");
  check_fault(read("rtt min/avg/max/mdev = 1/2/3/0.5 ms\n"), "1: rtt: has no PING line", "");
  check_fault(read("PING b\nrtt min/avg/max/mdev = 1/2/3/0.5 ms\n"), "1: PING: names no target", "");
  const auto with = [](const std::string& summary) {
    return read("PING b (1.2.3.4): 56\n" + summary + "\n");
  };
  check_fault(with("rtt min/avg/max/mdev = 1/2/3 ms"), "2: rtt: has 4 names and 3 numbers", "");
  check_fault(with("rtt min/avg/max/mdev = 3/2/4/1 ms"), "2: rtt: its least is more", "");
  check_fault(with("rtt min/avg/max/mdev = 1/2/x/1 ms"), "2: rtt: \"x\" is not a number", "");
  check_fault(with("rtt min/avg/max/mdev = 1/2/3/1"), "2: rtt: is no summary of ping", "");
  check_fault(with("rtt avg/max = 1/2 ms"), "2: rtt: is no summary of ping", "");
  // Two logs that were written into each other: the least of one must not be another's.
  check_fault(read("PING b (1.2.3.4): 56\n--- c ping statistics ---\nrtt min/avg/max/mdev = 1/2/3/1 ms\n"),
              "2: statistics: are of \"c\", and the PING line before (1) names \"b\"", "mixed");
  CHECK(read("PING b (1.2.3.4): 56\n--- c ping statistics ---\nrtt min/avg/max/mdev = 1/2/3/1 ms\n")
            .lines.empty());
}

}  // namespace
}  // namespace chiploc::test::others_ping_test
