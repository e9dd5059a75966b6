import Glibc

/// The natural logarithm; the one use of the C library's mathematics in the engine.
func naturalLogarithm(_ number: Double) -> Double { Glibc.log(number) }
