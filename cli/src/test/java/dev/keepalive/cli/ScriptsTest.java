package dev.keepalive.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.testservers.InstalledPrograms;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The scripts of the repository, in an environment that is not that of their author. */
class ScriptsTest {
    private static final Path TOP = Path.of("..");

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"", "CDPATH=.", "CDPATH=$PWD", "CDPATH=/:$PWD:/tmp"})
    void theProgramStartsWhateverCdpathIs(String variable) throws Exception {
        Path script = Files.createDirectories(folder.resolve("bin")).resolve("keepalive");
        Files.copy(TOP.resolve("bin/keepalive"), script);
        Files.createFile(folder.resolve("pom.xml"));
        for (String module : List.of("core", "testkit", "netty", "http", "cli")) {
            Files.createDirectories(folder.resolve(module).resolve("src/main"));
            Files.createFile(folder.resolve(module).resolve("pom.xml"));
        }
        Path java = Files.createDirectories(folder.resolve("jdk/bin")).resolve("java");
        Files.writeString(java, "#!/bin/sh\necho \"$@\"\n");
        assertThat(java.toFile().setExecutable(true)).isTrue();
        Path jar = Files.createDirectories(folder.resolve("cli/target")).resolve("keepalive.jar");
        Files.createFile(jar);

        assertThat(printed(variable + " JAVA_HOME=$PWD/jdk bash bin/keepalive fetch 'a b'"))
                .isEqualTo("-jar " + jar.toRealPath() + " fetch a b\n");
    }

    @ParameterizedTest
    @MethodSource("scripts")
    void everyScriptThatChangesItsFolderIgnoresCdpath(Path script) throws IOException {
        String text = Files.readString(script);

        assertThat(text.indexOf("\nunset CDPATH")).isBetween(0, text.indexOf("cd "));
    }

    @Test
    void theScriptsAreFound() throws IOException {
        assertThat(scripts().map(script -> script.getFileName().toString()))
                .contains("keepalive", "run", "fuzz", "api-baseline");
    }

    private static Stream<Path> scripts() throws IOException {
        Stream.Builder<Path> scripts = Stream.builder();
        for (String folder : List.of("bin", "tools/bin", ".ci")) {
            try (Stream<Path> files = Files.list(TOP.resolve(folder))) {
                for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                    if (Files.readString(file).contains("cd ")) {
                        scripts.add(file);
                    }
                }
            }
        }
        return scripts.build();
    }

    private String printed(String command) throws IOException {
        Path bash = InstalledPrograms.program("bash", "bash");
        Process process = new ProcessBuilder(bash.toString(), "-c", command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
