import Hummingbird
import NIOCore
import NIOPosix
import ServiceLifecycle

/// Serves the pages as long as the service runs. What goes wrong here is told and tried again, and neither ends
/// the service nor keeps it from ending.
package struct WebService: Service {
  private let site: WebSite
  private let complain: @Sendable (String) -> Void
  private let pause: Duration

  /// - Parameters:
  ///   - complain: takes what the operator must know.
  ///   - pause: between a fault and the next try.
  package init(
    _ site: WebSite, complain: @escaping @Sendable (String) -> Void, pause: Duration = .seconds(30)
  ) {
    (self.site, self.complain, self.pause) = (site, complain, pause)
  }

  package func run() async {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    await withTaskGroup(of: Bool.self) { tasks in
      for place in site.places {
        tasks.addTask {
          await serve(place, group)
          return false
        }
      }
      // Who still reads a page at the end is cut off.
      tasks.addTask {
        try? await gracefulShutdown()
        try? await Task.sleep(for: .seconds(2))
        return true
      }
      var serving = site.places.count
      while serving > 0, await tasks.next() == false { serving -= 1 }
      tasks.cancelAll()
    }
    try? await gracefulShutdown()
    try? await group.shutdownGracefully()
  }

  private func serve(_ place: WebSettings.Place, _ group: MultiThreadedEventLoopGroup) async {
    while !Task.isCancelled, !Task.isShuttingDownGracefully {
      do {
        try await site.application(place, group: group).run()
        continue
      } catch {
        complain(
          "the pages at \(place.text) cannot be served: \(error); see web.listen and web.staff_listen"
        )
      }
      await withTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try? await Task.sleep(for: pause) }
        tasks.addTask { try? await gracefulShutdown() }
        await tasks.next()
        tasks.cancelAll()
      }
    }
  }
}
