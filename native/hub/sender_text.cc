#include "hub/sender_text.h"

#include <signal.h>

#include <cstdio>

#include "posix/signal_names.h"

namespace sigkit {

SenderText::SenderText(const SignalRecord& record) {
  const SignalName name(record.signo, SIGRTMIN);
  if (record.pid != 0) {
    snprintf(text_.data(), text_.size(), "%s from pid %d (uid %u)", name.c_str(), record.pid, record.uid);
  } else {
    const char* const from = record.code == SI_KERNEL ? "the kernel" : "outside";
    snprintf(text_.data(), text_.size(), "%s from %s", name.c_str(), from);
  }
}

}  // namespace sigkit
