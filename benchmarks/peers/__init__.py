"""The other programs, each in an environment of the benchmarks and in a process of its own."""
