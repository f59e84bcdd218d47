#include "posix/caught_notes.h"

#include <cstring>

#include "posix/signal_set.h"

namespace sigkit {
namespace {

// Plain numbers, as the compiler's atomics want them.
enum NoteState : uint32_t { kFree, kWriting, kReady };

struct Note {
  uint32_t state = kFree;
  uint32_t order = 0;
  siginfo_t info = {};
};

constexpr uint32_t kNotes = 512;
Note notes[kNotes];
uint32_t next_order = 0;
uint32_t written = 0;  // notes and counts that have not been taken
uint32_t unnoted[kSignalCount + 1];

__attribute__((no_sanitize("thread", "address", "undefined"))) bool WriteNote(Note& note, const siginfo_t* info) {
  uint32_t expected = kFree;
  if (!__atomic_compare_exchange_n(&note.state, &expected, kWriting, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
    return false;
  __builtin_memcpy(&note.info, info, sizeof(note.info));
  note.order = __atomic_fetch_add(&next_order, 1, __ATOMIC_ACQ_REL);
  __atomic_store_n(&note.state, kReady, __ATOMIC_RELEASE);
  return true;
}

bool TakeOldest(CaughtSignal* caught) {
  Note* oldest = nullptr;
  for (Note& note : notes) {
    if (__atomic_load_n(&note.state, __ATOMIC_ACQUIRE) != kReady) continue;
    if (oldest == nullptr || static_cast<int32_t>(note.order - oldest->order) < 0) oldest = &note;
  }
  if (oldest == nullptr) return false;
  memcpy(&caught->info, &oldest->info, sizeof(caught->info));
  __atomic_store_n(&oldest->state, kFree, __ATOMIC_RELEASE);
  caught->count = 1;
  return true;
}

// Nothing is known of these but their number.
bool TakeUnnoted(CaughtSignal* caught) {
  for (int signo = 1; signo <= kSignalCount; ++signo) {
    const uint32_t count = __atomic_exchange_n(&unnoted[signo], 0, __ATOMIC_ACQ_REL);
    if (count == 0) continue;
    *caught = CaughtSignal{};
    caught->info.si_signo = signo;
    caught->count = count;
    __atomic_fetch_sub(&written, count, __ATOMIC_ACQ_REL);
    return true;
  }
  return false;
}

}  // namespace

// Called by handlers: see syscalls.cc.
__attribute__((no_sanitize("thread", "address", "undefined"))) void NoteSignal(const siginfo_t* info) {
  const uint32_t first = __atomic_load_n(&next_order, __ATOMIC_RELAXED);
  bool noted = false;
  for (uint32_t step = 0; step < kNotes && !noted; ++step) noted = WriteNote(notes[(first + step) % kNotes], info);
  if (!noted) __atomic_fetch_add(&unnoted[info->si_signo], 1, __ATOMIC_ACQ_REL);
  __atomic_fetch_add(&written, 1, __ATOMIC_ACQ_REL);
}

bool TakeNote(CaughtSignal* caught) {
  if (__atomic_load_n(&written, __ATOMIC_ACQUIRE) == 0) return false;
  if (!TakeOldest(caught)) return TakeUnnoted(caught);
  __atomic_fetch_sub(&written, 1, __ATOMIC_ACQ_REL);
  return true;
}

}  // namespace sigkit
