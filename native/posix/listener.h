#ifndef SIGKIT_POSIX_LISTENER_H_
#define SIGKIT_POSIX_LISTENER_H_

namespace sigkit {

// Has a listening TCP socket ignore who asks for a connection (tcp(7)), while handshakes under way complete. The other
// side asks again after a second. Returns a descriptor that keeps the socket open, or a negative errno: ENOPROTOOPT
// for any other socket.
int IgnoreNewConnections(int listener);
// Ends that, for whoever has the socket too, and closes the descriptor.
void CloseIgnoring(int descriptor);

}  // namespace sigkit

#endif  // SIGKIT_POSIX_LISTENER_H_
