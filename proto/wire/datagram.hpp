#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "proto/base/bytes.hpp"
#include "proto/base/ids.hpp"
#include "proto/base/result.hpp"

/// The datagrams between agent and anchor, and between anchors: bytes <-> fields, nothing else. Every layout
/// stands in PROTOCOL.md. All integers are big-endian, all sizes fixed; a parser accepts exactly one size,
/// zero where zero is reserved, and yields fields that nobody has authenticated yet (hence Unchecked...).
namespace chiploc {

inline constexpr ByteArray<2> kMagic{0xC7, 0x1D};
/// 2: an OPEN carries the device's signature over the agent's key, and its MAC; OPEN_COOKIE.
inline constexpr std::uint8_t kProtocolVersion = 2;
inline constexpr std::size_t kHeaderSize = 4;
/// No datagram is larger: it fits IPv6's minimum MTU with room for a tunnel.
inline constexpr std::size_t kDatagramMax = 1200;
inline constexpr std::size_t kPingsMax = 64;    ///< a session's received pings fit one 64-bit map
inline constexpr std::size_t kAnchorsMax = 64;  ///< a round's anchors fit one 64-bit mask

enum class DatagramType : std::uint8_t {
  kKnock = 1,
  kKnockReply = 2,
  kKnockProof = 3,
  kTicket = 4,
  kOpen = 5,
  kOpenAck = 6,
  kPing = 7,
  kPong = 8,
  kFinish = 9,
  kFinishAck = 10,
  kClose = 11,
  kStatement = 12,
  kReject = 13,
  kOpenCookie = 14,
};
inline constexpr std::uint8_t kDatagramTypeLast = 14;
[[nodiscard]] std::string_view name_of(DatagramType type);

/// Why a datagram was refused. The numbers are on the wire (REJECT) and in reports; never reuse one.
/// Only the reasons marked (answered) are ever told to a stranger; the others are counted and dropped.
enum class RejectReason : std::uint8_t {
  kMalformed = 1,            ///< wrong size, magic, reserved bits, or a field out of range
  kUnsupportedVersion = 2,   ///< (answered) header of another protocol version
  kUnexpectedType = 3,       ///< a known type that this side never receives
  kUnknownCoordinator = 4,   ///< (answered) ticket or order of a coordinator that is not provisioned
  kBadSignature = 5,         ///< ticket, order, knock proof or OPEN with a wrong signature
  kNotForMe = 6,             ///< (answered) ticket, order or knock for another chip or anchor
  kNotYetValid = 7,          ///< (answered) ticket from the future, beyond the allowed clock skew
  kExpired = 8,              ///< (answered) ticket past its end, beyond the allowed clock skew
  kTableFull = 9,            ///< (answered) no room for another session
  kUnknownSession = 10,      ///< session id or ticket digest that is not in the table
  kBadMac = 11,              ///< a session datagram whose MAC is wrong
  kAlreadyAnswered = 12,     ///< a sequence number answered before
  kSequenceOutOfRange = 13,  ///< a sequence number beyond the ticket's ping count
  kBadKey = 14,              ///< small-order or malformed X25519 key
  kBadCookie = 15,           ///< knock proof with a stale or foreign cookie
  kLate = 16,                ///< an answer after its deadline
  kWrongState = 17,          ///< right datagram, wrong moment: ping after finish, close before finish
  kAlreadyClosed = 18,       ///< a second, different close order for one round
  kTranscriptMismatch = 19,  ///< both ends disagree on what was exchanged
  kRateLimited = 20,         ///< more of this than the limit allows
};
inline constexpr std::uint8_t kRejectReasonLast = 20;
[[nodiscard]] std::string_view name_of(RejectReason reason);
/// Whether a REJECT may be sent for this reason.
[[nodiscard]] bool is_answered(RejectReason reason);

/// Judges the first four bytes: magic, version, type. Fails with kMalformed or kUnsupportedVersion. A REJECT
/// passes with any version: its layout never changes, so that two versions can tell each other what is wrong.
[[nodiscard]] Result<DatagramType, RejectReason> read_header(Bytes datagram);

// ------------------------------------------------------------------------------------------------ knock
/// Agent to rendezvous anchor: is a round pending for me? Padded so that the reply is smaller.
struct Knock {
  static constexpr std::size_t kSize = 96;
  ChipId chip;
  AnchorId anchor;
  Nonce nonce{};  ///< fresh for each knock: who cannot see the knock cannot answer it
};
enum class KnockStatus : std::uint8_t { kNothing = 0, kProve = 1 };
/// Anchor to agent. The cookie is stateless: it ties the proof to the address that knocked.
struct KnockReply {
  static constexpr std::size_t kSize = 56;
  ChipId chip;
  KnockStatus status{};
  Mac cookie;
  Nonce nonce{};  ///< the knock's
};
/// Agent to anchor: the holder of the chip's key asks for the pending tickets.
/// signature = device key over proof_input(); its length depends on the algorithm (64 or 96 bytes).
struct KnockProof {
  static constexpr std::size_t kSize = 168;
  static constexpr std::size_t kSignatureMax = 96;
  ChipId chip;
  AnchorId anchor;
  Mac cookie;
  std::uint64_t boot_id = 0;  ///< random at each start of the agent: two alternating ones betray a cloned key
  std::uint64_t round_counter = 0;
  std::uint16_t signature_size = 0;
  ByteArray<kSignatureMax> signature{};

