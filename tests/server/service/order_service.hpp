#pragma once
// The service over a registry with one order, which was imported through it.

#include <future>

#include "tests/server/registry/order_world.hpp"
#include "tests/server/service/service_world.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test {

using Words = std::vector<std::string>;

/// The service over a registry with one order, imported through it.
struct OrderService {
  OrderWorld files;
  ServiceWorld world{.hold_of = [](std::string_view order) -> std::optional<OrderHold> {
    if (order != "O-held") return std::nullopt;
    return OrderHold{kNow, "it drifted"};
  }};

  OrderService() { REQUIRE(import(files.order_files(), "the first")); }

  Answer<v1::ImportResponse> import(const std::vector<ImportFile>& all, const std::string& reason = "") {
    v1::ImportRequest request;
    for (const ImportFile& file : all) {
      auto& one = *request.add_files();
      one.set_kind(static_cast<v1::ImportKind>(file.kind));
      one.set_name(file.name);
      one.set_format(file.format == ImportFormat::kCsv ? "csv" : "json");
      one.set_content(file.content);
    }
    request.set_reason(reason);
    std::promise<Answer<v1::ImportResponse>> promise;
    world.cases.import(request, kAdmin,
                       [&](Answer<v1::ImportResponse> answer) { promise.set_value(std::move(answer)); });
    auto answer = promise.get_future().get();
    if (answer) {
      for (const auto& fault : answer->faults()) UNSCOPED_INFO(fault.field() + ": " + fault.problem());
    }
    return answer;
  }
  Answer<v1::RemoveResponse> remove(v1::ImportKind kind, const std::string& name,
                                    const std::string& reason = "") {
    v1::RemoveRequest request;
    request.set_kind(kind);
    request.set_name(name);
    request.set_reason(reason);
    std::promise<Answer<v1::RemoveResponse>> promise;
    world.cases.remove(request, kAdmin,
                       [&](Answer<v1::RemoveResponse> answer) { promise.set_value(std::move(answer)); });
    return promise.get_future().get();
  }
  v1::ListRecordsResponse list(const v1::ListRecordsRequest& request, const Caller& caller = kReader) {
    const auto answer = world.cases.list_records(request, caller);
    INFO((answer ? "" : answer.error().text));
    REQUIRE(answer);
    return *answer;
  }
};

}  // namespace chiploc::test
