#pragma once
// `chiploc plan ...`

#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace chiploc {

/// Says where the next anchors make most licences provable, on standard output, and returns an exit code
/// (PlanExit). `arguments` are those behind "plan". README.md says what is computed and what is assumed.
[[nodiscard]] int run_plan_command(const std::vector<std::string>& arguments);
/// Shows its command line to whoever makes completions from it.
void with_plan_line(const std::function<void(const CLI::App&)>& use);

}  // namespace chiploc
