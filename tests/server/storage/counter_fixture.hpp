#pragma once
// A chip whose maker certifies one key and then another.

#include "tests/server/registry/world.hpp"
#include "tests/server/storage/fixture.hpp"
#include "tests/support/certificate_maker.hpp"

namespace chiploc::test {

struct Chips {
  World world;
  SharedKey first = ec_key("P-256");
  SharedKey second = ec_key("P-256");

  static Digest digest(const Certificate& certificate) {
    return sha256(certificate.public_key()->spki_der());
  }
  Certificate certificate(const SharedKey& key) const {
    const PublicKey subject = PublicKey::from_spki_der(spki(key)).value();
    IssueRequest request;
    request.common_name = "chip";
    request.serial_number = chip_id(1).hex();
    request.from = kNow - std::chrono::hours{1};
    return world.authority.issue(request, subject).value();
  }
  static ByteVector spki(const SharedKey& key) {
    std::uint8_t* data = nullptr;
    const int size = i2d_PUBKEY(key.get(), &data);
    ByteVector out(data, data + size);
    OPENSSL_free(data);
    return out;
  }
  ImportPlan plan(const Certificate& certificate, const Registry::Snapshot& base) const {
    const std::string row =
        chip_id(1).hex() + ",S-1,Acme,LAB-100,L-1,knock," + csv_quoted(certificate.pem()) + "\n";
    return world.plan({world.makers(), world.licences(), World::chips(row)}, base);
  }
};

/// A round of the chip that ended with these counters.
inline void finish(Store& store, std::uint64_t round, const ChipCounters& counters) {
  RoundIntent began = intent(round);
  began.chip = chip_id(1);
  REQUIRE(store.rounds().log_intent(began));
  VerdictRecord ended = verdict(round, round, 1, 1, static_cast<std::int64_t>(round));
  ended.chip = chip_id(1);
  REQUIRE(store.verdicts().finish_round(ended, counters));
}

}  // namespace chiploc::test
