#pragma once
// Standard Webhooks 1.0: what proves to a receiver that a notice is ours and new.
// https://github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/crypto/keys.hpp"
#include "server/notices/notice.hpp"

namespace chiploc {

/// A secret that notices are signed with; wiped when it goes away. It is shown to nobody: what goes wrong with
/// it is told without a character of it. Movable, not copyable; signing is safe from any thread.
class WebhookKey {
 public:
  /// `whsec_` and the base64 of 24 to 64 bytes: HMAC-SHA-256, shared with the receiver.
  /// `whsk_` and the base64 of an Ed25519 private key: 32 bytes of seed as RFC 8032 has it, or 64 where the
  /// public key follows. The receiver has the public one.
  /// Fails with kMalformed.
  [[nodiscard]] static Result<WebhookKey, KeyFault> from_text(std::string_view text);
  ~WebhookKey();
  WebhookKey(WebhookKey&&) noexcept;
  WebhookKey& operator=(WebhookKey&&) noexcept;

  /// "v1,BASE64" or "v1a,BASE64" over these bytes.
  [[nodiscard]] Result<std::string, KeyFault> sign(Bytes content) const;
  /// `whpk_` and the public key, for the receiver; "" for a shared secret.
  [[nodiscard]] std::string public_text() const;

 private:
  struct Secret;
  explicit WebhookKey(std::unique_ptr<Secret> secret);
  std::unique_ptr<Secret> secret_;
};

/// The first line of a file that only its owner may read (mode 0600 or stricter). Fails with kUnreadable,
/// kPermissions, kMalformed; the text names the file.
[[nodiscard]] Result<WebhookKey, KeyFault> read_webhook_key(const std::filesystem::path& file);

/// A key, and until when it still signs: one that is being replaced signs beside the new one until every
/// receiver has the new one.
struct WebhookKeyInUse {
  WebhookKey key;
  std::optional<WallTime> until;  ///< from here on it signs no more; nullopt: it stays
};
inline constexpr std::size_t kWebhookKeysMax = 4;  ///< of one sink

/// The three headers of one attempt.
struct WebhookHeaders {
  std::string id;         ///< webhook-id: the notice's, the same in every attempt; has no '.'
  std::string timestamp;  ///< webhook-timestamp: seconds of the attempt, since 1970
  std::string signature;  ///< webhook-signature: one for each key in force, with a space between
};
/// Signs `ID.TIMESTAMP.BODY`, with the body as it is sent to the byte.
/// Fails     kNoPrivateKey where no key is in force at `now`: nothing goes out unsigned.
[[nodiscard]] Result<WebhookHeaders, KeyFault> webhook_headers(const std::vector<WebhookKeyInUse>& keys,
                                                               const NoticeId& id, WallTime now,
                                                               std::string_view body);

}  // namespace chiploc
