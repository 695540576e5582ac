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
 * Has one contender do one workload in a process of its own, and gives its figures. Whatever goes wrong is a figure that says so.
 *
 * @param java the program that runs Java
 * @param classPath what is measured
 * @param quick whether to be short
 */
record Measuring(String java, String classPath, boolean quick) {
    private static final int LONGEST_REASON = 160;

    /** Its figures, and if it failed, that. */
    List<Figure> run(Workload workload, String contender) throws IOException, InterruptedException {
        boolean ancestor = contender.equals(Ancestor.NAME);
        List<String> command = ancestor ? Ancestor.command() : command(workload, contender);
        return figures(command, ancestor ? Ancestor.script() : new byte[0], workload, contender);
    }

    private List<String> command(Workload workload, String contender) {
        List<String> command = new ArrayList<>(List.of(
                java,
                "-Xmx3g",
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
            // Who says himself what went wrong knows better.
            if (!failure.isEmpty() && figures.stream().noneMatch(Figure::failed)) {
                figures.add(Figure.failed(workload.id(), contender, Results.ALL_SETTINGS, failure));
            }
            return figures;
        } finally {
            Files.delete(out);
            Files.delete(err);
        }
    }

    /** Empty if all went well. */
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
            give(process, input);
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                return "hung: killed after " + limit.toSeconds() + " s";
            }
            return process.exitValue() == 0 ? "" : "failed: " + reason(err);
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    private static void give(Process process, byte[] input) {
        try (OutputStream in = process.getOutputStream()) {
            in.write(input);
        } catch (IOException e) {
            // It has ended already: its status tells.
        }
    }

    /** What the process said first: the rest follows from that. */
    private static String reason(Path err) throws IOException {
        String all = new String(Files.readAllBytes(err), StandardCharsets.UTF_8);
        String first = all.lines()
                .filter(line -> !line.isBlank() && !line.startsWith("SLF4J"))
                .findFirst()
                .orElse("no word");
        return first.length() > LONGEST_REASON ? first.substring(0, LONGEST_REASON) : first;
    }
}
