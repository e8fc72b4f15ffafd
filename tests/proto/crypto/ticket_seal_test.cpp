#include "proto/crypto/ticket_seal.hpp"

#include "tests/proto/crypto/hex.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::ticket_seal_test {

namespace {

Ticket a_ticket() {
  Ticket ticket;
  ticket.coordinator = random_id<CoordinatorId>();
  ticket.round = random_id<RoundId>();
  ticket.chip = random_id<ChipId>();
  ticket.anchor = random_id<AnchorId>();
  ticket.anchor_index = 2;
  ticket.anchor_count = 5;
  ticket.ping_count = 12;
  ticket.anchor_endpoint.address = {127, 0, 0, 1};
  ticket.anchor_endpoint.port = 7411;
  ticket.anchor_public = random_id<X25519Public>();
  ticket.nonce = random_id<Nonce>();
  ticket.not_before = 1'795'000'000;
  ticket.not_after = 1'795'000'060;
  return ticket;
}

CloseOrder an_order() {
  CloseOrder order;
  order.coordinator = random_id<CoordinatorId>();
  order.round = random_id<RoundId>();
  order.chip = random_id<ChipId>();
  order.nonce = random_id<Nonce>();
  order.mask = 0b1011;
  return order;
}

}  // namespace

TEST_CASE("ticket: verifies with the coordinator's key; no flipped bit does", "[crypto]") {
  const auto key = generate_key(SignatureAlgorithm::kEd25519);
  Ticket ticket = a_ticket();
  REQUIRE(sign(ticket, *key));
  CHECK(verify(ticket, key->public_key()));
  CHECK_FALSE(verify(ticket, generate_key(SignatureAlgorithm::kEd25519)->public_key()));
  const auto bytes = bytes_of(ticket);
  CHECK(ticket_digest(ticket) == ticket_digest(bytes));
  CHECK(ticket_digest(bytes) == sha256(bytes));
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    const auto changed = parse_ticket(with_flipped_bit(bytes, bit));
    if (changed) REQUIRE_FALSE(verify(*changed, key->public_key()));
  }
}

TEST_CASE("ticket: only Ed25519 keys sign and verify tickets, orders and reports", "[crypto]") {
  const auto key = generate_key(SignatureAlgorithm::kEs256);
  Ticket ticket = a_ticket();
  const auto signed_ticket = sign(ticket, *key);
  REQUIRE_FALSE(signed_ticket);
  CHECK(signed_ticket.error().code == KeyFault::Code::kWrongAlgorithm);
  CHECK_FALSE(verify(ticket, key->public_key()));
  CloseOrder order = an_order();
  CHECK_FALSE(sign(order, *key));
  CHECK_FALSE(sign_report(bytes_of("body"), *key));
  // A valid ES256 signature of 64 bytes over the right input is still not an Ed25519 one.
  const auto signature = key->sign(signed_input(ticket));
  ticket.signature = *Ed25519Signature::from_bytes(*signature);
  CHECK_FALSE(verify(ticket, key->public_key()));
}

TEST_CASE("close order: verifies with the coordinator's key; no flipped bit does", "[crypto]") {
  const auto key = generate_key(SignatureAlgorithm::kEd25519);
  CloseOrder order = an_order();
  REQUIRE(sign(order, *key));
  CHECK(verify(order, key->public_key()));
  const auto bytes = bytes_of(order);
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    const auto changed = parse_close_order(with_flipped_bit(bytes, bit));
    if (changed) REQUIRE_FALSE(verify(*changed, key->public_key()));
  }
}

