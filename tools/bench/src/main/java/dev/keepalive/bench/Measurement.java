package dev.keepalive.bench;

import java.io.PrintWriter;
import java.io.Writer;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/**
 * A program that measures one contender at one workload: a figure per line on its standard output, anything else on its standard error. What fails
 * is a figure too, which says why; the JVM ends all the same, whatever threads hang.
 */
public abstract class Measurement implements Callable<Integer> {
    @SuppressWarnings("UnusedVariable") // read by picocli
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Prints this help.")
    private boolean help;

    @Option(names = "--workload", paramLabel = "ID", description = "The number that the figures are to have.")
    private @Nullable String workload;

    @Option(names = "--contender", paramLabel = "NAME", required = true, description = "Who is measured.")
    private String contender = "";

    @Option(names = "--quick", description = "For a first impression: less often, and for a shorter time.")
    private boolean quick;

    private final String number;
    private PrintWriter out = new PrintWriter(Writer.nullWriter());
    private String setting = "all";

    /** @param number of the workload */
    protected Measurement(String number) {
        this.number = number;
    }

    /** Runs the program, and ends the JVM. */
    @SuppressWarnings("DefaultCharset") // names and figures are ASCII
    protected final void runAndExit(String... arguments) {
        System.exit(run(new PrintWriter(System.out, true), arguments));
    }

    /**
     * Runs the program inside another.
     *
     * @param figures where they go
     * @return the exit status: 0 if all was measured, 1 if something failed, 2 if the arguments are not understood
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
            failed(reason(e));
            return 1;
        }
    }

    /** Ours say in words what went wrong; of others one wants to know where. */
    private static String reason(Throwable failure) {
        boolean ours = failure instanceof IllegalStateException || failure instanceof IllegalArgumentException;
        String message = failure.getMessage();
        if (ours && message != null) {
            return message;
        }
        failure.printStackTrace();
        return failure.toString();
    }

    /** Measures, and reports. What it throws is reported as the failure of the present setting. */
    protected abstract void measure() throws Exception;

    /** Who is measured. */
    protected final String contender() {
        return contender;
    }

    /** Whether a first impression is enough. */
    protected final boolean isQuick() {
        return quick;
    }

    /** What is measured from now on is this variant of the workload. */
    protected final void setting(String now) {
        setting = now;
    }

    /** Reports a figure. */
    protected final void figure(String unit, double value) {
        say(new Figure(number(), contender, setting, unit, value));
    }

    /** Reports that there is no figure, and why. */
    protected final void failed(String why) {
        say(Figure.failed(number(), contender, setting, why));
    }

    private String number() {
        return workload == null ? number : workload;
    }

    private void say(Figure figure) {
        out.println(figure.line());
        out.flush();
    }
}
