package dev.keepalive.http;

import dev.keepalive.http.DifferentialRun.Action;
import dev.keepalive.http.DifferentialRun.Scene;
import java.util.ArrayList;
import java.util.List;

/** What is done with both clients. The name of its scene is a part of its name. */
record DifferentialCase(String name, Scene scene, Action action) {
    /** Cases of one kind. */
    abstract static class Group {
        private final String prefix;
        private final List<DifferentialCase> cases = new ArrayList<>();

        Group(String prefix) {
            this.prefix = prefix;
        }

        final List<DifferentialCase> cases() {
            return cases;
        }

        /** In the clear with HTTP/1.1, and with HTTP/2. */
        final void both(String name, Action action) {
            clear(name, action);
            http2(name, action);
        }

        final void clear(String name, Action action) {
            add(name, Scene.CLEAR, action);
        }

        final void http2(String name, Action action) {
            add(name, Scene.HTTP2, action);
        }

        final void tls(String name, Action action) {
            add(name, Scene.TLS, action);
        }

        private void add(String name, Scene scene, Action action) {
            String whole = prefix + ": " + name + " (" + scene.name().toLowerCase(java.util.Locale.ROOT) + ")";
            cases.add(new DifferentialCase(whole, scene, action));
        }
    }
}
