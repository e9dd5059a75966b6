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

/// A service whose clock a test steps.
private struct SteppedService {
  let service: Guarded

  init(more: String = "") throws {
    service = try Guarded(dryRun: true, more: more)
    try shim.write(toFile: service.folder + "/step.c", atomically: true, encoding: .utf8)
    let result = try run(
      compiler, ["-shared", "-fPIC", "-o", library, service.folder + "/step.c", "-ldl"])
    try #require(result.status == 0)
  }

  private var library: String { service.folder + "/step.so" }

  func setClock(_ seconds: Int) throws {
    try "\(seconds)".write(toFile: service.folder + "/step", atomically: true, encoding: .utf8)
  }

  func start() throws {
    try service.start(
      environment: ["LD_PRELOAD": library, "STEP_FILE": service.folder + "/step"])
    try service.waitUntilReady()
  }

  /// - Parameter offset: of the clock that the log goes by.
  func steal(_ login: String, _ offset: Int, case number: Int) throws {
    for _ in 0..<20 { service.spam(login, ahead: TimeInterval(offset)) }
    try service.wait("no case \(number)") {
      try service.command(["cases"]).output.contains("#\(number) suspended \(login)")
    }
  }
}

@Suite(
  .enabled(
    if: FileManager.default.isExecutableFile(atPath: compiler), "skipped: no C compiler here"))
struct `A machine whose clock is stepped` {
  @Test(arguments: [3600, -3600])
  func `by an hour is guarded all the same, and the operator hears of it`(step: Int) throws {
    let hook = try HookServer()
    let host = try SteppedService(more: hook.settings())
    try host.setClock(0)
    try host.start()
    try host.steal("anna@nordwind.example", 0, case: 1)
    // The channel has sent before the step: what counts its pauses is put off as well.
    try host.service.wait("no word of case 1") { hook.heard("anna@nordwind.example") }
    try host.setClock(step)
    try host.service.wait("no alert") {
      try host.service.said("ALERT: the machine's clock was stepped")
    }
    try host.service.wait("no word by webhook") { hook.heard("the machine's clock was stepped") }
    try host.steal("bernd@nordwind.example", step, case: 2)
    try host.setClock(0)
    let back = "stepped by \(step > 0 ? "-" : "")3"
    try host.service.wait("not stepped back") { try host.service.said(back) }
    try host.steal("clara@nordwind.example", 0, case: 3)
    #expect(host.service.end() == 0)
  }

  /// The clock of its battery is a day ahead until time synchronisation runs; later the state is lost.
  @Test(arguments: [true, false])
  func `back since the first start decides at once when all is read again`(decided: Bool) throws {
    let host = try SteppedService()
    try host.setClock(86_400)
    try host.start()
    if decided { try host.steal("anna@nordwind.example", 86_400, case: 1) }
    #expect(host.service.end() == 0)
    for file in try FileManager.default.contentsOfDirectory(atPath: host.service.folder + "/state")
    where !file.hasPrefix("sperrwerk.db") {
      try FileManager.default.removeItem(atPath: host.service.folder + "/state/" + file)
    }
    try host.setClock(0)
    try host.start()
    try host.steal("bernd@nordwind.example", 0, case: decided ? 2 : 1)
    #expect(host.service.end() == 0)
  }
}
