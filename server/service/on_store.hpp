#pragma once
#include <functional>
#include <memory>
#include <utility>

#include "server/service/fault.hpp"
#include "server/storage/store_thread.hpp"

namespace chiploc {

/// Runs `work` on the store's thread and gives its answer when that is durable. `then` runs there first: whether it is.
template <class Response>
void on_store(StoreThread& store, std::size_t rows, const std::function<void(Answer<Response>)>& done,
              std::function<Answer<Response>(Store&)> work, std::function<void(bool durable)> then = {}) {
  const auto answer = std::make_shared<Answer<Response>>(Response{});
  const bool accepted =
      store.post([answer, work = std::move(work)](Store& inside) { *answer = work(inside); },
                 [answer, done, then = std::move(then)](const Stored<Done>& committed) {
                   if (then) then(committed.has_value());
                   if (!committed) return done(Fail{fault_of(committed.error())});
                   done(std::move(*answer));
                 },
                 {.rows = rows});
  if (!accepted) {
    done(Fail{ApiFault{ApiFaultCode::kExhausted, "chiplocd's store is busy; nothing was done, try again"}});
  }
}

}  // namespace chiploc
