// The exchange of echo_star.hpp in ns-3: point-to-point links, UDP echo. Prints exchanges a second of processor time, how
// many came back, and the mean round trip in microseconds; the making of the network is not counted.
#include <time.h>

#include <cstdio>
#include <string>

#include "ns3/applications-module.h"
#include "ns3/core-module.h"
#include "ns3/internet-module.h"
#include "ns3/network-module.h"
#include "ns3/point-to-point-module.h"
#include "tests/bench/echo_star.hpp"

namespace {

using namespace chiploc::bench;

double processor_seconds() {
  timespec t{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

std::uint64_t sent = 0, back = 0;
double sum_sent_us = 0, sum_back_us = 0;

void on_sent(ns3::Ptr<const ns3::Packet>) {
  ++sent;
  sum_sent_us += ns3::Simulator::Now().GetSeconds() * 1e6;
}
void on_back(ns3::Ptr<const ns3::Packet>) {
  ++back;
  sum_back_us += ns3::Simulator::Now().GetSeconds() * 1e6;
}

}  // namespace

int main() {
  constexpr std::uint16_t kPort = 7400;
  ns3::Ptr<ns3::Node> hub = ns3::CreateObject<ns3::Node>();
  ns3::NodeContainer hosts;
  hosts.Create(kEchoHosts);
  ns3::InternetStackHelper internet;
  internet.Install(hub);
  internet.Install(hosts);
  ns3::Ipv4AddressHelper addresses;
  ns3::UdpEchoServerHelper server{kPort};
  server.Install(hosts).Start(ns3::Seconds(0));
  for (unsigned i = 0; i < kEchoHosts; ++i) {
    ns3::PointToPointHelper line;
    line.SetDeviceAttribute("DataRate", ns3::StringValue("100Gbps"));
    line.SetChannelAttribute("Delay", ns3::TimeValue(ns3::MicroSeconds(echo_delay_us(i))));
    const ns3::NetDeviceContainer devices = line.Install(hub, hosts.Get(i));
    addresses.SetBase(("10.1." + std::to_string(i) + ".0").c_str(), "255.255.255.0");
    const ns3::Ipv4InterfaceContainer interfaces = addresses.Assign(devices);
    ns3::UdpEchoClientHelper client{interfaces.GetAddress(1), kPort};
    client.SetAttribute("MaxPackets", ns3::UintegerValue(kEchoPings));
    client.SetAttribute("Interval", ns3::TimeValue(ns3::MilliSeconds(kEchoSpacingMs)));
    client.SetAttribute("PacketSize", ns3::UintegerValue(kEchoBytes));
    ns3::ApplicationContainer one = client.Install(hub);
    one.Start(ns3::MicroSeconds(echo_start_us(i)));
    one.Get(0)->TraceConnectWithoutContext("Tx", ns3::MakeCallback(&on_sent));
    one.Get(0)->TraceConnectWithoutContext("Rx", ns3::MakeCallback(&on_back));
  }
  const double began = processor_seconds();
  ns3::Simulator::Run();
  const double took = processor_seconds() - began;
  ns3::Simulator::Destroy();
  std::printf("%.0f %llu %.3f\n", static_cast<double>(back) / took, static_cast<unsigned long long>(back),
              (sum_back_us - sum_sent_us) / static_cast<double>(back));
  return sent == back ? 0 : 1;
}
