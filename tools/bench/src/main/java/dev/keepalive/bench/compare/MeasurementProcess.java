package dev.keepalive.bench.compare;

import dev.keepalive.bench.Figure;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Measures one contender in one workload in a process of its own. A failure becomes a figure with its reason.
 *
 * @param java the path of the {@code java} program
 * @param classPath the class path of the measured program
 * @param quick true for a rough measurement
 */
record MeasurementProcess(String java, String classPath, boolean quick) {
    private static final int LONGEST_REASON = 160;

    /** Runs the workload; returns the figures, among them one for a failure. */
    List<Figure> measure(Workload workload, String contender) throws IOException, InterruptedException {
        boolean perl = contender.equals(PerlContender.NAME);
        List<String> command = perl ? PerlContender.command() : command(workload, contender);
        return figures(command, perl ? PerlContender.script() : new byte[0], workload, contender);
    }

    private List<String> command(Workload workload, String contender) {
        List<String> command = new ArrayList<>(List.of(
                java,
                "-Xms1g",
                "-Xmx3g",
                "-Xmn64m",
                "-cp",
                classPath,
                workload.main(),
                "--workload",
                workload.id(),
                "--contender",
                contender));
        if (quick) {
            command.add("--quick");
        }
        return command;
    }

    private List<Figure> figures(List<String> command, byte[] input, Workload workload, String contender)
            throws IOException, InterruptedException {
        Path out = Files.createTempFile("bench", ".out");
        Path err = Files.createTempFile("bench", ".err");
        try {
            String failure = failure(command, input, out, err, workload.limit(quick));
            List<Figure> figures = new ArrayList<>();
            for (String line : Files.readAllLines(out)) {
                Figure.parse(line).ifPresent(figures::add);
            }
            // A failure that the process reported itself is more exact.
            if (!failure.isEmpty() && figures.stream().noneMatch(Figure::failed)) {
                figures.add(Figure.failed(workload.id(), contender, FigureTable.ALL_SETTINGS, failure));
            }
            return figures;
        } finally {
            Files.delete(out);
            Files.delete(err);
        }
    }

    /** Runs the command; returns what went wrong, or an empty text. */
    private static String failure(List<String> command, byte[] input, Path out, Path err, Duration limit)
            throws IOException, InterruptedException {
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile())
                    .start();
        } catch (IOException e) {
            return "not started: " + e.getMessage();
        }
        try {
            write(process, input);
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                return "hung: killed after " + limit.toSeconds() + " s";
            }
            return process.exitValue() == 0 ? "" : "failed: " + reason(err);
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    private static void write(Process process, byte[] input) {
        try (OutputStream in = process.getOutputStream()) {
            in.write(input);
        } catch (IOException e) {
            // The process has ended already; its exit status tells why.
        }
    }

    /** The first line on the process's standard error: later lines mostly follow from it. */
    private static String reason(Path err) throws IOException {
        String all = new String(Files.readAllBytes(err), StandardCharsets.UTF_8);
        String first = all.lines()
                .filter(line -> !line.isBlank() && !line.startsWith("SLF4J"))
                .findFirst()
                .orElse("no message");
        return first.length() > LONGEST_REASON ? first.substring(0, LONGEST_REASON) : first;
    }
}
