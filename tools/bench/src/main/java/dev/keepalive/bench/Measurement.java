package dev.keepalive.bench;

import java.io.PrintWriter;
import java.io.Writer;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/**
 * A program that measures one contender in one workload. It prints one figure per line on standard output, and anything
 * else on standard error. A failure is printed as a figure with its reason. The JVM ends even if threads hang.
 */
public abstract class Measurement implements Callable<Integer> {
    @SuppressWarnings("UnusedVariable") // read by picocli
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Prints this help.")
    private boolean help;

    @Option(names = "--workload", paramLabel = "ID", description = "The workload id that the figures carry.")
    private @Nullable String workload;

    @Option(names = "--contender", paramLabel = "NAME", required = true, description = "The contender to measure.")
    private String contender = "";

    @Option(names = "--quick", description = "A rough measurement: fewer rounds, shorter times.")
    private boolean quick;

    private final String number;
    private PrintWriter out = new PrintWriter(Writer.nullWriter());
    private String setting = "all";

    /** @param number the id of the workload, {@code W3} for example */
    protected Measurement(String number) {
        this.number = number;
    }

    /** Runs the program and ends the JVM. */
    @SuppressWarnings("DefaultCharset") // names and figures are ASCII
    protected final void runAndExit(String... arguments) {
        System.exit(run(new PrintWriter(System.out, true), arguments));
    }

    /**
     * Runs the program inside this JVM.
     *
     * @param figures receives the figures
     * @return the exit status: 0 all was measured, 1 something failed, 2 bad arguments
     */
    public final int run(PrintWriter figures, String... arguments) {
        out = figures;
        return new CommandLine(this).setUsageHelpAutoWidth(true).execute(arguments);
    }

    @Override
    public final Integer call() throws InterruptedException {
        try {
            measure();
            return 0;
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception | OutOfMemoryError | StackOverflowError e) {
            reportFailure(reason(e));
            return 1;
        }
    }

    /** The message of this program's own exceptions; any other exception is printed with its stack trace. */
    private static String reason(Throwable failure) {
        boolean own = failure instanceof IllegalStateException || failure instanceof IllegalArgumentException;
        String message = failure.getMessage();
        if (own && message != null) {
            return message;
        }
        failure.printStackTrace();
        return failure.toString();
    }

    /** Measures and reports. An exception is reported as the failure of the current setting. */
    protected abstract void measure() throws Exception;

    /** The name of the contender to measure. */
    protected final String contender() {
        return contender;
    }

    /** True if a rough measurement is enough. */
    protected final boolean isQuick() {
        return quick;
    }

    /** Sets the variant of the workload to which the next figures belong. */
    protected final void startSetting(String now) {
        setting = now;
    }

    /** Reports a figure. */
    protected final void reportFigure(String unit, double value) {
        print(new Figure(number(), contender, setting, unit, value));
    }

    /** Reports a failure of the current setting. */
    protected final void reportFailure(String why) {
        print(Figure.failed(number(), contender, setting, why));
    }

    private String number() {
        return workload == null ? number : workload;
    }

    private void print(Figure figure) {
        out.println(figure.line());
        out.flush();
    }
}
