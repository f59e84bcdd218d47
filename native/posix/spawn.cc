#include "posix/spawn.h"

#include <unistd.h>

#include <utility>

#include "posix/clone_child.h"
#include "posix/pointers.h"
#include "posix/spawn_child.h"

namespace sigkit {
SpawnResult SpawnChild(const SpawnRequest& request) {
  const std::vector<char*> files = Pointers(request.files);
  const std::vector<char*> arguments = Pointers(request.arguments);
  const std::vector<char*> environment = Pointers(request.environment);
  std::vector<int> descriptors = request.descriptors;
  ChildPlan plan = {
      .request = &request,
      .parent = getpid(),
      .files = files.data(),
      .arguments = arguments.data(),
      .environment = environment.data(),
      .directory = request.directory.has_value() ? request.directory->c_str() : nullptr,
      .descriptors = descriptors.data(),
      .descriptor_count = static_cast<int>(descriptors.size()),
      .terminal = request.terminal,
      .former_group = 0,
      .in_own_group = nullptr,
      .in_own_group_argument = nullptr,
      .error = 0,
      .step = SpawnStep::kNone,
      .tried = nullptr,
  };
  ClonedChild child = CloneChild(&plan);
  return {.pid = child.pid, .pidfd = std::move(child.pidfd), .error = plan.error, .step = plan.step};
}

}  // namespace sigkit
