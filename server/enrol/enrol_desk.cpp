#include "server/enrol/enrol_desk.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <variant>

#include "proto/base/safe_text.hpp"
#include "proto/base/time_text.hpp"
#include "proto/crypto/digest.hpp"
#include "proto/v1/operator_service.pb.h"
#include "server/rest/problem.hpp"
#include "server/service/json_view.hpp"
#include "server/tables/strict_json.hpp"

namespace chiploc {
namespace {

HttpReply refused_token() {
  return reply_of(Problem{403, "token_refused", "The token was refused", std::string{kTokenRefused}});
}

using FieldNames = std::vector<std::string>;

/// The fields of a body, which are texts and those of one of these lists; or what is wrong.
std::variant<nlohmann::json, Problem> texts_of(const HttpRequest& request,
                                               const std::vector<FieldNames>& shapes) {
  const auto bad = [](std::string text, std::string field = {}) {
    return problem_of(RestFault::kBadRequest, std::move(text), std::move(field));
  };
  if (request.method != "POST") {
    Problem problem = problem_of(RestFault::kMethodNotAllowed, "this path has POST alone");
    problem.fields.emplace_back("allow", "POST");
    return problem;
  }
  if (request.body.size() > kEnrolBodyMax)
    return problem_of(RestFault::kTooLarge,
                      "at most " + std::to_string(kEnrolBodyMax) + " bytes are read here");
  const auto type = request.field("content-type");
  if (!type || (*type != "application/json" && !type->starts_with("application/json;")))
    return problem_of(RestFault::kMediaType, "send the body as content-type: application/json");
  if (!request.query.empty())
    return bad("there are no parameters here: a token does not belong into an address");
  nlohmann::json body;
  if (const auto read = read_strict_json(request.body, body); !read)
    return bad(read.error().text, read.error().field);
  const auto shape = std::find_if(shapes.begin(), shapes.end(),
                                  [&](const FieldNames& one) { return body.size() == one.size(); });
  if (!body.is_object() || shape == shapes.end()) return bad("the body is an object of its fields alone");
  for (const std::string& field : *shape) {
    if (!body.contains(field) || !body.at(field).is_string()) return bad("is a text", "/" + field);
  }
  return body;
}

/// What somebody is told whose certificate was not signed; what stands in the log may name folders.
HttpReply not_signed(const PkiFault& fault) {
  if (fault.code == PkiFaultCode::kRefused)
    return reply_of(problem_of(ApiFault{ApiFaultCode::kConflict, fault.text}));
  if (fault.code == PkiFaultCode::kNotFound)
    return reply_of(problem_of(ApiFault{ApiFaultCode::kWrongRole, fault.text}));
  return reply_of(problem_of(ApiFault{
      ApiFaultCode::kInternal, "the authority cannot sign now; whoever runs chiplocd sees why in its log"}));
}

}  // namespace

/// Somebody who waits for a certificate, or to be registered.
struct EnrolDesk::Job {
  std::shared_ptr<HttpExchange> exchange;
  CertificateRequest request;
  std::optional<ArrivedChip> chip;  ///< of an agent
  [[nodiscard]] const std::string& from() const { return exchange->request().remote; }
};

EnrolDesk::EnrolDesk(EnrolParts parts)
    : parts_{std::move(parts)}, addresses_{parts_.by_address}, signers_{parts_.waiting_most} {}

void EnrolDesk::handle(const std::shared_ptr<HttpExchange>& exchange) {
  const HttpRequest& http = exchange->request();
  const bool newcomer = http.path == kEnrolPath;
  const auto taken = addresses_.take(address_key(http.remote), parts_.steady());
  if (!taken.allowed) {
    ++parts_.counters.enrolment_refused;
    Problem problem =
        problem_of(RestFault::kRateLimited, "this address asks for certificates too often; wait " +
                                                std::to_string(taken.retry_after_seconds) + " s");
    problem.fields.emplace_back("retry-after", std::to_string(taken.retry_after_seconds));
    return exchange->reply(reply_of(problem));
  }
  auto read = texts_of(http, newcomer ? std::vector<FieldNames>{{"token", "request"},
                                                                {"token", "request", "certificate", "reach"}}
                                      : std::vector<FieldNames>{{"request"}});
  if (const auto* problem = std::get_if<Problem>(&read)) return exchange->reply(reply_of(*problem));
  const auto& body = std::get<nlohmann::json>(read);
  auto request = CertificateRequest::from_pem(body.at("request").get_ref<const std::string&>());
  if (!request)
    return exchange->reply(reply_of(
        problem_of(RestFault::kBadRequest, "no certificate request: " + request.error().text, "/request")));
  const auto job = std::make_shared<Job>(Job{exchange, std::move(request).value(), {}});
  if (body.contains("reach"))
    job->chip = ArrivedChip{body.at("certificate").get<std::string>(), body.at("reach").get<std::string>(),
                            job->request.public_key()};
  if (!newcomer) return renew(job);
  const auto token = token_digest(body.at("token").get_ref<const std::string&>());
  if (!token) {
    ++parts_.counters.enrolment_refused;
    return exchange->reply(refused_token());
  }
  enrol(job, *token);
}

void EnrolDesk::enrol(const std::shared_ptr<Job>& job, const Digest& token) {
  const auto redeemed = std::make_shared<Stored<Redemption>>(
      Fail{StoreFault{StoreFaultCode::kInputOutput, "nothing was done"}});
  const Digest key = sha256(job->request.public_key().spki_der());
  const bool accepted = parts_.store.post(
      [redeemed, token, key, from = job->from(), now = parts_.now()](Store& store) {
        *redeemed = store.enrolments().redeem(token, key, from, now);
      },
      [this, job, redeemed](const Stored<Done>& committed) {
        on_redeemed(job, committed ? *redeemed : Stored<Redemption>{Fail{committed.error()}});
      },
      {.rows = 2});
  if (!accepted)
    job->exchange->reply(reply_of(problem_of(
        ApiFault{ApiFaultCode::kUnavailable, "chiplocd is busy; the token was not used, try again"})));
}

void EnrolDesk::on_redeemed(const std::shared_ptr<Job>& job, const Stored<Redemption>& redeemed) {
  if (!redeemed) {
    spdlog::error("enrol.failing problem=\"{}\"", log_text(redeemed.error().text));
    return job->exchange->reply(reply_of(problem_of(fault_of(redeemed.error()))));
  }
  const Enrolment& one = redeemed->enrolment;
  if (redeemed->refusal) {
    ++parts_.counters.enrolment_refused;
    spdlog::debug("enrol.refused reason={} enrolment={} from={}", name_of(*redeemed->refusal), one.number,
                  log_text(job->from()));
    return job->exchange->reply(refused_token());
  }
  const EnrolmentKind* kind = enrolment_kind(one.kind);
  if (kind != nullptr && kind->is_chip()) return add_chip(job, *redeemed);
  if (job->chip)
    return job->exchange->reply(reply_of(problem_of(
        RestFault::kBadRequest, "this token is for no agent: send token and request alone", "/certificate")));
  sign(
      job,
      [job, one](const EnrolAuthority& authority, WallTime now) {
        return sign_newcomer(authority, one, job->request, now);
      },
      false);
}

void EnrolDesk::add_chip(const std::shared_ptr<Job>& job, const Redemption& redeemed) {
  if (!job->chip)
    return job->exchange->reply(reply_of(
        problem_of(RestFault::kBadRequest,
                   "this token is an agent's: send its chip's certificate and reach too", "/certificate")));
  parts_.chips(redeemed.enrolment, *job->chip,
               [this, job, number = redeemed.enrolment.number](const Answer<v1::Chip>& chip) {
                 if (!chip) {
                   spdlog::warn("enrol.not_registered enrolment={} from={} problem=\"{}\"", number,
                                log_text(job->from()), log_text(chip.error().text));
                   return job->exchange->reply(reply_of(problem_of(chip.error())));
                 }
                 ++parts_.counters.enrolled;
                 spdlog::info("enrol.registered enrolment={} chip={} from={}", number,
                              to_hex(bytes_of(chip->device_id())), log_text(job->from()));
                 const nlohmann::ordered_json answer{{"chip", json_of(*chip)}};
                 job->exchange->reply({201,
                                       {{"content-type", "application/json"}, {"cache-control", "no-store"}},
                                       answer.dump() + "\n",
                                       {}});
               });
}

void EnrolDesk::renew(const std::shared_ptr<Job>& job) {
  const auto& der = job->exchange->request().certificate;
  auto old = der ? Certificate::from_der(bytes_of(*der))
                 : Result<Certificate, CertificateFault>{Fail{CertificateFault{}}};
  if (!old)
    return job->exchange->reply(reply_of(problem_of(
        ApiFault{ApiFaultCode::kNoCertificate,
                 "come with the certificate that is to be renewed; without one: chiploc enrol redeem"})));
  sign(
      job,
      [job, old = std::move(old).value()](const EnrolAuthority& authority, WallTime now) {
        return sign_renewal(authority, old, job->request, now);
      },
      true);
}

void EnrolDesk::sign(const std::shared_ptr<Job>& job, SigningWork work, bool renewal) {
  if (!parts_.authority)
    return job->exchange->reply(reply_of(problem_of(
        ApiFault{ApiFaultCode::kNotReady,
                 "this coordinator signs no certificates: chiplocd.toml there has no [enrol] authority"})));
  const bool accepted = signers_.post([this, job, work = std::move(work), renewal] {
    const auto issued = work(*parts_.authority, parts_.now());
    if (!issued) {
      spdlog::warn("enrol.not_signed from={} problem=\"{}\"", log_text(job->from()),
                   log_text(issued.error().text));
      return job->exchange->reply(not_signed(issued.error()));
    }
    const auto folder = PkiFolder::open(parts_.authority->folder);
    if (!folder) return job->exchange->reply(not_signed(folder.error()));
    const Certificate& certificate = issued->certificate;
    ++(renewal ? parts_.counters.certificates_renewed : parts_.counters.enrolled);
    spdlog::info("enrol.signed renewal={} role={} name=\"{}\" serial={} again={} from={}", renewal,
                 certificate.organizational_unit(), log_text(certificate.common_name()), certificate.serial(),
                 issued->again, log_text(job->from()));
    const nlohmann::ordered_json answer{{"certificate", certificate.pem()},
                                        {"authority", folder->certificate().pem()},
                                        {"serial", certificate.serial()},
                                        {"until", utc_text(certificate.not_after())},
                                        {"again", issued->again}};
    job->exchange->reply({201,
                          {{"content-type", "application/json"}, {"cache-control", "no-store"}},
                          answer.dump() + "\n",
                          {}});
  });
  if (!accepted)
    job->exchange->reply(reply_of(problem_of(ApiFault{
        ApiFaultCode::kExhausted, "as many certificates are being signed as may; try again in a moment"})));
}

}  // namespace chiploc
