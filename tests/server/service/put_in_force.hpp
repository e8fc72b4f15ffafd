#pragma once
// A policy's text put in force through the service, by ada, an admin.

#include <future>
#include <string>

#include "proto/crypto/digest.hpp"
#include "tests/server/service/service_world.hpp"

namespace chiploc::test {

inline Answer<v1::ActivatePolicyResponse> put_in_force(ServiceWorld& world, const std::string& toml,
                                                       const std::string& reason = "ticket 4711") {
  v1::ActivatePolicyRequest request;
  request.mutable_policy()->set_name("new.toml");
  request.mutable_policy()->set_content(toml);
  request.set_reason(reason);
  std::promise<Answer<v1::ActivatePolicyResponse>> promise;
  const Caller ada{"ada", Role::kAdmin, std::nullopt, sha256(bytes_of("her certificate"))};
  world.cases.activate_policy(
      request, ada, [&](Answer<v1::ActivatePolicyResponse> answer) { promise.set_value(std::move(answer)); });
  return promise.get_future().get();
}

}  // namespace chiploc::test
