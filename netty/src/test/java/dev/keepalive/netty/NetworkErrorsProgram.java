package dev.keepalive.netty;

import dev.keepalive.spi.DialException;

/** The program that {@link NetworkErrorsTest} runs in a network namespace. It prints one line for each case. */
final class NetworkErrorsProgram {
    private NetworkErrorsProgram() {}

    public static void main(String[] args) throws Exception {
        try (ConnectorRig rig = ConnectorRig.withDefaults()) {
            print("unreachable", rig.dial("test", "192.0.2.1", 80).failure());
            print("prohibited", rig.dial("test", "192.0.2.2", 80).failure());
            print("no-route", rig.dial("test", "198.51.100.1", 80).failure());
            connectToItself(rig);
            useUpPorts(rig);
        }
        bindAndUseUpPorts();
    }

    /** No program listens on this port, and the system may choose the same port as the local port of the dial. */
    private static void connectToItself(ConnectorRig rig) throws Exception {
        DialException last = null;
        for (int i = 0; i < 50; i++) {
            last = rig.dial("test", "127.0.0.1", 40002).failure();
        }
        print("itself", last);
    }

    private static void useUpPorts(ConnectorRig rig) throws Exception {
        try (ScriptedServer server = ScriptedServer.start("127.0.0.1", 50001)) {
            for (int i = 0; i < 4; i++) {
                rig.dial(server).link();
            }
            print("ports", rig.dial(server).failure());
        }
    }

    private static void bindAndUseUpPorts() throws Exception {
        try (ScriptedServer server = ScriptedServer.start("127.0.0.1", 50002);
                ConnectorRig rig = new ConnectorRig(NettyConnector.builder().bindAddress("127.0.0.7"))) {
            for (int i = 0; i < 4; i++) {
                rig.dial(server).link();
            }
            print("bound-ports", rig.dial(server).failure());
        }
    }

    private static void print(String name, DialException failure) {
        System.out.println(
                "CASE " + name + " " + failure.phase() + " error " + failure.errorNumber() + ": " + failure.text());
    }
}
