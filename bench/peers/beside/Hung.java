// Hung loop|regexp|call|worker|idle: as hung.ts.
import java.net.ServerSocket;
import java.util.regex.Pattern;

class Hung {
    static volatile long turns;

    static void hangsInLoop() {
        for (;;) turns++;
    }

    static void hangsInRegexp() {
        Pattern.matches("((a+)+)\\1b", "a".repeat(100) + "!");
    }

    static void hangsInCall() throws Exception {
        new ProcessBuilder("sleep", "600").start().waitFor();
    }

    static void serve() throws Exception {
        new ServerSocket(0).accept();
    }

    public static void main(String[] args) throws Exception {
        System.out.println("ready");
        switch (args[0]) {
            case "loop" -> hangsInLoop();
            case "regexp" -> hangsInRegexp();
            case "call" -> hangsInCall();
            case "worker" -> {
                new Thread(Hung::hangsInLoop).start();
                serve();
            }
            default -> serve();
        }
    }
}
