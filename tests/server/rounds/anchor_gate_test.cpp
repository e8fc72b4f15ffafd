#include "server/rounds/anchor_door.hpp"

#include "tests/support/made_registry.hpp"

namespace chiploc::test {
namespace {

AnchorId id_of(const MadeRegistry& bench, std::size_t anchor) {
  return anchor_id_of(bench.world.anchors[anchor].key->public_key()).value();
}

/// What the first anchor of `bench` sends, looked at as it would be at its door.
Result<AnchorInput, Dropped> judge(const MadeRegistry& bench, const v1::AnchorMessage& message) {
  return check_message(message, id_of(bench, 0), bench.world.anchors[0].key->public_key(), *bench.registry);
}
std::string fate(const MadeRegistry& bench, const v1::AnchorMessage& message) {
  const auto input = judge(bench, message);
  return input ? "taken" : std::string{name_of(input.error())};
}

v1::AnchorMessage mesh_message(const MadeRegistry& bench, const v1::MeshBody& body, std::size_t signer = 0) {
  v1::AnchorMessage message;
  message.set_spool_id(7);
  const std::string raw = body.SerializeAsString();
  message.mutable_mesh()->set_body(raw);
  message.mutable_mesh()->set_signature(
      string_of(sign_mesh_report(bytes_of(raw), *bench.world.anchors[signer].key).value().bytes));
  return message;
}
v1::MeshBody mesh_body(const MadeRegistry& bench, std::size_t made_up_peers) {
  v1::MeshBody body;
  body.set_anchor_id(string_of(id_of(bench, 0).bytes));
  for (std::size_t i = 1; i < 3; ++i) {
    v1::MeshBody::Pair& pair = *body.add_pairs();
    pair.set_peer_id(string_of(id_of(bench, i).bytes));
    pair.set_received(1);
    pair.set_rtt_min_ns(9'000'000);
  }
  for (std::size_t i = 0; i < made_up_peers; ++i) {
    v1::MeshBody::Pair& pair = *body.add_pairs();
    pair.set_peer_id(string_of(random_id<AnchorId>().bytes));
    pair.set_sent(1);
    pair.set_received(1);
    pair.set_rtt_min_ns(9'000'000);
    pair.set_rtt_median_ns(9'000'000);
  }
  return body;
}

}  // namespace

TEST_CASE(
    "gate: a mesh window counts with its anchor's signature, and only what it says of registered peers") {
  const MadeRegistry bench;
  const auto input = judge(bench, mesh_message(bench, mesh_body(bench, 500)));
  REQUIRE(input);
  const auto& record = std::get<MeshRecord>(input->body);
  CHECK(record.from.anchor == id_of(bench, 0));
  CHECK(record.from.spool_id == 7);
  REQUIRE(record.pairs.size() == 2);  // of 502
  CHECK(record.pairs[0].peer == id_of(bench, 1));
  CHECK(record.pairs[1].peer == id_of(bench, 2));

  CHECK(fate(bench, mesh_message(bench, mesh_body(bench, 0), 1)) == "signature");
  v1::MeshBody foreign = mesh_body(bench, 0);
  foreign.set_anchor_id(string_of(id_of(bench, 1).bytes));
  CHECK(fate(bench, mesh_message(bench, foreign)) == "foreign");
  v1::MeshBody twice = mesh_body(bench, 0);
  *twice.add_pairs() = twice.pairs(0);
  v1::MeshBody::Pair& itself = *twice.add_pairs();
  itself = twice.pairs(0);
  itself.set_peer_id(string_of(id_of(bench, 0).bytes));
  CHECK(std::get<MeshRecord>(judge(bench, mesh_message(bench, twice))->body).pairs.size() == 2);

  // A whole mesh of 64 anchors, as older coordinators name it, is far below the bound; 100,000 peers are not.
  CHECK(fate(bench, mesh_message(bench, mesh_body(bench, AnchorLimits::kMeshPairs - 2))) == "taken");
  CHECK(fate(bench, mesh_message(bench, mesh_body(bench, AnchorLimits::kMeshPairs - 1))) == "too_large");
  CHECK(fate(bench, mesh_message(bench, mesh_body(bench, 100'000))) == "too_large");
  CHECK(check_message(mesh_message(bench, mesh_body(bench, 0)), id_of(bench, 0),
                      bench.world.anchors[0].key->public_key(), Registry{})
            .error() == Dropped::kUnregistered);
}

TEST_CASE("gate: a report counts with the signature of the anchor that sends it") {
  MadeRegistry bench;
  const auto report = [&](std::size_t signer, auto spoil) {
    v1::ReportBody body;
    body.set_round_id(string_of(bench.world.round.bytes));
    body.set_anchor_id(string_of(id_of(bench, 0).bytes));
    v1::SessionReport& session = *body.add_sessions();
    session.set_finished(true);
    session.add_samples()->set_rtt_ns(2'000'000);
    session.add_samples()->set_rtt_ns(1'000'000);
    spoil(body);
    const std::string raw = body.SerializeAsString();
    v1::AnchorMessage message;
    message.mutable_report()->set_body(raw);
    message.mutable_report()->set_signature(
        string_of(sign_report(bytes_of(raw), *bench.world.anchors[signer].key).value().bytes));
    return message;
  };
  const auto as_it_is = [](v1::ReportBody&) {};
  const auto input = judge(bench, report(0, as_it_is));
  REQUIRE(input);
  const auto& taken = std::get<ReportIn>(input->body);
  CHECK(taken.round == bench.world.round);
  CHECK(taken.summary.finished_sessions == 1);
  CHECK(taken.summary.rtt_min == Nanoseconds{1'000'000});

  CHECK(fate(bench, report(1, as_it_is)) == "signature");
  CHECK(fate(bench, report(0, [&](auto& b) { b.set_anchor_id(string_of(id_of(bench, 1).bytes)); })) ==
        "foreign");
  CHECK(fate(bench, report(0, [](auto& b) { b.set_round_id("short"); })) == "unreadable");
  CHECK(fate(bench, report(0, [](auto& b) { b.set_software_version(std::string(300'000, 'v')); })) ==
        "too_large");
}

TEST_CASE(
    "gate: a knock counts over the proof of a registered chip, and at the anchor that it was made for") {
  MadeRegistry bench;
  const auto knock = [&](std::size_t at, const ChipId& chip, const Signer& key) {
    KnockProof proof{};
    proof.chip = chip;
    proof.anchor = id_of(bench, at);
    proof.boot_id = 3;
    REQUIRE(sign(proof, key));
    ByteArray<KnockProof::kSize> datagram{};
    encode(proof, datagram);
    v1::AnchorMessage message;
    message.mutable_knock()->set_chip_id(string_of(chip.bytes));
    message.mutable_knock()->set_anchor_id(string_of(id_of(bench, 0).bytes));
    message.mutable_knock()->set_proof(string_of(datagram));
    message.mutable_knock()->set_seen_unix_ns(5);
    return message;
  };
  const auto input = judge(bench, knock(0, bench.world.chip, *bench.world.device_key));
  REQUIRE(input);
  CHECK(std::get<StoredKnock>(input->body).chip == bench.world.chip);
  CHECK(std::get<StoredKnock>(input->body).seen == WallTime{Nanoseconds{5}});

  CHECK(fate(bench, knock(1, bench.world.chip, *bench.world.device_key)) == "foreign");
  CHECK(fate(bench, knock(0, random_id<ChipId>(), *bench.world.device_key)) == "unregistered");
  const auto other = generate_key(SignatureAlgorithm::kEd25519);
  CHECK(fate(bench, knock(0, bench.world.chip, *other)) == "signature");
  v1::AnchorMessage cut = knock(0, bench.world.chip, *bench.world.device_key);
  cut.mutable_knock()->mutable_proof()->pop_back();
  CHECK(fate(bench, cut) == "unreadable");
}

TEST_CASE("gate: a note of who knocked names registered chips, each once, and never more than there may be") {
  const MadeRegistry bench;
  v1::AnchorMessage message;
  const auto add = [&message](const ChipId& chip, std::uint32_t knocks) {
    v1::KnockNotes::Note& note = *message.mutable_knocks()->add_notes();
    note.set_chip_id(string_of(chip.bytes));
    note.set_age_ms(1'500);
    note.set_knocks(knocks);
    note.set_proofs_refused(2);
  };
  add(bench.world.chip, 3);
  add(random_id<ChipId>(), 1);
  add(bench.world.chip, 9);
  const auto input = judge(bench, message);
  REQUIRE(input);
  const auto& heard = std::get<KnocksIn>(input->body).heard;
  REQUIRE(heard.size() == 1);
  CHECK(heard[0].chip == bench.world.chip);
  CHECK(heard[0].age == std::chrono::milliseconds{1'500});
  CHECK(heard[0].knocks == 3);
  CHECK(heard[0].proofs_refused == 2);

  message.mutable_knocks()->add_notes()->set_chip_id("short");
  CHECK(fate(bench, message) == "unreadable");
  message.clear_knocks();
  for (std::size_t i = 0; i <= AnchorLimits::kKnockNotes; ++i) add(random_id<ChipId>(), 0xFFFFFFFF);
  CHECK(message.ByteSizeLong() <= bytes_max(v1::AnchorMessage::kKnocks));
  CHECK(fate(bench, message) == "too_large");
  message.mutable_knocks()->mutable_notes()->RemoveLast();
  CHECK(fate(bench, message) == "taken");
}

TEST_CASE("gate: each kind of message has a size that it may not exceed, unknown fields included") {
  const MadeRegistry bench;
  for (const auto& [set, name] :
       std::vector<std::pair<std::function<std::string*(v1::AnchorMessage&)>, std::string>>{
           {[](auto& m) { return m.mutable_prepared()->mutable_anchor_public(); }, "prepared"},
           {[](auto& m) { return m.mutable_cannot_prepare()->mutable_reason(); }, "cannot_prepare"},
           {[](auto& m) { return m.mutable_progress()->mutable_round_id(); }, "progress"},
           {[](auto& m) { return m.mutable_report()->mutable_body(); }, "report"},
           {[](auto& m) { return m.mutable_statement()->mutable_statement(); }, "statement"},
           {[](auto& m) { return m.mutable_knock()->mutable_peer_address(); }, "knock"},
           {[](auto& m) { return m.mutable_mesh()->mutable_body(); }, "mesh"},
           {[](auto& m) { return m.mutable_knocks()->add_notes()->mutable_chip_id(); }, "knocks"},
           {[](auto& m) {
              return m.mutable_heartbeat()
                  ->GetReflection()
                  ->MutableUnknownFields(m.mutable_heartbeat())
                  ->AddLengthDelimited(99);
            },
            "heartbeat"}}) {
    v1::AnchorMessage message;
    set(message)->assign(bytes_max(v1::AnchorMessage::kReport), 'x');
    CAPTURE(name);
    CHECK(name_of(message.body_case()) == name);
    CHECK(fate(bench, message) == "too_large");
    CHECK(bytes_max(message.body_case()) < AnchorLimits::kPendingBytes);
  }
  v1::AnchorMessage statement;
  statement.mutable_statement()->set_round_id(string_of(bench.world.round.bytes));
  statement.mutable_statement()->set_statement(std::string(kStatementMax, 's'));
  CHECK(fate(bench, statement) == "taken");
  statement.mutable_statement()->mutable_statement()->push_back('s');
  CHECK(fate(bench, statement) == "too_large");
}

TEST_CASE("gate: who asks for more work than is honest is read later, not refused") {
  WorkRate rate{100.0, 1'000.0};
  const SteadyTime begin{Nanoseconds{1}};
  for (int i = 0; i < 10; ++i) CHECK(rate.take(100.0, begin) == Nanoseconds{0});
  CHECK(rate.take(100.0, begin) == Nanoseconds{1'000'000'000});  // one second's worth over
  CHECK(rate.take(0.0, begin + std::chrono::milliseconds{500}) == Nanoseconds{500'000'000});
  CHECK(rate.take(0.0, begin + std::chrono::seconds{1}) == Nanoseconds{0});
  CHECK(rate.take(1'000.0, begin + std::chrono::hours{1}) ==
        Nanoseconds{0});  // never more than so much at once
  CHECK(rate.take(1.0, begin + std::chrono::hours{1}) > Nanoseconds{0});
}

}  // namespace chiploc::test
