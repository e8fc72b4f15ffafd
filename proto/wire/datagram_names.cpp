#include "proto/wire/datagram.hpp"

namespace chiploc {

std::string_view name_of(DatagramType type) {
  switch (type) {
    case DatagramType::kKnock:
      return "knock";
    case DatagramType::kKnockReply:
      return "knock_reply";
    case DatagramType::kKnockProof:
      return "knock_proof";
    case DatagramType::kTicket:
      return "ticket";
    case DatagramType::kOpen:
      return "open";
    case DatagramType::kOpenAck:
      return "open_ack";
    case DatagramType::kPing:
      return "ping";
    case DatagramType::kPong:
      return "pong";
    case DatagramType::kFinish:
      return "finish";
    case DatagramType::kFinishAck:
      return "finish_ack";
    case DatagramType::kClose:
      return "close";
    case DatagramType::kStatement:
      return "statement";
    case DatagramType::kReject:
      return "reject";
    case DatagramType::kOpenCookie:
      return "open_cookie";
  }
  return "unknown";
}

std::string_view name_of(RejectReason reason) {
  switch (reason) {
    case RejectReason::kMalformed:
      return "malformed";
    case RejectReason::kUnsupportedVersion:
      return "unsupported_version";
    case RejectReason::kUnexpectedType:
      return "unexpected_type";
    case RejectReason::kUnknownCoordinator:
      return "unknown_coordinator";
    case RejectReason::kBadSignature:
      return "bad_signature";
    case RejectReason::kNotForMe:
      return "not_for_me";
    case RejectReason::kNotYetValid:
      return "not_yet_valid";
    case RejectReason::kExpired:
      return "expired";
    case RejectReason::kTableFull:
      return "table_full";
    case RejectReason::kUnknownSession:
      return "unknown_session";
    case RejectReason::kBadMac:
      return "bad_mac";
    case RejectReason::kAlreadyAnswered:
      return "already_answered";
    case RejectReason::kSequenceOutOfRange:
      return "sequence_out_of_range";
    case RejectReason::kBadKey:
      return "bad_key";
    case RejectReason::kBadCookie:
      return "bad_cookie";
    case RejectReason::kLate:
      return "late";
    case RejectReason::kWrongState:
      return "wrong_state";
    case RejectReason::kAlreadyClosed:
      return "already_closed";
    case RejectReason::kTranscriptMismatch:
      return "transcript_mismatch";
    case RejectReason::kRateLimited:
      return "rate_limited";
  }
  return "unknown";
}

bool is_answered(RejectReason reason) {
  switch (reason) {
    case RejectReason::kUnsupportedVersion:
    case RejectReason::kUnknownCoordinator:
    case RejectReason::kNotForMe:
    case RejectReason::kNotYetValid:
    case RejectReason::kExpired:
    case RejectReason::kTableFull:
      return true;
    case RejectReason::kMalformed:
    case RejectReason::kUnexpectedType:
    case RejectReason::kBadSignature:
    case RejectReason::kUnknownSession:
    case RejectReason::kBadMac:
    case RejectReason::kAlreadyAnswered:
    case RejectReason::kSequenceOutOfRange:
    case RejectReason::kBadKey:
    case RejectReason::kBadCookie:
    case RejectReason::kLate:
    case RejectReason::kWrongState:
    case RejectReason::kAlreadyClosed:
    case RejectReason::kTranscriptMismatch:
    case RejectReason::kRateLimited:
      return false;
  }
  return false;
}

}  // namespace chiploc