  static constexpr std::size_t kInputSize = 17 + 16 + 16 + 16 + 8 + 8;
  /// What the device key signs: "chiploc knock v1" 0x00 | chip | anchor | cookie | boot_id | round_counter.
  [[nodiscard]] ByteArray<kInputSize> proof_input() const;
  [[nodiscard]] Bytes signature_bytes() const { return Bytes{signature}.first(signature_size); }
};

// --------------------------------------------------------------------------------------------- open
/// Agent to anchor: here is my ephemeral key for the session that this ticket allows, with the device's
/// signature over it (OpeningClaim), which is the same for all tickets of a round. The MAC is the session's,
/// agent to anchor: whoever has seen the signature at one anchor cannot open at another. As large as what
/// OPEN_ACK and the first pings to an address that has not proved itself may take.
struct Open {
  static constexpr std::size_t kSize = 200;
  static constexpr std::size_t kSignatureMax = 96;
  Digest ticket;  ///< SHA-256 of the whole ticket, signature included
  X25519Public agent_public;
  Mac cookie;                        ///< of the OPEN_COOKIE that asked for it; else zero
  std::uint16_t signature_size = 0;  ///< 64 or 96
  ByteArray<kSignatureMax> signature{};
  Mac mac;
  [[nodiscard]] Bytes signature_bytes() const { return Bytes{signature}.first(signature_size); }
};
/// Anchor to agent, while strangers send it more OPENs than it checks signatures: send yours again with this,
/// so that I see that you receive at your address. Stateless, like the cookie of a knock.
struct OpenCookie {
  static constexpr std::size_t kSize = 36;
  Mac open;  ///< the MAC of the OPEN that it answers: who has not seen that cannot answer it
  Mac cookie;
};
struct OpenAck {
  static constexpr std::size_t kSize = 28;
  SessionId session;
  Mac mac;
};

// ---------------------------------------------------------------------------------------------- ping
/// The timed exchange: request and reply have one size and one layout.
struct Ping {
  static constexpr std::size_t kSize = 64;
  SessionId session;
  std::uint32_t sequence = 0;
  Nonce nonce;
  Mac mac;
};
struct Pong {
  static constexpr std::size_t kSize = 64;
  SessionId session;
  std::uint32_t sequence = 0;
  Nonce nonce;                     ///< the ping's
  std::uint32_t residence_ns = 0;  ///< the agent's own word; diagnostics only, it never shortens a distance
  Mac mac;
};

// --------------------------------------------------------------------------------------------- close
/// Anchor to agent: no more pings; these sequence numbers came back. Both ends now fix the transcript.
struct Finish {
  static constexpr std::size_t kSize = 64;
  SessionId session;
  std::uint64_t received = 0;  ///< bit i: the pong of sequence i arrived
  Mac mac;
};
struct FinishAck {
  static constexpr std::size_t kSize = 60;
  SessionId session;
  Digest transcript;
  Mac mac;
};
/// The coordinator's order to sign one statement over the transcripts of the anchors in `mask`.
/// Signed so that no anchor alone can close a round early and leave others out.
struct CloseOrder {
  static constexpr std::size_t kSignedSize = 76;
  static constexpr std::size_t kSize = kSignedSize + 64;
  CoordinatorId coordinator;
  RoundId round;
  ChipId chip;
  Nonce nonce;
  std::uint64_t mask = 0;  ///< bit i: the anchor whose ticket has anchor_index i
  Ed25519Signature signature;
};
struct Close {
  static constexpr std::size_t kSize = kHeaderSize + 8 + CloseOrder::kSize + 16;
  SessionId session;
  CloseOrder order;
  Mac mac;
};
/// Agent to anchor: a piece of the signed statement, MACed so that strangers cannot stuff the reassembly.
struct StatementFragment {
  static constexpr std::size_t kPayloadMax = 1024;
  static constexpr std::size_t kFragmentsMax = 4;
  static constexpr std::size_t kFixedSize = kHeaderSize + 8 + 4 + 16;
  SessionId session;
  std::uint8_t index = 0;
  std::uint8_t count = 0;
  Bytes payload;  ///< borrowed from the datagram
  Mac mac;
};
inline constexpr std::size_t kStatementMax =
    StatementFragment::kPayloadMax * StatementFragment::kFragmentsMax;

// -------------------------------------------------------------------------------------------- reject
/// A hint, never an authority: anybody can forge one, so it ends nothing. Smaller than any request.
struct Reject {
  static constexpr std::size_t kSize = 16;
  RejectReason reason{};
  std::uint8_t rejected_type = 0;
  std::uint8_t version_supported = kProtocolVersion;
  ByteArray<8> echo{};  ///< the first eight bytes after the header of what was rejected, zero-padded
  std::uint8_t version = kProtocolVersion;  ///< of the header: the sender's
};

// Encoders write into the caller's buffer (at least kSize bytes) and return the datagram. Those with a MAC
// leave its place zero: seal_mac() of crypto fills it. Parsers fail with kMalformed only.
Bytes encode(const Knock&, MutableBytes out);
Bytes encode(const KnockReply&, MutableBytes out);
Bytes encode(const KnockProof&, MutableBytes out);
Bytes encode(const Open&, MutableBytes out);
Bytes encode(const OpenAck&, MutableBytes out);
Bytes encode(const OpenCookie&, MutableBytes out);
Bytes encode(const Ping&, MutableBytes out);
Bytes encode(const Pong&, MutableBytes out);
Bytes encode(const Finish&, MutableBytes out);
Bytes encode(const FinishAck&, MutableBytes out);
Bytes encode(const Close&, MutableBytes out);
Bytes encode(const StatementFragment&, MutableBytes out);  ///< kFixedSize + payload
Bytes encode(const Reject&, MutableBytes out);

template <class Datagram>
using Parsed = Result<Datagram, RejectReason>;
[[nodiscard]] Parsed<Knock> parse_knock(Bytes datagram);
[[nodiscard]] Parsed<KnockReply> parse_knock_reply(Bytes datagram);
[[nodiscard]] Parsed<KnockProof> parse_knock_proof(Bytes datagram);
[[nodiscard]] Parsed<Open> parse_open(Bytes datagram);
[[nodiscard]] Parsed<OpenAck> parse_open_ack(Bytes datagram);
[[nodiscard]] Parsed<OpenCookie> parse_open_cookie(Bytes datagram);
[[nodiscard]] Parsed<Ping> parse_ping(Bytes datagram);
[[nodiscard]] Parsed<Pong> parse_pong(Bytes datagram);
[[nodiscard]] Parsed<Finish> parse_finish(Bytes datagram);
[[nodiscard]] Parsed<FinishAck> parse_finish_ack(Bytes datagram);
[[nodiscard]] Parsed<Close> parse_close(Bytes datagram);
[[nodiscard]] Parsed<StatementFragment> parse_statement(Bytes datagram);
[[nodiscard]] Parsed<Reject> parse_reject(Bytes datagram);

/// The REJECT that answers `datagram`, or nullopt where none may be sent: the reason is not an answered one,
/// the datagram is itself a REJECT, or it is smaller than the answer would be.
[[nodiscard]] std::optional<Reject> reject_for(Bytes datagram, RejectReason reason);

/// Offsets that the MAC code needs: every datagram with a MAC ends in it and covers all that stands before.
inline constexpr std::size_t kMacSize = 16;

/// The bytes that the coordinator signs for a close order, with its domain prefix:
/// "chiploc close v1" 0x00 | the first kSignedSize bytes of the order.
[[nodiscard]] ByteArray<17 + CloseOrder::kSignedSize> signed_input(const CloseOrder& order);
/// The order as it stands in the datagram and in records.
[[nodiscard]] ByteArray<CloseOrder::kSize> bytes_of(const CloseOrder& order);
[[nodiscard]] Parsed<CloseOrder> parse_close_order(Bytes raw);

}  // namespace chiploc
