#include "server/verifier/counted_samples.hpp"

#include <algorithm>
#include <vector>

#include "server/anchor/borne_out.hpp"

namespace chiploc {
namespace {

std::string why_none(const std::vector<TimedSample>& samples) {
  if (samples.empty()) return "no usable sample";
  const auto timed =
      std::count_if(samples.begin(), samples.end(), [](const TimedSample& s) { return s.received > s.sent; });
  if (samples.size() > 1 && timed < 2) {
    return "its samples do not say when they were in flight, so none bears out another: install the present "
           "version of chiploc on that anchor";
  }
  const std::string cut = ", and one pause of the anchor could have cut ";
  if (samples.size() == 1) {
    return "only one sample came" + cut + "it: look for lost packets, or raise pings";
  }
  return "its samples were all in flight at one moment" + cut +
         "them all: raise pings or ping_interval_ms, or the round's deadline";
}

}  // namespace

Result<CountedSample, std::string> count_samples(const v1::SessionReport& session) {
  std::vector<TimedSample> samples;
  samples.reserve(static_cast<std::size_t>(session.samples_size()));
  for (const v1::Sample& sample : session.samples()) {
    samples.push_back(
        {Nanoseconds{sample.rtt_ns()}, Nanoseconds{sample.sent_ns()}, Nanoseconds{sample.received_ns()}});
  }
  const auto counted = borne_out(samples);
  if (!counted) return Fail{why_none(samples)};
  const v1::Sample& sample = session.samples(static_cast<int>(*counted));
  CountedSample out{.sequence = sample.sequence(),
                    .rtt = samples[*counted].rtt,
                    .source = static_cast<StampSource>(sample.source()),
                    .least = samples[*counted].rtt};
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const Nanoseconds rtt = samples[i].rtt;
    out.least = std::min(out.least, rtt);
    const bool after = rtt > out.rtt || (rtt == out.rtt && i > *counted);  // in the order of borne_out()
    if (after && (out.next == Nanoseconds{0} || rtt < out.next)) out.next = rtt;
  }
  return out;
}

}  // namespace chiploc
