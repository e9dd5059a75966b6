import CLibraries.MaxMind
import Events
import Glibc

/// Where addresses are and whose networks they are in: at most two databases in MaxMind's format, one
/// with cities or countries (`GeoLite2-City`), one with autonomous systems. Works without them.
package struct Geo {
  struct Place: Equatable {
    /// The country's two letters as a number; 0 is unknown.
    var country: UInt16 = 0
    /// The number of the autonomous system; 0 is unknown.
    var asn: UInt32 = 0
    /// Degrees; not a number where unknown.
    var latitude = Float.nan
    var longitude = Float.nan

    var countryCode: String? {
      country == 0
        ? nil : String(decoding: [UInt8(country >> 8), UInt8(country & 0xff)], as: UTF8.self)
    }
  }

  /// Addresses come back again and again: each answer is kept until another takes its place.
  private static let cacheSize = 1 << 13
  private var cached: [NetworkAddress?] = Array(repeating: nil, count: cacheSize)
  private var places: [Place] = Array(repeating: Place(), count: cacheSize)
  private let cities, systems: Database?

  package init() {
    cities = nil
    systems = nil
  }

  /// - Parameters: paths of `.mmdb` files, or nil.
  package init(cities: String?, systems: String?) throws(GeoError) {
    self.cities = try cities.map(Database.init)
    self.systems = try systems.map(Database.init)
  }

  package var knowsCountries: Bool { cities != nil }
  package var knowsAnything: Bool { knowsCountries || knowsSystems }
  package var knowsSystems: Bool { systems != nil }

  mutating func place(_ address: NetworkAddress) -> Place {
    let slot =
      Int(truncatingIfNeeded: FieldHash.mix(address.high, address.low)) & (Self.cacheSize - 1)
    if cached[slot] == address { return places[slot] }
    var place = Place()
    cities?.read(address, into: &place)
    systems?.read(address, into: &place)
    (cached[slot], places[slot]) = (address, place)
    return place
  }
}

/// A database that cannot be opened.
package struct GeoError: Error, Equatable, CustomStringConvertible {
  package let path, problem: String
  package var description: String {
    "\(path): \(problem); name a database in MaxMind's format (.mmdb), or leave the option out"
  }
}

/// An open database. The library's pointers do not leave this class.
@safe private final class Database {
  private let handle: UnsafeMutablePointer<MMDB_s>
  private let country = Path(["country", "iso_code"])
  private let system = Path(["autonomous_system_number"])
  private let latitude = Path(["location", "latitude"])
  private let longitude = Path(["location", "longitude"])

  init(_ path: String) throws(GeoError) {
    let memory = UnsafeMutablePointer<MMDB_s>.allocate(capacity: 1)
    unsafe memory.initialize(to: MMDB_s())
    let status = unsafe MMDB_open(path, UInt32(MMDB_MODE_MMAP), memory)
    guard status == MMDB_SUCCESS else {
      unsafe memory.deallocate()
      throw GeoError(path: path, problem: unsafe String(cString: MMDB_strerror(status)))
    }
    unsafe handle = memory
  }

  deinit {
    unsafe MMDB_close(handle)
    unsafe handle.deallocate()
  }

  func read(_ address: NetworkAddress, into place: inout Geo.Place) {
    var error: Int32 = 0
    var socket = sockaddr_in6()
    socket.sin6_family = sa_family_t(AF_INET6)
    unsafe withUnsafeMutableBytes(of: &socket.sin6_addr) { bytes in
      unsafe bytes.storeBytes(of: address.high.bigEndian, toByteOffset: 0, as: UInt64.self)
      unsafe bytes.storeBytes(of: address.low.bigEndian, toByteOffset: 8, as: UInt64.self)
    }
    var v4 = sockaddr_in()
    v4.sin_family = sa_family_t(AF_INET)
    v4.sin_addr.s_addr = UInt32(truncatingIfNeeded: address.low).bigEndian
    if !address.isV4, unsafe handle.pointee.metadata.ip_version == 4 { return }
    var found =
      unsafe address.isV4
      ? lookUp(&v4, as: sockaddr_in.self, &error) : lookUp(&socket, as: sockaddr_in6.self, &error)
    guard error == MMDB_SUCCESS, unsafe found.found_entry else { return }
    if let code = unsafe text(&found.entry, country), code.utf8.count == 2 {
      place.country = code.utf8.reduce(0) { $0 << 8 | UInt16($1) }
    }
    if let number = unsafe data(&found.entry, system),
      unsafe Int32(number.type) == MMDB_DATA_TYPE_UINT32
    {
      place.asn = unsafe number.uint32
    }
    if let north = unsafe data(&found.entry, latitude),
      let east = unsafe data(&found.entry, longitude),
      unsafe Int32(north.type) == MMDB_DATA_TYPE_DOUBLE
    {
      place.latitude = unsafe Float(north.double_value)
      place.longitude = unsafe Float(east.double_value)
    }
  }

  private func lookUp<Address>(
    _ address: inout Address, as _: Address.Type, _ error: inout Int32
  ) -> MMDB_lookup_result_s {
    unsafe withUnsafePointer(to: &address) {
      unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe MMDB_lookup_sockaddr(handle, $0, &error)
      }
    }
  }

  private func text(_ entry: inout MMDB_entry_s, _ path: Path) -> String? {
    guard let data = unsafe data(&entry, path),
      unsafe Int32(data.type) == MMDB_DATA_TYPE_UTF8_STRING,
      let start = unsafe data.utf8_string
    else { return nil }
    let bytes = unsafe UnsafeRawBufferPointer(start: start, count: Int(data.data_size))
    return unsafe String(decoding: bytes, as: UTF8.self)
  }

  private func data(_ entry: inout MMDB_entry_s, _ path: Path) -> MMDB_entry_data_s? {
    var data = unsafe MMDB_entry_data_s()
    let status = unsafe path.names.withUnsafeBufferPointer {
      unsafe MMDB_aget_value(&entry, &data, $0.baseAddress!)
    }
    return unsafe status == MMDB_SUCCESS && data.has_data ? data : nil
  }
}

/// A path into a record, kept as C wants it.
@safe private final class Path {
  let names: [UnsafePointer<CChar>?]

  init(_ path: [String]) {
    unsafe names = path.map { unsafe UnsafePointer(strdup($0)) } + [nil]
  }

  deinit {
    for index in unsafe names.indices {
      unsafe free(UnsafeMutablePointer(mutating: names[index]))
    }
  }
}
