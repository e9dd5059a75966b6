package import Events
package import Glibc

extension SafeFile {
  package static func write(_ text: String, to path: String, mode: mode_t = 0o644)
    throws(ActionError)
  {
    do throws(SystemFault) { try replace(path, with: Array(text.utf8), mode: mode) } catch {
      throw ActionError(
        place: path, problem: error.text,
        remedy: "see that the folder exists, may be written and has room")
    }
  }
}
