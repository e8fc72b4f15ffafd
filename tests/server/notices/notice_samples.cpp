// Prints what chiploc would send, for readers that others wrote: a line of JSON for each notice. `notice_samples each`
// prints one of each kind, `notice_samples words` every word that an event can have.

#include <cstdio>
#include <cstring>

#include "server/notices/cloud_event.hpp"
#include "tests/server/notices/notice_maker.hpp"

int main(int argc, char** argv) {
  using namespace chiploc;
  const bool words = argc > 1 && std::strcmp(argv[1], "words") == 0;
  auto notices = words ? test::every_word() : test::one_of_each();
  if (words) notices.push_back(test::largest_notice());
  for (const Notice& notice : notices) std::puts(cloud_event_text(notice, test::some_coordinator()).c_str());
  return 0;
}
