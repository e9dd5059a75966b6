import Hummingbird
import NIOCore
import NIOPosix
import ServiceLifecycle

/// Serves the pages as long as the service runs. What goes wrong here is told and tried again, and neither keeps
/// the service from starting nor from ending.
package struct WebService: Service {
  private let settings: WebSettings
  private let site: @Sendable () throws(WebError) -> WebSite
  private let complaints: WebComplaints
  private let pause: Duration

  /// - Parameters:
  ///   - site: makes the pages; asked again where it throws.
  ///   - complain: takes what the operator must know, once.
  ///   - pause: between a fault and the next try.
  package init(
    _ settings: WebSettings, pause: Duration = .seconds(30),
    complain: @escaping @Sendable (String) -> Void,
    site: @escaping @Sendable () throws(WebError) -> WebSite
  ) {
    (self.settings, self.pause, self.site) = (settings, pause, site)
    complaints = WebComplaints(complain)
  }

  package func run() async {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    await withTaskGroup(of: Void.self) { tasks in
      tasks.addTask { await serve(group) }
      tasks.addTask { await watch() }
      // Who still reads a page at the end is cut off.
      tasks.addTask {
        try? await gracefulShutdown()
        try? await Task.sleep(for: .seconds(2))
      }
      await tasks.next()
      // Either ends only when all do.
      await tasks.next()
      tasks.cancelAll()
    }
    try? await group.shutdownGracefully()
  }

  private var isEnding: Bool { Task.isCancelled || Task.isShuttingDownGracefully }

  private func serve(_ group: MultiThreadedEventLoopGroup) async {
    while !isEnding {
      do throws(WebError) {
        let site = try site()
        complaints.end("the pages")
        await withTaskGroup(of: Void.self) { tasks in
          for place in settings.places { tasks.addTask { await serve(site, place, group) } }
        }
        return
      } catch {
        complaints.tell("the pages", "the pages are not served: \(error)")
        await rest()
      }
    }
  }

  private func serve(
    _ site: WebSite, _ place: WebSettings.Place, _ group: MultiThreadedEventLoopGroup
  ) async {
    while !isEnding {
      do {
        let application = try site.application(place, group: group) { complaints.end(place.text) }
        try await application.run()
      } catch {
        complaints.tell(
          place.text,
          "the pages at \(place.text) cannot be served: \(error); see web.listen and web.staff_listen"
        )
        await rest()
      }
    }
  }

  /// Files that the pages need change while they are served.
  private func watch() async {
    while !isEnding {
      for (subject, fault) in settings.fileFaults {
        if let fault {
          complaints.tell(subject, "\(fault)")
        } else {
          complaints.end(subject)
        }
      }
      await rest()
    }
  }

  private func rest() async {
    await withTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try? await Task.sleep(for: pause) }
      tasks.addTask { try? await gracefulShutdown() }
      await tasks.next()
      tasks.cancelAll()
    }
  }
}
