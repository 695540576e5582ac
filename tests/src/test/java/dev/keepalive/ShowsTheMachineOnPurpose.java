package dev.keepalive;

import dev.keepalive.machine.MachineConfig;
import io.netty.util.NetUtil;
import java.util.List;
import java.util.Optional;

/** What must not be in the core, or public: shows that the rules against it can fail. */
public final class ShowsTheMachineOnPurpose {
    /** Shows the machine as a field. */
    public final Optional<MachineConfig> shown = Optional.empty();

    /** Shows the machine as a result. */
    public Optional<MachineConfig> shows() {
        return shown;
    }

    /** Shows the machine as a parameter, and depends on Netty. */
    public boolean takes(List<MachineConfig> configs) {
        return NetUtil.isIpV4StackPreferred() && configs.isEmpty();
    }
}
