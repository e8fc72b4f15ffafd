#pragma once
#include <functional>
#include <memory>
#include <utility>

#include "server/http/http_message.hpp"

namespace chiploc {

/// An exchange that shows its answer to somebody, who may add fields, before it goes. Of a stream what it begins with.
class AnswerHook final : public HttpExchange {
 public:
  using Hook = std::function<void(HttpReply&)>;
  AnswerHook(std::shared_ptr<HttpExchange> exchange, Hook hook)
      : exchange_{std::move(exchange)}, hook_{std::move(hook)} {}

  [[nodiscard]] const HttpRequest& request() const override { return exchange_->request(); }
  void reply(HttpReply reply) override {
    hook_(reply);
    exchange_->reply(std::move(reply));
  }
  [[nodiscard]] std::shared_ptr<HttpEventStream> stream(HttpFields fields) override {
    HttpReply begun;
    begun.fields = std::move(fields);
    hook_(begun);
    return exchange_->stream(std::move(begun.fields));
  }

 private:
  const std::shared_ptr<HttpExchange> exchange_;
  const Hook hook_;
};

}  // namespace chiploc
