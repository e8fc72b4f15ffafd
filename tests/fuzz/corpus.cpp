// Writes first inputs for the fuzz targets: `chiploc_fuzz_corpus FOLDER DEPLOY` fills FOLDER/TARGET for every
// target whose inputs are made by chiploc's own encoders, and copies the sample configurations of DEPLOY.
// Exit code 0, 64 (usage), 66 (a sample is missing).
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "agent/state_file.hpp"
#include "proto/crypto/certificate_request.hpp"
#include "proto/crypto/cose.hpp"
#include "proto/crypto/digest.hpp"
#include "proto/crypto/issue.hpp"
#include "proto/crypto/ticket_seal.hpp"
#include "proto/v1/anchor_service.pb.h"
#include "proto/v1/operator_service.pb.h"
#include "proto/wire/transcript.hpp"
#include "server/anchor/spool.hpp"
#include "server/cases/case_record.hpp"
#include "server/cases/mute_record.hpp"
#include "server/orders/order_record.hpp"
#include "server/reports/report_seal.hpp"
#include "server/status/story_record.hpp"
#include "server/verifier/context.hpp"
#include "tests/fuzz/fuzz_support.hpp"
#include "tests/proto/crypto/statement_sample.hpp"

using namespace chiploc;

namespace {

std::filesystem::path root;

void write(const std::filesystem::path& name, Bytes bytes) {
  const auto file = root / name;
  std::filesystem::create_directories(file.parent_path());
  std::ofstream{file, std::ios::binary} << string_of(bytes);
}
void write(const std::filesystem::path& name, const std::string& text) { write(name, bytes_of(text)); }
template <class Message>
void write_message(const std::string& name, char kind, const Message& message) {
  write(name, std::string(1, kind) + message.SerializeAsString());
}

bool copy_sample(const std::filesystem::path& from, const std::filesystem::path& name) {
  std::ifstream in{from, std::ios::binary};
  if (!in) {
    std::fprintf(stderr, "%s: cannot be read; is DEPLOY the folder of the sample configurations?\n",
                 from.c_str());
    return false;
  }
  write(name, std::string{std::istreambuf_iterator<char>{in}, {}});
  return true;
}

// ------------------------------------------------------------------------------------------- datagrams
Ticket sample_ticket() {
  Ticket t;
  t.round.bytes.fill(1);
  t.chip.bytes.fill('c');
  t.anchor.bytes.fill(3);
  t.anchor_count = 3;
  t.ping_count = 12;
  t.anchor_endpoint.port = 7411;
  t.anchor_public.bytes.fill(9);
  t.not_before = 1'800'000'000;
  t.not_after = t.not_before + 60;
  return t;
}

/// Bare, and in the list forms of the stateful targets.
void write_datagram(const std::string& name, Bytes datagram) {
  write("wire/" + name, datagram);
  const auto size = static_cast<std::uint16_t>(datagram.size());
  for (const char kind : {'\0', '\1', '\4', '\7', '\12'}) {
    ByteVector steps(3);
    ByteWriter{steps}.u16(size);
    steps[2] = static_cast<std::uint8_t>(kind);
    steps.insert(steps.end(), datagram.begin(), datagram.end());
    write("responder/" + name + "-" + std::to_string(kind), steps);
  }
  for (const std::uint8_t operation : ByteArray<3>{0, 1, 5}) {
    ByteVector steps(3);
    ByteWriter out{steps};
    out.u8(operation);
    out.u16(size);
    steps.insert(steps.end(), datagram.begin(), datagram.end());
    for (const std::uint8_t more : ByteArray<6>{2, 0, 2, 50, 50, 0}) steps.push_back(more);
    write("prober/" + name + "-" + std::to_string(operation), steps);
  }
}
template <class Datagram>
void write_datagram_of(const std::string& name, const Datagram& datagram) {
  ByteArray<kDatagramMax> out{};
  write_datagram(name, encode(datagram, out));
}

void write_datagrams() {
  write_datagram_of("knock", Knock{});
  write_datagram_of("knock_reply", KnockReply{{}, KnockStatus::kProve, {}});
  KnockProof proof;
  proof.signature_size = 64;
  write_datagram_of("knock_proof", proof);
  Open open;
  open.signature_size = 64;
  write_datagram_of("open", open);
  open.signature_size = 96;
  write_datagram_of("open_p384", open);
  write_datagram_of("open_cookie", OpenCookie{});
  write_datagram_of("open_ack", OpenAck{});
  write_datagram_of("ping", Ping{});
  write_datagram_of("pong", Pong{});
  write_datagram_of("finish", Finish{});
  write_datagram_of("finish_ack", FinishAck{});
  Close close;
  close.order.mask = 1;
  write_datagram_of("close", close);
  const ByteVector payload(40, 5);
  StatementFragment fragment;
  fragment.count = 1;
  fragment.payload = payload;
  write_datagram_of("statement", fragment);
  write_datagram_of("reject", Reject{RejectReason::kExpired, 4, kProtocolVersion, {}});
  ByteArray<kDatagramMax> out{};
  write_datagram("ticket", encode_ticket_datagram(bytes_of(sample_ticket()), out));
  write("wire/raw_ticket", bytes_of(sample_ticket()));
  write("wire/raw_order", bytes_of(close.order));
  Transcript transcript{{}, {}, {}};
  transcript.add(0, {});
  transcript.add(5, {});
  ByteArray<Transcript::kSizeMax> buffer{};
  write("wire/raw_transcript", transcript.write(transcript.present(), buffer));
}

// ---------------------------------------------------------------------- statements and certificates
void write_signed() {
  for (const auto algorithm :
       {SignatureAlgorithm::kEd25519, SignatureAlgorithm::kEs256, SignatureAlgorithm::kEs384}) {
    const std::string name{name_of(algorithm)};
    const auto key = generate_key(algorithm);
    write("cose/" + name, *sign_statement(sample_statement(), sha256({}), *key));
    const auto ca = CertificateAuthority::create("CA", algorithm, {}, 36'500);
    IssueRequest request;
    request.common_name = "chip";
    request.serial_number = std::string(32, 'a');
    const auto device = ca.value().issue(request, key->public_key());
    write("certificate/" + name + ".der", device.value().der());
    write("certificate/" + name + ".pem", device.value().pem());
    write("certificate/" + name + ".spki", key->public_key().spki_der());
    write("pki/" + name + ".csr", *make_request({.common_name = "fra1",
                                                 .organizational_unit = "anchor",
                                                 .dns_names = {"fra1"},
                                                 .ip_addresses = {"192.0.2.1"}},
                                                *key));
    write("certificate/" + name + ".crl", ca.value().revoke({}, {}, 7).value().der());
  }
  write("cose/claims", *encode_claims(sample_statement()));
}

// ------------------------------------------------------------------------------------------- messages
v1::ReportBody sample_report() {
  v1::ReportBody body;
  body.set_round_id(std::string(16, 'r'));
  body.set_anchor_id(std::string(16, 'a'));
  body.set_ticket(string_of(bytes_of(sample_ticket())));
  v1::SessionReport& session = *body.add_sessions();
  session.set_agent_public(std::string(32, 'k'));
  session.set_session_id(std::string(8, 's'));
  session.set_finished(true);
  session.set_pings_sent(2);
  session.set_peer_address("192.0.2.9:7400");
  Transcript transcript{{}, {}, {}};
  for (std::uint32_t sequence = 0; sequence < 2; ++sequence) {
    transcript.add(sequence, {});
    v1::Sample& sample = *session.add_samples();
    sample.set_sequence(sequence);
    sample.set_rtt_ns(5'000'000 + sequence);
    sample.set_bracket_ns(5'100'000);
    sample.set_sent_ns(sequence * 40'000'000);
    sample.set_received_ns(sequence * 40'000'000 + 5'100'000);
    sample.set_source(v1::STAMP_SOURCE_KERNEL_BOTH);
  }
  ByteArray<Transcript::kSizeMax> buffer{};
  session.set_transcript(string_of(transcript.write(transcript.present(), buffer)));
  (*body.mutable_rejects())[7] = 1;
  body.mutable_trail()->set_knocks(2);
  body.mutable_trail()->set_proofs(1);
  body.mutable_trail()->set_tickets_sent(4);
  body.mutable_trail()->set_opens(1);
  (*body.mutable_trail()->mutable_rejects_received())[7] = 1;
  return body;
}

/// One step of a list target: length, operation, message.
template <class Message>
std::string step(char operation, const Message& message) {
  const std::string raw = message.SerializeAsString();
  ByteVector head(3);
  ByteWriter{head}.u16(static_cast<std::uint16_t>(raw.size()));
  head[2] = static_cast<std::uint8_t>(operation);
  return string_of(head) + raw;
}

void write_anchor_messages() {
  std::string all;
  const auto add = [&](const std::string& name, const v1::AnchorMessage& message) {
    write("anchor_messages/" + name, step(1, message));
    all += step(1, message);
  };
  v1::AnchorMessage m;
  m.mutable_prepared()->set_anchor_public(std::string(32, 'p'));
  add("prepared", m);
  m.mutable_cannot_prepare()->set_reason("busy");
  add("cannot_prepare", m);
  m.mutable_progress()->set_pongs_received(3);
  m.mutable_progress()->set_rtt_min_ns(4'000'000);
  add("progress", m);
  m.set_spool_id(1);
  m.mutable_report()->set_body(sample_report().SerializeAsString());
  add("report", m);
  m.set_spool_id(2);
  m.mutable_statement()->set_statement(std::string(200, 's'));
  add("statement", m);
  m.set_spool_id(3);
  m.mutable_knock()->set_chip_id(std::string(16, 'c'));
  m.mutable_knock()->set_anchor_id(std::string(16, 'a'));
  m.mutable_knock()->set_proof(std::string(168, 'p'));
  add("knock", m);
  v1::MeshBody mesh;
  for (int i = 0; i < 3; ++i) {
    v1::MeshBody::Pair& pair = *mesh.add_pairs();
    pair.set_peer_id(std::string(16, 'b'));
    pair.set_sent(10);
    pair.set_received(9);
    pair.set_rtt_min_ns(8'000'000);
    pair.set_rtt_median_ns(9'000'000);
    pair.set_source(v1::STAMP_SOURCE_KERNEL_BOTH);
  }
  m.set_spool_id(4);
  m.mutable_mesh()->set_body(mesh.SerializeAsString());
  add("mesh", m);
  m.mutable_heartbeat()->set_spool_dropped(7);
  add("heartbeat", m);
  v1::KnockNotes::Note& note = *m.mutable_knocks()->add_notes();
  note.set_chip_id(std::string(16, 'c'));
  note.set_age_ms(1'200);
  note.set_knocks(2);
  note.set_knocks_elsewhere(1);
  note.set_proofs_refused(1);
  add("knocks", m);
  m.mutable_hello()->set_anchor("again");
  add("hello", m);
  write("anchor_messages/all", all);
  // A round from the hostile anchor's key to its verdict.
  v1::AnchorMessage prepared, report, statement;
  prepared.mutable_prepared()->set_anchor_public(std::string(32, 'p'));
  v1::ReportBody body = sample_report();
  body.clear_ticket();
  report.mutable_report()->set_body(body.SerializeAsString());
  statement.mutable_statement()->set_statement(std::string(200, 's'));
  write("anchor_messages/whole_round", step(1, prepared) + step('\xF1', report) + step(1, statement));
  write("report/plain", sample_report().SerializeAsString());
}

void write_anchor_commands() {
  std::string all;
  const auto add = [&](const std::string& name, const v1::CoordinatorMessage& message) {
    write("anchor_commands/" + name, step(2, message));
    all += step(2, message);
  };
  v1::CoordinatorMessage m;
  m.mutable_welcome()->set_protocol_version(kProtocolVersion);
  add("welcome", m);
  v1::Peer& peer = *m.mutable_peers()->add_peers();
  peer.set_anchor("par1");
  peer.set_address("192.0.2.7:7411");
  add("peers", m);
  m.mutable_prepare()->set_expires_unix_ns(1'800'002'000'000'000'000);
  add("prepare", m);
  m.mutable_assign()->set_ticket(string_of(bytes_of(sample_ticket())));
  m.mutable_assign()->set_inbound_address("192.0.2.8:7400");
  m.mutable_assign()->set_ping_interval_ms(40);
  m.mutable_assign()->set_deadline_ms(5'000);
  add("assign", m);
  m.mutable_pending()->add_tickets(string_of(bytes_of(sample_ticket())));
  m.mutable_pending()->set_lifetime_ms(60'000);
  add("pending", m);
  m.mutable_unpend()->set_round_id(std::string(16, 'r'));
  add("unpend", m);
  m.mutable_close()->set_order(string_of(bytes_of(CloseOrder{})));
  add("close", m);
  m.mutable_release();
  add("release", m);
  write("anchor_commands/all", all);
}

void write_requests() {
  v1::ListChipsRequest chips;
  chips.set_page_size(10);
  chips.set_page_token(std::string(32, 'a'));
  chips.set_licence("L-1");
  chips.add_states(v1::OUTSIDE);
  write_message("operator_request/list_chips", 0, chips);
  v1::ListVerdictsRequest verdicts;
  verdicts.set_chip("SN-1");
  verdicts.set_page_token(std::string(64, '0'));
  verdicts.set_since_unix_ns(1);
  verdicts.set_with_total(true);
  write_message("operator_request/list_verdicts", 1, verdicts);
  v1::GetChipRequest chip;
  chip.set_chip("a0a0");
  write_message("operator_request/get_chip", 2, chip);
  v1::GetVerdictRequest verdict;
  verdict.set_verdict("abcd");
  write_message("operator_request/get_verdict", 3, verdict);
  v1::VerifyRequest verify;
  verify.set_deadline_ms(5'000);
  write_message("operator_request/verify", 4, verify);
  v1::ImportRequest import;
  v1::ImportFile& file = *import.add_files();
  file.set_kind(v1::PROHIBITED_TERRITORIES);
  file.set_name("prohibited.csv");
  file.set_format("csv");
  file.set_content("country\nRU\n");
  write_message("operator_request/import", 5, import);
  v1::ExportRequest pages;
  pages.set_kind(v1::CHIPS);
  pages.set_page_token("a0a0");
  write_message("operator_request/export", 6, pages);
  v1::GetLicenceRequest licence;
  licence.set_licence("SN-12");
  write_message("operator_request/licence", 7, licence);
  v1::ListStatusChangesRequest changes;
  changes.add_states(v1::CHIP_DRIFTED);
  changes.set_page_token(std::string(32, '0'));
  changes.set_since_unix_ns(1);
  write_message("operator_request/status_changes", 8, changes);
  v1::DeclareAbsenceRequest absence;
  absence.add_chips("SN-1");
  absence.set_until_unix_ns(1'790'000'000'000'000'000);
  absence.set_kind(v1::ABSENT_IN_STORAGE);
  write_message("operator_request/absence", 9, absence);
}

void write_answers() {
  v1::Verdict verdict;
  verdict.set_verdict_id(std::string(16, 'v'));
  verdict.set_state(v1::UNRESOLVED);
  v1::Reason& reason = *verdict.add_reasons();
  reason.set_code("region_large");
  reason.set_text("The region is large.");
  v1::AnchorEvidence& anchor = *verdict.add_anchors();
  anchor.set_anchor("fra1");
  anchor.set_answered(true);
  anchor.set_used(true);
  anchor.set_rtt_min_ns(5'000'000);
  anchor.set_bound_km(749.5);
  anchor.mutable_place()->set_lat_deg(50.1);
  verdict.add_countries("DE");
  verdict.mutable_region_centre()->set_lat_deg(50.0);
  verdict.set_region_radius_km(300);
  verdict.set_region_geojson(R"({"type":"Polygon","coordinates":[[[8,50],[9,50],[9,51],[8,50]]]})");
  verdict.mutable_estimate()->set_converged(true);
  verdict.set_decided_unix_ns(1'800'000'000'000'000'000);
  verdict.add_would_resolve("an anchor nearer to Frankfurt");
  write_message("cli_view/verdict", 0, verdict);
  v1::Chip chip;
  chip.set_serial("SN-1");
  *chip.mutable_last_verdict() = verdict;
  write_message("cli_view/chip", 1, chip);
  v1::Licence licence;
  licence.set_holder("Example Ltd \x1b[31m");
  licence.add_countries("DE");
  write_message("cli_view/licence", 2, licence);
  v1::Anchor record;
  record.set_anchor("fra1");
  record.set_last_seen_unix_ns(5);
  write_message("cli_view/anchor", 3, record);
  v1::GetStatusResponse status;
  (*status.mutable_counters())["reports"] = 3;
  write_message("cli_view/status", 4, status);
  v1::VerifyEvent event;
  event.mutable_progress()->set_stage("pinging");
  write_message("cli_view/event", 5, event);
}

// ---------------------------------------------------------------------------------------------- files
void write_files() {
  const fuzz::ScratchFolder scratch;
  {
    auto state = StateFile::open(scratch.path() / "agent");
    fuzz::demand(state.has_value() && (*state)->next_round_counter().has_value());
  }
  fuzz::demand(copy_sample(scratch.path() / "agent" / "agent.state", "state_file/fresh"));
  const auto folder = scratch.path() / "spool";
  {
    auto spool = Spool::open({.folder = folder}, WallTime{}, [](const std::string&) {});
    fuzz::demand(spool.has_value());
    for (std::uint8_t i = 0; i < 4; ++i)
      fuzz::demand((*spool)->append(ByteVector(i * 10U, i), SpoolPriority::kEvidence).has_value());
    (*spool)->acknowledge(3);
  }
  for (const auto& entry : std::filesystem::directory_iterator{folder}) {
    if (entry.path().extension() != ".seg") continue;
    std::ifstream in{entry.path(), std::ios::binary};
    write("spool/segment", std::string(1, '\0') + std::string{std::istreambuf_iterator<char>{in}, {}});
  }
  write("spool/next-id", std::string{"\7"} + "1000001\n");
}

/// One with a region's claim, and one with something in every field.
void write_contexts() {
  const auto key = generate_key(SignatureAlgorithm::kEd25519);
  const WallTime from = wall_from_unix_seconds(1'700'000'000);
  const auto authority =
      CertificateAuthority::create("Maker", SignatureAlgorithm::kEd25519, from, 365).value();
  const auto certificate = authority.issue({.common_name = "chip",
                                            .organizational_unit = {},
                                            .serial_number = std::string(32, 'a'),
                                            .dns_names = {},
                                            .ip_addresses = {},
                                            .from = from},
                                           key->public_key());
  RoundContext context{
      .realm = Realm::kMeasured, .coordinator_key = key->public_key(), .device_key = key->public_key()};
  const Bytes der = certificate.value().der();
  context.certificate = {der.begin(), der.end()};
  context.anchors.push_back({.name = "fra1",
                             .id = anchor_id_of(key->public_key()).value(),
                             .report_key = key->public_key(),
                             .place = LatLon::from_degrees({.lat = 50.1, .lon = 8.7}).value(),
                             .operator_name = "op",
                             .network = "AS1"});
  context.claim.licence = "L-1";
  context.claim.licensed = {CountryCode::from_text("DE").value()};
  complete(context, Borders::world());
  write("round_context/plain", context_bytes(context));
  context.realm = Realm::kSimulated;
  context.issuers = {{1, 2, 3}};
  context.certificate_fault = CertificateFault{CertificateFault::Code::kCrlStale, "old"};
  context.claim.licensed_areas.push_back({"campus", nullptr, {}});
  context.claim.prohibited_areas.push_back({"zone", nullptr, {}});
  context.last_accepted = CounterMark{.boot_count = 1, .round_counter = 2};
  context.counters_begun = Reason{"counters_new_key", "It has a new key."};
  context.seen_before = Sighting{{}, {context.anchors[0].place, Kilometers{5}, 0.0}, {}, {}, {}};
  context.cohort = {"campus", {{{}, {{context.anchors[0].id, Nanoseconds{5'000'000}}}}}};
  write("round_context/full", context_bytes(context));
}

// ------------------------------------------------------------------------------------------- stories
WallTime at_day(int day) { return wall_from_unix_seconds(1'700'000'000) + std::chrono::hours{24 * day}; }
ChipId chip_of(std::uint8_t n) {
  ChipId id;
  id.bytes.fill(n);
  return id;
}

/// An order that is open, one on hold with something in every field, and one that is lifted.
void write_orders() {
  const OrderRules rules;
  OrderStory story = begin_order(at_day(0), {"Buyer Ltd", "User GmbH"});
  for (std::uint8_t n = 1; n <= 10; ++n)
    apply(story,
          {at_day(1), OrderChipJoined{chip_of(n), {ChipState::kCompliant, true, n < 6 ? "campus" : ""}}},
          rules);
  write("order_story/open", order_bytes(story));
  for (std::uint8_t n = 1; n <= 4; ++n)
    apply(story,
          {at_day(2), OrderChipChanged{chip_of(n),
                                       {ChipState::kCompliant, true, "campus"},
                                       {n < 3 ? ChipState::kDrifted : ChipState::kSilent, true, "campus"}}},
          rules);
  apply(story, {at_day(3), WatchDecided{WatchParty::kBuyer, true, "known", "Ann"}}, rules);
  apply(story, {at_day(3), HoldOverridden{"D-7", "spares", "Ann"}}, rules);
  write("order_story/hold", order_bytes(story));
  apply(story, {at_day(4), HoldLifted{"explained", "Ann", at_day(30)}}, rules);
  write("order_story/lifted", order_bytes(story));
}

/// A case that is open, disputed, resolved, and followed by another.
void write_cases() {
  const CaseRules rules;
  CaseStory story = begin_case({{CaseKind::kElsewhere, "O-17", "", "campus"}, 1}, "L-3", at_day(0));
  for (std::uint8_t n = 1; n <= 3; ++n)
    apply(
        story,
        {at_day(1), ChipAccused{chip_of(n), ChipState::kProhibited, {}, "There.", {9, "Buyer Ltd", "AE", 1}}},
        rules);
  apply(story, {at_day(2), CaseAssigned{"Ann", "Bob"}}, rules);
  write("case_story/open", case_bytes(story));
  apply(story, {at_day(3), CaseDisputed{"Op", "No.", {}, true}}, rules);
  write("case_story/disputed", case_bytes(story));
  apply(story, {at_day(4), CaseResolved{"Ann", "so it is", CaseEnd::kConfirmed}}, rules);
  write("case_story/resolved", case_bytes(story));
  apply(story, {at_day(90), CaseSuperseded{}}, rules);
  write("case_story/superseded", case_bytes(story));
  MuteRule mute{{.order = "O-17"}, "they know", "Ann", at_day(0), at_day(7)};
  write("mute_record/order", mute_bytes(mute));
  mute.scope = {FactKind::kCaseUpdated, CaseKind::kElsewhere, "O-17", "L-3", "campus", chip_of(1)};
  write("mute_record/all", mute_bytes(mute));
}

/// Stories of chips as they are stored: new, proved, accused and disputed.
void write_stories() {
  using enum VerdictKind;
  const WallTime begun = wall_from_unix_seconds(1'790'000'000);
  ChipStory story = begin_story(begun);
  const auto keep = [&](const std::string& name) {
    const ByteVector bytes = story_bytes(story);
    write("chip_story/" + name, bytes);
  };
  keep("new");
  unsigned number = 0;
  const auto judged = [&](VerdictKind kind) {
    VerdictId verdict;
    verdict.bytes.fill(static_cast<std::uint8_t>(++number));
    const WallTime at = begun + std::chrono::hours{number};
    apply(story, {at, Judged{verdict, kind, at, at + std::chrono::hours{24}}}, {});
  };
  judged(kProof);
  keep("proved");
  for (const VerdictKind kind : {kOpen, kOutside, kOutside, kTampering, kProhibited, kSilence}) judged(kind);
  apply(story, {story.told, AbsenceDeclared{story.told, story.told + std::chrono::hours{9}}}, {});
  keep("accused");
  apply(story, {story.told, DisputeOpened{}}, {});
  keep("disputed");
}

// -------------------------------------------------------------------------------------------- reports
void write_reports() {
  const auto key = key_from_ed25519_seed(ByteArray<32>{1}).value();
  ReportSeal seal{.kind = ReportKind::kFleet,
                  .form = ReportForm::kJson,
                  .bytes = 7,
                  .as_of = wall_from_unix_seconds(1'790'000'000),
                  .made = wall_from_unix_seconds(1'790'000'005),
                  .coordinator = coordinator_id_of(key->public_key()).value()};
  write("report_seal/fleet", sign_seal(seal, *key).value());
  seal.kind = ReportKind::kAct;
  seal.form = ReportForm::kPdf;
  seal.subject = "elsewhere/O-17/campus#1";
  write("report_seal/act", sign_seal(seal, *key).value());
  ReportKeys keys;
  take_key(keys, key->public_key(), seal.made);
  take_key(keys, key_from_ed25519_seed(ByteArray<32>{2}).value()->public_key(),
           seal.made + std::chrono::hours{1});
  write("report_seal/keys", report_keys_text(keys));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: %s FOLDER DEPLOY\n", argv[0]);
    return 64;
  }
  root = argv[1];
  const std::filesystem::path deploy{argv[2]};
  write_datagrams();
  write_signed();
  write_anchor_messages();
  write_anchor_commands();
  write_requests();
  write_answers();
  write_files();
  write_contexts();
  write_orders();
  write_cases();
  write_stories();
  write_reports();
  return copy_sample(deploy / "agent.toml", "agent_config/sample") &&
                 copy_sample(deploy / "anchor.toml", "anchor_config/sample") &&
                 copy_sample(deploy / "chiplocd.toml", "daemon_config/sample") &&
                 copy_sample(deploy / "lab" / "small.toml", "lab_file/small") &&
                 copy_sample(deploy / "lab" / "relays.toml", "lab_file/relays") &&
                 copy_sample(deploy / "lab" / "sample.toml", "lab_file/sample") &&
                 copy_sample(deploy / "fleets" / "ten-million.toml", "fleet_file/ten-million") &&
                 copy_sample(deploy / "scenarios" / "absence-abused.toml", "scenario_file/absence") &&
                 copy_sample(deploy / "scenarios" / "order-thinned.toml", "scenario_file/detector") &&
                 copy_sample(deploy / "scenarios" / "relocation-distance.toml", "scenario_file/sweep") &&
                 copy_sample(deploy / ".." / "server/cost/assumptions.toml", "cost_prices/all")
             ? 0
             : 66;
}
