#ifndef SIGKIT_INIT_SUPERVISOR_H_
#define SIGKIT_INIT_SUPERVISOR_H_

#include <signal.h>

#include "init/command.h"
#include "init/forwarder.h"
#include "init/hold.h"
#include "init/options.h"
#include "init/outbox.h"
#include "init/terminal.h"

namespace sigkit::init {

// The life of init from the start of its child to its end: takes signals one by one, reaps, and forwards.
class Supervisor {
 public:
  Supervisor(const Options& options, const Child& child, const Terminal& terminal, Hold* hold, Outbox* outbox)
      : options_(options),
        child_(child),
        terminal_(terminal),
        forwarder_(options, child),
        hold_(*hold),
        outbox_(*outbox) {}

  // Returns the child's wait status.
  int Run();
  // When everything is to be killed; in the past if it has been.
  Time kill_at() const { return kill_at_; }

 private:
  void SendDue();
  void KillInTime();
  void TakeSignal();
  void Handle(const siginfo_t& info);
  void Post(const Message& message);
  bool Send(const Message& message);
  void ContinueIfStopped();
  void Reap();
  void OnStopped(int signo);
  bool OnContinued();

  const Options& options_;
  const Child& child_;
  const Terminal& terminal_;
  const Forwarder forwarder_;
  Hold& hold_;
  Outbox& outbox_;
  Time kill_at_ = kNever;
  bool killing_ = false;
  bool stopped_ = false;             // the child, as far as has been told
  bool stopped_with_child_ = false;  // init, too
  bool ended_ = false;
  int status_ = 0;
};

}  // namespace sigkit::init

#endif  // SIGKIT_INIT_SUPERVISOR_H_
