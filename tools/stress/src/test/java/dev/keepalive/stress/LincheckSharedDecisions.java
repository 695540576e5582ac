package dev.keepalive.stress;

/**
 * The calls of {@link LincheckDecisions} on connections that take two leases at a time, or as many as the peer says.
 */
public class LincheckSharedDecisions extends LincheckDecisions {
    private static final int LEASES = 2;

    /** A manager of two endpoints, with places for two connections with two leases each. */
    public LincheckSharedDecisions() {
        connector.sharing(LEASES).expecting(LEASES);
    }

    @Override
    protected void beforeAudit() {
        connector.links().forEach(link -> link.capacity(LEASES));
        settle();
    }

    /** The peer of a connection lets it have so many leases from now on. */
    public void capacity(int number, int leases) {
        if (number < links.size()) {
            links.get(number).capacity(leases);
        }
    }
}
