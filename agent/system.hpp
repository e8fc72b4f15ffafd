#pragma once
#include <cstdint>

#include "agent/seams.hpp"
#include "proto/crypto/cose.hpp"
#include "proto/crypto/digest.hpp"

/// The real things behind the seams: the only code of the agent besides udp_loop that reads a clock or the
/// system's random generator.
namespace chiploc {

[[nodiscard]] SteadyTime agent_steady_now();
[[nodiscard]] WallTime agent_wall_now();

/// The operating system's generator. Stops the process when that fails: without it nothing here is sound.
class AgentSystemRandom final : public AgentRandom {
 public:
  void fill(MutableBytes out) override { random_bytes_or_abort(out); }
};

/// The honest residence: from arrival to just before the answer's MAC is made. Saturates at 4.29 s; 0 if the
/// arrival lies ahead.
class SystemResidence final : public ResidenceClock {
 public:
  [[nodiscard]] std::uint32_t residence_ns(SteadyTime received) override;
};

/// Signs each statement with the device key. Both are borrowed.
class SigningIssuer final : public StatementIssuer {
 public:
  SigningIssuer(const Signer& device_key, const Digest& certificate)
      : key_{device_key}, certificate_{certificate} {}
  [[nodiscard]] Result<ByteVector, KeyFault> issue(const Statement& claims) override {
    return sign_statement(claims, certificate_, key_);
  }

 private:
  const Signer& key_;
  Digest certificate_;
};

}  // namespace chiploc
