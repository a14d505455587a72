#include "net/admission.hpp"

#include <thread>
#include <vector>

#include "support/catch.hpp"

using tcpkit::Admission;
using Answer = tcpkit::Admission::Answer;

TEST_CASE("a full server lets the next one in when somebody leaves") {
  Admission admission(2, 0);
  CHECK(admission.enter() == Answer::Welcome);
  CHECK(admission.enter() == Answer::Welcome);
  CHECK(admission.full());
  CHECK(admission.enter() == Answer::Full);
  admission.leave();
  CHECK(admission.enter() == Answer::Welcome);
  CHECK(admission.accepted() == 3);
  CHECK(admission.open() == 2);
}

TEST_CASE("after the last one asked for nobody is let in, however many leave") {
  Admission admission(10, 2);
  CHECK(admission.enter() == Answer::Welcome);
  CHECK_FALSE(admission.no_more());
  CHECK(admission.enter() == Answer::Welcome);
  CHECK(admission.no_more());
  admission.leave();
  CHECK(admission.enter() == Answer::NoMore);
  CHECK(admission.open() == 1);
}

TEST_CASE("a place given back counts as never taken") {
  Admission admission(1, 1);
  CHECK(admission.enter() == Answer::Welcome);
  admission.give_back();
  CHECK(admission.accepted() == 0);
  CHECK(admission.open() == 0);
  CHECK(admission.enter() == Answer::Welcome);
}

TEST_CASE("threads that enter at once never exceed the limits") {
  Admission admission(5, 1000);
  std::vector<std::thread> threads;
  for (int n = 0; n < 4; ++n) {
    threads.emplace_back([&admission] {
      for (int tries = 0; tries < 20'000; ++tries) {
        if (admission.enter() != Answer::Welcome) continue;
        admission.note_peak();
        admission.leave();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(admission.accepted() == 1000);
  CHECK(admission.open() == 0);
  CHECK(admission.peak() >= 1);
  CHECK(admission.peak() <= 5);
}
