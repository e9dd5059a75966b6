// swift-tools-version: 6.2
import PackageDescription

/// The six features that this compiler still keeps for Swift 7.
let upcoming = [
  "ExistentialAny", "InternalImportsByDefault", "MemberImportVisibility",
  "InferIsolatedConformances", "NonisolatedNonsendingByDefault", "ImmutableWeakCaptures",
]
let house: [SwiftSetting] =
  upcoming.map { .enableUpcomingFeature($0) }
  + [.strictMemorySafety(), .treatAllWarnings(as: .error)]
  // Every struct of the pipeline has one owner, a task; debug builds go on checking that at run time.
  + [.unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))]

let package = Package(
  name: "sperrwerk",
  products: [.executable(name: "sperrwerk", targets: ["sperrwerk"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: ["YAML"]),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-extras", from: "1.20.0"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.3.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
  ],
  targets: [
    // The system's libraries, and the little C that only C may do.
    .systemLibrary(name: "CLua", pkgConfig: "lua5.4", providers: [.apt(["liblua5.4-dev"])]),
    .systemLibrary(
      name: "CLibraries",
      providers: [
        .apt(["libarchive-dev", "libmaxminddb-dev", "libsystemd-dev", "unixodbc-dev"])
      ]),
    .target(name: "CLuaHost", dependencies: ["CLua"]),

    // The pipeline, in the order in which a log line passes through it. `Events` alone is `public`: this
    // compiler inlines nothing that is `package` over a module's border, which costs a tenth of a replay.
    .target(name: "Events", swiftSettings: house),
    .target(name: "Collectors", dependencies: ["Events", "CLibraries"], swiftSettings: house),
    .target(name: "Lua", dependencies: ["CLua", "CLuaHost"], swiftSettings: house),
    .target(name: "Policy", dependencies: ["Lua", "Events"], swiftSettings: house),
    .target(
      name: "Engine", dependencies: ["Policy", "Events", "CLibraries"], swiftSettings: house),

    // What only the live service has.
    .target(
      name: "Store", dependencies: ["Events", .product(name: "GRDB", package: "GRDB.swift")],
      swiftSettings: house),
    .target(
      name: "Actions",
      dependencies: [
        "Events", "CLibraries", "Collectors",
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: house),
    .target(
      name: "Service",
      dependencies: [
        "Events", .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ],
      swiftSettings: house),
    .target(
      name: "Web",
      dependencies: [
        "Events", "CLibraries", .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdCore", package: "hummingbird"),
        .product(name: "HummingbirdTLS", package: "hummingbird"),
        .product(name: "Mustache", package: "swift-mustache"),
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "Logging", package: "swift-log"),
      ],
      resources: [.embedInCode("Assets")],
      swiftSettings: house),
    .executableTarget(
      name: "sperrwerk",
      dependencies: [
        "Events", "Collectors", "Policy", "Engine", "Store", "Actions", "Service", "Web",
        "CLibraries", .product(name: "Configuration", package: "swift-configuration"),
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "Yams", package: "Yams"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: house),

    .testTarget(name: "EventsTests", dependencies: ["Events"], swiftSettings: house),
    // Counts what the tests allocate.
    .target(name: "CAllocations", path: "Tests/CAllocations"),
    .testTarget(
      name: "CollectorsTests", dependencies: ["Collectors", "Events", "CAllocations"],
      exclude: ["Fixtures"],
      swiftSettings: house),
    .testTarget(
      name: "LuaTests", dependencies: ["Lua"], exclude: ["Fixtures"], swiftSettings: house),
    .testTarget(name: "PolicyTests", dependencies: ["Policy", "Events"], swiftSettings: house),
    .testTarget(name: "StoreTests", dependencies: ["Store", "Events"], swiftSettings: house),
    .testTarget(
      name: "ActionsTests",
      dependencies: [
        "Actions", "Events", .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "Crypto", package: "swift-crypto"),
      ],
      swiftSettings: house),
    .testTarget(
      name: "ServiceTests", dependencies: ["Service", "Events"], exclude: ["Fixtures"],
      swiftSettings: house),
    .testTarget(
      name: "WebTests",
      dependencies: [
        "Web", "Events", .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "HummingbirdTesting", package: "hummingbird"),
      ],
      swiftSettings: house),
    .testTarget(
      name: "CommandTests", dependencies: ["sperrwerk", "Actions", "Events", "Service", "Store"],
      swiftSettings: house),
    .testTarget(
      name: "EngineTests", dependencies: ["Engine", "Collectors", "Policy", "Events"],
      swiftSettings: house),
  ]
)
