#include "posix/orphans.h"

#include <unordered_map>
#include <utility>

#include "posix/child_list.h"
#include "posix/process_stat.h"

namespace sigkit {
namespace {

bool IsSame(const NotedZombie& zombie) {
  ProcessStat stat;
  return zombie.start_time != 0 && ReadProcessStat(zombie.pid, &stat, kStartTime) == 0 &&
         static_cast<uint64_t>(stat.numbers[kStartTime]) == zombie.start_time;
}

}  // namespace

int TakeOrphans(pid_t tid, const std::vector<NotedZombie>& noted, std::vector<TakenOrphan>* taken) {
  std::unordered_map<pid_t, size_t> places;
  for (size_t place = 0; place < noted.size(); ++place) places[noted[place].pid] = place;
  std::vector<size_t> listed;
  const int error = ForEachChild(tid, [&](pid_t pid) {
    const auto found = places.find(pid);
    if (found != places.end()) listed.push_back(found->second);
    return listed.size() < noted.size();
  });
  if (error < 0) return error;
  // From the end of the list: `last` is the place of the latest one that is the same.
  std::vector<size_t> same;
  size_t last = 0;
  for (size_t rest = listed.size(); rest-- > 0;) {
    const size_t place = listed[rest];
    if (place + 1 > last && IsSame(noted[place])) last = place + 1;
    if (place < last) same.push_back(place);
  }
  for (size_t rest = same.size(); rest-- > 0;) {
    const pid_t pid = noted[same[rest]].pid;
    ProcessStat stat;
    TakenOrphan orphan = {.pid = pid, .name = {}, .group = 0, .session = 0, .state = {}};
    if (ReadProcessStat(pid, &stat, kSessionId) < 0 || TakeChildState(pid, 0, &orphan.state) <= 0) continue;
    orphan.name = std::move(stat.name);
    orphan.group = stat.numbers[kProcessGroup];
    orphan.session = stat.numbers[kSessionId];
    taken->push_back(std::move(orphan));
  }
  return 0;
}

}  // namespace sigkit
