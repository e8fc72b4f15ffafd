#pragma once
#include "proto/crypto/eat.hpp"

namespace chiploc {

/// A statement with a different value in every field.
inline Statement sample_statement() {
  Statement s;
  s.issued_at = 1'795'000'000;
  s.nonce.bytes.fill(0x11);
  s.chip.bytes.fill(0x22);
  s.hardware_model = "LAB-100";
  s.firmware_version = "1.2.3";
  s.firmware_measurement.bytes.fill(0x33);
  s.debug_state = DebugState::kDisabledPermanently;
  s.boot_count = 7;
  s.round.bytes.fill(0x44);
  s.round_counter = 70'000;
  s.coordinator.bytes.fill(0x55);
  for (const std::uint8_t index : ByteArray<3>{0, 5, 40}) {
    Digest digest;
    digest.bytes.fill(static_cast<std::uint8_t>(0x60 + index));
    s.transcripts.push_back({index, digest});
  }
  return s;
}

}  // namespace chiploc
