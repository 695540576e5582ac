package dev.keepalive.testkit;

import dev.keepalive.AcquireException;
import dev.keepalive.AcquireRequest;
import dev.keepalive.CloseReason;
import dev.keepalive.ConnectionListener;
import dev.keepalive.Counts;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.ManagerBuilder;
import dev.keepalive.spi.Connector;
import dev.keepalive.spi.DialException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A manager whose connections take several leases at a time. It records what its listener is told. */
abstract class ManagerSharedRig extends ManagerRig {
    final List<String> told = new ArrayList<>();

    private final ConnectionListener listener = new ConnectionListener() {
        @Override
        public void dialFailed(Endpoint endpoint, DialException failure) {
            told.add("dial failed: " + failure.text());
        }

        @Override
        public void failed(AcquireException failure) {
            told.add("failed in " + failure.phase());
        }

        @Override
        public void closed(Endpoint endpoint, CloseReason reason, int uses, @Nullable Throwable cause) {
            told.add("closed " + reason + " after " + uses + " uses");
        }

        @Override
        public void leaseLeaked(AcquireRequest request, Duration held, @Nullable Throwable acquiredAt) {
            told.add("leaked " + request);
        }

        @Override
        public void leaseInvalidated(AcquireRequest request, @Nullable Throwable cause) {
            told.add("invalidated " + request + (cause == null ? "" : ": " + cause.getMessage()));
        }

        @Override
        public void leaseHeldTooLong(AcquireRequest request, Duration held, @Nullable Throwable acquiredAt) {
            told.add("held too long " + request + " " + held.toSeconds());
        }

        @Override
        public void leaseCutShort(AcquireRequest request, Duration held, @Nullable Throwable acquiredAt) {
            told.add("cut short " + request + " " + held.toSeconds());
        }

        @Override
        public void connectionLingers(Endpoint endpoint, int leases) {
            told.add("lingers with " + leases);
        }

        @Override
        public void userCodeThrew(String source, Throwable thrown) {
            told.add(source + " threw " + thrown.getMessage());
        }
    };

    /** Replaces the manager: each connection takes this many leases, and each endpoint may have one connection. */
    final void share(int leases) {
        share(leases, 128, 1, options -> options);
    }

    final void share(
            int leases, int maxOpen, int maxOpenPerEndpoint, UnaryOperator<ManagerBuilder<FakeConnection>> options) {
        share(leases, maxOpen, maxOpenPerEndpoint, options, connector -> connector);
    }

    /** Replaces the manager by one that reaches the fake connector through the given one. */
    final void share(
            int leases,
            int maxOpen,
            int maxOpenPerEndpoint,
            UnaryOperator<ManagerBuilder<FakeConnection>> options,
            Function<FakeConnector, Connector<FakeConnection>> outer) {
        replaceManager(
                connector -> outer.apply(connector.sharing(leases).expecting(Math.max(1, leases))),
                maxOpen,
                maxOpenPerEndpoint,
                builder -> options.apply(builder.listener(listener)));
    }

    final List<CompletableFuture<Lease<FakeConnection>>> acquire(int count) {
        List<CompletableFuture<Lease<FakeConnection>>> all = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            all.add(manager.acquire(AcquireRequest.to(A).withLabel(String.valueOf(i))));
        }
        tasks.runAll();
        return all;
    }

    /** That many leases of one new connection; their requests have the labels 1, 2 and so on. */
    final List<Lease<FakeConnection>> leases(int count) {
        List<CompletableFuture<Lease<FakeConnection>>> acquired = acquire(count);
        succeedDial();
        List<Lease<FakeConnection>> all = new ArrayList<>();
        acquired.forEach(each -> all.add(each.join()));
        told.clear();
        return all;
    }

    final FakeLink link() {
        List<FakeLink> open = connector.links();
        return open.get(open.size() - 1);
    }

    final Counts counts() {
        return manager.snapshot().all();
    }
}
