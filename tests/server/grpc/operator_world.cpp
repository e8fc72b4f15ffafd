#include "tests/server/grpc/operator_world.hpp"
#include "geo/borders/borders.hpp"

#include <future>
#include <nlohmann/json.hpp>

#include "proto/crypto/digest.hpp"
#include "proto/wire/ticket.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test {
namespace {

CertificateAuthority authority(const char* name) {
  auto made =
      CertificateAuthority::create(name, SignatureAlgorithm::kEs256, kCertificatesFrom, kCertificateDays);
  REQUIRE(made);
  return std::move(*made);
}

Credentials issue(const CertificateAuthority& ca, const std::string& name, const std::string& unit,
                  CertificatePurpose purpose = CertificatePurpose::kClient,
                  const std::string& organization = {}) {
  const auto key = generate_key(SignatureAlgorithm::kEs256);
  IssueRequest request;
  request.common_name = name;
  request.organizational_unit = unit;
  request.organization = organization;
  request.dns_names = {name};
  request.purpose = purpose;
  request.from = kCertificatesFrom;
  request.days = kCertificateDays;
  const auto certificate = ca.issue(request, key->public_key());
  REQUIRE(certificate);
  return {certificate->pem(), key->private_pem()};
}

template <class I>
I filled(std::uint8_t byte) {
  I id;
  id.bytes.fill(byte);
  return id;
}

}  // namespace

std::string chip_id(const std::string& head) { return head + std::string(32 - head.size(), '0'); }

// registry ----------------------------------------------------------------------------------------
RegistryFiles::RegistryFiles() : maker_{authority("maker root")} {
  for (int i = 0; i < 2; ++i) {
    const ByteVector seed(32, static_cast<std::uint8_t>(i + 1));
    anchor_keys_.push_back(std::move(key_from_ed25519_seed(seed)).value());
  }
}

std::string RegistryFiles::makers_json() const {
  return nlohmann::json::array({{{"name", "acme"}, {"ca_pem", maker_.certificate().pem()}}}).dump();
}

std::string RegistryFiles::revocations_json() const {
  const auto list = maker_.revoke({}, kCertificatesFrom, kCertificateDays);
  REQUIRE(list);
  return nlohmann::json::array({{{"maker", "acme"}, {"crl_pem", {list->pem()}}}}).dump();
}

std::string RegistryFiles::chips_json(const std::vector<std::string>& chips) const {
  auto rows = nlohmann::json::array();
  for (std::size_t i = 0; i < chips.size(); ++i) {
    const auto key = generate_key(SignatureAlgorithm::kEd25519);
    IssueRequest request;
    request.common_name = "chip";
    request.serial_number = chips[i];
    request.from = kCertificatesFrom;
    request.days = kCertificateDays;
    const auto certificate = maker_.issue(request, key->public_key());
    REQUIRE(certificate);
    rows.push_back({{"id", chips[i]},
                    {"serial", "SN-" + std::to_string(i)},
                    {"maker", "acme"},
                    {"model", "LAB-100"},
                    {"licence", i % 2 == 0 ? "L-1" : "L-2"},
                    {"reach", i % 2 == 0 ? "knock" : "inbound 192.0.2.9:7400"},
                    {"certificate_pem", certificate->pem()}});
  }
  return rows.dump();
}

std::string RegistryFiles::licences_csv() {
  return "id,holder,countries,valid_from,valid_to\n"
         "L-1,\"M\xC3\xBCller, Sons\",DE,2026-01-01,2027-12-31\n"
         "L-2,Example SA,FR JP,2026-01-01,2027-12-31\n";
}

std::string RegistryFiles::anchors_csv() const {
  const auto key = [&](std::size_t i) { return to_hex(*anchor_keys_[i]->public_key().raw_ed25519()); };
  return "name,public_key,lat,lon,uncertainty_km,operator,network,address,rendezvous\n"
         "fra1," +
         key(0) +
         ",50.11,8.68,0.5,op-a,AS64496,192.0.2.1:7411,yes\n"
         "par1," +
         key(1) + ",48.86,2.35,1,op-b,AS64497,192.0.2.2:7411,no\n";
}

std::string RegistryFiles::prohibited_csv() { return "country\nKP\nRU\n"; }

