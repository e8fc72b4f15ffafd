#pragma once
#include <memory>

#include "proto/crypto/siv.hpp"
#include "server/service/fault.hpp"

namespace google::protobuf {
class Message;
}

namespace chiploc {

/// Chips, rounds, verdicts and licences under pseudonyms, for the role researcher: what a field of an answer shows, and what
/// may be said in a request, is an option of it (proto/v1/access.proto, Research).
///
/// Ids        AES-SIV of the id, 32 bytes: always the same, and asked for by its hex as a whole. Without the key nobody
///            gets from it to the id, nor the other way.
/// Names      "p-" and the 16 bytes of the tag alone in hex: told apart, never asked for.
/// Page tokens  sealed as a whole, for their method alone.
///
/// Thread-safe.
class Research {
 public:
  explicit Research(SivKey key) : key_{std::move(key)} {}

  /// Puts what pseudonyms stand for into a request. kNotFound for what is none of this coordinator's; kWrongRole for a field
  /// that a researcher may not ask by.
  [[nodiscard]] Answer<Done> read(google::protobuf::Message& request) const;
  /// Leaves in an answer what a researcher may see, under pseudonyms.
  void show(google::protobuf::Message& answer) const;

 private:
  SivKey key_;
};

/// A use case's sentence may hold what a pseudonym stands for: a researcher gets one that does not.
[[nodiscard]] ApiFault fault_without_names(const ApiFault& fault);

}  // namespace chiploc