TEST_CASE("knock proof: the chip's key of any algorithm proves; no changed field does", "[crypto]") {
  const auto algorithm =
      GENERATE(SignatureAlgorithm::kEd25519, SignatureAlgorithm::kEs256, SignatureAlgorithm::kEs384);
  const auto key = generate_key(algorithm);
  KnockProof proof;
  proof.chip = random_id<ChipId>();
  proof.anchor = random_id<AnchorId>();
  proof.cookie = random_id<Mac>();
  proof.boot_id = 3;
  proof.round_counter = 4;
  REQUIRE(sign(proof, *key));
  CHECK(proof.signature_size == signature_size_of(algorithm));
  CHECK(verify(proof, key->public_key()));
  CHECK_FALSE(verify(proof, generate_key(algorithm)->public_key()));
  for (int field = 0; field < 7; ++field) {
    KnockProof changed = proof;
    if (field == 0) changed.chip.bytes[0] ^= 1;
    if (field == 1) changed.anchor.bytes[0] ^= 1;
    if (field == 2) changed.cookie.bytes[0] ^= 1;
    if (field == 3) changed.boot_id ^= 1;
    if (field == 4) changed.round_counter ^= 1;
    if (field == 5) changed.signature[7] ^= 1;
    if (field == 6) changed.signature_size = static_cast<std::uint16_t>(changed.signature_size - 1);
    CHECK_FALSE(verify(changed, key->public_key()));
  }
  proof.signature_size = KnockProof::kSignatureMax + 1;
  CHECK_FALSE(verify(proof, key->public_key()));
}

TEST_CASE("opening claim: the chip's key of any algorithm claims; no changed field does", "[crypto]") {
  const auto algorithm =
      GENERATE(SignatureAlgorithm::kEd25519, SignatureAlgorithm::kEs256, SignatureAlgorithm::kEs384);
  const auto key = generate_key(algorithm);
  const OpeningClaim claim{random_id<CoordinatorId>(), random_id<RoundId>(), random_id<ChipId>(),
                           random_id<X25519Public>()};
  const auto signature = sign(claim, *key);
  REQUIRE(signature);
  CHECK(signature->size == signature_size_of(algorithm));
  const Bytes raw = Bytes{signature->bytes}.first(signature->size);
  CHECK(verify(claim, raw, key->public_key()));
  CHECK_FALSE(verify(claim, raw, generate_key(algorithm)->public_key()));
  CHECK_FALSE(verify(claim, raw.first(raw.size() - 1), key->public_key()));
  CHECK_FALSE(verify(claim, {}, key->public_key()));
  for (int field = 0; field < 4; ++field) {
    OpeningClaim changed = claim;
    if (field == 0) changed.coordinator.bytes[0] ^= 1;
    if (field == 1) changed.round.bytes[0] ^= 1;
    if (field == 2) changed.chip.bytes[0] ^= 1;
    if (field == 3) changed.agent_public.bytes[0] ^= 1;
    CHECK_FALSE(verify(changed, raw, key->public_key()));
  }
}

TEST_CASE("opening claim: what is signed is as PROTOCOL.md says, from the ticket's own bytes", "[crypto]") {
  const Ticket ticket = a_ticket();
  const auto agent = random_id<X25519Public>();
  const auto raw = bytes_of(ticket);
  const std::string_view label{"chiploc open v1\0", 16};
  ByteVector wanted(label.begin(), label.end());
  wanted.insert(wanted.end(), raw.begin() + 4, raw.begin() + 52);
  wanted.insert(wanted.end(), agent.bytes.begin(), agent.bytes.end());
  CHECK(same_bytes(OpeningClaim::of(ticket, agent).input(), wanted));
}

TEST_CASE("reports: a mesh report's signature is no session report's", "[crypto]") {
  const auto key = generate_key(SignatureAlgorithm::kEd25519);
  const Bytes body = bytes_of("body");
  const auto report = sign_report(body, *key);
  const auto mesh = sign_mesh_report(body, *key);
  REQUIRE(report);
  REQUIRE(mesh);
  CHECK(verify_report(body, report->bytes, key->public_key()));
  CHECK(verify_mesh_report(body, mesh->bytes, key->public_key()));
  CHECK_FALSE(verify_report(body, mesh->bytes, key->public_key()));
  CHECK_FALSE(verify_mesh_report(body, report->bytes, key->public_key()));
  CHECK_FALSE(verify_report(bytes_of("bodz"), report->bytes, key->public_key()));
  CHECK(string_of(signed_report_input(body)) == std::string{"chiploc report v1\0body", 22});
  CHECK(string_of(signed_mesh_report_input(body)) == std::string{"chiploc mesh report v1\0body", 27});
}

}  // namespace chiploc::ticket_seal_test
