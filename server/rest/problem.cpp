#include "server/rest/problem.hpp"

#include <nlohmann/json.hpp>

namespace chiploc {
namespace {

struct Kind {
  int status;
  std::string_view code, title;
};

Kind kind_of(ApiFaultCode code) {
  switch (code) {
    case ApiFaultCode::kNoCertificate:
      return {401, "unauthenticated", "Nobody known is asking"};
    case ApiFaultCode::kWrongRole:
      return {403, "wrong_role", "This role may not do that"};
    case ApiFaultCode::kBadField:
      return {400, "bad_field", "A field is out of its limits"};
    case ApiFaultCode::kNotFound:
      return {404, "not_found", "There is no such record"};
    case ApiFaultCode::kConflict:
      return {409, "conflict", "It does not fit how things stand"};
    case ApiFaultCode::kExhausted:
      return {429, "exhausted", "A limit is reached"};
    case ApiFaultCode::kNotReady:
      return {503, "not_ready", "The coordinator is not ready for that"};
    case ApiFaultCode::kUnavailable:
      return {503, "unavailable", "The coordinator is busy or stopping"};
    case ApiFaultCode::kDamaged:
      return {500, "damaged", "What is stored is damaged"};
    case ApiFaultCode::kInternal:
      return {500, "internal", "It failed"};
  }
  return {500, "internal", "It failed"};
}

Kind kind_of(RestFault fault) {
  switch (fault) {
    case RestFault::kBadRequest:
      return {400, "bad_request", "The request cannot be understood"};
    case RestFault::kNoRoute:
      return {404, "no_route", "Nothing is found under this path"};
    case RestFault::kMethodNotAllowed:
      return {405, "method_not_allowed", "This path has no such method"};
    case RestFault::kNotAcceptable:
      return {406, "not_acceptable", "No such form of the answer is made"};
    case RestFault::kInProgress:
      return {409, "in_progress", "The first request with this key still runs"};
    case RestFault::kTooLarge:
      return {413, "too_large", "The request is too large"};
    case RestFault::kMediaType:
      return {415, "media_type", "The body has a form that is not read here"};
    case RestFault::kKeyReused:
      return {422, "key_reused", "This Idempotency-Key belongs to another request"};
    case RestFault::kRateLimited:
      return {429, "rate_limited", "Too many requests"};
  }
  return {500, "internal", "It failed"};
}

}  // namespace

Problem problem_of(const ApiFault& fault) {
  const Kind kind = kind_of(fault.code);
  Problem out{kind.status, kind.code, kind.title, fault.text};
  if (fault.code == ApiFaultCode::kUnavailable) out.fields.emplace_back("retry-after", "1");
  return out;
}

Problem problem_of(RestFault fault, std::string detail, std::string field) {
  const Kind kind = kind_of(fault);
  return {kind.status, kind.code, kind.title, std::move(detail), std::move(field)};
}

std::string problem_json(const Problem& problem) {
  nlohmann::ordered_json out{{"type", "urn:chiploc:problem:" + std::string{problem.code}},
                             {"title", problem.title},
                             {"status", problem.status},
                             {"detail", problem.detail},
                             {"code", problem.code}};
  if (!problem.field.empty()) out["field"] = problem.field;
  return out.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

HttpReply reply_of(const Problem& problem) {
  HttpReply reply;
  reply.status = problem.status;
  reply.fields = problem.fields;
  reply.fields.emplace_back("content-type", "application/problem+json");
  reply.fields.emplace_back("cache-control", "no-store");
  reply.body = problem_json(problem);
  return reply;
}

}  // namespace chiploc
