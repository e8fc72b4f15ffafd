#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "proto/base/time.hpp"
#include "server/service/caller.hpp"

namespace chiploc {

/// Fills bytes from a generator that nobody can foresee.
using Dice = std::function<void(MutableBytes)>;

struct SessionRules {
  Nanoseconds idle = std::chrono::minutes{30};  ///< without a call
  Nanoseconds whole = std::chrono::hours{8};  ///< a working day: groups are asked for again at the next login
  std::size_t most = 4'096;
  std::size_t per_person = 8;  ///< the one that was idle longest goes
};

/// Somebody signed in at the page.
struct Session {
  Identity identity;
  std::string csrf;  ///< 256 bits in base64url: what our own page knows and another's does not
  SteadyTime began, seen;
  /// The certificate by which a code for it was given; null: it began at an OpenID provider.
  std::shared_ptr<const Certificate> began_with{};
};

/// Sessions by the SHA-256 of their ids: who reads this memory's table, or a dump, gets no id to call with. Not
/// thread-safe; times come in.
class SessionTable {
 public:
  SessionTable(const SessionRules& rules, Dice dice) : rules_{rules}, dice_{std::move(dice)} {}

  /// The new session's id, for a cookie: 256 bits in base64url, kept nowhere here. nullopt: no room.
  [[nodiscard]] std::optional<std::string> open(Identity identity, SteadyTime now);
  /// Null: there is none of this id, or it is over. The call counts as seen.
  [[nodiscard]] const Session* find(std::string_view id, SteadyTime now);
  /// Whether there was one.
  bool close(std::string_view id);
  [[nodiscard]] std::size_t size() const { return sessions_.size(); }
  [[nodiscard]] SteadyTime ends(const Session& session) const;

 private:
  void drop_ended(SteadyTime now);
  void make_room_for(const Identity& identity);
  SessionRules rules_;
  Dice dice_;
  std::map<ByteArray<32>, Session> sessions_;
};

}  // namespace chiploc
