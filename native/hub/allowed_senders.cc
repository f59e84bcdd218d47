#include "hub/allowed_senders.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>

namespace sigkit {
namespace {

template <typename Id>
bool Holds(const std::vector<Id>& ids, Id id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

}  // namespace

bool AllowedSenders::Has(const SignalRecord& record) const {
  if (everybody) return true;
  const bool by_process = record.code == SI_USER || record.code == SI_QUEUE || record.code == SI_TKILL;
  if (!by_process || record.pid == 0) return unknown;
  return Holds(uids, record.uid) || Holds(pids, record.pid) || (parent && record.pid == getppid());
}

}  // namespace sigkit
