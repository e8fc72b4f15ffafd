#include "server/eval/digest.hpp"

#include <cmath>

#include "proto/crypto/digest.hpp"
#include "server/eval/runner.hpp"

namespace chiploc {
namespace {

class Quantiser {
 public:
  void number(std::uint64_t value) {
    ByteArray<8> bytes{};
    ByteWriter writer{bytes};
    writer.u64(value);
    sha_.update(bytes);
  }
  void number(double value, double step) {
    number(static_cast<std::uint64_t>(static_cast<std::int64_t>(std::llround(value / step))));
  }
  void text(std::string_view text) {
    number(text.size());
    sha_.update(bytes_of(text));
  }
  void bytes(Bytes part) { sha_.update(part); }
  [[nodiscard]] Digest finish() { return sha_.finish(); }

 private:
  Sha256 sha_;
};

constexpr double kDegreeStep = 1e-6;
constexpr double kProbabilityStep = 1e-4;

}  // namespace

Digest digest_of(const Region& region, const CaseOutcome& outcome) {
  Quantiser out;
  const auto places = region.representatives();
  out.number(places.size());
  for (const LatLon place : places) {
    out.number(place.lat_deg(), kDegreeStep);
    out.number(place.lon_deg(), kDegreeStep);
  }
  out.number(outcome.met.size());
  for (const CountryCode code : outcome.met) out.text(code.view());
  const auto claim = [&out](const ClaimOutcome& c) {
    out.number(static_cast<std::uint64_t>(c.state));
    out.number(c.probability, kProbabilityStep);
  };
  claim(outcome.true_claim);
  for (const ClaimOutcome& c : outcome.false_claims) claim(c);
  return out.finish();
}

Digest digest_of(std::span<const RowOutcome> rows) {
  Quantiser out;
  for (const RowOutcome& row : rows) {
    out.text(row.anchors);
    out.number(row.cases.size());
    for (const CaseOutcome& outcome : row.cases) {
      out.number(outcome.draw);
      out.number(outcome.target);
      out.bytes(outcome.digest.bytes);
    }
  }
  return out.finish();
}

}  // namespace chiploc
