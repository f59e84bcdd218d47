#ifndef SIGKIT_POSIX_LOST_TERMINALS_H_
#define SIGKIT_POSIX_LOST_TERMINALS_H_

namespace sigkit {

// Has those of the descriptors 0 to 2 whose terminal has hung up be /dev/null. Node 20 sets the terminal's mode back in
// exit(3), and aborts where it cannot.
void ReplaceLostTerminals();

}  // namespace sigkit

#endif  // SIGKIT_POSIX_LOST_TERMINALS_H_
