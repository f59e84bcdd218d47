#ifndef SIGKIT_INIT_FORWARDER_H_
#define SIGKIT_INIT_FORWARDER_H_

#include "init/command.h"
#include "init/options.h"
#include "init/outbox.h"

namespace sigkit::init {

// Sends messages on to the child or its group.
class Forwarder {
 public:
  Forwarder(const Options& options, const Child& child) : options_(options), child_(child) {}

  // What a signal becomes by the options; 0: nothing.
  int Rewritten(int signo) const;
  // False if the receiver's queue is full. Whatever else fails is said, and is done with.
  bool Send(const Message& message) const;
  // Everything of the child's group that has been stopped with it. False if there is nothing in that group.
  bool ContinueGroup() const;
  // Whoever gets what is sent on.
  void Continue() const;

 private:
  int SendTo(const Message& message, int signo) const;
  int QueueToGroup(const siginfo_t& info, int signo) const;

  const Options& options_;
  const Child& child_;
};

}  // namespace sigkit::init

#endif  // SIGKIT_INIT_FORWARDER_H_