v1::ImportRequest RegistryFiles::request(const std::vector<std::string>& chips) const {
  v1::ImportRequest request;
  const auto add = [&](v1::ImportKind kind, const char* name, const char* format,
                       const std::string& content) {
    auto* file = request.add_files();
    file->set_kind(kind);
    file->set_name(name);
    file->set_format(format);
    file->set_content(content);
  };
  add(v1::MAKERS, "makers.json", "json", makers_json());
  add(v1::LICENCES, "licences.csv", "csv", licences_csv());
  add(v1::ANCHORS, "anchors.csv", "csv", anchors_csv());
  add(v1::PROHIBITED_TERRITORIES, "prohibited.csv", "csv", prohibited_csv());
  add(v1::CHIPS, "chips.json", "json", chips_json(chips));
  return request;
}

// rounds ------------------------------------------------------------------------------------------
void ScriptedRounds::start(ChipId chip, Requester requested_by, std::chrono::milliseconds deadline,
                           RoundObserver observer) {
  last_requested_by = requested_by.name;
  last_deadline = deadline;
  if (refuse) return observer.abandoned(*refuse);
  const auto round = filled<RoundId>(static_cast<std::uint8_t>(0xA0 + rounds_));
  if (!before_verdict) {
    play(chip, round, requested_by, observer);
  } else {
    thread_ = std::thread{[=, this] { play(chip, round, requested_by, observer); }};
  }
}

void ScriptedRounds::play(const ChipId& chip, const RoundId& round, const Requester& requested_by,
                          const RoundObserver& observer) {
  observer.started({round, {"fra1", "par1"}, std::chrono::seconds{61}, "it knocks about every 25 s"});
  observer.progress({"fra1", "pinging", 4, 3, Nanoseconds{3'210'000}});
  observer.progress({"par1", "absent", 0, 0, Nanoseconds{0}});
  if (before_verdict) before_verdict();
  if (abandon) {
    observer.abandoned(*abandon);
    return;
  }
  const v1::Verdict verdict = verdict_of(chip, round, rounds_);
  RoundIntent intent;
  intent.round = round;
  intent.chip = chip;
  intent.requested_by = requested_by.name;
  intent.requested_with = requested_by.certificate;
  intent.intent = decided;
  const Registry::Snapshot registry = registry_.get();
  intent.device_certificate = registry->chip(chip)->certificate;
  intent.certificate_standing = "good";
  intent.coordinator_public = *files_.anchor_key(0).public_key().raw_ed25519();
  for (const auto& [name, anchor] : registry->anchors())
    intent.anchors.push_back({anchor->id, name, anchor->public_key});
  record(intent, verdict);
  ++rounds_;
  decided = decided + std::chrono::minutes{1};
  observer.verdict(verdict);
}

