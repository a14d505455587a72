// Asio's own code, compiled once for the library (ASIO_SEPARATE_COMPILATION).
#include <asio/impl/src.hpp>
