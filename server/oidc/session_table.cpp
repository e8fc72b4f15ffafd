#include "server/oidc/session_table.hpp"

#include <algorithm>
#include <utility>

#include "proto/crypto/digest.hpp"
#include "server/oidc/base64url.hpp"

namespace chiploc {
namespace {

constexpr std::size_t kSessionIdText = 43;  // 32 bytes in base64url

ByteArray<32> key_of(std::string_view id) { return sha256(bytes_of(id)).bytes; }

std::string secret_text(const Dice& dice) {
  ByteArray<32> bytes{};
  dice(bytes);
  std::string text = base64url_text(bytes);
  wipe(bytes);
  return text;
}

}  // namespace

SteadyTime SessionTable::ends(const Session& session) const {
  return std::min(session.seen + rules_.idle, session.began + rules_.whole);
}

void SessionTable::drop_ended(SteadyTime now) {
  std::erase_if(sessions_, [&](const auto& one) { return now >= ends(one.second); });
}

void SessionTable::make_room_for(const Identity& identity) {
  std::size_t theirs = 0;
  auto oldest = sessions_.end();
  for (auto at = sessions_.begin(); at != sessions_.end(); ++at) {
    const Identity& other = at->second.identity;
    if (other.account != identity.account || other.certificate != identity.certificate) continue;
    ++theirs;
    if (oldest == sessions_.end() || at->second.seen < oldest->second.seen) oldest = at;
  }
  if (theirs >= rules_.per_person && oldest != sessions_.end()) sessions_.erase(oldest);
}

std::optional<std::string> SessionTable::open(Identity identity, SteadyTime now) {
  drop_ended(now);
  make_room_for(identity);
  if (sessions_.size() >= rules_.most) return std::nullopt;
  std::string id = secret_text(dice_);
  // What the session calls with is no certificate: it could have a code given for another session, and so on for ever.
  auto began_with = std::exchange(identity.whole_certificate, nullptr);
  sessions_.insert_or_assign(
      key_of(id), Session{std::move(identity), secret_text(dice_), now, now, std::move(began_with)});
  return id;
}

const Session* SessionTable::find(std::string_view id, SteadyTime now) {
  if (id.size() != kSessionIdText) return nullptr;
  const auto found = sessions_.find(key_of(id));
  if (found == sessions_.end()) return nullptr;
  if (now >= ends(found->second)) {
    sessions_.erase(found);
    return nullptr;
  }
  found->second.seen = now;
  return &found->second;
}

bool SessionTable::close(std::string_view id) { return sessions_.erase(key_of(id)) != 0; }

}  // namespace chiploc
