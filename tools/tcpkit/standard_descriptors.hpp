#pragma once

/// Makes sure that descriptors 0, 1 and 2 are taken, so that no socket of ours ends up as somebody's standard stream.
/// A stream that was closed stays unusable: reading it or writing to it fails with EBADF. False if that is impossible.
[[nodiscard]] bool guard_standard_descriptors();
