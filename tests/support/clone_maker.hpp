#pragma once
// A round that two holders of one key answered.

#include "proto/crypto/cose.hpp"
#include "tests/support/round_maker.hpp"

namespace chiploc::test {

/// As RoundMaker::make(), with a second holder at `second` in every session and with a statement of its own:
/// another boot, and a round counter four further.
inline RoundEvidenceBytes make_cloned(RoundMaker& maker, Degrees first, Degrees second) {
  std::vector<Statement::AnchorTranscript> others;
  maker.spoil_report = [&](std::size_t index, v1::ReportBody& body) {
    const Ticket ticket = parse_ticket(bytes_of(body.ticket())).value();
    const v1::SessionReport session = maker.make_session(ticket, maker.rtt_to(maker.anchors[index], second));
    others.push_back({static_cast<std::uint8_t>(index), sha256(bytes_of(session.transcript()))});
    *body.add_sessions() = session;
  };
  RoundEvidenceBytes out = maker.make(first);
  maker.spoil_report = {};
  Statement other = maker.blank_statement(out);
  other.boot_count = maker.boot_count + 8;
  other.round_counter = maker.round_counter + 4;
  other.transcripts = std::move(others);
  out.statements.push_back(sign_statement(other, maker.certificate, *maker.device_key).value());
  return out;
}

}  // namespace chiploc::test
