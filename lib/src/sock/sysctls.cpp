// stub
namespace tcpkit {}
