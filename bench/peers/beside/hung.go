// hung loop|regexp|call|worker|idle: as hung.ts.
package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strings"
)

var turns int

//go:noinline
func hangsInLoop() {
	for {
		turns++
	}
}

// Its regular expressions take linear time: a long text, again and again.
func hangsInRegexp() {
	text := strings.Repeat("a", 1<<26) + "!"
	for {
		regexp.MustCompile("^(a+)+$").MatchString(text)
	}
}

func hangsInCall() {
	exec.Command("sleep", "600").Run()
}

func serve() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err == nil {
		listener.Accept()
	}
}

func main() {
	fmt.Println("ready")
	switch os.Args[1] {
	case "loop":
		hangsInLoop()
	case "regexp":
		hangsInRegexp()
	case "call":
		hangsInCall()
	case "worker":
		go hangsInLoop()
		serve()
	case "idle":
		serve()
	}
}
