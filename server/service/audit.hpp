#pragma once
#include <optional>
#include <string>

#include "server/service/caller.hpp"
#include "server/storage/audit_store.hpp"

namespace google::protobuf {
class Message;
}

namespace chiploc {

/// What a request asks about, for the audit log: its fields that are set and its method knows by a name, "chip=SN-7
/// limit=5"; bytes as hex, messages and maps by name alone. At most kAuditTextMax bytes of what can be shown.
[[nodiscard]] std::string subject_of(const google::protobuf::Message& request);

/// Whether an answer has anything that a reader of it would not get (sealing.hpp).
[[nodiscard]] bool shows_sealed(const google::protobuf::Message& answer);

/// What the audit log says of an answer before it leaves: an entry where this caller gets it whole and it has something
/// that is sealed; nullopt: nobody has to know. An answer that is internal as a whole is such a one, but for journals
/// of policies, imports, notices and mutes, which hold nothing that others have sealed.
[[nodiscard]] std::optional<AuditEntry> look_of(const Caller& caller, std::string subject,
                                                const google::protobuf::Message& answer, WallTime now);

}  // namespace chiploc
