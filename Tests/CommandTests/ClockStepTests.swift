import Foundation
import Testing

/// A library that goes before the system's and puts the wall clock of one program off, by as many seconds as a
/// file says. No test may set the machine's own.
private let shim = """
  #define _GNU_SOURCE
  #include <dlfcn.h>
  #include <stdio.h>
  #include <stdlib.h>
  #include <time.h>
  int clock_gettime(clockid_t clock, struct timespec *time) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    int result = real(clock, time);
    FILE *file = clock == CLOCK_REALTIME ? fopen(getenv("STEP_FILE"), "r") : NULL;
    long step = 0;
    if (file) {
      if (fscanf(file, "%ld", &step) != 1) step = 0;
      fclose(file);
    }
    time->tv_sec += step;
    return result;
  }
  """

private let compiler = "/usr/bin/cc"

@Suite struct `A machine whose clock is stepped by an hour` {
  @Test(
    .enabled(
      if: FileManager.default.isExecutableFile(atPath: compiler), "skipped: no C compiler here"),
    arguments: [3600, -3600])
  func `is guarded all the same, and the operator hears of it`(step: Int) throws {
    let hook = try HookServer()
    let service = try Guarded(dryRun: true, more: hook.settings())
    let (source, library) = (service.folder + "/step.c", service.folder + "/step.so")
    try shim.write(toFile: source, atomically: true, encoding: .utf8)
    try #require(
      try run(compiler, ["-shared", "-fPIC", "-o", library, source, "-ldl"]).status == 0)
    func setClock(_ seconds: Int) throws {
      try "\(seconds)".write(
        toFile: service.folder + "/step", atomically: true, encoding: .utf8)
    }
    try setClock(0)
    try service.start(
      environment: ["LD_PRELOAD": library, "STEP_FILE": service.folder + "/step"])
    try service.waitUntilReady()
    func steal(_ login: String, _ offset: Int, case number: Int) throws {
      for _ in 0..<20 { service.spam(login, ahead: TimeInterval(offset)) }
      try service.wait("no case \(number)") {
        try service.command(["cases"]).output.contains("#\(number) suspended \(login)")
      }
    }
    try steal("anna@nordwind.example", 0, case: 1)
    // The channel has sent before the step: what counts its pauses is put off as well.
    try service.wait("no word of case 1") { hook.heard("anna@nordwind.example") }
    try setClock(step)
    try service.wait("no alert") { try service.said("ALERT: the machine's clock was stepped") }
    try service.wait("no word by webhook") { hook.heard("the machine's clock was stepped") }
    try steal("bernd@nordwind.example", step, case: 2)
    try setClock(0)
    try steal("clara@nordwind.example", 0, case: 3)
    #expect(service.end() == 0)
  }
}
