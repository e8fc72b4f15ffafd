#pragma once
#include <string>

#include "proto/crypto/keys.hpp"
#include "server/anchor/knock_tally.hpp"
#include "server/anchor/prober_types.hpp"

namespace chiploc {
namespace v1 {
class AnchorMessage;
}  // namespace v1

/// Who reports.
struct ReportIdentity {
  AnchorId anchor;
  std::string software_version;
};

// Each turns a result into the bytes of one v1::AnchorMessage without its spool id, signed where PROTOCOL.md
// says so: exactly the serialised body is signed and travels. Fail with kSigningFailed or kWrongAlgorithm.

/// SignedReport: "chiploc report v1" 0x00 | ReportBody.
[[nodiscard]] Result<ByteVector, KeyFault> report_message(const RoundReport& report,
                                                          const ReportIdentity& identity, const Signer& key);
/// SignedMesh: "chiploc mesh report v1" 0x00 | MeshBody.
[[nodiscard]] Result<ByteVector, KeyFault> mesh_message(const MeshWindow& window,
                                                        const ReportIdentity& identity, const Signer& key);
/// StatementSeen; the statement carries the chip's own signature.
[[nodiscard]] ByteVector statement_message(const RoundId& round, Bytes statement);
/// KnockSeen; the proof carries the chip's own signature.
[[nodiscard]] ByteVector knock_message(const KnockRecord& knock, const ReportIdentity& identity);

/// KnockNotes: not signed by anybody, and not for the spool.
[[nodiscard]] v1::AnchorMessage knock_notes_message(const KnockTally::Taken& taken);

}  // namespace chiploc
