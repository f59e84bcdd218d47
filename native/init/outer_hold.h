#ifndef SIGKIT_INIT_OUTER_HOLD_H_
#define SIGKIT_INIT_OUTER_HOLD_H_

namespace sigkit::init {

// Where this init is itself the child of one that holds: it can take signals from its entry point on, and says so. In
// any other place below that one, the pipe and the variables are for whoever comes next.
void AnswerOuterHold();

}  // namespace sigkit::init

#endif  // SIGKIT_INIT_OUTER_HOLD_H_
