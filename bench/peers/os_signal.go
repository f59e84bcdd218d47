// os_signal latency COUNT: a channel of os/signal. It writes the time to its standard output when it is ready and when it has
// one from the channel.
package main

import (
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"unsafe"
)

const clockMonotonic = 1

func tell() {
	var time syscall.Timespec
	syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, clockMonotonic, uintptr(unsafe.Pointer(&time)), 0)
	ns := time.Nano()
	if _, err := syscall.Write(1, (*[8]byte)(unsafe.Pointer(&ns))[:]); err != nil {
		os.Exit(1)
	}
}

func main() {
	count, _ := strconv.Atoi(os.Args[2])
	arrived := make(chan os.Signal, 16)
	signal.Notify(arrived, syscall.SIGUSR2)
	tell()
	for received := 0; received < count; received++ {
		<-arrived
		tell()
	}
}
