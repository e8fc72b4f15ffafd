#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "proto/base/result.hpp"
#include "proto/v1/evidence.pb.h"

namespace chiploc {

/// One file of a round's evidence: a plain name without folders, and its bytes exactly as they were signed or
/// sent.
struct EvidenceFile {
  std::string name;
  std::string content;
};

/// A round's evidence as files that can be checked with the openssl command alone (PROTOCOL.md says how). NN
/// is the anchor's index in the round, two digits, as in its ticket; ANCHOR its registry name.
///
///     ticket-NN.bin               220 bytes
///     report-NN-ANCHOR.body .sig  what the anchor signed, and its 64-byte signature
///     transcript-NN-ANCHOR.bin    a session's transcript; further sessions: transcript-NN-ANCHOR-2.bin, ...
///     opening-NN-ANCHOR.sig       the device's signature that opened that session; none before protocol 2
///     close-order.bin             140 bytes
///     statement.cose              the chip's COSE_Sign1; further different ones: statement-2.cose, ...
///     unjudged-statement.cose     one that came and was not judged; nothing rests on it
///     anchor-ANCHOR.pub.pem       coordinator.pub.pem: Ed25519 keys as SubjectPublicKeyInfo
///     device.pem                  the device certificate
///     intent.json, verdict.json   as the command line prints them
///
/// What the round does not have has no file. A second report of one anchor is report-NN-ANCHOR-2. Names that
/// the server gives are reduced to letters, digits, '.', '_' and '-': a name never leads out of the folder.
[[nodiscard]] std::vector<EvidenceFile> evidence_files(const v1::RoundEvidence& evidence);

/// Writes them into `folder`, which must not exist or be empty. The error is a sentence with the path.
[[nodiscard]] Result<Done, std::string> write_evidence(const std::vector<EvidenceFile>& files,
                                                       const std::filesystem::path& folder);

}  // namespace chiploc
