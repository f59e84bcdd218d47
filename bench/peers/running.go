// running true|output COUNT AT_ONCE: as running.ts, by os/exec; AT_ONCE goroutines.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"time"
)

var commands = map[string][]string{
	"true":   {"/bin/true"},
	"output": {"/usr/bin/head", "-c", "1048576", "/dev/zero"},
}
var lengths = map[string]int{"true": 0, "output": 1 << 20}

func number(at int) int {
	value, err := strconv.Atoi(os.Args[at])
	if err != nil {
		panic(err)
	}
	return value
}

func runSome(what string, share int) {
	command := commands[what]
	for i := 0; i < share; i++ {
		output, err := exec.Command(command[0], command[1:]...).Output()
		if err != nil || len(output) != lengths[what] {
			panic(fmt.Sprint(err, len(output)))
		}
	}
}

func used() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e3
}

func main() {
	what, count, atOnce := os.Args[1], number(2), number(3)
	runSome(what, 1)
	before, usedBefore := time.Now(), used()
	var all sync.WaitGroup
	for i := 0; i < atOnce; i++ {
		all.Add(1)
		go func() {
			runSome(what, count/atOnce)
			all.Done()
		}()
	}
	all.Wait()
	fmt.Println(float64(time.Since(before).Nanoseconds())/1e3/float64(count), (used()-usedBefore)/float64(count))
}