v1::Verdict ScriptedRounds::verdict_of(const ChipId& chip, const RoundId& round, std::uint8_t number) const {
  const auto chosen = states.find(chip.hex());
  v1::Verdict verdict;
  verdict.set_verdict_id(string_of(filled<VerdictId>(static_cast<std::uint8_t>(0xE0 + number)).bytes));
  verdict.set_round_id(string_of(round.bytes));
  verdict.set_chip_id(string_of(chip.bytes));
  const Registry::Snapshot registry = registry_.get();
  const ChipRecord& about = *registry->chip(chip);
  verdict.set_serial(about.serial);
  verdict.set_licence(about.licence);
  verdict.set_licence_holder(registry->licence(about.licence)->holder);
  verdict.set_state(chosen == states.end() ? v1::VERIFIED : chosen->second);
  verdict.set_decided_unix_ns(decided.since_epoch.count());
  verdict.set_expires_unix_ns(expires.since_epoch.count());
  verdict.set_speed_km_s(299'792.458);
  verdict.set_speed_name("vacuum");
  verdict.set_fault_budget(1);
  verdict.set_fault_budget_max(2);
  verdict.set_software_version("0.1.0");
  verdict.set_borders_version("b1");
  verdict.set_policy_version("p1");
  verdict.add_licensed("DE");
  verdict.add_prohibited("KP");
  const auto add_area = [&](const std::string& name) {
    (*verdict.mutable_area_sha256())[name] = string_of(registry->territory(name)->geojson_sha256.bytes);
  };
  for (const std::string& name : licensed_areas) {
    verdict.add_licensed(name);
    add_area(name);
  }
  for (const std::string& name : prohibited_areas) {
    verdict.add_prohibited(name);
    add_area(name);
  }
  auto* reason = verdict.add_reasons();
  reason->set_code("inside_licensed");
  reason->set_text("The region lies inside DE.");
  verdict.add_countries("DE");
  verdict.set_margin_km(12.5);
  verdict.add_hinges("fra1");
  auto& kp = *verdict.add_prohibited_margins();
  kp.set_territory("KP");
  kp.set_distance_km(1234.4);
  verdict.add_prohibited_margins()->set_territory("RU");
  verdict.mutable_resolution()->set_anchors(1);
  verdict.mutable_resolution()->mutable_near()->set_lat_deg(50);
  verdict.mutable_resolution()->set_rtt_below_ns(1'500'000);
  verdict.add_would_resolve("an anchor within 200 km of 50 N 8 E");
  verdict.mutable_region_centre()->set_lat_deg(50);
  verdict.mutable_region_centre()->set_lon_deg(8);
  verdict.set_region_radius_km(481.2);
  verdict.set_region_geojson(
      R"({"type":"MultiPolygon","coordinates":[[[[7,49],[9,49],[9,51],[7,51],[7,49]]]]})");
  auto& posterior = *verdict.mutable_posterior();
  posterior.mutable_place()->set_lat_deg(50.25);
  posterior.mutable_place()->set_lon_deg(8);
  posterior.set_radius95_km(140.2);
  posterior.set_common_delay_ms(3.5);
  posterior.set_relay_score(2.1);
  posterior.set_relay_delay_ms(20);
  posterior.set_method("m1");
  for (const auto& [country, probability] :
       {std::pair{"DE", 0.715}, {"FR", 0.2}, {"BE", 0.05}, {"NL", 0.02}, {"LU", 0.015}}) {
    auto& likely = *posterior.add_countries();
    likely.set_country(country);
    likely.set_probability(probability);
  }
  auto* estimate = verdict.mutable_estimate();
  estimate->set_converged(true);
  estimate->mutable_place()->set_lat_deg(50.5);
  estimate->mutable_place()->set_lon_deg(8.25);
  estimate->set_east_sd_km(30);
  estimate->set_north_sd_km(20);
  estimate->set_correlation(0.25);
  estimate->set_offset_km(80);
  estimate->set_nearest_country("DE");
  estimate->set_calibration("c1");
  for (const auto& [name, record] : registry_.get()->anchors()) {
    auto* anchor = verdict.add_anchors();
    const bool answered = name == "fra1";
    anchor->set_anchor(name);
    anchor->set_anchor_id(string_of(record->id.bytes));
    anchor->set_answered(answered);
    anchor->set_used(answered);
    anchor->mutable_place()->set_lat_deg(record->place.lat);
    anchor->mutable_place()->set_lon_deg(record->place.lon);
    if (!answered) continue;
    anchor->set_samples(3);
    anchor->set_rtt_min_ns(3'210'000);
    anchor->set_counted_sequence(2);
    anchor->set_rtt_least_ns(3'190'000);
    anchor->set_rtt_next_ns(3'300'000);
    anchor->set_bound_km(481.2);
    anchor->set_source(v1::STAMP_SOURCE_KERNEL_BOTH);
    anchor->set_residual_km(1.5);
  }
  return verdict;
}

void ScriptedRounds::record(const RoundIntent& intent, const v1::Verdict& verdict) {
  Ticket ticket;
  ticket.round = intent.round;
  ticket.chip = intent.chip;
  ticket.anchor = intent.anchors.front().id;
  ticket.anchor_count = 1;
  ticket.ping_count = 12;
  ticket.anchor_endpoint.address[0] = 192;
  ticket.anchor_endpoint.port = 7411;
  ticket.not_before = 1;
  ticket.not_after = 2;
  const auto raw_ticket = bytes_of(ticket);
  const ByteVector stored_ticket(raw_ticket.begin(), raw_ticket.end());

  v1::ReportBody body;
  body.set_round_id(string_of(intent.round.bytes));
  body.set_anchor_id(string_of(ticket.anchor.bytes));
  body.set_ticket(string_of(stored_ticket));
  body.add_sessions()->set_transcript("first transcript");
  body.add_sessions()->set_transcript("second transcript");
  v1::SignedReport report;
  report.set_body(body.SerializeAsString());
  report.set_signature(std::string(64, 's'));
  const std::string report_bytes = report.SerializeAsString();

  v1::Verdict summary = verdict;
  summary.clear_region_geojson();
  summary.clear_anchors();
  const std::string whole = verdict.SerializeAsString();
  const std::string brief = summary.SerializeAsString();
  const auto vector_of = [](const std::string& text) { return ByteVector(text.begin(), text.end()); };
  const VerdictRecord stored{VerdictId::from_bytes(bytes_of(verdict.verdict_id())).value(),
                             intent.round,
                             intent.chip,
                             static_cast<std::uint32_t>(verdict.state()),
                             WallTime{Nanoseconds{verdict.decided_unix_ns()}},
                             WallTime{Nanoseconds{verdict.expires_unix_ns()}},
                             vector_of(whole),
                             vector_of(brief)};
  std::promise<bool> durable;
  bool all = false;
  const bool posted = store_.post(
      [&](Store& store) {
        const SpoolRef from{ticket.anchor, 0};
        all =
            store.rounds().log_intent(intent).has_value() &&
            store.rounds().append_tickets(intent.round, {&stored_ticket, 1}).has_value() &&
            store.rounds().append_report(intent.round, from, bytes_of(report_bytes), kWorldNow).has_value() &&
            store.rounds()
                .append_close_order(intent.round, bytes_of(std::string_view{"close order"}))
                .has_value() &&
            store.rounds()
                .append_statement(intent.round, from, bytes_of(std::string_view{"statement"}), kWorldNow)
                .has_value() &&
            store.verdicts().finish_round(stored, std::nullopt).has_value();
      },
      [&](const Stored<Done>& committed) { durable.set_value(committed.has_value()); });
  REQUIRE(posted);
  REQUIRE(durable.get_future().get());
  REQUIRE(all);
}

CoordinatorStatus ScriptedRounds::status() const {
  CoordinatorStatus status;
  status.borders_version = "b1";
  status.policy_version = "p1";
  status.calibration_version = "c1";
  status.place_model_version = "m1";
  status.anchors_connected = 1;
  status.rounds_in_flight = 2;
  status.started = kWorldNow;
  status.counters["reports_rejected"] = 7;
  return status;
}

std::vector<AnchorStatus> ScriptedRounds::anchors() const {
  const AnchorRecord* anchor = registry_.get()->anchor("fra1");
  if (anchor == nullptr) return {};
  AnchorStatus status{anchor->id, true, "0.1.0", kWorldNow, 3};
  if (twice) {
    status.twice = kWorldNow - *twice;
    status.twice_at = {"10.0.0.1:1002", "10.0.0.2:2001"};
  }
  return {status};
}

// world -------------------------------------------------------------------------------------------
OperatorWorld::OperatorWorld(bool revocable, const StorySources& stories) : own_{authority("chiploc root")} {
  const CertificateAuthority& own = *own_;
  const CertificateAuthority other = authority("another root");
  ca = own.certificate().pem();
  admin = issue(own, "alice", "admin");
  reader = issue(own, "bob", "reader");
  verifier = issue(own, "vic", "verifier");
  registrar = issue(own, "rob", "registrar");
  auditor = issue(own, "eve", "auditor");
  regulator = issue(own, "ruth", "regulator");
  analyst = issue(own, "ann", "analyst");
  researcher = issue(own, "rhea", "researcher");
  const auto of_example = [&](const char* name, const char* unit) {
    return issue(own, name, unit, CertificatePurpose::kClient, "holder:Example SA");
  };
  example_reader = of_example("rita", "reader");
  example_verifier = of_example("vera", "verifier");
  example_auditor = of_example("axel", "auditor");
  example_registrar = of_example("rosa", "registrar");
  example_operator = of_example("olga", "operator");
  example_researcher = of_example("remy", "researcher");
  anchor = issue(own, "fra1", "anchor", CertificatePurpose::kServerAndClient);
  stranger = issue(other, "mallory", "admin");
  coordinator = issue(own, "chiplocd", "coordinator", CertificatePurpose::kServer);

  const std::string database = (folder / "chiploc.db").string();
  auto store = open_sqlite_store({.path = database});
  REQUIRE(store);
  REQUIRE(statuses_.watch(**store));
  REQUIRE(follow_.watch(**store));
  store_ = std::make_unique<StoreThread>(std::move(*store));
  auto opened = open_sqlite_reader({.path = database});
  REQUIRE(opened);
  reader_ = std::move(*opened);
  rounds_ = std::make_unique<ScriptedRounds>(*store_, files, registry_);
  reports_.key = key_from_ed25519_seed(ByteArray<32>{7}).value();
  reports_.keys.keys.push_back(
      {reports_.key->public_key(), kWorldNow - std::chrono::hours{24 * 365}, std::nullopt});
  use_cases_ = std::make_unique<OperatorUseCases>(
      OperatorParts{registry_,
                    *store_,
                    *reader_,
                    *rounds_,
                    *rounds_,
                    policy_,
                    {},
                    [] { return kWorldNow; },
                    "0.1.0",
                    {},
                    &Borders::world(),
                    &statuses_,
                    {},
                    &follow_,
                    &notices_,
                    {},
                    stories,
                    &reports_,
                    &codes_,
                    &research_,
                    nullptr,
                    {},
                    {},
                    {.has_authority = true, .dice = random_bytes_or_abort}});
  GrpcServerOptions options;
  if (revocable) {
    put_list({});
    auto opened_list = Revocations::open(folder / "crl.pem", {own.certificate()});
    REQUIRE(opened_list);
    revocations_ = std::move(*opened_list);
    gate_ = std::make_unique<CertificateGate>(*revocations_, use_cases_->counters());
    options.gate = gate_.get();
  }
  service_ = std::make_unique<OperatorService>(*use_cases_, gate_.get());
  options.address = "127.0.0.1:0";
  options.tls = {ca, coordinator.certificate, coordinator.key};
  auto server = GrpcServer::start(options, {service_.get()});
  REQUIRE(server);
  server_ = std::make_unique<GrpcServer>(std::move(*server));
}

void OperatorWorld::tell_on(WallTime now) {
  std::promise<void> told;
  const bool posted = store_->post([&](Store& store) { REQUIRE(follow_.tell_on(store, now, 1'000)); },
                                   [&](const Stored<Done>&) { told.set_value(); });
  REQUIRE(posted);
  told.get_future().wait();
}

void OperatorWorld::put_list(const std::vector<Credentials>& who) {
  std::vector<RevokedCertificate> entries;
  for (const Credentials& one : who)
    entries.push_back({Certificate::from_pem(one.certificate)->serial(), kWorldNow});
  const auto list = own_->sign_list(entries, {.from = kWorldNow, .number = ++lists_});
  REQUIRE(list);
  std::filesystem::rename(folder.write("list", list->pem()), folder / "crl.pem");
}

void OperatorWorld::revoke(const std::vector<Credentials>& who) {
  put_list(who);
  REQUIRE(revocations_->poll() == Revocations::News::kTaken);
  gate_->list_changed();
}

OperatorWorld::~OperatorWorld() { server_->stop(std::chrono::milliseconds{1000}); }

std::shared_ptr<grpc::Channel> OperatorWorld::channel(const Credentials& who) const {
  grpc::ChannelArguments arguments;
  arguments.SetSslTargetNameOverride("chiplocd");
  return grpc::CreateCustomChannel(address(), channel_credentials({ca, who.certificate, who.key}), arguments);
}

std::unique_ptr<v1::OperatorService::Stub> OperatorWorld::stub(const Credentials& who) const {
  return v1::OperatorService::NewStub(channel(who));
}

void OperatorWorld::import(const std::vector<std::string>& chips) {
  grpc::ClientContext context;
  v1::ImportResponse response;
  const grpc::Status status = stub(admin)->Import(&context, files.request(chips), &response);
  INFO(status.error_message() << response.ShortDebugString());
  REQUIRE(status.ok());
  REQUIRE(response.faults_total() == 0);
}

void OperatorWorld::store(const std::function<void(Store&)>& write) {
  std::promise<bool> durable;
  REQUIRE(
      store_->post(write, [&](const Stored<Done>& committed) { durable.set_value(committed.has_value()); }));
  REQUIRE(durable.get_future().get());
}

void OperatorWorld::count_chip(const std::string& chip, std::uint64_t boot_count,
                               std::uint64_t round_counter) {
  const ChipRecord& record = **registry_.get()->find_chip(chip);
  const auto key = Certificate::from_der(record.certificate)->public_key();
  REQUIRE(key);
  RoundIntent intent;
  intent.round = random_id<RoundId>();
  intent.chip = record.id;
  VerdictRecord verdict{random_id<VerdictId>(), intent.round, intent.chip, 1, kWorldNow, kWorldNow, {}, {}};
  const ChipCounters counters{boot_count, round_counter, {}, sha256(key->spki_der())};
  bool all = false;
  store([&](Store& to) {
    all = to.rounds().log_intent(intent).has_value() &&
          to.verdicts().finish_round(verdict, counters).has_value();
  });
  REQUIRE(all);
}

void OperatorWorld::play_round(const std::string& chip) {
  const auto id = ChipId::from_hex_text(chip);
  REQUIRE(id);
  RoundObserver observer;
  observer.started = [](const RoundBegun&) {};
  observer.progress = [](const AnchorProgress&) {};
  observer.verdict = [](const v1::Verdict&) {};
  rounds_->start(*id, "alice", std::chrono::milliseconds{0}, observer);
}

}  // namespace chiploc::test
