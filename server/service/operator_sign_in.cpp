// The use case by which somebody with a certificate signs in at the page.
#include "server/service/operator_use_cases.hpp"
#include "server/service/sign_in_codes.hpp"

namespace chiploc {

Answer<v1::CreateSignInCodeResponse> OperatorUseCases::create_sign_in_code(
    const v1::CreateSignInCodeRequest& /*request*/, const Caller& caller) {
  if (parts_.codes == nullptr)
    return Fail{
        ApiFault{ApiFaultCode::kNotReady,
                 "this coordinator serves no page; give http.address and http.page in chiplocd.toml"}};
  auto code = parts_.codes->issue(caller, parts_.now());
  if (!code) return Fail{code.error()};
  v1::CreateSignInCodeResponse response;
  response.set_code(std::move(code->text));
  response.set_expires_unix_ns(code->until.since_epoch.count());
  response.set_page_address(parts_.codes->page_address());
  return response;
}

}  // namespace chiploc
