#ifndef SIGKIT_INIT_TELLER_H_
#define SIGKIT_INIT_TELLER_H_

#include <sys/resource.h>
#include <sys/types.h>

#include <array>

namespace sigkit::init {

// What a runner is told of its job. lib/process/contain/messages.ts has the same.
enum class Told { kBorn = 1, kFailed = 2, kRefused = 3, kChanged = 4, kLeft = 5, kEnded = 6 };

// All numbers are doubles, as JavaScript has them.
struct Message {
  double kind = 0;
  double pid = 0;
  double status = 0;  // of wait(2); of what has failed, the step
  double error = 0;   // a negative errno
  std::array<double, 9> usage = {};
  std::array<char, 24> name = {};

  Message(Told told, pid_t about, int number, int errno_of = 0);
  void SetUsage(const rusage& used);
};

class Teller {
 public:
  explicit Teller(int control) : control_(control) {}

  // Waits until there is room, or nobody listens any more.
  void Tell(const Message& message) const;
  // False: there is no room now.
  bool TellNow(const Message& message) const;

 private:
  const int control_;
};

}  // namespace sigkit::init

#endif  // SIGKIT_INIT_TELLER_H_
